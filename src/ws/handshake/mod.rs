//! The opening handshake (RFC 6455 §4) for both roles, and requests that a proxy passes on: bytes to typed results and back.
//!
//! Bytes behind a head are not touched: they are the first frames.

mod client;
mod passed_request;
mod proxy_request;
mod refusal;
mod request;
mod request_body;
mod request_checks;
mod request_fault;
mod request_target;
mod server;

pub use client::{ClientRequest, Negotiated, ResponseFault};
pub use proxy_request::{ProxyRequest, ProxyTarget, begins_websocket};
pub use refusal::Refusal;
pub(crate) use refusal::{PassedAnswer, Unreached};
pub use request::Request;
pub use request_body::{MalformedChunk, RequestBody};
pub use request_fault::RequestFault;
pub use server::{AcceptOptions, ServerResponse};

/// The protocol version that we speak (§4.1).
pub const VERSION: &str = "13";
