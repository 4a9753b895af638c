//! A command line to words, by the rules of the shell that it was written for.

use super::{cmd, posix};

/// # Errors
/// A quote that is never closed.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    if is_for_cmd(text) { cmd::split(text) } else { posix::split(text) }
}

/// Browsers on Windows put a caret before quotes or at the ends of lines, or double a quote inside of quotes. What
/// has a backslash at a line's end, begins with a single quote, or has such a thing inside of single quotes, is for a
/// POSIX shell.
fn is_for_cmd(text: &str) -> bool {
    if text.contains("\\\n") || text.contains("\\\r\n") {
        return false;
    }
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '"']) {
        let is_first = rest.len() == text.len();
        let (outside, quoted) = rest.split_at(at);
        let (quote, body) = quoted.split_at(1);
        if has_caret(outside) {
            return true;
        }
        if quote == "'" && is_first {
            return false;
        }
        let end = if quote == "'" { body.find('\'') } else { closing_quote(body) };
        let (inside, behind) = body.split_at(end.unwrap_or(body.len()));
        rest = behind.get(1..).unwrap_or_default();
        if quote == "\"" && (rest.starts_with('"') || inside.ends_with(r"^\^")) {
            return true;
        }
    }
    has_caret(rest)
}

/// At the end, which is before a quote, or before a line's end.
fn has_caret(outside: &str) -> bool {
    outside.ends_with('^') || outside.contains("^\n") || outside.contains("^\r\n")
}

/// The next quote without a backslash.
fn closing_quote(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().find_map(|(at, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_is_known_by_its_escapes() {
        for (text, for_cmd) in [
            (r#"curl ^"ws://a^""#, true),
            ("curl \"ws://a\" ^\n  -k", true),
            ("curl \"ws://a/it's\" ^\r\n  -k", true),
            ("curl ws://a ^\n-k", true),
            (r#"curl "ws://a" -H "X: ""y""""#, true),
            (r#"curl "ws://a/?x="%"""y"#, true),
            ("curl \"ws://a/?x=^\\^\"y\" ^\n -H \"X: 1\"", true),
            (r#"curl "ws://a" -H "X: \"y\"" -H "" -k"#, false),
            (r#"curl 'ws://a' -H $'X: it\'s ^"q^"'"#, false),
            (r#"curl "ws://a" -H 'X: ^"q^"'"#, false),
            ("curl \"ws://a\" \\\n -H \"X: \"\"y\"", false),
            ("curl ws://a/^b", false),
        ] {
            assert_eq!(is_for_cmd(text), for_cmd, "{text}");
        }
    }
}
