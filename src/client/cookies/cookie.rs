//! A cookie, and where it goes (RFC 6265 §5.3, §5.4).

use crate::net::target::{Target, is_below};

/// One of a file or of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cookie {
    /// In lower case, without a dot at its front.
    pub(super) domain: String,
    /// For the names below it too.
    pub(super) and_below: bool,
    pub(super) path: String,
    pub(super) secure: bool,
    /// Not for scripts, which is nothing to us.
    pub(super) http_only: bool,
    /// Seconds since 1970; `None` is the end of the session.
    pub(super) expires: Option<u64>,
    pub(super) name: String,
    pub(super) value: String,
}

impl Cookie {
    /// As it is sent.
    pub(super) fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }

    pub(super) fn is_over(&self, now: u64) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    pub(super) fn is_for(&self, target: &Target, now: u64) -> bool {
        let has_host = target.host == self.domain || (self.and_below && is_below(&target.host, &self.domain));
        has_host && (target.secure || !self.secure) && self.covers(&target.resource) && !self.is_over(now)
    }

    /// §5.3 point 11.
    pub(super) fn is_replaced_by(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    /// Whether another one of its name, set without TLS, would stand in the place of this secure one, or before it: it isn't
    /// kept then (RFC 6265bis §5.7 point 16).
    pub(super) fn is_covered_by(&self, other: &Self) -> bool {
        let is_same_place = self.domain == other.domain
            || (self.and_below && is_below(&other.domain, &self.domain))
            || (other.and_below && is_below(&self.domain, &other.domain));
        self.secure && self.name == other.name && is_same_place && self.covers(&other.path)
    }

    /// §5.1.4.
    fn covers(&self, resource: &str) -> bool {
        let path = resource.split('?').next().unwrap_or_default();
        let rest = path.strip_prefix(self.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }
}
