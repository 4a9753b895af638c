//! Any text and any message as they are shown on a terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, bool, u8, u8, &[u8])| {
    let (format, is_text, columns, lines, bytes) = input;
    wscli::fuzzing::body(format, is_text, columns, lines, bytes);
    wscli::fuzzing::text(columns, &String::from_utf8_lossy(bytes));
});
