//! The frame header, as it stands on the wire (RFC 6455 §5.2), and masking (§5.3).

use std::io::Cursor;

pub use tungstenite::protocol::frame::FrameHeader;
pub use tungstenite::protocol::frame::coding::{Control, Data as DataOpcode, OpCode};

/// The longest header: two bytes, a 64-bit length and a masking key.
pub(super) const MAX_HEADER: usize = 14;

/// The longest payload of a control frame, in bytes (§5.5).
pub(super) const MAX_CONTROL_PAYLOAD: u64 = 125;

/// A header that has arrived, not yet judged: reserved opcodes and bits, wrong masking and
/// wasteful lengths are all kept, for a debugger must show the frame that it rejects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub header: FrameHeader,
    /// Payload length in bytes, as claimed.
    pub length: u64,
    /// Bytes that the header itself took.
    pub size: usize,
}

impl Head {
    /// Reads a header from the front of `bytes`; `None` while it is incomplete.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let (header, length) = match FrameHeader::parse(&mut cursor) {
            Ok(parsed) => parsed?,
            Err(_) => return Self::parse_reserved(bytes),
        };
        Some(Self { header, length, size: cursor.position() as usize })
    }

    /// tungstenite drops a header whose opcode is reserved. We let it read the same header with a
    /// known opcode, and put the real one back.
    #[cold]
    fn parse_reserved(bytes: &[u8]) -> Option<Self> {
        let mut copy = [0; MAX_HEADER];
        let known = bytes.len().min(MAX_HEADER);
        copy[..known].copy_from_slice(&bytes[..known]);
        let opcode = copy[0] & 0x0f;
        copy[0] &= 0xf0;
        let mut cursor = Cursor::new(&copy[..known]);
        let (mut header, length) = FrameHeader::parse(&mut cursor).ok()??;
        header.opcode = OpCode::from(opcode);
        Some(Self { header, length, size: cursor.position() as usize })
    }

    pub fn is_control(&self) -> bool {
        matches!(self.header.opcode, OpCode::Control(_))
    }

    /// Whether the length was written in as few bytes as it needs (§5.2).
    pub fn is_minimal(&self) -> bool {
        self.size == self.header.len(self.length)
    }
}

/// Appends the header of a frame with `length` bytes of payload.
pub fn put_header(header: &FrameHeader, length: u64, out: &mut Vec<u8>) {
    header.format(length, out).expect("writing to memory can't fail");
}

/// XORs `bytes` with the masking key, where `offset` is how far into the payload they begin
/// (§5.3). Masking and unmasking are the same.
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4], offset: usize) {
    let mut key = u32::from_ne_bytes(key);
    let turn = (offset as u32 & 3) * 8;
    key = if cfg!(target_endian = "little") { key.rotate_right(turn) } else { key.rotate_left(turn) };
    let wide = u64::from(key) << 32 | u64::from(key);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.to_ne_bytes().into_iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_agrees_with_the_definition_at_every_offset_and_length() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let plain: Vec<u8> = (0..100).collect();
        for offset in 0..9 {
            for length in 0..plain.len() {
                let mut masked = plain[..length].to_vec();
                apply_mask(&mut masked, key, offset);
                // §5.3: transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4)
                let defined: Vec<u8> = (0..length).map(|i| plain[i] ^ key[(i + offset) % 4]).collect();
                assert_eq!(masked, defined, "offset {offset}, length {length}");
            }
        }
    }

    #[test]
    fn every_first_byte_is_read_and_written_back() {
        for first in 0..=255u8 {
            let bytes = [first, 0x85, 1, 2, 3, 4];
            let head = Head::parse(&bytes).unwrap();
            assert_eq!((head.length, head.size), (5, 6));
            let mut again = Vec::new();
            put_header(&head.header, head.length, &mut again);
            assert_eq!(again, bytes);
        }
    }

    #[test]
    fn a_header_is_incomplete_until_its_last_byte() {
        for whole in [&b"\x82\x05"[..], b"\x8b\xfe\x01\x00abcd", b"\x82\xff\0\0\0\0\0\x01\0\0abcd"] {
            for cut in 0..whole.len() {
                assert_eq!(Head::parse(&whole[..cut]), None);
            }
            assert_eq!(Head::parse(whole).unwrap().size, whole.len());
        }
    }

    #[test]
    fn wasteful_lengths_are_noticed() {
        assert!(Head::parse(b"\x82\x7d").unwrap().is_minimal());
        assert!(!Head::parse(b"\x82\x7e\x00\x7d").unwrap().is_minimal());
        assert!(Head::parse(b"\x82\x7e\x00\x7e").unwrap().is_minimal());
        assert!(!Head::parse(b"\x82\x7f\0\0\0\0\0\0\xff\xff").unwrap().is_minimal());
        assert!(Head::parse(b"\x82\x7f\0\0\0\0\0\x01\0\0").unwrap().is_minimal());
    }
}
