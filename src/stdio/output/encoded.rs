//! Each message as a line of hexadecimal or base64, as it arrives.

use data_encoding::{BASE64, HEXLOWER};

use super::{OutputFormat, Queue};
use crate::ws::Data;

#[derive(Debug, Default)]
pub(super) struct Hex {
    inside: bool,
}

impl OutputFormat for Hex {
    fn data(&mut self, data: &Data<'_>, out: &mut Queue) {
        out.extend_from_slice(HEXLOWER.encode(data.bytes).as_bytes());
        self.inside = !data.last;
        if data.last {
            out.push(b'\n');
        }
    }

    fn cut_off(&mut self, out: &mut Queue) {
        if std::mem::take(&mut self.inside) {
            out.push(b'\n');
        }
    }
}

/// Three bytes make four characters: up to two wait for the next part.
#[derive(Debug, Default)]
pub(super) struct Base64 {
    rest: Vec<u8>,
    inside: bool,
}

impl OutputFormat for Base64 {
    fn data(&mut self, data: &Data<'_>, out: &mut Queue) {
        self.rest.extend_from_slice(data.bytes);
        let whole = if data.last { self.rest.len() } else { self.rest.len() / 3 * 3 };
        out.extend_from_slice(BASE64.encode(&self.rest[..whole]).as_bytes());
        self.rest.drain(..whole);
        self.inside = !data.last;
        if data.last {
            out.push(b'\n');
        }
    }

    fn cut_off(&mut self, out: &mut Queue) {
        if std::mem::take(&mut self.inside) {
            out.extend_from_slice(BASE64.encode(&std::mem::take(&mut self.rest)).as_bytes());
            out.push(b'\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{Direction, Kind};

    #[test]
    fn parts_are_coded_as_one() {
        let whole: Vec<u8> = (0..100).collect();
        for size in [1, 2, 3, 4, 7, 100] {
            let (mut hex, mut base64) = (Queue::default(), Queue::default());
            let mut coder = Base64::default();
            let mut hexer = Hex::default();
            let mut parts = whole.chunks(size).peekable();
            while let Some(bytes) = parts.next() {
                let last = parts.peek().is_none();
                let data = Data {
                    direction: Direction::Received,
                    kind: Kind::Binary,
                    first: false,
                    last,
                    ends_frame: last,
                    bytes,
                    to_come: 0,
                    is_final: last,
                    compressed: false,
                    packed: b"",
                };
                hexer.data(&data, &mut hex);
                coder.data(&data, &mut base64);
            }
            assert_eq!(*base64.bytes(), format!("{}\n", BASE64.encode(&whole)).into_bytes());
            assert_eq!(*hex.bytes(), format!("{}\n", HEXLOWER.encode(&whole)).into_bytes());
        }
    }
}
