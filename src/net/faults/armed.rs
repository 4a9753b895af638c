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

/// What is counted for a fault, each before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Messages,
    /// That is what faults of Pongs are about, whatever else is said beside them.
    Pongs,
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
    pub(super) begun: bool,
}

impl ArmedFault {
    pub(super) fn new(fault: &Arc<Fault>, dice: Dice) -> Self {
        let most = fault.selector.most.unwrap_or(u64::MAX);
        Self { fault: Arc::clone(fault), dice, counted: 0, injected: 0, most, begun: false }
    }

    /// Whether it is looked at before each of these.
    pub(super) fn awaits(&self, what: Counted) -> bool {
        !self.begun && self.counted_for() == Some(what)
    }

    /// What is counted for it; `None` where it begins by time alone.
    fn counted_for(&self) -> Option<Counted> {
        let selector = &self.fault.selector;
        match &self.fault.kind {
            FaultKind::Message(_) => Some(Counted::Messages),
            FaultKind::Control(fault) if fault.is_of_pongs() && !selector.names_message => Some(Counted::Pongs),
            _ => selector.counts().then_some(Counted::Messages),
        }
    }

    /// When it begins, where that is a matter of time alone, and it hasn't begun. `opened` is when the connection was.
    pub(super) fn begins(&self, opened: Instant) -> Option<Instant> {
        let by_time = !self.begun && self.counted_for().is_none();
        by_time.then(|| opened + self.fault.selector.after_time.unwrap_or(Duration::ZERO))
    }

    /// Its time has come. Returns whether it is injected.
    pub(super) fn begin(&mut self) -> bool {
        self.begun = true;
        self.happens()
    }

    /// One of what is counted comes. Returns whether it is injected before that, where `is_possible`.
    pub(super) fn comes(&mut self, what: Counted, open_for: Duration, is_possible: bool) -> bool {
        let selector = &self.fault.selector;
        if !self.awaits(what) || selector.after_time.is_some_and(|after| open_for < after) {
            return false;
        }
        self.counted += 1;
        if !is_possible || !selector.admits(self.counted) {
            return false;
        }
        let happens = self.happens();
        // What is broken stays so; what is done to a message or a Pong is done to the next one, too.
        let is_of_one =
            what == Counted::Pongs || matches!(self.fault.kind, FaultKind::Message(_) | FaultKind::Frame(_));
        self.begun = happens && !is_of_one;
        happens
    }

    fn happens(&mut self) -> bool {
        let happens = self.injected < self.most && self.dice.falls(self.fault.selector.odds);
        self.injected += u64::from(happens);
        happens
    }
}
