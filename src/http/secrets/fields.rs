//! What is secret in the lines of a head.

use std::borrow::Cow;

use super::head_lines::{SUBPROTOCOLS, fields, is_start_line, requested_subprotocols};
use super::known_values::{hide, known_values};
use super::subprotocols::judge_subprotocols;
use super::urls::{holds_secret, shown_host, shown_url};
use super::{MASK, Secrets, is_secret_header, is_secret_value};
use crate::http::is_token;

/// Headers with a URL in them.
const URLS: [&str; 14] = [
    "location",
    "content-location",
    "referer",
    "origin",
    "refresh",
    "link",
    "x-original-url",
    "x-original-uri",
    "x-rewrite-url",
    "x-forwarded-uri",
    "x-forwarded-url",
    "x-forwarded-path",
    "x-request-uri",
    "x-envoy-original-path",
];

/// Headers with a host in them.
const HOSTS: [&str; 2] = ["host", "x-forwarded-host"];

/// Headers with what a client is to prove itself by (RFC 9110 §11.6.1), which everybody may know.
const CHALLENGES: [&str; 2] = ["www-authenticate", "proxy-authenticate"];

/// What may stand between a name and its value; in a malformed line also blanks before the colon, or in its place.
const BETWEEN: [char; 5] = [':', ' ', '\t', '\r', '\n'];

/// What ends a line for somebody, and what parts the words of a value.
const LINE_ENDS: [char; 2] = ['\r', '\n'];
const BLANKS: [char; 2] = [' ', '\t'];

/// A head as text, `mask` in the place of each secret. `request` is the head of the request that it answers, or the same
/// head: a token among the subprotocols is one where it stands alone in an answer, too.
pub fn without_secrets(head: &[u8], request: &[u8], mask: &str) -> String {
    let text = String::from_utf8_lossy(head);
    let requested = requested_subprotocols(request);
    let mut shown = String::new();
    for (number, field) in fields(&text).into_iter().enumerate() {
        let content = field.trim_end_matches(['\r', '\n']);
        let masked = match number == 0 && is_start_line(content) {
            true => masked_words(content),
            false => masked_field(content, &requested, mask),
        };
        match masked {
            Some(masked) => shown.extend([masked.as_str(), &field[content.len()..]]),
            None => shown.push_str(field),
        }
    }
    // What the answer quotes.
    if head != request { hide(&shown, &known_values(request), mask).into_owned() } else { shown }
}

/// A line of a head that can't be read, without what would be secret in one that can.
pub fn line_without_secrets(line: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(line);
    masked(&text, "", MASK)
        .or_else(|| masked_words(&text))
        .map_or(Cow::Borrowed(line), |masked| masked.into_bytes().into())
}

/// Whether a header is somebody's secret, or has one in its value. Subprotocols have their own judge.
pub fn is_secret_field(name: &str, value: &str) -> bool {
    is_secret_header(name) || is_secret_value(value) || masked_place(name, value).is_some()
}

/// A field in several lines, each of which may be meant for one of its own: as [`masked`].
fn masked_field(field: &str, requested: &str, mask: &str) -> Option<String> {
    let by_line = || {
        let lines: Vec<_> = field.split(LINE_ENDS).filter(|line| !line.is_empty()).collect();
        let masked: Vec<_> = lines.iter().map(|line| masked(line, requested, mask)).collect();
        let shown = lines.iter().zip(&masked).map(|(line, masked)| masked.as_deref().unwrap_or(line));
        masked.iter().any(Option::is_some).then(|| shown.collect::<Vec<_>>().join("\n "))
    };
    let whole = || masked(field, requested, mask);
    // One that says as a whole that it is secret hides all of its lines.
    let is_secret = field.split(BETWEEN).next().is_some_and(is_secret_header);
    match field.contains(LINE_ENDS) && !is_secret {
        true => by_line().or_else(whole),
        false => whole(),
    }
}

