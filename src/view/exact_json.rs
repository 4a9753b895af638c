//! A JSON text as values whose numbers have all their digits, which `serde_json::Value` rounds to what a `f64` holds.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::exact_number::ExactNumber;
use super::json_escapes;
use super::json_pointer::{Pointer, index};

/// A value. Two are equal as [`super::json_value`] says it, and numbers are by their digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum ExactJson {
    #[default]
    Null,
    Boolean(bool),
    Number(WrittenNumber),
    Text(String),
    Array(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

/// A number as it is written.
#[derive(Debug, Clone)]
pub(crate) struct WrittenNumber(Box<str>);

impl ExactJson {
    /// # Errors
    /// What isn't JSON, or is nested more than 128 deep.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let json = json_escapes::paired(text.as_bytes());
        let _: IgnoredAny = serde_json::from_slice(&json)?;
        let mut numbers = NumbersOfText { json: &json, at: 0 };
        // Without them the parser refuses none: it would make a `f64` of each, and there is none for 1e400.
        let without = without_numbers(&json);
        let mut deserializer = serde_json::Deserializer::from_slice(&without);
        let value = numbers.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    /// Where a pointer leads.
    pub(crate) fn get(&self, pointer: &Pointer) -> Option<&Self> {
        pointer.tokens().try_fold(self, |value, token| match value {
            Self::Object(members) => members.get(&*token),
            Self::Array(elements) => elements.get(index(&token)?),
            _ => None,
        })
    }

    /// Whether another is the same, but for what its objects have besides.
    pub(crate) fn is_part_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(members), Self::Object(all)) => {
                members.iter().all(|(name, member)| all.get(name).is_some_and(|other| member.is_part_of(other)))
            }
            (Self::Array(elements), Self::Array(others)) => {
                elements.len() == others.len()
                    && elements.iter().zip(others).all(|(element, other)| element.is_part_of(other))
            }
            _ => self == other,
        }
    }

    /// A text that values have in common which are equal, and no others.
    pub(crate) fn normal_text(&self) -> String {
        match self {
            Self::Number(number) => number.exact().map_or_else(|| number.0.to_string(), |exact| exact.to_string()),
            Self::Array(elements) => format!("[{}]", joined(elements.iter().map(Self::normal_text))),
            Self::Object(members) => {
                let member = |(name, member): (&String, &Self)| format!("{}:{}", quoted(name), member.normal_text());
                format!("{{{}}}", joined(members.iter().map(member)))
            }
            Self::Null | Self::Boolean(_) | Self::Text(_) => self.to_string(),
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    pub(crate) fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    pub(crate) fn as_number(&self) -> Option<&WrittenNumber> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }
}

impl WrittenNumber {
    /// Its value; `None` where the exponent is beyond all reason.
    pub(crate) fn exact(&self) -> Option<ExactNumber> {
        ExactNumber::parse(&self.0)
    }

    /// The nearest `f64`.
    pub(crate) fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl PartialEq for WrittenNumber {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.exact().zip(other.exact()).is_some_and(|(one, other)| one == other)
    }
}

impl Eq for WrittenNumber {}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(",")
}

impl fmt::Display for ExactJson {
    /// Without blanks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(is) => is.fmt(f),
            Self::Number(number) => f.write_str(&number.0),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Array(elements) => write!(f, "[{}]", joined(elements.iter().map(Self::to_string))),
            Self::Object(members) => {
                let member = |(name, member): (&String, &Self)| format!("{}:{member}", quoted(name));
                write!(f, "{{{}}}", joined(members.iter().map(member)))
            }
        }
    }
}

/// Valid JSON with a zero and blanks in the place of each number.
fn without_numbers(json: &[u8]) -> Vec<u8> {
    let mut without = json.to_vec();
    let mut numbers = NumbersOfText { json, at: 0 };
    while let Some(place) = numbers.next_place() {
        without[place.clone()].fill(b' ');
        without[place.start] = b'0';
    }
    without
}

/// The numbers of a text, one after the other, as the values come that the parser makes of it.
struct NumbersOfText<'t> {
    json: &'t [u8],
    at: usize,
}

