//! Any text as a fault, and any bytes as the frames that it meets.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &[u8], u8)| {
    let (text, stream, size) = input;
    wscli::fuzzing::fault(text, stream, size);
});
