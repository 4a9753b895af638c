//! Whether a server has begun to answer, while what it says goes on as it comes.

/// Where the first digit of the status stands (RFC 9112 §4).
const STATUS_AT: usize = b"HTTP/1.1 ".len();

/// What is known of that. Interim responses are no answer (RFC 9110 §15.2).
#[derive(Debug, Default)]
pub(crate) struct ResponseStart {
    has_begun: bool,
    /// Bytes of the head that is arriving, and the last of them.
    length: usize,
    latest: [u8; 4],
}

impl ResponseStart {
    /// Takes note of what has come behind the rest.
    pub(crate) fn take(&mut self, arrived: &[u8]) {
        for byte in arrived {
            if self.has_begun {
                return;
            }
            self.latest.rotate_left(1);
            self.latest[3] = *byte;
            self.has_begun = self.length == STATUS_AT && *byte != b'1';
            self.length += 1;
            if self.length > STATUS_AT && (self.latest == *b"\r\n\r\n" || self.latest.ends_with(b"\n\n")) {
                self.length = 0;
            }
        }
    }

    /// Whether more than interim responses has come.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interim_response_is_no_answer() {
        for (said, has_begun) in [
            ("", false),
            ("HTTP/1.1 ", false),
            ("HTTP/1.1 2", true),
            ("HTTP/1.1 100 Continue\r\n\r\n", false),
            ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 1", false),
            ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404", true),
            ("HTTP/1.1 100 Continue\n\nHTTP/1.0 200", true),
        ] {
            let (mut whole, mut apart) = (ResponseStart::default(), ResponseStart::default());
            whole.take(said.as_bytes());
            said.as_bytes().chunks(1).for_each(|byte| apart.take(byte));
            assert_eq!((whole.has_begun(), apart.has_begun()), (has_begun, has_begun), "{said:?}");
        }
    }
}
