//! The head of a response, read leniently: a line that isn't HTTP's grammar is a fault with a name, and never hides the
//! rest of what a server had to say.

use std::fmt;

use super::MAX_HEADERS;
use super::head::{Headers, OWS, without_ows};
use super::secrets::line_without_secrets;
use super::status::HttpStatus;
use super::token::is_token;

/// Bytes of a faulty line that are shown.
const SHOWN: usize = 80;

/// The head of a response.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: HttpStatus,
    /// HTTP/1.0 is read too: it is what many a 404 comes in.
    pub is_http_1_1: bool,
    /// Folded lines are unfolded, as RFC 9112 §5.2 demands of a client.
    pub headers: Headers,
    /// What was read in spite of the grammar, or left out for it, in the order of the lines.
    pub line_faults: Vec<LineFault>,
    /// The head as it was on the wire, with the empty line.
    pub raw: Vec<u8>,
}

/// A line of a head that isn't HTTP's grammar. What is kept of the line is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineFault {
    /// Read without the blank. With the header's name.
    BlankBeforeColon(String),
    /// Kept as it is. With the header's name.
    ControlCharacter(String),
    /// A status that isn't three digits, of which the first is no 0. With the line.
    Status(String),
    /// A reason phrase with a control character. Nobody needs it.
    Reason(String),
    /// Neither `Name: value` nor the rest of the line before. It is left out.
    NotAHeader(String),
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlankBeforeColon(name) => write!(f, "{name} has a space before the colon (RFC 9112 §5.1)"),
            Self::ControlCharacter(name) => write!(f, "{name} has a control character in its value (RFC 9110 §5.5)"),
            Self::Status(line) => write!(f, "the status line \"{line}\" is malformed (RFC 9112 §4)"),
            Self::Reason(phrase) => {
                write!(f, "the reason phrase \"{phrase}\" contains a control character (RFC 9112 §4)")
            }
            Self::NotAHeader(line) => write!(f, "the line \"{line}\" is not a header (RFC 9112 §5)"),
        }
    }
}

impl std::error::Error for LineFault {}

/// Why bytes are no head of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedResponse {
    /// Something else than HTTP/1.
    NotHttp,
    /// HTTP/1 without a status code. With the line, escaped.
    StatusLine(String),
    TooManyHeaders,
}

impl fmt::Display for MalformedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp => f.write_str("it is not HTTP/1"),
            Self::StatusLine(line) => write!(f, "its status line \"{line}\" is malformed (RFC 9112 §4)"),
            Self::TooManyHeaders => write!(f, "it has over {MAX_HEADERS} headers"),
        }
    }
}

impl std::error::Error for MalformedResponse {}

impl Response {
    /// Reads a head from the front of `bytes`: `None` while it is incomplete.
    ///
    /// # Errors
    /// [`MalformedResponse`]: what has no status that could be told.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, MalformedResponse> {
        let mut lines = HeadLines { rest: bytes };
        // RFC 9112 §2.2 has it for requests, and some servers end a body with a line too many.
        while lines.rest.starts_with(b"\r\n") || lines.rest.starts_with(b"\n") {
            lines.next();
        }
        if lines.rest == b"\r" {
            return Ok(None);
        }
        const BEGINNING: &[u8] = b"HTTP/1.";
        let compared = lines.rest.len().min(BEGINNING.len());
        if lines.rest[..compared] != BEGINNING[..compared] {
            return Err(MalformedResponse::NotHttp);
        }
        let Some(line) = lines.next() else { return Ok(None) };
        let Some((is_http_1_1, status, phrase)) = status_line(line) else {
            return Err(MalformedResponse::StatusLine(shown(line)));
        };
        let mut response =
            Self { status, is_http_1_1, headers: Headers::default(), line_faults: Vec::new(), raw: Vec::new() };
        if !(100..1000).contains(&response.status.0) {
            response.line_faults.push(LineFault::Status(shown(line)));
        }
        if has_controls(phrase) {
            response.line_faults.push(LineFault::Reason(shown(phrase)));
        }
        for count in 0.. {
            match lines.next() {
                None => return Ok(None),
                Some([]) => break,
                Some(_) if count == MAX_HEADERS => return Err(MalformedResponse::TooManyHeaders),
                Some(line) => response.add(line),
            }
        }
        response.raw = bytes[..bytes.len() - lines.rest.len()].to_vec();
        Ok(Some(response))
    }

    /// What its status is called, where it says that, and may (RFC 9112 §4).
    pub(crate) fn reason_phrase(&self) -> Option<&[u8]> {
        let line = HeadLines { rest: self.raw.trim_ascii_start() }.next()?;
        let (_, _, phrase) = status_line(line)?;
        Some(phrase).filter(|phrase| !phrase.is_empty() && !has_controls(phrase))
    }

    fn add(&mut self, line: &[u8]) {
        let is_folded = matches!(line, [b' ' | b'\t', ..]);
        if is_folded && self.headers.unfold(without_ows(line)) {
            return;
        }
        let colon = line.iter().position(|&byte| byte == b':').filter(|_| !is_folded);
        let name = colon.and_then(|colon| str::from_utf8(&line[..colon]).ok());
        let (Some(colon), Some(name)) = (colon, name.filter(|name| is_token(name.trim_end_matches(OWS)))) else {
            self.line_faults.push(LineFault::NotAHeader(shown(line)));
            return;
        };
        let (known, value) = (name.trim_end_matches(OWS), without_ows(&line[colon + 1..]));
        if known != name {
            self.line_faults.push(LineFault::BlankBeforeColon(known.to_owned()));
        }
        if has_controls(value) {
            self.line_faults.push(LineFault::ControlCharacter(known.to_owned()));
        }
        self.headers.push(known, value);
    }
}

