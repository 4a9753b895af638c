//! The heads of an opening handshake, for a reader that knows by them that WebSocket follows.

use url::Url;

use crate::trace::connection_lines::OpenedLine;

/// The heads as they are recorded, or where those open no WebSocket by HTTP/1.1, such as would.
pub(super) fn heads(opened: &OpenedLine) -> [String; 2] {
    let [request, response] = [&opened.handshake.heads.request, &opened.handshake.heads.response];
    if request.starts_with("GET ") && response.starts_with("HTTP/1.1 101") {
        return [request.clone(), response.clone()];
    }
    let url = Url::parse(&opened.handshake.url).ok();
    let url = url.as_ref();
    let host = url.and_then(Url::host_str).unwrap_or("unknown.invalid");
    let path = url.map_or("/", Url::path);
    let query = url.and_then(Url::query).map(|query| format!("?{query}")).unwrap_or_default();
    let agreed = [("Sec-WebSocket-Protocol", &opened.subprotocol), ("Sec-WebSocket-Extensions", &opened.extension)];
    let agreed: String = agreed
        .iter()
        .filter_map(|(name, value)| {
            value.as_ref().map(|value| format!("{name}: {}\r\n", value.replace(['\r', '\n'], "")))
        })
        .collect();
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    // The key and its answer of RFC 6455 §1.3.
    let (key, answer) = ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    [
        format!(
            "GET {path}{query} HTTP/1.1\r\nHost: {host}\r\n{upgrade}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{agreed}\r\n"
        ),
        format!("HTTP/1.1 101 Switching Protocols\r\n{upgrade}Sec-WebSocket-Accept: {answer}\r\n{agreed}\r\n"),
    ]
}
