//! One side of a recorded connection, played again: sends what that side had sent, and compares what comes with what had
//! come. docs/replay.md says what is compared, and when something is sent.

mod captures;
mod expectations;
mod outgoing;
mod patience;
mod planned_frames;
mod playing;
mod report;
mod sending;
mod timeline;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use self::captures::Capture;
use self::captures::Captures;
use self::expectations::{Expectations, Expected, KEPT};
use self::outgoing::ReplaySteps;
pub(crate) use self::patience::Patience;
pub(crate) use self::report::ReplayReport;
use self::report::{Mismatch, MismatchKind};
use self::sending::ReplaySender;
pub(crate) use self::timeline::ReplayPace;
use self::timeline::Timeline;
use crate::advice;
use crate::error::Error;
use crate::peer_text::Escaped;
use crate::trace::message_difference::{self, MessageExcerpt};
use crate::trace::message_match::{MatchMode, MessageMatch, pattern_fault, structured};
use crate::trace::recorded_connection::ConnectionRecords;
use crate::view::amount::Count;
use crate::view::close_text::CloseText;
use crate::ws::{Beginning, Close, Data, Direction, Kind, Message, Role};

/// A connection of a recording, from the side of whoever plays it.
#[derive(Clone)]
pub(crate) struct Recorded {
    /// For what is wrong with it.
    pub(crate) path: PathBuf,
    /// Reads its records from the first on.
    pub(crate) records: Arc<dyn Fn() -> ConnectionRecords + Send + Sync>,
    /// Which way that side has sent.
    pub(crate) ours: Direction,
    /// Of who had sent that.
    pub(crate) side: Role,
    /// Of whoever plays it.
    pub(crate) role: Role,
}

impl Recorded {
    /// The same side, played by somebody who may be at the other end of a connection.
    pub(crate) fn played_by(self, role: Role) -> Self {
        Self { role, ..self }
    }

    fn records(&self) -> ConnectionRecords {
        (self.records)()
    }

    fn theirs(&self) -> Direction {
        match self.ours {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        }
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded").field("path", &self.path).field("ours", &self.ours).finish_non_exhaustive()
    }
}

/// How it is played.
#[derive(Debug, Clone)]
pub(crate) struct ReplayOptions {
    pub(crate) pace: ReplayPace,
    pub(crate) speed: f64,
    pub(crate) max_gap: Option<Duration>,
    /// For what is to come.
    pub(crate) patience: Patience,
    pub(crate) matching: MessageMatch,
    pub(crate) on_mismatch: OnMismatch,
    pub(crate) captures: Vec<Capture>,
    /// Frames that the protocol forbids are sent too, and masked as they were.
    pub(crate) exact: bool,
    /// The connection is somebody else's too: it isn't closed, and how it ends doesn't matter.
    pub(crate) keeps_open: bool,
}

impl ReplayOptions {
    /// As it is played without flags, on a connection that stays open.
    pub(crate) fn at_a_prompt() -> Self {
        Self {
            pace: ReplayPace::Order,
            speed: 1.0,
            max_gap: None,
            patience: Patience::of(None, Role::Client),
            matching: MessageMatch { mode: MatchMode::Json, ignored: Vec::new() },
            on_mismatch: OnMismatch::Fail,
            captures: Vec::new(),
            exact: false,
            keeps_open: true,
        }
    }
}

/// What is done about a mismatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnMismatch {
    /// It is told.
    Warn,
    /// It is told, and the outcome is no.
    Fail,
    /// Nothing more is played.
    Stop,
}

