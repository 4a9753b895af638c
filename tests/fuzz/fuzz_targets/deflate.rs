//! Any bytes as compressed messages inflate in bounded steps or are refused; any content survives
//! compression, in any parts and with any window.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscli::ws::{Deflater, Inflater};

const STEP: usize = 64 * 1024;

fuzz_target!(|input: (bool, u8, u8, u16, &[u8])| {
    let (takeover, level, bits, part, bytes) = input;
    inflate(&mut Inflater::new(takeover), bytes);

    let mut deflater = Deflater::new(u32::from(level % 9) + 1, bits % 7 + 9, takeover);
    let mut inflater = Inflater::new(takeover);
    for _ in 0..2 {
        let mut packed = Vec::new();
        for piece in bytes.chunks(usize::from(part).max(1)) {
            packed.extend_from_slice(deflater.push(piece, false));
        }
        packed.extend_from_slice(deflater.push(b"", true));
        assert_eq!(inflate(&mut inflater, &packed).as_deref(), Some(bytes));
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
