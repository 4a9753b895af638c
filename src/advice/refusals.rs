//! What to do about a server's refusal: by what it says, else by its status.

use super::challenger::SERVER;
use super::hints::behind;
use super::phrases::{
    CERTIFICATE, EXTENSION, LOST_UPGRADE, OLDER_SOCKET_IO, PLAIN_TO_TLS, SAID, SOCKET_IO, SaidOften, TOO_LARGE,
};
use crate::error::{Authentication, RefusedHandshake};
use crate::http::{HttpStatus, Secrets, can_answer_digest, list_elements, schemes, shown_url};
use crate::peer_text::Escaped;
use crate::ws::handshake::VERSION;

impl RefusedHandshake {
    pub(super) fn advice(&self) -> Option<String> {
        self.said().or_else(|| self.by_status())
    }

    /// What the answer itself says is wrong, in the words of servers that are met often.
    fn said(&self) -> Option<String> {
        let fixed = |advice: &str| Some(advice.to_owned());
        let status = self.status();
        if status == HttpStatus::SWITCHING_PROTOCOLS || status.is_redirection() {
            return None;
        }
        if !self.secure && self.says(PLAIN_TO_TLS) {
            return fixed("the port speaks TLS: wss:// instead of ws://");
        }
        if self.says(CERTIFICATE) {
            return fixed(match (self.secure, self.identity) {
                (false, _) => "the server demands a client certificate, which takes wss://",
                (true, false) => "the server demands a client certificate: --cert FILE --key FILE send one",
                (true, true) => "the server did not use the client certificate: is it from a CA that it trusts?",
            });
        }
        let is_new = |said: &&SaidOften| said.unless_asked_with.is_none_or(|given| !self.asked_with(given));
        if let Some(said) = SAID.iter().filter(is_new).find(|said| self.says(said.phrases)) {
            return fixed(said.advice);
        }
        match status {
            HttpStatus::BAD_REQUEST if self.says(&["unsupported protocol version"]) => {
                fixed(if self.asked_with("EIO=4") { OLDER_SOCKET_IO } else { SOCKET_IO })
            }
            HttpStatus::BAD_REQUEST if self.says(EXTENSION) && self.sent("sec-websocket-extensions") => {
                fixed("the server rejects the compression offer: --no-compress offers none")
            }
            HttpStatus::BAD_REQUEST | HttpStatus::FORBIDDEN if self.speaks_of_origins() => match self.sent("origin") {
                true => fixed("the server does not allow this Origin: --origin URL sends another"),
                false => fixed("the server wants an Origin: --origin URL sends one"),
            },
            HttpStatus::BAD_REQUEST | HttpStatus::FORBIDDEN if self.asks_who() && self.withheld.is_none() => {
                Some(self.about_credentials())
            }
            // RFC 6455 §4.4 has the version of a server that lacks ours in a 426; gorilla sends its own with every refusal.
            HttpStatus::BAD_REQUEST | HttpStatus::UPGRADE_REQUIRED
                if !self.sent_another_version() && self.lost_upgrade() =>
            {
                fixed(
                    "a proxy in between may not forward Upgrade and Connection, which the server seems not to have received",
                )
            }
            _ => None,
        }
    }

    /// Whether the server expects what was sent: somebody on the way has left it out.
    fn lost_upgrade(&self) -> bool {
        let version = self.header("sec-websocket-version");
        let supports_ours = self.other_supported_version().is_none();
        let is_upgrade_required = self.status() == HttpStatus::UPGRADE_REQUIRED && self.says(&["upgrade required"]);
        self.other_upgrade().is_none()
            && supports_ours
            && (version.is_some() || is_upgrade_required || self.says(LOST_UPGRADE))
    }

    /// What it wants to be upgraded to (RFC 9110 §15.5.22), where that isn't what was asked for.
    fn other_upgrade(&self) -> Option<&str> {
        self.header("upgrade").filter(|upgrade| !upgrade.to_ascii_lowercase().contains("websocket"))
    }

    fn sent_another_version(&self) -> bool {
        self.other_version
    }

