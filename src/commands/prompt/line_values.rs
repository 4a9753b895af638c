//! What there is to fill in a line with when it is sent: the clock, chance, the environment, and what has been received.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::connections::Connections;
use crate::handlers::generated::GeneratedValues;
use crate::script::{self, LineTemplate, LineValue, LineVariable};
use crate::view::amount::Count;
use crate::view::json_pointer::Pointer;

/// Messages that are looked through for a value, the latest.
const LOOKED_THROUGH: usize = 1000;

/// Clones count together.
#[derive(Debug, Clone)]
pub(super) struct LineValues {
    connections: Connections,
    counter: Arc<AtomicU64>,
}

impl LineValues {
    pub(super) fn new(connections: Connections) -> Self {
        Self { connections, counter: Arc::default() }
    }

    /// Fills in a line, with these arguments. In one line `${counter}`, `${uuid}`, `${now}` and `${random}` are everywhere the same.
    ///
    /// # Errors
    /// What there is no value for.
    pub(super) fn fill(&self, template: &LineTemplate, arguments: &LineArguments<'_>) -> Result<String, String> {
        let generated = GeneratedValues::default();
        template.fill(|variable| {
            let text = match variable {
                LineVariable::Argument(number) => arguments.get(*number)?,
                LineVariable::Arguments => arguments.all.to_owned(),
                LineVariable::Last(pointer) => return self.last(pointer),
                LineVariable::Generated(variable) => {
                    generated.value(variable, || self.counter.fetch_add(1, Ordering::Relaxed) + 1)?
                }
            };
            Ok(LineValue::Text(text))
        })
    }

    /// Of the last message that was received and has a value there.
    fn last(&self, pointer: &Pointer) -> Result<LineValue, String> {
        let transcript = self.connections.transcript();
        let mut values = (0..LOOKED_THROUGH)
            .map_while(|back| transcript.received(back))
            .filter_map(|record| script::value(record.as_message()?, pointer).map(str::to_owned));
        values.next().map(LineValue::Json).ok_or_else(|| format!("no message has come that has a value at {pointer}"))
    }
}

/// What is typed behind the name of a saved message.
pub(super) struct LineArguments<'a> {
    all: &'a str,
    each: Vec<String>,
}

impl<'a> LineArguments<'a> {
    /// Words, and what stands between double quotes, with a backslash before a quote in it.
    ///
    /// # Errors
    /// A quote that isn't closed.
    pub(super) fn of(typed: &'a str) -> Result<Self, String> {
        let all = typed.trim();
        let (mut each, mut rest) = (Vec::new(), all);
        while !rest.is_empty() {
            let (argument, behind) = match rest.strip_prefix('"') {
                Some(inside) => quoted(inside)?,
                None => {
                    let (word, behind) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
                    (word.to_owned(), behind)
                }
            };
            each.push(argument);
            rest = behind.trim_start();
        }
        Ok(Self { all, each })
    }

    /// Whether the template has places for as many as there are.
    ///
    /// # Errors
    /// There are more.
    pub(super) fn check(&self, template: &LineTemplate) -> Result<(), String> {
        let numbers = template.variables().map(|variable| match variable {
            LineVariable::Arguments => usize::MAX,
            LineVariable::Argument(number) => *number,
            _ => 0,
        });
        let most = numbers.max().unwrap_or_default();
        match self.each.len() > most {
            true => Err(format!("it takes {}, not {}", Count(most as u64, "argument"), self.each.len())),
            false => Ok(()),
        }
    }

    /// A line with nothing else filled in: the other places stay as they are written, for a person to read.
    ///
    /// # Errors
    /// An argument that is missing.
    pub(super) fn fill(&self, template: &LineTemplate) -> Result<String, String> {
        template.fill(|variable| match variable {
            LineVariable::Argument(number) => self.get(*number).map(LineValue::Text),
            LineVariable::Arguments => Ok(LineValue::Text(self.all.to_owned())),
            LineVariable::Last(_) | LineVariable::Generated(_) => Ok(LineValue::Json(variable.to_string())),
        })
    }

    fn get(&self, number: usize) -> Result<String, String> {
        let given = self.each.get(number.wrapping_sub(1)).cloned();
        given.ok_or_else(|| format!("${number} is missing: {} given", Count(self.each.len() as u64, "argument")))
    }
}

/// Up to the quote, and what is behind it.
fn quoted(inside: &str) -> Result<(String, &str), String> {
    let mut argument = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((argument, &inside[at + 1..])),
            '\\' => match chars.next() {
                Some((_, escaped @ ('"' | '\\'))) => argument.push(escaped),
                Some((_, other)) => argument.extend(['\\', other]),
                None => break,
            },
            _ => argument.push(c),
        }
    }
    Err("a quote is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::command_queue;
    use super::super::settings::Settings;
    use super::super::status::Status;
    use super::super::transcript::Transcript;
    use super::*;

    #[test]
    fn arguments_are_words_or_stand_between_quotes() {
        let each = |typed| LineArguments::of(typed).map(|arguments| arguments.each);
        assert_eq!(
            each(r#" one  "two \"words\" \n"  {"a":"b"} "#).unwrap(),
            ["one", r#"two "words" \n"#, r#"{"a":"b"}"#]
        );
        assert_eq!(each("").unwrap(), [""; 0]);
        assert_eq!(each("\"one").unwrap_err(), "a quote is not closed");
    }

    #[test]
    fn a_line_has_one_number_and_as_many_arguments_as_places() {
        let status = Status::new(Settings::default());
        let connections = Connections::new(command_queue::pair().unwrap().0, Transcript::default(), status);
        let values = LineValues::new(connections);
        let fill = |text: &str, typed: &str| {
            let (template, arguments) = (LineTemplate::parse(text)?, LineArguments::of(typed)?);
            arguments.check(&template)?;
            values.fill(&template, &arguments)
        };
        assert_eq!(fill("${counter} ${counter}", "").as_deref(), Ok("1 1"));
        assert_eq!(fill("${counter} $2 $1 $*", "a \"b c\"").as_deref(), Ok("2 b c a a \"b c\""));
        assert_eq!(fill("$2", "a").unwrap_err(), "column 1: $2 is missing: 1 argument given");
        assert_eq!(fill("$1", "a b").unwrap_err(), "it takes 1 argument, not 2");
        assert_eq!(fill("x", "a").unwrap_err(), "it takes 0 arguments, not 1");
        assert!(fill("${last./id}", "").unwrap_err().contains("no message has come that has a value at /id"));
        let id = fill("${uuid}", "").unwrap();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(
            (lengths, id.as_bytes()[14], b"89ab".contains(&id.as_bytes()[19])),
            (vec![8, 4, 4, 4, 12], b'4', true)
        );
    }
}
