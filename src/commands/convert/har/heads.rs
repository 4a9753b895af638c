//! Heads of HTTP/1.1, taken apart and put together.

/// A head in parts. It was valid once, or is a recording's, in which secrets are masked: nothing is refused.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct HttpHead {
    /// The three parts of the first line.
    pub(super) start: [String; 3],
    /// Names and values.
    pub(super) headers: Vec<(String, String)>,
}

impl HttpHead {
    /// `None` where there is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let first = lines.next().filter(|line| !line.is_empty())?;
        let mut words = first.splitn(3, ' ').map(str::to_owned);
        let start = [(); 3].map(|()| words.next().unwrap_or_default());
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines.take_while(|line| !line.is_empty()) {
            match (line.starts_with([' ', '\t']), headers.last_mut(), line.split_once(':')) {
                // Folded (RFC 9112 §5.2).
                (true, Some((_, value)), _) => *value = format!("{value} {}", line.trim()),
                (_, _, Some((name, value))) => headers.push((name.trim().to_owned(), value.trim().to_owned())),
                _ => {}
            }
        }
        Some(Self { start, headers })
    }

    /// The first header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// As on the wire. What would begin a line of its own, or is a field of HTTP/2 alone, is left out.
    pub(super) fn text(&self) -> String {
        let one_line = |text: &str| text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect::<String>();
        let start = self.start.iter().map(|part| one_line(part)).collect::<Vec<_>>().join(" ");
        let mut text = start.trim_end().to_owned() + "\r\n";
        for (name, value) in self.headers.iter().filter(|(name, _)| !name.starts_with(':') && !name.is_empty()) {
            text += &format!("{}: {}\r\n", one_line(name), one_line(value));
        }
        text + "\r\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_taken_apart_and_put_together() {
        let text = "GET /a b HTTP/1.1\r\nHost: x\r\nCookie: (masked)\r\nA:1\r\nA: 2\r\n\r\n";
        let head = HttpHead::parse(text).unwrap();
        assert_eq!(head.start, ["GET", "/a", "b HTTP/1.1"]);
        assert_eq!((head.header("cookie"), head.all("a").collect::<Vec<_>>()), (Some("(masked)"), vec!["1", "2"]));
        assert_eq!(head.text(), text.replace("A:1", "A: 1"));
        let folded = HttpHead::parse("HTTP/1.1 101 Switching Protocols\r\nX: one\r\n two\r\n\r\nnot: this").unwrap();
        assert_eq!((&folded.start[2][..], folded.header("x")), ("Switching Protocols", Some("one two")));
        assert_eq!(HttpHead::parse(""), None);
        let forged = HttpHead {
            start: ["GET".into(), "/\r\nX: y".into(), "HTTP/1.1".into()],
            headers: vec![(":method".into(), "GET".into()), ("A".into(), "1\r\nB: 2".into())],
        };
        assert_eq!(forged.text(), "GET /X: y HTTP/1.1\r\nA: 1B: 2\r\n\r\n");
    }
}
