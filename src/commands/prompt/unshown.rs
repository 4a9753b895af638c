//! Whom the line is for, where there are several, and how much isn't shown: what other connections have, what waits at a pause, and
//! what is hidden. It stands in the mark that a line is typed behind, and is written anew in its place, for it has as many columns
//! whatever the number is.

use std::borrow::Cow;

/// In the place of a number, a character for each of its columns. Nothing else that stands in the mark has them.
const CURRENT: char = '\u{2005}';
const OTHERS: char = '\u{2006}';
const WAITING: char = '\u{2007}';
const HIDDEN: char = '\u{2008}';
/// Behind the number of a connection, of that one.
const OF_ONE: char = '\u{2004}';

/// Columns of a number.
const COLUMNS: usize = 5;

/// The same where there are several, each of one connection.
const COLUMNS_OF_ONE: usize = 4;

/// Other connections that have a number each, and how many digits their own numbers may have: the mark leaves room for the line.
const NAMED: usize = 3;
const DIGITS: usize = 2;

/// Messages that other connections have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OfOthers {
    all: u64,
    /// The first of them, each with its own number; 0 where there is none.
    each: [(u64, u64); NAMED],
}

impl FromIterator<(u64, u64)> for OfOthers {
    fn from_iter<T: IntoIterator<Item = (u64, u64)>>(others: T) -> Self {
        let mut of = Self::default();
        for (place, (number, messages)) in others.into_iter().enumerate() {
            of.all = of.all.saturating_add(messages);
            if let Some(one) = of.each.get_mut(place) {
                *one = (number, messages);
            }
        }
        of
    }
}

impl OfOthers {
    /// Of one connection; none where there is no such connection any more.
    fn of(&self, number: u64) -> u64 {
        self.each.iter().find(|(other, _)| *other == number).map_or(0, |(_, messages)| *messages)
    }
}

/// Which connection is looked at, and how much isn't shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unshown {
    pub(super) current: u64,
    pub(super) others: OfOthers,
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
pub(super) fn places(word: Option<&str>, others: &[u64], paused: bool, hides: bool) -> String {
    let place = |name: &str, wanted: bool, number: char| {
        wanted.then(|| format!("{name} {}", number.to_string().repeat(COLUMNS)))
    };
    let few = (2..=NAMED).contains(&others.len()) && others.iter().all(|number| number.to_string().len() <= DIGITS);
    let place_of_one = |number: &u64| format!("{number}: {}", OF_ONE.to_string().repeat(COLUMNS_OF_ONE));
    let of_others = match few {
        true => Some(others.iter().map(place_of_one).collect::<Vec<_>>().join(", ")),
        false => place("others", !others.is_empty(), OTHERS),
    };
    let places = [of_others, place("paused", paused, WAITING), place("hidden", hides, HIDDEN)];
    let places: Vec<String> = word.map(str::to_owned).into_iter().chain(places.into_iter().flatten()).collect();
    if places.is_empty() { String::new() } else { format!("[{}] ", places.join(", ")) }
}

impl Unshown {
    /// The mark with the numbers in their places; as it is where it has none.
    pub(super) fn filled_in<'a>(&self, mark: &'a str) -> Option<Cow<'a, str>> {
        if !mark.contains([CURRENT, OTHERS, WAITING, HIDDEN, OF_ONE]) {
            return None;
        }
        let columns = mark.matches(CURRENT).count();
        let mark = mark.replace(&CURRENT.to_string().repeat(columns.max(1)), &format!("{:>columns$}", self.current));
        let mark = self.with_each(&mark);
        let numbers = [(OTHERS, self.others.all), (WAITING, self.waiting), (HIDDEN, self.hidden)];
        let filled = numbers.into_iter().fold(mark, |mark, (place, number)| {
            mark.replace(&place.to_string().repeat(COLUMNS), &in_columns(number, COLUMNS))
        });
        Some(Cow::Owned(filled))
    }

    /// The mark with the numbers of connections in their places, each behind the connection's own.
    fn with_each(&self, mark: &str) -> String {
        let place = OF_ONE.to_string().repeat(COLUMNS_OF_ONE);
        let (mut filled, mut rest) = (String::new(), mark);
        while let Some((before, behind)) = rest.split_once(&place) {
            let own = before.trim_end_matches(": ").rsplit(|c: char| !c.is_ascii_digit()).next();
            let messages = own.and_then(|own| own.parse().ok()).map_or(0, |number| self.others.of(number));
            filled += before;
            filled += &in_columns(messages, COLUMNS_OF_ONE);
            rest = behind;
        }
        filled + rest
    }
}

fn in_columns(number: u64, columns: usize) -> String {
    let text = number.to_string();
    if text.len() <= columns {
        return format!("{text:>columns$}");
    }
    let most = 10_u64.pow(columns as u32 - 1) - 1;
    format!("{:>1$}k", (number / 1000).min(most), columns - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::width::width;

    #[test]
    fn numbers_have_the_same_columns_whatever_they_are() {
        assert_eq!(places(None, &[], false, false), "");
        let mark = format!("{}{}> ", place_of_current(12), places(None, &[3], true, true));
        for (current, others, waiting, hidden, shown) in [
            (1, 3, 0, 12, "[ 1] [others     3, paused     0, hidden    12] > "),
            (12, 0, 99_999, 123_456, "[12] [others     0, paused 99999, hidden  123k] > "),
            (2, u64::MAX, u64::MAX, 0, "[ 2] [others 9999k, paused 9999k, hidden     0] > "),
        ] {
            let others = OfOthers::from_iter([(3, others)]);
            let filled = Unshown { current, others, waiting, hidden }.filled_in(&mark).unwrap();
            assert_eq!((filled.as_ref(), width(&filled)), (shown, width(&mark)));
        }
        assert!(Unshown::default().filled_in("> ").is_none());
    }

    #[test]
    fn a_few_others_have_a_number_each() {
        let shown = |numbers: &[u64], others: &[(u64, u64)]| {
            let others = others.iter().copied().collect();
            let mark = format!("{}> ", places(None, numbers, false, false));
            let filled = Unshown { others, ..Unshown::default() }.filled_in(&mark).unwrap().into_owned();
            assert_eq!(width(&filled), width(&mark));
            filled
        };
        assert_eq!(shown(&[1, 3], &[(1, 812), (3, 1)]), "[1:  812, 3:    1] > ");
        assert_eq!(shown(&[1, 3, 13], &[(1, 9999), (3, 10_000), (13, u64::MAX)]), "[1: 9999, 3:  10k, 13: 999k] > ");
        // One that has gone since, and one that has come.
        assert_eq!(shown(&[1, 3], &[(3, 2), (4, 5)]), "[1:    0, 3:    2] > ");
        // More, or longer ones, would leave no room for the line.
        assert_eq!(shown(&[1, 3, 4, 5], &[(1, 1), (3, 2), (4, 3), (5, 4)]), "[others    10] > ");
        assert_eq!(shown(&[1, 100], &[(1, 1), (100, 2)]), "[others     3] > ");
    }
}
