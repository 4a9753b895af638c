//! The opening handshake (RFC 6455 §4) for both roles: bytes to typed results and back.
//!
//! Heads are kept as they were on the wire, for display. Bytes behind a head are not touched:
//! they are the first frames.

mod authentication;
mod authority;
mod body;
mod charset;
mod client;
mod head;
mod http_status;
mod http_version;
mod method;
mod problem;
mod proxy_request;
mod refusal;
mod request;
mod request_checks;
mod request_fault;
mod request_headers;
mod request_target;
mod response;
mod secrets;
mod server;

pub use authentication::{DigestAnswer, UserPassword, basic_credentials, can_answer_digest, schemes};
pub use authority::{Authority, Host};
pub use body::{BodyContent, BodyReader, ResponseWithBody};
pub use client::{ClientRequest, Negotiated, ResponseFault};
pub use head::{Headers, is_of_one_connection, list_elements, percent_encoded};
pub use http_status::HttpStatus;
pub use http_version::HttpVersion;
pub use method::Method;
pub use proxy_request::{MalformedChunk, ProxyRequest, ProxyTarget, RequestBody, begins_websocket};
pub use refusal::Refusal;
pub use request::Request;
pub use request_fault::RequestFault;
pub use request_headers::{BadHeader, Header, header_field};
pub use response::{LineFault, MalformedResponse, Response};
pub(crate) use secrets::requested_subprotocols;
pub use secrets::{
    AgreedSubprotocol, MASK, Secrets, is_secret_field, is_secret_header, replace_url_secrets, shown_subprotocols,
    shown_url, without_secret_subprotocols, without_secrets,
};
pub use server::{AcceptOptions, ServerResponse};

/// The longest head that is read, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// Headers of a head that is read.
const MAX_HEADERS: usize = 124;

/// The protocol version that we speak (§4.1).
pub const VERSION: &str = "13";
