//! What the user typed, taken apart: secure or not, where, and what for (RFC 6455 §3).

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Host;

use crate::error::Error;
use crate::http::{Secrets, percent_encoded, shown_url};
use crate::values::{self, split_port};

/// What a zone's name has only encoded in a URL: all but RFC 3986's unreserved characters (RFC 6874 §2).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where to connect to and what to ask for there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) secure: bool,
    /// A name or an address, an IPv6 one without its brackets and its zone.
    pub(crate) host: String,
    /// The interface of this machine that a link-local IPv6 address is on (RFC 6874), by name or number. It is nobody
    /// else's business.
    pub(crate) zone: Option<String>,
    pub(crate) port: u16,
    /// Path and query as they were typed, what isn't ASCII percent-encoded; at least "/".
    pub(crate) resource: String,
    /// Name and password out of the URL.
    pub(crate) userinfo: Option<(String, String)>,
    /// The Unix domain socket that is connected to instead of host and port.
    pub(crate) unix_socket: Option<PathBuf>,
    /// The scheme was left out, and this is our guess.
    pub(crate) guessed: bool,
}

impl Target {
    /// Reads `ws://`, `wss://` and their aliases `http://`, `https://`; `HOST:PORT/PATH` and
    /// `:PORT/PATH` without a scheme; `ws+unix:PATH:/RESOURCE`.
    ///
    /// # Errors
    /// What isn't a WebSocket URL, and why.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        Self::try_parse(text).map_err(|why| Error::Usage {
            what: format!("{:?} is not a WebSocket URL: {why}", presentable(text)).into(),
            hint: Some("a URL looks like ws://localhost:8080/path or wss://example.com/".into()),
        })
    }

    /// The same, with the reason alone.
    ///
    /// # Errors
    /// Why it isn't a WebSocket URL, in words.
    pub(crate) fn try_parse(text: &str) -> Result<Self, String> {
        let text = without_surroundings(text);
        if let Some(mistake) = mistaken(text) {
            return Err(mistake);
        }
        if let Some((before, rest)) = text.split_once('#') {
            if rest.contains('@') {
                return Err("a # in its name or password has to be written as %23".into());
            }
            if !before.contains(is_out_of_place) {
                return Err(
                    "it has a fragment (#…), which a WebSocket URL may not (RFC 6455 §3); # itself is %23".into()
                );
            }
        }
        if let Some(at) = text.find(is_out_of_place) {
            return Err(out_of_place(text, at));
        }
        for (scheme, secure) in [("ws+unix:", false), ("wss+unix:", true)] {
            if let Some(rest) = text.strip_prefix(scheme) {
                return Self::over_unix(secure, rest);
            }
        }
        match text.split_once("://") {
            Some((scheme, rest)) => {
                let secure = match scheme.to_ascii_lowercase().as_str() {
                    "ws" | "http" => false,
                    "wss" | "https" => true,
                    _ if is_scheme(scheme) => return Err(format!("its scheme {scheme:?} is not ws or wss")),
                    _ => return Err("its scheme is not ws or wss".into()),
                };
                Self::at(secure, rest)
            }
            None => Self::without_scheme(text),
        }
    }

    /// What follows `://`.
    fn at(secure: bool, rest: &str) -> Result<Self, String> {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, resource) = rest.split_at(end);
        let (userinfo, place) = match authority.rsplit_once('@') {
            Some((userinfo, place)) => (Some(userinfo), place),
            None => (None, authority),
        };
        let (place, port) = host_and_port(place).map_err(|why| match resource.contains('@') {
            true => "a /, ? or # in its name or password has to be written as %2F, %3F or %23".into(),
            false => why,
        })?;
        if port == Some(0) {
            return Err("its port is 0, which no server has".into());
        }
        let (host, zone) = match place.split_once('%') {
            Some((host, zone)) => (host.to_owned(), Some(zone.to_owned())),
            None => (place, None),
        };
        // RFC 3987 §3.1.
        let resource = percent_encoded(resource.as_bytes());
        Ok(Self {
            secure,
            host,
            zone,
            port: port.unwrap_or(if secure { 443 } else { 80 }),
            resource: if resource.starts_with('/') { resource } else { format!("/{resource}") },
            userinfo: userinfo
                .map(|userinfo| {
                    let (name, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
                    decoded_credentials(name, password)
                })
                .transpose()?,
            unix_socket: None,
            guessed: false,
        })
    }

    /// ws for this machine and for port 80, else wss.
    fn without_scheme(text: &str) -> Result<Self, String> {
        let place = text.split(['/', '?']).next().unwrap_or_default();
        let whole = match place {
            _ if place.starts_with(':') => format!("localhost{text}"),
            // A port alone, as `wscli serve` takes it.
            _ if is_number(place) => format!("localhost:{text}"),
            _ => text.to_owned(),
        };
        let target = Self::at(true, &whole)?;
        let place = whole.split(['/', '?']).next().unwrap_or_default();
        let secure = !(target.is_loopback() || place.ends_with(":80"));
        Ok(Self { guessed: true, ..Self::at(secure, &whole)? })
    }

    /// `PATH:/RESOURCE`, the form of Node's ws.
    fn over_unix(secure: bool, rest: &str) -> Result<Self, String> {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, resource) = rest.split_once(':').unwrap_or((rest, "/"));
        if path.is_empty() {
            return Err("it names no socket: write ws+unix:PATH:/RESOURCE".into());
        }
        if path.contains('?') {
            return Err("the resource follows a second colon: write ws+unix:PATH:/RESOURCE?QUERY".into());
        }
        Ok(Self { unix_socket: Some(path.into()), ..Self::at(secure, &format!("localhost{}", slashed(resource)))? })
    }

    fn is_loopback(&self) -> bool {
        is_localhost(&self.host) || self.host.parse().is_ok_and(is_loopback)
    }

    /// What is connected to: the host, with its zone.
    pub(crate) fn interface_host(&self) -> String {
        let zone = self.zone.iter().map(|zone| format!("%{zone}"));
        [self.host.clone()].into_iter().chain(zone).collect()
    }

    /// The `Host` header: the port only where it isn't the scheme's (§4.1).
    pub(crate) fn host_header(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        if self.port == default { bracketed(&self.host) } else { self.authority() }
    }

    /// The origin of its own pages (RFC 6454 §6.1).
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host_header())
    }

    /// Host and port, for messages.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", bracketed(&self.host), self.port)
    }

    /// The URL, without name and password.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        match &self.unix_socket {
            Some(path) => format!("{scheme}+unix:{}:{}", path.display(), self.resource),
            None => format!("{scheme}://{}{}", self.host_with_zone(), self.resource),
        }
    }

    /// The URL of another resource there.
    pub(crate) fn url_of(&self, resource: &str) -> String {
        Self { resource: resource.to_owned(), ..self.clone() }.url()
    }

    /// RFC 6874: only this machine knows the zone, and a URL without it may lead elsewhere.
    fn host_with_zone(&self) -> String {
        let host = self.host_header();
        match (&self.zone, host.split_once(']')) {
            (Some(zone), Some((address, port))) => {
                let zone = utf8_percent_encode(zone, RESERVED);
                format!("{address}%25{zone}]{port}")
            }
            _ => host,
        }
    }

    /// Whether credentials for one may be shown to the other (RFC 6454 §4).
    pub(crate) fn has_origin_of(&self, other: &Self) -> bool {
        (self.secure, &self.host, &self.zone, self.port) == (other.secure, &other.host, &other.zone, other.port)
            && self.unix_socket == other.unix_socket
    }
}

