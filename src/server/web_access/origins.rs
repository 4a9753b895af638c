//! Whose pages may open something.

use super::hosts::is_loopback;
use crate::http::Authority;

/// The origins that are allowed by name.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    /// As they stand in the header, or `*`. None at all are those of this machine, and all where nothing is protected.
    pub(crate) allowed: Vec<String>,
}

impl Origins {
    /// Whether a page of `origin` may have what it asks for. `own` is the name that this server was asked for by, where
    /// that is really one of its names.
    pub(super) fn allow(&self, origin: &str, own: Option<&Authority>, protected: bool) -> bool {
        let page = Origin::parse(origin);
        let is_ours = page.as_ref().zip(own).is_some_and(|(page, own)| page.is_at(own));
        let is_named = |named: &String| named == "*" || named.trim_end_matches('/').eq_ignore_ascii_case(origin);
        let by_default = || !protected || page.as_ref().is_some_and(|page| is_loopback(&page.authority.host));
        is_ours || self.allowed.iter().any(is_named) || (self.allowed.is_empty() && by_default())
    }

    pub(super) fn are_open(&self) -> bool {
        self.allowed.iter().any(|allowed| allowed == "*")
    }
}

/// The origin of a page that came over HTTP (RFC 6454 §6.2).
struct Origin {
    authority: Authority,
    default_port: u16,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        Some(Self { authority: Authority::parse(authority)?, default_port })
    }

    /// Whether `own` is where the page came from. A proxy may have taken TLS off on the way here, so that our own scheme
    /// doesn't tell the page's.
    fn is_at(&self, own: &Authority) -> bool {
        let port = |authority: &Authority| authority.port.unwrap_or(self.default_port);
        self.authority.host == own.host && port(&self.authority) == port(own)
    }
}
