//! Whole messages, for those who want them whole.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::event::{Data, Kind};

/// Messages that went one way, and the bytes of their content: after inflating, without frame headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    pub messages: u64,
    pub bytes: u64,
}

impl Counters {
    /// Counts part of a message, and the message with its last.
    pub fn add(&mut self, bytes: usize, last: bool) {
        self.bytes += bytes as u64;
        self.messages += u64::from(last);
    }
}

/// Gathers the content of a message until it is complete. A [`Connection`](super::Connection) has held
/// it to the size limit already, so this grows to the limit at most.
#[derive(Debug, Default)]
pub struct Assembler {
    content: Vec<u8>,
    complete: bool,
}

/// Gathers the beginning of a message, for those who need no more of a long one.
#[derive(Debug)]
pub struct Beginning {
    /// Bytes that are kept.
    limit: usize,
    content: Vec<u8>,
    /// Bytes of the message so far.
    length: u64,
}

impl Beginning {
    /// Keeps so many bytes of a message.
    pub fn new(limit: usize) -> Self {
        Self { limit, content: Vec::new(), length: 0 }
    }

    /// Takes the next part; with the last gives what is kept of the message, and how many bytes it had in all. One that
    /// came in one part isn't copied.
    pub fn push<'a>(&mut self, data: &Data<'a>) -> Option<(Cow<'a, [u8]>, u64)> {
        if data.first {
            self.clear();
        }
        self.length += data.bytes.len() as u64;
        let part = &data.bytes[..data.bytes.len().min(self.limit - self.content.len())];
        if data.first && data.last {
            return Some((part.into(), self.length));
        }
        self.content.extend_from_slice(part);
        data.last.then(|| (std::mem::take(&mut self.content).into(), self.length))
    }

    /// Forgets what there is of a message.
    pub fn clear(&mut self) {
        self.content.clear();
        self.length = 0;
    }
}

/// A whole message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    pub kind: Kind,
    pub content: &'a [u8],
}

impl Assembler {
    /// Takes the next part; gives the message with its last. A message that came in one part is
    /// passed through uncopied.
    pub fn push<'a>(&'a mut self, data: &Data<'a>) -> Option<Message<'a>> {
        if data.first && data.last {
            return Some(Message { kind: data.kind, content: data.bytes });
        }
        if std::mem::take(&mut self.complete) {
            self.content.clear();
        }
        self.content.extend_from_slice(data.bytes);
        self.complete = data.last;
        data.last.then_some(Message { kind: data.kind, content: &self.content })
    }

    /// The same for those who keep the message: gathered content is handed on uncopied.
    pub fn push_owned(&mut self, data: &Data<'_>) -> Option<(Kind, Vec<u8>)> {
        let kind = self.push(data)?.kind;
        Some((kind, self.take(data)))
    }

    /// Takes the content of the message that [`push`](Self::push) gave for `data`.
    pub fn take(&mut self, data: &Data<'_>) -> Vec<u8> {
        if data.first && data.last {
            return data.bytes.to_vec();
        }
        self.complete = false;
        std::mem::take(&mut self.content)
    }

    /// Gives memory back while no message is on its way.
    pub fn shrink(&mut self) {
        if self.complete {
            *self = Self::default();
        }
    }
}