    fn by_status(&self) -> Option<String> {
        Some(match self.status() {
            HttpStatus::SWITCHING_PROTOCOLS if self.is_about_compression() && self.sent("sec-websocket-extensions") => {
                "--no-check accepts it as most likely intended, --no-compress offers no compression".into()
            }
            HttpStatus::SWITCHING_PROTOCOLS => "--no-check accepts it anyway".into(),
            status if status.is_success() => "this is plain HTTP; is the path of the URL right?".into(),
            status if status.is_redirect() => self.about_redirect(),
            status if status.is_redirection() => {
                "this redirect can't be followed; is the path of the URL right?".into()
            }
            status if status.0 >= 400 && self.says(&["server accepts ["]) => self.about_accepted_subprotocols(),
            HttpStatus::UPGRADE_REQUIRED => self.about_upgrade(),
            HttpStatus::BAD_REQUEST if self.other_supported_version().is_some() => {
                only_supports(self.other_supported_version()?)
            }
            HttpStatus::BAD_REQUEST if self.is_about_subprotocols() => match self.sent("sec-websocket-protocol") {
                false => "the server requires a subprotocol: --subprotocol NAME requests one".into(),
                true => "the server wants another subprotocol: --subprotocol NAME".into(),
            },
            HttpStatus::BAD_REQUEST if self.asked_with_a_faulty_header() => return None,
            HttpStatus::BAD_REQUEST => self.about_bad_request(),
            HttpStatus::PROXY_AUTHENTICATION_REQUIRED => {
                "the server responds like a proxy; if it is one, -x URL and -U NAME:PASSWORD connect through it".into()
            }
            // RFC 6455 §4.1: an opening handshake is HTTP/1.1, as ours was when it left.
            HttpStatus::HTTP_VERSION_NOT_SUPPORTED => {
                "a proxy in front may speak HTTP/1.0 to the server; in nginx, proxy_http_version 1.1; fixes that".into()
            }
            HttpStatus(421) => "the server does not serve this host here: --host NAME sends another Host".into(),
            HttpStatus::REQUEST_HEADER_FIELDS_TOO_LARGE => TOO_LARGE.into(),
            HttpStatus::UNAUTHORIZED | HttpStatus::FORBIDDEN if self.withheld.is_some() => {
                let (origin, flag) = behind(self.withheld?);
                format!("credentials, cookies and tokens are sent only to {origin}; {flag} sends them here too")
            }
            HttpStatus::UNAUTHORIZED => self.about_credentials(),
            HttpStatus::FORBIDDEN => self.about_permission(),
            HttpStatus::NOT_FOUND | HttpStatus::METHOD_NOT_ALLOWED | HttpStatus::GONE | HttpStatus::NOT_IMPLEMENTED => {
                "is the path of the URL right?".into()
            }
            // More often than not it is a fault of the server's that stays.
            HttpStatus::INTERNAL_SERVER_ERROR => return None,
            status if status.may_pass() && self.was_retried => "a larger --retry tries again for longer".into(),
            status if status.may_pass() => "--retry N tries again".into(),
            _ => return None,
        })
    }

    fn about_redirect(&self) -> String {
        match self
            .location()
            .map(|location| (leads_to_login(&location), shown_url(&location, Secrets::Masked).into_owned()))
        {
            Some((true, location)) => format!(
                "the server redirects to a login, {}; it may want a cookie (-b) or credentials (-u, --bearer)",
                Escaped(&location)
            ),
            Some((false, location)) => format!("the server redirects to {}; -L follows", Escaped(&location)),
            None => "the redirect has no Location".into(),
        }
    }

    /// RFC 9110 §15.5.22, RFC 6455 §4.4.
    fn about_upgrade(&self) -> String {
        if let Some(protocol) = self.other_upgrade() {
            return format!("the server expects an upgrade to {}, not to WebSocket", Escaped(protocol));
        }
        match (self.other_supported_version(), self.header("sec-websocket-version")) {
            (Some(version), _) => only_supports(version),
            (None, Some(_)) => {
                "the server expects version 13 of the protocol, but the request has another Sec-WebSocket-Version"
                    .into()
            }
            (None, None) => format!("the server expects a protocol other than WebSocket version {VERSION}"),
        }
    }

