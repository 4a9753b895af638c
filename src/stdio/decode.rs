//! Compression that an application has put inside its messages, beside that of the connection: gzip (RFC 1952), zlib
//! (RFC 1950), DEFLATE by itself (RFC 1951), Zstandard (RFC 8878). What is in them is bounded like a message.

use std::fmt;
use std::io::Read;

use ruzstd::decoding::StreamingDecoder;
use zlib_rs::{Inflate, InflateFlush, Status};

use crate::ws::handshake::past_gzip_header;
use crate::ws::{Assembler, Data, Direction, Kind, Message};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Zlib,
    Deflate,
    Zstd,
}

/// What binary messages are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoding {
    /// For what they begin like; others are left alone.
    Auto,
    Only(Coding),
}

impl Decoding {
    pub(crate) const NAMES: &[(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("gzip", Self::Only(Coding::Gzip)),
        ("zlib", Self::Only(Coding::Zlib)),
        ("deflate", Self::Only(Coding::Deflate)),
        ("zstd", Self::Only(Coding::Zstd)),
    ];

    /// What help says beside the name.
    pub(crate) fn help(self) -> Option<&'static str> {
        match self {
            Self::Auto => Some("by the first bytes; deflate if it is text inside"),
            Self::Only(Coding::Deflate) => Some("without a header"),
            Self::Only(_) => None,
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
        })
    }
}

/// Why a message can't be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// It is none of that coding, or broken.
    Corrupt(Coding),
    /// There is more in it than a message may have, in bytes.
    TooBig(Coding, u64),
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt(coding) => write!(f, "a binary message is not {coding}, and is passed on as it came"),
            Self::TooBig(coding, limit) => {
                write!(
                    f,
                    "more than the limit of {limit} bytes is in a {coding} message, which is passed on as it came"
                )
            }
        }
    }
}

/// Decodes binary messages that are received. Each is gathered; text passes as it arrives.
#[derive(Debug)]
pub(crate) struct Decoder {
    decoding: Decoding,
    /// Of what is in a message, in bytes.
    limit: u64,
    assembler: Assembler,
    decoded: Vec<u8>,
}

/// What came of part of a message.
#[derive(Debug, Default)]
pub(crate) struct Decoded<'a> {
    /// What takes its place, once there is something.
    pub(crate) data: Option<Data<'a>>,
    pub(crate) fault: Option<Undecodable>,
}

impl Decoder {
    /// `limit` is that of messages, in bytes; `None` is none.
    pub(crate) fn new(decoding: Decoding, limit: Option<u64>) -> Self {
        let limit = limit.unwrap_or(u64::MAX);
        Self { decoding, limit, assembler: Assembler::default(), decoded: Vec::new() }
    }

    pub(crate) fn data<'a>(&'a mut self, data: &Data<'a>) -> Decoded<'a> {
        if data.kind == Kind::Text || data.direction == Direction::Sent {
            return Decoded { data: Some(*data), fault: None };
        }
        let Some(message) = self.assembler.push(data) else { return Decoded::default() };
        let outcome = match self.decoding {
            Decoding::Auto => recognised(message.content, self.limit).transpose(),
            Decoding::Only(coding) => Some(decode(coding, message.content, self.limit)),
        };
        let (kind, bytes, fault) = match outcome {
            Some(Ok(decoded)) => {
                self.decoded = decoded;
                let kind = if str::from_utf8(&self.decoded).is_ok() { Kind::Text } else { Kind::Binary };
                (kind, self.decoded.as_slice(), None)
            }
            Some(Err(fault)) => (Kind::Binary, message.content, Some(fault)),
            None => (Kind::Binary, message.content, None),
        };
        let whole = Data { kind, first: true, last: true, ends_frame: true, bytes, to_come: 0, ..*data };
        Decoded { data: Some(whole), fault }
    }

    /// Gives memory back while no message is on its way.
    pub(crate) fn shrink(&mut self) {
        self.assembler.shrink();
        self.decoded = Vec::new();
    }

    /// The connection is lost, and with it the rest of what has begun to arrive.
    pub(crate) fn begin_again(&mut self) {
        self.assembler = Assembler::default();
    }
}

