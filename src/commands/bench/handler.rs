//! The load on one connection.
//!
//! What came with one receive is measured by one look at the clock, behind the last of it, and what goes out then leaves with
//! one write: neither the clock nor a lock stands between an answer and the next message.

use std::time::{Duration, Instant};

use super::answer_rule::{AnswerRule, LOOKED_AT, number_at};
use super::load::{LoadConfig, LoadTimes};
use super::meter::{Measured, MeterShard};
use super::numbered::{NumberedAnswer, NumberedMessages};
use super::pacer::Pacer;
use super::results::{OnEnd, Remainder};
use super::run::{BusyGuard, LoadRun};
use crate::net::{Handler, LoopHandler, Sender, Summary};
use crate::ws::{Beginning, Close, Data, Event, Message, StatusCode};

/// Bytes that may wait for a peer who takes nothing; what is planned behind them waits, too.
const BACKLOG: usize = 256 * 1024;

pub(super) struct LoadHandler<'a> {
    run: &'a LoadRun,
    shard: &'a MeterShard,
    /// Among those that were opened, from 0.
    place: usize,
    /// Once the load has begun.
    load: Option<ConnectionLoad>,
    turn: Turn,
    echo: EchoCheck,
    /// The beginning of a message that comes in parts, for its number.
    gathered: Beginning,
    /// What the next message is made in.
    buffer: Vec<u8>,
    remainder: Remainder,
    /// As long as it has something to do: nobody waits for a connection whose thread has gone down with a bug of ours.
    busy: Option<BusyGuard<'a>>,
    /// The connection is dropped, without a Close.
    is_dropped: bool,
    on_end: OnEnd<'a>,
}

struct ConnectionLoad {
    times: LoadTimes,
    pacer: Pacer,
    /// Where answers have numbers.
    numbered: NumberedMessages,
    /// Messages that are still to be sent; `None` where the time decides.
    left: Option<u64>,
    /// How many messages have gone out.
    sent: u64,
    /// When something was sent or answered last.
    progressed: Instant,
    /// Bytes that the peer had taken then.
    written: u64,
    /// The peer takes nothing, so that what is late isn't late by our fault.
    is_held_back: bool,
}

/// What has come since the last turn.
#[derive(Default)]
struct Turn {
    answers: u64,
    /// The numbers that answers have, `None` of those that have none.
    numbers: Vec<Option<u64>>,
    counted: Measured,
}

/// Whether a message has the content of ours, which comes in parts.
#[derive(Default)]
struct EchoCheck {
    compared: usize,
    differs: bool,
}

impl EchoCheck {
    /// Takes the next part. With the last, returns whether all of the message is ours.
    fn is_echo(&mut self, data: &Data<'_>, sent: &[u8]) -> bool {
        if data.first {
            *self = Self::default();
        }
        self.differs = self.differs || !sent[self.compared..].starts_with(data.bytes);
        self.compared = sent.len().min(self.compared + data.bytes.len());
        data.last && !self.differs && self.compared == sent.len()
    }
}

impl<'a> LoadHandler<'a> {
    pub(super) fn new(run: &'a LoadRun, place: usize, busy: BusyGuard<'a>, on_end: OnEnd<'a>) -> Self {
        Self {
            run,
            shard: run.meter.shard(place),
            place,
            load: None,
            turn: Turn::default(),
            echo: EchoCheck::default(),
            gathered: Beginning::new(LOOKED_AT),
            buffer: Vec::new(),
            remainder: Remainder::default(),
            busy: Some(busy),
            is_dropped: false,
            on_end,
        }
    }

    /// Whether what comes is an answer to what was sent here.
    fn awaits_answers(&self) -> bool {
        self.config().fan_out.is_none() && self.config().answers != AnswerRule::Nothing
    }

