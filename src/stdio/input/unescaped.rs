//! Messages with escapes in them: each is whole before it is read.

use std::io;

use super::separated::Separated;
use super::whole_lines::LONGEST;
use super::{InputFault, Reader, Source, Step};
use crate::values::unescaped;
use crate::ws::{Item, Kind};

#[derive(Debug)]
pub(super) struct Unescaped {
    /// What it gives is taken for binary: it is text only once the escapes are read.
    source: Separated,
    kind: Kind,
    gathered: Vec<u8>,
    message: Vec<u8>,
}

impl Unescaped {
    pub(super) fn new(source: Separated, kind: Kind) -> Self {
        Self { source, kind, gathered: Vec::new(), message: Vec::new() }
    }
}

impl Source for Unescaped {
    fn read(&mut self) -> io::Result<()> {
        self.source.read()
    }

    fn next(&mut self) -> Result<Option<Step<'_>>, InputFault> {
        loop {
            let place = self.source.place();
            let Some(Step::Send(Item::Part { bytes, last, .. })) = self.source.next()? else { return Ok(None) };
            if self.gathered.len() + bytes.len() > LONGEST {
                return Err(InputFault::Other(format!("{place} is over 256 MiB")));
            }
            self.gathered.extend_from_slice(bytes);
            if last {
                let read = unescaped(&std::mem::take(&mut self.gathered), self.kind == Kind::Text);
                self.message = read.map_err(|why| InputFault::Other(format!("{place}: {why}")))?;
                return Ok(Some(Step::Send(Item::message(self.kind, &self.message))));
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.source.is_finished()
    }

    fn reader(&self) -> &Reader {
        self.source.reader()
    }

    fn reader_mut(&mut self) -> &mut Reader {
        self.source.reader_mut()
    }
}
