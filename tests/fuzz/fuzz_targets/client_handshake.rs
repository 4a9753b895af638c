//! Any bytes as the answer to an opening handshake: a connection, or faults that can be printed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscli::http::{BodyReader, Response};
use wscli::ws::handshake::ClientRequest;
use wscli::ws::negotiation::DeflateOptions;

fuzz_target!(|input: (bool, bool, u8, &[u8])| {
    let (offered, context_takeover, bits, bytes) = input;
    let options = DeflateOptions { context_takeover, window_bits: bits % 7 + 9 };
    let request = ClientRequest {
        host: "localhost".into(),
        resource: "/".into(),
        key: "dGhlIHNhbXBsZSBub25jZQ==".into(),
        subprotocols: vec!["chat".into()],
        deflate: offered.then_some(options),
        headers: vec![],
    };
    if let Ok(Some(response)) = Response::parse(bytes) {
        assert!(bytes.starts_with(&response.raw));
        let (accepted, faults) = request.validate(&response);
        assert!(accepted.deflate.is_none() || offered);
        assert!(faults.iter().all(|fault| !fault.to_string().is_empty()));
        let mut body = BodyReader::new(&response, 100);
        let _ = body.push(&bytes[response.raw.len()..]);
        assert!(body.finish().bytes.len() <= 100);
    }
});
