//! What the user typed, taken apart: secure or not, host, port, resource name (RFC 6455 §3).

use url::{Host, Url};

use crate::error::Error;

/// Where to connect to and what to ask for there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) secure: bool,
    /// A name or an address, an IPv6 one without its brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Path and query, at least "/".
    pub(crate) resource: String,
}

impl Target {
    /// # Errors
    /// What isn't a WebSocket URL, and why.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let hint = || Some("a URL looks like ws://localhost:8080/path or wss://example.com/".to_owned());
        let wrong = |what: String| Error::Usage { what, hint: hint() };
        let url = Url::parse(text).map_err(|error| wrong(format!("{text:?} is not a URL: {error}")))?;
        let secure = match url.scheme() {
            "ws" | "http" => false,
            "wss" | "https" => true,
            other => return Err(wrong(format!("{text:?} has the scheme {other:?}, which is not ws or wss"))),
        };
        if url.fragment().is_some() {
            return Err(wrong(format!("{text:?} has a fragment (#…), which a WebSocket URL may not (RFC 6455 §3)")));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(wrong(format!("{text:?} names no host"))),
        };
        let port = url.port_or_known_default().unwrap_or(if secure { 443 } else { 80 });
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self { secure, host, port, resource: format!("{}{query}", url.path()) })
    }

    /// The `Host` header: the port only where it isn't the scheme's (§4.1).
    pub(crate) fn host_header(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        if self.port == default { self.bracketed() } else { self.authority() }
    }

    /// Host and port, for messages.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.bracketed(), self.port)
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (bool, String, String) {
        let target = Target::parse(text).unwrap();
        (target.secure, target.host_header(), target.resource)
    }

    #[test]
    fn urls_are_taken_apart() {
        assert_eq!(parts("ws://example.com"), (false, "example.com".into(), "/".into()));
        assert_eq!(parts("wss://example.com:443/a?b=c%20d"), (true, "example.com".into(), "/a?b=c%20d".into()));
        assert_eq!(parts("ws://[::1]:9001/x"), (false, "[::1]:9001".into(), "/x".into()));
        assert_eq!(parts("https://example.com:80/"), (true, "example.com:80".into(), "/".into()));
    }

    #[test]
    fn what_is_no_websocket_url_is_refused_with_the_reason() {
        for (text, why) in
            [("ftp://a/", "scheme"), ("ws://a/#b", "fragment"), ("nonsense", "not a URL"), ("ws://", "not a URL")]
        {
            let error = Target::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
