//! Any bytes as a binary message that `--decode` and the prompt look into.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u16, u8, &[u8])| {
    let (decoding, limit, cut, bytes) = input;
    wscli::fuzzing::decoded(decoding, limit, cut, bytes);
});
