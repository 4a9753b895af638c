//! What was done to the line that is being typed, so that it can be undone. The editor has such a trail of its own, but loses it
//! when the line goes on behind another mark.

use std::collections::VecDeque;

use crate::ws::prefix;

/// Bytes that changes take: the oldest goes first.
const KEPT: usize = 1 << 20;

/// Changes of a line, each known once the next key comes.
#[derive(Debug, Default)]
pub(super) struct UndoTrail {
    /// The line after the last of them.
    line: String,
    changes: VecDeque<LineChange>,
    /// What they hold, in bytes.
    bytes: usize,
    /// So many were there when text began to be inserted that is undone as a whole once it is.
    insertion: Option<usize>,
}

/// What stood at a place before, and what stands there now.
#[derive(Debug, PartialEq, Eq)]
struct LineChange {
    at: usize,
    before: String,
    after: String,
}

impl UndoTrail {
    /// The line is this now.
    pub(super) fn note(&mut self, line: &str) {
        if self.line == line {
            return;
        }
        let change = LineChange::between(&self.line, line);
        line.clone_into(&mut self.line);
        self.bytes += change.text_size();
        let begins = self.insertion == Some(self.changes.len());
        if begins || !self.changes.back_mut().is_some_and(|last| last.goes_on_with(&change)) {
            self.bytes += size_of::<LineChange>();
            self.changes.push_back(change);
        }
        while self.bytes > KEPT
            && let Some(oldest) = self.changes.pop_front()
        {
            self.bytes -= oldest.size();
            self.insertion = self.insertion.map(|changes| changes.saturating_sub(1));
        }
    }

    /// Whether text is being inserted, as vi has it: behind that all of it is one change, with what it has taken the place of.
    pub(super) fn set_inserting(&mut self, inserting: bool) {
        if inserting {
            self.insertion.get_or_insert(self.changes.len());
        } else if let Some(begun) = self.insertion.take() {
            self.join(begun);
        }
    }

    /// Makes one change of those behind the first so many.
    fn join(&mut self, first: usize) {
        let mut before = self.line.clone();
        for LineChange { at, before: gone, after } in self.changes.range(first..).rev() {
            before.replace_range(*at..*at + after.len(), gone);
        }
        self.bytes -= self.changes.drain(first..).map(|change| change.size()).sum::<usize>();
        if before != self.line {
            let change = LineChange::between(&before, &self.line);
            self.bytes += change.size();
            self.changes.push_back(change);
        }
    }

    /// The line before the last so many changes, and where the cursor is then; `None` where there was none.
    pub(super) fn undo(&mut self, times: usize) -> Option<(String, usize)> {
        let mut cursor = None;
        for _ in 0..times {
            let Some(change) = self.changes.pop_back() else { break };
            self.bytes -= change.size();
            let LineChange { at, before, after } = change;
            self.line.replace_range(at..at + after.len(), &before);
            cursor = Some(at + before.len());
        }
        self.insertion = self.insertion.map(|changes| changes.min(self.changes.len()));
        cursor.map(|cursor| (self.line.clone(), cursor))
    }
}

impl LineChange {
    fn between(before: &str, after: &str) -> Self {
        let at = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
        // Bytes of one character may begin another one, too.
        let at = prefix(before, at).len();
        let (one, other) = (&before[at..], &after[at..]);
        let same = one.chars().rev().zip(other.chars().rev()).take_while(|(one, other)| one == other);
        let same = same.map(|(c, _)| c.len_utf8()).sum::<usize>();
        Self { at, before: one[..one.len() - same].to_owned(), after: other[..other.len() - same].to_owned() }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.text_size()
    }

