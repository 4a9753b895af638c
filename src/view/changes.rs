//! What differs between two values in JSON, each difference by its pointer (RFC 6901). No tree of values is built.

use std::collections::BTreeMap;

use super::json_pointer::Pointer;
use super::json_text::{Tokens, is_structured};

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
    let mut names = Vec::new();
    let mut depth = 0;
    let mut tokens = Tokens(json);
    let mut before = "";
    for token in tokens.by_ref() {
        match token {
            "{" | "[" => depth += 1,
            "}" | "]" => depth -= 1,
            ":" if depth == 1 => names.push(before),
            _ => {}
        }
        before = token;
    }
    names.sort_unstable();
    names
}

/// A container that is open.
enum OpenContainer {
    Object,
    /// With the index of the element.
    Array(usize),
}

/// The values that have no others in them, by their pointers.
fn leaves(json: &str) -> Option<Vec<(Pointer, &str)>> {
    if !is_structured(json) {
        return None;
    }
    let mut leaves = Vec::new();
    let mut held = 0;
    // Of each container that is open, where the pointer to it ends.
    let mut open: Vec<(OpenContainer, usize)> = Vec::new();
    let mut pointer = Pointer::default();
    let mut tokens = Tokens(json);
    let mut before = "";
    while let Some(token) = tokens.next() {
        let is_name = matches!(open.last(), Some((OpenContainer::Object, _))) && matches!(before, "{" | ",");
        match token {
            "{" | "[" => {
                let is_array = token == "[";
                open.push((if is_array { OpenContainer::Array(0) } else { OpenContainer::Object }, pointer.len()));
                let is_empty = matches!(Tokens(tokens.0).next(), Some("}" | "]"));
                if is_array && !is_empty {
                    pointer.push("0");
                }
            }
            "}" | "]" => {
                let end = open.pop().map_or(0, |(_, end)| end);
                pointer.truncate(end);
                if matches!(before, "{" | "[") {
                    held += pointer.len();
                    leaves.push((pointer.clone(), if token == "}" { "{}" } else { "[]" }));
                }
            }
            "," => {
                if let Some((container, end)) = open.last_mut() {
                    pointer.truncate(*end);
                    if let OpenContainer::Array(index) = container {
                        *index += 1;
                        pointer.push(&index.to_string());
                    }
                }
            }
            ":" => {}
            name if is_name => {
                let name: String = serde_json::from_str(name).unwrap_or_else(|_| name.to_owned());
                pointer.push(&name);
            }
            value => {
                held += pointer.len();
                leaves.push((pointer.clone(), value));
            }
        }
        if held > POINTERS {
            return None;
        }
        before = token;
    }
    Some(leaves)
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
