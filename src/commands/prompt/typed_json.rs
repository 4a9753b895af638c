//! JSON while it is typed: where it begins in a line, what is wrong with it so far, what the word at the cursor is, and which bracket
//! belongs to the one at the cursor.

use serde::de::IgnoredAny;

use super::command_table::{self, PromptRole};
use crate::view::json_nesting::Nesting;
use crate::view::json_text::{self, JsonToken, tokens};

/// Longer lines were pasted, and aren't looked at for every key, in bytes.
const LOOKED_AT: usize = 16 * 1024;

/// The JSON of a line, and where it begins: of a message that is an object or array, or of what a command sends.
pub(super) fn of_line(role: PromptRole, line: &str) -> Option<(usize, &str)> {
    if line.len() > LOOKED_AT { None } else { of_any_line(role, line) }
}

/// The same of a line of any length.
pub(super) fn of_any_line(role: PromptRole, line: &str) -> Option<(usize, &str)> {
    let begins = |text: &str| line.len() - text.len();
    let text = match line.strip_prefix('/').filter(|rest| !rest.starts_with('/')) {
        None => line.trim_start(),
        Some(rest) => {
            let (name, arguments) = rest.split_once(' ')?;
            let entry = command_table::named(role, name)?;
            let behind = arguments.trim_start();
            let behind = match entry.name {
                "json" | "text" | "escape" => behind,
                // Behind a number, a name or a direction.
                "fragment" | "repeat" | "to" | "inject" | "replace" | "def" => behind.split_once(' ')?.1.trim_start(),
                _ => return None,
            };
            let timed =
                Some(behind).filter(|_| entry.name == "repeat").and_then(|behind| behind.strip_prefix("every "));
            let behind = timed.map_or(Some(behind), |timed| Some(timed.trim_start().split_once(' ')?.1))?;
            behind.trim_start()
        }
    };
    text.starts_with(['{', '[']).then(|| (begins(text), text))
}

/// What is wrong with JSON that may not be complete yet, and where.
pub(super) fn fault(json: &str) -> Option<String> {
    let error = serde_json::from_str::<IgnoredAny>(json).err().filter(|error| !error.is_eof())?;
    let line = json.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let before: usize = json.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
    // The column is that of a byte, from 1, which may be the last of a character.
    let at = before + error.column().saturating_sub(1).min(line.len());
    let at = (0..=at).rev().find(|at| json.is_char_boundary(*at)).unwrap_or_default();
    let what = match json_text::fault(&error).as_str() {
        "expected `,` or `}`" | "expected `,` or `]`" => match json[at..].chars().next() {
            Some(c @ ('}' | ']')) => format!("{c} where another bracket is open"),
            _ => "missing comma".to_owned(),
        },
        "expected `:`" => "missing colon".to_owned(),
        "trailing comma" => "nothing follows the comma".to_owned(),
        "key must be a string" if json[at..].starts_with('}') => "nothing follows the comma".to_owned(),
        "key must be a string" => "a name needs double quotes".to_owned(),
        "trailing characters" => "more after the end".to_owned(),
        "expected value" if json[at..].starts_with([']', '}', ',']) => "a value is missing".to_owned(),
        "expected value" | "expected ident" => "not a value: text needs double quotes".to_owned(),
        words if words.starts_with("control character") && json[at..].chars().nth(1) == Some('\t') => {
            "a tab in a string is written \\t".to_owned()
        }
        words if words.starts_with("control character") => "a quote is not closed".to_owned(),
        words => words.to_owned(),
    };
    // What is missing belongs behind what is before it.
    let place = if what.starts_with("missing") { json[..at].trim_end() } else { &json[..at] };
    let (line, column) =
        (1 + place.matches('\n').count(), place.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
    Some(if json.contains('\n') { format!("line {line}: {what}") } else { format!("column {column}: {what}") })
}

/// What the word is that ends at the end of some JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum JsonWord<'a> {
    /// Of a member, with its quote where it has begun, in the object that is the value of the member `within`, or in it.
    Name { within: &'a str, word: &'a str },
    /// A string, in the member of this name.
    Value { name: &'a str, word: &'a str },
}

impl<'a> JsonWord<'a> {
    pub(super) fn at_the_end_of(json: &'a str) -> Option<Self> {
        // Of each container that is open, the name of the member that is being written.
        let mut names: Vec<&str> = Vec::new();
        let (mut tokens, mut last) = (tokens(json), None);
        for token in tokens.by_ref() {
            match token.text {
                "{" | "[" => names.push(names.last().copied().unwrap_or_default()),
                "}" | "]" => drop(names.pop()),
                _ => {}
            }
            if let Some(name) = names.last_mut().filter(|_| token.is_name) {
                *name = token.text;
            }
            last = Some(token);
        }
        let (name, last) = (names.pop()?, last?);
        let within = names.pop().unwrap_or_default();
        let word = match last.text {
            string if ends_inside_string(string) => string,
            "{" | "[" | "," | ":" => "",
            _ => return None,
        };
        let expects_name = if word.is_empty() { tokens.expects_name() } else { last.is_name };
        Some(if expects_name { Self::Name { within, word } } else { Self::Value { name, word } })
    }

