//! Messages on a terminal: made safe, and so whole, and folded to its width, so that no message can go on where the next
//! one would begin.

use super::{Columns, Format};
use crate::view::message::Shown;
use crate::view::spans::Folding;
use crate::ws::{Assembler, Data};

#[derive(Debug)]
pub(super) struct Screen {
    assembler: Assembler,
    columns: Columns,
}

impl Screen {
    pub(super) fn new(columns: Columns) -> Self {
        Self { assembler: Assembler::default(), columns }
    }
}

impl Format for Screen {
    fn data(&mut self, data: &Data<'_>, out: &mut Vec<u8>) {
        let Some(message) = self.assembler.push(data) else { return };
        // The time may stand before the message.
        let line_start = memchr::memrchr(b'\n', out).map_or(0, |at| at + 1);
        let mut before = String::from_utf8_lossy(&out[line_start..]).into_owned();
        let mut shown = String::new();
        for line in Shown(message).to_string().split_inclusive('\n') {
            Folding::behind(&before, (self.columns)()).push(line.trim_end_matches('\n'), &mut shown);
            before.clear();
            if line.ends_with('\n') {
                shown.push('\n');
            }
        }
        out.extend_from_slice(shown.as_bytes());
        out.push(b'\n');
    }

    fn cut_off(&mut self, _out: &mut Vec<u8>) {
        self.assembler = Assembler::default();
    }
}
