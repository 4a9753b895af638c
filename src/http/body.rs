//! The body of an answer that isn't 101 (RFC 9112 §6), for people to read.

use super::digits::{decimal, hexadecimal};
use super::gzip;
use super::head::{Headers, list_elements};
use super::response::Response;
use super::token::is_token;

/// How the end of a body is found.
#[derive(Debug, Clone)]
pub(crate) enum BodyFraming {
    Length(u64),
    Chunked(ChunkedBody),
    /// With the connection.
    End,
}

/// Gathers a body as it arrives.
#[derive(Debug)]
pub struct BodyReader {
    framing: BodyFraming,
    coding: BodyCoding,
    limit: usize,
    /// What has arrived, without the framing.
    content: Vec<u8>,
}

/// What was done to a body before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyCoding {
    /// Nothing that is undone here.
    None,
    /// The content is gzip (RFC 9110 §8.4.1.3).
    Gzip,
    /// It was sent as gzip, whatever the content is (RFC 9112 §7).
    TransferGzip,
    /// It was sent in a way that isn't known here.
    Unknown,
}

/// What a body came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BodyContent {
    pub bytes: Vec<u8>,
    /// There was more.
    pub cut: bool,
    /// It ended before its length, or its last chunk, had come.
    pub broken_off: bool,
    /// Its chunked coding ends where it isn't that any more; what follows there is kept as it came.
    pub malformed: bool,
    /// It isn't what its Content-Encoding says any more: that was gzip.
    pub inflated: bool,
    /// It was sent in a transfer coding that is still in it.
    pub encoded: bool,
}

impl BodyContent {
    /// Whether this is all of it, and nothing else.
    pub fn is_whole(&self) -> bool {
        !self.cut && !self.broken_off && !self.malformed && !self.encoded
    }
}

/// An answer that didn't open a connection, whole.
#[derive(Debug, Clone)]
pub struct ResponseWithBody {
    pub response: Response,
    /// The head of the request, which says what is secret in the answer.
    pub request: Vec<u8>,
    pub content: BodyContent,
}

impl BodyFraming {
    /// RFC 9112 §6.3: a coding that isn't chunked in the end, or a length that is none, leaves the end of the connection.
    pub(crate) fn of(headers: &Headers) -> Self {
        if headers.contains("transfer-encoding") {
            let last = headers.all("transfer-encoding").flat_map(list_elements).last();
            let is_chunked = last.is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
            return if is_chunked { Self::Chunked(ChunkedBody::default()) } else { Self::End };
        }
        let mut lengths = headers.all("content-length").flat_map(list_elements);
        let length = lengths.next().filter(|first| lengths.all(|other| other == *first)).and_then(decimal);
        length.map_or(Self::End, Self::Length)
    }

    /// How many of these bytes, which come next, are of the body.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Length(left) => {
                let count = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= count as u64;
                count
            }
            Self::Chunked(chunks) => chunks.push(bytes, &mut |_| {}),
            Self::End => bytes.len(),
        }
    }

    /// Whether nothing more is of it. Of one that ends with the connection this isn't known before.
    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunks) => chunks.part == ChunkPart::End,
            Self::End => false,
        }
    }

    /// Whether it isn't in chunks as its head says.
    pub(crate) fn is_malformed(&self) -> bool {
        matches!(self, Self::Chunked(chunks) if chunks.is_malformed())
    }
}

impl BodyCoding {
    fn of(headers: &Headers) -> Self {
        let is_gzip = |coding: &str| coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip");
        let sent: Vec<_> = headers.list("transfer-encoding").collect();
        match sent.as_slice() {
            // RFC 9112 §6.1: chunked comes last.
            [] | [_] if sent.iter().all(|coding| coding.eq_ignore_ascii_case("chunked")) => {
                if headers.list("content-encoding").any(is_gzip) { Self::Gzip } else { Self::None }
            }
            [coding] | [coding, _] if is_gzip(coding) && !headers.list("content-encoding").any(is_gzip) => {
                Self::TransferGzip
            }
            _ => Self::Unknown,
        }
    }
}

impl BodyReader {
    /// The body of `response`, of which `limit` bytes are kept.
    pub fn new(response: &Response, limit: usize) -> Self {
        let headers = &response.headers;
        let framing = if response.status.has_no_body() { BodyFraming::Length(0) } else { BodyFraming::of(headers) };
        Self { framing, coding: BodyCoding::of(headers), limit, content: Vec::new() }
    }

