//! The opening handshake (RFC 6455 §4) for both roles: bytes to typed results and back.
//!
//! Heads are kept as they were on the wire, for display. Bytes behind a head are not touched:
//! they are the first frames.

mod body;
mod client;
mod refusal;
mod request;
mod request_headers;
mod secrets;
mod server;

pub use body::{Answer, Body, Content};
pub use client::{ClientRequest, Fault, Negotiated, Response};
pub use refusal::Refusal;
pub use request::{Method, Request};
pub use request_headers::{BadHeader, Header, basic_credentials, is_token};
pub use secrets::without_secrets;
pub use server::{AcceptOptions, ServerResponse};

use tungstenite::http::HeaderMap;

/// The longest head that is read, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// The protocol version that we speak (§4.1).
const VERSION: &str = "13";

/// The values of all headers of one name, those that aren't text left out.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

/// Whether a comma-separated list, which may be spread over several headers, has `token` in it:
/// `Connection: keep-alive, Upgrade` does have `upgrade`.
fn has_token(headers: &HeaderMap, name: &str, token: &str) -> bool {
    values(headers, name).flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

/// A header's value as it may be shown, where it isn't text.
fn shown(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