/// Without what a paste brings along: blanks, the end of the line, and quotes of another shell.
fn without_surroundings(text: &str) -> &str {
    let text = text.trim_matches([' ', '\t', '\r', '\n', '\u{a0}', '\u{feff}']);
    let pairs = [('"', '"'), ('\'', '\''), ('<', '>'), ('`', '`'), ('“', '”')];
    pairs.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close)).unwrap_or(text)
}

/// What is meant otherwise than it could be read.
fn mistaken(text: &str) -> Option<String> {
    let socket = "a Unix domain socket is ws+unix:PATH:/RESOURCE";
    if text.starts_with(['/', '.', '~']) || text.starts_with("unix:") {
        return Some(format!("it looks like a path; {socket}"));
    }
    let place = text.split(['/', '?']).next().unwrap_or_default();
    if is_ipv6_with_zone(place) {
        return Some(unbracketed(place));
    }
    if place.contains('\\') {
        return Some("it has a backslash, and a path begins with /".into());
    }
    let lower = text.to_ascii_lowercase();
    let rest = ["wss", "ws", "https", "http"].iter().find_map(|scheme| lower.strip_prefix(scheme))?;
    // A host may be called ws, and then a port follows.
    let is_port = |place: &str| values::port(place.split(['/', '?']).next().unwrap_or_default()).is_some();
    let is_behind_colon = rest.strip_prefix(':').is_some_and(|place| !is_port(place));
    let is_cut = !rest.starts_with("://") && (is_behind_colon || rest.starts_with("//") || rest.starts_with(";/"));
    is_cut.then(|| "between its scheme and its host there is not ://".to_owned())
}

