//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 §9.1): a list of extensions, each with
//! parameters, read and written.

use std::fmt;

use crate::http::{Headers, may_be_in_token};

/// In lower case.
const HEADER: &str = "sec-websocket-extensions";

/// One extension of the list, as an offer or as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub name: String,
    pub parameters: Vec<Parameter>,
}

/// A parameter: a name, and a value where one was given. A quoted value is kept unquoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub value: Option<String>,
}

/// The header isn't the grammar's; says at which byte, and what would have been right there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub at: usize,
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} expected at byte {}", self.expected, self.at)
    }
}

impl std::error::Error for Malformed {}

/// Reads the value of one header; several headers are read one by one and joined (§9.1).
///
/// # Errors
/// At the first byte that the grammar doesn't allow.
pub fn parse(header: &str) -> Result<Vec<Extension>, Malformed> {
    let mut scanner = Scanner { text: header.as_bytes(), at: 0 };
    let mut extensions = Vec::new();
    loop {
        // RFC 9110 §5.6.1: a recipient accepts empty elements in a list.
        scanner.skip_space();
        if scanner.take(b',') {
            continue;
        }
        if scanner.at_end() {
            return Ok(extensions);
        }
        extensions.push(scanner.extension()?);
        if !scanner.at_end() && !scanner.take(b',') {
            return Err(scanner.expected("',' or ';'"));
        }
    }
}

/// The extensions that a head names, which may be spread over several lines, as far as they can be read; and what is
/// malformed.
pub fn named_in(headers: &Headers) -> (Vec<Extension>, Vec<String>) {
    let (mut extensions, mut malformed) = (Vec::new(), Vec::new());
    if !headers.are_text(HEADER) {
        malformed.push("it is not ASCII text".to_owned());
    }
    for value in headers.all(HEADER) {
        match parse(value) {
            Ok(parsed) => extensions.extend(parsed),
            Err(why) => malformed.push(format!("{why} of {value:?}")),
        }
    }
    // A list of one element at least, and empty ones don't count (RFC 9110 §5.6.1.2).
    if headers.contains(HEADER) && extensions.is_empty() && malformed.is_empty() {
        malformed.push("it names no extension".to_owned());
    }
    (extensions, malformed)
}

/// What a head most likely means by `name` where it is malformed, if that is in it.
pub(super) fn meant_by(headers: &Headers, name: &str) -> Option<Extension> {
    let malformed = headers.all_shown(HEADER).filter(|value| parse(value).is_err());
    malformed.into_iter().find_map(|value| guess(&value, name))
}

/// The extension `name`, in whichever case, of a header that can't be read: with the parameters that can.
fn guess(header: &str, name: &str) -> Option<Extension> {
    let element = header.split(',').find(|element| element.to_ascii_lowercase().contains(name))?;
    let parameters = element.split(';').skip(1).filter_map(|parameter| {
        let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
        let value = value.map(|value| value.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty());
        Some(Parameter { name: name.trim().to_owned(), value }).filter(|parameter| !parameter.name.is_empty())
    });
    Some(Extension { name: name.to_owned(), parameters: parameters.collect() })
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn extension(&mut self) -> Result<Extension, Malformed> {
        let name = self.token("an extension name")?;
        let mut parameters = Vec::new();
        self.skip_space();
        while self.take(b';') {
            self.skip_space();
            parameters.push(self.parameter()?);
            self.skip_space();
        }
        Ok(Extension { name, parameters })
    }

    fn parameter(&mut self) -> Result<Parameter, Malformed> {
        let name = self.token("a parameter name")?;
        self.skip_space();
        if !self.take(b'=') {
            return Ok(Parameter { name, value: None });
        }
        self.skip_space();
        let value = if self.take(b'"') { self.quoted()? } else { self.token("a parameter value")? };
        Ok(Parameter { name, value: Some(value) })
    }

    fn token(&mut self, what: &'static str) -> Result<String, Malformed> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|&byte| may_be_in_token(byte)) {
            self.at += 1;
        }
        if start == self.at {
            return Err(self.expected(what));
        }
        Ok(String::from_utf8_lossy(&self.text[start..self.at]).into_owned())
    }

    /// The rest of a quoted string. Its content must be a token once unquoted (§9.1).
    fn quoted(&mut self) -> Result<String, Malformed> {
        let mut value = String::new();
        while !self.take(b'"') {
            self.take(b'\\');
            match self.text.get(self.at) {
                Some(&byte) if may_be_in_token(byte) => value.push(char::from(byte)),
                _ => return Err(self.expected("a token inside quotes")),
            }
            self.at += 1;
        }
        if value.is_empty() { Err(self.expected("a token inside quotes")) } else { Ok(value) }
    }

    fn skip_space(&mut self) {
        while self.take(b' ') || self.take(b'\t') {}
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn expected(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at, expected }
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for Parameter { name, value } in &self.parameters {
            write!(f, "; {name}")?;
            if let Some(value) = value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(header: &str) -> String {
        parse(header).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn lists_parameters_and_quotes_are_read() {
        assert_eq!(canonical("foo"), "foo");
        assert_eq!(canonical(" foo ; a = 1;b ,, bar\t"), "foo; a=1; b, bar");
        assert_eq!(canonical(r#"foo; a="10"; b="x\y""#), "foo; a=10; b=xy");
        assert_eq!(canonical(""), "");
    }

    #[test]
    fn malformed_lists_are_refused_at_the_byte() {
        for (header, at) in [("foo bar", 4), ("foo;", 4), ("foo; =1", 5), ("foo; a=", 7), ("foo; a=\"1", 9)] {
            assert_eq!(parse(header).unwrap_err().at, at, "{header}");
        }
        assert!(parse("foo; a=\"\"").is_err());
        assert!(parse("foo; a=\"1 2\"").is_err());
        assert!(parse("foo; a=\"1,2\"").is_err());
    }

    #[test]
    fn extensions_are_read_from_every_line_and_what_is_malformed_is_told() {
        let read = |values: &[&'static str]| {
            let line =
                |value: &&'static str| httparse::Header { name: "Sec-WebSocket-Extensions", value: value.as_bytes() };
            let (extensions, malformed) = named_in(&Headers::new(&values.iter().map(line).collect::<Vec<_>>()));
            (extensions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), malformed.join(" "))
        };
        assert_eq!(read(&[]), ("".into(), "".into()));
        assert_eq!(read(&["a, b", "", "c"]), ("a b c".into(), "".into()));
        assert_eq!(read(&["a", "b;"]), ("a".into(), "a parameter name expected at byte 2 of \"b;\"".into()));
        assert_eq!(read(&["caf\u{e9}"]), ("".into(), "it is not ASCII text".into()));
        for empty in ["", ",", " ,, "] {
            assert_eq!(read(&[empty]), ("".into(), "it names no extension".into()));
        }
    }
}
