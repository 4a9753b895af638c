//! The answers that open no connection.

use std::fmt;

use super::request_fault::RequestFault;
use crate::http::HttpStatus;

/// An answer that doesn't open a connection: a status, and why, as a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: HttpStatus,
    /// What is wrong, for the body and for our log.
    pub reason: String,
    /// Lines of the head besides those that every refusal has.
    headers: Vec<u8>,
    /// Instead of the reason as a line of text: what is somebody else's, which `headers` describe. In a box, as results have room
    /// for a refusal, and hardly any has this.
    passed: Option<Box<PassedAnswer>>,
    /// What keeps from the server, where the way is what is missing.
    pub(crate) unreached: Option<Unreached>,
    /// It is only that there are as many as there may be.
    pub(crate) is_limit: bool,
}

/// What a refusal has of the answer of a server behind us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PassedAnswer {
    pub(crate) body: Vec<u8>,
    /// Not all of that has come, and its reader is to see that (RFC 9112 §8).
    pub(crate) breaks_off: bool,
    /// What the status is called, instead of its registered name, without control characters.
    pub(crate) phrase: Option<Vec<u8>>,
}

/// Why there is no way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreached {
    /// Nobody listens there.
    Refused,
    /// The host, or its name, can't be found.
    Host,
    Network,
    /// It takes too long.
    Late,
}

impl Refusal {
    fn new(status: HttpStatus, headers: &str, reason: &str) -> Self {
        Self {
            status,
            reason: reason.to_owned(),
            headers: headers.as_bytes().to_vec(),
            passed: None,
            unreached: None,
            is_limit: false,
        }
    }

    /// What a request with these faults gets, each of them named.
    pub(super) fn for_faults(faults: &[RequestFault]) -> Self {
        let reason = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        // RFC 6455 §4.4: the answer says which version would have been right.
        match faults.iter().any(|fault| matches!(fault, RequestFault::Version(_))) {
            true => Self::upgrade_required(&reason),
            false => Self::bad_request(&reason),
        }
    }

    /// Any status, with more lines for its head, each ended by CRLF.
    pub fn with_status(status: HttpStatus, headers: &str, reason: &str) -> Self {
        Self::new(status, headers, reason)
    }

    pub fn bad_request(reason: &str) -> Self {
        Self::new(HttpStatus::BAD_REQUEST, "", reason)
    }

    /// `challenges` are the ways to authenticate (RFC 9110 §11.6.1), one at least.
    pub fn unauthorized(challenges: &[&str], reason: &str) -> Self {
        let headers: String = challenges.iter().map(|challenge| format!("WWW-Authenticate: {challenge}\r\n")).collect();
        Self::new(HttpStatus::UNAUTHORIZED, &headers, reason)
    }

    /// The same of a proxy (RFC 9110 §11.7.1).
    pub fn proxy_authentication_required(challenges: &[&str], reason: &str) -> Self {
        let headers: String =
            challenges.iter().map(|challenge| format!("Proxy-Authenticate: {challenge}\r\n")).collect();
        Self::new(HttpStatus::PROXY_AUTHENTICATION_REQUIRED, &headers, reason)
    }

    /// RFC 6455 §4.2.2 point 4 and §10.2: an Origin that isn't welcome.
    pub fn forbidden(reason: &str) -> Self {
        Self::new(HttpStatus::FORBIDDEN, "", reason)
    }

    pub fn not_found(reason: &str) -> Self {
        Self::new(HttpStatus::NOT_FOUND, "", reason)
    }

    /// RFC 6455 §4.4 and RFC 9110 §15.5.22.
    pub fn upgrade_required(reason: &str) -> Self {
        let headers = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        Self::new(HttpStatus::UPGRADE_REQUIRED, headers, reason)
    }

    /// The request is plain HTTP, and nothing answers that here.
    pub fn no_upgrade() -> Self {
        Self::upgrade_required("this is a WebSocket server: the request has no Upgrade header")
    }

    /// `allowed` are the methods that are (RFC 9110 §15.5.6).
    pub(crate) fn method_not_allowed(allowed: &str, reason: &str) -> Self {
        Self::new(HttpStatus::METHOD_NOT_ALLOWED, &format!("Allow: {allowed}\r\n"), reason)
    }

    /// A version of HTTP that isn't ours.
    pub fn version_not_supported(reason: &str) -> Self {
        Self::new(HttpStatus::HTTP_VERSION_NOT_SUPPORTED, "", reason)
    }

