//! The head of a client's request, as it was on the wire and in parts.

use std::fmt;

use super::MAX_HEAD;
use super::head::Headers;
use super::refusal::Refusal;

/// More headers than any client sends.
const MAX_HEADERS: usize = 124;

/// What plain HTTP may ask for; an opening handshake is a GET (RFC 6455 §4.1 point 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
        })
    }
}

/// The head of a client's request.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// Path and query, as they were written.
    pub resource: String,
    pub headers: Headers,
    /// The head as it was on the wire, with the empty line.
    pub raw: Vec<u8>,
}

impl Request {
    /// Reads a head from the front of `bytes`: `None` while it is incomplete.
    ///
    /// # Errors
    /// The answer to a request that isn't HTTP/1.1, is neither a GET nor a HEAD or is over 64 KiB.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, Refusal> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
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
        let method = match request.method {
            Some("GET") => Method::Get,
            Some("HEAD") => Method::Head,
            _ => return Err(Refusal::method_not_allowed("the opening handshake is a GET request")),
        };
        if request.version != Some(1) {
            return Err(Refusal::bad_request("the opening handshake needs HTTP/1.1 or later"));
        }
        let headers = Headers::new(request.headers);
        let resource = request.path.unwrap_or("/").to_owned();
        Ok(Self { method, resource, headers, raw: raw.to_vec() })
    }

    /// Whether this asks for an upgrade at all, or is plain HTTP.
    pub fn wants_upgrade(&self) -> bool {
        self.headers.contains("upgrade")
    }

    /// The path, still percent-encoded, of a target in either form that RFC 9112 §3.2 gives servers.
    pub fn path(&self) -> &str {
        self.split_resource().0
    }

    /// What stands behind the question mark.
    pub fn query(&self) -> Option<&str> {
        self.split_resource().1
    }

    fn split_resource(&self) -> (&str, Option<&str>) {
        let resource = self.resource.as_str();
        let origin_form = match resource.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => rest.find(['/', '?']).map_or("/", |at| &rest[at..]),
            _ => resource,
        };
        match origin_form.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (origin_form, None),
        }
    }

    /// A header's first value, if that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The subprotocols that the client would speak, in its order (§4.1 point 10).
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        let lists = self.headers.all("sec-websocket-protocol");
        lists.flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty())
    }
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
            ("/go?to=http://host/x", "/go", Some("to=http://host/x")),
        ] {
            let request = request(target);
            assert_eq!((request.path(), request.query()), (path, query), "{target}");
        }
    }
}
