//! The head of a client's request, as it was on the wire and in parts.

use super::refusal::Refusal;
use super::request_body::RequestBody;
use super::request_checks::{body_faults, handshake_faults, is_opening_handshake};
use super::request_target::{absolute, authority};
use crate::http::{Authority, Headers, HttpVersion, MAX_HEAD, MAX_HEADERS, Method, list_elements};

/// The head of a client's request.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub version: HttpVersion,
    /// Path and query, as they were written, whichever form the target has (RFC 9112 §3.2).
    pub resource: String,
    /// The host that is asked for. Without one, which only HTTP/1.0 allows, no page in a browser asks.
    pub authority: Option<Authority>,
    pub headers: Headers,
    /// The head as it was on the wire, with the empty line.
    pub raw: Vec<u8>,
    is_opening_handshake: bool,
}

/// Which requests are read.
#[derive(Debug, Clone, Copy)]
enum ReadRequests {
    /// Those that are answered here.
    Bodiless,
    Any,
}

impl Request {
    /// Reads a head from the front of `bytes`: `None` while it is incomplete.
    ///
    /// # Errors
    /// The answer to a request that isn't HTTP/1, is no GET, HEAD or OPTIONS, is over 64 KiB, has a body, or doesn't say
    /// which host it is for.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, Refusal> {
        Self::parse_where(bytes, ReadRequests::Bodiless)
    }

    /// The same for whoever passes plain HTTP on: that has any method, and a body as well. An opening handshake still has none.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and the answer to a body whose end may be found in two places.
    pub fn parse_any(bytes: &[u8]) -> Result<Option<Self>, Refusal> {
        Self::parse_where(bytes, ReadRequests::Any)
    }

    fn parse_where(bytes: &[u8], which: ReadRequests) -> Result<Option<Self>, Refusal> {
        // Not on the stack, of which a thread keeps whatever it has ever touched.
        let mut headers = vec![httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let head = &bytes[..bytes.len().min(MAX_HEAD)];
        match request.parse(head) {
            Ok(httparse::Status::Complete(used)) => Self::read(&request, &bytes[..used], which).map(Some),
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => Ok(None),
            Ok(httparse::Status::Partial) => Err(Refusal::too_large("the head is over 64 KiB")),
            Err(httparse::Error::TooManyHeaders) => Err(Refusal::too_large("the head has too many headers")),
            Err(httparse::Error::HeaderName) => Err(Refusal::bad_request(misplaced_space(head))),
            Err(error) => Err(Refusal::bad_request(&format!("the request is not HTTP: {error}{}", beginning(head)))),
        }
    }

    fn read(request: &httparse::Request<'_, '_>, raw: &[u8], which: ReadRequests) -> Result<Self, Refusal> {
        let (method, allowed) = match which {
            ReadRequests::Bodiless => (request.method.and_then(Method::named), Method::ALL),
            ReadRequests::Any => (request.method.and_then(Method::passed_on), Method::PASSED_ON),
        };
        let Some(method) = method else {
            return Err(Refusal::method_not_allowed(allowed, "the opening handshake is a GET request"));
        };
        let version = if request.version == Some(0) { HttpVersion::Http10 } else { HttpVersion::Http11 };
        let headers = Headers::new(request.headers);
        let target = request.path.unwrap_or_default();
        let is_opening_handshake = is_opening_handshake(&headers);
        let mut faults = match which {
            ReadRequests::Any if !is_opening_handshake => RequestBody::of(&headers, version).map(|_| Vec::new())?,
            ReadRequests::Any | ReadRequests::Bodiless => body_faults(&headers),
        };
        match authority(&method, version, target, &headers) {
            Ok(authority) if faults.is_empty() => {
                let raw = raw.to_vec();
                let resource =
                    absolute(target).map_or_else(|| target.to_owned(), |(_, resource)| resource.into_owned());
                return Ok(Self { method, version, resource, authority, headers, raw, is_opening_handshake });
            }
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
        if is_opening_handshake {
            faults.extend(handshake_faults(&method, version, &headers).1);
        }
        Err(Refusal::for_faults(&faults))
    }

    /// Puts another path and query in the place of those that were asked for, in the head too.
    pub(crate) fn set_resource(&mut self, resource: String) {
        let is_space = |byte: &u8| *byte == b' ';
        if let Some(method) = self.raw.iter().position(is_space)
            && let Some(length) = self.raw[method + 1..].iter().position(is_space)
        {
            self.raw.splice(method + 1..method + 1 + length, resource.bytes());
        }
        self.resource = resource;
    }

    /// Whether its target is in absolute form, as in requests to a proxy (RFC 9112 §3.2.2).
    pub(crate) fn is_for_proxy(&self) -> bool {
        let target = self.raw.split(|byte| *byte == b' ').nth(1);
        target.and_then(|target| str::from_utf8(target).ok()).is_some_and(|target| absolute(target).is_some())
    }

    /// Where its body ends.
    ///
    /// # Errors
    /// As [`parse_any`](Self::parse_any).
    pub fn body(&self) -> Result<RequestBody, Refusal> {
        RequestBody::of(&self.headers, self.version)
    }

    /// Whether this would open a WebSocket, or is plain HTTP.
    pub fn wants_upgrade(&self) -> bool {
        self.is_opening_handshake
    }

    /// Whether the connection may stay for another request (RFC 9112 §9.3).
    pub fn persists(&self) -> bool {
        match self.version {
            _ if self.headers.has_token("connection", "close") => false,
            HttpVersion::Http10 => self.headers.has_token("connection", "keep-alive"),
            HttpVersion::Http11 => true,
        }
    }

    /// The path, still percent-encoded.
    pub fn path(&self) -> &str {
        self.split_resource().0
    }

    /// What stands behind the question mark.
    pub fn query(&self) -> Option<&str> {
        self.split_resource().1
    }

    fn split_resource(&self) -> (&str, Option<&str>) {
        match self.resource.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&self.resource, None),
        }
    }

    /// A header's first value, if that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The subprotocols that the client would speak, as one list.
    pub fn subprotocol_list(&self) -> String {
        self.headers.all("sec-websocket-protocol").collect::<Vec<_>>().join(",")
    }

    /// The subprotocols that the client would speak, in its order (§4.1 point 10).
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.headers.all("sec-websocket-protocol").flat_map(list_elements)
    }
}

