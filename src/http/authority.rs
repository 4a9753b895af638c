//! The authority of a request: the value of `Host`, or what a target in absolute form has in its place (RFC 9110 §7.2).

// Addresses as values; the sockets of `std::net` have no place here.
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

use super::digits::decimal;

/// A host, and a port where one was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    pub host: Host,
    pub port: Option<u16>,
}

/// Who is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// In lower case, without the dot of the root at its end.
    Name(String),
    Address(IpAddr),
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V4(address)) => address.fmt(f),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Authority {
    /// Reads `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2). `None` for anything else, userinfo included.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, after) = rest.split_once(']')?;
                let port = if after.is_empty() { "" } else { after.strip_prefix(':')? };
                (Host::Address(address.parse::<Ipv6Addr>().ok()?.into()), port)
            }
            None => {
                let (name, port) = text.split_once(':').unwrap_or((text, ""));
                (named(name)?, port)
            }
        };
        // RFC 3986 §3.2.3: a port may be empty, which is the scheme's.
        let port = match port {
            "" => None,
            digits => Some(decimal(digits)?),
        };
        Some(Self { host, port })
    }
}

/// RFC 3986 §3.2.2's `reg-name`, or an IPv4 address.
fn named(text: &str) -> Option<Host> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Some(Host::Address(address.into()));
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let pieces = name.split('%').enumerate();
    let is_name = pieces.into_iter().all(|(index, piece)| {
        let encoded = |piece: &str| piece.len() >= 2 && piece.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
        piece.bytes().all(may_be_in_a_name) && (index == 0 || encoded(piece))
    });
    (is_name && !name.is_empty()).then(|| Host::Name(name.to_ascii_lowercase()))
}

/// RFC 3986 §2.2, §2.3: unreserved characters and sub-delims.
fn may_be_in_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port() {
        let name = |name: &str, port| Some(Authority { host: Host::Name(name.into()), port });
        let address = |text: &str, port| Some(Authority { host: Host::Address(text.parse().unwrap()), port });
        for (text, is) in [
            ("Example.COM", name("example.com", None)),
            ("example.com.:80", name("example.com", Some(80))),
            ("a_b:", name("a_b", None)),
            ("a%20b", name("a%20b", None)),
            ("127.0.0.1:8080", address("127.0.0.1", Some(8080))),
            ("[::1]", address("::1", None)),
            ("[::1]:1", address("::1", Some(1))),
        ] {
            assert_eq!(Authority::parse(text), is, "{text}");
        }
    }

    #[test]
    fn it_is_shown_as_it_is_read() {
        for text in ["a.example", "a.example:80", "127.0.0.1:8080", "[::1]", "[::1]:1"] {
            assert_eq!(Authority::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            ".",
            ":80",
            "a:b",
            "a:+1",
            "a:65536",
            "a:1:2",
            "::1",
            "[::1",
            "[::1]1",
            "[a]",
            "[fe80::1%25eth0]",
            "u@a",
            "u:p@a",
            "a b",
            "a, b",
            "a/b",
            "a?b",
            "a#b",
            "a\\b",
            "http://a",
            "a%2",
            "a%zz",
            "\u{e9}",
            "a\"",
            "<a>",
        ] {
            assert_eq!(Authority::parse(text), None, "{text}");
        }
    }
}
