//! Bytes as people read them: offset, hex, ASCII.

use std::fmt;

const PER_LINE: usize = 16;

/// A dump of at most `lines` lines, and how much was left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dump<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) lines: usize,
}

impl fmt::Display for Dump<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.bytes.chunks(PER_LINE).take(self.lines).enumerate() {
            let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
            let mut ascii = line.iter().map(|&byte| if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' });
            let separator = if number == 0 { "" } else { "\n" };
            write!(f, "{separator}{:08x}  {:<47}  |", number * PER_LINE, hex.join(" "))?;
            ascii.try_for_each(|c| write!(f, "{c}"))?;
            f.write_str("|")?;
        }
        let left = self.bytes.len().saturating_sub(self.lines * PER_LINE);
        if left > 0 { write!(f, "\n… and {left} bytes more") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_offsets_hex_and_ascii() {
        let bytes: Vec<u8> = (0x1e..0x40).collect();
        let shown = Dump { bytes: &bytes, lines: 2 }.to_string();
        assert_eq!(
            shown,
            "00000000  1e 1f 20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d  |.. !\"#$%&'()*+,-|\n\
             00000010  2e 2f 30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d  |./0123456789:;<=|\n\
             … and 2 bytes more"
        );
        assert_eq!(
            Dump { bytes: b"ab", lines: 1 }.to_string(),
            "00000000  61 62                                            |ab|"
        );
    }
}
