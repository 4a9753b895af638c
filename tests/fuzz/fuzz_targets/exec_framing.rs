//! Any messages to the command of `--exec` and back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, Vec<(bool, &[u8])>)| {
    let (framing, messages) = input;
    wscli::fuzzing::framing(framing, &messages);
});
