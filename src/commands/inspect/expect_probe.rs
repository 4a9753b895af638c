//! `--expect`: whether the messages come that a server that is well sends, by itself or as answers.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::net::{End, Handler, Sender};
use crate::script::{GoalConfig, Goals};
use crate::view::amount::Millis;
use crate::ws::{Close, Event, Kind, StatusCode};

/// What is expected of a server.
#[derive(Debug)]
pub(crate) struct ExpectConfig {
    pub(crate) goals: GoalConfig,
    /// Sent first, as text.
    pub(crate) message: Option<String>,
    /// All that is expected has to have come by then, from the opening of the connection on.
    pub(crate) timeout: Duration,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct ExpectReport {
    pub(crate) met: bool,
    /// What is missing.
    pub(crate) missing: Option<String>,
    /// From the opening of the connection to the last message that was expected.
    #[serde(rename = "took_ms")]
    pub(crate) took: Option<Millis>,
    /// How many came.
    pub(crate) messages: u64,
    /// How long ago the last of them had come when the connection was left.
    #[serde(rename = "message_age_ms")]
    pub(crate) message_age: Option<Millis>,
    /// How the connection ended, in words.
    pub(crate) ending: String,
}

impl ExpectReport {
    /// Of a connection that hasn't come about.
    pub(super) fn unopened(goals: &GoalConfig) -> Self {
        let missing = Goals::new(goals.clone()).missing().map(|missing| missing.to_string());
        let ending = "the connection was not opened".to_owned();
        Self { met: false, missing, took: None, messages: 0, message_age: None, ending }
    }
}

/// Sends the message, waits for what is expected, closes.
pub(super) struct ExpectProbe {
    goals: Goals,
    message: Option<String>,
    opened: Instant,
    deadline: Instant,
    messages: u64,
    /// When the last message came.
    received: Option<Instant>,
    has_met: bool,
    /// When there was nothing more to wait for.
    left: Option<Instant>,
}

impl ExpectProbe {
    /// On a connection that has just opened.
    pub(super) fn new(config: ExpectConfig, opened: Instant) -> Self {
        let ExpectConfig { goals, message, timeout } = config;
        let (goals, deadline) = (Goals::new(goals), opened + timeout);
        Self { goals, message, opened, deadline, messages: 0, received: None, has_met: false, left: None }
    }

    pub(super) fn report(self, end: &End) -> ExpectReport {
        let left = self.left.unwrap_or_else(Instant::now);
        let since = |from: Instant| Millis(left.saturating_duration_since(from));
        ExpectReport {
            met: self.has_met,
            missing: self.goals.missing().map(|missing| missing.to_string()),
            took: self.has_met.then(|| since(self.opened)),
            messages: self.messages,
            message_age: self.received.map(since),
            ending: end.to_string(),
        }
    }

    fn leave(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.left.get_or_insert(now);
        // Refused when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
    }
}

impl Handler for ExpectProbe {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        let Event::Data(data) = event else { return };
        if self.left.is_some() {
            return;
        }
        self.goals.data(&data);
        if data.last {
            let now = Instant::now();
            self.messages += 1;
            self.received = Some(now);
            if self.goals.has_all() {
                self.has_met = true;
                self.leave(now, sender);
            }
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if let Some(message) = self.message.take() {
            // Refused when the connection is closing already.
            let _ = sender.data(Kind::Text, message.as_bytes(), true);
        }
        if sender.has_ended() || sender.is_closing() {
            self.left.get_or_insert(now);
        } else if self.left.is_none() && now >= self.deadline {
            self.leave(now, sender);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.left.is_none().then_some(self.deadline)
    }
}
