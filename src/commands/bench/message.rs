//! The message that is sent again and again, and what differs from one time to the next.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::de::IgnoredAny;

use super::answer_rule::{AnswerRule, MARK, number_at};
use crate::error::Error;
use crate::handlers::generated::{GeneratedValues, environment};
use crate::script::{GeneratedVariable, LineTemplate, LineValue, LineVariable};
use crate::stdio::file;
use crate::values::text;
use crate::ws::{Kind, Message};

/// Where the message comes from that is sent again and again.
#[derive(Debug, Clone)]
pub(crate) enum MessageSource {
    Text(String),
    File(PathBuf),
    /// So many bytes that are of no use to anybody: of printable ASCII, in an order that doesn't repeat itself.
    Filler(usize),
}

/// What is sent, again and again.
#[derive(Debug)]
pub(super) struct LoadMessage {
    pub(super) kind: Kind,
    /// What every message has; of a template how it is written.
    pub(super) content: Vec<u8>,
    numbering: Numbering,
}

/// Where the number of a message is.
#[derive(Debug)]
enum Numbering {
    Nowhere,
    /// Wherever the template says.
    Template(MessageTemplate),
    /// Behind [`MARK`], at the beginning.
    Marked,
}

/// A message with places that are filled in each time.
#[derive(Debug)]
struct MessageTemplate {
    template: LineTemplate,
    /// Read once.
    environment: BTreeMap<String, String>,
}

/// Part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MessagePiece {
    Text(String),
    /// Something to fill in, in a message that is JSON or any text.
    Place {
        variable: LineVariable,
        in_json: bool,
    },
}

impl LoadMessage {
    /// The content of the message with this number, which may be made in `buffer`.
    pub(super) fn numbered<'a>(&'a self, number: u64, buffer: &'a mut Vec<u8>) -> &'a [u8] {
        match &self.numbering {
            Numbering::Nowhere => return &self.content,
            // One with another number was made when it was read, and no number is long.
            Numbering::Template(template) => *buffer = template.fill(number).unwrap_or_default().into_bytes(),
            Numbering::Marked => {
                *buffer = format!("{MARK}{number} ").into_bytes();
                buffer.extend_from_slice(&self.content);
            }
        }
        buffer
    }

    /// Has each message begin with its number.
    pub(super) fn into_marked(self) -> Self {
        Self { numbering: Numbering::Marked, ..self }
    }

    /// What a text message is made of, for whoever fills it in elsewhere.
    pub(super) fn pieces(&self) -> Vec<MessagePiece> {
        match &self.numbering {
            Numbering::Template(template) => template.pieces(),
            Numbering::Nowhere | Numbering::Marked => {
                vec![MessagePiece::Text(String::from_utf8_lossy(&self.content).into_owned())]
            }
        }
    }

    /// Has each message filled in with its number.
    ///
    /// # Errors
    /// What isn't closed, or has no place in a load; an answer that couldn't be told from another.
    fn into_template(self, answers: &AnswerRule) -> Result<Self, String> {
        let written = text(&self.content, "a template")?;
        let template = MessageTemplate::read(written)?;
        let first = template.fill(7)?;
        if let AnswerRule::Json(pointer) = answers
            && number_at(Message { kind: self.kind, content: first.as_bytes() }, pointer) != Some(7)
        {
            return Err(format!(
                "the message has no ${{counter}} at {}, by which its answer is known",
                pointer.as_str()
            ));
        }
        Ok(Self { numbering: Numbering::Template(template), ..self })
    }
}

impl MessagePiece {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

impl MessageTemplate {
    /// # Errors
    /// What isn't closed, has no place in a load, or isn't in the environment.
    fn read(written: &str) -> Result<Self, String> {
        let template = LineTemplate::parse(written)?;
        let mut read = BTreeMap::new();
        for variable in template.variables() {
            if let LineVariable::Generated(GeneratedVariable::Environment(name)) = variable {
                read.insert(name.clone(), environment(name)?);
            }
        }
        Ok(Self { template, environment: read })
    }

