//! `/filter`: which messages are shown.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::script::{self, Condition};
use crate::view::conversation::COMPACTED;
use crate::view::json_nesting::Nesting;
use crate::view::json_text;
use crate::ws::{Direction, Kind, Message};

/// What has to hold of a message.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// It went this way; what went the other way is shown.
    direction: Option<Direction>,
    /// The condition must not be met.
    negated: bool,
    condition: Condition,
}

/// The directions, by name.
const DIRECTIONS: [(&str, Direction); 2] = [("received", Direction::Received), ("sent", Direction::Sent)];

impl Filter {
    /// `[received|sent] [!]REGEX` or `[received|sent] [!]/POINTER [= JSON]`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a regular expression or a JSON pointer is missing".to_owned());
        }
        let words = text.split_once(char::is_whitespace);
        let directed = words.and_then(|(word, rest)| {
            let (_, direction) = DIRECTIONS.into_iter().find(|(name, _)| *name == word)?;
            Some((direction, rest.trim_start()))
        });
        let (direction, rest) = directed.map_or((None, text), |(direction, rest)| (Some(direction), rest));
        // A setting's value, or a direction without what is to be met.
        if rest == "on" || DIRECTIONS.iter().any(|(name, _)| *name == rest) {
            return Err(format!("a regular expression or a JSON pointer is missing behind {rest:?}"));
        }
        Ok(Self { direction, ..Self::of_both_ways(rest)? })
    }

    /// `[!]REGEX` or `[!]/POINTER [= JSON]`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn of_both_ways(text: &str) -> Result<Self, String> {
        let (negated, condition) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let condition = match condition.starts_with('/') {
            true => script::json(condition),
            false => {
                script::regex(condition).map_err(|why| format!("{condition:?} is not a regular expression: {why}"))
            }
        };
        Ok(Self { direction: None, negated, condition: condition? })
    }

    pub(crate) fn shows(&self, direction: Direction, message: Message<'_>) -> bool {
        let is_meant = self.direction.is_none_or(|wanted| wanted == direction);
        !is_meant || place_of(&self.condition, message).is_some() != self.negated
    }
}

/// Where a message meets a condition, as it was on the wire or as it is shown: what is copied from the screen is found, though JSON
/// has lost its blanks there.
pub(super) fn place_of<'a>(condition: &Condition, message: Message<'a>) -> Option<(Cow<'a, [u8]>, Range<usize>)> {
    if let Some(place) = condition.place(message) {
        return Some((message.content.into(), place));
    }
    let is_searched = matches!(condition, Condition::Regex(_)) && message.kind == Kind::Text;
    let text = str::from_utf8(message.content).ok().filter(|text| is_searched && text.len() <= COMPACTED)?;
    let shown = json_text::is_structured(text).then(|| json_text::compact(text))?;
    let place = |text: &str| condition.place(Message { content: text.as_bytes(), ..message });
    if let Some(place) = place(&shown) {
        return Some((shown.into_bytes().into(), place));
    }
    let spaced = spaced(&shown);
    let place = place(&spaced)?;
    Some((spaced.into_bytes().into(), place))
}

/// JSON as it is shown where it has lines: with a blank behind each colon.
fn spaced(compact: &str) -> String {
    let (mut spaced, mut nesting) = (String::with_capacity(compact.len() * 2), Nesting::default());
    for c in compact.chars() {
        let in_string = nesting.in_string();
        nesting.push(c);
        spaced.push(c);
        if c == ':' && !in_string {
            spaced.push(' ');
        }
    }
    spaced
}

impl fmt::Display for Filter {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = DIRECTIONS.iter().find(|(_, direction)| Some(*direction) == self.direction);
        if let Some((name, _)) = named {
            write!(f, "{name} ")?;
        }
        let condition = self.condition.to_string();
        let written = match self.condition {
            Condition::Json { .. } => condition.strip_prefix("json ").unwrap_or(&condition),
            _ => &condition,
        };
        write!(f, "{}{written}", if self.negated { "!" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_shown_by_what_they_are() {
        let shows = |filter: &str, direction, content: &str| {
            let filter = Filter::parse(filter).unwrap();
            filter.shows(direction, Message { kind: Kind::Text, content: content.as_bytes() })
        };
        let (received, sent) = (Direction::Received, Direction::Sent);
        for (filter, content, shown) in [
            ("price", "the price", [true, true]),
            ("price", "else", [false, false]),
            ("!price", "the price", [false, false]),
            ("!price", "else", [true, true]),
            ("received price", "else", [false, true]),
            ("sent !price", "the price", [true, false]),
            ("/op = \"x\"", r#"{"op":"x"}"#, [true, true]),
            ("/op = \"x\"", r#"{"op":"y"}"#, [false, false]),
            ("received !/op", r#"{"op":"y"}"#, [false, true]),
            ("received !/op", "not JSON", [true, true]),
            // What is copied from the screen, where JSON has no blanks.
            (r#""op":"x","n""#, r#"{"op": "x", "n": 1}"#, [true, true]),
            (r#"!"op":"x""#, r#"{"op": "x"}"#, [false, false]),
            (r#""op": "x""#, r#"{"op":"x","n":1}"#, [true, true]),
            (r#""a: b": "x""#, r#"{"a: b":"x"}"#, [true, true]),
            ("a,b", "a, b", [false, false]),
        ] {
            assert_eq!([received, sent].map(|direction| shows(filter, direction, content)), shown, "{filter}");
        }
    }

    #[test]
    fn a_filter_is_told_as_it_is_typed() {
        for text in ["price", "!price", "sent a b", "/op = \"x\"", "received !/op"] {
            assert_eq!(Filter::parse(text).unwrap().to_string(), text);
        }
        for (text, says) in [
            ("", "a regular expression or a JSON pointer is missing"),
            ("received", "a regular expression or a JSON pointer is missing behind \"received\""),
            ("sent received", "a regular expression or a JSON pointer is missing behind \"received\""),
            ("(", "\"(\" is not a regular expression"),
            ("/op = x", "column 7: \"x\" is not JSON; a text is written in double quotes"),
            ("/px > 1", "column 5: only = compares"),
        ] {
            let why = Filter::parse(text).unwrap_err();
            assert!(why.starts_with(says), "{why}");
        }
    }
}
