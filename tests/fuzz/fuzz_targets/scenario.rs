//! Any text as a test file, and any other as whatever it includes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str)| {
    let (text, other) = texts;
    wscli::fuzzing::scenario(text, other);
});
