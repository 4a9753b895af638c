//! The exact bytes of each message, as they arrive.

use super::{OutputFormat, Queue};
use crate::ws::Data;

#[derive(Debug)]
pub(super) struct Plain {
    end: Option<u8>,
    inside: bool,
}

impl Plain {
    /// `end` follows each message.
    pub(super) fn followed_by(end: Option<u8>) -> Self {
        Self { end, inside: false }
    }
}

impl OutputFormat for Plain {
    fn data(&mut self, data: &Data<'_>, out: &mut Queue) {
        out.extend_from_slice(data.bytes);
        self.inside = !data.last;
        if let (true, Some(end)) = (data.last, self.end) {
            out.push(end);
        }
    }

    fn cut_off(&mut self, out: &mut Queue) {
        if std::mem::take(&mut self.inside) {
            self.end.into_iter().for_each(|end| out.push(end));
        }
    }
}
