//! Any text as a `Location`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (from, location) = input;
    wscli::fuzzing::redirect(from, location);
});
