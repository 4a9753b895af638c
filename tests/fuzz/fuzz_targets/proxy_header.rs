//! Any bytes as a header of the PROXY protocol, any address in one, and any text as the path of a request for a file.
#![no_main]

use std::net::SocketAddr;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (SocketAddr, bool, &[u8], &[u8])| {
    let (source, is_binary, more, bytes) = input;
    wscli::fuzzing::proxy_header(bytes);
    wscli::fuzzing::proxied(SocketAddr::new(source.ip(), source.port()), is_binary, more, bytes);
    if let Ok(path) = str::from_utf8(bytes) {
        wscli::fuzzing::static_path(path);
    }
});
