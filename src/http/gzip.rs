//! gzip (RFC 1952) around DEFLATE, as bodies and messages have it: the header of a member, and what is in one.

use zlib_rs::{Inflate, InflateFlush, Status};

/// Bytes that are made at once.
const PIECE: usize = 16 * 1024;

/// Why inflating has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InflateEnd {
    /// With the stream; zlib's checksum is right.
    OfStream,
    /// With the input.
    OfInput,
    /// There is more in it than was wanted.
    Full,
    /// What follows isn't DEFLATE.
    Broken,
}

/// Appends what is in `input`, and at most a piece more than until there are `limit` bytes in all. Returns how much of the
/// input that took.
pub(crate) fn inflate(stream: &mut Inflate, input: &[u8], limit: u64, inflated: &mut Vec<u8>) -> (usize, InflateEnd) {
    let begin = stream.total_in();
    let mut piece = [0; PIECE];
    loop {
        let used = (stream.total_in() - begin) as usize;
        let written = stream.total_out();
        let status = stream.decompress(&input[used..], &mut piece, InflateFlush::SyncFlush);
        let count = (stream.total_out() - written) as usize;
        inflated.extend_from_slice(&piece[..count]);
        let used = (stream.total_in() - begin) as usize;
        let end = match status {
            Err(_) => InflateEnd::Broken,
            Ok(_) if inflated.len() as u64 > limit => InflateEnd::Full,
            Ok(Status::StreamEnd) => InflateEnd::OfStream,
            Ok(_) if count < PIECE && used == input.len() => InflateEnd::OfInput,
            Ok(_) if count == 0 => InflateEnd::Broken,
            Ok(_) => continue,
        };
        return (used, end);
    }
}

/// What follows the header of a member (RFC 1952 §2.3).
pub(crate) fn past_header(gzip: &[u8]) -> Option<&[u8]> {
    let (&[0x1f, 0x8b, 8, flags, ..], mut rest) = gzip.split_first_chunk::<10>()? else { return None };
    if flags & 0x04 != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [0x08, 0x10] {
        if flags & text != 0 {
            let end = rest.iter().position(|&byte| byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 0x02 != 0 { rest.get(2..) } else { Some(rest) }
}

/// What is in gzip as far as that can be read, and as far as `limit` bytes, whether or not it is what was packed; `None` where
/// it is no gzip.
pub(crate) fn readable(gzip: &[u8], limit: usize) -> Option<Vec<u8>> {
    let (mut member, mut content) = (past_header(gzip), Vec::new());
    member?;
    while let Some(packed) = member {
        let before = content.len();
        let (used, end) = inflate(&mut Inflate::new(false, 15), packed, limit as u64, &mut content);
        // §2.2: one member after the other, each with a checksum and a length behind it.
        let next = packed.get(used + 8..).filter(|_| end == InflateEnd::OfStream);
        // One that has nothing in it is no reason to go on, so that millions of them aren't looked through.
        member = next.filter(|_| content.len() > before).and_then(past_header);
    }
    content.truncate(limit);
    Some(content)
}
