//! JSON, read as a stream by whoever knows what comes: what isn't wanted is passed over, and what is has a limit, so that no value
//! takes memory because it is long. serde_json holds all of a string before it says that there is one.

use std::fmt;
use std::io::{self, BufRead};

/// Arrays and objects inside one another.
const DEEPEST: usize = 10_000;

/// The longest key that is told apart from others, in bytes.
const LONGEST_KEY: usize = 64;

/// The longest number that is read, in digits and signs.
const LONGEST_NUMBER: usize = 64;

/// What is neither an object nor an array, or stands in the place of what is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum JsonScalar {
    /// Null, or missing.
    #[default]
    None,
    Text(String),
    /// Text that is longer than it may be.
    TooLong,
    Number(f64),
    /// Anything else.
    Other,
}

impl JsonScalar {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// What begins at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonKind {
    Object,
    Array,
    Text,
    Number,
    /// `true`, `false`, `null`.
    Word,
}

/// Why nothing more can be read.
#[derive(Debug)]
pub(super) enum JsonFault {
    Io(io::Error),
    CutOff(JsonPlace),
    Wrong(JsonPlace, &'static str),
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonPlace {
    line: u64,
    /// Bytes of the line before it.
    column: u64,
}

impl fmt::Display for JsonPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(why) => why.fmt(f),
            Self::CutOff(place) => write!(f, "it is cut off at {place}"),
            Self::Wrong(place, why) => write!(f, "{place}: {why}"),
        }
    }
}

/// Reads one document.
pub(super) struct JsonReader<R> {
    source: R,
    place: JsonPlace,
    /// Halves of surrogate pairs that stood alone so far.
    halves: u64,
}