/// What is in a binary message that a person sees, and how it was coded: only what is surely meant so.
pub(crate) fn unpacked(message: Message<'_>, limit: u64) -> Option<(Coding, Vec<u8>)> {
    if message.kind == Kind::Text {
        return None;
    }
    let coding = coding_of(message.content);
    match coding {
        Some(coding) => decode(coding, message.content, limit).ok().map(|decoded| (coding, decoded)),
        None => headless(message.content, limit).map(|decoded| (Coding::Deflate, decoded)),
    }
}

/// `None` where it isn't one of those.
fn recognised(content: &[u8], limit: u64) -> Result<Option<Vec<u8>>, Undecodable> {
    match coding_of(content) {
        Some(coding) => decode(coding, content, limit).map(Some),
        None => Ok(headless(content, limit)),
    }
}

/// What the first bytes say.
fn coding_of(content: &[u8]) -> Option<Coding> {
    match content {
        [0x1f, 0x8b, 8, ..] => Some(Coding::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Coding::Zstd),
        // RFC 1950 §2.2: method 8, a window of at most 32 KiB, no dictionary, and a check.
        [method, flags, ..]
            if method & 0x0f == 8
                && method >> 4 <= 7
                && flags & 0x20 == 0
                && u16::from_be_bytes([*method, *flags]).is_multiple_of(31) =>
        {
            Some(Coding::Zlib)
        }
        _ => None,
    }
}

/// DEFLATE has nothing to know it by: it is taken for that where all of it can be inflated, and is text then.
fn headless(content: &[u8], limit: u64) -> Option<Vec<u8>> {
    let decoded = decode(Coding::Deflate, content, limit).ok()?;
    (!decoded.is_empty() && str::from_utf8(&decoded).is_ok()).then_some(decoded)
}

fn decode(coding: Coding, content: &[u8], limit: u64) -> Result<Vec<u8>, Undecodable> {
    let corrupt = Undecodable::Corrupt(coding);
    let mut decoded = Vec::new();
    match coding {
        Coding::Gzip => {
            let mut rest = content;
            // RFC 1952 §2.2: one member after the other.
            while !rest.is_empty() {
                let deflated = past_gzip_header(rest).ok_or(corrupt)?;
                let before = decoded.len();
                let used = inflate(coding, deflated, false, limit, &mut decoded)?;
                let (trailer, after) = deflated[used..].split_first_chunk::<8>().ok_or(corrupt)?;
                let [_, _, _, _, length @ ..] = *trailer;
                if u32::from_le_bytes(length) != (decoded.len() - before) as u32 {
                    return Err(corrupt);
                }
                rest = after;
            }
        }
        Coding::Zlib | Coding::Deflate => {
            if inflate(coding, content, coding == Coding::Zlib, limit, &mut decoded)? < content.len() {
                return Err(corrupt);
            }
        }
        Coding::Zstd => {
            let mut rest = content;
            while !rest.is_empty() {
                let frame =
                    StreamingDecoder::new_with_max_window_size(&mut rest, limit.clamp(LEAST_WINDOW, MOST_WINDOW));
                let mut frame = frame.map_err(|_| corrupt)?;
                let most = limit.saturating_add(1).saturating_sub(decoded.len() as u64);
                (&mut frame).take(most).read_to_end(&mut decoded).map_err(|_| corrupt)?;
                if decoded.len() as u64 > limit {
                    return Err(Undecodable::TooBig(coding, limit));
                }
            }
        }
    }
    Ok(decoded)
}

/// A frame of Zstandard may need as much memory beside its content, in bytes: as much as its decoders have to support, or what
/// is allowed to be in it.
const LEAST_WINDOW: u64 = 8 << 20;
const MOST_WINDOW: u64 = 128 << 20;

/// Bytes that are made at once.
const PIECE: usize = 16 * 1024;