    fn config(&self) -> &'a LoadConfig {
        &self.run.config
    }

    /// Nothing more is sent, nor measured.
    fn finish(&mut self, now: Instant, is_done: bool) {
        let Some(busy) = self.busy.take() else { return };
        let Some(load) = &self.load else {
            self.remainder.is_early = true;
            return busy.finish(now);
        };
        let unanswered = if self.awaits_answers() { load.pacer.unanswered() } else { 0 };
        let end = load.times.end.map_or(now, |end| end.min(now));
        let unsent = load.left.unwrap_or_else(|| load.pacer.missed(end));
        self.remainder = Remainder { unanswered, unsent, is_done, is_early: false };
        // Where the time decides, it passes whether or not something is sent.
        let since = load.times.end.filter(|_| load.left != Some(0)).map_or(load.progressed, |end| end.min(now));
        busy.finish(since);
    }

    /// Measures the answers that have come. During the warm-up they are taken, and that is all.
    fn account(&mut self, now: Instant) {
        let Some(load) = self.load.as_mut() else {
            self.turn = Turn::default();
            return;
        };
        let Turn { answers, numbers, counted } = &mut self.turn;
        while *answers > 0 {
            let Some((planned, count)) = load.pacer.answered(*answers) else { break };
            load.measure(planned, count, now, self.shard);
            *answers -= u64::from(count);
        }
        counted.unsolicited += std::mem::take(answers);
        for number in numbers.drain(..) {
            match number.map_or(NumberedAnswer::Unknown, |number| load.numbered.answered(number)) {
                NumberedAnswer::To { planned, is_late } => {
                    // It makes room for another, whichever it is.
                    load.pacer.answered(1);
                    load.measure(planned, 1, now, self.shard);
                    counted.reordered += u64::from(is_late);
                }
                NumberedAnswer::Again => counted.repeated += 1,
                NumberedAnswer::Unknown => counted.unsolicited += 1,
            }
        }
        if now < load.times.measured {
            *counted = Measured::default();
        }
    }

    /// Sends what is due, as far as the peer takes it.
    fn send_due(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let is_numbered = self.awaits_answers() && matches!(self.config().answers, AnswerRule::Json(_));
        while let Some((planned, due)) = self.load.as_ref().and_then(|load| load.next_due(now)) {
            let (count, bytes) = self.send(due, sender);
            let Some(load) = &mut self.load else { return };
            if count > 0 {
                load.sent(planned, count, is_numbered);
                load.progressed = now;
            }
            if planned >= load.times.measured {
                load.left = load.left.map(|left| left - u64::from(count));
                self.turn.counted.sent.messages += u64::from(count);
                self.turn.counted.sent.bytes += bytes;
                if let Some(delay) = load.pacer.delay(planned, now).filter(|_| !load.is_held_back) {
                    self.shard.send_delays.add_many(delay, count);
                }
            }
            if count < due {
                load.is_held_back = sender.backlog() >= BACKLOG;
                return;
            }
        }
        if let Some(load) = &mut self.load {
            load.is_held_back = false;
        }
    }

    /// Sends the next messages, so many of them as the peer takes. Returns how many those are, and the bytes in them.
    fn send(&mut self, due: u32, sender: &mut Sender<'_>) -> (u32, u64) {
        let message = &self.run.message;
        let Some(load) = &self.load else { return (0, 0) };
        let is_published = self.run.config.fan_out.is_some();
        let mut bytes = 0;
        for count in 0..due {
            if sender.backlog() >= BACKLOG {
                return (count, bytes);
            }
            let sent = load.sent + u64::from(count);
            // Of all that are published, where several do.
            let number = if is_published { sent * load.times.senders as u64 + self.place as u64 } else { sent };
            let content = message.numbered(number, &mut self.buffer);
            if sender.data(message.kind, content, true).is_err() {
                return (count, bytes);
            }
            bytes += content.len() as u64;
        }
        (due, bytes)
    }

    /// Adds what was counted to what all connections have.
    fn add_up(&mut self) {
        self.shard.add(&std::mem::take(&mut self.turn.counted));
    }
}

impl ConnectionLoad {
    /// So many messages that were planned for then have gone out.
    fn sent(&mut self, planned: Instant, count: u32, is_numbered: bool) {
        self.sent += u64::from(count);
        self.pacer.sent(planned, count);
        if is_numbered {
            (0..count).for_each(|_| self.numbered.sent(planned));
        }
    }

    /// So many messages that were planned for then are answered.
    fn measure(&mut self, planned: Instant, count: u32, now: Instant, shard: &MeterShard) {
        self.progressed = now;
        if planned >= self.times.measured {
            shard.round_trips.add_many(now.saturating_duration_since(planned), count);
        }
    }

    /// The time for which the next messages are planned, and how many are to be sent for it, if that has come.
    fn next_due(&self, now: Instant) -> Option<(Instant, u32)> {
        let (planned, due) = self.pacer.due(now)?;
        // Those of the warm-up aren't among them.
        let left = self.left.filter(|left| *left == 0 || planned >= self.times.measured);
        let due = left.map_or(due, |left| due.min(u32::try_from(left).unwrap_or(u32::MAX)));
        (due > 0 && self.times.end.is_none_or(|end| planned < end)).then_some((planned, due))
    }

