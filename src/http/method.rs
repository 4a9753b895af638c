//! The methods of requests that are read.

use std::fmt;

/// What plain HTTP may ask for; an opening handshake is a GET (RFC 6455 §4.1 point 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Options,
    /// Any other, which is only ever passed on.
    Other(String),
}

impl Method {
    /// Those that are answered here, for `Allow` (RFC 9110 §10.2.1).
    pub const ALL: &str = "GET, HEAD, OPTIONS";

    /// The same where all but CONNECT are passed on: no list has those that somebody has made up, and these are the known ones
    /// (RFC 9110 §9.3, RFC 5789).
    pub const PASSED_ON: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";

    /// The method of this name, which has a case (RFC 9110 §9.1), if it is one that is answered here.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Get, Self::Head, Self::Options].into_iter().find(|method| method.to_string() == name)
    }

    /// The method of this name, whichever that is; `None` for CONNECT, which makes what follows something else than HTTP.
    pub(crate) fn passed_on(name: &str) -> Option<Self> {
        Self::named(name).or_else(|| (name != "CONNECT").then(|| Self::Other(name.to_owned())))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Other(name) => name,
        })
    }
}