/// The field with what is secret masked; `None` where nothing is. `requested`: the subprotocols of the request.
fn masked(field: &str, requested: &str, mask: &str) -> Option<String> {
    let field = field.trim_start();
    let (name, value) = match field.find(BETWEEN) {
        Some(at) => field.split_at(at),
        // What a folded line begins with.
        None => return masked_words(field),
    };
    let value = value.trim_start_matches(BETWEEN).replace(['\r', '\n'], "");
    if name.eq_ignore_ascii_case("set-cookie")
        && let Some(cookie) = cookie_name(&value)
    {
        return Some(format!("{name}: {cookie}={mask}"));
    }
    if is_secret_header(name) || is_secret_value(&value) {
        return Some(format!("{name}: {mask}"));
    }
    let shown = match name.eq_ignore_ascii_case(SUBPROTOCOLS) {
        true => masked_subprotocols(&value, requested, mask),
        false => masked_place(name, &value),
    };
    shown.map(|value| format!("{name}: {value}"))
}

/// A list of subprotocols with those masked that are secret, and in others what would be secret in any word.
fn masked_subprotocols(list: &str, requested: &str, mask: &str) -> Option<String> {
    let judged = judge_subprotocols(list, requested).into_iter();
    let shown: Vec<Cow<'_, str>> = judged
        .map(|(name, is_secret)| match is_secret {
            true => mask.to_owned().into(),
            false => masked_words(name).map_or(name.into(), Cow::Owned),
        })
        .collect();
    shown.iter().any(|name| matches!(name, Cow::Owned(_))).then(|| shown.join(", "))
}

/// The name of the cookie that a value of Set-Cookie sets (RFC 6265 §4.1.1); `None` where a secret may stand in its place: alone,
/// or with the padding of base64 behind it.
fn cookie_name(value: &str) -> Option<&str> {
    let (name, value) = value.split(';').next()?.split_once('=')?;
    let is_padding = value.trim_matches(['=', ' ', '\t']).is_empty();
    (is_token(name) && !is_padding).then_some(name)
}

/// The value of a header with what is secret in it masked, as in a URL, a host or a parameter; `None` where nothing is.
fn masked_place(name: &str, value: &str) -> Option<String> {
    let is_one_of = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let shown = match () {
        () if is_one_of(&URLS) => shown_url(value, Secrets::Masked),
        () if is_one_of(&HOSTS) => shown_host(value),
        () if is_one_of(&CHALLENGES) => return None,
        () => return masked_words(value),
    };
    matches!(shown, Cow::Owned(_)).then(|| shown.into_owned())
}

/// A line with what is secret in each of its words masked, which may be URLs or parameters.
fn masked_words(line: &str) -> Option<String> {
    let mut shown = String::new();
    for piece in line.split_inclusive(BLANKS) {
        let word = piece.trim_end_matches(BLANKS);
        shown.push_str(&shown_word(word));
        shown.push_str(&piece[word.len()..]);
    }
    (shown != line).then_some(shown)
}

/// A word of a line, which may be a URL, or parameters with commas between.
fn shown_word(word: &str) -> Cow<'_, str> {
    if word.contains(['?', '#']) || word.contains("://") || word.starts_with('/') {
        return shown_parameter(word).unwrap_or_else(|| shown_url(word, Secrets::Masked));
    }
    let mut shown = String::new();
    let mut hides = false;
    for (number, parameter) in word.split(',').enumerate() {
        // What has no name goes on with the value before it.
        hides &= !parameter.is_empty() && !parameter.contains('=');
        if hides {
            continue;
        }
        let masked = shown_parameter(parameter);
        hides = masked.is_some();
        shown.extend([
            if number > 0 { "," } else { "" },
            &masked.unwrap_or_else(|| shown_url(parameter, Secrets::Masked)),
        ]);
    }
    if shown == word { Cow::Borrowed(word) } else { shown.into() }
}

/// A parameter that is secret, or that names a host with a name and password before it; `None` of any other.
fn shown_parameter(word: &str) -> Option<Cow<'_, str>> {
    match word.split_once('=') {
        Some((name, value)) if !name.contains(['?', '#', ';', '&']) && holds_secret((name, value)) => {
            Some(format!("{name}={MASK}").into())
        }
        // `host="name:password@host"` (RFC 7239 §4).
        Some((name, value)) if names_password(value) => Some(format!("{name}={}", shown_host(value)).into()),
        None if names_password(word) => Some(shown_host(word)),
        _ => None,
    }
}