    pub(super) fn too_large(reason: &str) -> Self {
        Self::new(HttpStatus::REQUEST_HEADER_FIELDS_TOO_LARGE, "", reason)
    }

    /// The head didn't arrive in time.
    pub fn timeout() -> Self {
        Self::new(HttpStatus::REQUEST_TIMEOUT, "", "timed out waiting for the request")
    }

    /// There is no room for another connection.
    pub fn unavailable(reason: &str) -> Self {
        Self::new(HttpStatus::SERVICE_UNAVAILABLE, "Retry-After: 1\r\n", reason)
    }

    /// There are as many connections as there may be.
    pub fn at_limit(reason: &str) -> Self {
        Self { is_limit: true, ..Self::unavailable(reason) }
    }

    /// What is asked for is at a server behind us, and can't be had there (RFC 9110 §15.6.3).
    pub fn bad_gateway(reason: &str) -> Self {
        Self::new(HttpStatus::BAD_GATEWAY, "", reason)
    }

    /// The same, because the server takes too long (RFC 9110 §15.6.5).
    pub fn gateway_timeout(reason: &str) -> Self {
        Self::new(HttpStatus::GATEWAY_TIMEOUT, "", reason)
    }

    /// The request has been here before (RFC 5842 §7.2).
    pub fn loop_detected(reason: &str) -> Self {
        Self::new(HttpStatus::LOOP_DETECTED, "", reason)
    }

    /// The answer of a server behind us. `headers` are lines of its head, each ended by CRLF, without those of one connection and
    /// the length.
    pub(crate) fn of_server(status: HttpStatus, headers: Vec<u8>, passed: PassedAnswer) -> Self {
        let reason = format!("the server answered {status}");
        Self { passed: Some(Box::new(passed)), headers, ..Self::new(status, "", &reason) }
    }

    /// Says what keeps from the server, for protocols that have their own words for it.
    #[must_use]
    pub(crate) fn with_unreached(self, unreached: Option<Unreached>) -> Self {
        Self { unreached, ..self }
    }

    /// Adds lines to the head, each ended by CRLF.
    #[must_use]
    pub fn with_headers(mut self, lines: &str) -> Self {
        self.headers.extend_from_slice(lines.as_bytes());
        self
    }

    /// Adds a note to the reason.
    #[must_use]
    pub fn with_note(mut self, note: &str) -> Self {
        self.reason.push_str(&format!(" ({note})"));
        self
    }

    /// The head of the response, which is all that a HEAD request gets (RFC 9110 §9.3.2).
    pub fn head(&self) -> Vec<u8> {
        let Self { status, reason, headers, passed, .. } = self;
        let (kind, length) = match passed {
            // Nor has it a length (§8.6); a 304 might have the one of what hasn't changed, which isn't known here.
            _ if self.status.has_no_body() => ("", String::new()),
            Some(passed) if passed.breaks_off => ("", "Transfer-Encoding: chunked\r\n".into()),
            Some(passed) => ("", format!("Content-Length: {}\r\n", passed.body.len())),
            None => {
                ("Content-Type: text/plain; charset=utf-8\r\n", format!("Content-Length: {}\r\n", reason.len() + 1))
            }
        };
        // RFC 9110 §7.8: whoever names a protocol says that this is of one connection.
        let names_protocol = headers.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"Upgrade: "));
        let connection = if names_protocol { "Upgrade, close" } else { "close" };
        let called = match passed.as_ref().and_then(|passed| passed.phrase.as_ref()) {
            Some(phrase) => [status.0.to_string().as_bytes(), b" ", phrase].concat(),
            None => status.to_string().into_bytes(),
        };
        let lines = format!("Connection: {connection}\r\n{kind}{length}\r\n");
        [b"HTTP/1.1 ", called.as_slice(), b"\r\n", headers, lines.as_bytes()].concat()
    }

    /// The whole response: head, and the reason as a line of text or the body in its place.
    pub fn response(&self) -> Vec<u8> {
        if self.status.has_no_body() {
            return self.head();
        }
        if let Some(PassedAnswer { body, breaks_off, .. }) = self.passed.as_deref() {
            if *breaks_off && !body.is_empty() {
                // No last chunk ever comes.
                return [&self.head(), format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat();
            }
            return [&self.head(), body.as_slice()].concat();
        }
        [&self.head(), self.reason.as_bytes(), b"\n"].concat()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.reason)
    }
}

impl std::error::Error for Refusal {}
