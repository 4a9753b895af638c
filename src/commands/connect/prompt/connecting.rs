//! The way to the next connection: the attempt that is under way, the one that is due, and what has come of the last.

use std::time::{Duration, Instant};

use super::connect_thread::ConnectThread;
use crate::client::ConnectFacts;
use crate::client::attempts::Attempt;
use crate::commands::connect::config::Ending;
use crate::commands::connect::reconnect::Reconnects;
use crate::commands::prompt::command::ConnectRequest;
use crate::commands::run_limit::RunLimit;
use crate::error::Error;

/// When it is said that the first connection isn't open yet: most are before anybody could read it.
const TOLD_AFTER: Duration = Duration::from_millis(500);

/// How long an attempt goes on before the line that is typed says so: most are over before anybody could read it.
const SHOWN_AFTER: Duration = Duration::from_millis(200);

/// What leads to the next connection.
#[derive(Debug)]
pub(super) struct Connecting {
    pub(super) thread: ConnectThread,
    /// The attempt that is under way, where nobody has asked for it.
    pub(super) attempt: Option<Attempt>,
    /// Where to go once the one is over that is under way.
    pub(super) wanted: Option<Option<ConnectRequest>>,
    /// The attempt to reconnect that is due next, and when.
    pub(super) retry: Option<(Attempt, Instant)>,
    pub(super) reconnects: Reconnects,
    /// How many there are to be at most, where that was said at the keyboard.
    typed_most: Option<Option<u32>>,
    pub(super) failed: Option<FailedAttempt>,
    /// The first connection of the prompt, until it is open.
    pub(super) first: Option<FirstOpening>,
    /// Why it never was.
    pub(super) failure: Option<Error>,
    progress: AttemptProgress,
}

/// What the line that is typed says of the way to the next connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum AttemptProgress {
    /// There is none.
    #[default]
    None,
    /// It may be over at once: what the line says stays until this time.
    Begun(Instant),
    /// It takes its time.
    Shown,
}

impl AttemptProgress {
    /// At that time, whether a connection is on its way or not.
    fn at(self, now: Instant, is_wanted: bool) -> Self {
        match self {
            _ if !is_wanted => Self::None,
            Self::None => Self::Begun(now + SHOWN_AFTER),
            Self::Begun(until) if now >= until => Self::Shown,
            begun => begun,
        }
    }
}

/// The last attempt, where it has failed.
#[derive(Debug)]
pub(super) struct FailedAttempt {
    pub(super) url: String,
    pub(super) facts: ConnectFacts,
    pub(super) why: String,
    pub(super) at: Instant,
    /// Those that have failed since a connection was opened.
    pub(super) count: u64,
}

/// The first connection of the prompt, until it is open.
#[derive(Debug)]
pub(super) struct FirstOpening {
    /// As it may be shown.
    pub(super) url: String,
    /// `None` once it has been told.
    told_at: Option<Instant>,
    pub(super) limit: RunLimit,
}

impl FirstOpening {
    pub(super) fn new(url: String, limit: RunLimit) -> Self {
        Self { url, told_at: Some(Instant::now() + TOLD_AFTER), limit }
    }

    /// Whether it was told that it takes its time.
    pub(super) fn is_told(&self) -> bool {
        self.told_at.is_none()
    }

    /// Whether it is to be told now that it takes its time; true once.
    pub(super) fn is_to_be_told(&mut self, now: Instant) -> bool {
        self.told_at.take_if(|at| now >= *at).is_some()
    }
}

impl Connecting {
    /// No attempt begins after `latest`.
    pub(super) fn new(thread: ConnectThread, ending: &Ending, latest: Option<Instant>) -> Self {
        Self {
            thread,
            attempt: None,
            wanted: None,
            retry: None,
            reconnects: Reconnects::new(ending.reconnect, ending.reconnect_delay, latest),
            typed_most: None,
            failed: None,
            first: None,
            failure: None,
            progress: AttemptProgress::default(),
        }
    }

    /// Reconnects as another line of `connect` has it, as often as was said at the keyboard.
    pub(super) fn adopt(&mut self, ending: &Ending, latest: Option<Instant>) {
        let most = self.typed_most.unwrap_or(ending.reconnect);
        self.reconnects = Reconnects::new(most, ending.reconnect_delay, latest);
    }

    /// Reconnects at most so often, or never, whatever a flag says.
    pub(super) fn set_most(&mut self, most: Option<u32>, ending: &Ending, latest: Option<Instant>) {
        self.typed_most = Some(most);
        self.adopt(ending, latest);
    }

    /// When something is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let told = self.first.as_ref().and_then(|first| first.told_at);
        let shown = match self.progress {
            AttemptProgress::Begun(until) => Some(until),
            AttemptProgress::None | AttemptProgress::Shown => None,
        };
        self.retry.map(|(_, at)| at).into_iter().chain(told).chain(shown).min()
    }

    /// The connection is open: what follows it is on another way.
    pub(super) fn has_opened(&mut self) {
        self.progress = AttemptProgress::None;
    }

    /// The connection was lost, and another one follows.
    pub(super) fn will_reconnect(&mut self, now: Instant) {
        self.progress = self.progress.at(now, true);
    }

    /// How far the way to the next connection is now. That of the first connection is told before it is shown.
    pub(super) fn progress(&mut self, now: Instant) -> AttemptProgress {
        let is_told = self.first.as_ref().is_none_or(FirstOpening::is_told);
        self.progress = self.progress.at(now, is_told && self.is_wanted());
        self.progress
    }

    /// The attempt that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Attempt> {
        self.retry.take_if(|(_, at)| now >= *at).map(|(attempt, _)| attempt)
    }

    /// Whether an attempt that nobody has asked for is under way, or waits.
    pub(super) fn is_retrying(&self) -> bool {
        self.retry.is_some() || self.attempt.is_some()
    }

    /// Whether another connection is to come.
    pub(super) fn is_wanted(&self) -> bool {
        self.retry.is_some() || self.wanted.is_some() || self.thread.is_wanted()
    }

    /// Takes note of an attempt that has failed.
    pub(super) fn has_failed(&mut self, url: String, facts: ConnectFacts, error: &Error) {
        let count = self.failed.as_ref().map_or(0, |failed| failed.count) + 1;
        self.failed = Some(FailedAttempt { url, facts, why: error.to_string(), at: Instant::now(), count });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_shown_once_it_takes_its_time() {
        let now = Instant::now();
        let begun = AttemptProgress::default().at(now, true);
        assert_eq!(begun, AttemptProgress::Begun(now + SHOWN_AFTER));
        assert_eq!(begun.at(now + SHOWN_AFTER / 2, true), begun);
        let shown = begun.at(now + SHOWN_AFTER, true);
        assert_eq!((shown, shown.at(now, true)), (AttemptProgress::Shown, AttemptProgress::Shown));
        assert_eq!((begun.at(now, false), shown.at(now, false)), (AttemptProgress::None, AttemptProgress::None));
    }
}
