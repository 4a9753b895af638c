//! The status codes of responses.

use std::fmt;

/// The status code of a response (RFC 9110 §15). `Display` adds its registered name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpStatus(pub u16);

impl HttpStatus {
    pub const SWITCHING_PROTOCOLS: Self = Self(101);
    pub const PROXY_AUTHENTICATION_REQUIRED: Self = Self(407);

    /// 100 to 199 (RFC 9110 §15.2).
    pub fn is_informational(self) -> bool {
        matches!(self.0, 100..=199)
    }

    /// 200 to 299 (RFC 9110 §15.3).
    pub fn is_success(self) -> bool {
        matches!(self.0, 200..=299)
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
