//! What is inside of messages, and when they came.

use std::time::{Duration, SystemTime};

use time::UtcOffset;
use zlib_rs::crc32::crc32;

use crate::stdio::decode::{Coding, Decoder, Decoding, Undecodable, unpacked};
use crate::view::clock;
use crate::ws::{Data, Deflater, Direction, Kind, Message};

/// Binary messages for `--decode`: what comes out is never more than the limit, or what came, however they are cut.
pub fn decoded(decoding: u8, limit: u16, cut: u8, messages: &[&[u8]]) {
    let (_, decoding) = Decoding::NAMES[usize::from(decoding) % Decoding::NAMES.len()];
    let limit = u64::from(limit);
    let (mut whole, mut in_parts) = (Decoder::new(decoding, Some(limit)), Decoder::new(decoding, Some(limit)));
    for bytes in messages {
        let (content, fault) = decode(&mut whole, usize::MAX, bytes);
        assert_eq!(decode(&mut in_parts, usize::from(cut).max(1), bytes), (content.clone(), fault));
        assert!(content.len() as u64 <= limit || content == *bytes);
        assert!(fault.is_none() || content == *bytes);
        let shown = unpacked(Message { kind: Kind::Binary, content: bytes }, limit);
        assert!(shown.is_none_or(|(_, content)| content.len() as u64 <= limit));
    }
}

/// What was compressed comes back: a message by itself, and several as one stream. What is cut off or altered is told.
pub fn decoded_again(cut: u8, messages: &[&[u8]]) {
    for coding in [Coding::Gzip, Coding::Zlib, Coding::Deflate, Coding::Zstd] {
        messages.iter().for_each(|content| alone(coding, usize::from(cut), content));
        if coding != Coding::Zstd {
            streamed(coding, messages);
        }
    }
}

fn alone(coding: Coding, cut: usize, content: &[u8]) {
    let Some(packed) = packed(coding, content) else { return };
    let size = content.len() as u64;
    let attempt = |limit, packed: &[u8]| decode(&mut Decoder::new(Decoding::Only(coding), Some(limit)), 7, packed);
    assert_eq!(attempt(size, &packed), (content.to_vec(), None), "{coding}");
    if size > 0 {
        let told = Some(Undecodable::TooBig(coding, size - 1));
        assert_eq!(attempt(size - 1, &packed), (packed.clone(), told));
    }
    let short = &packed[..cut % packed.len()];
    let (passed_on, fault) = attempt(size, short);
    // What ends with a flush may go on in the next message; nothing at all is no frame of Zstandard.
    let may_end = if coding == Coding::Zstd { short.is_empty() } else { short.ends_with(FLUSH) };
    assert!(may_end || (passed_on == short && fault.is_some()), "{coding}");
    if matches!(coding, Coding::Gzip | Coding::Zlib) {
        let mut altered = packed.clone();
        let at = altered.len() - 1 - cut % 4;
        altered[at] ^= 1;
        let (passed_on, fault) = attempt(size, &altered);
        assert!(passed_on == altered && fault.is_some(), "{coding}");
    }
}

fn streamed(coding: Coding, messages: &[&[u8]]) {
    let mut decoder = Decoder::new(Decoding::Only(coding), Some(u64::MAX));
    let mut deflater = Deflater::new(6, 15, true);
    let mut head = head(coding);
    for content in messages {
        let packed = [std::mem::take(&mut head), deflater.push(content, true), FLUSH].concat();
        assert_eq!(decode(&mut decoder, 5, &packed), (content.to_vec(), None), "{coding}");
    }
}

/// What a flush ends with; RFC 7692 leaves it out.
const FLUSH: &[u8] = &[0, 0, 0xff, 0xff];

/// A last block with nothing in it (RFC 1951 §3.2.3).
const END: &[u8] = &[3, 0];

/// RFC 1952 §2.3, RFC 1950 §2.2.
fn head(coding: Coding) -> &'static [u8] {
    match coding {
        Coding::Gzip => b"\x1f\x8b\x08\0\0\0\0\0\0\xff",
        Coding::Zlib => b"\x78\x9c",
        Coding::Deflate | Coding::Zstd => b"",
    }
}

/// `None` for what is too long for one block of Zstandard.
fn packed(coding: Coding, content: &[u8]) -> Option<Vec<u8>> {
    if coding == Coding::Zstd {
        return zstd(content);
    }
    let mut deflater = Deflater::new(6, 15, true);
    let trailer = match coding {
        Coding::Gzip => [crc32(0, content).to_le_bytes(), (content.len() as u32).to_le_bytes()].concat(),
        Coding::Zlib => adler32(content).to_be_bytes().to_vec(),
        Coding::Deflate | Coding::Zstd => Vec::new(),
    };
    Some([head(coding), deflater.push(content, true), FLUSH, END, &trailer].concat())
}

/// RFC 8878 §3.1.1: one segment whose size takes four bytes, in a block that isn't compressed.
fn zstd(content: &[u8]) -> Option<Vec<u8>> {
    const MOST: usize = 128 << 10;
    let size = u32::try_from(content.len()).ok().filter(|_| content.len() <= MOST)?;
    let block = ((size << 3) | 1).to_le_bytes();
    Some([b"\x28\xb5\x2f\xfd\xa0", &size.to_le_bytes()[..], &block[..3], content].concat())
}

/// RFC 1950 §8.2.
fn adler32(content: &[u8]) -> u32 {
    let sums = content.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (a + b) % 65_521)
    });
    sums.1 << 16 | sums.0
}

/// A message in pieces of `size` bytes: nothing comes of it before it is whole.
fn decode(decoder: &mut Decoder, size: usize, bytes: &[u8]) -> (Vec<u8>, Option<Undecodable>) {
    let (mut rest, mut first) = (bytes, true);
    loop {
        let part;
        (part, rest) = rest.split_at(rest.len().min(size));
        let last = rest.is_empty();
        let (direction, kind) = (Direction::Received, Kind::Binary);
        let data = Data {
            direction,
            kind,
            first,
            last,
            ends_frame: last,
            bytes: part,
            to_come: 0,
            is_final: last,
            compressed: false,
            packed: b"",
        };
        let told = decoder.data(&data);
        assert_eq!(told.data.is_some(), last);
        if let Some(data) = told.data {
            return (data.bytes.to_vec(), told.fault);
        }
        first = false;
    }
}

/// A format of `--timestamps`: refused, or a time can be written by it, at any time and offset, whatever follows.
pub fn timestamps(format: &str, seconds: u32, nanos: u32, offset: i8) {
    if clock::check_format(format).is_err() {
        return;
    }
    let nanos = nanos % 1_000_000_000;
    let at = SystemTime::UNIX_EPOCH + Duration::new(u64::from(seconds), nanos);
    let offset = UtcOffset::from_hms(offset % 24, offset % 60, 0).unwrap_or(UtcOffset::UTC);
    let written = clock::formatted(at, format, offset);
    assert!(written.len() <= 64 * (format.len() + 1));
    let longer = format!("{format}|%S%.3f|%s");
    assert_eq!(clock::check_format(&longer), Ok(()));
    let expected = format!("{written}|{:02}.{:03}|{seconds}", seconds % 60, nanos / 1_000_000);
    assert_eq!(clock::formatted(at, &longer, offset), expected);
}
