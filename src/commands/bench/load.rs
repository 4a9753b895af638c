//! What load is asked for: how many connections, what goes out on each, when, and how long.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use memchr::memmem;

use crate::error::Error;
use crate::script::{self, LineTemplate, LineValue, LineVariable};
use crate::stdio::file;
use crate::values::text;
use crate::view::json_pointer::Pointer;
use crate::ws::{Kind, Message};

/// The load of one run.
#[derive(Debug)]
pub(crate) struct LoadConfig {
    /// How many, at least one.
    pub(crate) connections: usize,
    /// The time over which they are opened, evenly; with 0 as fast as that goes.
    pub(crate) ramp: Duration,
    pub(crate) pacing: Pacing,
    /// What is sent before so much time has passed isn't measured.
    pub(crate) warmup: Duration,
    pub(crate) extent: LoadExtent,
    pub(crate) answers: AnswerRule,
    /// Some publish, and the others receive that.
    pub(crate) fan_out: Option<FanOut>,
    /// How long an answer is waited for, once there is nothing else to do.
    pub(crate) timeout: Duration,
}

/// How many do what, where what some publish is received by others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FanOut {
    pub(crate) publishers: usize,
    pub(crate) subscribers: usize,
}

/// What decides when the next message goes out on a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pacing {
    /// An answer: so many messages are unanswered at a time. A server that stalls is sent nothing meanwhile.
    Closed { in_flight: u32 },
    /// The clock, whatever has become of those before.
    Open(SendRate),
    /// Nothing: connections are opened, and that is all.
    ConnectOnly,
}

/// Messages a second: one in a day, and more than any machine sends.
const LEAST_RATE: f64 = 1e-5;
const MOST_RATE: f64 = 1e9;

/// How often something is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SendRate {
    /// Messages a second; more than 0.
    pub(crate) per_second: f64,
    /// On each connection, and not on all of them together.
    pub(crate) of_each: bool,
}

impl SendRate {
    /// Reads `N`, `N/s` for all connections together, and `N/s/connection`.
    ///
    /// # Errors
    /// What it has to be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (number, of_each) = match text.strip_suffix("/connection") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let number = number.strip_suffix("/s").unwrap_or(number).parse();
        let per_second = number.ok().filter(|number: &f64| (LEAST_RATE..=MOST_RATE).contains(number));
        let per_second = per_second.ok_or("expected a rate such as 100, 100/s or 0.5/s/connection")?;
        Ok(Self { per_second, of_each })
    }
}

/// What ends the load, behind the warm-up.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LoadExtent {
    Time(Duration),
    /// So many on all connections together, or until so much time has passed.
    Messages(u64, Option<Duration>),
}

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
    Template(LineTemplate),
    /// Behind [`MARK`], at the beginning.
    Marked,
}

/// What a number stands behind in a message that is no template.
const MARK: &str = "wscli-bench:";

