//! Names, strings and pointers of the JSON that has come and gone, for Tab: looked up when it is pressed, in what is kept anyway.

use std::sync::Arc;

use super::transcript::Transcript;
use super::typed_json::JsonWord;
use crate::trace::record::Record;
use crate::view::json_text::{JsonToken, escaped, is_structured, tokens};

/// Messages that are looked through, the latest, and how much of them, in bytes.
const LOOKED_THROUGH: usize = 300;
const READ: usize = 2 << 20;

/// A longer name or string isn't worth completing, in bytes.
const LONGEST: usize = 80;

/// What is offered, at the most.
const OFFERED: usize = 200;

/// What a word may become, as it is written in JSON, what was seen last first: names that were seen where it stands, or else
/// anywhere.
pub(super) fn words(transcript: &Transcript, word: &JsonWord<'_>) -> Vec<String> {
    let (mut found, mut elsewhere): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for record in recent(transcript) {
        let text = record.text.as_deref().unwrap_or_default();
        if found.len() >= OFFERED {
            break;
        }
        for seen in strings(text).filter(|seen| seen.token.len() <= LONGEST) {
            let found = match word {
                JsonWord::Name { within, .. } if seen.is_name && seen.within == *within => &mut found,
                JsonWord::Name { .. } if seen.is_name && elsewhere.len() < OFFERED => &mut elsewhere,
                JsonWord::Value { name, .. } if !seen.is_name && seen.name == *name => &mut found,
                _ => continue,
            };
            // What a terminal would act on is written as JSON has it.
            let token = escaped(seen.token);
            if token.starts_with(word.written()) && !found.iter().any(|found| *found == token) {
                found.push(token.into_owned());
            }
        }
    }
    let mut found = if found.is_empty() { elsewhere } else { found };
    found.truncate(OFFERED);
    found
}

/// Pointers to values that messages have, one step further than the one that was begun, what was seen last first. One with a blank
/// in it, or with what a terminal would act on, can't be typed so.
pub(super) fn pointers(transcript: &Transcript, typed: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for record in recent(transcript) {
        for pointer in pointers_of(record.text.as_deref().unwrap_or_default(), typed.matches('/').count()) {
            let is_plain = !pointer.contains(char::is_whitespace) && escaped(&pointer) == pointer;
            if is_plain && pointer.starts_with(typed) && pointer.len() <= LONGEST && !found.contains(&pointer) {
                found.push(pointer);
            }
            if found.len() >= OFFERED {
                return found;
            }
        }
    }
    found
}

/// The latest messages in JSON, the last first, as much as is looked through.
fn recent(transcript: &Transcript) -> impl Iterator<Item = Arc<Record<'static>>> {
    let messages = transcript.latest(LOOKED_THROUGH).into_iter().rev().map(|(_, record)| record);
    let structured = messages.filter(|record| record.text.as_deref().is_some_and(is_structured));
    structured.scan(0, |read, record| {
        *read += record.content().len();
        (*read <= READ).then_some(record)
    })
}

/// The pointers of so many steps to the values of a text, one for each value.
fn pointers_of(json: &str, steps: usize) -> impl Iterator<Item = String> {
    // Of each container that is open, the step into the member or the element that comes, and its index where it is an array.
    let mut open: Vec<(String, Option<u64>)> = Vec::new();
    tokens(json).filter_map(move |JsonToken { text, is_name, .. }| {
        let is_value = !is_name && !matches!(text, "}" | "]" | "," | ":");
        let pointer = (is_value && open.len() == steps)
            .then(|| open.iter().fold(String::new(), |pointer, (step, _)| pointer + "/" + step));
        match text {
            "{" => open.push((String::new(), None)),
            "[" => open.push(("0".to_owned(), Some(0))),
            "}" | "]" => drop(open.pop()),
            "," => {
                if let Some((step, Some(index))) = open.last_mut() {
                    *index += 1;
                    *step = index.to_string();
                }
            }
            _ if is_name => {
                let name = serde_json::from_str::<String>(text).unwrap_or_default();
                if let Some((step, _)) = open.last_mut() {
                    *step = name.replace('~', "~0").replace('/', "~1");
                }
            }
            _ => {}
        }
        pointer
    })
}

