//! Ctrl-R: looking for a line of the history by what it contains, key by key, while everything else goes on.

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    needle: String,
    /// Where the line that was found is; behind the last one while none is.
    at: usize,
    /// There is no line in that direction.
    failed: bool,
    /// The line as it was, and where the cursor was.
    before: (String, usize),
    pub(super) then: AfterSearch,
}

/// What Enter does with the line that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterSearch {
    Send,
    Edit,
}

impl Search {
    pub(super) fn new(line: &str, cursor: usize, history: &[String], then: AfterSearch) -> Self {
        Self { needle: String::new(), at: history.len(), failed: false, before: (line.to_owned(), cursor), then }
    }

    /// What is shown behind the line.
    pub(super) fn hint(&self) -> String {
        let none = if self.failed { ", none" } else { "" };
        format!("  (search: {}{none})", self.needle)
    }

    pub(super) fn before(self) -> (String, usize) {
        self.before
    }

    /// Looks for more.
    pub(super) fn push(&mut self, c: char, history: &[String]) -> Option<(String, usize)> {
        self.needle.push(c);
        let last = self.at.min(history.len().saturating_sub(1));
        self.find((0..=last).rev(), history)
    }

    /// Looks for less, from the end again.
    pub(super) fn pop(&mut self, history: &[String]) -> Option<(String, usize)> {
        self.needle.pop();
        self.find((0..history.len()).rev(), history)
    }

    pub(super) fn older(&mut self, history: &[String]) -> Option<(String, usize)> {
        self.find((0..self.at.min(history.len())).rev(), history)
    }

    pub(super) fn newer(&mut self, history: &[String]) -> Option<(String, usize)> {
        self.find(self.at.saturating_add(1)..history.len(), history)
    }

    fn find(&mut self, mut range: impl Iterator<Item = usize>, history: &[String]) -> Option<(String, usize)> {
        if self.needle.is_empty() {
            self.failed = false;
            return None;
        }
        let found = range.find_map(|at| {
            let line = history.get(at)?;
            line.find(&self.needle).map(|cursor| (at, line.clone(), cursor))
        });
        self.failed = found.is_none();
        found.map(|(at, line, cursor)| {
            self.at = at;
            (line, cursor)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_goes_back_and_forth() {
        let history: Vec<String> = ["subscribe a", "ping", "subscribe b"].map(Into::into).into();
        let mut search = Search::new("typed", 5, &history, AfterSearch::Send);
        assert_eq!(search.push('u', &history), Some(("subscribe b".into(), 1)));
        assert_eq!(search.push('b', &history), Some(("subscribe b".into(), 1)));
        assert_eq!(search.older(&history), Some(("subscribe a".into(), 1)));
        assert_eq!(search.older(&history), None);
        assert_eq!(search.hint(), "  (search: ub, none)");
        assert_eq!(search.newer(&history), Some(("subscribe b".into(), 1)));
        assert_eq!(search.hint(), "  (search: ub)");
        assert_eq!(search.push('x', &history), None);
        assert_eq!(search.pop(&history), Some(("subscribe b".into(), 1)));
        assert_eq!(search.before(), ("typed".into(), 5));
    }

    #[test]
    fn an_empty_history_has_nothing() {
        assert_eq!(Search::new("", 0, &[], AfterSearch::Send).push('a', &[]), None);
    }
}
