//! Any bytes as an opening handshake: an acceptance that our own client would take, or a refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscli::http::Response;
use wscli::ws::handshake::{AcceptOptions, Request};
use wscli::ws::negotiation::DeflateOptions;

fuzz_target!(|input: (bool, u8, &[u8])| {
    let (context_takeover, bits, bytes) = input;
    let options = DeflateOptions { context_takeover, window_bits: bits % 7 + 9 };
    let answer = match Request::parse(bytes) {
        Ok(None) => return,
        Ok(Some(request)) => {
            assert!(bytes.starts_with(&request.raw));
            match request.accept(&AcceptOptions { deflate: Some(options), ..AcceptOptions::default() }) {
                Ok(acceptance) => acceptance.response,
                Err(refusal) => refusal.response(),
            }
        }
        Err(refusal) => refusal.response(),
    };
    assert!(matches!(Response::parse(&answer), Ok(Some(_))));
});
