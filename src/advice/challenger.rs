//! What to do where credentials are asked for.

use crate::error::Authentication;
use crate::peer_text::Escaped;

/// Who asks for credentials (RFC 9110 §11.6.1, §11.7.1), and what gives them.
pub(super) struct Challenger {
    name: &'static str,
    user: &'static str,
    digest: &'static str,
    /// What sends a token, where one can be sent.
    token: Option<&'static str>,
    /// What sends anything else.
    other: Option<&'static str>,
}

pub(super) const SERVER: Challenger = Challenger {
    name: "server",
    user: "-u",
    digest: "--digest",
    token: Some("--bearer TOKEN"),
    other: Some("-H 'Authorization: …' sends any header"),
};

pub(super) const PROXY: Challenger =
    Challenger { name: "proxy", user: "-U", digest: "--proxy-digest", token: None, other: None };

impl Challenger {
    /// What hasn't been tried yet of the schemes that are asked for; `sent` is the one that was.
    pub(super) fn about(&self, schemes: &[String], got: Authentication, sent: Option<&str>) -> String {
        let Self { name, user, digest, token, other } = self;
        let takes = |scheme: &str| schemes.iter().any(|named| named.eq_ignore_ascii_case(scheme));
        let token = token.filter(|_| schemes.is_empty() || takes("bearer"));
        let takes_password = schemes.is_empty() || takes("basic") || takes("digest");
        match got {
            _ if token.is_none() && !takes_password => {
                let other = other.map(|other| format!("; {other}")).unwrap_or_default();
                let schemes = schemes.join(" or ");
                format!("the {name} wants {} authentication, which wscli does not speak{other}", Escaped(&schemes))
            }
            Authentication::Sent if sent.is_some_and(|sent| wants_another(schemes, sent)) => {
                let way = match token {
                    Some(token) if !takes_password => format!("{token} sends a token"),
                    _ => format!("{user} NAME:PASSWORD sends those"),
                };
                let (wanted, sent) = (schemes.join(" or "), sent.unwrap_or_default());
                format!("the {name} wants {} credentials, not {}: {way}", Escaped(&wanted), Escaped(sent))
            }
            Authentication::Sent => format!("the {name} does not accept these credentials"),
            Authentication::DigestOnly if takes("digest") => format!(
                "the {name}'s Digest challenge can't be answered: it lacks a realm or a nonce, or names an algorithm \
                 other than MD5, SHA-256 and SHA-512-256"
            ),
            Authentication::DigestOnly if takes("basic") => {
                format!("the {name} accepts Basic credentials but not Digest; {user} without {digest} sends them")
            }
            _ => match (takes_password, token) {
                (true, None) => format!("{user} NAME:PASSWORD sends credentials to the {name}"),
                (true, Some(token)) => format!("{user} NAME:PASSWORD or {token} send credentials"),
                (false, token) => format!("{} sends a token", token.unwrap_or_default()),
            },
        }
    }
}

/// Whether what was sent is of no scheme that is asked for, and of another kind: a token instead of a password, or the other
/// way about.
fn wants_another(schemes: &[String], sent: &str) -> bool {
    let is_token = |scheme: &str| scheme.eq_ignore_ascii_case("bearer");
    !schemes.is_empty() && schemes.iter().all(|scheme| is_token(scheme) != is_token(sent))
}
