//! Zstandard (RFC 8878): whole frames.

use std::io::Read;

use ruzstd::decoding::StreamingDecoder;

use super::{Coding, Undecodable, check_parts};

/// A frame may need as much memory beside its content, in bytes: as much as its decoders have to support, or what is allowed
/// to be in it.
const LEAST_WINDOW: u64 = 8 << 20;
const MOST_WINDOW: u64 = 128 << 20;

/// Decodes a message of one frame after the other. The decoder keeps back as much as a match may reach, until the frame
/// ends: what a stream has flushed so far can't be had from it.
///
/// # Errors
/// [`Undecodable`].
pub(super) fn message(mut rest: &[u8], limit: u64, decoded: &mut Vec<u8>) -> Result<(), Undecodable> {
    let corrupt = Undecodable::Corrupt(Coding::Zstd);
    for number in 0.. {
        if rest.is_empty() {
            break;
        }
        check_parts(Coding::Zstd, number)?;
        let window = limit.clamp(LEAST_WINDOW, MOST_WINDOW);
        let mut frame = StreamingDecoder::new_with_max_window_size(&mut rest, window).map_err(|_| corrupt)?;
        let most = limit.saturating_add(1).saturating_sub(decoded.len() as u64);
        let read = (&mut frame).take(most).read_to_end(decoded);
        let (given, calculated) = (frame.decoder.get_checksum_from_data(), frame.decoder.get_calculated_checksum());
        match read {
            Err(_) if rest.is_empty() => return Err(Undecodable::Unfinished(Coding::Zstd)),
            Err(_) => return Err(corrupt),
            Ok(_) if decoded.len() as u64 > limit => return Err(Undecodable::TooBig(Coding::Zstd, limit)),
            Ok(_) if given.is_some() && given != calculated => return Err(Undecodable::WrongChecksum(Coding::Zstd)),
            Ok(_) => {}
        }
    }
    Ok(())
}
