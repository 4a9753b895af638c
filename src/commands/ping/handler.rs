//! Pings, and messages beside them, on one connection.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::report::{PingEvent, PingQuestion, SeriesSummary};
use super::series::{Answered, Series};
use super::{MessageProbe, Questions};
use crate::commands::run_end::RunEnd;
use crate::net::{End, Handler, Sender, Watched};
use crate::script::Condition;
use crate::stdio::writer::Output;
use crate::view::json_text;
use crate::ws::{Beginning, Close, Data, Event, Item, Kind, Message, StatusCode};

/// Content of a message that is compared with what is expected, in bytes: as much as the default limit lets through.
const COMPARED: usize = 64 << 20;

/// What has become of the questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PingOutcome {
    AllAnswered,
    /// None is lost, and the connection or the run ended before there were as many as there should be.
    TooFew,
    Lost,
}

/// Asks and tells until all is answered, or the run is over.
pub(super) struct Pinger<'a> {
    pings: Series,
    /// Bytes of a Ping's payload.
    size: usize,
    messages: Option<Messages>,
    pub(super) report: PingReport,
    pub(super) run: RunEnd<'a>,
    closed: bool,
    pub(super) was_interrupted: bool,
}

/// Messages, whose answers are messages.
struct Messages {
    text: String,
    /// Without it the answer is the message itself.
    answer: Option<Condition>,
    gathered: Beginning,
    series: Series,
}

/// Where things are told, and how.
pub(super) struct PingReport {
    pub(super) output: Output,
    pub(super) json: bool,
    pub(super) quiet: bool,
    /// Of the terminal, where stdout is one.
    pub(super) columns: Option<usize>,
}

impl PingReport {
    pub(super) fn tell(&mut self, event: &PingEvent<'_>) {
        if self.quiet && event.is_of_one_question() {
            return;
        }
        let text = if self.json {
            // Strings and numbers can always be written as JSON.
            let line = serde_json::to_string(event).unwrap_or_default() + "\n";
            self.columns.map_or(line.clone(), |columns| json_text::folded(&line, columns))
        } else {
            event.to_string()
        };
        self.output.write(|out| out.extend_from_slice(text.as_bytes()));
    }
}

impl<'a> Pinger<'a> {
    pub(super) fn new(questions: Questions, report: PingReport, run: RunEnd<'a>) -> Self {
        let Questions { series, size, message } = questions;
        let messages = message.map(|MessageProbe { text, answer }| Messages {
            text,
            answer,
            gathered: Beginning::new(COMPARED),
            series: Series::new(series),
        });
        let pings = Series::new(series);
        Self { pings, size, messages, report, run, closed: false, was_interrupted: false }
    }

    /// Tells what it has come to.
    pub(super) fn finish(&mut self, ending: &End) -> PingOutcome {
        if !self.closed {
            // Nobody answers any more.
            self.pings.lose_rest();
            self.messages.iter_mut().for_each(|messages| messages.series.lose_rest());
            self.summarize();
        }
        self.report.tell(&PingEvent::Closed { ending: &ending.to_string() });
        let messages = self.messages.as_ref().map(|messages| &messages.series);
        let series = std::iter::once(&self.pings).chain(messages);
        if series.clone().any(|series| series.counts().lost > 0) {
            return PingOutcome::Lost;
        }
        // As with ping(8): what was asked just before the end of the time isn't lost, but something has to be answered, and with a
        // number that many.
        let is_stopped = self.run.is_late() || self.was_interrupted;
        let is_short = |series: &Series| match is_stopped {
            true => series.has_too_few_answers(),
            false => series.is_short(),
        };
        if series.into_iter().any(is_short) { PingOutcome::TooFew } else { PingOutcome::AllAnswered }
    }

    fn summarize(&mut self) {
        let messages = self.messages.as_ref().map(|messages| SeriesSummary::of(&messages.series));
        self.report.tell(&PingEvent::Summary { pings: SeriesSummary::of(&self.pings), messages });
    }

    fn pong(&mut self, payload: &[u8], now: Instant) {
        let size = self.size;
        let is_meant = |number| ping_payload(number, size) == payload;
        match self.pings.answer(now, is_meant) {
            Some(answered) => {
                self.report.tell(&PingEvent::answered(PingQuestion::Ping, &answered));
                give_up(&mut self.pings, PingQuestion::Ping, now, Some(&answered), &mut self.report);
            }
            None => {
                let number = str::from_utf8(payload).ok().and_then(|text| text.parse().ok());
                let number = number.filter(|number| *number <= self.pings.counts().sent && is_meant(*number));
                self.report.tell(&PingEvent::UnsolicitedPong { number, payload });
            }
        }
    }

