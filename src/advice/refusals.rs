//! What to do about a server's refusal: by what it says, else by its status.

use super::CLIENT_CERTIFICATE;
use super::challenger::SERVER;
use super::hints::behind;
use super::phrases::{
    CERTIFICATE, EXTENSION, LOST_UPGRADE, PLAIN_TO_TLS, SAID, SaidOften, older_socket_io, socket_io, too_large,
};
use crate::error::{Advice, Authentication, Phrase, RefusedHandshake, Remedy, Wording, sentence};
use crate::http::{HttpStatus, Secrets, can_answer_digest, list_elements, schemes, shown_url};
use crate::peer_text::Escaped;
use crate::ws::handshake::VERSION;

impl RefusedHandshake {
    pub(super) fn advice(&self) -> Option<Advice> {
        self.said().or_else(|| self.by_status())
    }

    /// What the answer itself says is wrong, in the words of servers that are met often.
    fn said(&self) -> Option<Advice> {
        let fixed = |advice: &'static str| Some(Advice::from(advice));
        let status = self.status();
        if status == HttpStatus::SWITCHING_PROTOCOLS || status.is_redirection() {
            return None;
        }
        if !self.secure && self.says(PLAIN_TO_TLS) {
            return fixed("the port speaks TLS: wss:// instead of ws://");
        }
        if self.says(CERTIFICATE) {
            return Some(match (self.secure, self.identity) {
                (false, _) => "the server demands a client certificate, which takes wss://".into(),
                (true, false) => {
                    sentence!["the server demands a client certificate: ", CLIENT_CERTIFICATE, " send one"].into()
                }
                (true, true) => "the server did not use the client certificate: is it from a CA that it trusts?".into(),
            });
        }
        let is_new = |said: &&SaidOften| said.unless_asked_with.is_none_or(|given| !self.asked_with(given));
        if let Some(said) = SAID.iter().filter(is_new).find(|said| self.says(said.phrases)) {
            return Some((said.advice)().into());
        }
        self.said_with(status)
    }

