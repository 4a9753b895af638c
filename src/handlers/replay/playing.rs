//! A replay while its connection is open: when the next thing is sent, and what is done where nothing comes.

use std::time::{Duration, Instant};

use super::outgoing::{ReplayStep, What};
use super::timeline::ReplayPace;
use super::{OnMismatch, Replay, State};
use crate::advice;
use crate::error::Error;
use crate::handlers::fragments::ENOUGH;
use crate::net::{Handler, Sender};
use crate::ws::{Close, Event, Kind, OwnedItem, Role, StatusCode};

/// Whether the next thing may be sent.
enum Readiness {
    Now,
    /// Not before then; without a time, not before something comes.
    At(Option<Instant>),
    /// What it waits for hasn't come in time.
    TooLate,
}

impl Handler for Replay {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        // Pings and Pongs say nothing about what is waited for.
        if matches!(event, Event::Data(_) | Event::Close(_)) {
            self.progress = Some(Instant::now());
        }
        match &event {
            Event::Data(data) if self.state != State::Stopped => {
                let mismatches = self.report.mismatches();
                let judged = self.data(data);
                self.fail(judged, sender);
                if self.report.mismatches() > mismatches {
                    self.stop_at_mismatch(sender);
                }
            }
            Event::Close(close) => self.peer_close = Some(close.clone()),
            _ => {}
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        (self.blocked, self.due) = (false, None);
        let begun = *self.begun.get_or_insert_with(|| {
            // The recorded answer may have a reason, and stand behind what the server had still to say.
            sender.set_answer_closes(self.sending.role == Role::Client);
            now
        });
        let played = self.play(now, begun, sender);
        self.fail(played, sender);
    }

    fn has_more(&self) -> bool {
        self.blocked
    }

    fn deadline(&self) -> Option<Instant> {
        self.due
    }
}

impl Replay {
    /// Nothing more is played, and what comes matters no more.
    fn end(&mut self, close: Close, sender: &mut Sender<'_>) {
        self.state = State::Stopped;
        self.close(close, sender);
    }

    /// Nothing more is sent; what doesn't come before the end is missing.
    pub(crate) fn end_early(&mut self, close: Close, sender: &mut Sender<'_>) {
        if self.state == State::Playing {
            self.state = State::Played;
        }
        if self.peer_close.is_none() {
            self.early_close = Some(close.clone());
        }
        self.close(close, sender);
    }

    /// Nothing more is sent but the rest of a message that has begun.
    pub(crate) fn stop(&mut self) {
        self.stopping = true;
    }

    fn close(&self, close: Close, sender: &mut Sender<'_>) {
        if !self.options.keeps_open {
            // Refused when the connection is closing already.
            let _ = sender.close(close);
        }
    }

    fn fail(&mut self, outcome: Result<(), Error>, sender: &mut Sender<'_>) {
        if let Err(error) = outcome {
            self.failure.get_or_insert(error);
            self.end(Close::new(StatusCode::GOING_AWAY, ""), sender);
        }
    }

    fn stop_at_mismatch(&mut self, sender: &mut Sender<'_>) {
        if self.options.on_mismatch == OnMismatch::Stop {
            let code = match self.sending.role {
                Role::Client => StatusCode::NORMAL,
                Role::Server => StatusCode::POLICY_VIOLATION,
            };
            self.end(Close::new(code, "not as recorded"), sender);
        }
    }

    /// Sends what is due, as far as there is room.
    fn play(&mut self, now: Instant, begun: Instant, sender: &mut Sender<'_>) -> Result<(), Error> {
        while self.state == State::Playing && !sender.is_closing() && (!sender.has_ended() || self.owes_answer()) {
            if sender.backlog() >= ENOUGH {
                self.blocked = true;
                break;
            }
            if self.stopping && !sender.is_inside_message() {
                self.state = State::Played;
                break;
            }
            self.outgoing.peek()?;
            let Some(step) = self.outgoing.take() else { break };
            if self.owes_answer() && step.heard > self.heard {
                // What it stands behind doesn't come any more.
                self.outgoing.put_back(step);
                self.answer_close(None, sender);
                break;
            }
            match self.readiness(&step, now, begun) {
                Readiness::Now => self.send(step, now, sender),
                Readiness::At(due) => {
                    self.due = due;
                    self.outgoing.put_back(step);
                    break;
                }
                Readiness::TooLate => self.wait_no_longer(step, now, sender)?,
            }
        }
        Ok(())
    }

    /// Whether the peer has closed, and is to be answered behind what the recording has before that.
    fn owes_answer(&self) -> bool {
        self.sending.role == Role::Server && self.peer_close.is_some()
    }

