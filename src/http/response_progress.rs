//! How far a server has come with its answer, while what it says goes on as it comes.

use super::MAX_HEAD;
use super::body::BodyFraming;
use super::response::Response;
use super::status::HttpStatus;

/// Where the first digit of the status stands (RFC 9112 §4).
const STATUS_AT: usize = b"HTTP/1.1 ".len();

/// What is known of that. Interim responses are no answer (RFC 9110 §15.2).
#[derive(Debug)]
pub(crate) struct ResponseProgress {
    /// The answer to a HEAD has no body, whatever its head says (RFC 9110 §9.3.2).
    is_to_head: bool,
    /// Once its head has come.
    status: Option<HttpStatus>,
    part: ResponsePart,
}

/// What comes next.
#[derive(Debug)]
enum ResponsePart {
    /// More of this head.
    Head(Vec<u8>),
    Body(BodyFraming),
    /// What can't be told: this is no answer that is known here.
    Anything,
}

impl ResponseProgress {
    /// Of the answer to a request with this head.
    pub(crate) fn to(request: &[u8]) -> Self {
        Self { is_to_head: request.starts_with(b"HEAD "), status: None, part: ResponsePart::Head(Vec::new()) }
    }

    /// Takes note of what has come behind the rest.
    pub(crate) fn take(&mut self, arrived: &[u8]) {
        match &mut self.part {
            ResponsePart::Head(head) => {
                // An empty line may have begun before.
                let new = head.len().saturating_sub(2);
                head.extend_from_slice(arrived);
                let may_be_whole = [&b"\n\r\n"[..], b"\n\n"].iter().any(|end| contains(&head[new..], end));
                if may_be_whole || head.len() >= MAX_HEAD {
                    self.read_head();
                }
            }
            ResponsePart::Body(framing) => drop(framing.take(arrived)),
            ResponsePart::Anything => {}
        }
    }

    /// Reads all the heads that have come.
    fn read_head(&mut self) {
        while let ResponsePart::Head(head) = &mut self.part {
            let response = match Response::parse(head) {
                Ok(Some(response)) if response.status != HttpStatus::SWITCHING_PROTOCOLS => response,
                Ok(None) if head.len() < MAX_HEAD => return,
                _ => {
                    self.part = ResponsePart::Anything;
                    return;
                }
            };
            let behind = head.split_off(response.raw.len());
            self.part = if response.status.is_informational() {
                ResponsePart::Head(behind)
            } else {
                self.status = Some(response.status);
                let has_body = !self.is_to_head && !response.status.has_no_body();
                let mut framing = if has_body { BodyFraming::of(&response.headers) } else { BodyFraming::Length(0) };
                framing.take(&behind);
                ResponsePart::Body(framing)
            };
        }
    }

    /// What the answer is, where that is known.
    pub(crate) fn status(&self) -> Option<HttpStatus> {
        self.status
    }

    /// Whether more than interim responses has come.
    pub(crate) fn has_begun(&self) -> bool {
        match &self.part {
            ResponsePart::Head(head) => head.get(STATUS_AT).is_some_and(|digit| *digit != b'1'),
            ResponsePart::Body(_) | ResponsePart::Anything => true,
        }
    }

    /// Whether all of it has come. Of one that ends with the connection this is never known before.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(&self.part, ResponsePart::Body(framing) if framing.is_complete())
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(bytes, what).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_come_of_an_answer_is_known_by_its_framing() {
        const GET: &str = "GET / HTTP/1.1\r\n\r\n";
        const HEAD: &str = "HEAD / HTTP/1.1\r\n\r\n";
        for (request, said, expected) in [
            (GET, "", [false, false]),
            (GET, "HTTP/1.1 ", [false, false]),
            (GET, "HTTP/1.1 2", [true, false]),
            (GET, "HTTP/1.1 100 Continue\r\n\r\n", [false, false]),
            (GET, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 1", [false, false]),
            (GET, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404", [true, false]),
            (GET, "HTTP/1.1 100 Continue\n\nHTTP/1.0 200\n\nabc", [true, false]),
            (GET, "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nab", [true, false]),
            (GET, "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", [true, true]),
            (GET, "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", [true, true]),
            (GET, "HTTP/1.1 204\r\n\r\n", [true, true]),
            (GET, "HTTP/1.1 304\r\nContent-Length: 3\r\n\r\n", [true, true]),
            (HEAD, "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", [true, true]),
            (GET, "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", [true, false]),
            (GET, "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", [true, true]),
            (GET, "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", [true, false]),
            (GET, "HTTP/1.1 101 Switching Protocols\r\n\r\n", [true, false]),
            (GET, "SSH-2.0-x\r\n\r\n", [true, false]),
        ] {
            let progress = || ResponseProgress::to(request.as_bytes());
            let (mut whole, mut apart) = (progress(), progress());
            whole.take(said.as_bytes());
            said.as_bytes().chunks(1).for_each(|byte| apart.take(byte));
            for progress in [whole, apart] {
                assert_eq!([progress.has_begun(), progress.is_whole()], expected, "{request}{said}");
            }
        }
        let mut endless = ResponseProgress::to(GET.as_bytes());
        (0..MAX_HEAD).for_each(|_| endless.take(b"HTTP/1.1 200 x\r\n"));
        assert!(endless.has_begun() && !endless.is_whole());
        assert!(matches!(endless.part, ResponsePart::Anything));
    }
}
