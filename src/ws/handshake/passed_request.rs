//! A request of plain HTTP on its way through a proxy of either kind.

use super::request::Request;
use crate::http::{HttpVersion, field_line, is_of_one_connection};

impl Request {
    /// The head for the next server: in origin form (RFC 9112 §3.2.1), for one request alone, with `host` and those of `headers`
    /// that aren't of one connection. The body goes on as it is, and so does what says how long it is.
    pub fn head_for<'a>(
        &'a self,
        resource: &str,
        host: &[u8],
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Vec<u8> {
        let version = if self.version == HttpVersion::Http10 { "1.0" } else { "1.1" };
        let mut head = format!("{} {resource} HTTP/{version}\r\n", self.method).into_bytes();
        head.extend(field_line("Host", host));
        let of_body = self.headers.raw_lines().filter(|(name, _)| self.is_of_body(name));
        let passed = headers.into_iter().filter(|(name, _)| !is_of_one_connection(name));
        for (name, value) in of_body.chain(passed) {
            head.extend(field_line(name, value));
        }
        head.extend_from_slice(b"Connection: close\r\n\r\n");
        head
    }

    /// Whether a header tells of the body, or for what it waits: the server answers that, which goes back as it is (RFC 9110
    /// §10.1.1). An HTTP/1.0 client waits for nothing.
    fn is_of_body(&self, name: &str) -> bool {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        is("content-length") || is("transfer-encoding") || (is("expect") && self.version != HttpVersion::Http10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_gets_one_request_with_its_body_s_framing() {
        for (version, framing, kept) in [
            ("1.1", "Content-Length: 3\r\nExpect: 100-continue\r\n", "Content-Length: 3\r\nExpect: 100-continue\r\n"),
            ("1.1", "transfer-encoding: chunked\r\n", "transfer-encoding: chunked\r\n"),
            ("1.0", "Content-Length: 3\r\nExpect: 100-continue\r\n", "Content-Length: 3\r\n"),
        ] {
            let head = format!("PATCH /a HTTP/{version}\r\nHost: here\r\n{framing}X-Not: asked\r\n\r\n");
            let request = Request::parse_any(head.as_bytes()).unwrap().unwrap();
            let headers = [("X", &b"caf\xe9"[..]), ("Host", b"other"), ("TE", b"trailers"), ("Content-Length", b"9")];
            let sent = request.head_for("/b?c", b"there:81", headers);
            let begins = format!("PATCH /b?c HTTP/{version}\r\nHost: there:81\r\n{kept}X: caf");
            assert_eq!(sent, [begins.as_bytes(), b"\xe9\r\nConnection: close\r\n\r\n"].concat());
        }
    }
}
