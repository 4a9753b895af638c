//! Messages of HTTP/1.1 (RFC 9110, RFC 9112), without a socket: heads and bodies, for the opening handshake, for forward
//! proxies, and for answers that are neither.
//!
//! Heads are kept as they were on the wire, for display.

mod authentication;
mod authority;
mod body;
mod charset;
mod digits;
pub(crate) mod gzip;
mod head;
mod header;
mod method;
mod problem;
mod response;
mod response_progress;
mod secrets;
mod status;
mod token;
mod version;

pub use authentication::{DigestAnswer, UserPassword, basic_credentials, can_answer_digest, schemes};
pub use authority::{Authority, Host};
pub use body::{BodyContent, BodyReader, ResponseWithBody};
pub(crate) use body::{BodyFraming, ChunkedBody};
pub(crate) use digits::{decimal, hexadecimal};
pub use head::{Headers, is_of_one_connection, is_of_one_handshake, list_elements, percent_encoded};
pub use header::{BadHeader, Header, HeaderValue, field_line, header_field};
pub use method::Method;
pub use response::{LineFault, MalformedResponse, Response};
pub(crate) use response_progress::ResponseProgress;
pub use secrets::{
    AgreedSubprotocol, MASK, Secrets, is_secret_field, is_secret_header, line_without_secrets, replace_url_secrets,
    shown_subprotocols, shown_url, without_secret_subprotocols, without_secrets,
};
pub(crate) use secrets::{requested_subprotocols, shown_host};
pub use status::HttpStatus;
pub(crate) use token::TokenFault;
pub use token::is_token;
pub(crate) use token::may_be_in_token;
pub use version::HttpVersion;

/// The longest head that is read, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// Headers of a head that is read.
pub(crate) const MAX_HEADERS: usize = 124;
