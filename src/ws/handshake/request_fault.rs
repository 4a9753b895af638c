//! What can be wrong with a client's request.

use crate::http::{Secrets, shown_host, shown_url};
use std::fmt;

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestFault {
    /// Neither a path nor the URL of one (RFC 9112 §3.2.1, §3.2.2).
    Target(String),
    /// RFC 6455 §3, RFC 9112 §3.2: a fragment stays with the client.
    Fragment(String),
    Missing(&'static str),
    /// More than one line of a header that may have one only.
    Twice(&'static str),
    /// RFC 9112 §3.2.
    Host(String),
    /// A header that announces a body: what follows the head would be read as frames.
    Body {
        name: &'static str,
        value: String,
    },
    /// RFC 6455 §4.1 point 2.
    Method,
    HttpVersion,
    Upgrade,
    Connection,
    /// §4.1 point 7.
    Key,
    /// §4.4.
    Version(String),
    /// §9.1.
    MalformedExtensions(String),
    /// §4.1 point 10.
    MalformedSubprotocols(String),
}

impl std::error::Error for RequestFault {}

impl fmt::Display for RequestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(target) => {
                let target = shown_url(target, Secrets::Masked);
                write!(f, "the target {target:?} is neither a path nor an http URL (RFC 9112 §3.2)")
            }
            Self::Fragment(target) => {
                write!(f, "the target {:?} has a fragment (RFC 6455 §3)", shown_url(target, Secrets::Masked))
            }
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::Twice(name) => write!(f, "{name} appears twice"),
            Self::Host(value) => {
                write!(f, "Host {:?} is not a host with a port or without (RFC 9112 §3.2)", shown_host(value))
            }
            Self::Body { name, value } => {
                write!(f, "the request has a body ({name}: {value:?}), and an opening handshake has none")
            }
            Self::Method => f.write_str("the opening handshake is a GET request"),
            Self::HttpVersion => f.write_str("the opening handshake needs HTTP/1.1 or later"),
            Self::Upgrade => f.write_str("Upgrade does not include websocket"),
            Self::Connection => f.write_str("Connection does not include Upgrade"),
            Self::Key => f.write_str("Sec-WebSocket-Key is not 16 bytes in base64"),
            Self::Version(version) => {
                write!(f, "Sec-WebSocket-Version is {version:?}, and this server supports {}", super::VERSION)
            }
            Self::MalformedExtensions(why) => write!(f, "Sec-WebSocket-Extensions is malformed: {why} (RFC 6455 §9.1)"),
            Self::MalformedSubprotocols(why) => {
                write!(f, "Sec-WebSocket-Protocol is malformed: {why} (RFC 6455 §4.1)")
            }
        }
    }
}
