//! Any bytes as compressed messages inflate in bounded steps or are refused; any content survives
//! compression, in any parts, any number of times, with and without a rest, and zlib reads it with the window that was agreed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscli::ws::{Deflater, Inflater};

const STEP: usize = 64 * 1024;

/// What a sync flush ends with, which isn't sent (RFC 7692 §7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

fuzz_target!(|input: (bool, u8, u8, u16, u8, &[u8])| {
    let (takeover, level, bits, part, times, bytes) = input;
    let bits = bits % 8 + 8;
    inflate(&mut Inflater::new(takeover), bytes);

    let mut deflater = Deflater::new(u32::from(level % 9) + 1, bits, takeover);
    let mut inflater = Inflater::new(takeover);
    let mut zlib = zlib_rs::Inflate::new(false, bits);
    for _ in 0..=times {
        let mut packed = Vec::new();
        for piece in bytes.chunks(usize::from(part).max(1)) {
            packed.extend_from_slice(deflater.push(piece, false));
        }
        packed.extend_from_slice(deflater.push(b"", true));
        if part % 3 == 0 {
            deflater.rest();
        }
        assert_eq!(inflate(&mut inflater, &packed).as_deref(), Some(bytes));

        packed.extend(TAIL);
        let (mut content, before) = (vec![0; bytes.len() + 1], zlib.total_out());
        zlib.decompress(&packed, &mut content, zlib_rs::InflateFlush::SyncFlush).unwrap();
        assert_eq!(&content[..(zlib.total_out() - before) as usize], bytes);
    }
});

/// The content of a message, as far as 1 MiB, or nothing if it is corrupt.
fn inflate(inflater: &mut Inflater, mut message: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let inflated = inflater.push(message).ok()?;
        assert!(inflated.bytes.len() <= STEP);
        content.extend_from_slice(inflated.bytes);
        message = &message[inflated.used..];
        if inflated.drained {
            return inflater.finish().is_ok().then_some(content);
        }
        if content.len() > 1 << 20 {
            return None;
        }
    }
}