    /// The versions that the server says it supports, where ours isn't it.
    fn other_supported_version(&self) -> Option<&str> {
        self.header("sec-websocket-version")
            .filter(|versions| list_elements(versions).all(|version| version != VERSION))
    }

    /// What the server wants to know of whoever asks.
    fn about_credentials(&self) -> String {
        let challenges = self.challenges();
        let schemes = schemes(&challenges);
        let is_digest_alone = !schemes.is_empty() && schemes.iter().all(|scheme| scheme.eq_ignore_ascii_case("digest"));
        let got = match self.authentication() {
            // What was sent is no answer to a challenge that can't be answered.
            Authentication::Sent if is_digest_alone && !can_answer_digest(&challenges) => Authentication::DigestOnly,
            got => got,
        };
        SERVER.about(&schemes, got, self.sent_scheme().as_deref())
    }

    /// Whether the server names a header of the opening handshake that is wrong: no other path or Origin mends that.
    fn asked_with_a_faulty_header(&self) -> bool {
        let problem = self.answer.problem().unwrap_or_default().to_ascii_lowercase();
        ["sec-websocket-key", "sec-websocket-version", "nonce"].iter().any(|name| problem.contains(name))
    }

    fn is_about_subprotocols(&self) -> bool {
        self.header("sec-websocket-protocol").is_some()
            || self.says(&["subprotocol", "sub-protocol", "sec-websocket-protocol"])
    }

    /// Kubernetes lists those that it accepts.
    fn about_accepted_subprotocols(&self) -> String {
        let problem = self.answer.problem().unwrap_or_default();
        let listed = problem.split_once("server accepts [").map(|(_, list)| list.split([']', ' ', ',']).next());
        match listed.flatten().filter(|name| !name.is_empty()) {
            Some(name) => format!("the server requires a subprotocol: --subprotocol {} requests one", Escaped(name)),
            None => "the server requires a subprotocol: --subprotocol NAME requests one".into(),
        }
    }

    /// What servers miss in a request, as far as it wasn't sent: all that can be said where they don't say it.
    fn about_bad_request(&self) -> String {
        let unsent =
            [("origin", "an Origin (--origin URL)"), ("sec-websocket-protocol", "a subprotocol (--subprotocol NAME)")];
        let unsent = unsent.into_iter().filter(|(name, _)| !self.sent(name)).map(|(_, words)| words);
        let missing: Vec<_> = ["another path or query"].into_iter().chain(unsent).collect();
        let missing = missing.join(" or ");
        match (self.answer.content.bytes.is_empty(), self.answer.problem()) {
            (true, _) => format!("the server does not say what is wrong with the request; it may want {missing}"),
            (false, None) => format!("its response, below, may say why; it may want {missing}"),
            (false, Some(_)) => format!("the server may want {missing}"),
        }
    }

    /// What may be missing, as far as it wasn't sent.
    fn about_permission(&self) -> String {
        let authorized = self.sent("authorization") || self.sent("cookie");
        match (authorized, self.sent("origin")) {
            (false, false) => {
                "the server may want credentials (-u, --bearer, -b), an Origin (--origin URL), or another path".into()
            }
            (false, true) => {
                "the server may want credentials (-u, --bearer, -b), another Origin, or another path".into()
            }
            (true, false) => "the server may want an Origin: --origin URL sends one; or other credentials".into(),
            (true, true) => "the server may want another Origin, other credentials, or another path".into(),
        }
    }
}

fn only_supports(version: &str) -> String {
    let versions = if version.contains(',') { "versions" } else { "version" };
    format!("the server supports {versions} {} of the protocol, not 13", Escaped(version))
}

/// Whether whoever follows a redirect is asked to log in.
fn leads_to_login(location: &str) -> bool {
    let path = location.split('?').next().unwrap_or_default().to_ascii_lowercase();
    ["login", "log-in", "signin", "sign-in", "sign_in", "oauth", "/auth", "//auth.", "//sso.", "/sso", "saml"]
        .iter()
        .any(|words| path.contains(words))
}
