//! `/watch`: of each message only what differs from the last one of its kind.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::script::{self, Projection};
use crate::view::changes::{self, Change};
use crate::view::json_pointer::Pointer;
use crate::ws::{Direction, Kind, Message};

/// What of messages is compared, and with which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Watch {
    /// Where in a message; everywhere if `None`.
    pointer: Option<Pointer>,
    /// Messages are of a kind that have the same value there; if `None`, those whose members have the same names.
    by: Option<Pointer>,
}

impl Watch {
    /// `[/POINTER] [by /POINTER]`.
    ///
    /// # Errors
    /// What isn't a pointer.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let pointer = words.next_if(|word| *word != "by");
        let by = words.next().map(|word| match word {
            "by" => words.next().ok_or_else(|| "\"by\" has to be followed by a JSON pointer".to_owned()),
            other => Err(format!("unexpected argument {other:?}")),
        });
        let by = by.transpose()?;
        if let Some(more) = words.next() {
            return Err(format!("unexpected argument {more:?}"));
        }
        let read = |word: Option<&str>| word.map(Pointer::parse).transpose().map_err(|fault| fault.why);
        Ok(Self { pointer: read(pointer)?, by: read(by)? })
    }

    /// Whether something there is looked at.
    fn is_watched(&self, pointer: &Pointer) -> bool {
        self.pointer.as_ref().is_none_or(|watched| pointer.is_within(watched))
    }

    /// What is the same of messages of a kind.
    fn kind(&self, (client, direction): (Option<u64>, Direction), message: Message<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (client, direction == Direction::Sent, message.kind == Kind::Text).hash(&mut hasher);
        match (&self.by, str::from_utf8(message.content)) {
            (Some(pointer), _) => script::value(message, pointer).hash(&mut hasher),
            (None, Ok(text)) if message.kind == Kind::Text => changes::member_names(text).hash(&mut hasher),
            (None, _) => {}
        }
        hasher.finish()
    }
}

impl fmt::Display for Watch {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = self.pointer.as_ref().map(|pointer| format!(" {pointer}"));
        let by = self.by.as_ref().map(|pointer| format!(" by {pointer}"));
        write!(f, "watch{}{}", pointer.unwrap_or_default(), by.unwrap_or_default())
    }
}

/// Kinds that are told apart, those that came last.
const KINDS: usize = 256;

/// The longest message that is compared, and what all that are kept may have together, in bytes.
const LONGEST: usize = 64 * 1024;
const KEPT: usize = 4 << 20;

/// The last message of each kind.
#[derive(Debug, Default)]
pub(super) struct LastOfKind {
    /// The kind that came last stands last.
    last: VecDeque<(u64, Vec<u8>)>,
    bytes: usize,
}

/// What is new in a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WatchNews {
    /// All of it: it is the first of its kind, or can't be compared.
    All,
    Some {
        /// What tells its kind from others, where that is a value in it.
        of: Option<String>,
        changes: Vec<Change>,
    },
    Nothing,
}

impl LastOfKind {
    /// What a message has that the last of its kind hadn't, of what is picked.
    pub(super) fn compare(
        &mut self,
        (watch, pick): (&Watch, Option<&Projection>),
        whose: (Option<u64>, Direction),
        message: Message<'_>,
    ) -> WatchNews {
        let content = message.content;
        if message.content.len() > LONGEST {
            return WatchNews::All;
        }
        let kind = watch.kind(whose, message);
        let last = self.last.iter().position(|(other, _)| *other == kind).and_then(|at| self.last.remove(at));
        let of = || watch.by.as_ref().and_then(|by| script::value(message, by)).map(str::to_owned);
        let news = last.as_ref().map_or(WatchNews::All, |(_, last)| news((watch, pick), of, last, content));
        self.bytes -= last.map_or(0, |(_, last)| last.len());
        self.bytes += content.len();
        self.last.push_back((kind, content.to_vec()));
        while self.last.len() > KINDS || self.bytes > KEPT {
            self.bytes -= self.last.pop_front().map_or(0, |(_, content)| content.len());
        }
        news
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

fn news(
    (watch, pick): (&Watch, Option<&Projection>),
    of: impl FnOnce() -> Option<String>,
    before: &[u8],
    after: &[u8],
) -> WatchNews {
    if before == after {
        return WatchNews::Nothing;
    }
    let (Ok(before), Ok(after)) = (str::from_utf8(before), str::from_utf8(after)) else { return WatchNews::All };
    let Some(mut changes) = changes::between(before, after) else { return WatchNews::All };
    let is_picked = |pointer: &Pointer| pick.is_none_or(|pick| pick.covers(pointer));
    changes.retain(|change| watch.is_watched(&change.pointer) && is_picked(&change.pointer));
    if changes.is_empty() { WatchNews::Nothing } else { WatchNews::Some { of: of(), changes } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_compared_with_the_last_of_its_kind() {
        let text = |content: &'static str| Message { kind: Kind::Text, content: content.as_bytes() };
        let whose = (None, Direction::Received);
        let told = |watch: &str, messages: &[&'static str]| {
            let (watch, mut last) = (Watch::parse(watch).unwrap(), LastOfKind::default());
            let words = |news| match news {
                WatchNews::All => "all".to_owned(),
                WatchNews::Nothing => "nothing".to_owned(),
                WatchNews::Some { of, changes } => {
                    of.unwrap_or_default() + &changes.iter().map(|change| change.pointer.as_str()).collect::<String>()
                }
            };
            let compare = |content: &&'static str| {
                let message = text(content);
                words(last.compare((&watch, None), whose, message))
            };
            messages.iter().map(compare).collect::<Vec<_>>()
        };
        let trades = [r#"{"s":"a","p":1}"#, r#"{"s":"b","p":5}"#, "pong", r#"{"s":"a","p":2}"#, "pong", "[1]", "[2]"];
        assert_eq!(told("", &trades), ["all", "/s/p", "all", "/s/p", "nothing", "all", "/0"]);
        assert_eq!(told("by /s", &trades), ["all", "all", "all", "\"a\"/p", "nothing", "all", "/0"]);
        assert_eq!(told("/p by /s", &trades)[..4], ["all", "all", "all", "\"a\"/p"]);
        assert_eq!(told("/x", &trades)[..4], ["all", "nothing", "all", "nothing"]);
    }

    #[test]
    fn it_is_told_as_it_is_typed() {
        for text in ["", "/a", "by /b", "/a by /b"] {
            assert_eq!(Watch::parse(text).unwrap().to_string(), format!("watch {text}").trim_end());
        }
        for text in ["a", "by", "by b", "/a /b", "/a by /b /c"] {
            assert!(Watch::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (watch, mut last) = (Watch::parse("by /n").unwrap(), LastOfKind::default());
        for number in 0..2000 {
            let content = format!("{{\"n\":{number},\"x\":\"{}\"}}", "x".repeat(30_000));
            let message = Message { kind: Kind::Text, content: content.as_bytes() };
            last.compare((&watch, None), (None, Direction::Received), message);
        }
        let held: usize = last.last.iter().map(|(_, content)| content.len()).sum();
        assert!(held == last.bytes && held <= KEPT && last.last.len() <= KINDS);
    }
}
