//! Words as a POSIX shell with `$'…'` takes them apart (POSIX.1-2024 §2.2, and bash where it goes further).

use std::iter::Peekable;
use std::str::CharIndices;

use super::ansi;

/// # Errors
/// A quote that is never closed.
pub(crate) fn split(text: &str) -> Result<Vec<String>, String> {
    let mut reader = WordReader { chars: text.char_indices().peekable(), text };
    let mut words = Vec::new();
    while let Some(word) = reader.word()? {
        words.push(word);
    }
    Ok(words)
}

struct WordReader<'a> {
    chars: Peekable<CharIndices<'a>>,
    text: &'a str,
}

impl WordReader<'_> {
    fn word(&mut self) -> Result<Option<String>, String> {
        let mut word: Option<String> = None;
        while let Some((at, c)) = self.chars.next() {
            match c {
                c if c.is_whitespace() && word.is_some() => break,
                c if c.is_whitespace() => {}
                // The command's end (§2.9, §2.7), or a comment (§2.3).
                ';' | '&' | '|' | '<' | '>' | '#' if word.is_none() => break,
                '\'' => self.single_quoted(at, word.get_or_insert_default())?,
                '"' => self.double_quoted(at, word.get_or_insert_default())?,
                '$' if self.chars.next_if(|(_, next)| *next == '\'').is_some() => {
                    self.ansi_quoted(at, word.get_or_insert_default())?;
                }
                '\\' => self.escaped(&mut word),
                c => word.get_or_insert_default().push(c),
            }
        }
        Ok(word)
    }

    /// §2.2.1: the next character as it is; a line's end is none.
    fn escaped(&mut self, word: &mut Option<String>) {
        match self.chars.next() {
            Some((_, '\n')) | None => {}
            Some((_, '\r')) => drop(self.chars.next_if(|(_, next)| *next == '\n')),
            Some((_, next)) => word.get_or_insert_default().push(next),
        }
    }

    /// §2.2.2.
    fn single_quoted(&mut self, opened: usize, word: &mut String) -> Result<(), String> {
        loop {
            match self.next(opened)? {
                '\'' => return Ok(()),
                c => word.push(c),
            }
        }
    }

    /// §2.2.3: a backslash escapes only what would mean something.
    fn double_quoted(&mut self, opened: usize, word: &mut String) -> Result<(), String> {
        loop {
            match self.next(opened)? {
                '"' => return Ok(()),
                '\\' => match self.next(opened)? {
                    '\n' => {}
                    c @ ('"' | '\\' | '$' | '`') => word.push(c),
                    c => word.extend(['\\', c]),
                },
                c => word.push(c),
            }
        }
    }

    /// §2.2.4.
    fn ansi_quoted(&mut self, opened: usize, word: &mut String) -> Result<(), String> {
        let mut body = String::new();
        loop {
            match self.next(opened)? {
                '\'' => break,
                '\\' => body.extend(['\\', self.next(opened)?]),
                c => body.push(c),
            }
        }
        word.push_str(&ansi::unescaped(&body));
        Ok(())
    }

    fn next(&mut self, opened: usize) -> Result<char, String> {
        self.chars.next().map(|(_, c)| c).ok_or_else(|| unclosed(self.text, opened))
    }
}

/// `opened` is in bytes; people count characters.
pub(super) fn unclosed(text: &str, opened: usize) -> String {
    let number = text[..opened].chars().count() + 1;
    format!("the quote that opens at character {number} is never closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_in_every_way() {
        for (text, words) in [
            ("a  b\tc\n", &["a", "b", "c"][..]),
            ("'a b'c\"d e\"", &["a bcd e"]),
            ("'' \"\"", &["", ""]),
            (r#""a\"b\\c\d$""#, &[r#"a"b\c\d$"#]),
            (r"a\ b \'", &["a b", "'"]),
            (r"$'a\n\x41\u00e9\101\U0001f600\''", &["a\nAéA😀'"]),
            ("a \\\n b \\\r\n c", &["a", "b", "c"]),
            ("'^\"'", &["^\""]),
        ] {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
    }

    #[test]
    fn a_command_ends_before_the_next() {
        for text in ["a b ;\nc", "a b | c", "a b &\nc", "a b >c", "a b # c"] {
            assert_eq!(split(text).unwrap(), ["a", "b"], "{text}");
        }
        assert_eq!(split("a?b&c;d#e").unwrap(), ["a?b&c;d#e"]);
    }
}
