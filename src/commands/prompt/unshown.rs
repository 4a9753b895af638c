//! Whom the line is for, where there are several, and how much isn't shown: what other connections have, what waits at a pause, and
//! what is hidden. It stands in the mark that a line is typed behind, and is written anew in its place, for it has as many columns
//! whatever the number is.

use std::borrow::Cow;
use std::fmt::Write;

/// In the place of a number, a character for each of its columns. Nothing else that stands in the mark has them.
const CURRENT: char = '\u{2005}';
const OTHERS: char = '\u{2006}';
const WAITING: char = '\u{2007}';
const HIDDEN: char = '\u{2008}';

/// Columns of a number.
const COLUMNS: usize = 5;

/// Which connection is looked at, and how much isn't shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unshown {
    pub(super) current: u64,
    /// Of other connections.
    pub(super) others: u64,
    /// At a pause.
    pub(super) waiting: u64,
    /// By the settings.
    pub(super) hidden: u64,
}

/// The part of the mark that says which connection it is, of those with numbers up to `highest`.
pub(super) fn place_of_current(highest: u64) -> String {
    format!("[{}] ", CURRENT.to_string().repeat(highest.to_string().len()))
}

/// The part of the mark that has the numbers, which aren't known yet, behind a word about the connection.
pub(super) fn places(word: Option<&str>, several: bool, paused: bool, hides: bool) -> String {
    let place = |name: &str, wanted: bool, number: char| {
        wanted.then(|| format!("{name} {}", number.to_string().repeat(COLUMNS)))
    };
    let places = [place("others", several, OTHERS), place("paused", paused, WAITING), place("hidden", hides, HIDDEN)];
    let places: Vec<String> = word.map(str::to_owned).into_iter().chain(places.into_iter().flatten()).collect();
    if places.is_empty() { String::new() } else { format!("[{}] ", places.join(", ")) }
}

impl Unshown {
    /// The mark with the numbers in their places; as it is where it has none.
    pub(super) fn filled_in<'a>(&self, mark: &'a str) -> Option<Cow<'a, str>> {
        if !mark.contains([CURRENT, OTHERS, WAITING, HIDDEN]) {
            return None;
        }
        let columns = mark.matches(CURRENT).count();
        let mark = mark.replace(&CURRENT.to_string().repeat(columns.max(1)), &format!("{:>columns$}", self.current));
        let numbers = [(OTHERS, self.others), (WAITING, self.waiting), (HIDDEN, self.hidden)];
        let filled = numbers
            .into_iter()
            .fold(mark, |mark, (place, number)| mark.replace(&place.to_string().repeat(COLUMNS), &in_columns(number)));
        Some(Cow::Owned(filled))
    }
}

fn in_columns(number: u64) -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = match number {
        0..100_000 => write!(text, "{number:>COLUMNS$}"),
        _ => write!(text, "{:>1$}k", (number / 1000).min(9999), COLUMNS - 1),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::width::width;

    #[test]
    fn numbers_have_the_same_columns_whatever_they_are() {
        assert_eq!(places(None, false, false, false), "");
        let mark = format!("{}{}> ", place_of_current(12), places(None, true, true, true));
        for (current, others, waiting, hidden, shown) in [
            (1, 3, 0, 12, "[ 1] [others     3, paused     0, hidden    12] > "),
            (12, 0, 99_999, 123_456, "[12] [others     0, paused 99999, hidden  123k] > "),
            (2, u64::MAX, u64::MAX, 0, "[ 2] [others 9999k, paused 9999k, hidden     0] > "),
        ] {
            let filled = Unshown { current, others, waiting, hidden }.filled_in(&mark).unwrap();
            assert_eq!((filled.as_ref(), width(&filled)), (shown, width(&mark)));
        }
        assert!(Unshown::default().filled_in("> ").is_none());
    }
}