    /// What else it says, with the status that it has.
    fn said_with(&self, status: HttpStatus) -> Option<Advice> {
        let fixed = |advice: &'static str| Some(Advice::from(advice));
        match status {
            HttpStatus::BAD_REQUEST if self.says(&["unsupported protocol version"]) => {
                Some(if self.asked_with("EIO=4") { older_socket_io() } else { socket_io() }.into())
            }
            HttpStatus::BAD_REQUEST if self.says(EXTENSION) && self.sent("sec-websocket-extensions") => {
                let none = Remedy::NoCompression.given();
                Some(sentence!["the server rejects the compression offer: ", none, " offers none"].into())
            }
            HttpStatus::BAD_REQUEST | HttpStatus::FORBIDDEN if self.speaks_of_origins() => Some(
                match self.sent("origin") {
                    true => {
                        sentence!["the server does not allow this Origin: ", Remedy::Origin.given(), " sends another"]
                    }
                    false => sentence!["the server wants an Origin: ", Remedy::Origin.given(), " sends one"],
                }
                .into(),
            ),
            HttpStatus::BAD_REQUEST | HttpStatus::FORBIDDEN if self.asks_who() && self.withheld.is_none() => {
                Some(self.about_credentials())
            }
            HttpStatus::BAD_REQUEST | HttpStatus::UPGRADE_REQUIRED
                if !self.sent("upgrade") || !self.sent("connection") =>
            {
                fixed("the request lacks Upgrade or Connection, which an opening handshake has to have (RFC 6455 §4.1)")
            }
            HttpStatus::FORBIDDEN if self.header("cf-mitigated").is_some() => Some(
                sentence![
                    "Cloudflare wants a challenge solved first, as browsers do: the cookies that one got for it (",
                    Remedy::Cookie.given(),
                    ") may pass with its User-Agent"
                ]
                .into(),
            ),
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

    fn by_status(&self) -> Option<Advice> {
        Some(match self.status() {
            HttpStatus::SWITCHING_PROTOCOLS if self.is_about_compression() && self.sent("sec-websocket-extensions") => {
                let any = sentence![Remedy::AnyAnswer.given(), " accepts it as most likely intended"];
                Advice::from(any).and(sentence![Remedy::NoCompression.given(), " offers no compression"])
            }
            HttpStatus::SWITCHING_PROTOCOLS => sentence![Remedy::AnyAnswer.given(), " accepts it anyway"].into(),
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
                false => requires_subprotocol(Remedy::Subprotocol.given()),
                true => sentence!["the server wants another subprotocol: ", Remedy::Subprotocol.given()].into(),
            },
            HttpStatus::BAD_REQUEST if self.asked_with_a_faulty_header() => return None,
            HttpStatus::BAD_REQUEST => self.about_bad_request(),
            HttpStatus::PROXY_AUTHENTICATION_REQUIRED => {
                let through = Phrase::Together(&[Remedy::Proxy, Remedy::ProxyUser]);
                Advice::from("the server responds like a proxy").and(sentence![
                    "if it is one, ",
                    through,
                    " connect through it"
                ])
            }
            // RFC 6455 §4.1: an opening handshake is HTTP/1.1, as ours was when it left.
            HttpStatus::HTTP_VERSION_NOT_SUPPORTED => {
                "a proxy in front may speak HTTP/1.0 to the server; in nginx, proxy_http_version 1.1; fixes that".into()
            }
            HttpStatus(421) => {
                let another = Remedy::Host.given();
                sentence!["the server does not serve this host here: ", another, " sends another Host"].into()
            }
            HttpStatus::REQUEST_HEADER_FIELDS_TOO_LARGE => too_large().into(),
            HttpStatus::UNAUTHORIZED | HttpStatus::FORBIDDEN if self.withheld.is_some() => {
                let (origin, remedy) = behind(self.withheld?);
                Advice::from(format!("credentials, cookies and tokens are sent only to {origin}"))
                    .and(sentence![remedy.given(), " sends them here too"])
            }
            HttpStatus::UNAUTHORIZED => self.about_credentials(),
            HttpStatus::FORBIDDEN => self.about_permission(),
            HttpStatus::NOT_FOUND | HttpStatus::METHOD_NOT_ALLOWED | HttpStatus::GONE | HttpStatus::NOT_IMPLEMENTED => {
                "is the path of the URL right?".into()
            }
            HttpStatus(511) => "the network wants a login first (RFC 6585 §6): a browser shows its page".into(),
            // More often than not it is a fault of the server's that stays.
            HttpStatus::INTERNAL_SERVER_ERROR => return None,
            status if status.may_pass() && self.was_retried => {
                sentence!["a larger ", Remedy::Retry.named(), " tries again for longer"].into()
            }
            status if status.may_pass() => sentence![Remedy::Retry.given(), " tries again"].into(),
            _ => return None,
        })
    }

    fn about_redirect(&self) -> Advice {
        match self
            .location()
            .map(|location| (leads_to_login(&location), shown_url(&location, Secrets::Masked).into_owned()))
        {
            Some((true, location)) => {
                let (cookie, user, bearer) = (Remedy::Cookie.named(), Remedy::User.named(), Remedy::Bearer.named());
                Advice::from(format!("the server redirects to a login, {}", Escaped(&location))).and(sentence![
                    "it may want a cookie (",
                    cookie,
                    ") or credentials (",
                    user,
                    ", ",
                    bearer,
                    ")",
                ])
            }
            Some((false, location)) => Advice::from(format!("the server redirects to {}", Escaped(&location)))
                .and(sentence![Remedy::FollowRedirects.given(), " follows"]),
            None => "the redirect has no Location".into(),
        }
    }

    /// RFC 9110 §15.5.22, RFC 6455 §4.4.
    fn about_upgrade(&self) -> Advice {
        if let Some(protocol) = self.other_upgrade() {
            return format!("the server expects an upgrade to {}, not to WebSocket", Escaped(protocol)).into();
        }
        match (self.other_supported_version(), self.header("sec-websocket-version")) {
            (Some(version), _) => only_supports(version),
            (None, Some(_)) => {
                "the server expects version 13 of the protocol, but the request has another Sec-WebSocket-Version"
                    .into()
            }
            (None, None) => format!("the server expects a protocol other than WebSocket version {VERSION}").into(),
        }
    }

    /// The versions that the server says it supports, where ours isn't it.
    fn other_supported_version(&self) -> Option<&str> {
        self.header("sec-websocket-version")
            .filter(|versions| list_elements(versions).all(|version| version != VERSION))
    }

    /// What the server wants to know of whoever asks.
    fn about_credentials(&self) -> Advice {
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
    fn about_accepted_subprotocols(&self) -> Advice {
        let problem = self.answer.problem().unwrap_or_default();
        let listed = problem.split_once("server accepts [").map(|(_, list)| list.split([']', ' ', ',']).next());
        match listed.flatten().filter(|name| !name.is_empty()) {
            Some(name) => requires_subprotocol(Remedy::Subprotocol.given_as(Escaped(name).to_string())),
            None => requires_subprotocol(Remedy::Subprotocol.given()),
        }
    }

    /// What servers miss in a request, as far as it wasn't sent: all that can be said where they don't say it.
    fn about_bad_request(&self) -> Advice {
        let unsent = [
            ("origin", "an Origin (", Remedy::Origin),
            ("sec-websocket-protocol", "a subprotocol (", Remedy::Subprotocol),
        ];
        let begins = match (self.answer.content.bytes.is_empty(), self.answer.problem()) {
            (true, _) => Advice::from("the server does not say what is wrong with the request")
                .and("it may want another path or query"),
            (false, None) => Advice::from("its response, below, may say why").and("it may want another path or query"),
            (false, Some(_)) => "the server may want another path or query".into(),
        };
        let mut advice = begins;
        let unsent = unsent.into_iter().filter(|(name, ..)| !self.sent(name));
        let missing = unsent.flat_map(|(_, what, remedy)| [" or ".into(), what.into(), remedy.given(), ")".into()]);
        if let Some(Wording(last)) = advice.0.last_mut() {
            last.extend(missing);
        }
        advice
    }

    /// What may be missing, as far as it wasn't sent.
    fn about_permission(&self) -> Advice {
        let authorized = self.sent("authorization") || self.sent("cookie");
        let credentials = [
            "the server may want credentials (".into(),
            Remedy::User.named(),
            ", ".into(),
            Remedy::Bearer.named(),
            ", ".into(),
            Remedy::Cookie.named(),
            ")".into(),
        ];
        let origin = Remedy::Origin.given();
        match (authorized, self.sent("origin")) {
            (false, false) => {
                Wording([&credentials[..], &sentence![", an Origin (", origin, "), or another path"].0].concat()).into()
            }
            (false, true) => {
                Wording([&credentials[..], &sentence![", another Origin, or another path"].0].concat()).into()
            }
            (true, false) => Advice::from(sentence!["the server may want an Origin: ", origin, " sends one"])
                .and("or other credentials"),
            (true, true) => "the server may want another Origin, other credentials, or another path".into(),
        }
    }
}

fn requires_subprotocol(given: Phrase) -> Advice {
    sentence!["the server requires a subprotocol: ", given, " requests one"].into()
}

fn only_supports(version: &str) -> Advice {
    let versions = if version.contains(',') { "versions" } else { "version" };
    format!("the server supports {versions} {} of the protocol, not 13", Escaped(version)).into()
}

/// Whether whoever follows a redirect is asked to log in.
fn leads_to_login(location: &str) -> bool {
    let path = location.split('?').next().unwrap_or_default().to_ascii_lowercase();
    ["login", "log-in", "signin", "sign-in", "sign_in", "oauth", "/auth", "//auth.", "//sso.", "/sso", "saml"]
        .iter()
        .any(|words| path.contains(words))
}
