//! JSON pointers (RFC 6901), all of them looked up in one pass over a text. No tree of values is built: what a few bytes of
//! a peer's would grow to in one has no bound worth the name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

use crate::view::json_escapes;
use crate::view::json_pointer::{Pointer, index};
use crate::view::json_value::is_same_number;

/// What is nested deeper in a text isn't read by [`Pointers::find`]: serde_json's limit.
const DEEPEST: usize = 127;

/// The pointers of a set of rules.
#[derive(Debug, Clone, Default)]
pub(super) struct Pointers {
    root: Node,
    count: usize,
}

/// Where a pointer has led so far.
#[derive(Debug, Clone, Default)]
struct Node {
    /// The number of the pointer that ends here.
    slot: Option<usize>,
    children: BTreeMap<String, Node>,
}

/// What the pointers lead to in one text, as it is written there.
#[derive(Debug)]
pub(super) struct Values<'a>(Vec<Option<&'a RawValue>>);

impl Pointers {
    pub(super) fn of<'a>(pointers: impl IntoIterator<Item = &'a Pointer>) -> Self {
        let mut all = Self::default();
        // Those that lead deeper lead nowhere.
        let pointers = pointers.into_iter().filter(|pointer| pointer.tokens().nth(DEEPEST).is_none());
        for pointer in pointers {
            let end = pointer
                .tokens()
                .fold(&mut all.root, |node, token| node.children.entry(token.into_owned()).or_default());
            if end.slot.is_none() {
                end.slot = Some(all.count);
                all.count += 1;
            }
        }
        all
    }

    /// `None` where the text is not JSON.
    pub(super) fn find<'a>(&self, text: &'a [u8]) -> Option<Values<'a>> {
        if let Some(found) = self.walk(text) {
            return Some(Values(found));
        }
        // serde reads no string with half of a surrogate pair: those of the replaced text stand in the same places.
        let Cow::Owned(paired) = json_escapes::paired(text) else { return None };
        let in_text = |value: &RawValue| {
            let begin = value.get().as_ptr().addr() - paired.as_ptr().addr();
            serde_json::from_slice(&text[begin..begin + value.get().len()]).ok()
        };
        let found = self.walk(&paired)?;
        Some(Values(found.into_iter().map(|value| value.and_then(in_text)).collect()))
    }

    fn walk<'a>(&self, text: &'a [u8]) -> Option<Vec<Option<&'a RawValue>>> {
        let mut found = vec![None; self.count];
        let mut reader = serde_json::Deserializer::from_slice(text);
        let walk = Walk { node: Some(&self.root), found: &mut found };
        walk.deserialize(&mut reader).and_then(|()| reader.end()).ok()?;
        Some(found)
    }

    pub(super) fn value<'a>(&self, values: &Values<'a>, pointer: &Pointer) -> Option<&'a RawValue> {
        let end = pointer.tokens().try_fold(&self.root, |node, token| node.children.get(&*token))?;
        values.0[end.slot?]
    }
}

impl Node {
    /// Of two members with the same name the last counts.
    fn forget(&self, found: &mut [Option<&RawValue>]) {
        if let Some(slot) = self.slot {
            found[slot] = None;
        }
        self.children.values().for_each(|child| child.forget(found));
    }

    /// Those that are elements of an array, in order.
    fn elements(&self) -> Vec<(usize, &Self)> {
        let elements = self.children.iter().filter_map(|(token, node)| Some((index(token)?, node)));
        let mut elements: Vec<_> = elements.collect();
        elements.sort_unstable_by_key(|(index, _)| *index);
        elements
    }
}

