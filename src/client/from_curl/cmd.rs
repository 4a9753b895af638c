//! Words as cmd.exe and then the C runtime take them apart, as far as browsers rely on it.
//!
//! Browsers have had three ways of writing `say "hi" 50%` for Windows. The oldest, long that of Chrome and Firefox:
//! `"say ""hi"" 50"%""`. Then Chrome put carets inside of plain quotes, where cmd.exe lets them stand, so that the
//! command was broken but is clear: `"say ^\^"hi^\^" 50^%"`. Now it has carets before the quotes too:
//! `^"say ^\^"hi^\^" 50^%^"`.

use super::posix::unclosed;

/// # Errors
/// A quote that is never closed.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    words(&without_carets(&letters(text))).map_err(|opened| unclosed(text, opened))
}

/// A character, where it stands (in bytes), and whether a caret took its meaning away.
#[derive(Debug, Clone, Copy)]
struct Letter {
    at: usize,
    c: char,
    escaped: bool,
}

/// The text with line ends of one character.
fn letters(text: &str) -> Vec<Letter> {
    let before_line_feed = |at: usize, c| c == '\r' && text[at + 1..].starts_with('\n');
    let kept = text.char_indices().filter(|&(at, c)| !before_line_feed(at, c));
    kept.map(|(at, c)| Letter { at, c, escaped: false }).collect()
}

/// cmd.exe's layer: a caret outside of quotes.
fn without_carets(mut rest: &[Letter]) -> Vec<Letter> {
    let mut plain: Vec<Letter> = Vec::with_capacity(rest.len());
    let mut quoted = false;
    while let Some((&letter, behind)) = rest.split_first() {
        let begins_word = plain.last().is_none_or(|last| last.c.is_whitespace() && !last.escaped);
        if letter.c == '"'
            && !quoted
            && begins_word
            && let Some(length) = word_with_carets(rest)
        {
            plain.extend(pairs_undone(&rest[..length]));
            rest = &rest[length..];
        } else if letter.c == '^' && !quoted {
            let (meant, length) = escaped(letter, behind);
            plain.push(meant);
            rest = &behind[length..];
        } else {
            quoted ^= letter.c == '"';
            plain.push(letter);
            rest = behind;
        }
    }
    plain
}

/// What `caret` and the letters behind it stand for, and how many of those it takes: a line's end is a blank, two are
/// one that counts.
fn escaped(caret: Letter, behind: &[Letter]) -> (Letter, usize) {
    let mut next = behind.iter().map(|letter| letter.c);
    match (next.next(), next.next()) {
        (Some('\n'), Some('\n')) => (Letter { c: '\n', escaped: true, ..caret }, 2),
        (Some('\n'), _) => (Letter { c: ' ', ..caret }, 1),
        (Some(c), _) => (Letter { c, escaped: true, ..caret }, 1),
        (None, _) => (Letter { c: ' ', ..caret }, 0),
    }
}

/// The length of a word in plain quotes in which a caret is before everything special and before nothing else.
fn word_with_carets(word: &[Letter]) -> Option<usize> {
    let mut has_caret = false;
    let mut before = '"';
    let mut letters = word.iter().map(|letter| letter.c).enumerate().skip(1);
    while let Some((at, c)) = letters.next() {
        before = match c {
            '"' => {
                let ends = word.get(at + 1).is_none_or(|next| next.c.is_whitespace());
                return (has_caret && ends).then_some(at + 1);
            }
            '^' => {
                has_caret = true;
                letters.next().map(|(_, c)| c).filter(|&c| takes_caret(before, c))?
            }
            // A URL's brackets get their backslash after the carets are set.
            '[' | ']' | '{' | '}' if before == '\\' => c,
            c if is_harmless(c) => c,
            _ => return None,
        };
    }
    None
}

