//! Headers whose values are somebody's secret.

use std::borrow::Cow;

const SECRETS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/// A head as text, secrets left out.
pub fn without_secrets(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let lines: Vec<_> = text.split("\r\n").map(masked).collect();
    lines.join("\r\n")
}

fn masked(line: &str) -> Cow<'_, str> {
    match line.split_once(':') {
        Some((name, _)) if SECRETS.contains(&name.to_ascii_lowercase().as_str()) => {
            Cow::Owned(format!("{name}: (masked; --show-secrets shows it)"))
        }
        _ => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_whatever_their_case() {
        let head = b"GET / HTTP/1.1\r\nHOST: a\r\nauthorization: Basic abc\r\n\r\n";
        let shown = "GET / HTTP/1.1\r\nHOST: a\r\nauthorization: (masked; --show-secrets shows it)\r\n\r\n";
        assert_eq!(without_secrets(head), shown);
    }
}