impl<R: BufRead> JsonReader<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, place: JsonPlace { line: 1, column: 0 }, halves: 0 }
    }

    /// What is wrong here, in words.
    pub(super) fn wrong(&self, why: &'static str) -> JsonFault {
        JsonFault::Wrong(self.place, why)
    }

    /// What comes next.
    ///
    /// # Errors
    /// It is no value.
    pub(super) fn kind(&mut self) -> Result<JsonKind, JsonFault> {
        Ok(match self.next_token()? {
            b'{' => JsonKind::Object,
            b'[' => JsonKind::Array,
            b'"' => JsonKind::Text,
            b'-' | b'0'..=b'9' => JsonKind::Number,
            b't' | b'f' | b'n' => JsonKind::Word,
            _ => return Err(self.wrong("expected a value")),
        })
    }

    /// Reads an object: `member` reads the value of each key. Returns false where there is something else, which is passed over.
    ///
    /// # Errors
    /// Those of `member`, and what is no JSON.
    pub(super) fn object<E: From<JsonFault>>(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), E>,
    ) -> Result<bool, E> {
        if self.kind()? != JsonKind::Object {
            self.pass()?;
            return Ok(false);
        }
        self.take(b'{')?;
        let mut is_over = self.takes(b'}')?;
        while !is_over {
            let key = self.key()?;
            member(self, &key)?;
            is_over = !self.goes_on(b'}')?;
        }
        Ok(true)
    }

    /// Reads an array likewise.
    ///
    /// # Errors
    /// Those of `element`, and what is no JSON.
    pub(super) fn array<E: From<JsonFault>>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<bool, E> {
        if self.kind()? != JsonKind::Array {
            self.pass()?;
            return Ok(false);
        }
        self.take(b'[')?;
        let mut is_over = self.takes(b']')?;
        while !is_over {
            element(self)?;
            is_over = !self.goes_on(b']')?;
        }
        Ok(true)
    }

    /// Reads a value, of a text at most so many bytes.
    ///
    /// # Errors
    /// What is no JSON.
    pub(super) fn scalar(&mut self, longest: usize) -> Result<JsonScalar, JsonFault> {
        Ok(match self.kind()? {
            JsonKind::Text => self.text(longest)?.map_or(JsonScalar::TooLong, JsonScalar::Text),
            JsonKind::Number => self.number()?.map_or(JsonScalar::Other, JsonScalar::Number),
            JsonKind::Word if self.word()? == "null" => JsonScalar::None,
            JsonKind::Word => JsonScalar::Other,
            JsonKind::Object | JsonKind::Array => {
                self.pass()?;
                JsonScalar::Other
            }
        })
    }

    /// Halves of surrogate pairs that stood alone in what was read so far, and were read as U+FFFD.
    pub(super) fn halves(&self) -> u64 {
        self.halves
    }

    /// Passes over a value.
    ///
    /// # Errors
    /// What is no JSON.
    pub(super) fn pass(&mut self) -> Result<(), JsonFault> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            let (begin, end) = match self.kind()? {
                JsonKind::Object => (b'{', b'}'),
                JsonKind::Array => (b'[', b']'),
                _ => (0, 0),
            };
            if begin != 0 {
                self.take(begin)?;
                if !self.takes(end)? {
                    if open.len() == DEEPEST {
                        return Err(self.wrong("more than 10,000 values inside one another"));
                    }
                    open.push(end);
                    self.key_of(end)?;
                    continue;
                }
            } else {
                self.scalar(0)?;
            }
            while let Some(end) = open.last().copied() {
                if self.goes_on(end)? {
                    self.key_of(end)?;
                    break;
                }
                open.pop();
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// Nothing follows.
    ///
    /// # Errors
    /// Something does.
    pub(super) fn end(&mut self) -> Result<(), JsonFault> {
        match self.next_token() {
            Err(JsonFault::CutOff(_)) => Ok(()),
            Err(other) => Err(other),
            Ok(_) => Err(self.wrong("something follows the document")),
        }
    }

    /// Reads a key and the colon behind it. Of one that is too long to be any that is looked for nothing is kept.
    fn key(&mut self) -> Result<String, JsonFault> {
        if self.next_token()? != b'"' {
            return Err(self.wrong("expected a key"));
        }
        let key = self.text(LONGEST_KEY)?.unwrap_or_default();
        self.next_token()?;
        self.take(b':')?;
        Ok(key)
    }

    /// Passes over a key, inside an object.
    fn key_of(&mut self, end: u8) -> Result<(), JsonFault> {
        if end == b'}' { self.key().map(drop) } else { Ok(()) }
    }

    /// Behind a value: whether another follows, or it was the last.
    fn goes_on(&mut self, end: u8) -> Result<bool, JsonFault> {
        if self.takes(b',')? {
            return Ok(true);
        }
        if self.takes(end)? { Ok(false) } else { Err(self.wrong("expected a comma, or the end")) }
    }

    /// Reads a text; `None` of one that is longer.
    fn text(&mut self, longest: usize) -> Result<Option<String>, JsonFault> {
        self.take(b'"')?;
        let mut text = JsonText { longest, ..JsonText::default() };
        loop {
            let place = self.place;
            let buffer = self.source.fill_buf().map_err(JsonFault::Io)?;
            let is_plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
            let plain = buffer.iter().take_while(|byte| is_plain(byte)).count();
            text.plain(&buffer[..plain]);
            let next = buffer.get(plain).copied();
            if buffer.is_empty() {
                return Err(JsonFault::CutOff(place));
            }
            self.advance(plain);
            match next {
                None => {}
                Some(b'"') => break,
                Some(b'\\') => text.unit(self.escape()?),
                Some(_) => return Err(self.wrong("a control character in a string")),
            }
        }
        self.take(b'"')?;
        text.end_pair();
        self.halves += text.halves;
        if text.is_too_long {
            return Ok(None);
        }
        String::from_utf8(text.bytes).map(Some).map_err(|_| self.wrong("a string that is not UTF-8"))
    }

    /// Reads the unit of UTF-16 that an escape stands for.
    fn escape(&mut self) -> Result<u16, JsonFault> {
        self.take(b'\\')?;
        Ok(match self.byte()? {
            byte @ (b'"' | b'\\' | b'/') => byte.into(),
            b'b' => 0x8,
            b'f' => 0xc,
            b'n' => 0xa,
            b'r' => 0xd,
            b't' => 0x9,
            b'u' => self.code_unit()?,
            _ => return Err(self.wrong("an unknown escape in a string")),
        })
    }

    fn code_unit(&mut self) -> Result<u16, JsonFault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit =
                char::from(self.byte()?).to_digit(16).ok_or_else(|| self.wrong("an unknown escape in a string"))?;
            unit = unit << 4 | digit as u16;
        }
        Ok(unit)
    }

    /// Reads a number; `None` of one that is too long to mean anything.
    fn number(&mut self) -> Result<Option<f64>, JsonFault> {
        let mut digits = String::new();
        let mut is_too_long = false;
        while let Some(byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) = self.peek()? {
            is_too_long |= digits.len() == LONGEST_NUMBER;
            if !is_too_long {
                digits.push(char::from(byte));
            }
            self.advance(1);
        }
        if is_too_long {
            return Ok(None);
        }
        match digits.parse() {
            Ok(number) if is_number(&digits) => Ok(Some(number)),
            _ => Err(self.wrong("invalid number")),
        }
    }

    fn word(&mut self) -> Result<&'static str, JsonFault> {
        let word = match self.peek()? {
            Some(b't') => "true",
            Some(b'f') => "false",
            _ => "null",
        };
        for byte in word.bytes() {
            self.take(byte)?;
        }
        Ok(word)
    }

    /// The first byte behind white space.
    fn next_token(&mut self) -> Result<u8, JsonFault> {
        loop {
            match self.peek()? {
                Some(b'\n') => {
                    self.advance(1);
                    self.place = JsonPlace { line: self.place.line + 1, column: 0 };
                }
                Some(b' ' | b'\t' | b'\r') => self.advance(1),
                Some(byte) => return Ok(byte),
                None => return Err(JsonFault::CutOff(self.place)),
            }
        }
    }

    /// Whether this comes next, behind white space; then it is read.
    fn takes(&mut self, byte: u8) -> Result<bool, JsonFault> {
        let is_next = self.next_token()? == byte;
        self.advance(usize::from(is_next));
        Ok(is_next)
    }

    fn take(&mut self, byte: u8) -> Result<(), JsonFault> {
        if self.byte()? == byte { Ok(()) } else { Err(self.wrong("unexpected character")) }
    }

    fn byte(&mut self) -> Result<u8, JsonFault> {
        let byte = self.peek()?.ok_or(JsonFault::CutOff(self.place))?;
        self.advance(1);
        Ok(byte)
    }

    fn peek(&mut self) -> Result<Option<u8>, JsonFault> {
        Ok(self.source.fill_buf().map_err(JsonFault::Io)?.first().copied())
    }

    fn advance(&mut self, count: usize) {
        self.source.consume(count);
        self.place.column += count as u64;
    }
}