impl OnMismatch {
    pub(crate) const NAMES: [(&'static str, Self); 3] =
        [("warn", Self::Warn), ("fail", Self::Fail), ("stop", Self::Stop)];
}

/// Who is told of each mismatch, and of what was captured.
pub(crate) type Tell = Box<dyn Fn(&dyn fmt::Display) + Send>;

/// A side at work on one connection.
pub(crate) struct Replay {
    options: Arc<ReplayOptions>,
    outgoing: ReplaySteps,
    sending: ReplaySender,
    expectations: Expectations,
    captures: Captures,
    gathered: Beginning,
    tell: Tell,
    state: State,
    begun: Option<Instant>,
    /// When something was sent or came last.
    progress: Option<Instant>,
    /// Messages that have come, and those that are waited for no longer.
    heard: u64,
    given_up: u64,
    /// As if so many had come: what would be sent behind them isn't waiting for them any more. They may still come.
    released: u64,
    peer_close: Option<Close>,
    /// The peer has closed first, and got the answer that was recorded.
    has_answered: bool,
    /// The peer was to close, and we did.
    peer_close_is_late: bool,
    /// Our Close before the end of the recording: a peer that answers with the same has said nothing of its own.
    early_close: Option<Close>,
    ends_as_recorded: bool,
    /// When there is something to do next.
    due: Option<Instant>,
    blocked: bool,
    /// It is to end behind a message that has begun.
    stopping: bool,
    failure: Option<Error>,
    report: ReplayReport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Playing,
    /// What there was is played.
    Played,
    /// It was ended before: nothing that comes matters any more.
    Stopped,
}

impl Replay {
    /// For a connection that has just opened.
    pub(crate) fn new(recorded: Recorded, options: Arc<ReplayOptions>, tell: Tell) -> Self {
        let timeline = Timeline::new(options.speed, options.max_gap);
        Self {
            expectations: Expectations::new(recorded.records(), recorded.theirs()),
            sending: ReplaySender::new(recorded.role, options.exact),
            outgoing: ReplaySteps::new(recorded, timeline),
            captures: Captures::new(options.captures.clone()),
            options,
            gathered: Beginning::new(KEPT),
            tell,
            state: State::Playing,
            begun: None,
            progress: None,
            heard: 0,
            given_up: 0,
            released: 0,
            peer_close: None,
            has_answered: false,
            peer_close_is_late: false,
            early_close: None,
            ends_as_recorded: false,
            due: None,
            blocked: false,
            stopping: false,
            failure: None,
            report: ReplayReport::default(),
        }
    }

    /// What can't be read or sent has ended it.
    pub(crate) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Whether nothing more is played; then it has closed the connection by itself, unless that is kept open.
    pub(crate) fn has_closed(&self) -> bool {
        self.state != State::Playing && !self.has_answered
    }

    pub(crate) fn report(&self) -> &ReplayReport {
        &self.report
    }

    /// Nothing more comes: what was still to come is missing.
    ///
    /// # Errors
    /// What can't be read.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        if self.state == State::Stopped || std::mem::replace(&mut self.state, State::Stopped) == State::Stopped {
            return Ok(());
        }
        self.report.unsent = self.outgoing.count_rest()?;
        if self.sending.left_out > 0 {
            (self.tell)(&advice::frames_left_out(Count(self.sending.left_out, "frame")));
        }
        if self.outgoing.left_out > 0 {
            let count = Count(self.outgoing.left_out, "frame");
            (self.tell)(&format_args!("not sent: {count} of which the recording has only an excerpt"));
        }
        let mode = self.options.matching.mode;
        while let Some(expected) = self.expectations.skip()? {
            if mode != MatchMode::Any {
                self.miss(&expected);
            }
        }
        let mismatch = self.compare_closes();
        if !matches!(mode, MatchMode::Any | MatchMode::Count) && !self.options.keeps_open {
            mismatch.into_iter().for_each(|mismatch| self.mismatch(mismatch));
        }
        Ok(())
    }

    /// Whether the peer has closed as it had when it was recorded. To be asked once all is finished.
    pub(crate) fn has_ended_as_recorded(&self) -> bool {
        self.ends_as_recorded
    }

    fn compare_closes(&mut self) -> Option<Mismatch> {
        let (line, expected) = self.expectations.close.take()?;
        self.ends_as_recorded = self.peer_close.as_ref() == Some(&expected) && !self.peer_close_is_late;
        if self.ends_as_recorded {
            return None;
        }
        let text = |close: &Close| CloseText(close).to_string();
        let is_own = |close: &&Close| !self.peer_close_is_late && self.early_close.as_ref() != Some(close);
        let found = self.peer_close.as_ref().filter(is_own);
        let found = found.map_or_else(|| "none".to_owned(), text);
        let (line, what) = (Some(line), MismatchKind::Close);
        Some(Mismatch { number: None, line, what, expected: text(&expected), found })
    }

