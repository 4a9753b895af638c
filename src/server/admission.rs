//! Who is let in: credentials, subprotocols.

use std::fmt;

use crate::advice::flag;
use crate::error::Error;
use crate::http::{AgreedSubprotocol, Headers, UserPassword, basic_credentials};
use crate::stdio::secret::Secret;
use crate::ws::handshake::{Refusal, Request};

/// A secret of so many bytes isn't found by chance in a text, in bytes.
const LONG_SECRET: usize = 8;

/// What a client has to know.
#[derive(Default)]
pub(crate) struct Credentials {
    /// Values of an Authorization header, any of which will do. Without any, no one needs one.
    accepted: Vec<String>,
    challenges: Vec<&'static str>,
    /// The passwords and tokens in them.
    secrets: Vec<String>,
}

impl Credentials {
    /// `basic` is USER:PASSWORD (RFC 7617), `bearer` a token (RFC 6750).
    ///
    /// # Errors
    /// Files that can't be read, and what no client could send.
    pub(crate) fn read(basic: Option<&Secret>, bearer: Option<&Secret>) -> Result<Self, Error> {
        let mut made = Self::default();
        if let Some(pair) = basic.map(Secret::read).transpose()? {
            let Some((_, password)) = pair.split_once(':') else {
                return Err(Error::usage(format!(
                    "{}: expected USER:PASSWORD, or @FILE with that in its first line",
                    flag::AUTH
                )));
            };
            made.accepted.push(basic_credentials(&pair));
            made.challenges.push("Basic realm=\"wscli\", charset=\"UTF-8\"");
            let header = basic_credentials(&pair);
            let encoded = header.trim_start_matches("Basic ").to_owned();
            made.secrets.extend([password.to_owned(), pair.clone(), encoded]);
        }
        if let Some(token) = bearer.map(Secret::read).transpose()? {
            if token.bytes().any(|byte| byte.is_ascii_control()) {
                return Err(Error::usage(format!("{}: no header can hold its control characters", flag::BEARER)));
            }
            made.accepted.push(format!("Bearer {token}"));
            made.challenges.push("Bearer realm=\"wscli\"");
            made.secrets.extend([format!("Bearer {token}"), token]);
        }
        Ok(made)
    }

    /// Whether a client has to know anything.
    pub(crate) fn are_required(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// Whether a text holds any of them. A short one counts only by itself: anything may have it in it.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let holds = |secret: &String| text == secret || (secret.len() >= LONG_SECRET && text.contains(secret));
        self.secrets.iter().filter(|secret| !secret.is_empty()).any(holds)
    }

    /// # Errors
    /// 401 with a challenge.
    pub(crate) fn judge(&self, request: &Request) -> Result<(), Refusal> {
        if self.accepted.is_empty() {
            return Ok(());
        }
        let refused = |reason| Err(Refusal::unauthorized(&self.challenges, reason));
        let Some(given) = request.header("authorization") else { return refused("credentials are missing") };
        if self.accept(given) { Ok(()) } else { refused("the credentials are wrong") }
    }

    /// The same of a proxy's client (RFC 9110 §11.7.2).
    ///
    /// # Errors
    /// 407 with a challenge.
    pub(super) fn judge_proxied(&self, headers: &Headers) -> Result<(), Refusal> {
        let refused = |reason| Err(Refusal::proxy_authentication_required(&self.challenges, reason));
        match headers.get("proxy-authorization") {
            _ if self.accepted.is_empty() => Ok(()),
            None => refused("credentials are missing"),
            Some(given) if self.accept(given) => Ok(()),
            Some(_) => refused("the credentials are wrong"),
        }
    }

    /// Whether a user and password are what a client has to know.
    pub(super) fn are_of(&self, given: &UserPassword) -> bool {
        self.accept(&given.basic())
    }

    fn accept(&self, given: &str) -> bool {
        self.accepted.iter().any(|accepted| are_the_same(accepted, given))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({:?})", self.challenges)
    }
}

