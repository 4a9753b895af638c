//! Any bytes as a header of the PROXY protocol, and any text as the path of a request for a file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    wscli::fuzzing::proxy_header(bytes);
    if let Ok(path) = str::from_utf8(bytes) {
        wscli::fuzzing::static_path(path);
    }
});
