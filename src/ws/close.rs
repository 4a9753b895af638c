//! The payload of a Close frame (RFC 6455 §5.5.1).

use super::frame::MAX_CONTROL_PAYLOAD;
use super::status_code::StatusCode;
use super::utf8::prefix;
use super::violation::Violation;

/// The longest reason that a Close frame carries beside its status code, in bytes (§5.5, §5.5.1).
pub const MAX_CLOSE_REASON: usize = MAX_CONTROL_PAYLOAD - size_of::<u16>();

/// What a Close frame says: nothing at all, or a status code and a reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Close {
    pub code: Option<StatusCode>,
    /// Empty without a code. At most [`MAX_CLOSE_REASON`] bytes of it can be sent, which [`new`](Self::new) sees to and
    /// [`check`](crate::ws::Item::check) checks; a peer's is longer where a Close frame that is too long is tolerated.
    pub reason: String,
}

impl Close {
    /// A Close with a code and a reason; the reason is cut at the last character that fits
    /// [`MAX_CLOSE_REASON`].
    pub fn new(code: StatusCode, reason: &str) -> Self {
        Self { code: Some(code), reason: prefix(reason, MAX_CLOSE_REASON).to_owned() }
    }

    /// Reads the payload of a Close frame.
    ///
    /// # Errors
    /// A payload of one byte, a code that may not be sent, or a reason that isn't UTF-8.
    pub fn parse(payload: &[u8]) -> Result<Self, Violation> {
        let Some((code, reason)) = payload.split_first_chunk::<2>() else {
            return if payload.is_empty() { Ok(Self::default()) } else { Err(Violation::ClosePayloadOfOneByte) };
        };
        let code = StatusCode(u16::from_be_bytes(*code));
        if !code.may_be_sent() {
            return Err(Violation::CloseCode(code));
        }
        let reason = str::from_utf8(reason).map_err(|_| Violation::CloseReasonNotUtf8)?;
        Ok(Self { code: Some(code), reason: reason.to_owned() })
    }

    /// Reads as much as there is to read of a payload that [`parse`](Self::parse) refuses.
    pub fn parse_anyway(payload: &[u8]) -> Self {
        let Some((code, reason)) = payload.split_first_chunk::<2>() else { return Self::default() };
        let code = StatusCode(u16::from_be_bytes(*code));
        Self { code: Some(code), reason: String::from_utf8_lossy(reason).into_owned() }
    }

    /// The payload of the Close frame that says this.
    pub fn payload(&self) -> Vec<u8> {
        let Some(code) = self.code else { return Vec::new() };
        let mut payload = code.0.to_be_bytes().to_vec();
        payload.extend_from_slice(self.reason.as_bytes());
        payload
    }

    /// Whether the connection ended without a complaint: 1000, 1001 or no code.
    pub fn is_clean(&self) -> bool {
        self.code.is_none_or(StatusCode::is_clean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_read_back_as_it_was_written() {
        for close in [Close::default(), Close::new(StatusCode(1000), ""), Close::new(StatusCode(4321), "añ b")] {
            assert_eq!(Close::parse(&close.payload()), Ok(close));
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let close = Close::new(StatusCode::NORMAL, &"é".repeat(100));
        assert_eq!(close.reason, "é".repeat(61));
        assert_eq!(close.check_reason(), Ok(()));
    }

    #[test]
    fn faults_are_told_apart() {
        assert_eq!(Close::parse(b"\x03"), Err(Violation::ClosePayloadOfOneByte));
        assert_eq!(Close::parse(b"\x03\xe8\xff"), Err(Violation::CloseReasonNotUtf8));
        for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            assert_eq!(Close::parse(&code.to_be_bytes()), Err(Violation::CloseCode(StatusCode(code))), "{code}");
        }
        for code in [1000u16, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
            assert!(Close::parse(&code.to_be_bytes()).is_ok(), "{code}");
        }
    }
}
