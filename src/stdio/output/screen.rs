//! Messages on a terminal: made safe, and so whole.

use super::Format;
use crate::view::message::Shown;
use crate::ws::{Assembler, Data};

#[derive(Debug, Default)]
pub(super) struct Screen(Assembler);

impl Format for Screen {
    fn data(&mut self, data: &Data<'_>, out: &mut Vec<u8>) {
        if let Some(message) = self.0.push(data) {
            out.extend_from_slice(Shown(message).to_string().as_bytes());
            out.push(b'\n');
        }
    }

    fn cut_off(&mut self, _out: &mut Vec<u8>) {
        self.0 = Assembler::default();
    }
}
