//! Plain HTTP beside the WebSockets: answers that open nothing.

mod files;

use std::io::{self, Read};

pub(crate) use files::Files;

/// The answer to a GET; for a HEAD its head alone is sent.
pub(crate) struct Answer {
    pub(crate) status: u16,
    content_type: &'static str,
    /// Lines of the head besides those that every answer has, each ended by CRLF.
    headers: &'static str,
    length: u64,
    pub(crate) body: Box<dyn Read>,
}

impl Answer {
    /// 200 with a body that stands in memory.
    pub(crate) fn ok(content_type: &'static str, headers: &'static str, body: Vec<u8>) -> Self {
        let length = body.len() as u64;
        Self { status: 200, content_type, headers, length, body: Box::new(io::Cursor::new(body)) }
    }

    /// 200 with the first `length` bytes of a file.
    fn file(content_type: &'static str, file: std::fs::File, length: u64) -> Self {
        // A file that grows meanwhile must not get past what the head says.
        Self { status: 200, content_type, headers: NO_SNIFFING, length, body: Box::new(file.take(length)) }
    }

    /// The head, with `headers` in it: lines that each end in CRLF.
    pub(crate) fn head(&self, headers: &str) -> Vec<u8> {
        let Self { status, content_type, headers: ours, length, .. } = self;
        format!(
            "HTTP/1.1 {status} OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n{ours}{headers}\r\n"
        )
        .into_bytes()
    }
}

/// What the head says is what it is: a text file with markup in it stays a text.
const NO_SNIFFING: &str = "X-Content-Type-Options: nosniff\r\n";
