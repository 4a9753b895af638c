//! The head of an HTTP request or response.

use crate::advice::MASKED;
use crate::http::{Secrets, without_secrets};
use crate::peer_text::Escaped;

/// A head, line by line as it was on the wire, each behind `direction`, but safe for a terminal. `request` is the head of the
/// request that it answers, or the same head.
pub(crate) fn lines(direction: char, head: &[u8], request: &[u8], secrets: Secrets) -> Vec<String> {
    let text = match secrets {
        Secrets::Shown => String::from_utf8_lossy(head).into_owned(),
        Secrets::Masked => without_secrets(head, request, MASKED),
    };
    // A line may end in LF alone, and empty ones may stand before the first (RFC 9112 §2.2).
    let lines = text.lines().skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    lines.map(|line| format!("{direction} {}", Escaped(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_shown_as_they_were_with_secrets_masked() {
        let head = b"GET / HTTP/1.1\r\nHOST: a\r\nauthorization: Basic secret\r\nX: \x1b[2J\r\n\r\n";
        assert_eq!(
            lines('>', head, head, Secrets::Masked),
            ["> GET / HTTP/1.1", "> HOST: a", "> authorization: (masked; --show-secrets shows it)", "> X: \\x1b[2J"]
        );
        assert!(lines('>', head, head, Secrets::Shown)[2].ends_with("secret"));
        assert_eq!(lines('<', b"HTTP/1.1 200 OK\nA: b\n\n", b"", Secrets::Masked), ["< HTTP/1.1 200 OK", "< A: b"]);
        assert_eq!(lines('<', b"\r\n\r\nGET / HTTP/1.1\r\n\r\nA", b"", Secrets::Masked), ["< GET / HTTP/1.1"]);
    }
}
