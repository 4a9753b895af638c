//! The methods of requests that are read.

use std::fmt;

/// What plain HTTP may ask for; an opening handshake is a GET (RFC 6455 §4.1 point 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Options,
}

impl Method {
    /// For `Allow` (RFC 9110 §10.2.1).
    pub const ALL: &str = "GET, HEAD, OPTIONS";

    /// The method of this name, which has a case (RFC 9110 §9.1).
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Get, Self::Head, Self::Options].into_iter().find(|method| method.to_string() == name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
        })
    }
}