    fn data(&mut self, data: &Data<'_>, now: Instant) {
        let Some(messages) = &mut self.messages else { return };
        let Some((content, _)) = messages.gathered.push(data) else { return };
        let is_answer = match &messages.answer {
            Some(condition) => condition.is_met_by(Message { kind: data.kind, content: &content }),
            None => *content == *messages.text.as_bytes(),
        };
        if is_answer && let Some(answered) = messages.series.answer(now, |_| true) {
            self.report.tell(&PingEvent::answered(PingQuestion::Message, &answered));
        }
    }

    /// Asks what is due.
    fn ask(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if let Some(number) = self.pings.ask(now) {
            // Refused when the connection is closing already.
            let _ = sender.send(Item::Ping(&ping_payload(number, self.size)));
        }
        if let Some(messages) = &mut self.messages
            && messages.series.ask(now).is_some()
        {
            let _ = sender.data(Kind::Text, messages.text.as_bytes(), true);
        }
    }

    fn close(&mut self, code: StatusCode, sender: &mut Sender<'_>) {
        if !std::mem::replace(&mut self.closed, true) {
            // Before the peer's part of the closing handshake, for which there may be no time.
            self.summarize();
            self.report.output.hand_over();
            // Refused when the connection is closing already.
            let _ = sender.close(Close::new(code, ""));
        }
    }
}

/// Tells of those that go unanswered.
fn give_up(series: &mut Series, to: PingQuestion, now: Instant, answered: Option<&Answered>, report: &mut PingReport) {
    let passed = answered.map(|answered| answered.number);
    while let Some(number) = series.give_up(now, passed) {
        let within = passed.is_none_or(|passed| number > passed).then_some(series.timeout());
        report.tell(&PingEvent::Lost { to, number, within });
    }
}

/// The number in so many digits, with zeros before it; of a longer one the last.
fn ping_payload(number: u64, size: usize) -> Vec<u8> {
    let digits = format!("{number:0size$}").into_bytes();
    digits[digits.len() - size..].to_vec()
}

impl Handler for Pinger<'_> {
    fn event(&mut self, event: Event<'_>, _: &mut Sender<'_>) {
        match event {
            Event::Pong(payload) if !self.closed => self.pong(payload, Instant::now()),
            Event::Data(data) if !self.closed => self.data(&data, Instant::now()),
            _ => {}
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if !self.closed && !sender.has_ended() {
            give_up(&mut self.pings, PingQuestion::Ping, now, None, &mut self.report);
            if let Some(messages) = &mut self.messages {
                give_up(&mut messages.series, PingQuestion::Message, now, None, &mut self.report);
            }
            if self.run.check_time(now) {
                self.close(StatusCode::GOING_AWAY, sender);
            } else if self.has_room() {
                self.ask(now, sender);
            }
        }
        self.report.output.hand_over();
        let is_finished = self.messages.as_ref().is_none_or(|messages| messages.series.is_finished());
        if self.pings.is_finished() && is_finished {
            self.close(StatusCode::NORMAL, sender);
        }
    }

    fn has_room(&self) -> bool {
        self.report.output.has_room()
    }

    fn watched(&self) -> Watched<'_> {
        Watched { source: None, waker: Some(self.report.output.as_fd()) }
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.report.output.woken();
        if self.report.output.is_broken() {
            self.close(StatusCode::GOING_AWAY, sender);
        }
    }

    fn sink(&self) -> Option<BorrowedFd<'_>> {
        self.report.output.sink()
    }

    fn sink_closed(&mut self, sender: &mut Sender<'_>) {
        self.report.output.sink_closed();
        self.close(StatusCode::GOING_AWAY, sender);
    }

    fn deadline(&self) -> Option<Instant> {
        let asking = [self.pings.deadline(), self.messages.as_ref().and_then(|messages| messages.series.deadline())];
        let asking = asking.into_iter().flatten().min().filter(|_| !self.closed);
        let latest = if self.run.is_late() { self.run.hard_end() } else { self.run.latest() };
        [asking, latest].into_iter().flatten().min()
    }

    /// The first signal begins the closing handshake, the second leaves.
    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        if self.run.take_signal() {
            self.was_interrupted = true;
            self.run.interrupt();
            self.close(StatusCode::GOING_AWAY, sender);
        }
        true
    }

    fn wants_abort(&self) -> bool {
        self.run.wants_abort() || self.run.is_over(Instant::now())
    }
}
