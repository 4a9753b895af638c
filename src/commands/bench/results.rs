//! What became of the connections of a run, gathered as each opens and ends.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::client::PhaseTimes;
use crate::error::Error;
use crate::net::{Summary, WireBytes};
use crate::trace::ending::EndKindText;
use crate::trace::latencies::Latencies;

/// As many different reasons are kept by name; servers can make up more.
const MOST_REASONS: usize = 20;

/// All phases together.
pub(super) const IN_ALL: &str = "in all";

const OTHERS: &str = "other reasons";

#[derive(Debug, Default)]
pub(super) struct ConnectionResults {
    pub(super) opened: u64,
    pub(super) failed: u64,
    /// Those that ended while they still had something to do, by no signal.
    pub(super) lost: u64,
    /// The phases of the way there, in their order, and how long they took.
    pub(super) phases: Vec<(&'static str, Latencies)>,
    /// Why connections weren't opened, and how often.
    pub(super) failures: BTreeMap<String, u64>,
    /// How connections ended, and how often.
    pub(super) endings: BTreeMap<String, u64>,
    pub(super) wire: WireBytes,
    pub(super) unanswered: u64,
    /// Messages that were planned and didn't go out.
    pub(super) unsent: u64,
    pub(super) storm: StormResults,
    /// The places of those that ended before the load began.
    pub(super) early: Vec<usize>,
}

/// What has become of the connections that were dropped at once, to come back.
#[derive(Debug, Default)]
pub(super) struct StormResults {
    pub(super) dropped: u64,
    /// From the drop to the open connection.
    pub(super) back: Latencies,
    /// Why a try failed, and how often.
    pub(super) failures: BTreeMap<String, u64>,
}

impl StormResults {
    pub(super) fn failed(&mut self, why: &Error) {
        count(&mut self.failures, why.to_string());
    }
}

/// What a connection leaves behind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Remainder {
    pub(super) unanswered: u64,
    pub(super) unsent: u64,
    /// It has done all that it was to do.
    pub(super) is_done: bool,
    /// It ended before the load began.
    pub(super) is_early: bool,
}

/// What is to be done once a connection has ended.
pub(super) type OnEnd<'a> = Box<dyn FnOnce(&Summary, Remainder) + Send + 'a>;

impl ConnectionResults {
    pub(super) fn opened(&mut self, times: &PhaseTimes, in_all: Duration) {
        self.opened += 1;
        for (phase, time) in times.named().chain([(IN_ALL, in_all)]) {
            let known = self.phases.iter().position(|(name, _)| *name == phase);
            let at = known.unwrap_or_else(|| {
                self.phases.push((phase, Latencies::default()));
                self.phases.len() - 1
            });
            self.phases[at].1.add(time);
        }
    }

    pub(super) fn failed(&mut self, why: &Error) {
        self.failed += 1;
        count(&mut self.failures, why.to_string());
    }

    pub(super) fn ended(&mut self, place: usize, summary: &Summary, remainder: Remainder) {
        let Summary { ending, stopped, wire, .. } = summary;
        self.lost += u64::from(!remainder.is_done && !stopped);
        self.unanswered += remainder.unanswered;
        self.unsent += remainder.unsent;
        self.early.extend(remainder.is_early.then_some(place));
        self.wire.sent += wire.sent;
        self.wire.received += wire.received;
        count(&mut self.endings, EndKindText(ending).to_string());
    }
}

fn count(reasons: &mut BTreeMap<String, u64>, reason: String) {
    let reason = if reasons.len() < MOST_REASONS || reasons.contains_key(&reason) { reason } else { OTHERS.to_owned() };
    *reasons.entry(reason).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_bounded() {
        let mut reasons = BTreeMap::new();
        (0..1000).for_each(|number| count(&mut reasons, format!("{number:04}")));
        count(&mut reasons, "0007".to_owned());
        assert_eq!((reasons.len(), reasons["0007"], reasons[OTHERS]), (MOST_REASONS + 1, 2, 980));
    }
}
