//! A fault at work on one connection, and who is told of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::script::{Dice, Fault, FaultKind, RuleSpeaker};

/// What a fault is told to when it is injected.
pub(crate) trait OnInjected: fmt::Debug + Send + Sync {
    /// `fault` has been injected, on the way of what `speaker` says, or on both.
    fn injected(&self, fault: &Fault, speaker: Option<RuleSpeaker>);
}

/// A fault on one connection.
#[derive(Debug)]
pub(super) struct ArmedFault {
    pub(super) fault: Arc<Fault>,
    pub(super) dice: Dice,
    counted: u64,
    injected: u64,
    /// How often at most.
    most: u64,
    /// It waits for its time, or for a message, and is there from then on.
    begun: bool,
}

impl ArmedFault {
    pub(super) fn new(fault: &Arc<Fault>, dice: Dice) -> Self {
        let most = fault.selector.most.unwrap_or(u64::MAX);
        Self { fault: Arc::clone(fault), dice, counted: 0, injected: 0, most, begun: false }
    }

    /// One that is injected now, by a rule.
    pub(super) fn begun(fault: &Arc<Fault>, dice: Dice) -> Self {
        Self { begun: true, ..Self::new(fault, dice) }
    }

    /// Whether it is looked at before each message.
    pub(super) fn awaits_messages(&self) -> bool {
        let is_of_messages = self.fault.selector.counts() || matches!(self.fault.kind, FaultKind::Message(_));
        !self.begun && is_of_messages
    }

    /// When it begins, where that is a matter of time alone, and it hasn't begun. `opened` is when the connection was.
    pub(super) fn begins(&self, opened: Instant) -> Option<Instant> {
        let by_time = !self.begun && !self.awaits_messages();
        by_time.then(|| opened + self.fault.selector.after_time.unwrap_or(Duration::ZERO))
    }

    /// Its time has come. Returns whether it is injected.
    pub(super) fn begin(&mut self) -> bool {
        self.begun = true;
        self.happens()
    }

    /// A message comes. Returns whether it is injected before that.
    pub(super) fn message(&mut self, open_for: Duration) -> bool {
        let selector = &self.fault.selector;
        if !self.awaits_messages() || selector.after_time.is_some_and(|after| open_for < after) {
            return false;
        }
        self.counted += 1;
        if !selector.admits(self.counted) {
            return false;
        }
        let happens = self.happens();
        // What is broken stays so; what is done to a message is done to the next one, too.
        self.begun = happens && !matches!(self.fault.kind, FaultKind::Message(_) | FaultKind::Frame(_));
        happens
    }

    fn happens(&mut self) -> bool {
        let happens = self.injected < self.most && self.dice.falls(self.fault.selector.odds);
        self.injected += u64::from(happens);
        happens
    }
}
