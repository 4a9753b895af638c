//! Which proxy to use, as curl and Go decide: by flag, else by environment; never for the hosts of NO_PROXY.

use std::net::IpAddr;

use crate::net::target::{is_below, is_same_name};
use crate::values::{self, split_port};

/// The URL of a proxy, and the variable that it is in if no flag says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChosenProxy {
    pub(crate) url: String,
    pub(crate) variable: Option<String>,
}

/// The proxy for a host, if there is to be one.
///
/// `flag` is `--proxy` (empty: none at all), `noproxy_flag` is `--noproxy`, which counts instead of the
/// environment's list and also against the flag. `environment` looks a variable up.
pub(crate) fn choose(
    secure: bool,
    host: &str,
    port: u16,
    flag: Option<&str>,
    noproxy_flag: Option<&str>,
    environment: impl Fn(&str) -> Option<String>,
) -> Option<ChosenProxy> {
    let of_variable = || either(&environment, "no_proxy").map(|found| found.url);
    let exempt = noproxy_flag.map(str::to_owned).or_else(of_variable);
    if exempt.is_some_and(|list| is_listed(&list, host, port)) {
        return None;
    }
    let by_flag = flag.map(|url| ChosenProxy { url: url.to_owned(), variable: None });
    by_flag.or_else(|| from_environment(secure, &environment)).filter(|chosen| !chosen.url.is_empty())
}

/// The first variable that is set decides.
fn from_environment(secure: bool, environment: &impl Fn(&str) -> Option<String>) -> Option<ChosenProxy> {
    let names =
        if secure { ["wss_proxy", "https_proxy", "all_proxy"] } else { ["ws_proxy", "http_proxy", "all_proxy"] };
    names.into_iter().find_map(|name| {
        // In a CGI program HTTP_PROXY is what a client's Proxy header says (CVE-2016-5385).
        if name == "http_proxy" && environment("REQUEST_METHOD").is_some() {
            set(environment, name)
        } else {
            either(environment, name)
        }
    })
}

/// Lower case before upper case; an empty variable is as good as none.
fn either(environment: &impl Fn(&str) -> Option<String>, name: &str) -> Option<ChosenProxy> {
    set(environment, name).or_else(|| set(environment, &name.to_ascii_uppercase()))
}

fn set(environment: &impl Fn(&str) -> Option<String>, name: &str) -> Option<ChosenProxy> {
    let url = environment(name).filter(|value| !value.is_empty())?;
    Some(ChosenProxy { url, variable: Some(name.to_owned()) })
}

fn is_listed(list: &str, host: &str, port: u16) -> bool {
    let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
    entries.into_iter().any(|entry| entry == "*" || covers(entry, host, port))
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

    fn chosen(secure: bool, variables: &[(&str, &str)]) -> Option<String> {
        let environment = |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).into());
        choose(secure, "example.com", 443, None, None, environment).map(|chosen| chosen.url)
    }

    #[test]
    fn the_environment_is_asked_from_the_special_to_the_general() {
        let all =
            [("wss_proxy", "a"), ("WSS_PROXY", "b"), ("https_proxy", "c"), ("HTTPS_PROXY", "d"), ("ALL_PROXY", "e")];
        for (skipped, expected) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            assert_eq!(chosen(true, &all[skipped..]).as_deref(), Some(expected));
        }
        assert_eq!(chosen(false, &[("HTTPS_PROXY", "a"), ("HTTP_PROXY", "b")]).as_deref(), Some("b"));
        assert_eq!(chosen(true, &[("https_proxy", ""), ("all_proxy", "b")]).as_deref(), Some("b"));
        assert_eq!(chosen(true, &[]), None);
    }

    #[test]
    fn in_a_cgi_program_the_upper_case_variable_is_not_believed() {
        assert_eq!(chosen(false, &[("HTTP_PROXY", "evil"), ("REQUEST_METHOD", "GET")]), None);
        assert_eq!(chosen(false, &[("http_proxy", "a"), ("REQUEST_METHOD", "GET")]).as_deref(), Some("a"));
    }

    #[test]
    fn the_flags_count_more() {
        let environment = |name: &str| match name {
            "no_proxy" => Some("example.com".to_owned()),
            "all_proxy" => Some("general".to_owned()),
            _ => None,
        };
        let choose =
            |flag, noproxy| choose(true, "example.com", 443, flag, noproxy, environment).map(|chosen| chosen.url);
        assert_eq!(choose(None, None), None);
        assert_eq!(choose(Some("mine"), None), None);
        assert_eq!(choose(Some("mine"), Some("")).as_deref(), Some("mine"));
        assert_eq!(choose(None, Some("other")).as_deref(), Some("general"));
        assert_eq!(choose(Some(""), Some("")), None);
    }

    #[test]
    fn exempt_hosts_are_known_by_name_port_address_and_network() {
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
