//! Names and strings of the JSON that has come and gone, for Tab: looked up when it is pressed, in what is kept anyway.

use super::transcript::Transcript;
use super::typed_json::JsonWord;
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
    let messages = transcript.latest(LOOKED_THROUGH);
    let (mut found, mut elsewhere, mut read): (Vec<String>, Vec<String>, _) = (Vec::new(), Vec::new(), 0);
    for (_, record) in messages.iter().rev() {
        let Some(text) = record.text.as_deref().filter(|text| is_structured(text)) else { continue };
        read += text.len();
        if read > READ || found.len() >= OFFERED {
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
}