    /// Whether its head says how long it is.
    pub fn has_length(&self) -> bool {
        matches!(self.framing, BodyFraming::Length(_))
    }

    /// Takes what has arrived. Returns whether more is wanted.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        let complete = match &mut self.framing {
            BodyFraming::Length(length) => {
                let left = length.saturating_sub(self.content.len() as u64);
                self.content.extend_from_slice(&bytes[..bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX))]);
                self.content.len() as u64 >= *length
            }
            BodyFraming::Chunked(chunks) => {
                chunks.push(bytes, &mut |data| self.content.extend_from_slice(data));
                chunks.has_all_content()
            }
            BodyFraming::End => {
                self.content.extend_from_slice(bytes);
                false
            }
        };
        // gzip may be a little longer than what is in it.
        !complete && self.content.len() <= self.limit.saturating_add(4096)
    }

    /// The decoded body, as far as it came.
    pub fn finish(self) -> BodyContent {
        let broken_off = match &self.framing {
            BodyFraming::Length(length) => (self.content.len() as u64) < *length,
            BodyFraming::Chunked(chunks) => !chunks.has_all_content(),
            BodyFraming::End => false,
        };
        let mut content = self.content;
        let has_gzip = matches!(self.coding, BodyCoding::Gzip | BodyCoding::TransferGzip);
        let readable = has_gzip.then(|| gzip::readable(&content, self.limit.saturating_add(1))).flatten();
        let inflated = readable.is_some();
        let encoded = self.coding == BodyCoding::Unknown || (self.coding == BodyCoding::TransferGzip && !inflated);
        content = readable.unwrap_or(content);
        let cut = content.len() > self.limit;
        content.truncate(self.limit);
        let malformed = self.framing.is_malformed();
        let inflated = inflated && self.coding == BodyCoding::Gzip;
        BodyContent { bytes: content, cut, broken_off: broken_off && !cut, malformed, inflated, encoded }
    }
}

/// The chunked transfer coding (RFC 9112 §7.1), taken off as it arrives.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChunkedBody {
    part: ChunkPart,
    /// The line that is arriving.
    line: Vec<u8>,
    /// Only what is as RFC 9112 §7.1 has it is a chunk.
    is_strict: bool,
}

/// What comes next of a chunked body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum ChunkPart {
    /// A chunk's first line.
    #[default]
    Head,
    /// So many bytes of a chunk.
    Data(u64),
    /// The line break behind a chunk.
    DataEnd,
    /// Behind the last chunk: headers up to an empty line (§7.1.2).
    Trailers,
    /// Nothing: what follows doesn't belong to it.
    End,
    /// The same, because what came was no chunk.
    Malformed,
}

/// A chunk's first line, and a trailer, is shorter than this, or isn't one.
const LONGEST_LINE: usize = 4096;

impl ChunkedBody {
    /// One that goes on unchanged to somebody who has to find its end in the same place: lines end in CRLF, and there is nothing around
    /// a length.
    pub(crate) fn strict() -> Self {
        Self { is_strict: true, ..Self::default() }
    }

    /// Gives `content` what is in the chunks. Returns how many of the bytes belong to the body.
    pub(crate) fn push(&mut self, bytes: &[u8], content: &mut dyn FnMut(&[u8])) -> usize {
        let mut rest = bytes;
        while let Some((&first, behind)) = rest.split_first() {
            match &mut self.part {
                ChunkPart::Data(left) => {
                    let count = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    content(&rest[..count]);
                    *left -= count as u64;
                    rest = &rest[count..];
                    if *left == 0 {
                        self.part = ChunkPart::DataEnd;
                    }
                }
                ChunkPart::End | ChunkPart::Malformed => break,
                ChunkPart::Head | ChunkPart::DataEnd | ChunkPart::Trailers => {
                    rest = behind;
                    self.line.push(first);
                    if first == b'\n' || self.line.len() > LONGEST_LINE {
                        let line = std::mem::take(&mut self.line);
                        self.part = self.part.behind(&line, self.is_strict);
                        if self.part == ChunkPart::Malformed {
                            // What is no chunk may still be worth reading, as far as it came together with what was one.
                            content(&line);
                            content(rest);
                            rest = &[];
                        }
                    }
                }
            }
        }
        bytes.len() - rest.len()
    }

    /// Whether the last chunk has come: trailers may follow.
    fn has_all_content(&self) -> bool {
        matches!(self.part, ChunkPart::Trailers | ChunkPart::End | ChunkPart::Malformed)
    }

