//! Goals: when a run is done, and whether what came was what should have come.

use std::fmt;

use super::condition::{Condition, Subject};
use super::pointers::Pointers;
use crate::advice::flag;
use crate::view::amount::Count;
use crate::ws::{Beginning, Data, Message};

/// Content of a message that is searched, in bytes: as much as the default limit lets through.
const SEARCHED: usize = 64 << 20;

/// What is waited for.
#[derive(Debug, Clone, Default)]
pub(crate) struct GoalConfig {
    /// So many messages, at least 1.
    pub(crate) count: Option<u64>,
    pub(crate) until: Option<Condition>,
    /// In this order.
    pub(crate) expect: Vec<Condition>,
    /// What must not come.
    pub(crate) reject: Vec<Condition>,
}

impl GoalConfig {
    /// Whether there is something to wait for.
    pub(crate) fn is_awaited(&self) -> bool {
        self.count.is_some() || self.until.is_some() || !self.expect.is_empty()
    }

    /// Whether the outcome depends on what messages there are.
    pub(crate) fn are_any(&self) -> bool {
        self.is_awaited() || !self.reject.is_empty()
    }
}

/// What a message changed.
#[derive(Debug, Clone)]
pub(crate) enum GoalState {
    GoOn,
    /// What was waited for has come.
    Reached,
    /// What must not come has. In a box, since this is said of every part of a message.
    Rejected(Box<Unmet>),
}

/// Why a run is no success.
#[derive(Debug, Clone)]
pub(crate) enum Unmet {
    /// No message met this expectation, the `number`th of `of`.
    Expect {
        condition: Condition,
        number: usize,
        of: usize,
    },
    Until(Condition),
    Count {
        received: u64,
        wanted: u64,
    },
    Rejected(Condition),
}

/// What is waited for, and what has come of it.
#[derive(Debug)]
pub(crate) struct Goals {
    config: GoalConfig,
    /// There are none: asked with every message.
    are_none: bool,
    pointers: Pointers,
    received: u64,
    until_seen: bool,
    /// So many of the expectations have been met.
    met: usize,
    gathered: Beginning,
}

impl Goals {
    pub(crate) fn new(config: GoalConfig) -> Self {
        let conditions = config.until.iter().chain(&config.expect).chain(&config.reject);
        let pointers = Pointers::of(conditions.filter_map(Condition::pointer));
        Self {
            are_none: !config.are_any(),
            config,
            pointers,
            received: 0,
            until_seen: false,
            met: 0,
            gathered: Beginning::new(SEARCHED),
        }
    }

    /// A new connection: what had come of a message stays without its end.
    pub(crate) fn begin_again(&mut self) {
        self.gathered.clear();
    }

    fn has_conditions(&self) -> bool {
        self.config.until.is_some() || !self.config.expect.is_empty() || !self.config.reject.is_empty()
    }

    /// Takes note of part of a message. One that comes in one part is judged where it lies.
    #[inline]
    pub(crate) fn data(&mut self, data: &Data<'_>) -> GoalState {
        if self.are_none { GoalState::GoOn } else { self.pursue(data) }
    }

    fn pursue(&mut self, data: &Data<'_>) -> GoalState {
        let state = if self.has_conditions() { self.search(data) } else { GoalState::GoOn };
        self.received += u64::from(data.last);
        match state {
            GoalState::GoOn if data.last && self.config.count == Some(self.received) => GoalState::Reached,
            state => state,
        }
    }

    fn search(&mut self, data: &Data<'_>) -> GoalState {
        match self.gathered.push(data) {
            Some((content, _)) => self.judge(Message { kind: data.kind, content: &content }),
            None => GoalState::GoOn,
        }
    }

