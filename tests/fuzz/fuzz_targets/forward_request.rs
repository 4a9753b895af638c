//! Any bytes as a request to a proxy, and what follows it as its body; as SOCKS 5; as what a client begins with in a tunnel.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscli::ws::handshake::{ProxyRequest, ProxyTarget, Request, begins_websocket};

fuzz_target!(|input: (&[u8], u8)| {
    let (bytes, split) = input;
    wscli::fuzzing::socks(bytes);
    // What is told once isn't told otherwise when more has come.
    let early = begins_websocket(&bytes[..bytes.len().min(split.into())]);
    assert!(early.is_none() || early == begins_websocket(bytes));
    let Ok(Some(request)) = ProxyRequest::parse(bytes) else { return };
    let ProxyTarget::Resource { .. } = request.target else { return };
    let behind = &bytes[request.raw.len()..];
    // It grows by a Host, and may be too large then.
    let Ok(Some(request)) = Request::parse_any(&request.in_origin_form()) else { return };
    let mut whole = request.body().unwrap();
    let mut pieces = request.body().unwrap();
    let (first, second) = behind.split_at(behind.len().min(split.into()));
    let taken = pieces.take(first).and_then(|count| match count < first.len() {
        true => Ok(count),
        false => Ok(count + pieces.take(second)?),
    });
    assert_eq!(whole.take(behind), taken);
    // One head, and a body of the same framing.
    let head = request.head_for(&request.resource, b"a", request.headers.iter().map(|(name, value)| (name, value.as_bytes())));
    assert_eq!(head.windows(4).position(|four| four == b"\r\n\r\n"), Some(head.len() - 4));
});
