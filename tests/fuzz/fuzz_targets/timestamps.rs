//! Any text as a format of `--timestamps`, at any time.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, u32, u32, i8)| {
    let (format, seconds, nanos, offset) = input;
    wscli::fuzzing::timestamps(format, seconds, nanos, offset);
});
