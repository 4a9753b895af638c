//! Counters: which of the messages that meet a condition a rule answers.

use std::fmt;

use super::syntax_error::PieceError;
use super::word::{Word, WordArgument};

/// Counts from the first message of a connection that meets the rule's condition and that no rule before has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counter {
    /// This one and those that follow it.
    After(u64),
    /// Each whose number it divides.
    Every(u64),
    /// The first.
    Once,
}

/// The counters of a rules file. Each stands before its condition.
pub(super) static COUNTERS: &[Word<Counter>] = &[
    Word { name: "after", argument: WordArgument::Required("N"), parse: |text| number(text).map(Counter::After) },
    Word { name: "every", argument: WordArgument::Required("N"), parse: |text| ordinal(text).map(Counter::Every) },
    Word { name: "once", argument: WordArgument::None, parse: |_| Ok(Counter::Once) },
];

impl Counter {
    /// Whether the `number`th, from 1, is answered.
    pub(super) fn admits(self, number: u64) -> bool {
        match self {
            Self::After(first) => number >= first,
            Self::Every(interval) => number.is_multiple_of(interval),
            Self::Once => number == 1,
        }
    }

    /// How many up to the `number`th, which is answered, are.
    pub(super) fn rank(self, number: u64) -> u64 {
        match self {
            Self::After(first) => number - first + 1,
            Self::Every(interval) => number / interval,
            Self::Once => 1,
        }
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(first) => write!(f, "after {first}"),
            Self::Every(interval) => write!(f, "every {interval}"),
            Self::Once => f.write_str("once"),
        }
    }
}

/// # Errors
/// What is no number from 1.
pub(super) fn number(text: &str) -> Result<u64, PieceError> {
    match text.parse() {
        Ok(0) | Err(_) => Err(PieceError::at(0, format!("{text:?} is not a number from 1, such as 3"))),
        Ok(number) => Ok(number),
    }
}

/// `2` or `2nd`.
fn ordinal(text: &str) -> Result<u64, PieceError> {
    let ending = ["st", "nd", "rd", "th"].iter().find_map(|ending| text.strip_suffix(ending));
    number(ending.unwrap_or(text))
        .map_err(|_| PieceError::at(0, format!("{text:?} is not a number from 1, such as 2nd")))
}

#[cfg(test)]
mod tests {
    use super::super::word::find;
    use super::*;

    #[test]
    fn which_are_answered() {
        for (name, argument, answered) in [
            ("after", "3", &[3, 4, 5, 6, 7][..]),
            ("every", "2nd", &[2, 4, 6]),
            ("every", "3", &[3, 6]),
            ("every", "1st", &[1, 2, 3, 4, 5, 6, 7]),
            ("once", "", &[1]),
        ] {
            let counter = find(COUNTERS, name).unwrap().read(argument).unwrap();
            let found: Vec<u64> = (1..=7).filter(|number| counter.admits(*number)).collect();
            assert_eq!(found, answered, "{name} {argument}");
        }
        for (name, argument) in [("after", ""), ("after", "0"), ("after", "x"), ("every", "0th"), ("once", "2")] {
            assert!(find(COUNTERS, name).unwrap().read(argument).is_err(), "{name} {argument}");
        }
    }
}