fn is_ipv6_with_zone(host: &str) -> bool {
    host.split('%').next().unwrap_or_default().parse::<Ipv6Addr>().is_ok()
}

/// How an IPv6 address is written that has no brackets, whose last digits may be meant as a port.
fn unbracketed(address: &str) -> String {
    const WHERE: &str = "an IPv6 address stands in brackets";
    match address.rsplit_once(':') {
        Some((before, port)) if is_ipv6_with_zone(before) && values::port(port).is_some() => {
            format!("{WHERE}: [{before}]:{port} has a port, [{address}] has none")
        }
        _ => format!("{WHERE}: [{address}], a port after it: [{address}]:8080"),
    }
}

/// Whether a character stands in no URL. What isn't ASCII may stand in one that a person writes (RFC 3987).
fn is_out_of_place(c: char) -> bool {
    c.is_ascii_control() || c == ' '
}

/// What is wrong with the character at `at`, which stands in no URL.
fn out_of_place(url: &str, at: usize) -> String {
    let bad = char::from(url.as_bytes()[at]);
    let (before, behind) = url.split_at(at);
    let authority = before.find("://").map(|end| end + "://".len());
    let in_authority = &before[authority.unwrap_or(0)..];
    if in_authority.contains(['/', '?']) || behind.split('/').next().is_some_and(|own| own.contains('@')) {
        return format!("it has the character {bad:?}, which has to be written as %{:02X}", u32::from(bad));
    }
    let part = match in_authority.rsplit(']').next() {
        _ if authority.is_none() && behind.contains("://") => "scheme",
        Some(own) if own.contains(':') && !own.contains('[') => "port",
        _ => "host",
    };
    format!("its {part} has the character {bad:?}, which none has")
}

fn slashed(resource: &str) -> String {
    if resource.starts_with(['/', '?']) { resource.to_owned() } else { format!("/{resource}") }
}

/// An IPv6 address as a URL has it.
pub(crate) fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// RFC 6761 §6.3: these names are this machine, whatever a resolver says.
pub(crate) fn is_localhost(host: &str) -> bool {
    is_same_name(host, "localhost") || is_below(host, "localhost")
}

/// Whether only this machine has the address, also where it is an IPv4 address in the form of IPv6 (RFC 4291 §2.5.5.2).
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether both are the same name: neither case nor a dot at the end, which only says that it is whole, counts.
pub(crate) fn is_same_name(host: &str, name: &str) -> bool {
    without_end(host).eq_ignore_ascii_case(without_end(name))
}

/// Whether a host is a name below a domain, at any depth (RFC 6265 §5.1.3). The domain itself isn't, and an address is below
/// nothing, whatever its digits end with. What else a pattern of hosts takes is up to each that has one.
pub(crate) fn is_below(host: &str, domain: &str) -> bool {
    let (host, domain) = (without_end(host), without_end(domain));
    let Some(at) = host.len().checked_sub(domain.len() + 1).filter(|at| host.is_char_boundary(*at)) else {
        return false;
    };
    let is_end = host[at..].strip_prefix('.').is_some_and(|end| end.eq_ignore_ascii_case(domain));
    is_end && !domain.is_empty() && !is_address(host)
}