impl NumbersOfText<'_> {
    /// The next one.
    fn next<E: Error>(&mut self) -> Result<ExactJson, E> {
        let number = self.next_place().ok_or_else(|| E::custom("there is no further number"))?;
        let text = str::from_utf8(&self.json[number]).map_err(E::custom)?;
        Ok(ExactJson::Number(WrittenNumber(text.into())))
    }

    /// Where the next one stands.
    fn next_place(&mut self) -> Option<Range<usize>> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        while let Some(byte) = self.json.get(self.at) {
            match byte {
                b'"' => self.pass_string(),
                b'-' | b'0'..=b'9' => {
                    let (begin, rest) = (self.at, &self.json[self.at..]);
                    self.at += rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
                    return Some(begin..self.at);
                }
                _ => self.at += 1,
            }
        }
        None
    }

    fn pass_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.json.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                return;
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for &mut NumbersOfText<'_> {
    type Value = ExactJson;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ExactJson, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut NumbersOfText<'_> {
    type Value = ExactJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value in JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<ExactJson, E> {
        Ok(ExactJson::Null)
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<ExactJson, E> {
        Ok(ExactJson::Boolean(is))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<ExactJson, E> {
        self.next()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<ExactJson, E> {
        self.next()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<ExactJson, E> {
        self.next()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ExactJson, E> {
        Ok(ExactJson::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<ExactJson, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(&mut *self)? {
            elements.push(element);
        }
        Ok(ExactJson::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<ExactJson, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = access.next_key::<String>()? {
            members.insert(name, access.next_value_seed(&mut *self)?);
        }
        Ok(ExactJson::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> ExactJson {
        ExactJson::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    #[test]
    fn numbers_keep_their_digits_wherever_they_stand() {
        for (text, shown) in [
            (
                r#" {"a\"1":[-1.50, 18446744073709551617,"2"],"3":{"4":1E-7}} "#,
                r#"{"3":{"4":1E-7},"a\"1":[-1.50,18446744073709551617,"2"]}"#,
            ),
            (r#"["\\",5,null,true,"\ud800 6",{}]"#, r#"["\\",5,null,true,"� 6",{}]"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            ("0", "0"),
            ("[1e400,-1e-9223372036854775808]", "[1e400,-1e-9223372036854775808]"),
        ] {
            assert_eq!(json(text).to_string(), shown);
        }
        for none in ["", "1 2", "[1", "01", "nul", "1.2.3", "[1-2]", "-"] {
            assert!(ExactJson::parse(none).is_err(), "{none}");
        }
    }

    #[test]
    fn values_are_the_same_by_their_digits() {
        for (one, other, same) in [
            ("1", "1.0", true),
            ("[10,{\"a\":-0.0}]", "[1e1,{\"a\":0}]", true),
            ("1", "\"1\"", false),
            ("9007199254740993", "9007199254740992.0", false),
            (r#"{"a":[18446744073709551616]}"#, r#"{"a":[18446744073709551617]}"#, false),
            (r#"{"a":[18446744073709551616]}"#, r#"{ "a" : [18446744073709551616.0] }"#, true),
            (r#"{"a":1,"b":2}"#, r#"{"b":2.0,"a":1}"#, true),
            ("[1,2]", "[2,1]", false),
            ("\"1,2\"", "[1,2]", false),
        ] {
            let [one, other] = [one, other].map(json);
            assert_eq!((one == other, one.normal_text() == other.normal_text()), (same, same), "{one} {other}");
        }
    }

    #[test]
    fn a_value_may_have_less_than_another_and_pointers_lead_into_it() {
        let whole = json(r#"{"a":[{"b":1,"c":2}],"d/e":18446744073709551617}"#);
        assert!(json(r#"{"a":[{"b":1.0}]}"#).is_part_of(&whole));
        assert!(!json(r#"{"a":[]}"#).is_part_of(&whole) && !json(r#"{"d/e":18446744073709551616}"#).is_part_of(&whole));
        let at = |pointer: &str| whole.get(&Pointer::parse(pointer).unwrap()).map(ExactJson::to_string);
        assert_eq!(at("/a/0/c").as_deref(), Some("2"));
        assert_eq!(at("/d~1e").as_deref(), Some("18446744073709551617"));
        assert_eq!((at("/a/00"), at("/x"), at("/d~1e/0")), (None, None, None));
    }
}
