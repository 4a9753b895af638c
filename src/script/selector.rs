//! When a rule takes a message, and a fault is injected: which messages are counted, from when on, how probable it is and how often.

use std::fmt;
use std::time::Duration;

use super::counter::{COUNTERS, Counter, number};
use super::speaker::{RuleSpeaker, SPEAKERS};
use super::syntax_error::{PieceError, offset};
use super::word::{Word, WordArgument, find, first_word};
use crate::values::duration;

/// The moments of a fault or a rule. Without any, it is there from the beginning, or for each message that it could be for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Selector {
    /// Which of what is counted: messages, or connections where there is none yet.
    pub(super) counter: Option<Counter>,
    /// From so long on after the connection opened. What is counted is counted from then on.
    pub(crate) after_time: Option<Duration>,
    /// How probable it is each time, in millionths.
    pub(crate) odds: Option<u32>,
    /// How often on a connection, at most.
    pub(crate) most: Option<u64>,
    /// The number is that of a message, as `message N` says, whatever the fault would count by itself.
    pub(crate) names_message: bool,
}

impl Selector {
    /// Whether messages or connections are counted.
    pub(crate) fn counts(&self) -> bool {
        self.counter.is_some()
    }

    /// Whether it is a matter of time alone.
    pub(crate) fn is_of_time(&self) -> bool {
        self.after_time.is_some() && !self.counts()
    }

    /// Whether the `number`th, from 1, is among the first `count` that are meant.
    pub(crate) fn is_among_first(&self, number: u64, count: u64) -> bool {
        self.admits(number) && self.counter.map_or(number, |counter| counter.rank(number)) <= count
    }

    /// Whether the `number`th, from 1, is meant.
    pub(crate) fn admits(&self, number: u64) -> bool {
        self.counter.is_none_or(|counter| counter.admits(number))
    }
}

impl fmt::Display for Selector {
    /// As it may be written before what it selects, with a blank behind each part.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.counter {
            Some(Counter::After(number)) if self.names_message => write!(f, "message {number} ")?,
            Some(counter) => write!(f, "{counter} ")?,
            None => {}
        }
        if let Some(time) = self.after_time {
            write!(f, "at {time:?} ")?;
        }
        if let Some(odds) = self.odds {
            write!(f, "{}% ", f64::from(odds) / 10_000.0)?;
        }
        match self.most {
            Some(most) if !self.names_message => write!(f, "times {most} "),
            _ => Ok(()),
        }
    }
}

/// A part of a selector.
#[derive(Debug)]
pub(super) enum SelectorPart {
    Message(u64),
    At(Duration),
    Times(u64),
}

pub(super) static PARTS: &[Word<SelectorPart>] = &[
    Word {
        name: "message",
        argument: WordArgument::Required("N"),
        parse: |text| number(text).map(SelectorPart::Message),
    },
    Word {
        name: "at",
        argument: WordArgument::Required("DURATION"),
        parse: |text| duration(text).map(SelectorPart::At).map_err(|why| PieceError::at(0, why)),
    },
    Word { name: "times", argument: WordArgument::Required("N"), parse: |text| number(text).map(SelectorPart::Times) },
];

/// What has been said of a fault or a rule so far.
#[derive(Debug, Default)]
pub(super) struct SelectorParser {
    speaker: Option<RuleSpeaker>,
    selector: Selector,
}

impl SelectorParser {
    /// Takes a way or a selector from the front. `None` where something else begins.
    ///
    /// # Errors
    /// What is wrong with it, or was said already.
    pub(super) fn take<'t>(&mut self, text: &'t str) -> Result<Option<&'t str>, PieceError> {
        let (name, rest) = first_word(text);
        if let Some(speaker) = find(SPEAKERS, name) {
            once(&mut self.speaker, speaker.read("")?, "the direction is given already")?;
            return Ok(Some(rest));
        }
        if let Some(percent) = name.strip_suffix('%') {
            once(&mut self.selector.odds, odds(percent)?, "its probability is said already")?;
            return Ok(Some(rest));
        }
        if let Some(counter) = find(COUNTERS, name) {
            let (argument, rest) = split(counter.argument, rest);
            let counter = counter.read(argument).map_err(|error| error.behind(offset(text, argument)))?;
            once(&mut self.selector.counter, counter, "it is counted already")?;
            return Ok(Some(rest));
        }
        let Some(part) = find(PARTS, name) else { return Ok(None) };
        let (argument, rest) = split(part.argument, rest);
        match part.read(argument).map_err(|error| error.behind(offset(text, argument)))? {
            SelectorPart::Message(number) => {
                once(&mut self.selector.counter, Counter::After(number), "it is counted already")?;
                once(&mut self.selector.most, 1, "one message is meant once")?;
                self.selector.names_message = true;
            }
            SelectorPart::At(time) => once(&mut self.selector.after_time, time, "the time is said already")?,
            SelectorPart::Times(most) => once(&mut self.selector.most, most, "how often is said already")?,
        }
        Ok(Some(rest))
    }

    pub(super) fn finish(self) -> (Option<RuleSpeaker>, Selector) {
        (self.speaker, self.selector)
    }
}

fn once<T>(place: &mut Option<T>, value: T, why: &str) -> Result<(), PieceError> {
    if place.is_some() {
        return Err(PieceError::at(0, why));
    }
    *place = Some(value);
    Ok(())
}

/// The argument of a word that takes one, and the rest.
fn split(argument: WordArgument, rest: &str) -> (&str, &str) {
    match argument {
        WordArgument::None => (&rest[..0], rest),
        WordArgument::Optional(_) | WordArgument::Required(_) => first_word(rest),
    }
}

/// Whether a word is a selector, or the first of one.
pub(super) fn is_selector(name: &str) -> bool {
    find(COUNTERS, name).is_some()
        || find(PARTS, name).is_some()
        || name.strip_suffix('%').is_some_and(|it| it.parse::<f64>().is_ok())
}

/// A probability in percent, in millionths.
fn odds(percent: &str) -> Result<u32, PieceError> {
    match percent.parse::<f64>() {
        Ok(number) if (0.0..=100.0).contains(&number) => Ok((number * 10_000.0).round() as u32),
        _ => Err(PieceError::at(0, format!("{percent}% is not a probability (0% to 100%)"))),
    }
}