    /// What is written of it.
    pub(super) fn written(&self) -> &'a str {
        match self {
            Self::Name { word, .. } | Self::Value { word, .. } => word,
        }
    }
}

/// Whether the end of a token is inside a string.
fn ends_inside_string(token: &str) -> bool {
    let mut nesting = Nesting::default();
    token.bytes().for_each(|byte| nesting.push_byte(byte));
    nesting.in_string()
}

/// The bracket at the cursor, or before it, and the one that belongs to it, by their places in the JSON.
pub(super) fn brackets(json: &str, cursor: usize) -> Option<(usize, usize)> {
    let (mut open, mut behind) = (Vec::new(), None);
    for JsonToken { text, at, .. } in tokens(json) {
        match text {
            "{" | "[" => open.push((at, text)),
            "}" | "]" => {
                let (begin, bracket) = open.pop()?;
                if (bracket == "{") != (text == "}") {
                    return behind;
                }
                let pair = (begin, at);
                if begin == cursor || at == cursor {
                    return Some(pair);
                }
                if begin + 1 == cursor || at + 1 == cursor {
                    behind = Some(pair);
                }
            }
            _ => {}
        }
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_begins_a_message_or_what_a_command_sends() {
        let of = |line| of_line(PromptRole::Client, line);
        assert_eq!(of(" {\"a"), Some((1, "{\"a")));
        assert_eq!(of("/json [1"), Some((6, "[1")));
        assert_eq!(of("/def sub {\"a"), Some((9, "{\"a")));
        assert_eq!(of("/fragment 3 {"), Some((12, "{")));
        for line in ["text {", "/filter {", "/on match {", "//{", "/json 1", "/nothing {"] {
            assert_eq!(of(line), None, "{line}");
        }
        assert_eq!(of(&format!("[{}", " ".repeat(LOOKED_AT))), None);
    }

    #[test]
    fn what_is_wrong_is_told_while_it_is_typed() {
        for (json, says) in [
            ("{\n\"a\": 1,\n\"b\": 2\n\"c\"", Some("line 3: missing comma")),
            ("{\"a\":1 \"b\"", Some("column 7: missing comma")),
            ("[1 2", Some("column 3: missing comma")),
            ("{\"a\" 1", Some("column 5: missing colon")),
            ("{a", Some("column 2: a name needs double quotes")),
            ("[1}", Some("column 3: } where another bracket is open")),
            ("{} x", Some("column 4: more after the end")),
            ("[\"é\" \"é\"]", Some("column 5: missing comma")),
            ("{\"a\": \"b\n", Some("line 1: a quote is not closed")),
            ("{\"a\": \"b\tc\"}", Some("column 8: a tab in a string is written \\t")),
            ("[1,2,]", Some("column 6: a value is missing")),
            ("[1,,", Some("column 4: a value is missing")),
            ("[NaN", Some("column 2: not a value: text needs double quotes")),
            ("{\"x\":tru}", Some("column 9: not a value: text needs double quotes")),
            ("{\"a\":tru", None),
            ("{\"a\":1,", None),
            ("[\"x\\", None),
            ("{}", None),
        ] {
            let told = fault(json);
            assert_eq!(told.as_deref(), says, "{json}");
        }
        // Whatever is typed, it comes to no harm.
        let text = "{\"é\":[1,{\"b\":\"\u{1F600}\"}],\n\"x\":}]\n\t{";
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            for more in ["", "\n", "\t", "\\u12é", "\\é", "\u{7f}", "é"] {
                let typed = text[..end].to_owned() + more;
                let _ = (fault(&typed), JsonWord::at_the_end_of(&typed), brackets(&typed, typed.len()));
            }
        }
    }

    #[test]
    fn a_word_is_a_name_or_the_value_of_one() {
        let value = |name, word| Some(JsonWord::Value { name, word });
        let name = |within, word| Some(JsonWord::Name { within, word });
        for (json, word) in [
            ("{\"ch", name("", "\"ch")),
            ("{", name("", "")),
            ("{\"a\":1, ", name("", "")),
            ("{\"x\":1,\"a\":{\"b\":1,\"", name("\"a\"", "\"")),
            ("{\"a\":[{\"b\":{}},{\"", name("\"a\"", "\"")),
            ("[{\"", name("", "\"")),
            ("{\"a\":\"tr", value("\"a\"", "\"tr")),
            ("{\"a\": ", value("\"a\"", "")),
            ("{\"a\":[\"x\",\"y", value("\"a\"", "\"y")),
            ("{\"a\":{\"b\":1},\"c\":\"", value("\"c\"", "\"")),
            ("[\"x", value("", "\"x")),
            ("{\"a\":1", None),
            ("{\"a\"", None),
            ("{}", None),
        ] {
            assert_eq!(JsonWord::at_the_end_of(json), word, "{json}");
        }
    }

    #[test]
    fn a_bracket_belongs_to_another() {
        let json = "{\"a}\":[1]}";
        assert_eq!(brackets(json, json.len()), Some((0, 9)));
        assert_eq!((brackets(json, 6), brackets(json, 7), brackets(json, 3)), (Some((6, 8)), Some((6, 8)), None));
        assert_eq!((brackets("[}", 2), brackets("]", 1), brackets("[", 1)), (None, None, None));
    }
}
