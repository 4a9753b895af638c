//! How the fields of a [`Record`](super::record::Record) stand in JSON, where serde doesn't know it by itself.

use serde::de::{self, Deserializer, IgnoredAny, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

/// A number, or text that says it.
#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
    Neither(IgnoredAny),
}

impl NumberOrText {
    /// # Errors
    /// What it is not, in words.
    fn into_text(self) -> Result<String, String> {
        match self {
            Self::Number(number) => Ok(number.to_string()),
            Self::Text(text) => Ok(text),
            Self::Neither(_) => Err("it is neither a whole number nor text".into()),
        }
    }
}

/// An opcode by its number or its name.
pub(super) mod opcode {
    use serde::{Deserialize, Deserializer, de};

    use super::NumberOrText;
    use crate::script::raw_frame;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
        let given = Option::<NumberOrText>::deserialize(deserializer)?;
        let opcode = given.map(|given| given.into_text().and_then(|text| raw_frame::opcode(&text)).map(u8::from));
        opcode.transpose().map_err(|why| de::Error::custom(format_args!("its \"opcode\": {why}")))
    }
}

/// The reserved bits.
pub(super) mod rsv {
    use serde::{Deserialize, Deserializer, de};

    use super::NumberOrText;
    use crate::script::raw_frame;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[bool; 3]>, D::Error> {
        let given = Option::<NumberOrText>::deserialize(deserializer)?;
        let bits = given.map(|given| given.into_text().and_then(|text| raw_frame::reserved_bits(&text)));
        bits.transpose().map_err(|why| de::Error::custom(format_args!("its \"rsv\": {why}")))
    }
}

/// How a frame is masked.
pub(super) mod mask {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, de};

    use crate::script::raw_frame;
    use crate::ws::Masking;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Masking>, D::Error> {
        let given = Option::<Cow<'_, str>>::deserialize(deserializer)?;
        let masking = given.map(|given| raw_frame::masking(&given));
        masking.transpose().map_err(|why| de::Error::custom(format_args!("its \"mask\": {why}")))
    }
}

/// Which way it went, by name.
pub(super) mod direction {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, de};

    use crate::ws::Direction;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Direction>, D::Error> {
        let Some(name) = Option::<Cow<'_, str>>::deserialize(deserializer)? else { return Ok(None) };
        let named = [Direction::Sent, Direction::Received].into_iter().find(|direction| direction.name() == name);
        named.map(Some).ok_or_else(|| de::Error::custom(format_args!("its \"direction\" is {name:?}")))
    }
}

/// Wall time, in UTC.
pub(super) mod rfc3339 {
    use std::borrow::Cow;
    use std::time::SystemTime;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use crate::values;
    use crate::view::clock::timestamp;

    pub(crate) fn serialize<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(timestamp).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
        let text = Option::<Cow<'_, str>>::deserialize(deserializer)?;
        text.map(|text| values::time(&text)).transpose().map_err(de::Error::custom)
    }
}

/// Milliseconds with up to three decimals.
pub(super) mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use crate::view::amount;

    pub(crate) fn serialize<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(amount::millis).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        let millis = Option::<f64>::deserialize(deserializer)?;
        if millis.is_some_and(|millis| millis < 0.0) {
            return Err(de::Error::custom("a time is negative"));
        }
        Ok(millis.map(|millis| Duration::from_micros((millis * 1e3).round() as u64)))
    }
}

/// Bytes in base64, padded.
pub(super) mod base64 {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, de};

    use crate::values;

    pub(crate) fn deserialize<'de, 'a, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Cow<'a, [u8]>>, D::Error> {
        let coded = Option::<Cow<'_, str>>::deserialize(deserializer)?;
        let bytes = coded.map(|coded| values::base64(coded.as_bytes())).transpose();
        bytes.map(|bytes| bytes.map(Cow::Owned)).map_err(|why| de::Error::custom(format_args!("its \"base64\": {why}")))
    }
}

/// The names of all fields of a struct, as serde asks for them.
pub(super) fn field_names<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &[&str] = &[];
    // It ends with an error in any case: there is nothing to read.
    let _ = T::deserialize(FieldNames(&mut names));
    names
}

/// Takes note of the fields that a struct asks for.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("only a struct has fields"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = names;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}
