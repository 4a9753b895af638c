//! Any bytes as stdin in each mode of `--in`, and as one line of `--in json`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (mode, binary, bytes) = input;
    wscli::fuzzing::stdin(mode, binary, bytes);
    wscli::fuzzing::record(bytes);
});
