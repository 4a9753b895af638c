//! What is inside of messages, and when they came.

use std::time::{Duration, SystemTime};

use time::UtcOffset;

use crate::stdio::decode::{Decoder, Decoding, unpacked};
use crate::view::clock;
use crate::ws::{Data, Deflater, Direction, Kind, Message};

/// A binary message for `--decode`: it is never more than the limit, however it is cut. What was compressed comes back.
pub fn decoded(decoding: u8, limit: u16, cut: u8, bytes: &[u8]) {
    let (_, decoding) = Decoding::NAMES[usize::from(decoding) % Decoding::NAMES.len()];
    let limit = u64::from(limit);
    let whole = decode(decoding, limit, usize::MAX, bytes);
    assert_eq!(decode(decoding, limit, usize::from(cut).max(1), bytes), whole);
    assert!(whole.len() as u64 <= limit || whole == bytes);
    let shown = unpacked(Message { kind: Kind::Binary, content: bytes }, limit);
    assert!(shown.is_none_or(|(_, content)| content.len() as u64 <= limit));

    let mut packed = Deflater::new(6, 15, true).push(bytes, true).to_vec();
    packed.extend([0, 0, 0xff, 0xff]);
    let (_, deflate) = Decoding::NAMES[3];
    assert_eq!(decode(deflate, bytes.len() as u64, usize::MAX, &packed), bytes);
}

fn decode(decoding: Decoding, limit: u64, size: usize, bytes: &[u8]) -> Vec<u8> {
    let mut decoder = Decoder::new(decoding, Some(limit));
    let (mut told, mut rest, mut first) = (None, bytes, true);
    while told.is_none() {
        let part;
        (part, rest) = rest.split_at(rest.len().min(size));
        let last = rest.is_empty();
        let (direction, kind) = (Direction::Received, Kind::Binary);
        let data = Data { direction, kind, first, last, ends_frame: last, bytes: part, to_come: 0 };
        told = decoder.data(&data).data.map(|data| data.bytes.to_vec());
        assert_eq!(told.is_some(), last);
        first = false;
    }
    told.unwrap_or_default()
}

/// A format of `--timestamps`: refused, or a time can be written by it, at any time and offset.
pub fn timestamps(format: &str, seconds: u32, nanos: u32, offset: i8) {
    if clock::check_format(format).is_err() {
        return;
    }
    let at = SystemTime::UNIX_EPOCH + Duration::new(u64::from(seconds), nanos % 1_000_000_000);
    let offset = UtcOffset::from_hms(offset % 24, offset % 60, 0).unwrap_or(UtcOffset::UTC);
    let written = clock::formatted(at, format, offset);
    assert!(written.len() <= 64 * (format.len() + 1));
}