/// The lines of a head as far as they are whole, without their ends: CRLF, or LF alone (RFC 9112 §2.2).
struct HeadLines<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for HeadLines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = memchr::memchr(b'\n', self.rest)?;
        let (line, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

/// Whether it is HTTP/1.1, the status, and the reason phrase, which may be left out together with the blank before it.
fn status_line(line: &[u8]) -> Option<(bool, HttpStatus, &[u8])> {
    let (&minor, rest) = line.get(7..)?.split_first()?;
    let code = rest.trim_ascii_start();
    let (code, phrase) = code.split_at(code.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(code.len()));
    let is_apart = matches!(rest, [b' ' | b'\t', ..]) && matches!(phrase, [] | [b' ' | b'\t', ..]);
    // Three digits, the first of them no 0; others are read for what follows them.
    let is_number = (1..=4).contains(&code.len()) && !(code.len() == 3 && code[0] == b'0');
    if !minor.is_ascii_digit() || !is_apart || !is_number {
        return None;
    }
    let code = str::from_utf8(code).ok()?.parse().ok()?;
    Some((minor != b'0', HttpStatus(code), phrase.trim_ascii()))
}

/// Whether there is what RFC 9110 §5.5 allows nowhere in a head.
fn has_controls(text: &[u8]) -> bool {
    text.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t')
}

fn shown(line: &[u8]) -> String {
    let line = line_without_secrets(line);
    let cut = if line.len() > SHOWN { "…" } else { "" };
    format!("{}{cut}", line[..line.len().min(SHOWN)].escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &str) -> Response {
        for split in 0..head.len() {
            let part = Response::parse(&head.as_bytes()[..split]);
            assert!(part.unwrap().is_none(), "{split} of {head:?}");
        }
        Response::parse(format!("{head}frames").as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_head_is_read_up_to_its_end() {
        let response = parsed("HTTP/1.1 101 Switching Protocols\r\nA: b\r\nC:\t d \r\n\r\n");
        assert_eq!((response.status.0, response.is_http_1_1, response.raw.len()), (101, true, 50));
        assert_eq!((response.headers.get("a"), response.headers.get("c")), (Some("b"), Some("d")));
        assert_eq!(response.line_faults, []);
        let odd = parsed("HTTP/1.0 404\nA: b\n\n");
        assert_eq!((odd.status.0, odd.is_http_1_1, odd.headers.get("a")), (404, false, Some("b")));
        assert_eq!(parsed("\r\nHTTP/1.1 200 \r\n\r\n").status.0, 200);
    }

    #[test]
    fn folded_lines_are_unfolded() {
        let response = parsed("HTTP/1.1 403 No\r\nA: b\r\n\tc\r\n   d\r\nE: f\r\n\r\n");
        assert_eq!((response.headers.get("a"), response.headers.get("e")), (Some("b c d"), Some("f")));
        assert_eq!(response.line_faults, []);
    }

    #[test]
    fn a_faulty_line_has_a_name_and_hides_nothing() {
        let response = parsed("HTTP/1.1 403 N\x1bo\r\n X: y\r\nA : b\r\nnonsense\r\nC: \x07d\r\n: e\r\nE: f\r\n\r\n");
        let faults: Vec<_> = response.line_faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "the reason phrase \"N\\x1bo\" contains a control character (RFC 9112 §4)",
                "the line \" X: y\" is not a header (RFC 9112 §5)",
                "A has a space before the colon (RFC 9112 §5.1)",
                "the line \"nonsense\" is not a header (RFC 9112 §5)",
                "C has a control character in its value (RFC 9110 §5.5)",
                "the line \": e\" is not a header (RFC 9112 §5)",
            ]
        );
        assert_eq!((response.headers.get("a"), response.headers.get("e")), (Some("b"), Some("f")));
    }

    #[test]
    fn a_status_of_other_than_three_digits_hides_nothing() {
        for (line, status) in [("HTTP/1.1 40 No", 40), ("HTTP/1.1 9999", 9999)] {
            let response = parsed(&format!("{line}\r\nA: b\r\n\r\n"));
            assert_eq!((response.status.0, response.headers.get("a")), (status, Some("b")));
            assert_eq!(response.line_faults, [LineFault::Status(line.into())]);
        }
    }

    #[test]
    fn what_has_no_status_is_refused_as_soon_as_that_is_known() {
        let fault = |bytes: &str| Response::parse(bytes.as_bytes()).unwrap_err();
        assert_eq!(fault("SSH"), MalformedResponse::NotHttp);
        assert_eq!(fault("HTTP/2 200\r\n"), MalformedResponse::NotHttp);
        for line in
            ["HTTP/1.1 abc", "HTTP/1.1 20x", "HTTP/1.1200 OK", "HTTP/1.x 200 OK", "HTTP/1.1 20000", "HTTP/1.1 000"]
        {
            assert_eq!(fault(&format!("{line}\r\n")), MalformedResponse::StatusLine(line.into()));
        }
        assert_eq!(fault(&format!("HTTP/1.1 200\r\n{}", "a: b\r\n".repeat(125))), MalformedResponse::TooManyHeaders);
    }
}
