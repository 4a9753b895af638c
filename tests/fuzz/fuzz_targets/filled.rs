//! Any message in templates that are JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (template, is_text, content) = input;
    wscli::fuzzing::filled(template, is_text, content);
});
