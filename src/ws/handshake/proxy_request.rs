//! The head of a request to a proxy: for a way to somewhere (RFC 9110 §9.3.6), or in absolute form (RFC 9112 §3.2.2).

use super::refusal::Refusal;
use super::request_body::RequestBody;
use super::request_checks::is_opening_handshake;
use super::request_target::absolute;
use crate::http::{Authority, Headers, Host, HttpVersion, MAX_HEAD, MAX_HEADERS};

/// What a proxy is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyTarget {
    /// A way to there, for bytes of any kind.
    Tunnel { host: Host, port: u16 },
    /// What a server has. `secure` is over TLS, `resource` the path and the query.
    Resource { secure: bool, authority: Authority, resource: String },
}

/// The head of a request to a proxy, with any method.
#[derive(Debug, Clone)]
pub struct ProxyRequest {
    pub method: String,
    pub target: ProxyTarget,
    pub headers: Headers,
    /// The head as it was on the wire, with the empty line.
    pub raw: Vec<u8>,
    version: HttpVersion,
    is_opening_handshake: bool,
}

/// The method that asks for a way to somewhere.
const CONNECT: &str = "CONNECT";

impl ProxyRequest {
    /// Reads a head from the front of `bytes`: `None` while it is incomplete.
    ///
    /// # Errors
    /// The answer to what isn't a request to a proxy, or may be understood in two ways.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, Refusal> {
        let mut headers = vec![httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes[..bytes.len().min(MAX_HEAD)]) {
            Ok(httparse::Status::Complete(used)) => Self::read(&request, &bytes[..used]).map(Some),
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => Ok(None),
            Ok(httparse::Status::Partial) => Err(Refusal::too_large("the head is over 64 KiB")),
            Err(httparse::Error::TooManyHeaders) => Err(Refusal::too_large("the head has too many headers")),
            Err(error) => Err(Refusal::bad_request(&format!("the request is not HTTP: {error}"))),
        }
    }

    fn read(request: &httparse::Request<'_, '_>, raw: &[u8]) -> Result<Self, Refusal> {
        let version = if request.version == Some(0) { HttpVersion::Http10 } else { HttpVersion::Http11 };
        let (method, headers) = (request.method.unwrap_or_default().to_owned(), Headers::new(request.headers));
        let target = target(&method, request.path.unwrap_or_default())?;
        // RFC 9112 §3.2: what has two may be for either of them.
        if headers.is_twice("host") {
            return Err(Refusal::bad_request("Host appears twice"));
        }
        let is_opening_handshake = is_opening_handshake(&headers);
        let parsed = Self { method, target, version, headers, raw: raw.to_vec(), is_opening_handshake };
        // RFC 9110 §9.3.6: what follows is the tunnel's.
        if !RequestBody::of(&parsed.headers, version)?.is_empty() && matches!(parsed.target, ProxyTarget::Tunnel { .. })
        {
            return Err(Refusal::bad_request("a CONNECT has no body (RFC 9110 §9.3.6)"));
        }
        Ok(parsed)
    }

    /// Whether this would open a WebSocket.
    pub fn wants_upgrade(&self) -> bool {
        self.is_opening_handshake
    }

    /// The head with the path and the query alone in its first line, and the server in Host (RFC 9112 §3.2.2).
    pub fn in_origin_form(&self) -> Vec<u8> {
        let ProxyTarget::Resource { authority, resource, .. } = &self.target else { return self.raw.clone() };
        let version = if self.version == HttpVersion::Http10 { "1.0" } else { "1.1" };
        let mut head = format!("{} {resource} HTTP/{version}\r\nHost: {authority}\r\n", self.method).into_bytes();
        for (name, value) in self.headers.raw_lines().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
            head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

/// # Errors
/// The answer to a target that names no server.
fn target(method: &str, target: &str) -> Result<ProxyTarget, Refusal> {
    if method == CONNECT {
        return match Authority::parse(target) {
            Some(Authority { host, port: Some(port) }) if port != 0 => Ok(ProxyTarget::Tunnel { host, port }),
            _ => Err(Refusal::bad_request("the target of a CONNECT is HOST:PORT (RFC 9112 §3.2.3)")),
        };
    }
    let Some((authority, resource)) = absolute(target) else {
        let why = "this is a proxy, and the request names no server: its target is not a URL (RFC 9112 §3.2.2)";
        return Err(Refusal::bad_request(why));
    };
    if target.contains('#') {
        return Err(Refusal::bad_request("the target has a fragment (RFC 9112 §3.2)"));
    }
    let authority = Authority::parse(authority).filter(|authority| authority.port != Some(0));
    let authority = authority.ok_or_else(|| Refusal::bad_request("the target's host can't be read"))?;
    let secure = ["https:", "wss:"]
        .iter()
        .any(|scheme| target.get(..scheme.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(scheme)));
    Ok(ProxyTarget::Resource { secure, authority, resource: resource.into_owned() })
}

/// Whether a request begins here that would open a WebSocket; `None` where it takes more to tell. What isn't HTTP is none.
pub fn begins_websocket(bytes: &[u8]) -> Option<bool> {
    const METHOD: &[u8] = b"GET ";
    if bytes.len() < METHOD.len() || !bytes.starts_with(METHOD) {
        let may_be = METHOD.starts_with(bytes);
        return if may_be { None } else { Some(false) };
    }
    let mut headers = vec![httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(&bytes[..bytes.len().min(MAX_HEAD)]) {
        Ok(httparse::Status::Complete(_)) => Some(is_opening_handshake(&Headers::new(request.headers))),
        Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => None,
        Ok(httparse::Status::Partial) | Err(_) => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &str) -> Result<ProxyRequest, String> {
        let read = ProxyRequest::parse(format!("{head}\r\n\r\n").as_bytes());
        read.map(Option::unwrap).map_err(|refusal| refusal.reason)
    }

    #[test]
    fn a_target_is_a_place_or_a_url() {
        let name = |name: &str| Host::Name(name.to_owned());
        let tunnel = |host, port| Ok(ProxyTarget::Tunnel { host, port });
        let target = |line: &str| parsed(&format!("{line} HTTP/1.1\r\nHost: x")).map(|request| request.target);
        assert_eq!(target("CONNECT a.example:443"), tunnel(name("a.example"), 443));
        assert_eq!(target("CONNECT [::1]:80"), tunnel(Host::Address("::1".parse().unwrap()), 80));
        for (url, secure, resource) in [
            ("http://a/", false, "/"),
            ("http://a", false, "/"),
            ("http://a?b", false, "/?b"),
            ("WS://a/b?c", false, "/b?c"),
            ("https://a/", true, "/"),
            ("wss://a/b", true, "/b"),
        ] {
            let authority = Authority { host: name("a"), port: None };
            let is = ProxyTarget::Resource { secure, authority, resource: resource.to_owned() };
            assert_eq!(target(&format!("GET {url}")), Ok(is), "{url}");
        }
        for line in [
            "CONNECT a.example",
            "CONNECT a:0",
            "CONNECT http://a:1/",
            "CONNECT u@a:1",
            "CONNECT /",
            "GET /",
            "GET a:1",
            "OPTIONS *",
            "GET ftp://a/",
            "GET http://u@a/",
            "GET http:///",
            "GET http://a/#b",
        ] {
            assert!(target(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_others_may_read_otherwise_is_refused() {
        for headers in [
            "Host: a\r\nHost: b",
            "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: 1\r\nContent-Length: 1",
            "Content-Length: 1, 1",
            "Content-Length: +1",
            "Content-Length:",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked, gzip",
            "Transfer-Encoding:",
            "Bad : a",
        ] {
            assert!(parsed(&format!("POST http://a/ HTTP/1.1\r\n{headers}")).is_err(), "{headers}");
        }
        assert!(parsed("POST http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked").is_err());
        assert!(parsed("CONNECT a:1 HTTP/1.1\r\nContent-Length: 1").is_err());
        assert!(parsed("CONNECT a:1 HTTP/1.1\r\nTransfer-Encoding: chunked").is_err());
        assert!(parsed("CONNECT a:1 HTTP/1.1\r\nContent-Length: 0").is_ok());
    }

    #[test]
    fn a_websocket_is_known_by_its_request() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        for end in 0..head.len() {
            assert_eq!(begins_websocket(&head[..end]), None, "{end}");
        }
        assert_eq!(begins_websocket(head), Some(true));
        for other in [
            &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
            b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
            b"POST",
            b"GEX",
            b"\x16\x03\x01",
            b"GET \x00",
        ] {
            assert_eq!(begins_websocket(other), Some(false), "{}", other.escape_ascii());
        }
    }
}
