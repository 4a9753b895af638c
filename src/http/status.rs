//! The status codes of responses.

use std::fmt;

/// The status code of a response (RFC 9110 §15). `Display` adds its registered name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpStatus(pub u16);

impl HttpStatus {
    pub const SWITCHING_PROTOCOLS: Self = Self(101);
    pub const OK: Self = Self(200);
    pub const NO_CONTENT: Self = Self(204);
    pub const MOVED_PERMANENTLY: Self = Self(301);
    pub const FOUND: Self = Self(302);
    pub const SEE_OTHER: Self = Self(303);
    pub const NOT_MODIFIED: Self = Self(304);
    pub const TEMPORARY_REDIRECT: Self = Self(307);
    pub const PERMANENT_REDIRECT: Self = Self(308);
    pub const BAD_REQUEST: Self = Self(400);
    pub const UNAUTHORIZED: Self = Self(401);
    pub const FORBIDDEN: Self = Self(403);
    pub const NOT_FOUND: Self = Self(404);
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    pub const PROXY_AUTHENTICATION_REQUIRED: Self = Self(407);
    pub const REQUEST_TIMEOUT: Self = Self(408);
    pub const GONE: Self = Self(410);
    pub const UPGRADE_REQUIRED: Self = Self(426);
    pub const TOO_MANY_REQUESTS: Self = Self(429);
    pub const REQUEST_HEADER_FIELDS_TOO_LARGE: Self = Self(431);
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    pub const NOT_IMPLEMENTED: Self = Self(501);
    pub const BAD_GATEWAY: Self = Self(502);
    pub const SERVICE_UNAVAILABLE: Self = Self(503);
    pub const GATEWAY_TIMEOUT: Self = Self(504);
    pub const HTTP_VERSION_NOT_SUPPORTED: Self = Self(505);
    pub const LOOP_DETECTED: Self = Self(508);

    /// 100 to 199 (RFC 9110 §15.2).
    pub fn is_informational(self) -> bool {
        matches!(self.0, 100..=199)
    }

    /// Whether no answer with it has a body, whatever its head says (RFC 9110 §6.4.1).
    pub(crate) fn has_no_body(self) -> bool {
        self.is_informational() || matches!(self, Self::NO_CONTENT | Self::NOT_MODIFIED)
    }

    /// 200 to 299 (RFC 9110 §15.3).
    pub fn is_success(self) -> bool {
        matches!(self.0, 200..=299)
    }

    /// 300 to 399 (RFC 9110 §15.4).
    pub fn is_redirection(self) -> bool {
        matches!(self.0, 300..=399)
    }

    /// One of those that name another place for the same request.
    pub fn is_redirect(self) -> bool {
        self.is_permanent_redirect() || matches!(self, Self::FOUND | Self::SEE_OTHER | Self::TEMPORARY_REDIRECT)
    }

    /// A redirect that is to be remembered (RFC 9110 §15.4.2, §15.4.9).
    pub fn is_permanent_redirect(self) -> bool {
        matches!(self, Self::MOVED_PERMANENTLY | Self::PERMANENT_REDIRECT)
    }

    /// Whether the same request may be answered otherwise later: what curl retries. 500 is among it, which proxies of development
    /// servers answer with while the server behind them is starting.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::REQUEST_TIMEOUT
                | Self::TOO_MANY_REQUESTS
                | Self::INTERNAL_SERVER_ERROR
                | Self::BAD_GATEWAY
                | Self::SERVICE_UNAVAILABLE
                | Self::GATEWAY_TIMEOUT
        )
    }
}

impl fmt::Display for HttpStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registered = tungstenite::http::StatusCode::from_u16(self.0).ok();
        match registered.and_then(|status| status.canonical_reason()) {
            Some(reason) => write!(f, "{} {reason}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_shown_with_its_name() {
        assert_eq!(HttpStatus(404).to_string(), "404 Not Found");
        assert_eq!(HttpStatus(799).to_string(), "799");
    }
}
