//! What a request is held against besides its target: no body (RFC 9110), and the opening handshake (RFC 6455 §4.2.1).

use super::VERSION;
use super::request_fault::RequestFault;
use crate::http::{Headers, HttpVersion, Method, Secrets, is_token, list_elements, shown_subprotocols};
use crate::ws::extension;

/// A request that opens a connection has no body, and a GET none that means anything (RFC 9110 §9.3.1): its bytes would
/// be read as frames, or as somebody else's request.
pub(super) fn body_faults(headers: &Headers) -> Vec<RequestFault> {
    let mut faults = Vec::new();
    if headers.is_twice("content-length") {
        faults.push(RequestFault::Twice("Content-Length"));
    }
    let lengths =
        headers.all_shown("content-length").filter(|length| length.is_empty() || length.bytes().any(|b| b != b'0'));
    faults.extend(lengths.take(1).map(|value| RequestFault::Body { name: "Content-Length", value }));
    let codings = headers.all_shown("transfer-encoding").take(1);
    faults.extend(codings.map(|value| RequestFault::Body { name: "Transfer-Encoding", value }));
    faults
}

/// Whether the request would open a WebSocket. Other protocols that it would upgrade to may be ignored (RFC 9110 §7.8), as
/// HTTP/2 that many clients offer; a key says what is meant where `Upgrade` is garbled.
pub(super) fn is_opening_handshake(headers: &Headers) -> bool {
    let is_garbled = || headers.contains("upgrade") && headers.contains("sec-websocket-key");
    headers.has_token("upgrade", "websocket") || is_garbled()
}

/// The key, and whatever is wrong with the request as an opening handshake (§4.2.1).
pub(super) fn handshake_faults(
    method: &Method,
    version: HttpVersion,
    headers: &Headers,
) -> (Option<String>, Vec<RequestFault>) {
    let mut faults = Vec::new();
    if *method != Method::Get {
        faults.push(RequestFault::Method);
    }
    if version != HttpVersion::Http11 {
        faults.push(RequestFault::HttpVersion);
    }
    if !headers.has_token("upgrade", "websocket") {
        faults.push(RequestFault::Upgrade);
    }
    if !headers.has_token("connection", "upgrade") {
        faults.push(RequestFault::Connection);
    }
    let key = only(headers, "Sec-WebSocket-Key", &mut faults).filter(|key| {
        let is_nonce = is_nonce(key);
        faults.extend((!is_nonce).then_some(RequestFault::Key));
        is_nonce
    });
    let protocol_version = only(headers, "Sec-WebSocket-Version", &mut faults);
    faults.extend(protocol_version.filter(|version| version != VERSION).map(RequestFault::Version));
    // RFC 6454 §7.3.
    faults.extend(headers.is_twice("origin").then_some(RequestFault::Twice("Origin")));
    let (_, malformed) = extension::named_in(headers);
    faults.extend(malformed.into_iter().map(RequestFault::MalformedExtensions));
    faults.extend(subprotocol_fault(headers));
    (key, faults)
}

/// The value of a header that has to be there once (§11.3.1, §11.3.5).
fn only(headers: &Headers, name: &'static str, faults: &mut Vec<RequestFault>) -> Option<String> {
    let value = headers.shown(name);
    if value.is_none() {
        faults.push(RequestFault::Missing(name));
    } else if headers.is_twice(name) {
        faults.push(RequestFault::Twice(name));
        return None;
    }
    value
}

/// §4.1 point 10: tokens, at least one, each once.
fn subprotocol_fault(headers: &Headers) -> Option<RequestFault> {
    const NAME: &str = "sec-websocket-protocol";
    let lists: Vec<_> = headers.all_shown(NAME).collect();
    let names: Vec<_> = lists.iter().flat_map(|list| list_elements(list)).collect();
    let list = lists.join(",");
    // One of them may be a token that nobody is to see.
    let shown = shown_subprotocols(&list, Secrets::Masked);
    let why = if let Some(wrong) = names.iter().position(|name| !is_token(name)) {
        format!("{:?} is not a token", shown[wrong])
    } else if let Some(twice) = (0..names.len()).find(|at| names[..*at].contains(&names[*at])) {
        format!("{:?} appears twice", shown[twice])
    } else if names.is_empty() && headers.contains(NAME) {
        "it names no subprotocol".to_owned()
    } else {
        return None;
    };
    Some(RequestFault::MalformedSubprotocols(why))
}

/// §4.1 point 7: 16 bytes in base64 are 22 characters, of which the last carries two bits, and "==".
fn is_nonce(key: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    key.len() == 24 && key.ends_with("==") && key.bytes().take(22).all(is_base64)
}
