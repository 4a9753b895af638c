//! Compression that an application has put inside its messages, beside that of the connection: gzip (RFC 1952), zlib
//! (RFC 1950), DEFLATE by itself (RFC 1951), Zstandard (RFC 8878). What is in them is bounded like a message.

mod stream;
mod zstd;

use std::fmt;

use self::stream::{DecoderStream, FLUSH};
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

impl Coding {
    /// The program that unpacks its stdin to its stdout, where it is on most machines.
    pub(crate) fn unpacked_by(self) -> Option<&'static str> {
        match self {
            Self::Gzip => Some("gunzip"),
            Self::Zstd => Some("unzstd"),
            Self::Zlib | Self::Deflate => None,
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
    /// It is of that coding as far as it goes, and has no end.
    Truncated(Coding),
    /// It can be decoded, and isn't what was coded.
    WrongChecksum(Coding),
    /// It ends inside of what was coded.
    Unfinished(Coding),
    /// There is more in it than a message may have, in bytes.
    TooBig(Coding, u64),
    /// It is in more parts than [`MOST_PARTS`].
    TooManyParts(Coding),
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt(coding) => write!(f, "a binary message is not {coding}, and is passed on as it came"),
            Self::Truncated(coding) => write!(f, "a {coding} message is cut short, and is passed on as it came"),
            Self::WrongChecksum(coding) => {
                write!(f, "the checksum of a {coding} message is wrong; it is passed on as it came")
            }
            Self::Unfinished(coding) => write!(
                f,
                "a {coding} message ends before its frame does, and is passed on as it came: a {coding} stream over \
                 several messages can't be decoded"
            ),
            Self::TooManyParts(coding) => {
                write!(f, "a {coding} message is in over {MOST_PARTS} parts, and is passed on as it came")
            }
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
    /// The last message left it open.
    stream: Option<DecoderStream>,
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
        Self { decoding, limit, assembler: Assembler::default(), decoded: Vec::new(), stream: None }
    }

    pub(crate) fn data<'a>(&'a mut self, data: &Data<'a>) -> Decoded<'a> {
        if data.kind == Kind::Text || data.direction == Direction::Sent {
            return Decoded { data: Some(*data), fault: None };
        }
        let Some(message) = self.assembler.push(data) else { return Decoded::default() };
        let outcome =
            continued(&mut self.stream, self.decoding, message.content, self.limit).or_else(|| match self.decoding {
                Decoding::Auto => recognised(message.content, self.limit).transpose(),
                Decoding::Only(coding) => Some(decode(coding, message.content, self.limit)),
            });
        let outcome = outcome.map(|outcome| {
            outcome.map(|Unpacked { content, stream }| {
                // A message beside an open stream leaves that open.
                self.stream = stream.or_else(|| self.stream.take());
                content
            })
        });
        let (kind, bytes, fault) = match outcome {
            Some(Ok(decoded)) => {
                self.decoded = decoded;
                let kind = if str::from_utf8(&self.decoded).is_ok() { Kind::Text } else { Kind::Binary };
                (kind, self.decoded.as_slice(), None)
            }
            Some(Err(fault)) => (Kind::Binary, message.content, Some(fault)),
            None => (Kind::Binary, message.content, None),
        };
        let whole = Data {
            kind,
            first: true,
            last: true,
            ends_frame: true,
            bytes,
            to_come: 0,
            is_final: true,
            compressed: false,
            packed: b"",
            ..*data
        };
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
        self.stream = None;
    }
}

/// What is in a message.
#[derive(Debug)]
struct Unpacked {
    content: Vec<u8>,
    /// It goes on in the next message.
    stream: Option<DecoderStream>,
}

/// Goes on with the stream that the last message left open. `None` where there is none, or where the message is no part of
/// it: then it begins anew.
fn continued(
    stream: &mut Option<DecoderStream>,
    decoding: Decoding,
    content: &[u8],
    limit: u64,
) -> Option<Result<Unpacked, Undecodable>> {
    // What isn't known to be part of the stream mustn't break it.
    let mut stream = stream.take_if(|_| decoding != Decoding::Auto || content.ends_with(FLUSH))?;
    let mut decoded = Vec::new();
    match stream.message(content, limit, &mut decoded) {
        Ok(goes_on) => Some(Ok(Unpacked { content: decoded, stream: goes_on.then_some(stream) })),
        Err(fault @ Undecodable::TooBig(..)) => Some(Err(fault)),
        Err(_) => None,
    }
}