    fn text_size(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Letters and digits that are typed in a row are undone together, and so are those that are taken away. Returns whether the
    /// next change goes with this one.
    fn goes_on_with(&mut self, next: &Self) -> bool {
        let is_typed = |change: &Self| change.before.is_empty() && is_word(&change.after);
        let is_erased = |change: &Self| change.after.is_empty() && is_word(&change.before);
        if is_typed(self) && is_typed(next) && next.at == self.at + self.after.len() {
            self.after.push_str(&next.after);
        } else if is_erased(self) && is_erased(next) && next.at + next.before.len() == self.at {
            (self.at, self.before) = (next.at, format!("{}{}", next.before, self.before));
        } else if is_erased(self) && is_erased(next) && next.at == self.at {
            self.before.push_str(&next.before);
        } else {
            return false;
        }
        true
    }
}

fn is_word(text: &str) -> bool {
    text.chars().all(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that undoing everything leads through.
    fn undone(lines: &[&str]) -> Vec<String> {
        let mut trail = UndoTrail::default();
        lines.iter().for_each(|line| trail.note(line));
        std::iter::from_fn(|| trail.undo(1).map(|(line, _)| line)).collect()
    }

    #[test]
    fn words_are_undone_as_a_whole_and_everything_else_step_by_step() {
        assert_eq!(undone(&["o", "on", "on ", "on t", "on tw", "on two"]), ["on ", "on", ""]);
        assert_eq!(undone(&["one", "on", "o", "x"]), ["o", "one", ""]);
        assert_eq!(undone(&["ab", "b", ""]), ["ab", ""]);
        assert_eq!(undone(&["a b", "", "pasted é", "pasted è"]), ["pasted é", "", "a b", ""]);
        // Letters of the same first byte; what stands twice.
        assert_eq!(undone(&["é", "éé", "éèé", "aaa"]), ["éèé", "éé", ""]);
        assert_eq!(undone(&[]), Vec::<String>::new());
    }

    #[test]
    fn several_are_undone_at_once_and_the_cursor_stands_where_it_was_done() {
        let mut trail = UndoTrail::default();
        ["a b", "a, b", "a, b c"].iter().for_each(|line| trail.note(line));
        assert_eq!(trail.undo(2), Some(("a b".into(), 1)));
        trail.note("a b");
        assert_eq!((trail.undo(9), trail.undo(1)), (Some((String::new(), 0)), None));
    }

    #[test]
    fn what_is_inserted_is_undone_as_a_whole_once_it_is() {
        let mut trail = UndoTrail::default();
        trail.set_inserting(true);
        ["one", "one ", "one two"].iter().for_each(|line| trail.note(line));
        trail.set_inserting(false);
        // A word is changed to three, and then there is more behind it.
        trail.set_inserting(true);
        ["one ", "one a", "one a ", "one a b"].iter().for_each(|line| trail.note(line));
        trail.set_inserting(false);
        trail.set_inserting(true);
        ["one a bc", "one a bcd"].iter().for_each(|line| trail.note(line));
        trail.set_inserting(false);
        // Nothing was inserted.
        trail.set_inserting(true);
        trail.set_inserting(false);
        assert_eq!(trail.bytes, trail.changes.iter().map(LineChange::size).sum::<usize>());
        let undone = std::iter::from_fn(|| trail.undo(1).map(|(line, _)| line)).collect::<Vec<_>>();
        assert_eq!(undone, ["one a b", "one two", ""]);
        // Meanwhile it is undone word by word.
        trail.set_inserting(true);
        ["one", "one ", "one two"].iter().for_each(|line| trail.note(line));
        assert_eq!(trail.undo(1), Some(("one ".into(), 4)));
        assert_eq!(trail.undo(9), Some((String::new(), 0)));
        trail.set_inserting(false);
        assert_eq!(trail.undo(1), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut trail = UndoTrail::default();
        for number in 0..9 {
            trail.note(&format!("{number} ").repeat(KEPT / 8));
        }
        assert!(trail.changes.len() < 4, "{}", trail.changes.len());
        // Whatever each of them holds: words in a row are one, and everything else is one each.
        let mut line = String::new();
        for number in 0..9000 {
            trail.note(&line);
            line.push(if number % 9 < 5 { 'a' } else { '-' });
        }
        assert_eq!(trail.bytes, trail.changes.iter().map(LineChange::size).sum::<usize>());
        let each = size_of::<LineChange>() + 1;
        (0..KEPT / each).for_each(|number| trail.note(if number % 2 == 0 { "-" } else { "" }));
        assert!(trail.changes.len() * each <= KEPT, "{}", trail.changes.len());
    }
}
