//! Headers whose values are somebody's secret.

use std::borrow::Cow;

/// Parts of the names of such headers, in lower case.
const SECRETS: [&str; 7] = ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey"];

/// A head as text, secrets left out.
pub fn without_secrets(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let lines: Vec<_> = text.split("\r\n").map(masked).collect();
    lines.join("\r\n")
}

fn masked(line: &str) -> Cow<'_, str> {
    match line.split_once(':') {
        Some((name, _)) if is_secret(name) => Cow::Owned(format!("{name}: (masked; --show-secrets shows it)")),
        _ => Cow::Borrowed(line),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_whatever_their_case() {
        let head = b"GET / HTTP/1.1\r\nHOST: a\r\nX-Api-Key: abc\r\nauthorization: Basic abc\r\n\r\n";
        let shown = "GET / HTTP/1.1\r\nHOST: a\r\nX-Api-Key: (masked; --show-secrets shows it)\r\n\
                     authorization: (masked; --show-secrets shows it)\r\n\r\n";
        assert_eq!(without_secrets(head), shown);
    }
}
