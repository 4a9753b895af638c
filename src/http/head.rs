//! What the heads of requests and responses have in common (RFC 9110 §5, §15; RFC 9112 §5).

use std::ops::Range;

/// Headers that are of one connection alone (RFC 9110 §7.6.1), or of the opening handshake on it, in lower case.
const OF_ONE_CONNECTION: [&str; 19] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether a header of this name is of one connection alone.
pub fn is_of_one_connection(name: &str) -> bool {
    OF_ONE_CONNECTION.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Whether a header of this name tells of one handshake and its way (RFC 9110 §7.6.3), so that the next has its own.
pub fn is_of_one_handshake(name: &str) -> bool {
    name.eq_ignore_ascii_case("via") || is_of_one_connection(name)
}

/// The headers of a head, in the order and with the names that were on the wire. Names are looked up
/// without their case (RFC 9110 §5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Where each header's name is in `names`, and its value in `values`.
    lines: Vec<(Range<usize>, Range<usize>)>,
    names: String,
    values: Vec<u8>,
}

impl Headers {
    pub(crate) fn new(parsed: &[httparse::Header<'_>]) -> Self {
        let mut headers = Self {
            lines: Vec::with_capacity(parsed.len()),
            names: String::with_capacity(parsed.iter().map(|header| header.name.len()).sum()),
            values: Vec::with_capacity(parsed.iter().map(|header| header.value.len()).sum()),
        };
        for header in parsed {
            headers.push(header.name, header.value);
        }
        headers
    }

    pub(super) fn push(&mut self, name: &str, value: &[u8]) {
        let (name_begin, value_begin) = (self.names.len(), self.values.len());
        self.names.push_str(name);
        self.values.extend_from_slice(value);
        self.lines.push((name_begin..self.names.len(), value_begin..self.values.len()));
    }

    /// Goes on with the last header's value: of a folded line (RFC 9112 §5.2). `false` where there is none.
    pub(super) fn unfold(&mut self, more: &[u8]) -> bool {
        let Some((_, value)) = self.lines.last_mut() else { return false };
        self.values.push(b' ');
        self.values.extend_from_slice(more);
        value.end = self.values.len();
        true
    }

    /// Whether there is a header of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.raw(name).next().is_some()
    }

    /// Whether more than one line has this name.
    pub fn is_twice(&self, name: &str) -> bool {
        self.raw(name).nth(1).is_some()
    }

    /// The first value of this name, where it is ASCII text, without the blanks around it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).next().and_then(text)
    }

    /// The first value of this name as a URI reference, what isn't ASCII in it percent-encoded (RFC 3987 §3.1).
    pub fn uri(&self, name: &str) -> Option<String> {
        self.raw(name).next().map(|value| percent_encoded(value.trim_ascii()))
    }

    /// All values of this name, those that aren't ASCII text left out.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.raw(name).filter_map(text)
    }

    /// Every header whose value is ASCII text, with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.raw_lines().filter_map(|(name, value)| Some((name, text(value)?)))
    }

    /// Every header that may be sent on as it is: with a `field-value`, whose bytes beyond ASCII are opaque (RFC 9110 §5.5).
    pub fn for_another(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let is_field_value = |value: &[u8]| !value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t');
        self.raw_lines().map(|(name, value)| (name, without_ows(value))).filter(move |(_, value)| is_field_value(value))
    }

    /// The elements of a comma-separated list, which may be spread over several headers.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all(name).flat_map(list_elements)
    }

    /// Whether a comma-separated list, which may be spread over several headers, has `token` in it:
    /// `Connection: keep-alive, Upgrade` does have `upgrade`.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.all(name).flat_map(list_elements).any(|element| element.eq_ignore_ascii_case(token))
    }

    /// Whether every value of this name is ASCII text.
    pub(crate) fn are_text(&self, name: &str) -> bool {
        self.raw(name).all(|value| text(value).is_some())
    }

    /// The first value of this name, for display: what isn't UTF-8 in it is replaced.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        self.all_shown(name).next()
    }

    /// The values of this name, for display: what isn't UTF-8 in them is replaced.
    pub fn all_shown(&self, name: &str) -> impl Iterator<Item = String> {
        self.raw(name).map(|value| String::from_utf8_lossy(value).trim_matches(OWS).to_owned())
    }

    fn raw(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.raw_lines().filter(move |(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn raw_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.lines.iter().map(|(name, value)| (&self.names[name.clone()], &self.values[value.clone()]))
    }
}

/// The blanks that don't belong to a value, and no others: one that looks like them may be read otherwise by somebody on the
/// way (RFC 9110 §5.6.3).
pub(super) const OWS: [char; 2] = [' ', '\t'];

/// A value without the blanks around it.
pub(super) fn without_ows(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// The elements of a comma-separated list, without the empty ones, which don't count (RFC 9110 §5.6.1).
pub fn list_elements(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(|element| element.trim_matches(OWS)).filter(|element| !element.is_empty())
}

/// Each byte beyond ASCII as %XX; what is %XX already stays.
pub fn percent_encoded(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            0..=0x7f => encoded.push(byte.into()),
            beyond => encoded.push_str(&format!("%{beyond:02X}")),
        }
    }
    encoded
}

/// RFC 9110 §5.5: what is beyond visible ASCII is opaque.
fn text(value: &[u8]) -> Option<&str> {
    let is_visible = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    str::from_utf8(value).ok().filter(|_| value.iter().all(is_visible)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_without_their_case_and_lists_may_be_spread() {
        let header = |name, value| httparse::Header { name, value };
        let headers = Headers::new(&[
            header("CONNECTION", b"keep-alive"),
            header("Connection", b" Upgrade , x"),
            header("X-Odd", b"caf\xe9"),
        ]);
        assert_eq!(headers.get("connection"), Some("keep-alive"));
        assert!(headers.has_token("Connection", "upgrade") && !headers.has_token("Connection", "up"));
        assert_eq!((headers.get("x-odd"), headers.are_text("x-odd")), (None, false));
        assert_eq!(headers.shown("x-odd").as_deref(), Some("caf\u{fffd}"));
        assert_eq!(headers.iter().count(), 2);
        assert!(headers.contains("x-odd") && !headers.contains("x"));
        assert!(headers.is_twice("connection") && !headers.is_twice("x-odd"));
    }
}
