//! The value of a Set-Cookie header (RFC 6265 §5.2, §5.3).

use std::net::IpAddr;
use std::time::UNIX_EPOCH;

use super::cookie::Cookie;
use crate::net::target::{Target, is_below};

/// A cookie of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FromFile {
    For(Cookie),
    /// It doesn't say where it goes, as if it were typed.
    Anywhere(String),
}

/// The cookie that it sets; `None` for what is none, or not for the server that sets it. `now` is in seconds since 1970.
pub(super) fn parse(line: &str, from: &Target, now: u64) -> Option<Cookie> {
    // A jar has tabs between its fields, and lines (RFC 6265 §4.1.1 has control characters nowhere).
    if line.contains(|c: char| c.is_control()) {
        return None;
    }
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let host = from.host.to_ascii_lowercase();
    let mut cookie = Cookie {
        domain: host.clone(),
        and_below: false,
        path: default_path(&from.resource),
        secure: false,
        http_only: false,
        expires: None,
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let mut has_age = false;
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match attribute.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.trim_matches('.').is_empty() => {
                cookie.domain = value.trim_start_matches('.').to_ascii_lowercase();
                cookie.and_below = host.parse::<IpAddr>().is_err();
            }
            "path" if value.starts_with('/') => cookie.path = value.to_owned(),
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            // §5.3 point 3: the age counts, wherever it stands.
            "max-age" => {
                let Ok(age) = value.parse::<i64>() else { continue };
                cookie.expires = Some(now.saturating_add_signed(age.max(-1)));
                has_age = true;
            }
            "expires" if !has_age => cookie.expires = date(value).or(cookie.expires),
            _ => {}
        }
    }
    // Nobody sets one for a whole top-level domain; other public suffixes aren't known here.
    let is_host = cookie.domain == host;
    let may_set = is_host || (cookie.and_below && is_below(&host, &cookie.domain) && cookie.domain.contains('.'));
    (may_set && !name.is_empty() && (from.secure || !cookie.secure)).then_some(cookie)
}

/// The cookie of a line that was kept in a file, by the server that its Domain names; `None` inside is one that is over.
pub(super) fn of_file(line: &str, now: u64) -> Option<Option<FromFile>> {
    let domain = line.split(';').filter_map(|part| part.split_once('=')).find_map(|(name, value)| {
        name.trim()
            .eq_ignore_ascii_case("domain")
            .then(|| value.trim().trim_matches('.'))
            .filter(|name| !name.is_empty())
    });
    let from = Target::parse(&format!("wss://{}/", domain.unwrap_or("localhost"))).ok()?;
    let cookie = parse(line, &from, now)?;
    if cookie.is_over(now) {
        return Some(None);
    }
    Some(Some(match domain {
        Some(_) => FromFile::For(cookie),
        None => FromFile::Anywhere(cookie.pair()),
    }))
}

/// §5.1.4: the path of the request up to its last slash.
fn default_path(resource: &str) -> String {
    let path = resource.split('?').next().unwrap_or_default();
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

/// In seconds since 1970. Netscape's dates have dashes in them.
fn date(value: &str) -> Option<u64> {
    let parse = |text: &str| httpdate::parse_http_date(text).ok();
    let time = parse(value).or_else(|| parse(&value.replace('-', " ")))?;
    Some(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(line: &str) -> Option<Cookie> {
        parse(line, &Target::parse("ws://b.a.example/x/y?z").unwrap(), 1000)
    }

    #[test]
    fn attributes_are_read_whatever_their_case() {
        let plain = set("n=v=w ; unknown").unwrap();
        assert_eq!((plain.pair().as_str(), plain.domain.as_str(), plain.path.as_str()), ("n=v=w", "b.a.example", "/x"));
        assert!(!plain.and_below && !plain.secure && !plain.http_only && plain.expires.is_none());
        let full = set("n=v; DOMAIN=.A.example; path=/; HttpOnly; expires=Wed, 21-Oct-2026 07:28:00 GMT").unwrap();
        assert_eq!((full.domain.as_str(), full.and_below, full.path.as_str()), ("a.example", true, "/"));
        assert_eq!((full.http_only, full.expires), (true, Some(1_792_567_680)));
        assert_eq!(set("n=v; max-age=5; expires=Wed, 21 Oct 2026 07:28:00 GMT").unwrap().expires, Some(1005));
        assert_eq!(set("n=v; max-age=-1000000").unwrap().expires, Some(999));
    }

    #[test]
    fn a_server_sets_none_for_others() {
        for line in [
            "n",
            "=v",
            "a\tb=c",
            "a=b\tc",
            "a=b; Path=/\tX",
            "a=b\u{1}",
            "n=v; domain=c.example",
            "n=v; domain=example",
            "n=v; domain=c.b.a.example",
            "n=v; secure",
        ] {
            assert_eq!(set(line), None, "{line}");
        }
        let by_address = |domain| parse(domain, &Target::parse("wss://127.0.0.1/").unwrap(), 0);
        assert!(by_address("n=v; domain=0.0.1").is_none());
        assert!(by_address("n=v; domain=127.0.0.1; secure").is_some_and(|cookie| !cookie.and_below && cookie.secure));
    }
}
