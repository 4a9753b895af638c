//! The frame header, as it stands on the wire (RFC 6455 §5.2), and masking (§5.3).

use super::opcode::OpCode;

/// The room in which a header is put together, in bytes: the longest takes 14, two and a 64-bit length and a masking key.
pub(super) const HEADER_ROOM: usize = 16;

/// The longest payload of a control frame, in bytes (§5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;

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

    /// The same, bit by bit.
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

/// What stands before the payload length of a frame, and how it is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// FIN: the last frame of its message.
    pub is_final: bool,
    pub rsv1: bool,
    pub rsv2: bool,
    pub rsv3: bool,
    pub opcode: OpCode,
    /// The masking key; `None` for a frame that isn't masked.
    pub mask: Option<[u8; 4]>,
}

impl FrameHeader {
    /// Of a frame that is final, without reserved bits, and not masked.
    pub fn new(opcode: OpCode) -> Self {
        Self { is_final: true, rsv1: false, rsv2: false, rsv3: false, opcode, mask: None }
    }

    /// Bytes that the header of a frame with `length` bytes of payload takes, where its length is
    /// written in as few bytes as it needs (§5.2).
    pub fn size(&self, length: u64) -> usize {
        header_bytes(first_byte(self), self.mask, length).1
    }

    /// The header of a frame with `length` bytes of payload, where its length is written in as few bytes as it needs.
    pub fn bytes(&self, length: u64) -> Vec<u8> {
        let (bytes, size) = header_bytes(first_byte(self), self.mask, length);
        bytes[..size].to_vec()
    }
}

/// FIN in the first byte of a frame (§5.2).
pub(super) const FIN: u8 = 0x80;

/// The first byte of a frame: FIN, RSV1 to RSV3 and the opcode (§5.2).
#[inline]
pub(super) fn first_byte(header: &FrameHeader) -> u8 {
    let bit = |on: bool, bit: u8| if on { bit } else { 0 };
    let flags = bit(header.is_final, FIN) | bit(header.rsv1, 0x40) | bit(header.rsv2, 0x20) | bit(header.rsv3, 0x10);
    flags | u8::from(header.opcode)
}

/// The header of a frame with `length` bytes of payload, in as few bytes as it needs (§5.2), and how many those are.
#[inline]
pub(super) fn header_bytes(first: u8, mask: Option<[u8; 4]>, length: u64) -> ([u8; HEADER_ROOM], usize) {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    // Put together in a register: bytes that were stored one by one aren't at hand for a wide load.
    let (second, extended, mut size) = match length {
        0..=125 => (masked | length as u8, 0, 2),
        126..=0xffff => (masked | 126, (length as u16).swap_bytes().into(), 4),
        _ => (masked | 127, length.swap_bytes(), 10),
    };
    let mut bytes = u128::from(first) | u128::from(second) << 8 | u128::from(extended) << 16;
    if let Some(key) = mask {
        bytes |= u128::from(u32::from_le_bytes(key)) << (8 * size);
        size += 4;
    }
    (bytes.to_le_bytes(), size)
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

/// Bytes masked at once.
const STRIDE: usize = 32;

/// Writes `payload` masked to `out`, which is as long: one pass, where copying and then masking would
/// wait for its own stores.
#[inline]
pub(super) fn put_masked(payload: &[u8], key: [u8; 4], out: &mut [u8]) {
    let (chunks, rest) = payload.as_chunks();
    let (out_chunks, out_rest) = out.as_chunks_mut();
    for (out, chunk) in out_chunks.iter_mut().zip(chunks) {
        put_stride(chunk, key, out);
    }
    match (payload.last_chunk(), rest) {
        (_, []) => {}
        // Over what the last whole stride has masked already, which costs less than byte by byte.
        (Some(chunk), _) => {
            let Some(out) = out.last_chunk_mut() else { return };
            put_stride(chunk, turned(key, payload.len()), out);
        }
        (None, _) => {
            for ((out, byte), key) in out_rest.iter_mut().zip(rest).zip(key.iter().cycle()) {
                *out = byte ^ key;
            }
        }
    }
}

fn put_stride(plain: &[u8; STRIDE], key: [u8; 4], out: &mut [u8; STRIDE]) {
    let key = u32::from_ne_bytes(key);
    for (out, bytes) in out.as_chunks_mut().0.iter_mut().zip(plain.as_chunks().0) {
        *out = (u32::from_ne_bytes(*bytes) ^ key).to_ne_bytes();
    }
}

/// The key as it meets a payload from `offset` on.
fn turned(key: [u8; 4], offset: usize) -> [u8; 4] {
    u32::from_be_bytes(key).rotate_left(8 * (offset & 3) as u32).to_be_bytes()
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
                let mut copied = vec![0; length];
                put_masked(&plain[..length], turned(key, offset), &mut copied);
                assert_eq!(copied, defined, "offset {offset}, length {length}");
            }
        }
    }

    #[test]
    fn every_first_byte_is_read_and_written_back() {
        for first in 0..=255u8 {
            let bytes = [first, 0x85, 1, 2, 3, 4];
            let head = Head::parse(&bytes).unwrap();
            assert_eq!((head.length, head.size), (5, 6));
            let (again, size) = header_bytes(first_byte(&head.header()), head.mask, head.length);
            assert_eq!(again[..size], bytes);
        }
    }

    #[test]
    fn headers_are_written_as_tungstenite_writes_them() {
        use tungstenite::protocol::frame::{FrameHeader as Theirs, coding};
        for length in [0, 1, 125, 126, 0xffff, 0x1_0000, u64::from(u32::MAX)] {
            for mask in [None, Some([1, 2, 3, 4])] {
                for number in 0..16 {
                    let theirs = Theirs { rsv1: true, mask, opcode: coding::OpCode::from(number), ..Theirs::default() };
                    let mut expected = Vec::new();
                    theirs.format(length, &mut expected).unwrap();
                    let ours = FrameHeader { rsv1: true, mask, ..FrameHeader::new(number.into()) };
                    let (bytes, size) = header_bytes(first_byte(&ours), ours.mask, length);
                    assert_eq!(bytes[..size], expected);
                }
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