    /// As in the recording, if the peer has closed as there.
    fn answer_close(&mut self, recorded: Option<Close>, sender: &mut Sender<'_>) {
        (self.state, self.has_answered) = (State::Played, true);
        let Some(theirs) = &self.peer_close else { return };
        match recorded.filter(|recorded| recorded.code == theirs.code) {
            // Refused when it is answered already.
            Some(recorded) => drop(sender.close(recorded)),
            None => sender.answer_close(theirs),
        }
    }

    fn readiness(&self, step: &ReplayStep, now: Instant, begun: Instant) -> Readiness {
        // A message that has begun goes on.
        if matches!(step.what, What::Part { begins: None, .. }) {
            return Readiness::Now;
        }
        let is_end = step.is_end();
        let at = begun + step.at;
        if self.options.pace == ReplayPace::Time && now < at && !matches!(step.what, What::PeerCloses(_)) {
            return Readiness::At(Some(at));
        }
        let has_heard = (self.heard + self.given_up).max(self.released) >= step.heard;
        let waits = match step.what {
            What::PeerCloses(_) => self.peer_close.is_none(),
            // The last word is the last in any case.
            _ => !has_heard && (is_end || self.options.pace == ReplayPace::Order),
        };
        if !waits {
            return Readiness::Now;
        }
        let since = if self.options.pace == ReplayPace::Time { self.progress.max(Some(at)) } else { self.progress };
        let since = since.unwrap_or(begun);
        let until = self.options.patience.limit(step.gap, is_end).map(|(_, in_all)| since + in_all);
        if until.is_some_and(|until| now >= until) { Readiness::TooLate } else { Readiness::At(until) }
    }

    fn send(&mut self, mut step: ReplayStep, now: Instant, sender: &mut Sender<'_>) {
        if let What::Message { kind: Kind::Text, content, .. } = &mut step.what
            && let Ok(text) = str::from_utf8(content)
            && let std::borrow::Cow::Owned(text) = self.captures.substitute(text)
        {
            *content = text.into_bytes();
        }
        self.progress = Some(now);
        if self.options.keeps_open && matches!(&step.what, What::Item(item) if item.as_item().is_close()) {
            self.state = State::Played;
            return;
        }
        self.report.sent += u64::from(self.sending.send(&step.what, sender));
        match step.what {
            What::Item(OwnedItem::Close(_)) => self.state = State::Played,
            What::PeerCloses(recorded) if self.owes_answer() => self.answer_close(recorded, sender),
            What::End(closed) if self.owes_answer() => self.answer_close(closed, sender),
            What::End(Some(closed)) => self.end_early(closed, sender),
            What::PeerCloses(_) | What::End(None) => self.end_early(Close::new(StatusCode::NORMAL, ""), sender),
            _ => {}
        }
    }

    /// What the step waits for doesn't come. With `warn` it is played on without. A server plays on in any case: its client may
    /// be waiting for it, as for a greeting that the recorded one got before it had read it.
    fn wait_no_longer(&mut self, step: ReplayStep, now: Instant, sender: &mut Sender<'_>) -> Result<(), Error> {
        let missing = step.heard.saturating_sub((self.heard + self.given_up).max(self.released));
        let (beyond, _) = self.options.patience.limit(step.gap, step.is_end()).unwrap_or_default();
        let waited = waited_for(missing, beyond);
        if self.sending.role == Role::Server && !step.is_end() {
            (self.tell)(&advice::plays_on_unanswered(&waited, step.line.unwrap_or_default()));
            self.released = step.heard;
            self.progress = Some(now);
            self.outgoing.put_back(step);
            return Ok(());
        }
        (self.tell)(&waited);
        if matches!(step.what, What::PeerCloses(_)) && missing == 0 || self.options.on_mismatch != OnMismatch::Warn {
            self.peer_close_is_late = matches!(step.what, What::PeerCloses(_));
            self.outgoing.put_back(step);
            self.end_early(Close::new(StatusCode::NORMAL, ""), sender);
            return Ok(());
        }
        for _ in 0..missing {
            if let Some(expected) = self.expectations.skip()? {
                self.miss(&expected);
            }
        }
        self.given_up += missing;
        self.progress = Some(now);
        self.outgoing.put_back(step);
        Ok(())
    }
}

fn waited_for(missing: u64, patience: Duration) -> String {
    match missing {
        0 => format!("the peer did not close within {patience:?}"),
        1 => format!("a message did not come within {patience:?}"),
        count => format!("{count} messages did not come within {patience:?}"),
    }
}
