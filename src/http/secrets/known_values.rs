//! Secrets by their values: an answer may quote what the request has proven itself with, where no name says what it is.

use std::borrow::Cow;

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;

use super::head_lines::{fields, requested_subprotocols};
use super::subprotocols::{is_marker, secret_subprotocols};
use super::urls::secrets_in;
use super::{MASK, is_secret_header, is_secret_value};

/// Shorter values may stand for something else in an answer; of a cookie more, since many hold settings. In bytes.
const SHORTEST: usize = 6;
const SHORTEST_OF_A_COOKIE: usize = 12;

/// Of so many secrets of a request the values are known.
const MOST: usize = 64;

/// The text of an answer, with [`MASK`] in the place of each secret of the request that it quotes.
pub(in crate::http) fn without_quoted_secrets<'a>(text: &'a str, request: &[u8]) -> Cow<'a, str> {
    hide(text, &known_values(request), MASK)
}

/// The text with `mask` in the place of each of these values.
pub(super) fn hide<'a>(text: &'a str, values: &[String], mask: &str) -> Cow<'a, str> {
    let mut hidden = Cow::Borrowed(text);
    for value in values {
        if hidden.contains(value.as_str()) {
            hidden = hidden.replace(value, mask).into();
        }
    }
    hidden
}

/// The secrets of a request, as they stand there and as what they are, the longest first.
pub(super) fn known_values(request: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(request);
    let mut fields = fields(&text).into_iter();
    let target = fields.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let mut values: Vec<String> = secrets_in(target).map(str::to_owned).collect();
    let encoded = values.clone();
    values.extend(encoded.iter().map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned()));
    let requested = requested_subprotocols(request);
    // Names that only announce the next.
    let tokens = secret_subprotocols(&requested).into_iter().filter(|name| !is_marker(name));
    values.extend(tokens.map(str::to_owned));
    values.retain(|value| value.len() >= SHORTEST);
    for field in fields {
        let Some((name, value)) = field.split_once(':') else { continue };
        if is_secret_header(name) || is_secret_value(value.trim()) {
            values.extend(of_header(name, value));
        }
    }
    values.truncate(MOST);
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.dedup();
    values
}

/// The words of a header's value, and of `NAME=VALUE` the value.
fn of_header(name: &str, value: &str) -> Vec<String> {
    let shortest = if name.eq_ignore_ascii_case("cookie") { SHORTEST_OF_A_COOKIE } else { SHORTEST };
    let mut words = value.split([' ', '\t', ';', ',', '\r', '\n']).filter(|word| !word.is_empty());
    // Another request has another one (RFC 7616 §3.4).
    if words.clone().next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("digest")) {
        return Vec::new();
    }
    let is_scheme =
        |word: &&str| ["basic", "bearer", "token", "negotiate"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let mut values = Vec::new();
    for word in words.by_ref().filter(|word| !is_scheme(word)) {
        let value = word.split_once('=').filter(|(_, value)| !value.trim_matches('=').is_empty());
        values.push(value.map_or(word, |(_, value)| value.trim_matches('"')).to_owned());
        // RFC 7617 §2.
        let decoded = BASE64.decode(word.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        values
            .extend(decoded.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, password)| password.to_owned()));
    }
    values.retain(|value| value.len() >= shortest);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_quotes_of_the_request_is_hidden() {
        let request = b"GET /?token=abc%20def&room=lobby12 HTTP/1.1\r\nAuthorization: Basic Ym9iOmh1bnRlcjI=\r\n\
                        Cookie: theme=midnight; sid=0123456789ab\r\nX-Api-Key: k-123456\r\n\
                        Sec-WebSocket-Protocol: bearer, s3cr3ts\r\nUser-Agent: wscli/1.0\r\n\r\n";
        let hidden = |text: &str| without_quoted_secrets(text, request).into_owned();
        for secret in ["abc%20def", "abc def", "hunter2", "Ym9iOmh1bnRlcjI=", "0123456789ab", "k-123456", "s3cr3ts"] {
            assert_eq!(hidden(&format!("invalid token {secret}!")), "invalid token (masked)!");
        }
        for public in ["lobby12", "midnight", "bearer", "Basic", "wscli/1.0", "bob", ""] {
            assert_eq!(hidden(public), public);
        }
    }

    #[test]
    fn short_secrets_and_answers_to_challenges_are_no_words_of_an_answer() {
        let request =
            b"GET /?token=abc HTTP/1.1\r\nAuthorization: Digest username=\"roberta\", nonce=\"0123456\"\r\n\r\n";
        assert_eq!(known_values(request), [""; 0]);
    }
}
