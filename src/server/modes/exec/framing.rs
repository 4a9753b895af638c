//! How messages become what a command reads, and what it writes messages.

use std::fs::File;

use crate::stdio::input::{self, InputMode, Source};
use crate::stdio::queue::Queue;
use crate::trace::record::{Extent, Record};
use crate::ws::{Assembler, Data};

/// How a command's stdin and stdout are divided into messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Lines,
    Null,
    Json,
}

impl Framing {
    /// What each is called.
    pub(crate) const NAMES: [(&'static str, Self); 3] =
        [("lines", Self::Lines), ("null", Self::Null), ("json", Self::Json)];

    /// The messages in what a command writes.
    pub(crate) fn source(self, stdout: File) -> Box<dyn Source> {
        let mode = match self {
            Self::Lines => InputMode::Lines,
            Self::Null => InputMode::Null,
            Self::Json => InputMode::Json,
        };
        input::of_command(stdout, mode)
    }
}

/// Messages on their way to a command.
#[derive(Debug)]
pub(crate) struct Framer {
    framing: Framing,
    /// For what has to be there whole.
    assembler: Assembler,
}

impl Framer {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, assembler: Assembler::default() }
    }

    /// Whether the command will take this part for more than one message.
    pub(crate) fn divides(&self, data: &Data<'_>) -> bool {
        self.framing == Framing::Lines && memchr::memchr(b'\n', data.bytes).is_some()
    }

    pub(crate) fn push(&mut self, data: &Data<'_>, out: &mut Queue) {
        let end = match self.framing {
            Framing::Lines => b'\n',
            Framing::Null => 0,
            Framing::Json => return self.push_record(data, out),
        };
        out.extend_from_slice(data.bytes);
        if data.last {
            out.push(end);
        }
    }

    fn push_record(&mut self, data: &Data<'_>, out: &mut Queue) {
        let Some((kind, content)) = self.assembler.push_owned(data) else { return };
        let length = content.len() as u64;
        let whole = Record::message(data.direction, kind, content.into(), length, Extent::default());
        // What it was on the wire isn't observed here.
        let record = Record { wire_length: None, fragments: None, compressed: None, ..whole };
        out.push_record(record, None);
    }
}