/// A text as far as it has been read. Beyond the first plane an escape is one half of a surrogate pair (RFC 8259 §7); one that stands
/// alone is no character, and U+FFFD is read instead, as browsers do where they encode it.
#[derive(Default)]
struct JsonText {
    bytes: Vec<u8>,
    /// In bytes.
    longest: usize,
    is_too_long: bool,
    /// The first half of a pair, whose second may follow.
    high: Option<u16>,
    /// Halves that stood alone.
    halves: u64,
}

impl JsonText {
    /// What stands for itself.
    fn plain(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.end_pair();
            self.keep(bytes);
        }
    }

    /// What an escape stands for.
    fn unit(&mut self, unit: u16) {
        if let (Some(high), 0xdc00..0xe000) = (self.high, unit) {
            self.high = None;
            return char::decode_utf16([high, unit]).flatten().for_each(|character| self.character(character));
        }
        self.end_pair();
        match (char::from_u32(unit.into()), unit) {
            (Some(character), _) => self.character(character),
            (None, ..0xdc00) => self.high = Some(unit),
            (None, _) => self.half(),
        }
    }

    /// No second half follows.
    fn end_pair(&mut self) {
        if self.high.take().is_some() {
            self.half();
        }
    }

    fn half(&mut self) {
        self.halves += 1;
        self.character(char::REPLACEMENT_CHARACTER);
    }

    fn character(&mut self, character: char) {
        self.keep(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.is_too_long |= self.bytes.len() + bytes.len() > self.longest;
        if !self.is_too_long {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// RFC 8259 §6, which is stricter than what Rust reads.
fn is_number(text: &str) -> bool {
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    are_digits(whole) && are_digits(decimals) && are_digits(exponent) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn reader(json: &str) -> JsonReader<BufReader<&[u8]>> {
        // Each token reaches across buffers somewhere.
        JsonReader::new(BufReader::with_capacity(3, json.as_bytes()))
    }

    /// As serde_json reads it, which takes no half of a surrogate pair.
    fn is_json(json: &str) -> bool {
        serde_json::from_str::<serde_json::Value>(json).is_ok()
    }

    #[test]
    fn what_is_json_is_passed_over_and_nothing_else() {
        let good = [
            "null",
            " [ ] ",
            "{}",
            "[1,-0.5e+7,0,\"\"]",
            "{\"a\":[{\"b\":{}},[[]],true],\"c\":false}",
            "\"\\u00e9\\ud83d\\ude00\\n\\/\"",
        ];
        let bad = [
            "",
            "[",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{1:2}",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "--1",
            "nul",
            "tru]",
            "[}",
            "\"",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "1 2",
            "[] ]",
            "[1 2]",
        ];
        for json in good.into_iter().chain(bad) {
            let mut reader = reader(json);
            let passed = reader.pass().and_then(|()| reader.end());
            assert_eq!(
                (passed.is_ok(), is_json(json)),
                (good.contains(&json), good.contains(&json)),
                "{json}: {passed:?}"
            );
        }
        let deep = "[".repeat(DEEPEST + 2) + &"]".repeat(DEEPEST + 2);
        assert!(reader(&deep).pass().unwrap_err().to_string().contains("inside one another"));
    }

    #[test]
    fn whatever_stands_there_is_read() {
        for (json, expected) in [
            ("null", JsonScalar::None),
            ("\"a\\u00e9\\ud83d\\ude00\"", JsonScalar::Text("aé😀".into())),
            ("\"\\ud800\"", JsonScalar::Text("\u{fffd}".into())),
            ("\"\\udc00a\"", JsonScalar::Text("\u{fffd}a".into())),
            ("\"\\ud800\\ud800\"", JsonScalar::Text("\u{fffd}\u{fffd}".into())),
            ("\"\\ud83da\"", JsonScalar::Text("\u{fffd}a".into())),
            ("\"\\ud83d\\n\"", JsonScalar::Text("\u{fffd}\n".into())),
            ("\"\\ud800\\ud83d\\ude00\"", JsonScalar::Text("\u{fffd}😀".into())),
            ("\"1234567\"", JsonScalar::Text("1234567".into())),
            ("\"12345678\"", JsonScalar::TooLong),
            ("\"1234567\\n\"", JsonScalar::TooLong),
            ("-1.5", JsonScalar::Number(-1.5)),
            ("18446744073709551615", JsonScalar::Number(u64::MAX as f64)),
            ("true", JsonScalar::Other),
            ("[1,{\"b\":[]}]", JsonScalar::Other),
            ("{\"b\":{}}", JsonScalar::Other),
            (&"1".repeat(65), JsonScalar::Other),
        ] {
            assert_eq!(reader(json).scalar(7).unwrap(), expected, "{json}");
            // In the place of an object and of an array, and in them.
            let mut found = Vec::new();
            let nested = format!("[{json},{{\"a\":{json},\"\\u0062\":{json}}}]");
            let mut of_object = reader(&nested);
            let is_array = of_object.array(|json| {
                json.object(|json, key| {
                    found.push((key.to_owned(), json.scalar(7)?));
                    Ok::<_, JsonFault>(())
                })?;
                Ok::<_, JsonFault>(())
            });
            assert!(is_array.unwrap() && of_object.end().is_ok(), "{json}");
            assert!(found.ends_with(&[("a".into(), expected.clone()), ("b".into(), expected)]), "{found:?}");
        }
    }

    #[test]
    fn a_fault_has_its_place() {
        for (json, told) in [
            ("", "it is cut off at line 1, column 0"),
            ("{\n \"a\": [1,\n  2", "it is cut off at line 3, column 3"),
            ("{\n \"a\": ?}", "line 2, column 6: expected a value"),
        ] {
            assert_eq!(reader(json).pass().unwrap_err().to_string(), told);
        }
    }
}
