//! What of earlier command lines stays with the origin that it was given for, and whether another one gets something in its place.

use std::fmt;

use super::config_file::ConfigSetting;
use crate::client::{Config, Destination};
use crate::http::Header;
use crate::net::target::Target;

/// One thing that stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WithheldSecret {
    Credentials,
    Cookies,
    /// By its name.
    Header(String),
    HeadersOfFile,
    Subprotocols,
    CurlCommand,
    Certificate,
}

impl WithheldSecret {
    /// What a flag gives that proves who a client is.
    pub(super) fn of_proof(setting: &ConfigSetting) -> Self {
        match setting.flag.as_str() {
            "cert" | "key" => Self::Certificate,
            "cookie" => Self::Cookies,
            "from-curl" => Self::CurlCommand,
            _ => Self::Credentials,
        }
    }

    pub(super) fn of_header(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => Self::Credentials,
            "cookie" => Self::Cookies,
            "sec-websocket-protocol" => Self::Subprotocols,
            _ => Self::Header(name.to_owned()),
        }
    }

    /// Whether it proves by TLS who the client is.
    pub(super) fn is_certificate(&self) -> bool {
        *self == Self::Certificate
    }

    /// Whether a client has something of its own in its place: then nothing is missing.
    pub(super) fn is_replaced(&self, config: &Config, destination: Option<&Destination>) -> bool {
        let request = &config.request;
        let has_header =
            |name: &str| request.headers.iter().any(|header| Header::name_of(header).eq_ignore_ascii_case(name));
        match self {
            Self::Credentials => {
                let url = match destination {
                    Some(Destination::Url(url)) => Target::try_parse(url).ok(),
                    _ => None,
                };
                let is_in_url = url.is_some_and(|target| target.userinfo.is_some());
                is_in_url || request.user.is_some() || request.bearer.is_some() || has_header("Authorization")
            }
            Self::Cookies => !request.cookies.is_empty() || has_header("Cookie"),
            Self::Header(name) => {
                has_header(name) || (name.eq_ignore_ascii_case("Referer") && request.referer.is_some())
            }
            Self::Certificate => config.tls.cert.is_some(),
            Self::HeadersOfFile | Self::Subprotocols | Self::CurlCommand => false,
        }
    }
}

impl fmt::Display for WithheldSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Credentials => "credentials",
            Self::Cookies => "cookies",
            Self::Header(name) => name,
            Self::HeadersOfFile => "headers of a file",
            Self::Subprotocols => "tokens among the subprotocols",
            Self::CurlCommand => "the curl command",
            Self::Certificate => "the client certificate",
        })
    }
}