    fn judge(&mut self, message: Message<'_>) -> GoalState {
        let subject = Subject::new(message, &self.pointers);
        let GoalConfig { until, expect, reject, .. } = &self.config;
        if let Some(unwanted) = reject.iter().find(|condition| condition.matches(&subject)) {
            return GoalState::Rejected(Box::new(Unmet::Rejected(unwanted.clone())));
        }
        if expect.get(self.met).is_some_and(|condition| condition.matches(&subject)) {
            self.met += 1;
        }
        self.until_seen |= until.as_ref().is_some_and(|condition| condition.matches(&subject));
        if self.until_seen { GoalState::Reached } else { GoalState::GoOn }
    }

    /// Everything that was expected has come, and nothing else says when to end: there is nothing more to wait for.
    pub(crate) fn has_all(&self) -> bool {
        let GoalConfig { count, until, expect, .. } = &self.config;
        !expect.is_empty() && self.met == expect.len() && count.is_none() && until.is_none()
    }

    /// What is still missing.
    pub(crate) fn missing(&self) -> Option<Unmet> {
        let GoalConfig { count, until, expect, .. } = &self.config;
        if let Some(condition) = expect.get(self.met) {
            return Some(Unmet::Expect { condition: condition.clone(), number: self.met + 1, of: expect.len() });
        }
        match (until, *count) {
            (Some(condition), _) if !self.until_seen => Some(Unmet::Until(condition.clone())),
            (_, Some(wanted)) if self.received < wanted => Some(Unmet::Count { received: self.received, wanted }),
            _ => None,
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expect { condition, of: 1, .. } => write!(f, "no message matched {} {condition}", flag::EXPECT),
            Self::Expect { condition, number, of } => {
                write!(f, "no message matched {} {condition} ({number} of {of})", flag::EXPECT)
            }
            Self::Until(condition) => write!(f, "no message matched {} {condition}", flag::UNTIL),
            Self::Count { received, wanted } => write!(f, "received {received} of {}", Count(*wanted, "message")),
            Self::Rejected(condition) => write!(f, "a message matched {} {condition}", flag::REJECT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::condition::regex;
    use super::*;
    use crate::ws::{Direction, Kind};

    fn part(text: &str, first: bool, last: bool) -> Data<'_> {
        let (kind, direction, bytes) = (Kind::Text, Direction::Received, text.as_bytes());
        Data {
            kind,
            direction,
            first,
            last,
            ends_frame: true,
            bytes,
            to_come: 0,
            is_final: last,
            compressed: false,
            packed: b"",
        }
    }

    fn told(goals: &mut Goals, text: &str) -> String {
        match goals.data(&part(text, true, true)) {
            GoalState::GoOn => "go on".into(),
            GoalState::Reached => "reached".into(),
            GoalState::Rejected(what) => what.to_string(),
        }
    }

    #[test]
    fn goals_go_together() {
        let condition = |text| regex(text).unwrap();
        let mut goals = Goals::new(GoalConfig {
            count: Some(3),
            until: None,
            expect: vec![condition("a"), condition("b")],
            reject: vec![condition("x")],
        });
        assert_eq!(told(&mut goals, "b"), "go on");
        assert_eq!(goals.missing().unwrap().to_string(), "no message matched --expect a (1 of 2)");
        assert_eq!(told(&mut goals, "ab"), "go on");
        assert_eq!(goals.missing().unwrap().to_string(), "no message matched --expect b (2 of 2)");
        assert_eq!(told(&mut goals, "xb"), "a message matched --reject x");
        assert!(!goals.has_all());
        let mut goals = Goals::new(GoalConfig { expect: vec![condition("a")], ..GoalConfig::default() });
        assert!(!goals.has_all() && told(&mut goals, "a") == "go on" && goals.has_all());
    }

    #[test]
    fn a_message_in_parts_is_judged_whole() {
        let mut goals = Goals::new(GoalConfig { until: Some(regex("^abc$").unwrap()), ..GoalConfig::default() });
        for (text, first, last) in [("a", true, false), ("b", false, false), ("c", false, true)] {
            let state = goals.data(&part(text, first, last));
            assert_eq!(matches!(state, GoalState::Reached), last);
        }
        assert!(goals.missing().is_none());
    }
}
