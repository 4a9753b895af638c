//! Redirects of the opening handshake (RFC 6455 §4.1 allows them, RFC 9110 §15.4 says what they are).

use super::RedirectPolicy;
use crate::error::Error;
use crate::net::target::Target;
use crate::peer_text::PeerText;
use crate::ws::handshake::Header;

/// What may still be followed.
#[derive(Debug)]
pub(super) struct Redirects {
    policy: RedirectPolicy,
    left: u32,
}

impl Redirects {
    pub(super) fn new(policy: RedirectPolicy) -> Self {
        Self { policy, left: policy.most }
    }

    /// Where `error` redirects to, if it is a redirect and redirects are followed.
    ///
    /// # Errors
    /// When there were too many, or it leads to what isn't a URL.
    pub(super) fn follow(&mut self, error: &Error, from: &Target) -> Result<Option<Target>, Error> {
        let Error::Refused(refusal) = error else { return Ok(None) };
        if !self.policy.follow || !matches!(refusal.status(), 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let Some(location) = refusal.header("location") else { return Ok(None) };
        if self.left == 0 {
            return Err(Error::TooManyRedirects { most: self.policy.most, location: PeerText::new(location) });
        }
        self.left -= 1;
        from.redirected(location).map(Some)
    }
}

/// RFC 9110 §15.4: what was meant for one origin isn't for another.
pub(super) fn keep_from_other_origins(headers: &mut Vec<Header>) {
    headers.retain(|header| !["authorization", "cookie", "host"].iter().any(|name| header.is(name)));
}