/// Compares two Authorization headers, the scheme without its case (RFC 9110 §11.1), the rest in a
/// time that doesn't tell how much of it was right.
fn are_the_same(accepted: &str, given: &str) -> bool {
    let parts = |header: &str| header.split_once(' ').map(|(scheme, rest)| (scheme.to_owned(), rest.trim().to_owned()));
    let (Some((scheme, accepted)), Some((given_scheme, given))) = (parts(accepted), parts(given)) else { return false };
    let differs = accepted.bytes().zip(given.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
    scheme.eq_ignore_ascii_case(&given_scheme) && accepted.len() == given.len() && differs == 0
}

/// Stands for every subprotocol.
const ANY: &str = "*";

/// Which subprotocols are spoken.
#[derive(Debug, Default)]
pub(crate) struct Subprotocols {
    /// [`ANY`] among them is all.
    pub(crate) spoken: Vec<String>,
    pub(crate) required: bool,
}

impl Subprotocols {
    /// The first that the client would speak and we do (RFC 6455 §4.2.2 point 4); where none are listed, that of the mode.
    ///
    /// # Errors
    /// 400 where one is required and none fits.
    pub(crate) fn choose(
        &self,
        request: &Request,
        of_mode: Option<&str>,
    ) -> Result<Option<AgreedSubprotocol>, Refusal> {
        let of_mode = of_mode.filter(|_| self.spoken.is_empty());
        match request.subprotocols().find(|name| self.has(name) || of_mode == Some(*name)) {
            Some(name) => Ok(Some(AgreedSubprotocol::new(name, &request.subprotocol_list()))),
            None if self.required => {
                let spoken = if self.has_all() { "any".to_owned() } else { self.spoken.join(", ") };
                Err(Refusal::bad_request(&format!("a subprotocol is required: {spoken}")))
            }
            None => Ok(None),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.has_all() || self.spoken.iter().any(|spoken| spoken == name)
    }

    fn has_all(&self) -> bool {
        self.spoken.iter().any(|spoken| spoken == ANY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requiring(basic: &str, bearer: &str) -> Credentials {
        let given = |text: &str| Secret::Given(text.to_owned());
        Credentials::read(Some(&given(basic)), Some(&given(bearer))).unwrap()
    }

    fn request(headers: &str) -> Request {
        let head = format!("GET / HTTP/1.1\r\nHost: here:8080\r\n{headers}\r\n");
        Request::parse(head.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn clients_are_held_to_them() {
        let both = requiring("Aladdin:open sesame", "token");
        let judged = |header: &str| both.judge(&request(header)).map_err(|refusal| refusal.reason);
        // RFC 7617 §2's example.
        assert_eq!(judged("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"), Ok(()));
        assert_eq!(judged("Authorization: bearer token\r\n"), Ok(()));
        assert_eq!(judged("Authorization: Bearer toke\r\n"), Err("the credentials are wrong".into()));
        assert_eq!(judged("Authorization: Bearer\r\n"), Err("the credentials are wrong".into()));
        assert_eq!(judged(""), Err("credentials are missing".into()));
        let response = String::from_utf8(both.judge(&request("")).unwrap_err().response()).unwrap();
        assert_eq!(response.matches("WWW-Authenticate: ").count(), 2, "{response}");
        assert_eq!(Credentials::default().judge(&request("")), Ok(()));
    }

    #[test]
    fn the_client_s_order_decides() {
        let spoken = vec!["a".to_owned(), "b".to_owned()];
        let subprotocols = Subprotocols { spoken, required: true };
        let wanted = request("Sec-WebSocket-Protocol: x, b\r\nSec-WebSocket-Protocol: a\r\n");
        assert_eq!(subprotocols.choose(&wanted, Some("x")).unwrap().unwrap().name(), "b");
        assert_eq!(subprotocols.choose(&request(""), Some("x")).unwrap_err().status.0, 400);
        assert_eq!(Subprotocols::default().choose(&wanted, None), Ok(None));
        let of_mode = Subprotocols::default().choose(&wanted, Some("a")).unwrap();
        assert_eq!(of_mode.unwrap().name(), "a");
        let all = Subprotocols { spoken: vec!["a".to_owned(), "*".to_owned()], required: true };
        assert_eq!(all.choose(&wanted, None).unwrap().unwrap().name(), "x");
        assert_eq!(all.choose(&request(""), None).unwrap_err().reason, "a subprotocol is required: any");
    }

    #[test]
    fn what_clients_have_to_know_is_found_in_a_text() {
        let both = requiring("Aladdin:open sesame", "a token");
        for text in [
            "open sesame",
            "an open sesame!",
            "Aladdin:open sesame",
            "a token",
            "a Bearer a token",
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ] {
            assert!(both.are_in(text), "{text}");
        }
        // Too short to be found by chance.
        for text in ["Aladdin", "take a token", ""] {
            assert!(!both.are_in(text), "{text}");
        }
        assert!(!format!("{both:?}").contains("sesame"));
    }
}
