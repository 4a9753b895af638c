//! How much isn't shown: what waits at a pause, and what is hidden. It stands in the mark that a line is typed behind, and is
//! written anew in its place, for it has as many columns whatever the number is.

use std::borrow::Cow;
use std::fmt::Write;

/// In the place of a number, a character for each of its columns. Nothing else that stands in the mark has them.
const WAITING: char = '\u{2007}';
const HIDDEN: char = '\u{2008}';

/// Columns of a number.
const COLUMNS: usize = 5;

/// How much isn't shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unshown {
    /// At a pause.
    pub(super) waiting: u64,
    /// By the settings.
    pub(super) hidden: u64,
}

/// The part of the mark that has the numbers, which aren't known yet.
pub(super) fn places(paused: bool, hides: bool) -> String {
    let place = |name: &str, wanted: bool, number: char| {
        wanted.then(|| format!("{name} {}", number.to_string().repeat(COLUMNS)))
    };
    let places = [place("paused", paused, WAITING), place("hidden", hides, HIDDEN)];
    let places: Vec<String> = places.into_iter().flatten().collect();
    if places.is_empty() { String::new() } else { format!("[{}] ", places.join(", ")) }
}

impl Unshown {
    /// The mark with the numbers in their places; as it is where it has none.
    pub(super) fn filled_in<'a>(&self, mark: &'a str) -> Option<Cow<'a, str>> {
        if !mark.contains([WAITING, HIDDEN]) {
            return None;
        }
        let numbers = [(WAITING, self.waiting), (HIDDEN, self.hidden)];
        let filled = numbers.into_iter().fold(mark.to_owned(), |mark, (place, number)| {
            mark.replace(&place.to_string().repeat(COLUMNS), &in_columns(number))
        });
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
        assert_eq!(places(false, false), "");
        let mark = format!("{}> ", places(true, true));
        for (waiting, hidden, shown) in [
            (0, 12, "[paused     0, hidden    12] > "),
            (99_999, 123_456, "[paused 99999, hidden  123k] > "),
            (u64::MAX, 0, "[paused 9999k, hidden     0] > "),
        ] {
            let filled = Unshown { waiting, hidden }.filled_in(&mark).unwrap();
            assert_eq!((filled.as_ref(), width(&filled)), (shown, width(&mark)));
        }
        assert!(Unshown::default().filled_in("> ").is_none());
    }
}
