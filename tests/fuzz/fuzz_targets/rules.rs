//! Any text as a rules file, and any messages of a connection to be answered by it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, Vec<(bool, &[u8])>)| {
    let (text, messages) = input;
    wscli::fuzzing::rules(text, &messages);
});