    /// Whether nothing is left to be sent.
    fn has_sent_all(&self, now: Instant) -> bool {
        self.left == Some(0) || self.times.end.is_some_and(|end| self.pacer.is_over(end, now))
    }

    /// Whether the peer has taken nothing for so long, once the time is over: what is planned for before isn't sent any more.
    fn is_stuck(&self, now: Instant, timeout: Duration) -> bool {
        self.is_held_back && self.times.end.is_none_or(|end| now >= end) && now >= self.progressed + timeout
    }

    /// Whether there is nothing to wait for but answers.
    fn is_waiting(&self, now: Instant) -> bool {
        self.pacer.waits_for_answer() || self.has_sent_all(now)
    }
}

impl Handler for LoadHandler<'_> {
    fn event(&mut self, event: Event<'_>, _: &mut Sender<'_>) {
        let Event::Data(data) = event else { return };
        if self.config().fan_out.is_some() {
            // What is published may come back to whoever did.
            return;
        }
        self.turn.counted.received.add(data.bytes.len(), data.last);
        match &self.config().answers {
            AnswerRule::Fifo => self.turn.answers += u64::from(data.last),
            AnswerRule::Echo => {
                let is_echo = self.echo.is_echo(&data, &self.run.message.content);
                self.turn.answers += u64::from(is_echo);
                self.turn.counted.unsolicited += u64::from(data.last && !is_echo);
            }
            AnswerRule::Json(pointer) => {
                if let Some((content, _)) = self.gathered.push(&data) {
                    self.turn.numbers.push(number_at(Message { kind: data.kind, content: &content }, pointer));
                }
            }
            AnswerRule::Nothing => {}
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.busy.is_none() {
            return;
        }
        if self.load.is_none() {
            self.load = self.run.times().map(|times| ConnectionLoad {
                times,
                pacer: Pacer::new(self.config().pacing, self.place, &times),
                numbered: NumberedMessages::default(),
                left: self.config().share(self.place, times.senders),
                sent: 0,
                progressed: times.begin,
                written: 0,
                is_held_back: false,
            });
        }
        self.account(now);
        let written = sender.progress().0;
        if let Some(load) = self.load.as_mut().filter(|load| load.written != written) {
            (load.written, load.progressed) = (written, now);
        }
        if sender.has_ended() || sender.is_closing() {
            self.add_up();
            return self.finish(now, false);
        }
        self.send_due(now, sender);
        self.add_up();
        let Some(load) = &self.load else { return };
        let waits = load.is_waiting(now);
        let is_answered = load.pacer.unanswered() == 0 || !self.awaits_answers();
        let is_over = load.times.end.is_none_or(|end| now >= end);
        // Where the time decides, the connection is there until it is over.
        let is_done = load.has_sent_all(now) && is_answered && (load.left == Some(0) || is_over);
        let is_given_up = waits && !is_answered && is_over && now >= load.progressed + self.config().timeout;
        if is_done || is_given_up || load.is_stuck(now, self.config().timeout) {
            self.finish(now, is_done || is_given_up);
            self.is_dropped = self.config().storm;
            if self.is_dropped {
                return;
            }
            // Refused when the connection is closing already.
            let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
        }
    }

    fn wants_abort(&self) -> bool {
        self.is_dropped
    }

    fn deadline(&self) -> Option<Instant> {
        let load = self.load.as_ref().filter(|_| self.busy.is_some())?;
        let given_up = load.progressed + self.config().timeout;
        let end = load.times.end.map(|end| end.max(given_up));
        if load.is_held_back {
            return end.or(Some(given_up));
        }
        let next = load.pacer.next().filter(|next| load.times.end.is_none_or(|end| *next < end));
        match (load.pacer.waits_for_answer(), load.pacer.unanswered()) {
            // An answer comes, or has come too late.
            (true, _) => end.or(Some(given_up)),
            (false, unanswered) if unanswered == 0 || !self.awaits_answers() => next.or(load.times.end),
            (false, _) => next.or(end.or(Some(given_up))),
        }
    }
}

impl LoopHandler for LoadHandler<'_> {
    fn ended(mut self: Box<Self>, summary: Summary) {
        self.finish(Instant::now(), false);
        (self.on_end)(&summary, self.remainder);
    }
}
