//! The value of a Set-Cookie header (RFC 6265 §5.2, §5.3).

use std::net::IpAddr;

use super::cookie::Cookie;
use super::cookie_date;
use crate::http::decimal;
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
    let mut attributes = Attributes::default();
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        attributes.set(attribute.trim(), value.trim(), now);
    }
    let Attributes { domain, path, secure, http_only, max_age, expires } = attributes;
    let host = from.host.to_ascii_lowercase();
    let is_for_host_alone = secure && domain.is_none() && path.as_deref() == Some("/");
    if (begins(name, "__host-") && !is_for_host_alone) || (begins(name, "__secure-") && !secure) {
        return None;
    }
    let cookie = Cookie {
        // An address has no names below it.
        and_below: domain.is_some() && host.parse::<IpAddr>().is_err(),
        domain: domain.unwrap_or_else(|| host.clone()),
        path: path.unwrap_or_else(|| default_path(&from.resource)),
        secure,
        http_only,
        expires: max_age.or(expires),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    // Nobody sets one for a whole top-level domain; other public suffixes aren't known here.
    let is_host = cookie.domain == host;
    let may_set = is_host || (cookie.and_below && is_below(&host, &cookie.domain) && cookie.domain.contains('.'));
    (may_set && !name.is_empty() && (from.secure || !cookie.secure)).then_some(cookie)
}

/// Whether a name promises what its server has to keep (RFC 6265bis §4.1.3), in any case.
fn begins(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}

/// What a line says beside name and value: of each attribute what was said last.
#[derive(Debug, Default)]
struct Attributes {
    domain: Option<String>,
    path: Option<String>,
    secure: bool,
    http_only: bool,
    /// When it is over, in seconds since 1970: the age counts, wherever it stands (§5.3 point 3).
    max_age: Option<u64>,
    expires: Option<u64>,
}

impl Attributes {
    /// What can't be understood is passed over, but for a path, in whose place there is none (§5.2.4).
    fn set(&mut self, attribute: &str, value: &str, now: u64) {
        match attribute.to_ascii_lowercase().as_str() {
            "domain" if !value.is_empty() => self.domain = domain(value),
            "path" => self.path = Some(value).filter(|path| path.starts_with('/')).map(str::to_owned),
            "secure" => self.secure = true,
            "httponly" => self.http_only = true,
            "max-age" => self.max_age = end_of_age(value, now).or(self.max_age),
            "expires" => self.expires = cookie_date::seconds(value).or(self.expires),
            _ => {}
        }
    }
}

/// §5.2.3: one dot at the front says nothing; a dot alone is the host itself.
fn domain(value: &str) -> Option<String> {
    let domain = value.strip_prefix('.').unwrap_or(value);
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

/// §5.2.2: digits, or what is over already. An age without end ends with time.
fn end_of_age(value: &str, now: u64) -> Option<u64> {
    let age = value.strip_prefix('-').unwrap_or(value);
    if age.is_empty() || !age.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let is_over = age.len() < value.len() || age.bytes().all(|digit| digit == b'0');
    Some(if is_over { now.saturating_sub(1) } else { now.saturating_add(decimal(age).unwrap_or(u64::MAX)) })
}

/// The cookie of a line that was kept in a file, by the server that its Domain names; `None` inside is one that is over.
pub(super) fn of_file(line: &str, now: u64) -> Option<Option<FromFile>> {
    let attributes = line.split(';').filter_map(|part| part.split_once('='));
    let mut named =
        attributes.filter(|(name, value)| name.trim().eq_ignore_ascii_case("domain") && !value.trim().is_empty());
    let domain = named.next_back().and_then(|(_, value)| domain(value.trim()));
    let from = Target::parse(&format!("wss://{}/", domain.as_deref().unwrap_or("localhost"))).ok()?;
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
    fn attributes_are_read_as_the_section_on_each_says() {
        // §5.2.2.
        let expires = |age: &str| set(&format!("n=v; max-age=5; max-age={age}")).unwrap().expires;
        for (age, end) in [("7", 1007), ("0", 999), ("-0", 999), ("+7", 1005), ("7s", 1005), ("-", 1005), ("", 1005)] {
            assert_eq!(expires(age), Some(end), "{age}");
        }
        assert_eq!(expires("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(expires("-99999999999999999999999"), Some(999));
        // §5.2.3.
        let domain = |domain: &str| set(&format!("n=v; domain={domain}")).map(|set| (set.domain, set.and_below));
        assert_eq!(domain(".a.example"), Some(("a.example".into(), true)));
        assert_eq!(domain("..a.example"), None);
        assert_eq!(domain("a.example; domain="), Some(("a.example".into(), true)));
        assert_eq!(domain("a.example; domain=."), Some(("b.a.example".into(), false)));
        // §5.2.4.
        let path = |path: &str| set(&format!("n=v; path={path}")).unwrap().path;
        let (cut, empty) = (path("/; path=x"), path("/; path="));
        assert_eq!((path("/a/b"), cut.as_str(), empty.as_str()), ("/a/b".into(), "/x", "/x"));
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
        let by_tls = |line: &str| parse(line, &Target::parse("wss://b.a.example/x/y").unwrap(), 0).is_some();
        for (line, is_set) in [
            ("__Host-a=b; Path=/; Secure", true),
            ("__Host-a=b; Path=/x; Secure", false),
            ("__HOST-a=b; Secure", false),
            ("__Host-a=b; Path=/; Secure; Domain=a.example", false),
            ("__Host-a=b; Path=/", false),
            ("__Secure-a=b; Domain=a.example; Secure", true),
            ("__secure-a=b", false),
        ] {
            assert_eq!(by_tls(line), is_set, "{line}");
            assert_eq!(set(line), None, "{line}");
        }
        let by_address = |domain| parse(domain, &Target::parse("wss://127.0.0.1/").unwrap(), 0);
        assert!(by_address("n=v; domain=0.0.1").is_none());
        assert!(by_address("n=v; domain=127.0.0.1; secure").is_some_and(|cookie| !cookie.and_below && cookie.secure));
    }
}
