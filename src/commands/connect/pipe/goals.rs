//! When a pipe is done, and whether what came was what should have come.

use regex::bytes::Regex;

use crate::cli::GoalArgs;
use crate::ws::Data;

/// Content of a message that is searched, in bytes: as much as the default limit lets through.
const SEARCHED: usize = 64 << 20;

/// What a message changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GoalState {
    GoOn,
    /// What was waited for has come.
    Reached,
    /// What must not come has.
    Rejected(String),
}

/// What is waited for, and what has come of it.
#[derive(Debug)]
pub(crate) struct Goals {
    count: Option<u64>,
    received: u64,
    until: Option<Regex>,
    until_seen: bool,
    expect: Vec<Regex>,
    /// So many of them have come.
    met: usize,
    reject: Vec<Regex>,
    gathered: Vec<u8>,
}

impl Goals {
    pub(crate) fn new(args: &GoalArgs) -> Self {
        Self {
            count: args.count(),
            received: 0,
            until: args.until.clone(),
            until_seen: false,
            expect: args.expect.clone(),
            met: 0,
            reject: args.reject.clone(),
            gathered: Vec::new(),
        }
    }

    /// A new connection: what had come of a message stays without its end.
    pub(crate) fn begin_again(&mut self) {
        self.gathered.clear();
    }

    fn searches(&self) -> bool {
        self.until.is_some() || !self.expect.is_empty() || !self.reject.is_empty()
    }

    /// Takes note of part of a message.
    pub(crate) fn data(&mut self, data: &Data<'_>) -> GoalState {
        let verdict = if self.searches() { self.search(data) } else { GoalState::GoOn };
        self.received += u64::from(data.last);
        match verdict {
            GoalState::GoOn if data.last && self.count == Some(self.received) => GoalState::Reached,
            verdict => verdict,
        }
    }

    fn search(&mut self, data: &Data<'_>) -> GoalState {
        if data.first && data.last {
            return self.whole(data.bytes);
        }
        let room = SEARCHED.saturating_sub(self.gathered.len()).min(data.bytes.len());
        self.gathered.extend_from_slice(&data.bytes[..room]);
        if !data.last {
            return GoalState::GoOn;
        }
        let content = std::mem::take(&mut self.gathered);
        self.whole(&content)
    }

    fn whole(&mut self, content: &[u8]) -> GoalState {
        if let Some(unwanted) = self.reject.iter().find(|regex| regex.is_match(content)) {
            return GoalState::Rejected(format!("a message matches --reject {unwanted}"));
        }
        if self.expect.get(self.met).is_some_and(|regex| regex.is_match(content)) {
            self.met += 1;
        }
        self.until_seen |= self.until.as_ref().is_some_and(|regex| regex.is_match(content));
        if self.until_seen { GoalState::Reached } else { GoalState::GoOn }
    }

    /// Everything that was expected has come, and nothing else says when to end: there is nothing more to wait for.
    pub(crate) fn has_all(&self) -> bool {
        !self.expect.is_empty() && self.met == self.expect.len() && self.count.is_none() && self.until.is_none()
    }

    /// What is still missing, in words.
    pub(crate) fn missing(&self) -> Option<String> {
        if let Some(regex) = self.expect.get(self.met) {
            let number = if self.expect.len() > 1 {
                format!(" ({} of {})", self.met + 1, self.expect.len())
            } else {
                String::new()
            };
            return Some(format!("no message matched --expect {regex}{number}"));
        }
        match (&self.until, self.count) {
            (Some(regex), _) if !self.until_seen => Some(format!("no message matched --until {regex}")),
            (_, Some(count)) if self.received < count => Some(format!("{} of {count} messages came", self.received)),
            _ => None,
        }
    }
}
