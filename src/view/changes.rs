//! What differs between two values in JSON, each difference by its pointer (RFC 6901). No tree of values is built.

use std::collections::BTreeMap;

use super::json_escapes;
use super::json_pointer::Pointer;
use super::json_text::{JsonToken, is_structured, tokens};

/// Bytes that the pointers into one text may take together: each of them names all that it is in.
const POINTERS: usize = 1 << 20;

/// A value that has changed, as it is written before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) pointer: Pointer,
    /// `None` of one that is new.
    pub(crate) before: Option<String>,
    /// `None` of one that is gone.
    pub(crate) after: Option<String>,
}

/// All that differs, in the order in which the later text has it, and then what is gone. `None` where one of them is no object
/// or array, or has too much in it.
pub(crate) fn between(before: &str, after: &str) -> Option<Vec<Change>> {
    let mut old: BTreeMap<Pointer, &str> = leaves(before)?.into_iter().collect();
    let mut changes = Vec::new();
    for (pointer, value) in leaves(after)? {
        let was = old.remove(&pointer);
        if was != Some(value) {
            changes.push(Change { pointer, before: was.map(str::to_owned), after: Some(value.to_owned()) });
        }
    }
    let gone = old.into_iter().map(|(pointer, value)| Change { pointer, before: Some(value.to_owned()), after: None });
    changes.extend(gone);
    Some(changes)
}

/// The names of the members of an object, as they are written, sorted; those of an array have none.
pub(crate) fn member_names(json: &str) -> Vec<&str> {
    let names = tokens(json).filter(|token| token.is_name && token.depth == 1);
    let mut names: Vec<&str> = names.map(|name| name.text).collect();
    names.sort_unstable();
    names
}

/// The values that have no others in them, by their pointers.
fn leaves(json: &str) -> Option<Vec<(Pointer, &str)>> {
    if !is_structured(json) {
        return None;
    }
    let mut found = Leaves::default();
    for JsonToken { text, is_name, .. } in tokens(json) {
        match text {
            "," | ":" => {}
            "{" | "[" => found.begin(text == "["),
            "}" => found.end("{}"),
            "]" => found.end("[]"),
            name if is_name => found.name(name),
            value => {
                found.count_value();
                found.add(value);
            }
        }
        if found.held > POINTERS {
            return None;
        }
    }
    Some(found.leaves)
}

/// A container that is open.
struct OpenContainer {
    is_array: bool,
    /// Bytes of the pointer to it.
    pointer: usize,
    /// Values in it so far.
    values: usize,
}

/// What has been found so far, and the pointer to where the text is read.
#[derive(Default)]
struct Leaves<'a> {
    leaves: Vec<(Pointer, &'a str)>,
    /// Bytes of their pointers.
    held: usize,
    open: Vec<OpenContainer>,
    pointer: Pointer,
}

impl<'a> Leaves<'a> {
    fn begin(&mut self, is_array: bool) {
        self.count_value();
        self.open.push(OpenContainer { is_array, pointer: self.pointer.len(), values: 0 });
    }

    /// An empty container has no others in it.
    fn end(&mut self, empty: &'a str) {
        let Some(OpenContainer { pointer, values, .. }) = self.open.pop() else { return };
        self.pointer.truncate(pointer);
        if values == 0 {
            self.add(empty);
        }
    }

    fn name(&mut self, name: &str) {
        let name = json_escapes::string(name.as_bytes()).unwrap_or_else(|| name.to_owned());
        self.pointer.truncate(self.open.last().map_or(0, |object| object.pointer));
        self.pointer.push(&name);
    }

    /// A value begins; that in an array has its index for a name.
    fn count_value(&mut self) {
        let Some(container) = self.open.last_mut() else { return };
        if container.is_array {
            self.pointer.truncate(container.pointer);
            self.pointer.push(&container.values.to_string());
        }
        container.values += 1;
    }

    fn add(&mut self, value: &'a str) {
        self.held += self.pointer.len();
        self.leaves.push((self.pointer.clone(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let words = |change: Change| {
            let value = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            format!("{} {} {}", change.pointer, value(change.before), value(change.after))
        };
        between(before, after).unwrap().into_iter().map(words).collect()
    }

    #[test]
    fn what_differs_is_told_by_its_pointer() {
        let before = r#"{"a":1,"b":{"c":[1,{"d":"x"}],"e":null},"f~/":[],"g":2}"#;
        let after = r#"{ "b": {"c":[1,{"d":"y, {"},3],"e":null}, "f~/":[[]], "a":1.0, "h":{} }"#;
        let expected =
            ["/b/c/1/d \"x\" \"y, {\"", "/b/c/2 - 3", "/f~0~1/0 - []", "/a 1 1.0", "/h - {}", "/f~0~1 [] -", "/g 2 -"];
        assert_eq!(told(before, after), expected);
        assert!(told(before, before).is_empty());
        assert_eq!(told("[1,[2,3]]", "[1,[2,4],5]"), ["/1/1 3 4", "/2 - 5"]);
        assert_eq!(between("1", "2"), None);
        let long = format!("{{\"{}\":[{}0]}}", "k".repeat(30_000), "0,".repeat(100));
        assert_eq!(between(&long, &long), None);
    }

    #[test]
    fn a_kind_of_message_is_known_by_its_names() {
        assert_eq!(member_names(r#"{"b":{"x":1},"a":[{"y":2}]}"#), ["\"a\"", "\"b\""]);
        assert!(member_names(r#"[{"b":1}]"#).is_empty());
    }
}
