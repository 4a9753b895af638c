//! Lists of hosts, as `NO_PROXY` has them.

use std::net::IpAddr;

use super::target::{is_below, is_same_name};
use crate::values::{self, split_port};

/// Whether a host is in a list: names with what is below them (`*.NAME` is that alone), addresses, networks, each with a port
/// or without, or `*` for all; with commas or blanks between them.
pub(crate) fn is_listed(list: &str, host: &str, port: u16) -> bool {
    entries(list).any(|entry| entry == ALL || covers(entry, host, port))
}

/// Whether every entry of a list stands for something.
///
/// # Errors
/// The first that doesn't.
pub(crate) fn check(list: &str) -> Result<(), String> {
    let hosts = listed_hosts(list)?;
    if hosts.is_empty() { Err(list.to_owned()) } else { Ok(()) }
}

/// Stands for every host.
const ALL: &str = "*";

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty())
}

/// What an entry of a list stands for, its port left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ListedHosts {
    All,
    /// A name and what is below it.
    Name(String),
    /// An address with the number of its bits that count.
    Network(IpAddr, u8),
}

/// # Errors
/// The entry that stands for nothing.
pub(super) fn listed_hosts(list: &str) -> Result<Vec<ListedHosts>, String> {
    entries(list).map(|entry| listed(entry).ok_or_else(|| entry.to_owned())).collect()
}

/// How many bits an address has.
pub(super) fn bits_of(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn listed(entry: &str) -> Option<ListedHosts> {
    if entry == ALL {
        return Some(ListedHosts::All);
    }
    let (name, _) = name_and_port(entry);
    let (address, length) = name.split_once('/').map_or((name, None), |(network, length)| (network, Some(length)));
    if let Ok(address) = unbracketed(address).parse::<IpAddr>() {
        let most = bits_of(address);
        let length = length.map_or(Some(most), |length| length.parse().ok().filter(|length| *length <= most))?;
        return Some(ListedHosts::Network(address, length));
    }
    let name = name.trim_start_matches("*.").trim_matches('.').to_ascii_lowercase();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && name.chars().all(is_name)).then_some(ListedHosts::Name(name))
}

fn covers(entry: &str, host: &str, port: u16) -> bool {
    let (name, wanted) = name_and_port(entry);
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    match host.parse::<IpAddr>() {
        Ok(address) => covers_address(name, address),
        Err(_) => covers_name(name, host),
    }
}

/// `NAME:PORT`, `[ADDRESS]:PORT`; an IPv6 address without brackets has no port.
fn name_and_port(entry: &str) -> (&str, Option<u16>) {
    let (name, port) = split_port(entry);
    match port.and_then(values::port) {
        Some(port) => (unbracketed(name), Some(port)),
        None => (unbracketed(entry), None),
    }
}

fn unbracketed(name: &str) -> &str {
    name.trim_matches(['[', ']'])
}

/// A name stands for itself and for everything under it; `*.NAME`, as Go and Java have it, for what is under it alone.
fn covers_name(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(above) => is_below(host, above),
        None => {
            let name = name.trim_start_matches('.');
            is_same_name(host, name) || is_below(host, name)
        }
    }
}

/// An address, or a network such as `10.0.0.0/8`.
fn covers_address(entry: &str, address: IpAddr) -> bool {
    let Some((network, length)) = entry.split_once('/') else {
        return entry.parse() == Ok(address);
    };
    let (Ok(network), Ok(length)) = (unbracketed(network).parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) if length <= 32 => {
            let differing = u32::from(network) ^ u32::from(address);
            differing.checked_shr(32 - length).unwrap_or(0) == 0
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if length <= 128 => {
            let differing = u128::from(network) ^ u128::from(address);
            differing.checked_shr(128 - length).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stands_for_names_or_addresses() {
        let name = |name: &str| Some(ListedHosts::Name(name.to_owned()));
        let network = |address: &str, length| Some(ListedHosts::Network(address.parse().unwrap(), length));
        for (entry, is) in [
            ("*", Some(ListedHosts::All)),
            ("Example.com", name("example.com")),
            (".example.com.", name("example.com")),
            ("*.example.com:443", name("example.com")),
            ("127.0.0.1", network("127.0.0.1", 32)),
            ("[::1]:443", network("::1", 128)),
            ("10.0.0.0/8", network("10.0.0.0", 8)),
            ("10.0.0.0/33", None),
            ("exa mple", None),
            ("a*b", None),
            ("*.", None),
        ] {
            assert_eq!(listed(entry), is, "{entry}");
        }
    }

    #[test]
    fn hosts_are_known_by_name_port_address_and_network() {
        for (list, host, expected) in [
            ("*", "anything", true),
            ("example.com", "EXAMPLE.com", true),
            ("example.com", "www.example.com", true),
            (".example.com.", "example.com", true),
            ("example.com", "badexample.com", false),
            ("a, b\tc", "c", true),
            ("*.example.com", "a.b.EXAMPLE.com", true),
            ("*.example.com:443", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "badexample.com", false),
            ("example.com:443", "example.com", true),
            ("example.com:80", "example.com", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1:80", "127.0.0.1", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("::1", "::1", true),
            ("[::1]:443", "::1", true),
            ("[fe80::]/10", "fe80::1", true),
            ("fe80::/10", "::1", false),
            ("10.0.0.0/99", "10.0.0.0", false),
            ("", "localhost", false),
            (".", "localhost", false),
        ] {
            assert_eq!(is_listed(list, host, 443), expected, "{host} in {list:?}");
        }
    }
}