    /// Text and places, in their order.
    fn pieces(&self) -> Vec<MessagePiece> {
        let written = self.fill(0).unwrap_or_default();
        let in_json = serde_json::from_str::<IgnoredAny>(&written).is_ok();
        // A character of the Private Use Area stands around the number of each place.
        let Some(mark) = ('\u{e000}'..='\u{f8ff}').find(|mark| !written.contains(*mark)) else {
            return vec![MessagePiece::Text(written)];
        };
        let mut places = Vec::new();
        let marked = self.template.fill(|variable| {
            let place = format!("{mark}{}{mark}", places.len());
            places.push(variable.clone());
            Ok(match variable {
                LineVariable::Generated(GeneratedVariable::Counter)
                | LineVariable::Generated(GeneratedVariable::Now)
                | LineVariable::Generated(GeneratedVariable::Random) => LineValue::Json(place),
                _ => LineValue::Text(place),
            })
        });
        let marked = marked.unwrap_or_default();
        let piece = |(index, text): (usize, &str)| match text.parse::<usize>().ok().and_then(|place| places.get(place))
        {
            Some(variable) if index % 2 == 1 => MessagePiece::Place { variable: variable.clone(), in_json },
            _ => MessagePiece::Text(text.to_owned()),
        };
        marked.split(mark).enumerate().map(piece).filter(|piece| !piece.is_empty()).collect()
    }

