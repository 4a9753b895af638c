//! Digest challenges of a server (RFC 7616), answered within one attempt.

use crate::error::Error;
use crate::http::{Header, HttpStatus};
use crate::net::Dialer;

/// What was answered to the challenges of one URL. The next attempt begins anew: its server gives out another nonce.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    authorization: Option<Header>,
    /// A nonce that was too old has been made good for once.
    was_stale: bool,
}

impl Challenges {
    /// What the next request says.
    pub(super) fn authorization(&self) -> Option<&Header> {
        self.authorization.as_ref()
    }

    /// Whether `error` is a challenge that `dialer` has an answer to, which is what the next request says then. Whoever
    /// refuses an answer has refused the password, and isn't asked again, but for a nonce that was too old.
    pub(super) fn answer(&mut self, error: &Error, dialer: &Dialer) -> bool {
        let (Error::Refused(refusal), Some(credentials)) = (error, &dialer.credentials) else { return false };
        if refusal.status() != HttpStatus::UNAUTHORIZED {
            return false;
        }
        let Some(answer) = credentials.digest(&refusal.challenges(), "GET", &dialer.target.resource) else {
            return false;
        };
        let may_answer = self.authorization.is_none() || (answer.is_to_stale_nonce && !self.was_stale);
        if may_answer {
            self.was_stale |= answer.is_to_stale_nonce;
            self.authorization = Some(Header::new("Authorization", answer.value));
        }
        may_answer
    }
}
