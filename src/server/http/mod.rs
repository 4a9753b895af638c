//! Plain HTTP beside the WebSockets: answers that open nothing.

mod files;

use std::io::{self, Read};

pub(crate) use files::Files;
#[cfg(fuzzing)]
pub(crate) use files::relative as relative_path;

use crate::http::HttpStatus;

/// The answer to a request; to a HEAD its head alone is sent.
pub(crate) struct PlainResponse {
    pub(crate) status: HttpStatus,
    /// The type of the content; none where there is no content.
    content_type: Option<&'static str>,
    /// Lines of the head besides those that every answer has, each ended by CRLF.
    headers: &'static str,
    /// Of the content, in bytes.
    pub(crate) length: u64,
    pub(crate) body: Box<dyn Read>,
}

/// Whether another request may follow on the connection, and what the client has to be told for that (RFC 9112 §9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persistence {
    Close,
    /// As HTTP/1.1 has it.
    Persistent,
    /// As a client of HTTP/1.0 has asked for it.
    KeepAlive,
}

impl Persistence {
    fn header(self) -> &'static str {
        match self {
            Self::Close => "Connection: close\r\n",
            Self::Persistent => "",
            Self::KeepAlive => "Connection: keep-alive\r\n",
        }
    }
}

impl PlainResponse {
    /// 200 with a body that stands in memory.
    pub(crate) fn ok(content_type: &'static str, headers: &'static str, body: Vec<u8>) -> Self {
        let length = body.len() as u64;
        Self::of(content_type, headers, length, Box::new(io::Cursor::new(body)))
    }

    /// 204 (RFC 9110 §9.3.7): what may be asked of any path. It has nothing that a web page would be kept from.
    pub(crate) fn options() -> Self {
        let headers = "Allow: GET, HEAD, OPTIONS\r\n";
        Self { status: HttpStatus::NO_CONTENT, content_type: None, headers, length: 0, body: Box::new(io::empty()) }
    }

    /// 200 with the first `length` bytes of a file.
    fn file(content_type: &'static str, file: std::fs::File, length: u64) -> Self {
        Self::of(content_type, OF_A_FILE, length, Box::new(file))
    }

    fn of(content_type: &'static str, headers: &'static str, length: u64, body: Box<dyn Read>) -> Self {
        Self { status: HttpStatus::OK, content_type: Some(content_type), headers, length, body }
    }

    /// The head, with `headers` in it: lines that each end in CRLF.
    pub(crate) fn head(&self, headers: &str, persistence: Persistence) -> Vec<u8> {
        let Self { status, content_type, headers: ours, length, .. } = self;
        // Where there is no content, not even its length is told (RFC 9110 §8.6).
        let content = content_type
            .map(|name| format!("Content-Type: {name}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n"));
        let (content, connection) = (content.unwrap_or_default(), persistence.header());
        format!("HTTP/1.1 {status}\r\n{content}{connection}{ours}{headers}\r\n").into_bytes()
    }
}

/// What the head says is what it is: a text file with markup in it stays a text. No page of another origin gets to embed it.
const OF_A_FILE: &str = "X-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n";
