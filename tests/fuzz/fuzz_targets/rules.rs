//! Any text as a rules file, and any message to be answered by it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, bool, &[u8])| {
    let (text, is_text, content) = input;
    wscli::fuzzing::rules(text, is_text, content);
});
