//! Values of a HAR, whatever they are: of what isn't as it should be nothing is kept, however large it is.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text or a number.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum HarScalar {
    /// Null, or missing.
    #[default]
    None,
    Text(String),
    Number(f64),
    /// Anything else.
    Other,
}

impl HarScalar {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

impl<'de> Deserialize<'de> for HarScalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = HarScalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<HarScalar, E> {
        Ok(HarScalar::Other)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<HarScalar, E> {
        Ok(HarScalar::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<HarScalar, E> {
        Ok(HarScalar::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<HarScalar, E> {
        Ok(HarScalar::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<HarScalar, E> {
        Ok(HarScalar::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<HarScalar, E> {
        Ok(HarScalar::Text(text))
    }

    fn visit_unit<E: Error>(self) -> Result<HarScalar, E> {
        Ok(HarScalar::None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<HarScalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(HarScalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HarScalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(HarScalar::Other)
    }
}

/// An object, or what stands in its place.
#[derive(Debug)]
pub(super) enum HarObject<T> {
    Object(T),
    /// None is there.
    Scalar(HarScalar),
}

impl<T> HarObject<T> {
    pub(super) fn object(self) -> Option<T> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }
}

impl<T> Default for HarObject<T> {
    fn default() -> Self {
        Self::Scalar(HarScalar::None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for HarObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = HarObject<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<HarObject<T>, E> {
        ScalarVisitor.visit_bool(value).map(HarObject::Scalar)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<HarObject<T>, E> {
        ScalarVisitor.visit_i64(number).map(HarObject::Scalar)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<HarObject<T>, E> {
        ScalarVisitor.visit_u64(number).map(HarObject::Scalar)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<HarObject<T>, E> {
        ScalarVisitor.visit_f64(number).map(HarObject::Scalar)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<HarObject<T>, E> {
        ScalarVisitor.visit_str(text).map(HarObject::Scalar)
    }

    fn visit_unit<E: Error>(self) -> Result<HarObject<T>, E> {
        Ok(HarObject::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<HarObject<T>, A::Error> {
        ScalarVisitor.visit_seq(seq).map(HarObject::Scalar)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HarObject<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(HarObject::Object)
    }
}

/// The objects of an array that are such; of what is no array there are none.
#[derive(Debug)]
pub(super) struct HarArray<T>(pub(super) Vec<T>);

impl<T> Default for HarArray<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for HarArray<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArrayVisitor(PhantomData))
    }
}

struct ArrayVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ArrayVisitor<T> {
    type Value = HarArray<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<HarArray<T>, E> {
        Ok(HarArray::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<HarArray<T>, E> {
        Ok(HarArray::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<HarArray<T>, E> {
        Ok(HarArray::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<HarArray<T>, E> {
        Ok(HarArray::default())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<HarArray<T>, E> {
        Ok(HarArray::default())
    }

    fn visit_unit<E: Error>(self) -> Result<HarArray<T>, E> {
        Ok(HarArray::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<HarArray<T>, A::Error> {
        let mut objects = Vec::new();
        while let Some(element) = seq.next_element::<HarObject<T>>()? {
            objects.extend(element.object());
        }
        Ok(HarArray(objects))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HarArray<T>, A::Error> {
        ScalarVisitor.visit_map(map).map(|_| HarArray::default())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[serde(default)]
        a: HarScalar,
    }

    #[test]
    fn whatever_stands_there_is_read() {
        for (json, expected) in [
            ("null", HarScalar::None),
            ("\"a\"", HarScalar::Text("a".into())),
            ("-1.5", HarScalar::Number(-1.5)),
            ("18446744073709551615", HarScalar::Number(u64::MAX as f64)),
            ("true", HarScalar::Other),
            ("[1,{\"b\":[]}]", HarScalar::Other),
            ("{\"b\":{}}", HarScalar::Other),
        ] {
            assert_eq!(serde_json::from_str::<HarScalar>(json).unwrap(), expected);
            // In the place of an object and of an array, and in them.
            assert!(serde_json::from_str::<HarArray<Inner>>(json).unwrap().0.len() <= 1, "{json}");
            let object: HarObject<Inner> = serde_json::from_str(json).unwrap();
            assert_eq!(object.object().is_some(), json.starts_with('{'), "{json}");
            let objects: HarArray<Inner> = serde_json::from_str(&format!("[{json},{{\"a\":{json},\"c\":1}}]")).unwrap();
            assert_eq!(objects.0.last().unwrap().a, expected);
        }
    }
}
