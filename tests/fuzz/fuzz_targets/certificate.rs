//! Any bytes as a certificate that a peer shows, and any names in one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8], &[u8], Vec<&[u8]>)| {
    let (string, subject, issuer, names) = input;
    wscli::fuzzing::certificate(subject);
    wscli::fuzzing::certificate_of(string, subject, issuer, &names);
});
