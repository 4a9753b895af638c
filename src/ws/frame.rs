//! The frame header, as it stands on the wire (RFC 6455 §5.2), and masking (§5.3).

pub use tungstenite::protocol::frame::FrameHeader;
pub use tungstenite::protocol::frame::coding::{Control, Data as DataOpcode, OpCode};

/// The longest header: two bytes, a 64-bit length and a masking key.
pub(super) const MAX_HEADER: usize = 14;

/// The longest payload of a control frame, in bytes (§5.5).
pub(super) const MAX_CONTROL_PAYLOAD: u64 = 125;

/// A header that has arrived, not yet judged: reserved opcodes and bits, wrong masking and
/// wasteful lengths are all kept, for a debugger must show the frame that it rejects. (tungstenite's
/// parser drops the first and hides the last.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// FIN, RSV1 to RSV3 and the opcode, as they came.
    first: u8,
    pub mask: Option<[u8; 4]>,
    /// Payload length in bytes, as claimed.
    pub length: u64,
    /// Bytes that the header itself took.
    pub size: usize,
}

impl Head {
    /// Reads a header from the front of `bytes`; `None` while it is incomplete.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[first, second, ref rest @ ..] = bytes else { return None };
        let (length, rest) = match second & 0x7f {
            126 => rest.split_first_chunk().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
            127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
            short => (u64::from(short), rest),
        };
        let (mask, rest) = match second & 0x80 {
            0 => (None, rest),
            _ => rest.split_first_chunk().map(|(key, rest)| (Some(*key), rest))?,
        };
        Some(Self { first, mask, length, size: bytes.len() - rest.len() })
    }

    pub fn is_final(&self) -> bool {
        self.first & 0x80 != 0
    }

    /// RSV1, which permessage-deflate gives a meaning (RFC 7692 §6).
    pub fn rsv1(&self) -> bool {
        self.first & 0x40 != 0
    }

    /// RSV2 or RSV3, which nothing gives one.
    pub(super) fn has_rsv2_or_rsv3(&self) -> bool {
        self.first & 0x30 != 0
    }

    pub fn opcode(&self) -> OpCode {
        OpCode::from(self.first & 0x0f)
    }

    /// Opcodes with their top bit set are control frames, the reserved ones among them (§5.5).
    pub fn is_control(&self) -> bool {
        self.first & 0x08 != 0
    }

    /// Whether this is a message by itself that isn't compressed.
    pub(super) fn is_plain_message(&self) -> bool {
        matches!(self.first, 0x81 | 0x82)
    }

    /// Bytes of extended payload length.
    pub(super) fn length_bytes(&self) -> usize {
        self.size - 2 - if self.mask.is_some() { 4 } else { 0 }
    }

    /// Whether the length was written in as few bytes as it needs, and without its top bit (§5.2).
    pub fn has_lawful_length(&self) -> bool {
        match self.length_bytes() {
            0 => true,
            2 => self.length > 125,
            _ => self.length > 0xffff && self.length >> 63 == 0,
        }
    }

    /// The same as tungstenite's type.
    pub fn header(&self) -> FrameHeader {
        FrameHeader {
            is_final: self.is_final(),
            rsv1: self.rsv1(),
            rsv2: self.first & 0x20 != 0,
            rsv3: self.first & 0x10 != 0,
            opcode: self.opcode(),
            mask: self.mask,
        }
    }
}

/// Appends the header of a frame with `length` bytes of payload, in as few bytes as it needs (§5.2).
#[inline]
pub fn put_header(header: &FrameHeader, length: u64, out: &mut Vec<u8>) {
    let bit = |on: bool, bit: u8| if on { bit } else { 0 };
    let mut bytes = [0; MAX_HEADER];
    let opcode: u8 = header.opcode.into();
    bytes[0] =
        opcode | bit(header.is_final, 0x80) | bit(header.rsv1, 0x40) | bit(header.rsv2, 0x20) | bit(header.rsv3, 0x10);
    let (code, extended) = match length {
        0..=125 => (length as u8, 0),
        126..=0xffff => (126, 2),
        _ => (127, 8),
    };
    bytes[1] = code | bit(header.mask.is_some(), 0x80);
    let mut size = 2 + extended;
    bytes[2..size].copy_from_slice(&length.to_be_bytes()[8 - extended..]);
    if let Some(key) = header.mask {
        bytes[size..size + 4].copy_from_slice(&key);
        size += 4;
    }
    out.extend_from_slice(&bytes[..size]);
}

/// XORs `bytes` with the masking key, where `offset` is how far into the payload they begin
/// (§5.3). Masking and unmasking are the same.
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4], offset: usize) {
    let key = turned(key, offset);
    let wide = widened(key);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// Appends `payload` masked: one pass, where copying and then masking would wait for its own stores.
pub(super) fn put_masked(payload: &[u8], key: [u8; 4], out: &mut Vec<u8>) {
    let wide = widened(key);
    let start = out.len();
    out.resize(start + payload.len(), 0);
    let (chunks, rest) = payload.as_chunks::<8>();
    let (out_chunks, out_rest) = out[start..].as_chunks_mut::<8>();
    for (out, chunk) in out_chunks.iter_mut().zip(chunks) {
        *out = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for ((out, byte), key) in out_rest.iter_mut().zip(rest).zip(key.iter().cycle()) {
        *out = byte ^ key;
    }
}

/// The key as it meets a payload from `offset` on.
fn turned(mut key: [u8; 4], offset: usize) -> [u8; 4] {
    key.rotate_left(offset & 3);
    key
}

fn widened(key: [u8; 4]) -> u64 {
    let key = u64::from(u32::from_ne_bytes(key));
    key << 32 | key
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
                let mut appended = b"head".to_vec();
                put_masked(&plain[..length], turned(key, offset), &mut appended);
                assert_eq!(appended[4..], defined, "offset {offset}, length {length}");
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
            put_header(&head.header(), head.length, &mut again);
            assert_eq!(again, bytes);
        }
    }

    #[test]
    fn headers_are_written_as_tungstenite_writes_them() {
        for length in [0, 1, 125, 126, 0xffff, 0x1_0000, u64::from(u32::MAX)] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let header = FrameHeader { rsv1: true, mask, ..FrameHeader::default() };
                let (mut ours, mut theirs) = (Vec::new(), Vec::new());
                put_header(&header, length, &mut ours);
                header.format(length, &mut theirs).unwrap();
                assert_eq!(ours, theirs);
            }
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
        assert!(Head::parse(b"\x82\x7d").unwrap().has_lawful_length());
        assert!(!Head::parse(b"\x82\x7e\x00\x7d").unwrap().has_lawful_length());
        assert!(Head::parse(b"\x82\x7e\x00\x7e").unwrap().has_lawful_length());
        assert!(!Head::parse(b"\x82\x7f\0\0\0\0\0\0\xff\xff").unwrap().has_lawful_length());
        assert!(Head::parse(b"\x82\x7f\0\0\0\0\0\x01\0\0").unwrap().has_lawful_length());
        assert!(!Head::parse(b"\x82\x7f\x80\0\0\0\0\x01\0\0").unwrap().has_lawful_length());
    }
}
