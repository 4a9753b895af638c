//! The names of this server: those that no attacker can make stand for its address.

use core::net::IpAddr;

use super::LocalAddress;
use crate::http::{Authority, Host};
use crate::net::target::{is_below, is_localhost, is_loopback as is_address_of_loopback};

/// Below these nobody can register a name, so that only this machine's owner says what one stands for: RFC 6761 §6.2, and
/// `internal`, which ICANN keeps free for private use.
const NOT_TO_BE_REGISTERED: [&str; 2] = ["test", "internal"];

/// What `Host` may say besides the names that are always ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostPattern {
    Any,
    Exactly(Host),
    /// This name, and all names below it.
    Below(String),
    /// The names that have one label before this one.
    DirectlyBelow(String),
}

impl HostPattern {
    /// Reads a name or an address, `.example.com` or `*.example.com` for a name and those below it, and `*`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self::address(address));
        }
        let above = text.strip_prefix('*').unwrap_or(text).strip_prefix('.');
        match (Authority::parse(above.unwrap_or(text))?, above) {
            (Authority { host: Host::Name(name), port: None }, Some(_)) => Some(Self::Below(name)),
            (Authority { host: Host::Name(name), port: None }, None) if !name.contains('*') => {
                Some(Self::Exactly(Host::Name(name)))
            }
            (Authority { host: Host::Address(address), port: None }, None) => Some(Self::address(address)),
            _ => None,
        }
    }

    /// Reads a name of a certificate, in which a star stands for one label (RFC 9525 §6.3). A certificate for every name, or
    /// for all of a top-level domain, is no wish to answer to those.
    pub(crate) fn of_certificate(name: &str) -> Option<Self> {
        let above = name.strip_prefix("*.");
        match (Self::parse(above.unwrap_or(name))?, above) {
            (Self::Exactly(Host::Name(name)), Some(_)) => name.contains('.').then_some(Self::DirectlyBelow(name)),
            (exactly @ Self::Exactly(_), None) => Some(exactly),
            _ => None,
        }
    }

    pub(crate) fn address(address: IpAddr) -> Self {
        Self::Exactly(Host::Address(address.to_canonical()))
    }

    fn has(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Exactly(Host::Address(ours)), Host::Address(address)) => *ours == address.to_canonical(),
            (Self::Exactly(ours), host) => ours == host,
            (Self::Below(above), Host::Name(name)) => name == above || is_below(name, above),
            (Self::DirectlyBelow(above), Host::Name(name)) => {
                name.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == above)
            }
            (Self::Below(_) | Self::DirectlyBelow(_), Host::Address(_)) => false,
        }
    }
}

/// The names of this server.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    added: Vec<HostPattern>,
}

impl Hosts {
    pub(crate) fn add(&mut self, pattern: HostPattern) {
        self.added.push(pattern);
    }

    /// Whether `host` is a name of this server's, for a client that came in on the address `local`.
    pub(super) fn have(&self, host: &Host, local: LocalAddress<'_>) -> bool {
        if is_loopback(host) || self.added.iter().any(|pattern| pattern.has(host)) {
            return true;
        }
        match host {
            Host::Name(name) => NOT_TO_BE_REGISTERED.iter().any(|domain| is_below(name, domain)),
            Host::Address(address) => local().is_some_and(|local| local.to_canonical() == address.to_canonical()),
        }
    }

    pub(super) fn are_open(&self) -> bool {
        self.added.contains(&HostPattern::Any)
    }
}

/// A name or an address of this machine alone (RFC 6761 §6.3).
pub(in crate::server) fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Name(name) => is_localhost(name),
        Host::Address(address) => is_address_of_loopback(*address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(patterns: &[&str], host: &str) -> bool {
        let mut hosts = Hosts::default();
        patterns.iter().for_each(|pattern| hosts.add(HostPattern::parse(pattern).unwrap()));
        hosts.have(&Authority::parse(host).unwrap().host, &|| "192.0.2.1".parse().ok())
    }

    #[test]
    fn names_that_nobody_else_can_have_are_always_ours() {
        for host in [
            "localhost",
            "LocalHost.",
            "a.localhost:1",
            "127.0.0.1",
            "127.9.9.9:80",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "192.0.2.1",
            "[::ffff:192.0.2.1]",
            "a.test",
            "b.a.test:8",
            "host.docker.internal",
        ] {
            assert!(has(&[], host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "localhost.localdomain",
            "mytest",
            "test",
            "internal",
            "a.test.example",
            "192.0.2.2",
            "0.0.0.0",
            "[::]",
            "10.0.0.1",
            "[2001:db8::1]",
            "0x7f.1",
            "a.local",
        ] {
            assert!(!has(&[], host), "{host}");
        }
    }

    #[test]
    fn more_can_be_added() {
        for (pattern, ours, others) in [
            ("A.example", &["a.example", "a.EXAMPLE:8080"][..], &["b.a.example", "aa.example"][..]),
            (".a.example", &["a.example", "b.a.example", "c.b.a.example"], &["ba.example", "example"]),
            ("*.a.example", &["b.a.example"], &["ba.example"]),
            ("::1:2", &["[::1:2]:80"], &["[::1:3]"]),
            ("[::1:2]", &["[::1:2]"], &["[::1:3]"]),
            ("10.0.0.1", &["10.0.0.1:1"], &["10.0.0.11"]),
            ("*", &["evil.example", "10.0.0.1"], &[]),
        ] {
            assert!(ours.iter().all(|host| has(&[pattern], host)), "{pattern}");
            assert!(!others.iter().any(|host| has(&[pattern], host)), "{pattern}");
        }
        for text in ["", ".", "a:80", "http://a", "a b", "*a", "**", "a.*", "u@a"] {
            assert_eq!(HostPattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_star_of_a_certificate_is_one_label() {
        let has = |pattern: &str, host: &str| {
            let host = Authority::parse(host).unwrap().host;
            HostPattern::of_certificate(pattern).is_some_and(|pattern| pattern.has(&host))
        };
        for (name, ours, others) in [
            ("A.example", &["a.example", "a.EXAMPLE:8080"][..], &["b.a.example", "example"][..]),
            ("*.a.example", &["b.a.example"], &["a.example", "c.b.a.example", "ba.example"]),
            ("10.0.0.1", &["10.0.0.1:1"], &["10.0.0.2"]),
            ("::1:2", &["[::1:2]"], &["[::1:3]"]),
        ] {
            assert!(ours.iter().all(|host| has(name, host)), "{name}");
            assert!(!others.iter().any(|host| has(name, host)), "{name}");
        }
        for name in ["*", "*.example", "*.*.example", ".a.example", "a*.example", "", "*.10.0.0.1"] {
            assert_eq!(HostPattern::of_certificate(name), None, "{name}");
        }
    }
}