/// What is in a binary message that a person sees, and how it was coded: only what is surely meant so.
pub(crate) fn unpacked(message: Message<'_>, limit: u64) -> Option<(Coding, Vec<u8>)> {
    if message.kind == Kind::Text {
        return None;
    }
    let coding = coding_of(message.content);
    match coding {
        Some(coding) => decode(coding, message.content, limit).ok().map(|unpacked| (coding, unpacked.content)),
        None => headless(message.content, limit).map(|unpacked| (Coding::Deflate, unpacked.content)),
    }
}

/// `None` where it isn't one of those.
fn recognised(content: &[u8], limit: u64) -> Result<Option<Unpacked>, Undecodable> {
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
fn headless(content: &[u8], limit: u64) -> Option<Unpacked> {
    let unpacked = decode(Coding::Deflate, content, limit).ok()?;
    (!unpacked.content.is_empty() && str::from_utf8(&unpacked.content).is_ok()).then_some(unpacked)
}

/// Members of gzip or frames of Zstandard that a message may be in. Each costs the time for a decoder of its own, so that
/// millions of them, which need have nothing in them, would take seconds in which nothing else is done.
const MOST_PARTS: usize = 65_536;

/// Whether there may be another part behind so many.
///
/// # Errors
/// [`Undecodable::TooManyParts`].
fn check_parts(coding: Coding, before: usize) -> Result<(), Undecodable> {
    if before < MOST_PARTS { Ok(()) } else { Err(Undecodable::TooManyParts(coding)) }
}

/// What is in a message by itself.
fn decode(coding: Coding, content: &[u8], limit: u64) -> Result<Unpacked, Undecodable> {
    let mut decoded = Vec::new();
    if coding == Coding::Zstd {
        zstd::message(content, limit, &mut decoded)?;
        return Ok(Unpacked { content: decoded, stream: None });
    }
    let mut stream = DecoderStream::new(coding);
    let goes_on = stream.message(content, limit, &mut decoded)?;
    Ok(Unpacked { content: decoded, stream: goes_on.then_some(stream) })
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

    fn decoded(coding: Coding, message: &[u8], limit: u64) -> Result<Vec<u8>, Undecodable> {
        decode(coding, message, limit).map(|unpacked| unpacked.content)
    }

    fn received(bytes: &[u8], first: bool, last: bool) -> Data<'_> {
        Data::received(Kind::Binary, bytes, first, last)
    }

    #[test]
    fn each_coding_is_read_and_recognised() {
        for (coding, coded) in ALL {
            assert_eq!(decoded(coding, coded, 10), Ok(TEXT.to_vec()), "{coding}");
            let found = recognised(coded, 10).unwrap().unwrap();
            assert_eq!((found.content, found.stream.is_some()), (TEXT.to_vec(), false), "{coding}");
            let message = Message { kind: Kind::Binary, content: coded };
            assert_eq!(unpacked(message, 10), Some((coding, TEXT.to_vec())));
            assert_eq!(decoded(coding, coded, 9), Err(Undecodable::TooBig(coding, 9)));
            for cut in 1..coded.len() {
                let fault = decode(coding, &coded[..cut], 10).unwrap_err();
                // Of less than its header nobody can know what it is.
                let is_named = fault == Undecodable::Truncated(coding) || fault == Undecodable::Unfinished(coding);
                assert!(is_named || cut < 6, "{coding} cut at {cut}: {fault}");
            }
        }
        for other in [&b""[..], b"\x00\x01\x02", b"plain", b"\xff\xff", b"x\x9d\x00"] {
            assert!(matches!(recognised(other, 10), Ok(None)), "{other:?}");
        }
        let twice = [GZIP, GZIP].concat();
        assert_eq!(decoded(Coding::Gzip, &twice, 20), Ok(TEXT.repeat(2)));
        assert_eq!(decoded(Coding::Zstd, &ZSTD.repeat(2), 20), Ok(TEXT.repeat(2)));
        assert_eq!(decoded(Coding::Zstd, &ZSTD.repeat(2), 15), Err(Undecodable::TooBig(Coding::Zstd, 15)));
    }

    #[test]
    fn a_checksum_is_checked() {
        for (coding, end, coded) in
            [(Coding::Gzip, 8, GZIP), (Coding::Zstd, 4, &b"(\xb5/\xfd\x04XQ\x00\x00{\"tick\":1}\xe1\x81J\x89"[..])]
        {
            assert_eq!(decoded(coding, coded, 10), Ok(TEXT.to_vec()), "{coding}");
            for at in coded.len() - end..coded.len() {
                let mut wrong = coded.to_vec();
                wrong[at] ^= 1;
                assert_eq!(decoded(coding, &wrong, 10), Err(Undecodable::WrongChecksum(coding)), "{coding} at {at}");
            }
        }
        // zlib's is checked where the stream is.
        let mut wrong = ZLIB.to_vec();
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(decoded(Coding::Zlib, &wrong, 10), Err(Undecodable::Corrupt(Coding::Zlib)));
        // A frame that goes on in another message, as a zstd stream does.
        assert_eq!(decoded(Coding::Zstd, &ZSTD[..ZSTD.len() - 1], 10), Err(Undecodable::Unfinished(Coding::Zstd)));
    }

    /// What `zlib.compressobj` makes of {"tick":1} to {"tick":3}, flushed with `Z_SYNC_FLUSH` after each but the last, and
    /// its end in zlib, in gzip and without either.
    const FLUSHED: [&[u8]; 3] = [
        b"\xaaV*\xc9L\xceV\xb22\xac\x05\x00\x00\x00\xff\xff",
        b"\xaa\x86\xb2\x8cj\x01\x00\x00\x00\xff\xff",
        b"\x83\xb1\x8ck\x01",
    ];
    const STREAMS: [(Coding, &[u8], &[u8]); 3] = [
        (Coding::Zlib, b"x\x9c", b"\x9c\xc1\t\xfa"),
        (Coding::Gzip, b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", b"~.\xa9\xe7\x1e\x00\x00\x00"),
        (Coding::Deflate, b"", b""),
    ];

    fn text_of(decoder: &mut Decoder, message: &[u8]) -> (String, Option<Undecodable>) {
        let Decoded { data, fault } = decoder.data(&received(message, true, true));
        (String::from_utf8_lossy(data.unwrap().bytes).into_owned(), fault)
    }

    #[test]
    fn a_stream_goes_on_over_messages() {
        for (coding, head, trailer) in STREAMS {
            let begin = [head, FLUSHED[0]].concat();
            let mut decoder = Decoder::new(Decoding::Only(coding), Some(100));
            for _ in 0..2 {
                let messages = [&begin[..], FLUSHED[1], &[FLUSHED[2], trailer].concat()];
                for (number, message) in (1..).zip(messages) {
                    let text = format!("{{\"tick\":{number}}}");
                    assert_eq!(text_of(&mut decoder, message), (text, None), "{coding}");
                }
            }
            // A server that begins anew with each message, and a wrong checksum at the end of a stream.
            for _ in 0..2 {
                assert_eq!(text_of(&mut decoder, &begin).0, "{\"tick\":1}", "{coding}");
            }
            assert_eq!(text_of(&mut decoder, FLUSHED[1]).0, "{\"tick\":2}");
            let wrong = [FLUSHED[2], &vec![0; trailer.len()]].concat();
            assert_eq!(text_of(&mut decoder, &wrong).1.is_some(), !trailer.is_empty(), "{coding}");
            // On a new connection the stream is another.
            assert_eq!(text_of(&mut decoder, &begin).1, None);
            decoder.begin_again();
            assert_eq!(text_of(&mut decoder, FLUSHED[1]).1, Some(Undecodable::Corrupt(coding)), "{coding}");
        }
    }

    #[test]
    fn messages_that_are_no_part_of_a_recognised_stream_leave_it_alone() {
        for (_, head, _) in STREAMS {
            let mut decoder = Decoder::new(Decoding::Auto, Some(100));
            assert_eq!(text_of(&mut decoder, &[head, FLUSHED[0]].concat()), ("{\"tick\":1}".into(), None));
            assert_eq!(text_of(&mut decoder, b"plain"), ("plain".into(), None));
            assert_eq!(text_of(&mut decoder, GZIP), ("{\"tick\":1}".into(), None));
            assert_eq!(text_of(&mut decoder, FLUSHED[1]), ("{\"tick\":2}".into(), None));
        }
    }

    #[test]
    fn parts_without_end_are_not_decoded() {
        let frame = b"\x28\xb5\x2f\xfd\x20\0\x01\0\0";
        let member = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";
        for (coding, part) in [(Coding::Zstd, &frame[..]), (Coding::Gzip, &member[..])] {
            assert_eq!(decoded(coding, &part.repeat(MOST_PARTS), 10), Ok(Vec::new()));
            let outcome = decoded(coding, &part.repeat(MOST_PARTS + 1), 10);
            assert_eq!(outcome, Err(Undecodable::TooManyParts(coding)));
        }
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
        assert_eq!((told.data.is_some(), told.fault), (true, Some(Undecodable::Truncated(Coding::Gzip))));
    }
}
