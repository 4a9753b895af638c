//! Any lines as events to send, of `--in json`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &[u8]| wscli::fuzzing::sent(lines));
