//! Headers whose values are somebody's secret.

/// Parts of the names of such headers, in lower case.
const SECRETS: [&str; 7] = ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey"];

/// A head as text, secrets left out.
pub fn without_secrets(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let mut shown = String::new();
    let mut hides = false;
    // A line may end in LF alone (RFC 9112 §2.2), and go on in the next one, which begins with a blank (§5.2).
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        hides = if content.starts_with([' ', '\t']) { hides } else { is_secret(name(content)) };
        match hides {
            true if content.starts_with([' ', '\t']) => {}
            true => {
                shown.push_str(name(content));
                shown.push_str(MASK);
                shown.push_str(&line[content.len()..]);
            }
            false => shown.push_str(line),
        }
    }
    shown
}

/// What stands in the place of a secret.
const MASK: &str = ": (masked; --show-secrets shows it)";

/// The name of the header on a line; empty where the line has none.
fn name(line: &str) -> &str {
    line.split_once(':').map_or("", |(name, _)| name)
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

    #[test]
    fn secrets_are_left_out_however_their_lines_end() {
        let head = b"HTTP/1.1 200 OK\nServer: a:b\nSet-Cookie: abc\n def\r\n\tghi\r\nX: y\n z\n\n";
        let shown = "HTTP/1.1 200 OK\nServer: a:b\nSet-Cookie: (masked; --show-secrets shows it)\nX: y\n z\n\n";
        assert_eq!(without_secrets(head), shown);
    }
}