    fn fill(&self, number: u64) -> Result<String, String> {
        let generated = GeneratedValues::default();
        self.template.fill(|variable| match variable {
            LineVariable::Generated(GeneratedVariable::Counter) => Ok(LineValue::Json(number.to_string())),
            LineVariable::Generated(GeneratedVariable::Uuid) => Ok(LineValue::Text(generated.uuid())),
            LineVariable::Generated(GeneratedVariable::Now) => Ok(LineValue::Json(generated.now())),
            LineVariable::Generated(GeneratedVariable::Random) => Ok(LineValue::Json(generated.random())),
            LineVariable::Generated(GeneratedVariable::Environment(name)) => {
                Ok(LineValue::Text(self.environment.get(name).cloned().unwrap_or_default()))
            }
            LineVariable::Argument(_) | LineVariable::Arguments | LineVariable::Last(_) => {
                Err("the messages of a load know ${counter}, ${uuid}, ${now}, ${random} and ${env.NAME}".to_owned())
            }
        })
    }
}

impl MessageSource {
    /// Reads it; where there are answers to tell by their numbers, each message is filled in.
    ///
    /// # Errors
    /// A file that can't be read, a text message that isn't UTF-8, a template with something in it that has no place in a load.
    pub(super) fn read(self, kind: Kind, template: Option<&AnswerRule>) -> Result<LoadMessage, Error> {
        let content = match self {
            Self::Text(text) => text.into_bytes(),
            Self::Filler(size) => filler(size),
            Self::File(path) => {
                let content = file::bytes(&path)?;
                if kind == Kind::Text {
                    text(&content, "it").map_err(|why| Error::file(&path, why))?;
                }
                content
            }
        };
        let message = LoadMessage { kind, content, numbering: Numbering::Nowhere };
        match template {
            Some(answers) => message.into_template(answers).map_err(Error::usage),
            None => Ok(message),
        }
    }
}

fn filler(size: usize) -> Vec<u8> {
    // xorshift64 (Marsaglia, "Xorshift RNGs", 2003).
    let next = |state: &u64| {
        let state = state ^ state << 13;
        let state = state ^ state >> 7;
        Some(state ^ state << 17)
    };
    let numbers = std::iter::successors(Some(0x9e37_79b9_7f4a_7c15), next);
    numbers.map(|number| b' ' + (number >> 33) as u8 % 95).take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::super::answer_rule::number_in;
    use super::*;

    #[test]
    fn a_template_says_which_answer_is_whose() {
        let template = |text: &str, answers: &str| {
            let message = MessageSource::Text(text.to_owned()).read(Kind::Text, None).unwrap();
            message.into_template(&AnswerRule::parse(answers).unwrap())
        };
        let message = template(r#"{"id":${counter},"of":"n${counter}"}"#, "json:/id").unwrap();
        let mut buffer = Vec::new();
        assert_eq!(message.numbered(12, &mut buffer), br#"{"id":12,"of":"n12"}"#);
        assert!(template(r#"{"id":"${counter}"}"#, "json:/id").is_ok());
        assert!(template("${counter}", "json:").is_ok());
        let why = template(r#"{"id":1}"#, "json:/id").unwrap_err();
        assert_eq!(why, "the message has no ${counter} at /id, by which its answer is known");
        assert!(template("$1", "fifo").unwrap_err().contains("know ${counter}, ${uuid}, ${now}"));
        assert!(
            template("${env.NOT_SET_HERE}", "fifo").unwrap_err().contains("NOT_SET_HERE is not in the environment")
        );
        let made = template(r#"{"a":${uuid},"b":"${uuid}","n":${random},"t":${now},"p":${env.PATH}}"#, "fifo").unwrap();
        let values = [0, 1]
            .map(|number| serde_json::from_slice::<serde_json::Value>(made.numbered(number, &mut buffer)).unwrap());
        assert_eq!((&values[0]["a"], values[0]["a"] == values[1]["a"]), (&values[0]["b"], false));
        assert!(values[0]["n"].is_u64() && values[0]["t"].as_u64() > Some(1_600_000_000_000), "{values:?}");
        assert_eq!(values[0]["p"], std::env::var("PATH").unwrap());
        assert!(AnswerRule::parse("lifo").is_err() && AnswerRule::parse("json:id").is_err());
    }

    #[test]
    fn the_pieces_of_a_message_are_told_apart() {
        let pieces = |text: &str| {
            let message = MessageSource::Text(text.to_owned()).read(Kind::Text, Some(&AnswerRule::Fifo)).unwrap();
            message.pieces()
        };
        let text = |text: &str| MessagePiece::Text(text.to_owned());
        let place = |variable, in_json| MessagePiece::Place { variable, in_json };
        assert_eq!(pieces("$$5"), [text("$5")]);
        let [first, second, third] = ["{\"a\":\"", "\",\"b\":\"\u{e000}", "\"}"].map(text);
        let (uuid, counter) = (
            place(LineVariable::Generated(GeneratedVariable::Uuid), true),
            place(LineVariable::Generated(GeneratedVariable::Counter), true),
        );
        assert_eq!(pieces("{\"a\":${uuid},\"b\":\"\u{e000}${counter}\"}"), [first, uuid, second, counter, third]);
        let now = place(LineVariable::Generated(GeneratedVariable::Now), false);
        assert_eq!(
            pieces("${counter} ${now}"),
            [place(LineVariable::Generated(GeneratedVariable::Counter), false), text(" "), now]
        );
    }

    #[test]
    fn a_published_message_is_known_by_its_mark() {
        let message = MessageSource::Text("a $5 note".to_owned()).read(Kind::Text, None).unwrap().into_marked();
        let mut buffer = Vec::new();
        let content = message.numbered(42, &mut buffer);
        assert_eq!(content, b"wscli-bench:42 a $5 note");
        let number =
            |content: &str| number_in(Message { kind: Kind::Text, content: content.as_bytes() }, &AnswerRule::Fifo);
        assert_eq!(number(r#"{"from":"a","text":"wscli-bench:42 a $5 note"}"#), Some(42));
        assert_eq!((number("wscli-bench:"), number("42")), (None, None));
    }

    #[test]
    fn a_text_from_a_file_is_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message");
        std::fs::write(&path, b"\xff").unwrap();
        assert!(MessageSource::File(path.clone()).read(Kind::Text, None).is_err());
        assert_eq!(MessageSource::File(path).read(Kind::Binary, None).unwrap().content, b"\xff");
        let filler = MessageSource::Filler(1000).read(Kind::Text, None).unwrap().content;
        assert!(filler.len() == 1000 && filler.iter().all(|byte| (b' '..=b'~').contains(byte)));
    }
}
