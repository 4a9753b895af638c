//! Headers that a user adds to the request, or puts in the place of ours.

use std::borrow::Cow;
use std::fmt;

use super::token::is_token;

/// A header line: with its name as it was written, for a debugger must be able to test what a
/// server makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    /// `None` leaves out a header that would be sent otherwise.
    pub value: Option<HeaderValue>,
}

/// The value of a header: text where it is a user's, and any bytes where it is another peer's, sent on (RFC 9110 §5.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderValue(Vec<u8>);

impl HeaderValue {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As text: what isn't UTF-8 in it is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<Vec<u8>>> From<T> for HeaderValue {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

/// Why a text is no header. It doesn't say the text, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadHeader {
    NoColon,
    BadName,
    /// A control character, which could end the line and begin another. With the header's name.
    BadValue(String),
}

impl fmt::Display for BadHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColon => {
                f.write_str("a header has a colon: expected \"Name: value\", or \"Name;\" to send it empty")
            }
            Self::BadName => f.write_str("what is before the colon can't be the name of a header"),
            Self::BadValue(name) => write!(f, "the value of the header {name} contains a control character"),
        }
    }
}

impl std::error::Error for BadHeader {}

impl Header {
    pub fn new(name: impl Into<String>, value: impl Into<HeaderValue>) -> Self {
        Self { name: name.into(), value: Some(value.into()) }
    }

    /// Reads `Name: value`; `Name;` is sent empty, `Name:` isn't sent at all, as curl has it.
    ///
    /// # Errors
    /// [`BadHeader`].
    pub fn parse(text: &str) -> Result<Self, BadHeader> {
        let text = text.trim_end_matches(['\r', '\n']);
        let (name, value) = match (text.contains(':'), text.strip_suffix(';')) {
            (false, Some(name)) => (field_name(name)?, Some("")),
            _ => {
                let (name, value) = header_field(text)?;
                (name, Some(value).filter(|value| !value.is_empty()))
            }
        };
        Ok(Self { name: name.to_owned(), value: value.map(HeaderValue::from) })
    }

    /// The name in a text that [`parse`](Self::parse) would read, or something like it.
    pub fn name_of(text: &str) -> &str {
        text.split([':', ';']).next().unwrap_or_default().trim()
    }

    /// The value, if it is sent.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.value.as_ref().map(HeaderValue::as_bytes)
    }

    /// The value as text, empty where there is none: what isn't UTF-8 in it is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        self.value.as_ref().map(HeaderValue::text).unwrap_or_default()
    }

    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl fmt::Display for Header {
    /// As [`parse`](Header::parse) reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value } = self;
        match value {
            None => write!(f, "{name}:"),
            Some(value) if value.is_empty() => write!(f, "{name};"),
            Some(value) => write!(f, "{name}: {}", value.text()),
        }
    }
}

/// A `field-line`, ended by CRLF.
pub fn field_line(name: &str, value: &[u8]) -> Vec<u8> {
    let blank: &[u8] = if value.is_empty() { b":" } else { b": " };
    [name.as_bytes(), blank, value, b"\r\n"].concat()
}

/// Takes a `field-line` apart (RFC 9112 §5): its name, and its value without the blanks around it.
///
/// # Errors
/// [`BadHeader`].
pub fn header_field(text: &str) -> Result<(&str, &str), BadHeader> {
    let (name, value) = text.split_once(':').ok_or(BadHeader::NoColon)?;
    let (name, value) = (field_name(name)?, value.trim());
    if value.contains(|c: char| c.is_control() && c != '\t') {
        return Err(BadHeader::BadValue(name.to_owned()));
    }
    Ok((name, value))
}

fn field_name(name: &str) -> Result<&str, BadHeader> {
    if is_token(name) { Ok(name) } else { Err(BadHeader::BadName) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_curl_reads_them() {
        let parsed = |text| Header::parse(text).map(|header| (header.name, header.value));
        assert_eq!(parsed("X-Foo:  a: b "), Ok(("X-Foo".into(), Some("a: b".into()))));
        assert_eq!(parsed("x-foo;"), Ok(("x-foo".into(), Some("".into()))));
        assert_eq!(parsed("Origin:"), Ok(("Origin".into(), None)));
        for text in ["X-Foo: a: b;", "x-foo;", "Origin:"] {
            let header = Header::parse(text).unwrap();
            assert_eq!((header.to_string().as_str(), Header::name_of(text)), (text, header.name.as_str()));
        }
        assert_eq!(parsed("nonsense"), Err(BadHeader::NoColon));
        assert_eq!(parsed("a b: c"), Err(BadHeader::BadName));
        assert_eq!(parsed("a: b\r\nc: d"), Err(BadHeader::BadValue("a".into())));
    }
}
