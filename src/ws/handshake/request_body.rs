//! The body of a request that is passed on: where it ends, which everybody on the way must find at the same place.

use super::refusal::Refusal;
use crate::http::{BodyFraming, ChunkedBody, Headers, HttpVersion};

/// The body of a request that is passed on as it is: where it ends.
#[derive(Debug)]
pub struct RequestBody(BodyFraming);

impl RequestBody {
    /// What a request with these headers has behind its head.
    ///
    /// # Errors
    /// 400 where others might find another end (RFC 9112 §6.1, §6.3): then what follows would be somebody else's request.
    pub(crate) fn of(headers: &Headers, version: HttpVersion) -> Result<Self, Refusal> {
        let has = |name| headers.contains(name);
        let ambiguous = |why| Err(Refusal::bad_request(why));
        if has("transfer-encoding") && (has("content-length") || version == HttpVersion::Http10) {
            return ambiguous("the request says the length of its body in two ways (RFC 9112 §6.1)");
        }
        // One length, said once; no coding but one: of others each reader makes its own.
        let is_digits = |length: String| length.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = !headers.is_twice("content-length")
            && !headers.is_twice("transfer-encoding")
            && headers.all_shown("content-length").all(is_digits)
            && headers.all_shown("transfer-encoding").all(|coding| coding.eq_ignore_ascii_case("chunked"));
        match BodyFraming::of(headers) {
            _ if !is_plain => ambiguous("where the request's body ends can't be told (RFC 9112 §6.3)"),
            BodyFraming::End if !has("content-length") && !has("transfer-encoding") => Ok(Self(BodyFraming::Length(0))),
            BodyFraming::End => ambiguous("where the request's body ends can't be told (RFC 9112 §6.3)"),
            BodyFraming::Chunked(_) => Ok(Self(BodyFraming::Chunked(ChunkedBody::strict()))),
            framing => Ok(Self(framing)),
        }
    }

    /// Whether nothing is of it.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.0, BodyFraming::Length(0))
    }

    /// How many of these bytes, which come next, are of the body.
    ///
    /// # Errors
    /// What is no chunk (RFC 9112 §7.1).
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, MalformedChunk> {
        let count = self.0.take(bytes);
        if self.0.is_malformed() { Err(MalformedChunk) } else { Ok(count) }
    }
}

/// A body that isn't in chunks, as its head has announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedChunk;

impl MalformedChunk {
    /// In words.
    pub const WHY: &str = "the request's body isn't in chunks as its head says (RFC 9112 §7.1)";
}

#[cfg(test)]
mod tests {
    use crate::ws::handshake::{MalformedChunk, Request};

    fn taken(head: &str, bytes: &[u8]) -> Result<usize, MalformedChunk> {
        let request = Request::parse_any(format!("{head}\r\nHost: a\r\n\r\n").as_bytes()).unwrap().unwrap();
        let mut body = request.body().unwrap();
        // At every split.
        bytes.iter().try_fold(0, |taken, byte| Ok(taken + body.take(&[*byte])?))
    }

    #[test]
    fn a_body_ends_where_its_framing_says() {
        let length = "POST / HTTP/1.1\r\nContent-Length: 3";
        assert_eq!(taken(length, b"abcGET /"), Ok(3));
        assert_eq!(taken("GET / HTTP/1.1", b"GET /"), Ok(0));
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked";
        let body = b"2;x=y\r\nab\r\n0\r\nX: trailer\r\n\r\n";
        assert_eq!(taken(chunked, &[&body[..], b"GET /"].concat()), Ok(body.len()));
        assert_eq!(taken(chunked, b"0\r\n\r\nGET /"), Ok(5));
        for body in [
            "+1\r\na",
            "1\r\nabc\r\n",
            "1\nab\r\n",
            "1\r\na\n0\r\n\r\n",
            "1;x\ny\r\na\r\n",
            "1;x\ry\r\na\r\n",
            " 1\r\na\r\n",
            "1 \r\na\r\n",
            "0\r\n\n",
            "0\r\nX: y\n\r\n",
            "0\r\n\r\r\nGET / HTTP/1.1\r\n\r\n",
            "0\r\nX: a\rb\r\n\r\n",
            "0\r\nX y: z\r\n\r\n",
            "0\r\nX\r\n\r\n",
            "1;x\0y\r\na\r\n",
            ";x\r\n",
        ] {
            assert_eq!(taken(chunked, body.as_bytes()), Err(MalformedChunk), "{body:?}");
        }
    }
}