/// Goes through a value of the text, with the pointers that lead into it.
struct Walk<'p, 'v, 'de> {
    node: Option<&'p Node>,
    found: &'v mut [Option<&'de RawValue>],
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        let Some(node) = self.node else { return de::Deserialize::deserialize(reader).map(|IgnoredAny| ()) };
        let Some(slot) = node.slot else { return reader.deserialize_any(self) };
        let value = <&RawValue as de::Deserialize>::deserialize(reader)?;
        self.found[slot] = Some(value);
        if node.children.is_empty() {
            return Ok(());
        }
        serde_json::Deserializer::from_str(value.get()).deserialize_any(self).map_err(de::Error::custom)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { node, found } = self;
        while let Some(child) = members.next_key_seed(Child(node))? {
            child.iter().for_each(|child| child.forget(found));
            members.next_value_seed(Walk { node: child, found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Self { node, found } = self;
        let wanted = node.map(Node::elements).unwrap_or_default();
        let mut wanted = wanted.into_iter().peekable();
        for index in 0.. {
            let child = wanted.next_if(|(wanted, _)| *wanted == index).map(|(_, child)| child);
            if elements.next_element_seed(Walk { node: child, found })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// The name of a member, and the pointers that go on there.
struct Child<'p>(Option<&'p Node>);

impl<'de, 'p> DeserializeSeed<'de> for Child<'p> {
    type Value = Option<&'p Node>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de, 'p> Visitor<'de> for Child<'p> {
    type Value = Option<&'p Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.and_then(|node| node.children.get(name)))
    }
}

/// Whether a JSON text has this value, as `json_value.rs` has it.
pub(super) fn is_equal(text: &RawValue, value: &Value) -> bool {
    let text = json_escapes::paired(text.get().as_bytes());
    Equal(value).deserialize(&mut serde_json::Deserializer::from_slice(&text)).unwrap_or(false)
}

/// Compares what is read with a value, or with none, which nothing is equal to.
#[derive(Clone, Copy)]
struct Equal<'a>(&'a Value);

impl<'de> DeserializeSeed<'de> for Equal<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Equal<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let Some(wanted) = self.0.as_object() else { return ignore_members(members).map(|()| false) };
        let (mut equal, mut surplus) = (BTreeMap::new(), false);
        while let Some(member) = members.next_key_seed(Member(wanted))? {
            match member {
                // Of two with the same name the last counts.
                Some((name, value)) => drop(equal.insert(name, members.next_value_seed(Equal(value))?)),
                None => {
                    surplus = true;
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(!surplus && equal.len() == wanted.len() && equal.into_values().all(|equal| equal))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let wanted = self.0.as_array();
        let mut equal = wanted.is_some();
        for value in wanted.into_iter().flatten() {
            match elements.next_element_seed(Equal(value))? {
                Some(is_equal) => equal &= is_equal,
                None => return Ok(false),
            }
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {
            equal = false;
        }
        Ok(equal)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(self.0.is_null())
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(*self.0 == value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        Ok(self.is_number(&value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<bool, E> {
        Ok(self.is_number(&value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<bool, E> {
        Ok(Number::from_f64(value).is_some_and(|value| self.is_number(&value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<bool, E> {
        Ok(self.0.as_str() == Some(value))
    }
}

impl Equal<'_> {
    fn is_number(self, read: &Number) -> bool {
        self.0.as_number().is_some_and(|wanted| is_same_number(wanted, read))
    }
}

fn ignore_members<'de, A: MapAccess<'de>>(mut members: A) -> Result<(), A::Error> {
    while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// The name of a member, and what is wanted there.
struct Member<'a>(&'a serde_json::Map<String, Value>);

impl<'de, 'a> DeserializeSeed<'de> for Member<'a> {
    type Value = Option<(&'a str, &'a Value)>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de, 'a> Visitor<'de> for Member<'a> {
    type Value = Option<(&'a str, &'a Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.get_key_value(name).map(|(name, value)| (name.as_str(), value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::json_value::is_same;

    const TEXTS: [&str; 21] = [
        "null",
        "true",
        " [ ] ",
        "{}",
        "-0.5e1",
        "\"a\\u00e9\\n\"",
        r#"{"a":1}"#,
        r#"{"a":1,"a":{"b":2},"b":[{"a":[0,1]},null]}"#,
        r#"{"a":{"b":1},"a":3}"#,
        r#"{"":{"":0},"a/b":1,"m~n":2,"\u0061":7}"#,
        r#"[[[0],1],{"0":"x","01":"y","+1":"z"}]"#,
        r#"[0,1,2,3,4,5,6,7,8,9,10,11,"twelve"]"#,
        "18446744073709551615",
        "1.0",
        "1",
        "",
        "{",
        "[1] trailing",
        r#"{"a":1,}"#,
        "[\"\u{1}\"]",
        "{\"a\":tru}",
    ];

    const POINTERS: [&str; 18] = [
        "", "/", "//", "/a", "/a/b", "/b/0/a/1", "/b/1", "/b", "/a~1b", "/m~0n", "/0", "/0/0", "/0/0/0", "/1/0",
        "/1/01", "/1/+1", "/12", "/99",
    ];

    #[test]
    fn a_pointer_leads_where_it_leads_in_a_tree_of_values() {
        let all = POINTERS.map(|text| Pointer::parse(text).unwrap());
        let pointers = Pointers::of(&all);
        for text in TEXTS {
            let tree: Option<Value> = serde_json::from_str(text).ok();
            let values = pointers.find(text.as_bytes());
            assert_eq!(values.is_some(), tree.is_some(), "{text}");
            let (Some(tree), Some(values)) = (tree, values) else { continue };
            for pointer in &all {
                let found = pointers.value(&values, pointer);
                let found = found.map(|value| serde_json::from_str::<Value>(value.get()).unwrap());
                assert_eq!(found.as_ref(), pointer.get(&tree), "{pointer} in {text}");
            }
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_not_found_and_does_no_harm() {
        let value = |depth: usize| {
            let text = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let pointer = Pointer::parse(&"/0".repeat(depth)).unwrap();
            let pointers = Pointers::of([&pointer]);
            let values = pointers.find(text.as_bytes());
            values.and_then(|values| pointers.value(&values, &pointer)).map(RawValue::get).map(str::to_owned)
        };
        assert_eq!(value(DEEPEST).as_deref(), Some("1"));
        assert_eq!((value(DEEPEST + 1), value(500_000)), (None, None));
    }

    #[test]
    fn half_of_a_surrogate_pair_hides_nothing() {
        let pointer = |text| Pointer::parse(text).unwrap();
        let all = ["/a", "/b/c", "/d", "/\u{fffd}"].map(pointer);
        let pointers = Pointers::of(&all);
        let text = br#"{"a":"x\ud800","b":{"c":[1],"\udc00":"\ud83e"},"\ud800":2,"d":"\ud83e\udd80"}"#;
        let values = pointers.find(text).unwrap();
        let value = |text| pointers.value(&values, &pointer(text));
        let found = |text| value(text).map(RawValue::get);
        assert_eq!(found("/a"), Some(r#""x\ud800""#));
        assert_eq!(found("/b/c"), Some("[1]"));
        assert_eq!(found("/d"), Some(r#""\ud83e\udd80""#));
        assert_eq!(found("/\u{fffd}"), Some("2"));
        // Of the text itself, from which replies are quoted.
        assert!(text.as_ptr_range().contains(&value("/b/c").unwrap().get().as_ptr()));
        assert!(is_equal(value("/a").unwrap(), &Value::from("x\u{fffd}")));
        assert!(pointers.find(br#"{"a":"\ud800""#).is_none());
    }

    #[test]
    fn values_are_equal_where_trees_are() {
        let texts: Vec<_> = TEXTS.iter().filter(|text| serde_json::from_str::<Value>(text).is_ok()).collect();
        for left in &texts {
            for right in &texts {
                let [read, value] = [left, right].map(|text| serde_json::from_str::<Value>(text).unwrap());
                let raw: &RawValue = serde_json::from_str(left.trim()).unwrap();
                assert_eq!(is_equal(raw, &value), is_same(&value, &read, false), "{left} and {right}");
            }
        }
    }
}