impl LoadMessage {
    /// The content of the message with this number, which may be made in `buffer`.
    pub(super) fn numbered<'a>(&'a self, number: u64, buffer: &'a mut Vec<u8>) -> &'a [u8] {
        match &self.numbering {
            Numbering::Nowhere => return &self.content,
            // One with another number was made when it was read, and no number is long.
            Numbering::Template(template) => *buffer = filled(template, number).unwrap_or_default().into_bytes(),
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

    /// Has each message filled in with its number.
    ///
    /// # Errors
    /// What isn't closed, or has no place in a load; an answer that couldn't be told from another.
    pub(super) fn into_template(self, answers: &AnswerRule) -> Result<Self, String> {
        let written = text(&self.content, "a template")?;
        let template = LineTemplate::parse(written)?;
        let first = filled(&template, 7)?;
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

fn filled(template: &LineTemplate, number: u64) -> Result<String, String> {
    template.fill(|variable| match variable {
        LineVariable::Counter => Ok(LineValue::Json(number.to_string())),
        _ => Err("the messages of a load know ${counter} alone".to_owned()),
    })
}

/// The number of a message that was published, wherever the server has put what was.
pub(super) fn number_in(message: Message<'_>, answers: &AnswerRule) -> Option<u64> {
    if let AnswerRule::Json(pointer) = answers {
        return number_at(message, pointer);
    }
    let at = memmem::find(message.content, MARK.as_bytes())? + MARK.len();
    let digits = message.content[at..].split(|byte| !byte.is_ascii_digit()).next()?;
    str::from_utf8(digits).ok()?.parse().ok()
}

/// The number that a message has there, as a number of JSON or as a string.
pub(super) fn number_at(message: Message<'_>, pointer: &Pointer) -> Option<u64> {
    script::value(message, pointer)?.trim_matches('"').parse().ok()
}

impl MessageSource {
    /// # Errors
    /// A file that can't be read, and a text message that isn't UTF-8.
    pub(super) fn read(self, kind: Kind) -> Result<LoadMessage, Error> {
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
        Ok(LoadMessage { kind, content, numbering: Numbering::Nowhere })
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

/// Which of the messages that come is the answer to one that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnswerRule {
    /// The k-th answers the k-th, whatever is in it.
    Fifo,
    /// The same, if it has the content that was sent.
    Echo,
    /// The one that has the number of the message there.
    Json(Pointer),
    /// None.
    Nothing,
}

impl AnswerRule {
    /// Reads `fifo`, `echo`, `json:/POINTER` and `none`.
    ///
    /// # Errors
    /// What it has to be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix("json:") {
            Some(pointer) => Pointer::parse(pointer).map(Self::Json).map_err(|fault| fault.why),
            None if text == "fifo" => Ok(Self::Fifo),
            None if text == "echo" => Ok(Self::Echo),
            None if text == "none" => Ok(Self::Nothing),
            None => Err("expected fifo, echo, json:/POINTER or none".to_owned()),
        }
    }
}

/// When the load of a run begins and ends, for all of its connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct LoadTimes {
    pub(super) begin: Instant,
    /// What is sent from here on is measured.
    pub(super) measured: Instant,
    /// From here on nothing is sent.
    pub(super) end: Option<Instant>,
    /// Connections that send: those at the places from 0 on.
    pub(super) senders: usize,
}

impl LoadConfig {
    pub(super) fn times(&self, begin: Instant, open: usize) -> LoadTimes {
        let measured = begin + self.warmup;
        let time = match self.extent {
            LoadExtent::Time(time) => Some(time),
            LoadExtent::Messages(_, time) => time,
        };
        let senders = self.fan_out.map_or(open, |fan_out| fan_out.publishers.min(open));
        LoadTimes { begin, measured, end: time.map(|time| measured + time), senders }
    }

    /// How many of the messages are for the connection at this place, from 0, of so many; `None` where the time decides.
    pub(super) fn share(&self, place: usize, connections: usize) -> Option<u64> {
        let LoadExtent::Messages(all, _) = self.extent else { return None };
        let (place, connections) = (place as u64, connections.max(1) as u64);
        Some(all / connections + u64::from(place < all % connections))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_all_or_of_each() {
        let rate = |text: &str| SendRate::parse(text).map(|rate| (rate.per_second, rate.of_each));
        assert_eq!(rate("100"), Ok((100.0, false)));
        assert_eq!(rate("0.5/s"), Ok((0.5, false)));
        assert_eq!(rate("20/s/connection"), Ok((20.0, true)));
        for wrong in ["", "0", "-1", "nan", "inf", "1/m", "1 /s", "5/connection/s", "1e10"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_template_says_which_answer_is_whose() {
        let template = |text: &str, answers: &str| {
            let message = MessageSource::Text(text.to_owned()).read(Kind::Text).unwrap();
            message.into_template(&AnswerRule::parse(answers).unwrap())
        };
        let message = template(r#"{"id":${counter},"of":"n${counter}"}"#, "json:/id").unwrap();
        let mut buffer = Vec::new();
        assert_eq!(message.numbered(12, &mut buffer), br#"{"id":12,"of":"n12"}"#);
        assert!(template(r#"{"id":"${counter}"}"#, "json:/id").is_ok());
        assert!(template("${counter}", "json:").is_ok());
        let why = template(r#"{"id":1}"#, "json:/id").unwrap_err();
        assert_eq!(why, "the message has no ${counter} at /id, by which its answer is known");
        assert!(template("${uuid}", "fifo").unwrap_err().contains("know ${counter} alone"));
        assert!(AnswerRule::parse("lifo").is_err() && AnswerRule::parse("json:id").is_err());
    }

    #[test]
    fn a_published_message_is_known_by_its_mark() {
        let message = MessageSource::Text("a $5 note".to_owned()).read(Kind::Text).unwrap().into_marked();
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
        assert!(MessageSource::File(path.clone()).read(Kind::Text).is_err());
        assert_eq!(MessageSource::File(path).read(Kind::Binary).unwrap().content, b"\xff");
        let filler = MessageSource::Filler(1000).read(Kind::Text).unwrap().content;
        assert!(filler.len() == 1000 && filler.iter().all(|byte| (b' '..=b'~').contains(byte)));
    }

    #[test]
    fn messages_are_shared_out_to_the_last() {
        for (all, connections) in [(10, 3), (2, 5), (0, 1), (7, 7)] {
            let config = LoadConfig {
                connections,
                ramp: Duration::ZERO,
                pacing: Pacing::ConnectOnly,
                warmup: Duration::ZERO,
                extent: LoadExtent::Messages(all, None),
                answers: AnswerRule::Fifo,
                fan_out: None,
                timeout: Duration::ZERO,
            };
            let shares = (0..connections).map(|place| config.share(place, connections).unwrap());
            assert_eq!(shares.sum::<u64>(), all);
        }
    }
}
