//! What differs between what one side has said in two recordings, found without holding more of either than a window.

use super::said::{SaidMessage, SaidMessages};
use crate::error::Error;
use crate::view::differences::{self, Edit};

/// Messages of each recording that are held to be compared. Of recordings that differ in more than these, one message stands
/// beside the other that has come as far.
const WINDOW: usize = 64 << 10;

/// A message in one of both, or one in each that stand in the same place, by their lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    Pair([u64; 2]),
    /// In which of both.
    Only(usize, u64),
}

impl Difference {
    /// Where it stands in one of both.
    pub(super) fn line(self, file: usize) -> Option<u64> {
        match self {
            Self::Pair(lines) => Some(lines[file]),
            Self::Only(only, line) => (only == file).then_some(line),
        }
    }
}

/// Goes through both, and tells what differs, in order.
///
/// # Errors
/// What can't be read.
pub(super) fn differences(sides: &mut [SaidMessages<'_>; 2], tell: &mut dyn FnMut(Difference)) -> Result<(), Error> {
    let [one, other] = sides;
    Alignment::new(WINDOW).run([&mut || one.next(), &mut || other.next()], tell)?;
    match [&one.close, &other.close] {
        [Some(one), Some(other)] if one == other => {}
        [Some(one), Some(other)] => tell(Difference::Pair([one.line, other.line])),
        [Some(close), None] => tell(Difference::Only(0, close.line)),
        [None, Some(close)] => tell(Difference::Only(1, close.line)),
        [None, None] => {}
    }
    Ok(())
}

type NextMessage<'a> = &'a mut dyn FnMut() -> Result<Option<SaidMessage>, Error>;

struct Alignment {
    window: usize,
    held: [Vec<SaidMessage>; 2],
    has_ended: [bool; 2],
}

impl Alignment {
    fn new(window: usize) -> Self {
        Self { window, held: [Vec::new(), Vec::new()], has_ended: [false; 2] }
    }

    fn run(mut self, mut sides: [NextMessage<'_>; 2], tell: &mut dyn FnMut(Difference)) -> Result<(), Error> {
        loop {
            self.fill(&mut sides)?;
            let is_over = self.has_ended == [true, true];
            let edits = differences::all(&self.held[0], &self.held[1]);
            let to_the_last_in_both = edits.iter().rposition(|edit| matches!(edit, Edit::Both(_))).map(|at| at + 1);
            // What is behind it may be found in what comes next, unless that would make next to no way.
            let enough = to_the_last_in_both.filter(|end| {
                let passed = [0, 1].map(|side| edits[..*end].iter().filter(|edit| is_in(edit, side)).count());
                passed.into_iter().max() >= Some(self.window / 2)
            });
            let edits = &edits[..enough.filter(|_| !is_over).unwrap_or(edits.len())];
            for side in [0, 1] {
                let passed = edits.iter().filter(|edit| is_in(edit, side)).count();
                self.held[side].drain(..passed);
            }
            settled(edits, tell);
            if is_over {
                return Ok(());
            }
        }
    }

    /// Reads until there is a window of each, or no more. What both begin with isn't held.
    fn fill(&mut self, sides: &mut [NextMessage<'_>; 2]) -> Result<(), Error> {
        while self.held.iter().all(Vec::is_empty) && !self.has_ended.contains(&true) {
            let next = [sides[0]()?, sides[1]()?];
            if let [Some(one), Some(other)] = &next
                && one == other
            {
                continue;
            }
            for (side, message) in next.into_iter().enumerate() {
                self.has_ended[side] = message.is_none();
                self.held[side].extend(message);
            }
        }
        for (side, next) in sides.iter_mut().enumerate() {
            while self.held[side].len() < self.window && !self.has_ended[side] {
                match next()? {
                    Some(message) => self.held[side].push(message),
                    None => self.has_ended[side] = true,
                }
            }
        }
        Ok(())
    }
}

fn is_in(edit: &Edit<SaidMessage>, side: usize) -> bool {
    matches!((edit, side), (Edit::Both(_), _) | (Edit::Gone(_), 0) | (Edit::New(_), 1))
}

/// Of messages that stand in the same place each differs from the other.
fn settled(edits: &[Edit<SaidMessage>], tell: &mut dyn FnMut(Difference)) {
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for edit in edits {
        match edit {
            Edit::Both(_) | Edit::LeftOut(_) => settle(&mut gone, &mut new, tell),
            Edit::Gone(message) => gone.push(message.line),
            Edit::New(message) => new.push(message.line),
        }
    }
    settle(&mut gone, &mut new, tell);
}

/// What stands between two messages that are in both.
fn settle(gone: &mut Vec<u64>, new: &mut Vec<u64>, tell: &mut dyn FnMut(Difference)) {
    let pairs = gone.len().min(new.len());
    let (more_gone, more_new) = (gone.split_off(pairs), new.split_off(pairs));
    gone.drain(..).zip(new.drain(..)).for_each(|(one, other)| tell(Difference::Pair([one, other])));
    more_gone.into_iter().for_each(|line| tell(Difference::Only(0, line)));
    more_new.into_iter().for_each(|line| tell(Difference::Only(1, line)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What differs, where so many messages are held; each is a letter, and has its place for a line.
    fn found(window: usize, one: &str, other: &str) -> Vec<Difference> {
        let messages = |text: &str| {
            let messages: Vec<_> =
                text.bytes().zip(1..).map(|(byte, line)| SaidMessage { key: [byte; 32], line }).collect();
            messages.into_iter()
        };
        let (mut one, mut other) = (messages(one), messages(other));
        let mut found = Vec::new();
        let sides: [NextMessage<'_>; 2] = [&mut || Ok(one.next()), &mut || Ok(other.next())];
        Alignment::new(window).run(sides, &mut |difference| found.push(difference)).unwrap();
        found
    }

    #[test]
    fn the_same_is_found_in_a_window_of_any_size() {
        use Difference::{Only, Pair};
        for (one, other, expected) in [
            ("", "", vec![]),
            ("abcdefgh", "abcdefgh", vec![]),
            ("abc", "abcdef", vec![Only(1, 4), Only(1, 5), Only(1, 6)]),
            ("", "a", vec![Only(1, 1)]),
            ("xabcdefghijklm", "abcdefghijklm", vec![Only(0, 1)]),
            ("abcdefghijklm", "abcdefXghijklm", vec![Only(1, 7)]),
            ("abcdefghijklm", "abcXefghijkYm", vec![Pair([4, 4]), Pair([12, 12])]),
            ("aXbcdefgYhijkl", "abcdefghijklZ", vec![Only(0, 2), Only(0, 9), Only(1, 13)]),
        ] {
            for window in [4, 5, 8, 100] {
                assert_eq!(found(window, one, other), expected, "{one} {other} in {window}");
            }
        }
    }

    #[test]
    fn what_has_nothing_in_common_is_gone_through_all_the_same() {
        let (one, other) = ("abcdefghij".repeat(10), "klmnopqrs".repeat(10));
        let found = found(4, &one, &other);
        let pairs = found.iter().filter(|difference| matches!(difference, Difference::Pair(_))).count();
        assert_eq!((found.len(), pairs), (100, 90));
    }
}
