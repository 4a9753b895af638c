//! What to do where credentials are asked for.

use crate::error::{Advice, Authentication, Remedy, sentence};
use crate::peer_text::Escaped;

/// Who asks for credentials (RFC 9110 §11.6.1, §11.7.1), and what gives them.
pub(super) struct Challenger {
    name: &'static str,
    user: Remedy,
    digest: Remedy,
    /// What sends a token, where one can be sent.
    token: Option<Remedy>,
    /// What sends anything else.
    other: Option<Remedy>,
}

pub(super) const SERVER: Challenger = Challenger {
    name: "server",
    user: Remedy::User,
    digest: Remedy::Digest,
    token: Some(Remedy::Bearer),
    other: Some(Remedy::Header),
};

pub(super) const PROXY: Challenger =
    Challenger { name: "proxy", user: Remedy::ProxyUser, digest: Remedy::ProxyDigest, token: None, other: None };

impl Challenger {
    /// What hasn't been tried yet of the schemes that are asked for; `sent` is the one that was.
    pub(super) fn about(&self, schemes: &[String], got: Authentication, sent: Option<&str>) -> Advice {
        let Self { name, user, digest, token, other } = *self;
        let takes = |scheme: &str| schemes.iter().any(|named| named.eq_ignore_ascii_case(scheme));
        let token = token.filter(|_| schemes.is_empty() || takes("bearer"));
        let takes_password = schemes.is_empty() || takes("basic") || takes("digest");
        match got {
            _ if token.is_none() && !takes_password => {
                let schemes = schemes.join(" or ");
                let foreign =
                    format!("the {name} wants {} authentication, which wscli does not speak", Escaped(&schemes));
                let any = |other: Remedy| sentence![other.given_as("Authorization: …"), " sends any header"];
                Advice([sentence![foreign]].into_iter().chain(other.map(any)).collect())
            }
            Authentication::Sent if sent.is_some_and(|sent| wants_another(schemes, sent)) => {
                let (way, what) = match token {
                    Some(token) if !takes_password => (token, " sends a token"),
                    _ => (user, " sends those"),
                };
                let (wanted, sent) = (schemes.join(" or "), sent.unwrap_or_default());
                let wants = format!("the {name} wants {} credentials, not {}: ", Escaped(&wanted), Escaped(sent));
                sentence![wants, way.given(), what].into()
            }
            Authentication::Sent => format!("the {name} does not accept these credentials").into(),
            Authentication::DigestOnly if takes("digest") => format!(
                "the {name}'s Digest challenge can't be answered: it lacks a realm or a nonce, or names an algorithm \
                 other than MD5, SHA-256 and SHA-512-256"
            )
            .into(),
            Authentication::DigestOnly if takes("basic") => {
                Advice::from(format!("the {name} accepts Basic credentials but not Digest")).and(sentence![
                    user.named(),
                    " without ",
                    digest.named(),
                    " sends them"
                ])
            }
            _ => match (takes_password, token) {
                (false, Some(token)) => sentence![token.given(), " sends a token"].into(),
                (_, None) => sentence![user.given(), format!(" sends credentials to the {name}")].into(),
                (true, Some(token)) => sentence![user.given(), " or ", token.given(), " send credentials"].into(),
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
