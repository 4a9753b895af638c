//! Any text as a curl command.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| wscli::fuzzing::curl(text));
