//! A stream of DEFLATE as it is or inside gzip or zlib, which may go on from one message to the next: a server that keeps its
//! compressor flushes it at the end of each message (Z_SYNC_FLUSH).

use std::fmt;

use zlib_rs::Inflate;
use zlib_rs::crc32::crc32;

use super::{Coding, Undecodable, check_parts};
use crate::http::gzip::{self, InflateEnd};

/// What a flush ends with: an empty block that isn't compressed.
pub(super) const FLUSH: &[u8; 4] = b"\x00\x00\xff\xff";

pub(super) struct DecoderStream {
    coding: Coding,
    inflate: Inflate,
    /// The header of gzip has been read.
    begun: bool,
    /// Of what is in the member of gzip so far.
    crc: u32,
    length: u32,
}

impl DecoderStream {
    /// Of gzip, zlib or DEFLATE, from its beginning.
    pub(super) fn new(coding: Coding) -> Self {
        let inflate = Inflate::new(coding == Coding::Zlib, 15);
        Self { coding, inflate, begun: coding != Coding::Gzip, crc: 0, length: 0 }
    }

    /// Decodes a message. Returns whether the stream goes on in the next one.
    ///
    /// # Errors
    /// [`Undecodable`], after which there is no going on.
    pub(super) fn message(&mut self, mut rest: &[u8], limit: u64, decoded: &mut Vec<u8>) -> Result<bool, Undecodable> {
        let (corrupt, truncated) = (Undecodable::Corrupt(self.coding), Undecodable::Truncated(self.coding));
        for number in 0.. {
            check_parts(self.coding, number)?;
            if !std::mem::replace(&mut self.begun, true) {
                rest = gzip::past_header(rest).ok_or(if is_gzip(rest) { truncated } else { corrupt })?;
            }
            let before = decoded.len();
            let (used, has_ended) = self.inflate(rest, limit, decoded)?;
            rest = &rest[used..];
            self.count(&decoded[before..]);
            if !has_ended {
                return Ok(true);
            }
            if self.coding == Coding::Gzip {
                let (trailer, after) = rest.split_first_chunk::<8>().ok_or(truncated)?;
                self.check(*trailer)?;
                rest = after;
            }
            // RFC 1952 §2.2: one member after the other. Behind the others nothing follows.
            if rest.is_empty() || self.coding != Coding::Gzip {
                return if rest.is_empty() { Ok(false) } else { Err(corrupt) };
            }
            *self = Self::new(self.coding);
        }
        Ok(false)
    }

    fn count(&mut self, decoded: &[u8]) {
        if self.coding == Coding::Gzip {
            self.crc = crc32(self.crc, decoded);
            // RFC 1952 §2.3.1: modulo 2^32.
            self.length = self.length.wrapping_add(decoded.len() as u32);
        }
    }

    fn check(&self, trailer: [u8; 8]) -> Result<(), Undecodable> {
        let expected = [self.crc.to_le_bytes(), self.length.to_le_bytes()].concat();
        if trailer[..] == expected[..] { Ok(()) } else { Err(Undecodable::WrongChecksum(self.coding)) }
    }

    /// Inflates to the end of the stream, or to a flush that ends the input. Returns how much of the input that was, and
    /// whether the stream has ended.
    fn inflate(&mut self, input: &[u8], limit: u64, decoded: &mut Vec<u8>) -> Result<(usize, bool), Undecodable> {
        match gzip::inflate(&mut self.inflate, input, limit, decoded) {
            (used, InflateEnd::OfStream) => Ok((used, true)),
            (used, InflateEnd::OfInput) if input.ends_with(FLUSH) => Ok((used, false)),
            (_, InflateEnd::OfInput) => Err(Undecodable::Truncated(self.coding)),
            (_, InflateEnd::Full) => Err(Undecodable::TooBig(self.coding, limit)),
            (_, InflateEnd::Broken) => Err(Undecodable::Corrupt(self.coding)),
        }
    }
}

/// RFC 1952 §2.3.1: its two bytes, and the one method that there is.
fn is_gzip(content: &[u8]) -> bool {
    content.starts_with(b"\x1f\x8b\x08")
}

impl fmt::Debug for DecoderStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecoderStream").field("coding", &self.coding).finish_non_exhaustive()
    }
}
