//! The way through a proxy: CONNECT over http and https (RFC 9110 §9.3.6), SOCKS 5 (RFC 1928).

mod http;
mod socks;

use std::fmt;

use url::{Host, Url};

use super::resolve::Resolver;
use super::target::{bracketed, decoded_credentials};
use super::transport::Transport;
use super::until::Until;
use crate::advice;
use crate::error::{Authentication, Error};
use crate::http::{HttpStatus, UserPassword};

/// The heads of request and answer, as on the wire.
pub(super) type Heads = (Vec<u8>, Vec<u8>);

/// What a request for a way says besides where to.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectHeaders<'a> {
    /// `Proxy-Authorization`.
    pub(super) authorization: Option<String>,
    /// The proxies on the way so far.
    pub(super) via: Option<&'a str>,
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    Http,
    Https,
    /// SOCKS 5; we resolve the target's name.
    Socks5,
    /// SOCKS 5; the proxy resolves it.
    Socks5h,
}

/// A proxy, as its URL says it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    credentials: Option<UserPassword>,
    /// Those are sent in answer to a Digest challenge alone.
    digest_only: bool,
    /// The environment variable that names it, where it was not asked for otherwise.
    variable: Option<String>,
}

impl Proxy {
    /// Reads `http://`, `https://`, `socks5://` and `socks5h://` URLs; without a scheme it is http,
    /// without a port 1080, as curl has it (443 for https).
    ///
    /// # Errors
    /// What isn't the URL of such a proxy.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: String| Error::Usage {
            what: format!("the proxy's URL can't be used: {why}").into(),
            hint: Some(
                "a proxy looks like http://HOST:3128, socks5://HOST:1080 or http://USER:PASSWORD@HOST:3128".into(),
            ),
        };
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&whole).map_err(|error| wrong(error.to_string()))?;
        let (kind, default_port) = match url.scheme() {
            "http" => (ProxyKind::Http, if explicitly_80(&whole) { 80 } else { 1080 }),
            "https" => (ProxyKind::Https, 443),
            "socks5" => (ProxyKind::Socks5, 1080),
            // The desktop's settings have it so, for a proxy that resolves names.
            "socks5h" | "socks" => (ProxyKind::Socks5h, 1080),
            other => return Err(wrong(format!("{other:?} is not a supported kind of proxy"))),
        };
        let host = match url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => return Err(wrong("it has no host".into())),
        };
        let credentials = credentials(&url).map_err(wrong)?;
        let port = url.port().unwrap_or(default_port);
        Ok(Self { kind, host, port, credentials, digest_only: false, variable: None })
    }

    /// The same, as this environment variable has it.
    pub(crate) fn of_variable(self, variable: Option<String>) -> Self {
        Self { variable, ..self }
    }

    /// It, and where it comes from, for what went wrong with it.
    pub(super) fn with_origin(&self) -> String {
        match &self.variable {
            Some(variable) => format!("{self} (of {variable})"),
            None => self.to_string(),
        }
    }

    /// The same with other credentials.
    pub(crate) fn with_credentials(self, credentials: UserPassword) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// The same, with the password sent in answer to a Digest challenge alone.
    ///
    /// # Errors
    /// SOCKS has no challenges, and without credentials there is nothing to answer one with.
    pub(crate) fn with_digest_only(self) -> Result<Self, Error> {
        match (self.kind, &self.credentials) {
            (ProxyKind::Socks5 | ProxyKind::Socks5h, _) => Err(advice::digest_through_socks()),
            (_, None) => Err(advice::proxy_digest_without_credentials()),
            _ => Ok(Self { digest_only: true, ..self }),
        }
    }

    /// What it gets of the credentials, with this `Proxy-Authorization`.
    fn authentication(&self, authorization: Option<&String>) -> Authentication {
        match (authorization, self.digest_only) {
            (Some(_), _) => Authentication::Sent,
            (None, true) => Authentication::DigestOnly,
            (None, false) => Authentication::Nothing,
        }
    }

    /// What answers the Digest challenge in a refusal to lead to `host` and `port`, if it has one and there are credentials.
    pub(super) fn digest(&self, refused: &Error, (host, port): (&str, u16)) -> Option<String> {
        let (Error::ProxyRefused { answer, .. }, Some(credentials)) = (refused, &self.credentials) else { return None };
        let response = &answer.response;
        let challenges: Vec<_> = response.headers.all_shown("proxy-authenticate").collect();
        let is_challenge = response.status == HttpStatus::PROXY_AUTHENTICATION_REQUIRED;
        let answer = credentials.digest(&challenges, http::METHOD, &http::place(host, port)).filter(|_| is_challenge);
        answer.map(|answer| answer.value)
    }

    /// Asks the proxy, which `transport` leads to, for a way to `host` and `port`: with the `Proxy-Authorization` of `more`, or
    /// else with its credentials as Basic, unless they are for a challenge only.
    ///
    /// # Errors
    /// What the proxy said, or what failed on the way to it. Bytes from behind the proxy that come
    /// before we have said anything are lost: neither TLS nor WebSocket has any.
    pub(super) fn tunnel(
        &self,
        transport: &mut Transport,
        (host, port): (&str, u16),
        more: ConnectHeaders<'_>,
        resolver: &Resolver,
        max_body: usize,
        until: Until<'_>,
    ) -> Result<Option<Heads>, Error> {
        match self.kind {
            ProxyKind::Http | ProxyKind::Https => {
                let sent = self.credentials.as_ref().filter(|_| !self.digest_only);
                let authorization = more.authorization.or_else(|| sent.map(UserPassword::basic));
                let more = ConnectHeaders { authorization, ..more };
                http::tunnel(self, transport, (host, port), more, max_body, until).map(Some)
            }
            ProxyKind::Socks5 | ProxyKind::Socks5h => {
                socks::tunnel(self, transport, (host, port), resolver, until).map(|()| None)
            }
        }
    }

    /// It has closed the connection; `answered` says that something of its answer had come.
    fn gone(&self, answered: bool) -> Error {
        self.failed(match answered {
            true => "it closed the connection in mid-response",
            false => "it closed the connection without an answer",
        })
    }

    fn wants_credentials(&self) -> Error {
        let why = "it wants a user and a password".into();
        Error::Proxy { proxy: self.with_origin(), why, wants_credentials: true }
    }

    fn failed(&self, why: impl Into<String>) -> Error {
        Error::Proxy { proxy: self.with_origin(), why: why.into(), wants_credentials: false }
    }
}