    fn mismatch(&mut self, mismatch: Mismatch) {
        if self.report.lists_more() {
            (self.tell)(&mismatch);
        }
        self.report.add(mismatch);
    }

    fn miss(&mut self, expected: &Expected) {
        let excerpt = MessageExcerpt { message: expected.beginning(), length: expected.length }.to_string();
        let (line, what) = (Some(expected.line), MismatchKind::Missing);
        self.mismatch(Mismatch { number: None, line, what, expected: excerpt, found: String::new() });
    }

    /// Part of a message has come.
    fn data(&mut self, data: &Data<'_>) -> Result<(), Error> {
        if data.first {
            self.expectations.begin()?;
        }
        self.expectations.push(data.bytes)?;
        // Here, where it is needed as a value: the message may lie in it.
        let mut gathered = std::mem::replace(&mut self.gathered, Beginning::new(KEPT));
        if let Some((content, length)) = gathered.push(data) {
            self.heard += 1;
            self.report.received += 1;
            let expected = self.expectations.finish()?;
            self.judge(Message { kind: data.kind, content: &content }, length, expected);
        }
        self.gathered = gathered;
        Ok(())
    }

    /// A whole message has come.
    fn judge(&mut self, message: Message<'_>, length: u64, expected: Option<Expected>) {
        let mode = self.options.matching.mode;
        let found = || MessageExcerpt { message, length }.to_string();
        let number = Some(self.report.received);
        let Some(mut expected) = expected else {
            if self.expectations.breaks_off {
                self.report.behind_the_end += 1;
            } else if mode != MatchMode::Any {
                let (what, expected) = (MismatchKind::Extra, String::new());
                self.mismatch(Mismatch { number, line: None, what, expected, found: found() });
            }
            return;
        };
        let whole = (message.content.len() as u64 == length).then_some(message);
        if let Some(message) = whole.filter(|_| self.captures.are_wanted()) {
            self.capture(&mut expected, message);
        }
        if matches!(mode, MatchMode::Any | MatchMode::Count) || self.is_met(&expected, message.kind, whole) {
            self.report.matched += u64::from(mode != MatchMode::Any);
            return;
        }
        let recorded = MessageExcerpt { message: expected.beginning(), length: expected.length };
        let [recorded, found] =
            message_difference::excerpts(&self.options.matching, recorded, MessageExcerpt { message, length });
        let (line, what) = (Some(expected.line), MismatchKind::Differs);
        self.mismatch(Mismatch { number, line, what, expected: recorded, found });
        let is_pattern = mode == MatchMode::Regex && expected.kind == message.kind;
        if let Some(why) = expected.whole().filter(|_| is_pattern).and_then(pattern_fault) {
            (self.tell)(&format_args!("what line {} has is not a regular expression: {why}", expected.line));
        }
        let matching = &self.options.matching;
        self.report.add_difference(|| message_difference::lines(matching, expected.beginning(), message));
    }

    fn is_met(&self, expected: &Expected, kind: Kind, whole: Option<Message<'_>>) -> bool {
        let is_same = expected.is_same && expected.kind == kind;
        is_same
            || expected
                .whole()
                .zip(whole)
                .is_some_and(|(expected, found)| self.options.matching.is_met(expected, found))
    }

    /// Takes what is to be taken out of a message, and puts it, and what was taken before, where the recording has another.
    fn capture(&mut self, expected: &mut Expected, message: Message<'_>) {
        let Some(recorded) = expected.whole() else { return };
        if let Some((recorded, live)) = structured(recorded).zip(structured(message)) {
            self.captures.take(&recorded, &live).iter().for_each(|taken| (self.tell)(&Escaped(taken)));
        }
        let text = str::from_utf8(recorded.content).ok().filter(|_| recorded.kind == Kind::Text);
        if let Some(Cow::Owned(text)) = text.map(|text| self.captures.substitute(text)) {
            expected.is_same = text.as_bytes() == message.content;
            expected.length = text.len() as u64;
            expected.kept = text.into_bytes();
        }
    }
}