    /// Whether what came was no chunk.
    fn is_malformed(&self) -> bool {
        self.part == ChunkPart::Malformed
    }
}

impl ChunkPart {
    /// What comes behind a line.
    fn behind(&self, line: &[u8], is_strict: bool) -> Self {
        let is_empty = matches!(line, b"\r\n" | b"\n");
        match self {
            _ if !line.ends_with(if is_strict { b"\r\n" } else { b"\n" }) => Self::Malformed,
            Self::Head if is_strict && !is_strict_head(line) => Self::Malformed,
            Self::DataEnd if is_empty => Self::Head,
            Self::DataEnd => Self::Malformed,
            Self::Trailers if is_empty => Self::End,
            Self::Trailers if is_strict && !is_strict_trailer(line) => Self::Malformed,
            Self::Trailers => Self::Trailers,
            _ => match chunk_length(line) {
                Some(0) => Self::Trailers,
                Some(length) => Self::Data(length),
                None => Self::Malformed,
            },
        }
    }
}

/// Digits, and an extension or nothing behind them.
fn is_strict_head(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    digits > 0 && matches!(line[digits..], [b';', ..] | [b'\r', b'\n']) && has_no_controls(&line[..line.len() - 2])
}

/// A name, a colon and a value (RFC 9112 §5).
fn is_strict_trailer(line: &[u8]) -> bool {
    let line = &line[..line.len() - 2];
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    name.len() < line.len() && str::from_utf8(name).is_ok_and(is_token) && has_no_controls(line)
}

/// Somebody might take one for the end of a line.
fn has_no_controls(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control())
}

