//! The Up and Down keys: lines of the history that begin as the line that was being typed, which is there again behind the
//! newest.

/// Lines are being brought back.
#[derive(Debug)]
pub(super) struct Recall {
    /// What the line began with, up to the cursor.
    beginning: String,
    /// Where the line that is there now is in the history; behind its end before the first.
    at: usize,
    /// There is none in that direction.
    failed: bool,
    /// The line as it was, and where the cursor was.
    before: (String, usize),
}

impl Recall {
    pub(super) fn new(line: &str, cursor: usize, history: &[String]) -> Self {
        let beginning = line.get(..cursor).unwrap_or(line).to_owned();
        Self { beginning, at: history.len(), failed: false, before: (line.to_owned(), cursor) }
    }

    /// What is shown behind the line.
    pub(super) fn hint(&self) -> Option<String> {
        self.failed.then(|| match self.beginning.as_str() {
            "" => "  (no older line)".to_owned(),
            _ => "  (no older line begins so)".to_owned(),
        })
    }

    /// The next older line.
    pub(super) fn older(&mut self, history: &[String]) -> Option<String> {
        let found = (0..self.at.min(history.len())).rev().find(|at| self.fits(&history[*at], history));
        self.failed = found.is_none();
        self.go(found?, history)
    }

    /// The oldest of all.
    pub(super) fn oldest(&mut self, history: &[String]) -> Option<String> {
        let found = (0..self.at.min(history.len())).find(|at| self.fits(&history[*at], history));
        self.failed = found.is_none();
        self.go(found?, history)
    }

    /// The next newer line; `None` where that is the one that was being typed.
    pub(super) fn newer(&mut self, history: &[String]) -> Option<String> {
        self.failed = false;
        let found = (self.at.saturating_add(1)..history.len()).find(|at| self.fits(&history[*at], history));
        self.go(found?, history)
    }

    pub(super) fn before(self) -> (String, usize) {
        self.before
    }

    fn go(&mut self, at: usize, history: &[String]) -> Option<String> {
        self.at = at;
        history.get(at).cloned()
    }

    /// Whether it is another one that begins so.
    fn fits(&self, line: &str, history: &[String]) -> bool {
        line.starts_with(&self.beginning) && line != history.get(self.at).unwrap_or(&self.before.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> Vec<String> {
        ["subscribe a", "ping", "subscribe b\nand more"].map(Into::into).into()
    }

    #[test]
    fn lines_that_begin_so_come_back() {
        let history = history();
        let mut recall = Recall::new("subxx", 3, &history);
        assert_eq!(recall.older(&history).as_deref(), Some("subscribe b\nand more"));
        assert_eq!(recall.older(&history).as_deref(), Some("subscribe a"));
        assert_eq!((recall.older(&history), recall.hint().as_deref()), (None, Some("  (no older line begins so)")));
        assert_eq!((recall.newer(&history).as_deref(), recall.hint()), (Some("subscribe b\nand more"), None));
        assert_eq!(recall.newer(&history), None);
        assert_eq!(recall.before(), ("subxx".into(), 3));
    }

    #[test]
    fn without_a_beginning_all_come_back() {
        let history = history();
        let mut recall = Recall::new("", 0, &history);
        assert_eq!(recall.oldest(&history).as_deref(), Some("subscribe a"));
        assert_eq!(recall.newer(&history).as_deref(), Some("ping"));
        // The line that is there already isn't brought back.
        let mut recall = Recall::new("ping", 0, &history[..2]);
        assert_eq!(recall.older(&history[..2]).as_deref(), Some("subscribe a"));
    }
}