/// Whether a name and a password stand before a host that has no scheme.
fn names_password(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, _)| name.contains(':') && !name.contains(['/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked_by_itself(head: &[u8], mask: &str) -> String {
        without_secrets(head, head, mask)
    }

    #[test]
    fn a_token_that_the_server_takes_for_a_subprotocol_stays_secret() {
        let request =
            b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: access_token, c2VjcmV0\r\nsec-websocket-protocol:chat\r\n\r\n";
        let answer = b"HTTP/1.1 101 \r\nSec-WebSocket-Protocol: c2VjcmV0\r\n\r\n";
        let shown = "HTTP/1.1 101 \r\nSec-WebSocket-Protocol: -\r\n\r\n";
        assert_eq!(without_secrets(answer, request, "-"), shown);
    }

    #[test]
    fn secrets_are_left_out_whatever_their_case() {
        let head = b"GET / HTTP/1.1\r\nHOST: a\r\nX-Api-Key: abc\r\nauthorization: Basic abc\r\n\r\n";
        let shown = "GET / HTTP/1.1\r\nHOST: a\r\nX-Api-Key: (masked)\r\n\
                     authorization: (masked)\r\n\r\n";
        assert_eq!(masked_by_itself(head, "(masked)"), shown);
    }

    #[test]
    fn secrets_are_left_out_however_their_lines_end() {
        let head = b"HTTP/1.1 200 OK\nServer: a:b\nSet-Cookie: abc\n def\r\n\tghi\r\nX: y\n z\n\n";
        let shown = "HTTP/1.1 200 OK\nServer: a:b\nSet-Cookie: (masked)\r\nX: y\n z\n\n";
        assert_eq!(masked_by_itself(head, "(masked)"), shown);
    }

    #[test]
    fn secrets_are_left_out_of_malformed_lines() {
        let head = b"GET /token HTTP/1.1\r\nX-Auth : a\r\nAuthorization Bearer a:b\r\nX-Key\ta\r\nnothing\r\n\r\n";
        let shown =
            "GET /token HTTP/1.1\r\nX-Auth: (masked)\r\nAuthorization: (masked)\r\nX-Key: (masked)\r\nnothing\r\n\r\n";
        assert_eq!(masked_by_itself(head, "(masked)"), shown);
    }

    #[test]
    fn the_name_of_a_cookie_that_is_set_is_no_secret() {
        for (value, shown) in [
            ("sid=S; Path=/S; HttpOnly", "sid=(masked)"),
            ("__Host-sid=\"S=S\"", "__Host-sid=(masked)"),
            ("S", "(masked)"),
            ("S; a=b", "(masked)"),
            ("=S", "(masked)"),
            // Padding of base64, and not a cookie's name.
            ("UzM=", "(masked)"),
            ("UzM==; Path=/", "(masked)"),
            ("S S=a", "(masked)"),
            ("sid=\r\n S", "sid=(masked)"),
        ] {
            let head = format!("HTTP/1.1 200 OK\r\nset-cookie: {value}\r\n\r\n");
            let expected = format!("HTTP/1.1 200 OK\r\nset-cookie: {shown}\r\n\r\n");
            assert_eq!(masked_by_itself(head.as_bytes(), MASK), expected);
        }
    }

    #[test]
    fn secrets_in_urls_of_heads_are_left_out() {
        let head = b"GET /?token=abc HTTP/1.1\r\nReferer: http://h/?jwt=abc\r\nX: /?token=abc\r\n\r\n";
        let shown = "GET /?token=(masked) HTTP/1.1\r\nReferer: http://h/?jwt=(masked)\r\nX: /?token=(masked)\r\n\r\n";
        assert_eq!(masked_by_itself(head, "-"), shown);
        let head = b"HTTP/1.1 302 ?token=abc\r\nlocation:/?token=abc\r\n\r\n";
        assert_eq!(masked_by_itself(head, "-"), "HTTP/1.1 302 ?token=(masked)\r\nlocation: /?token=(masked)\r\n\r\n");
        assert_eq!(masked_by_itself(b"GET /?token=abc", "-"), "GET /?token=(masked)");
    }

    #[test]
    fn what_is_malformed_hides_nothing() {
        for (head, shown) in [
            (
                "HTTP/1.1 302 X\r\nLocation:\r\n /?token=S\r\n\r\n",
                "HTTP/1.1 302 X\r\nLocation:\n /?token=(masked)\r\n\r\n",
            ),
            ("HTTP/1.1 302 X\nLocation: /?a=b\n\t&token=S\n", "HTTP/1.1 302 X\nLocation: /?a=b\t&token=(masked)\n"),
            ("HTTP/1.1 403 X\r\n Set-Cookie: S\r\n", "HTTP/1.1 403 X\r\nSet-Cookie: (masked)\r\n"),
            ("HTTP/1.1 XYZ token=S\r\n", "HTTP/1.1 XYZ token=(masked)\r\n"),
            ("GET /?access_token=S\r\n", "GET /?access_token=(masked)\r\n"),
            ("get\t/?access_token=S\thttp/1.1\r\n", "get\t/?access_token=(masked)\thttp/1.1\r\n"),
            ("GET / HTTP/1.1\r\nHost: u:S@h\r\n", "GET / HTTP/1.1\r\nHost: (masked)@h\r\n"),
            ("GET / HTTP/1.1\r\nOrigin: http://u:S@h/\r\n", "GET / HTTP/1.1\r\nOrigin: http://(masked)@h/\r\n"),
            (
                "GET / HTTP/1.1\r\nX-A: b\r\n\tcookie=S\r\nX-B: b\rCookie: S\r\n",
                "GET / HTTP/1.1\r\nX-A: b\n cookie=(masked)\r\nX-B: b\n Cookie: (masked)\r\n",
            ),
            (
                "GET / HTTP/1.1\r\nX-Foo: token=S,S, a=b\r\nForwarded: for=a;host=\"a:S@h\"\r\nX: AWS4-HMAC-SHA256 Signature=S\r\n",
                "GET / HTTP/1.1\r\nX-Foo: token=(masked), a=b\r\nForwarded: for=(masked)@h\"\r\nX: (masked)\r\n",
            ),
            (
                "HTTP/1.1 401 X\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\nSet: a=1, b=2; pathkey=S\r\n",
                "HTTP/1.1 401 X\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\nSet: a=1, b=2; pathkey=(masked)\r\n",
            ),
            (
                "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: token\r\nSec-WebSocket-Protocol:\r\n S\r\n",
                "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: (masked)\r\nSec-WebSocket-Protocol: (masked)\r\n",
            ),
        ] {
            assert_eq!(masked_by_itself(head.as_bytes(), MASK), shown);
        }
        assert_eq!(line_without_secrets(b"Set-Cookie sid=S"), &b"Set-Cookie: sid=(masked)"[..]);
        assert_eq!(line_without_secrets(b"X-Note sid"), &b"X-Note sid"[..]);
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        for line in [
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:1.0) Gecko/20100101",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=15, x",
            "Cache-Control: max-age=0, no-cache",
            "Date: Fri, 27 Nov 2026 07:00:00 GMT",
            "From: bob@example.com",
            "Accept: text/html;q=0.8, */*",
            "Forwarded: for=192.0.2.60;proto=http;by=203.0.113.43",
            "Via: 1.1 example:8080",
            "Alt-Svc: h3=\":443\"; ma=86400",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            let head = format!("GET / HTTP/1.1\r\n{line}\r\n");
            assert_eq!(masked_by_itself(head.as_bytes(), MASK), head);
        }
    }

    #[test]
    fn a_token_among_subprotocols_is_masked_where_it_stands() {
        let mask = "(masked)";
        assert_eq!(
            masked_by_itself(b"sec-websocket-protocol: chat,jwt, abc\r\n", mask),
            format!("sec-websocket-protocol: chat, {mask}, {mask}\r\n")
        );
        assert_eq!(
            masked_by_itself(
                b"Sec-WebSocket-Protocol: chat, bearer.c2VjcmV0MTIz, eyJhbGciOiJub25lIn0.eyJhIjoxfQ.AAAA\r\n",
                mask
            ),
            format!("Sec-WebSocket-Protocol: chat, {mask}, {mask}\r\n"),
            "beside a JSON Web Token"
        );
        assert_eq!(masked_by_itself(b"Sec-WebSocket-Protocol:chat,x\r\n", mask), "Sec-WebSocket-Protocol:chat,x\r\n");
    }
}
