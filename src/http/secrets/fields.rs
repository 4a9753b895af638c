//! What is secret in the lines of a head.

use std::borrow::Cow;

use super::head_lines::{SUBPROTOCOLS, fields, is_start_line, requested_subprotocols};
use super::known_values::{hide, known_values};
use super::subprotocols::judge_subprotocols;
use super::urls::{holds_secret, shown_host, shown_url};
use super::{MASK, Secrets, is_secret_header, is_secret_value};

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

/// What may stand between a name and its value; in a malformed line also blanks before the colon, or in its place.
const BETWEEN: [char; 5] = [':', ' ', '\t', '\r', '\n'];

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
        let lines: Vec<_> =
            field.split('\n').map(|line| masked(line.trim_end_matches('\r'), requested, mask)).collect();
        let shown = field.split('\n').zip(&lines).map(|(line, masked)| masked.as_deref().unwrap_or(line));
        lines.iter().any(Option::is_some).then(|| shown.collect::<Vec<_>>().join("\n "))
    };
    masked(field, requested, mask).or_else(|| by_line().filter(|_| field.contains('\n')))
}

/// The field with what is secret masked; `None` where nothing is. `requested`: the subprotocols of the request.
fn masked(field: &str, requested: &str, mask: &str) -> Option<String> {
    let field = field.trim_start();
    let (name, value) = field.split_at(field.find(BETWEEN)?);
    let value = value.trim_start_matches(BETWEEN).replace(['\r', '\n'], "");
    if is_secret_header(name) || is_secret_value(&value) {
        return Some(format!("{name}: {mask}"));
    }
    if let Some(value) = masked_place(name, &value) {
        return Some(format!("{name}: {value}"));
    }
    let is_list = name.eq_ignore_ascii_case(SUBPROTOCOLS);
    let judged = if is_list { judge_subprotocols(&value, requested) } else { Vec::new() };
    judged.iter().any(|(_, is_secret)| *is_secret).then(|| {
        let shown = judged.iter().map(|&(name, is_secret)| if is_secret { mask } else { name });
        format!("{name}: {}", shown.collect::<Vec<_>>().join(", "))
    })
}

/// The value of a header that has a URL or a host, with what is secret in it masked; `None` where nothing is.
fn masked_place(name: &str, value: &str) -> Option<String> {
    let is_one_of = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let shown = match () {
        () if is_one_of(&URLS) => shown_url(value, Secrets::Masked),
        () if is_one_of(&HOSTS) => shown_host(value),
        () if value.contains("://") => return masked_words(value),
        () => return None,
    };
    matches!(shown, Cow::Owned(_)).then(|| shown.into_owned())
}

/// A line with what is secret in each of its words masked, which may be URLs or parameters of one.
fn masked_words(line: &str) -> Option<String> {
    let mut shown = String::new();
    for piece in line.split_inclusive([' ', '\t']) {
        let word = piece.trim_end_matches([' ', '\t']);
        match word.split_once('=') {
            Some((name, value)) if !name.contains(['?', '#', ';', '&']) && holds_secret((name, value)) => {
                shown.extend([name, "=", MASK]);
            }
            _ => shown.push_str(&shown_url(word, Secrets::Masked)),
        }
        shown.push_str(&piece[word.len()..]);
    }
    (shown != line).then_some(shown)
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
    fn secrets_in_urls_of_heads_are_left_out() {
        let head = b"GET /?token=abc HTTP/1.1\r\nReferer: http://h/?jwt=abc\r\nX: /?token=abc\r\n\r\n";
        let shown = "GET /?token=(masked) HTTP/1.1\r\nReferer: http://h/?jwt=(masked)\r\nX: /?token=abc\r\n\r\n";
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
                "HTTP/1.1 302 X\r\nLocation: /?token=(masked)\r\n\r\n",
            ),
            ("HTTP/1.1 302 X\nLocation: /?a=b\n\t&token=S\n", "HTTP/1.1 302 X\nLocation: /?a=b\t&token=(masked)\n"),
            ("HTTP/1.1 403 X\r\n Set-Cookie: S\r\n", "HTTP/1.1 403 X\r\nSet-Cookie: (masked)\r\n"),
            ("HTTP/1.1 XYZ token=S\r\n", "HTTP/1.1 XYZ token=(masked)\r\n"),
            ("GET /?access_token=S\r\n", "GET /?access_token=(masked)\r\n"),
            ("get\t/?access_token=S\thttp/1.1\r\n", "get\t/?access_token=(masked)\thttp/1.1\r\n"),
            ("GET / HTTP/1.1\r\nHost: u:S@h\r\n", "GET / HTTP/1.1\r\nHost: (masked)@h\r\n"),
            ("GET / HTTP/1.1\r\nOrigin: http://u:S@h/\r\n", "GET / HTTP/1.1\r\nOrigin: http://(masked)@h/\r\n"),
            (
                "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: token\r\nSec-WebSocket-Protocol:\r\n S\r\n",
                "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: (masked)\r\nSec-WebSocket-Protocol: (masked)\r\n",
            ),
        ] {
            assert_eq!(masked_by_itself(head.as_bytes(), MASK), shown);
        }
        assert_eq!(line_without_secrets(b"Set-Cookie sid=S"), &b"Set-Cookie: (masked)"[..]);
        assert_eq!(line_without_secrets(b"X-Note sid"), &b"X-Note sid"[..]);
    }

    #[test]
    fn a_token_among_subprotocols_is_masked_where_it_stands() {
        let mask = "(masked)";
        assert_eq!(
            masked_by_itself(b"sec-websocket-protocol: chat,jwt, abc\r\n", mask),
            format!("sec-websocket-protocol: chat, {mask}, {mask}\r\n")
        );
        assert_eq!(masked_by_itself(b"Sec-WebSocket-Protocol:chat,x\r\n", mask), "Sec-WebSocket-Protocol:chat,x\r\n");
    }
}
