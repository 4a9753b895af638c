//! JSON with the members of its objects in one order: who compares two texts sees what they say, not in which order they say it
//! (RFC 8259 §4: an object has no order).

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What is nested deeper than this stays as it is.
const DEEPEST: usize = 64;

/// The same JSON with its objects' members by name, without blanks around them; numbers and texts as they are written. `None` for
/// what isn't JSON.
pub(crate) fn by_name(json: &str) -> Option<String> {
    let value: &RawValue = serde_json::from_str(json).ok()?;
    let mut out = String::with_capacity(json.len());
    write(value.get(), 0, &mut out).ok()?;
    Some(out)
}

fn write(raw: &str, depth: usize, out: &mut String) -> serde_json::Result<()> {
    match raw.as_bytes().first() {
        Some(b'{') if depth < DEEPEST => {
            let Members(mut members) = serde_json::from_str(raw)?;
            // Members that have one name keep their order: it says which of them counts.
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            list('{', members, '}', out, |(name, value), out| {
                out.push_str(&serde_json::to_string(&name)?);
                out.push(':');
                write(value.get(), depth + 1, out)
            })
        }
        Some(b'[') if depth < DEEPEST => {
            let values: Vec<&RawValue> = serde_json::from_str(raw)?;
            list('[', values, ']', out, |value, out| write(value.get(), depth + 1, out))
        }
        _ => {
            out.push_str(raw);
            Ok(())
        }
    }
}

fn list<T>(
    begin: char,
    items: Vec<T>,
    end: char,
    out: &mut String,
    mut write: impl FnMut(T, &mut String) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    out.push(begin);
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write(item, out)?;
    }
    out.push(end);
    Ok(())
}

/// Those of an object, each that is there, as it is written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> serde::Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;
        impl<'a> Visitor<'a> for OfObject {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(OfObject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_in_one_order_and_values_as_they_are_written() {
        for (json, ordered) in [
            (r#"{"c":"x", "b":[2,1,{"z":1,"y":1.00}],"a":1e5}"#, r#"{"a":1e5,"b":[2,1,{"y":1.00,"z":1}],"c":"x"}"#),
            (r#"{"a":2,"a":1}"#, r#"{"a":2,"a":1}"#),
            (" [ ] ", "[]"),
            ("12345678901234567890.10", "12345678901234567890.10"),
        ] {
            assert_eq!(by_name(json).as_deref(), Some(ordered));
        }
        assert_eq!(by_name("{\"a\":"), None);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(by_name(&deep).is_none_or(|ordered| ordered == deep));
    }
}