/// Inflates to the end of the stream, or to a flush that ends the input. Returns how much of the input that was.
fn inflate(
    coding: Coding,
    input: &[u8],
    has_header: bool,
    limit: u64,
    decoded: &mut Vec<u8>,
) -> Result<usize, Undecodable> {
    let mut stream = Inflate::new(has_header, 15);
    let mut piece = [0; PIECE];
    loop {
        let (read, written) = (stream.total_in() as usize, stream.total_out());
        let status = stream.decompress(&input[read..], &mut piece, InflateFlush::SyncFlush);
        let status = status.map_err(|_| Undecodable::Corrupt(coding))?;
        let count = (stream.total_out() - written) as usize;
        decoded.extend_from_slice(&piece[..count]);
        if decoded.len() as u64 > limit {
            return Err(Undecodable::TooBig(coding, limit));
        }
        let used = stream.total_in() as usize;
        match status {
            Status::StreamEnd => return Ok(used),
            _ if count < PIECE && used == input.len() && input.ends_with(&[0, 0, 0xff, 0xff]) => return Ok(used),
            _ if count == 0 => return Err(Undecodable::Corrupt(coding)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `gzip`, `zlib.compress`, `zlib.compressobj(wbits=-15)` and `zstd` make of {"tick":1}.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV*\xc9L\xceV\xb22\xac\x05\x00\x08\x1c\xbc\xdc\n\x00\x00\x00";
    const ZLIB: &[u8] = b"x\x9c\xabV*\xc9L\xceV\xb22\xac\x05\x00\x13\x07\x03S";
    const DEFLATE: &[u8] = b"\xabV*\xc9L\xceV\xb22\xac\x05\x00";
    const ZSTD: &[u8] = b"(\xb5/\xfd\x00XQ\x00\x00{\"tick\":1}";
    const TEXT: &[u8] = b"{\"tick\":1}";

    const ALL: [(Coding, &[u8]); 4] =
        [(Coding::Gzip, GZIP), (Coding::Zlib, ZLIB), (Coding::Deflate, DEFLATE), (Coding::Zstd, ZSTD)];

    fn received(bytes: &[u8], first: bool, last: bool) -> Data<'_> {
        let (direction, kind) = (Direction::Received, Kind::Binary);
        Data { direction, kind, first, last, ends_frame: last, bytes, to_come: 0 }
    }

    #[test]
    fn each_coding_is_read_and_recognised() {
        for (coding, coded) in ALL {
            assert_eq!(decode(coding, coded, 10), Ok(TEXT.to_vec()), "{coding}");
            assert_eq!(recognised(coded, 10), Ok(Some(TEXT.to_vec())), "{coding}");
            let message = Message { kind: Kind::Binary, content: coded };
            assert_eq!(unpacked(message, 10), Some((coding, TEXT.to_vec())));
            assert_eq!(decode(coding, coded, 9), Err(Undecodable::TooBig(coding, 9)));
            for cut in 1..coded.len() {
                assert!(decode(coding, &coded[..cut], 10).is_err(), "{coding} cut at {cut}");
            }
        }
        for other in [&b""[..], b"\x00\x01\x02", b"plain", b"\xff\xff", b"x\x9d\x00"] {
            assert_eq!(recognised(other, 10), Ok(None), "{other:?}");
        }
        let twice = [GZIP, GZIP].concat();
        assert_eq!(decode(Coding::Gzip, &twice, 20), Ok(TEXT.repeat(2)));
        assert_eq!(decode(Coding::Zstd, &ZSTD.repeat(2), 20), Ok(TEXT.repeat(2)));
        assert_eq!(decode(Coding::Zstd, &ZSTD.repeat(2), 15), Err(Undecodable::TooBig(Coding::Zstd, 15)));
    }

    #[test]
    fn a_message_in_parts_is_decoded_whole() {
        for (coding, coded) in ALL {
            for decoding in [Decoding::Auto, Decoding::Only(coding)] {
                let mut decoder = Decoder::new(decoding, Some(10));
                let (start, end) = coded.split_at(5);
                assert!(decoder.data(&received(start, true, false)).data.is_none());
                let Decoded { data, fault } = decoder.data(&received(end, false, true));
                let data = data.unwrap();
                assert_eq!((data.kind, data.bytes, data.first, data.last), (Kind::Text, TEXT, true, true));
                assert_eq!(fault, None);
            }
        }
    }

    #[test]
    fn what_can_not_be_decoded_is_passed_on_and_said() {
        let mut decoder = Decoder::new(Decoding::Only(Coding::Gzip), None);
        let told = decoder.data(&received(b"plain", true, true));
        assert_eq!(told.data.map(|data| (data.kind, data.bytes)), Some((Kind::Binary, &b"plain"[..])));
        assert_eq!(told.fault, Some(Undecodable::Corrupt(Coding::Gzip)));
        let mut decoder = Decoder::new(Decoding::Auto, None);
        let told = decoder.data(&received(b"plain", true, true));
        assert_eq!((told.data.is_some(), told.fault), (true, None));
        let told = decoder.data(&received(&GZIP[..20], true, true));
        assert_eq!((told.data.is_some(), told.fault), (true, Some(Undecodable::Corrupt(Coding::Gzip))));
    }
}
