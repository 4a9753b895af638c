//! A command line to words, as a POSIX shell with `$'…'` (POSIX.1-2024 §2.2) or cmd.exe takes it apart.

use std::iter::Peekable;
use std::str::CharIndices;

/// # Errors
/// A quote that is never closed.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    if is_for_cmd(text) { posix(&without_carets(text)) } else { posix(text) }
}

/// Browsers on Windows put carets before quotes and at the ends of lines.
fn is_for_cmd(text: &str) -> bool {
    let outside_quotes = text.split('\'').step_by(2);
    let has_caret = |part: &str| ["^\"", "^\n", "^\r\n"].iter().any(|sign| part.contains(sign));
    outside_quotes.into_iter().any(has_caret)
}

/// cmd.exe's own layer: outside of quotes a caret takes the meaning of the next character away, and of a
/// line's end; before two line ends it leaves one. The quotes that remain are read as the C library reads them, which
/// is as a POSIX shell does as far as browsers use it.
fn without_carets(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace("^\n\n", "\n");
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        quoted ^= c == '"';
        match c {
            '^' if !quoted => match chars.next() {
                Some('\n') | None => plain.push(' '),
                Some(next) => plain.push(next),
            },
            // A POSIX shell would give these a meaning inside double quotes that cmd.exe doesn't.
            '$' | '`' => plain.extend(['\\', c]),
            c => plain.push(c),
        }
    }
    plain
}

fn posix(text: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader { chars: text.char_indices().peekable(), text };
    let mut words = Vec::new();
    while let Some(word) = reader.word()? {
        words.push(word);
    }
    Ok(words)
}

struct Reader<'a> {
    chars: Peekable<CharIndices<'a>>,
    text: &'a str,
}

impl Reader<'_> {
    fn word(&mut self) -> Result<Option<String>, String> {
        let mut word: Option<String> = None;
        while let Some((at, c)) = self.chars.next() {
            match c {
                c if c.is_whitespace() && word.is_some() => break,
                c if c.is_whitespace() => {}
                '\'' => self.single_quoted(at, word.get_or_insert_default())?,
                '"' => self.double_quoted(at, word.get_or_insert_default())?,
                '$' if self.chars.next_if(|(_, next)| *next == '\'').is_some() => {
                    self.ansi_quoted(at, word.get_or_insert_default())?;
                }
                '\\' => match self.chars.next() {
                    Some((_, '\n')) | None => {}
                    Some((_, '\r')) => drop(self.chars.next_if(|(_, next)| *next == '\n')),
                    Some((_, next)) => word.get_or_insert_default().push(next),
                },
                c => word.get_or_insert_default().push(c),
            }
        }
        Ok(word)
    }

    fn single_quoted(&mut self, opened: usize, word: &mut String) -> Result<(), String> {
        loop {
            match self.chars.next() {
                Some((_, '\'')) => return Ok(()),
                Some((_, c)) => word.push(c),
                None => return Err(self.unclosed(opened)),
            }
        }
    }

    /// §2.2.3: a backslash escapes only what would mean something.
    fn double_quoted(&mut self, opened: usize, word: &mut String) -> Result<(), String> {
        loop {
            match self.chars.next() {
                Some((_, '"')) => return Ok(()),
                Some((_, '\\')) => match self.chars.next() {
                    Some((_, '\n')) => {}
                    Some((_, c @ ('"' | '\\' | '$' | '`'))) => word.push(c),
                    Some((_, c)) => word.extend(['\\', c]),
                    None => return Err(self.unclosed(opened)),
                },
                Some((_, c)) => word.push(c),
                None => return Err(self.unclosed(opened)),
            }
        }
    }

    /// §2.2.4.
    fn ansi_quoted(&mut self, opened: usize, word: &mut String) -> Result<(), String> {
        loop {
            match self.chars.next() {
                Some((_, '\'')) => return Ok(()),
                Some((_, '\\')) => {
                    let Some((_, c)) = self.chars.next() else { return Err(self.unclosed(opened)) };
                    word.push(self.escape(c));
                }
                Some((_, c)) => word.push(c),
                None => return Err(self.unclosed(opened)),
            }
        }
    }

    fn escape(&mut self, c: char) -> char {
        match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'e' => '\u{1b}',
            'x' => self.code(16, 2, 0),
            'u' => self.code(16, 4, 0),
            'U' => self.code(16, 8, 0),
            '0'..='7' => self.code(8, 2, c.to_digit(8).unwrap_or_default()),
            other => other,
        }
    }

    /// Up to `most` digits behind what was read already.
    fn code(&mut self, radix: u32, most: usize, mut value: u32) -> char {
        for _ in 0..most {
            let Some((_, digit)) = self.chars.next_if(|(_, c)| c.is_digit(radix)) else { break };
            value = value.wrapping_mul(radix).wrapping_add(digit.to_digit(radix).unwrap_or_default());
        }
        char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn unclosed(&self, opened: usize) -> String {
        let number = self.text[..opened].chars().count() + 1;
        format!("the quote that opens at character {number} is never closed")
    }
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
            ("a \\\n b", &["a", "b"]),
            ("a ^\n \"b^c\"", &["a", "b^c"]),
            ("^\"a^$b^\" ^\"^%^20^\"", &["a$b", "%20"]),
            ("'^\"'", &["^\""]),
        ] {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
    }
}