/// What there is instead of a request, as a clause. Of one that names a method of HTTP the beginning is known, and what follows
/// may be somebody's secret.
fn beginning(head: &[u8]) -> String {
    const SHOWN: usize = 16;
    let word = head.split(|byte| *byte == b' ').next().unwrap_or_default();
    match str::from_utf8(word).ok().and_then(Method::named) {
        Some(_) => String::new(),
        None => format!("; it begins with \"{}\"", head[..head.len().min(SHOWN)].escape_ascii()),
    }
}

/// Why the name of a header can't be read: most often a space where none may be, which others read in other ways.
fn misplaced_space(head: &[u8]) -> &'static str {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut lines = head.split(|&byte| byte == b'\n').skip(1).take_while(|line| !matches!(line, [] | [b'\r']));
    let fault = lines.find_map(|line| match line.iter().position(|&byte| byte == b':') {
        _ if line.first().is_some_and(is_space) => Some("a header is folded over several lines (RFC 9112 §5.2)"),
        Some(colon) if line[..colon].last().is_some_and(is_space) => {
            Some("a header has a space before its colon (RFC 9112 §5.1)")
        }
        _ => None,
    });
    fault.unwrap_or("the request is not HTTP: invalid header name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str) -> Request {
        Request::parse(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_target_is_path_and_query_in_both_forms() {
        for (target, path, query) in [
            ("/", "/", None),
            ("/a/b?c=d?e", "/a/b", Some("c=d?e")),
            ("http://host/a?b", "/a", Some("b")),
            ("http://host", "/", None),
            ("HTTPS://host/", "/", None),
            ("/go?to=http://host/x", "/go", Some("to=http://host/x")),
            ("//host/x", "//host/x", None),
        ] {
            let request = request(target);
            assert_eq!((request.path(), request.query()), (path, query), "{target}");
        }
    }

    #[test]
    fn what_is_passed_on_has_any_method_and_a_body_but_for_an_opening_handshake() {
        let parsed = |line: &str, headers: &str| {
            let head = format!("{line} HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
            Request::parse_any(head.as_bytes()).map(|request| request.unwrap().method.to_string())
        };
        assert_eq!(parsed("PROPFIND /", "Content-Length: 5\r\n"), Ok("PROPFIND".into()));
        assert_eq!(parsed("POST /", "Transfer-Encoding: chunked\r\n"), Ok("POST".into()));
        assert_eq!(parsed("OPTIONS *", ""), Ok("OPTIONS".into()));
        assert_eq!(parsed("CONNECT a:1", "").unwrap_err().status.0, 405);
        for (line, headers) in [
            ("POST /", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
            ("POST /", "Content-Length: 1\r\nContent-Length: 2\r\n"),
            ("GET /", "Host: b\r\n"),
            ("GET /", "Upgrade: websocket\r\nContent-Length: 1\r\n"),
            ("DELETE *", ""),
            ("GET a:1", ""),
        ] {
            assert_eq!(parsed(line, headers).unwrap_err().status.0, 400, "{line} {headers}");
        }
    }

    #[test]
    fn the_target_s_authority_counts_before_host() {
        assert_eq!(request("/").authority, Authority::parse("a"));
        assert_eq!(request("http://b:1/").authority, Authority::parse("b:1"));
    }

    #[test]
    fn only_http_1_0_may_leave_the_host_out_and_only_options_the_path() {
        let parsed = |head: &str| Request::parse(format!("{head}\r\n\r\n").as_bytes()).map(Option::unwrap);
        assert_eq!(parsed("GET / HTTP/1.0").unwrap().authority, None);
        assert_eq!(parsed("GET / HTTP/1.1\r\nHost:").unwrap().authority, None);
        assert_eq!(parsed("GET / HTTP/1.0\r\nHost: a").unwrap().authority, Authority::parse("a"));
        assert!(parsed("GET / HTTP/1.0\r\nHost: a, b").is_err() && parsed("GET / HTTP/1.1").is_err());
        assert_eq!(parsed("OPTIONS * HTTP/1.1\r\nHost: a").unwrap().path(), "*");
        assert!(parsed("GET * HTTP/1.0").is_err() && parsed("get / HTTP/1.0").is_err());
    }

    #[test]
    fn whether_another_request_may_follow_is_up_to_the_client() {
        for (version, connection, persists) in [
            ("1.1", "x", true),
            ("1.1", "close", false),
            ("1.1", "Keep-Alive, Close", false),
            ("1.0", "x", false),
            ("1.0", "Keep-Alive", true),
            ("1.0", "close, keep-alive", false),
        ] {
            let head = format!("GET / HTTP/{version}\r\nHost: a\r\nConnection: {connection}\r\n\r\n");
            let request = Request::parse(head.as_bytes()).unwrap().unwrap();
            assert_eq!(request.persists(), persists, "{version} {connection}");
        }
    }

    #[test]
    fn upgrades_to_other_protocols_are_ignored() {
        let wants = |headers: &str| {
            let head = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n{headers}\r\n\r\n");
            Request::parse(head.as_bytes()).unwrap().unwrap().wants_upgrade()
        };
        assert!(!wants("X: y") && !wants("Upgrade: h2c") && !wants("Upgrade: TLS/1.0, HTTP/2.0"));
        assert!(wants("Upgrade: WebSocket") && wants("Upgrade: h2c, websocket"));
        assert!(wants("Upgrade: web-socket\r\nSec-WebSocket-Key: a"));
    }

    #[test]
    fn what_others_might_read_otherwise_is_refused_and_each_fault_is_named() {
        let refused = |target: &str, headers: &str| {
            let head = format!("GET {target} HTTP/1.1\r\n{headers}\r\n");
            Request::parse(head.as_bytes()).unwrap_err().to_string()
        };
        for (target, headers, why) in [
            ("/", "", "Host is missing"),
            ("/", "Host: a\r\nHost: a\r\n", "Host appears twice"),
            (
                "/",
                "Host:\r\nSec-WebSocket-Key: a\r\n",
                "Host \"\" is not a host with a port or without (RFC 9112 §3.2)",
            ),
            ("/", "Host: a, b\r\n", "Host \"a, b\" is not a host with a port or without (RFC 9112 §3.2)"),
            ("/", "Host: u@a\r\n", "Host \"(masked)@a\" is not a host with a port or without (RFC 9112 §3.2)"),
            ("/", "Host : a\r\n", "a header has a space before its colon (RFC 9112 §5.1)"),
            ("/", "Host: a\r\nX: b\r\n c\r\n", "a header is folded over several lines (RFC 9112 §5.2)"),
            ("/", "Host: a\r\n\tX: b\r\n", "a header is folded over several lines (RFC 9112 §5.2)"),
            ("/", "Ho st: a\r\n", "the request is not HTTP: invalid header name"),
            ("chat", "Host: a\r\n", "the target \"chat\" is neither a path nor an http URL (RFC 9112 §3.2)"),
            ("*", "Host: a\r\n", "the target \"*\" is neither a path nor an http URL (RFC 9112 §3.2)"),
            ("a:80", "Host: a\r\n", "the target \"a:80\" is neither a path nor an http URL (RFC 9112 §3.2)"),
            ("ftp://a/", "Host: a\r\n", "the target \"ftp://a/\" is neither a path nor an http URL (RFC 9112 §3.2)"),
            (
                "http://u@a/",
                "Host: a\r\n",
                "the target \"http://(masked)@a/\" is neither a path nor an http URL (RFC 9112 §3.2)",
            ),
            ("/a#b", "Host: a\r\n", "the target \"/a#b\" has a fragment (RFC 6455 §3)"),
            (
                "/",
                "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "the request has a body (Content-Length: \"5\"), and an opening handshake has none; \
                 the request has a body (Transfer-Encoding: \"chunked\"), and an opening handshake has none",
            ),
            (
                "/",
                "Host: a\r\nContent-Length: +0\r\n",
                "the request has a body (Content-Length: \"+0\"), and an opening handshake has none",
            ),
            ("/", "Host: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n", "Content-Length appears twice"),
            (
                "x",
                "Host: a\r\nHost: b\r\n",
                "the target \"x\" is neither a path nor an http URL (RFC 9112 §3.2); Host appears twice",
            ),
        ] {
            assert_eq!(refused(target, headers), format!("400 Bad Request: {why}"), "{target} {headers}");
        }
        let empty = b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
        assert!(Request::parse(empty).unwrap().is_some());
    }
}
