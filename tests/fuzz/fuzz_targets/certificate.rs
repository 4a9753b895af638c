//! Any bytes as a certificate that a peer shows.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|der: &[u8]| wscli::fuzzing::certificate(der));