fn chunk_length(line: &[u8]) -> Option<u64> {
    hexadecimal(str::from_utf8(line).ok()?.split(';').next()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(head: &str, bytes: &[u8], limit: usize) -> (BodyContent, bool) {
        let head = format!("HTTP/1.1 404 Not Found\r\n{head}\r\n");
        let response = Response::parse(head.as_bytes()).unwrap().unwrap();
        let mut body = BodyReader::new(&response, limit);
        let mut more = true;
        for byte in bytes.chunks(1) {
            more = body.push(byte);
        }
        (body.finish(), more)
    }

    fn content(bytes: &[u8], cut: bool) -> BodyContent {
        BodyContent { bytes: bytes.to_vec(), cut, ..BodyContent::default() }
    }

    fn broken_off(bytes: &[u8]) -> BodyContent {
        BodyContent { broken_off: true, ..content(bytes, false) }
    }

    #[test]
    fn what_was_done_to_a_body_is_undone_or_told() {
        // A block that is stored (RFC 1951 §3.2.4), and a checksum that nobody looks at.
        let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x03\0\xfc\xffabc\xc2\x41\x24\x35\x03\0\0\0";
        let chunked = [format!("{:x}\r\n", gzip.len()).as_bytes(), gzip, b"\r\n0\r\n\r\n"].concat();
        let of = |head: &str, bytes: &[u8]| {
            let content = body(head, bytes, 100).0;
            (content.bytes.clone(), content.inflated, content.is_whole())
        };
        let content = "Content-Encoding: gzip\r\n";
        assert_eq!(of(content, gzip), (b"abc".to_vec(), true, true));
        assert_eq!(of(content, b"abc"), (b"abc".to_vec(), false, true), "it is no gzip");
        let sent = "Transfer-Encoding: gzip, chunked\r\n";
        assert_eq!(of(sent, &chunked), (b"abc".to_vec(), false, true));
        assert_eq!(of(sent, b"3\r\nabc\r\n0\r\n\r\n"), (b"abc".to_vec(), false, false));
        assert_eq!(of("Transfer-Encoding: x-gzip\r\n", gzip), (b"abc".to_vec(), false, true));
        for sent in ["br, chunked", "deflate", "gzip, gzip, chunked"] {
            assert!(!of(&format!("Transfer-Encoding: {sent}\r\n"), &chunked).2, "{sent}");
        }
        assert!(!of("Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n", &chunked).2);
    }

    #[test]
    fn bodies_end_where_their_framing_says() {
        assert_eq!(body("Content-Length: 3\r\n", b"abcdef", 100), (content(b"abc", false), false));
        assert_eq!(body("Content-Length: 9\r\n", b"abc", 100), (broken_off(b"abc"), true));
        assert_eq!(body("", b"abc", 100), (content(b"abc", false), true));
        let chunked = "Transfer-Encoding: chunked\r\n";
        assert_eq!(body(chunked, b"2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 100), (content(b"abc", false), false));
        assert_eq!(body(chunked, b"ff\r\nabc", 100), (broken_off(b"abc"), true));
        assert_eq!(body(chunked, b"ffffffffffffffff\r\nabc", 100), (broken_off(b"abc"), true));
        assert_eq!(body("", b"abcdef", 4), (content(b"abcd", true), true));
    }

    #[test]
    fn a_framing_that_is_none_leaves_the_end_of_the_connection() {
        for head in ["Content-Length: +3\r\n", "Content-Length: 3\r\nContent-Length: 2\r\n", "Content-Length: 3, 2\r\n"]
        {
            assert_eq!(body(head, b"abcdef", 100), (content(b"abcdef", false), true), "{head}");
        }
        assert_eq!(body("Content-Length: 3, 3\r\n", b"abcdef", 100), (content(b"abc", false), false));
        let chunks = b"1\r\na\r\n0\r\n\r\n";
        for (coding, is_chunked) in
            [("chunked", true), ("gzip, Chunked", true), ("chunked, gzip", false), ("x-chunked", false), ("", false)]
        {
            let head = format!("Content-Length: 3\r\nTransfer-Encoding: {coding}\r\n");
            let bytes = if is_chunked { b"a" } else { &chunks[..] };
            let encoded = !["chunked", ""].contains(&coding);
            let expected = BodyContent { encoded, ..content(bytes, false) };
            assert_eq!(body(&head, chunks, 100), (expected, !is_chunked), "{coding}");
        }
        let response = Response::parse(b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap().unwrap();
        assert!(!BodyReader::new(&response, 100).push(b"1\r\na\r\n"));
        let signed = "Transfer-Encoding: chunked\r\n";
        let (kept, _) = body(signed, b"+1\r\na\r\n0\r\n\r\n", 100);
        assert!(kept.malformed && kept.bytes.starts_with(b"+1\r\n"), "{kept:?}");
    }

    #[test]
    fn what_ends_too_early_is_known() {
        for (head, bytes, is_broken_off) in [
            ("Content-Length: 3\r\n", &b"abc"[..], false),
            ("Content-Length: 4\r\n", b"abc", true),
            ("Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n0\r\n", false),
            ("Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n", true),
            ("", b"abc", false),
        ] {
            let content = body(head, bytes, 100).0;
            assert_eq!((content.broken_off, content.is_whole()), (is_broken_off, !is_broken_off), "{head}");
        }
        assert!(!body("Content-Length: 4\r\n", b"abcd", 2).0.broken_off);
    }

    #[test]
    fn what_is_no_chunk_is_kept_as_it_came() {
        let response = Response::parse(b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap().unwrap();
        let mut reader = BodyReader::new(&response, 100);
        assert!(!reader.push(b"2\r\nab\r\n{\"error\":\"x\"}\r\nmore"));
        let expected =
            BodyContent { bytes: b"ab{\"error\":\"x\"}\r\nmore".to_vec(), malformed: true, ..BodyContent::default() };
        assert_eq!(reader.finish(), expected);
    }

    #[test]
    fn gzip_is_decoded_with_every_optional_field() {
        let mut gzip = vec![0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, b'x', b'y'];
        gzip.extend(b"name\0comment\0cc");
        // A stored block (RFC 1951 §3.2.4).
        gzip.extend(b"\x01\x05\x00\xfa\xffhello");
        let head = format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", gzip.len());
        let inflated = |bytes, cut| BodyContent { inflated: true, ..content(bytes, cut) };
        assert_eq!(body(&head, &gzip, 100).0, inflated(b"hello", false));
        assert_eq!(body(&head, &gzip, 4).0, inflated(b"hell", true));
        let head = "Content-Encoding: gzip\r\nContent-Length: 8\r\n";
        assert_eq!(body(head, b"not gzip", 100).0, content(b"not gzip", false));
        // What is cut off is read as far as it goes, and so is what follows in another member.
        let cut = body("Content-Encoding: gzip\r\n", &gzip[..gzip.len() - 2], 100).0;
        assert_eq!(cut, inflated(b"hel", false));
        let twice = [&gzip[..], &[0; 8], &gzip, &[0; 8], b"rest"].concat();
        assert_eq!(body("Content-Encoding: gzip\r\n", &twice, 100).0, inflated(b"hellohello", false));
    }
}
