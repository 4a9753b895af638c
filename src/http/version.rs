//! The versions of HTTP that requests are made in.

/// The version of HTTP that a request is made in. Later ones have no request line (RFC 9113, RFC 9114).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpVersion {
    Http10,
    Http11,
}