/// Those of a URL, if there is a name in it.
fn credentials(url: &Url) -> Result<Option<UserPassword>, String> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let (user, password) = decoded_credentials(url.username(), url.password().unwrap_or_default())?;
    Ok(Some(UserPassword { user, password }))
}

/// The url crate hides a port that is the scheme's own; a proxy's default is another.
fn explicitly_80(url: &str) -> bool {
    let authority = url.split('/').nth(2).unwrap_or_default();
    authority.ends_with(":80")
}

impl fmt::Display for Proxy {
    /// Without the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks5 => "socks5",
            ProxyKind::Socks5h => "socks5h",
        };
        write!(f, "{scheme}://{}:{}", bracketed(&self.host), self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies_are_read() {
        for (text, shown) in [
            ("proxy", "http://proxy:1080"),
            ("proxy:3128", "http://proxy:3128"),
            ("http://proxy:80", "http://proxy:80"),
            ("https://u:p@proxy", "https://proxy:443"),
            ("socks5://[::1]:9", "socks5://[::1]:9"),
            ("socks5h://proxy", "socks5h://proxy:1080"),
            ("socks://proxy:9/", "socks5h://proxy:9"),
        ] {
            assert_eq!(Proxy::parse(text).unwrap().to_string(), shown);
        }
        for text in ["", "ftp://proxy", "http://", "http://a:b:c"] {
            assert!(Proxy::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn credentials_are_decoded_and_never_shown() {
        let proxy = Proxy::parse("http://us%40er:p%3Ass@proxy:1").unwrap();
        let credentials = proxy.credentials.as_ref().unwrap();
        assert_eq!((credentials.user.as_str(), credentials.password.as_str()), ("us@er", "p:ss"));
        assert!(!format!("{proxy} {proxy:?}").contains("er"));
        for url in ["http://us%E9er:secret@proxy", "socks5://user:sec%E9ret@proxy"] {
            let error = Proxy::parse(url).unwrap_err().to_string();
            assert!(error.ends_with("is not UTF-8: é is %C3%A9 there"), "{error}");
            assert!(!error.contains("sec") && !error.contains("er:"), "{error}");
        }
    }
}