fn without_end(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a host is an address, perhaps with a zone.
fn is_address(host: &str) -> bool {
    host.split('%').next().is_some_and(|address| address.parse::<IpAddr>().is_ok())
}

/// A host, which may be an IPv6 address with a zone (`[fe80::1%eth0]`, or with `%25` as RFC 6874 has it), and a port. The
/// address is without its brackets then, its zone behind a percent sign.
///
/// # Errors
/// What is wrong with it, in a few words.
pub(crate) fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    let (host, port) = split_port(text);
    if host.is_empty() {
        return Err("it has no host".into());
    }
    if is_ipv6_with_zone(host) {
        return Err(unbracketed(host));
    }
    let port = match port {
        None | Some("") => None,
        Some(digits) => Some(values::port(digits).ok_or("its port is not a number up to 65535")?),
    };
    if is_number(host) {
        return Err(match (values::port(host), host.parse::<u32>()) {
            (None, Ok(address)) => {
                format!("{host:?} is a number and not a host; as an IPv4 address it is {}", Ipv4Addr::from(address))
            }
            _ => format!("{host:?} is a number and not a host; a port alone is :{host}"),
        });
    }
    if host.contains(':') && !host.contains('[') {
        return Err("its host has a colon, and only one colon stands before a port".into());
    }
    let (host, zone) = without_zone(host)?;
    let host = match Host::parse(&host).map_err(|error| format!("{host:?} is not a host: {error}"))? {
        Host::Domain(name) => name,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => format!("{address}{zone}"),
    };
    Ok((host, port))
}

/// An IPv6 address in brackets without its zone, and the zone behind a percent sign.
fn without_zone(host: &str) -> Result<(String, String), String> {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let Some((address, zone)) = inside.and_then(|inside| inside.split_once('%')) else {
        return Ok((host.to_owned(), String::new()));
    };
    let zone = percent_decoded(zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone));
    match zone.filter(|zone| !zone.is_empty() && !zone.contains(['%', '/', ']'])) {
        None => Err(format!("{host:?} has no zone after its %")),
        Some(zone) => Ok((format!("[{address}]"), format!("%{zone}"))),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What may be shown of a URL that can't be read: without credentials, whatever characters they have, encoded ones too, without a
/// query and a fragment, which may hold a token, and without what stands where a port should, which may be a password that no
/// host follows.
pub(crate) fn presentable(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{}://", if is_scheme(scheme) { scheme } else { "…" }), rest),
        None => (String::new(), text),
    };
    let (userinfo, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("…@", rest));
    let (rest, query) = match rest.find(['?', '#']) {
        Some(at) => (&rest[..at], format!("{}…", &rest[at..=at])),
        None => (rest, String::new()),
    };
    let (authority, path) = rest.split_at(rest.find(['/', ';']).unwrap_or(rest.len()));
    let path = shown_url(path, Secrets::Masked);
    let has_encoded_name = authority.to_ascii_lowercase().contains("%40");
    let authority = if has_encoded_name { "…" } else { authority };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) || port.ends_with(']');
    let authority = match authority.rsplit_once(':') {
        Some((host, port)) if !is_port(port) => format!("{host}:…"),
        _ => authority.to_owned(),
    };
    format!("{scheme}{userinfo}{authority}{path}{query}")
}

/// RFC 3986 §3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The name and the password of a URL's userinfo (RFC 3986 §3.2.1).
///
/// # Errors
/// Why they can't be sent, in words that don't have them.
pub(super) fn decoded_credentials(name: &str, password: &str) -> Result<(String, String), String> {
    let why = "its name or password, percent-decoded, is not UTF-8: é is %C3%A9 there";
    percent_decoded(name).zip(percent_decoded(password)).ok_or_else(|| why.to_owned())
}