/// Whether Chrome puts a caret between the two: before what is special, and behind a percent sign, so that what
/// follows is no variable's name.
fn takes_caret(before: char, c: char) -> bool {
    c == '&' || !is_harmless(c) || before == '%'
}

/// What Chrome puts no caret before. It did before `&` for a time.
fn is_harmless(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_whitespace() || "_-:=+~'/.,?;()*`&".contains(c)
}

fn pairs_undone(word: &[Letter]) -> impl Iterator<Item = Letter> {
    let mut letters = word.iter().copied();
    std::iter::from_fn(move || match letters.next()? {
        Letter { c: '^', .. } => letters.next().map(|letter| Letter { escaped: true, ..letter }),
        letter => Some(letter),
    })
}

/// The C runtime's layer, for which it means nothing what had a caret.
///
/// # Errors
/// Where the quote stands that is never closed.
fn words(mut rest: &[Letter]) -> Result<Vec<String>, usize> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut opened = None;
    while let Some((letter, behind)) = rest.split_first() {
        if word.is_none() && opened.is_none() && ends_command(letter) {
            break;
        }
        rest = behind;
        let next = behind.first().map(|next| next.c);
        match (letter.c, next) {
            (c, _) if c.is_whitespace() && opened.is_none() => words.extend(word.take()),
            // The runtime halves backslashes only before a quote, but browsers double them all.
            ('\\', Some(c @ ('"' | '\\'))) => {
                word.get_or_insert_default().push(c);
                rest = &behind[1..];
            }
            // Inside of quotes two are one that counts.
            ('"', Some('"')) if opened.is_some() => {
                word.get_or_insert_default().push('"');
                rest = &behind[1..];
            }
            ('"', _) => {
                word.get_or_insert_default();
                opened = opened.is_none().then_some(letter.at);
            }
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    opened.map_or(Ok(words), Err)
}

fn ends_command(letter: &Letter) -> bool {
    !letter.escaped && matches!(letter.c, '&' | '|' | '<' | '>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_in_each_of_the_three_ways() {
        for text in [r#""say ""hi"" 50"%"""#, r#""say ^\^"hi^\^" 50^%""#, r#"^"say ^\^"hi^\^" 50^%^""#] {
            assert_eq!(split(text).unwrap(), ["say \"hi\" 50%"], "{text}");
        }
    }

    #[test]
    fn carets_are_escapes_where_they_are_meant_so() {
        for (text, words) in [
            ("a ^\n \"b^c\"", &["a", "b^c"][..]),
            ("a ^\r\n b", &["a", "b"]),
            ("^\"a^$b^\" ^\"^%^20^\"", &["a$b", "%20"]),
            ("\"a=1^&b=^%^20\"", &["a=1&b=%20"]),
            (r#""^\[7^\]?^\{^|""#, &[r"\[7\]?\{|"]),
            (r#""a^!""|""#, &["a^!\"|"]),
            (r#""a^b^!" "^b""#, &["a^b^!", "^b"]),
            (r#""a^b" "c|^!""#, &["a^b", "c|^!"]),
            ("^\"two^\n\nlines^\" ^\"two^\r\n\r\nlines^\"", &["two\nlines", "two\nlines"]),
            (r#""a\\b" "" "c\"d""#, &[r"a\b", "", "c\"d"]),
        ] {
            assert_eq!(split(text).unwrap_or_else(|why| vec![why]), words, "{text}");
        }
    }

    #[test]
    fn a_command_ends_before_the_next() {
        assert_eq!(split("a ^\"&^\" b &\r\ncurl c").unwrap(), ["a", "&", "b"]);
        assert_eq!(split("a;b ^& c?d&e | f").unwrap(), ["a;b", "&", "c?d&e"]);
    }

    #[test]
    fn an_open_quote_is_found() {
        assert_eq!(split("é ^\"b").unwrap_err(), "the quote that opens at character 3 is never closed");
        assert_eq!(split("é \"b").unwrap_err(), "the quote that opens at character 3 is never closed");
    }
}
