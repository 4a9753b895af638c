//! Bytes as people read them: offset, hex, ASCII.

use std::fmt;

use super::amount::Count;

/// Bytes a row, and half or a quarter of that where it is too wide.
const PER_LINE: usize = 16;

/// What a row of so many bytes takes, in columns.
const fn row_width(bytes: usize) -> usize {
    10 + 3 * bytes + 1 + bytes + 2
}

/// A dump of at most `lines` lines, and how much was left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dump<'a> {
    pub(crate) bytes: &'a [u8],
    /// The offset of the first of them.
    pub(crate) start: u64,
    /// All there is, where that is more.
    pub(crate) length: usize,
    pub(crate) lines: usize,
    /// Of the terminal.
    pub(crate) columns: usize,
}

/// A few bytes without an offset: `68 69  |hi|`.
pub(super) fn short_row(bytes: &[u8]) -> String {
    if bytes.is_empty() { String::new() } else { format!("{}  |{}|", hex(bytes), ascii(bytes)) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn ascii(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' }).collect()
}

impl Dump<'_> {
    /// Bytes a row, as many as there is room for.
    fn per_line(&self) -> usize {
        let fitting = [PER_LINE, PER_LINE / 2].into_iter().find(|bytes| row_width(*bytes) <= self.columns);
        fitting.unwrap_or(PER_LINE / 4)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = String> {
        let (start, per_line) = (self.start, self.per_line());
        self.bytes.chunks(per_line).take(self.lines).enumerate().map(move |(number, line)| {
            let (offset, width) = (start + (number * per_line) as u64, 3 * per_line - 1);
            format!("{offset:08x}  {:<width$}  |{}|", hex(line), ascii(line))
        })
    }
}

impl fmt::Display for Dump<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, row) in self.rows().enumerate() {
            write!(f, "{}{row}", if number == 0 { "" } else { "\n" })?;
        }
        let left = self.length.saturating_sub(self.bytes.len().min(self.lines * self.per_line()));
        if left > 0 { write!(f, "\n… and {} more", Count(left as u64, "byte")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_offsets_hex_and_ascii() {
        let bytes: Vec<u8> = (0x1e..0x40).collect();
        let shown = Dump { bytes: &bytes, start: 0, length: bytes.len(), lines: 2, columns: 80 }.to_string();
        assert_eq!(
            shown,
            "00000000  1e 1f 20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d  |.. !\"#$%&'()*+,-|\n\
             00000010  2e 2f 30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d  |./0123456789:;<=|\n\
             … and 2 bytes more"
        );
        assert_eq!(
            Dump { bytes: b"ab", start: 0, length: 2, lines: 1, columns: 80 }.to_string(),
            "00000000  61 62                                            |ab|"
        );
    }

    #[test]
    fn what_is_left_of_a_dump_is_what_has_no_row() {
        for (columns, per_line) in [(80, 16), (76, 8), (44, 4), (10, 4)] {
            let dump = Dump { bytes: &[b'x'; 100], start: 0, length: 1000, lines: 3, columns };
            let rows: Vec<_> = dump.rows().collect();
            assert_eq!((rows.len(), rows[0].matches('x').count()), (3, per_line), "{columns}");
            assert!(dump.to_string().ends_with(&format!("\n… and {} bytes more", 1000 - 3 * per_line)), "{dump}");
        }
        // Less is there than the rows have room for.
        let cut = Dump { bytes: b"ab", start: 0, length: 3, lines: 2, columns: 80 }.to_string();
        assert!(cut.ends_with("\n… and 1 byte more"), "{cut}");
    }
}