/// RFC 3986 §2.1; `None` for what isn't UTF-8 then, which nothing may stand for in what is sent.
fn percent_decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (bool, String, String) {
        let target = Target::parse(text).unwrap();
        (target.secure, target.host_header(), target.resource)
    }

    fn is(secure: bool, host: &str, resource: &str) -> (bool, String, String) {
        (secure, host.into(), resource.into())
    }

    #[test]
    fn urls_are_taken_apart() {
        assert_eq!(parts("ws://example.com"), is(false, "example.com", "/"));
        assert_eq!(parts("wss://example.com:443/a?b=c%20d"), is(true, "example.com", "/a?b=c%20d"));
        assert_eq!(parts("WS://[::1]:9001/x"), is(false, "[::1]:9001", "/x"));
        assert_eq!(parts("https://example.com:80?q"), is(true, "example.com:80", "/?q"));
        assert_eq!(parts("wss://bücher.example/"), is(true, "xn--bcher-kva.example", "/"));
    }

    #[test]
    fn a_name_is_below_another_and_an_address_below_none() {
        for (host, domain) in [("a.example", "EXAMPLE"), ("b.a.example.", "example"), ("a.1.2", "1.2"), ("é.ü", "ü")]
        {
            assert!(is_below(host, domain), "{host} {domain}");
        }
        for (host, domain) in [
            ("example", "example"),
            ("badexample", "example"),
            ("a.example", ""),
            ("a.", ""),
            ("é.ü", "\u{fc}x"),
            ("ü", "x"),
            ("127.0.0.1", "0.0.1"),
            ("127.0.0.1.", "1"),
            ("::ffff:127.0.0.1", "0.1"),
            ("fe80::127.0.0.1%eth0", "0.1%eth0"),
        ] {
            assert!(!is_below(host, domain), "{host} {domain}");
        }
        assert!(is_same_name("A.example", "a.EXAMPLE.") && !is_same_name("a", "b"));
    }

    #[test]
    fn what_a_paste_brings_along_is_left_out() {
        for text in ["ws://h/x\r\n", " ws://h/x", "\"ws://h/x\"", "'ws://h/x'", "<ws://h/x>\n", "\u{feff}ws://h/x"] {
            assert_eq!(parts(text), is(false, "h", "/x"), "{text:?}");
        }
    }

    #[test]
    fn the_resource_is_kept_byte_for_byte() {
        for resource in ["/a/../b//c/./", "/?a='\"<>|^`{}\\&b=%zz%2f"] {
            assert_eq!(parts(&format!("ws://h{resource}")).2, resource);
        }
        // Where a request line may hold it: RFC 3987 §3.1 says what becomes of the rest.
        assert_eq!(parts("ws://h/ü/%C3%BC?ß\u{80}=%").2, "/%C3%BC/%C3%BC?%C3%9F%C2%80=%");
    }

    #[test]
    fn a_scheme_may_be_left_out() {
        assert_eq!(parts("localhost:8080/x"), is(false, "localhost:8080", "/x"));
        assert_eq!(parts(":8080/x?y"), is(false, "localhost:8080", "/x?y"));
        assert_eq!(parts("127.0.0.2"), is(false, "127.0.0.2", "/"));
        assert_eq!(parts("[::1]:1"), is(false, "[::1]:1", "/"));
        assert_eq!(parts("19001"), is(false, "localhost:19001", "/"));
        assert_eq!(parts("80/x?y"), is(false, "localhost", "/x?y"));
        assert_eq!(parts("example.com/a"), is(true, "example.com", "/a"));
        assert_eq!(parts("example.com:80/a"), is(false, "example.com", "/a"));
        assert_eq!(parts("example.com:8080"), is(true, "example.com:8080", "/"));
        assert!(Target::parse("example.com").unwrap().guessed && !Target::parse("ws://a").unwrap().guessed);
    }

    #[test]
    fn a_zone_is_kept_from_the_server() {
        for text in ["ws://[fe80::1%25eth0]:1/", "ws://[fe80::1%eth0]:1/"] {
            let target = Target::parse(text).unwrap();
            assert_eq!(
                (target.host_header().as_str(), target.interface_host().as_str()),
                ("[fe80::1]:1", "fe80::1%eth0")
            );
            assert_eq!(target.url(), "ws://[fe80::1%25eth0]:1/");
        }
        let odd = Target::parse("wss://[fe80::1%25a%20b]/").unwrap();
        assert_eq!((odd.zone.as_deref(), odd.url().as_str()), (Some("a b"), "wss://[fe80::1%25a%20b]/"));
        // A number of an interface, which begins as an encoded percent sign does.
        assert_eq!(Target::parse("ws://[fe80::1%25]/").unwrap().zone.as_deref(), Some("25"));
        assert!(Target::parse("ws://[fe80::1%]/").is_err());
    }

    #[test]
    fn unix_sockets_have_a_path_and_a_resource() {
        for (text, path, resource) in
            [("ws+unix:/a/b:/c?d", "/a/b", "/c?d"), ("ws+unix:///a/b", "/a/b", "/"), ("ws+unix:a:", "a", "/")]
        {
            let target = Target::parse(text).unwrap();
            assert_eq!((target.unix_socket, target.resource), (Some(path.into()), resource.to_owned()));
        }
    }

    #[test]
    fn userinfo_is_decoded_and_never_shown() {
        let target = Target::parse("wss://us%40er:p:w%C3%A9@h/").unwrap();
        assert_eq!(target.userinfo, Some(("us@er".into(), "p:wé".into())));
        assert_eq!(target.url(), "wss://h/");
        for (text, shown) in [
            ("wss://user:secret@h:port/", "wss://…@h:…/"),
            ("wss://user:sec/ret@h/", "wss://…@h/"),
            ("wss://user:sec?ret@h/", "wss://…@h/"),
            ("wss://user:sec#ret@h/", "wss://…@h/"),
            ("wss://user:sec ret@h/", "wss://…@h/"),
            ("wss://user:sec@ret@h:x", "wss://…@h:…"),
            ("user:secret@h:x/y", "…@h:…/y"),
            ("user:secret@ftp://h/", "…://h/"),
            ("wss://user:secret", "wss://user:…"),
            ("ws://h:x/?token=secret", "ws://h:…/?…"),
            ("ftp://user:secret@h/", "ftp://…@h/"),
            ("wss://us%E9r:secret@h/", "wss://…@h/"),
            ("wss://user:sec%E9ret@h/", "wss://…@h/"),
            ("ws://[::1]:x/", "ws://[::1]:…/"),
            ("ws://[::1/", "ws://[::1/"),
        ] {
            let error = Target::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{shown:?} is not a WebSocket URL: ")), "{error}");
            assert!(!error.contains("sec") && !error.contains("ret"), "{error}");
        }
    }

    #[test]
    fn what_is_no_websocket_url_is_refused_with_the_reason() {
        for (text, why) in [
            ("ftp://a/", "\"ftp://a/\" is not a WebSocket URL: its scheme \"ftp\" is not ws or wss"),
            // What begins with a digit, or not at all, is no scheme (RFC 3986 §3.1), and may be anything.
            ("5ecret://a/", "\"…://a/\" is not a WebSocket URL: its scheme is not ws or wss"),
            ("://a/", "\"…://a/\" is not a WebSocket URL: its scheme is not ws or wss"),
            ("ws://a/#b", "fragment"),
            ("ws://", "no host"),
            ("ws://a b/", "its host has the character ' '"),
            ("ws://a b", "its host has the character ' '"),
            ("a b", "its host has the character ' '"),
            ("w s://a/", "its scheme has the character ' '"),
            ("a?u=w s://a/", "%20"),
            ("ws://a:80 80/", "its port has the character ' '"),
            ("ws://[::1 ]:80/", "its host has the character ' '"),
            ("ws://[::1]:8 0/", "its port has the character ' '"),
            ("ws://a/#b c", "it has a fragment"),
            ("ws://a/b c#d", "%20"),
            ("ws://a c:b@h/", "%20"),
            ("ws://a/b c", "%20"),
            ("a/b c", "%20"),
            ("ws://a?b c", "%20"),
            ("ws://a:1:80/", "only one colon stands before a port"),
            ("ws://a:b/", "port"),
            ("ws://a:99999/", "port"),
            ("ws://19001/", "a port alone is :19001"),
            ("70000", "port"),
            ("ws+unix:", "no socket"),
            ("ws://a:%E9@h/", "é is %C3%A9 there"),
            ("ws://[fe80::1%25%FF]/", "no zone after"),
            ("ws:/127.0.0.1:1/", "there is not ://"),
            ("ws//host", "there is not ://"),
            ("::1", "[::1], a port after it: [::1]:8080"),
            ("ws://::1/", "in brackets: [::1]"),
            ("unix:///x", "ws+unix:PATH:/RESOURCE"),
            ("/tmp/x.sock", "ws+unix:PATH:/RESOURCE"),
            ("./x.sock", "ws+unix:PATH:/RESOURCE"),
            ("ws://2130706433:1/", "as an IPv4 address it is 127.0.0.1"),
            ("", "no host"),
        ] {
            let error = Target::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
