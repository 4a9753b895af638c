//! The lines that were entered, for the keys that bring them back: each once, where it was entered last.

use std::collections::HashSet;

/// Lines that are kept.
pub(super) const LINES: usize = 10_000;

/// A longer line isn't kept for another run, in bytes: it was pasted, and can be pasted again. While the program runs the last such
/// line is.
const LONGEST: usize = 16 * 1024;

/// What all of them may have together, in bytes.
pub(super) const BYTES: usize = 4 * 1024 * 1024;

/// Oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    bytes: usize,
    /// Those of them that have what a peer said: another run doesn't have them.
    quoting: HashSet<String>,
}

impl History {
    /// As if each line were [added](Self::add), the oldest first.
    pub(super) fn of(lines: impl DoubleEndedIterator<Item = String>) -> Self {
        let (mut history, mut seen) = (Self::default(), HashSet::new());
        for line in lines.rev().filter(|line| is_kept(line)) {
            if seen.contains(&line) {
                continue;
            }
            if history.lines.len() == LINES || history.bytes + line.len() > BYTES {
                break;
            }
            history.bytes += line.len();
            seen.insert(line.clone());
            history.lines.push(line);
        }
        history.lines.reverse();
        history
    }

    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Keeps a line, unless it is empty, or begins with a space, which says that it isn't to be kept; of those that are too long for
    /// another run the last. Returns whether another run is to have it, and it wasn't the last one already.
    pub(super) fn add(&mut self, line: String) -> bool {
        if is_large(&line) && is_wanted(&line) {
            self.lines.retain(|kept| !is_large(kept));
            self.lines.push(line);
            return false;
        }
        if !is_kept(&line) {
            return false;
        }
        let before = self.lines.iter().rposition(|kept| *kept == line);
        if before.is_some_and(|at| at + 1 == self.lines.len()) {
            return false;
        }
        if let Some(at) = before {
            self.forget(at);
        }
        self.bytes += line.len();
        self.lines.push(line);
        while self.lines.len() > LINES || self.bytes > BYTES {
            self.forget(0);
        }
        true
    }

    /// Keeps a line that has what a peer said, for as long as the program runs.
    pub(super) fn add_quoting(&mut self, line: String) {
        self.add(line.clone());
        if is_kept(&line) {
            self.quoting.insert(line);
        }
    }

    /// Whether a line has what a peer said, since it was entered so before.
    pub(super) fn is_quoting(&self, line: &str) -> bool {
        self.quoting.contains(line)
    }

    /// Keeps a line that isn't there yet, for as long as the program runs: it was taken back. `quotes_peer` is as for
    /// [`add_quoting`](Self::add_quoting).
    pub(super) fn add_new(&mut self, line: &str, quotes_peer: bool) {
        if self.lines.iter().any(|kept| kept == line) {
            return;
        }
        match quotes_peer {
            true => self.add_quoting(line.to_owned()),
            false => drop(self.add(line.to_owned())),
        }
    }

    fn forget(&mut self, at: usize) {
        let line = self.lines.remove(at);
        self.quoting.remove(&line);
        // A large one doesn't count.
        self.bytes -= if is_large(&line) { 0 } else { line.len() };
    }
}

fn is_large(line: &str) -> bool {
    line.len() > LONGEST
}

fn is_wanted(line: &str) -> bool {
    !line.is_empty() && !line.starts_with(char::is_whitespace)
}

fn is_kept(line: &str) -> bool {
    is_wanted(line) && !is_large(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[&str]) -> Vec<String> {
        History::of(lines.iter().map(|line| (*line).to_owned())).lines
    }

    #[test]
    fn a_line_is_there_once_where_it_was_entered_last() {
        let mut added = History::default();
        for line in ["a", "b", "a", "a", "c"] {
            added.add(line.to_owned());
        }
        assert_eq!(added.lines, kept(&["a", "b", "a", "a", "c"]));
        assert_eq!(kept(&["a", "b", "a", "a", "c"]), ["b", "a", "c"]);
        assert_eq!(kept(&["", " secret", "\tb", "kept"]), ["kept"]);
    }

    #[test]
    fn the_latest_lines_are_kept() {
        let many: Vec<String> = (0..LINES + 5).map(|number| number.to_string()).collect();
        let history = History::of(many.into_iter());
        assert_eq!((history.lines().len(), history.lines()[0].as_str()), (LINES, "5"));
        let large = (0..2 * BYTES / LONGEST).map(|number| format!("{number:0>LONGEST$}"));
        let history = History::of(large);
        assert_eq!(history.lines().len(), BYTES / LONGEST);
        // Of what another run doesn't have, the last.
        let (mut history, large) = (History::default(), |c: &str| c.repeat(LONGEST + 1));
        assert!(history.add("a".to_owned()) && !history.add(large("x")) && !history.add(large("y")));
        assert_eq!((history.lines(), history.bytes), (&["a".to_owned(), large("y")][..], 1));
        assert!(history.add("b".to_owned()));
    }
}