/// A string in a text.
struct SeenString<'a> {
    token: &'a str,
    is_name: bool,
    /// Of the member that it is a value of, or in.
    name: &'a str,
    /// Of the member that has the container that it is in.
    within: &'a str,
}

fn strings(json: &str) -> impl Iterator<Item = SeenString<'_>> {
    // Of each container that is open, the name of the member that it is, or is in.
    let mut names: Vec<&str> = Vec::new();
    tokens(json).filter_map(move |JsonToken { text, is_name, .. }| {
        match text {
            "{" | "[" => names.push(names.last().copied().unwrap_or_default()),
            "}" | "]" => drop(names.pop()),
            _ => {}
        }
        if let Some(name) = names.last_mut().filter(|_| is_name) {
            *name = text;
        }
        let name = names.last().copied().unwrap_or_default();
        let within = names.len().checked_sub(2).map_or("", |above| names[above]);
        text.starts_with('"').then_some(SeenString { token: text, is_name, name, within })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::record::{Extent, Record};
    use crate::ws::{Direction, Kind};

    #[test]
    fn names_and_the_strings_of_a_name_are_found() {
        let transcript = Transcript::default();
        for text in [
            r#"{"op":"subscribe","channels":["trades","book"],"id":1}"#,
            "text",
            r#"{"op":"unsubscribe","evil":"\u202e"}"#,
            "{\"op\":\"sub\u{9b}2J\",\"data\":{\"op\":\"subscribe\"}}",
        ] {
            let length = text.len() as u64;
            let message =
                Record::message(Direction::Sent, Kind::Text, text.as_bytes().into(), length, Extent::default());
            transcript.add(message);
        }
        let words = |json: &str| words(&transcript, &JsonWord::at_the_end_of(json).unwrap());
        assert_eq!(words("{\"op\":\"sub"), ["\"sub\\u009b2J\"", "\"subscribe\""]);
        assert_eq!(words("{\"channels\":[\"trades\",\"b"), ["\"book\""]);
        assert_eq!(words("{\""), ["\"op\"", "\"data\"", "\"evil\"", "\"channels\"", "\"id\""]);
        assert_eq!(words("{\"id\":\""), [""; 0]);
        // Those of the object that it is in; of one that is new, all.
        assert_eq!(words("{\"data\":{\"o"), ["\"op\""]);
        assert_eq!(words("{\"data\":{\"e"), ["\"evil\""]);
        assert_eq!(words("{\"new\":[{\"ch"), ["\"channels\""]);
    }

    #[test]
    fn pointers_are_found_a_step_at_a_time() {
        let transcript = Transcript::default();
        for text in [r#"{"data":[{"price":1,"a/b~":{}},{"price":2,"x y":0}],"op":"t"}"#, r#"{"id":1,"op":{"price":3}}"#]
        {
            let length = text.len() as u64;
            let message =
                Record::message(Direction::Received, Kind::Text, text.as_bytes().into(), length, Extent::default());
            transcript.add(message);
        }
        let pointers = |typed| pointers(&transcript, typed);
        assert_eq!(pointers("/"), ["/id", "/op", "/data"]);
        assert_eq!(
            (pointers("/d"), pointers("/data/")),
            (vec!["/data".into()], vec!["/data/0".into(), "/data/1".into()])
        );
        assert_eq!(pointers("/data/1/"), ["/data/1/price"]);
        assert_eq!(pointers("/data/0/a"), ["/data/0/a~1b~0"]);
        assert_eq!((pointers("/op/"), pointers("/id/")), (vec!["/op/price".into()], Vec::<String>::new()));
    }
}
