//! Any bytes as binary messages that `--decode` and the prompt look into, and any content that was compressed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u16, u8, Vec<&[u8]>)| {
    let (decoding, limit, cut, messages) = input;
    wscli::fuzzing::decoded(decoding, limit, cut, &messages);
    wscli::fuzzing::decoded_again(cut, &messages);
});
