//! One connection that receives what others publish.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use super::answer_rule::number_in;
use super::fan_out::Deliveries;
use super::meter::{Measured, MeterShard};
use super::results::Remainder;
use super::run::LoadRun;
use crate::net::{Handler, Sender, Watched};
use crate::ws::{Beginning, Close, Event, Message, StatusCode};

/// Of a message that may have a number in it, in bytes.
const LOOKED_AT: usize = 1 << 20;

pub(super) struct SubscriberHandler<'a> {
    run: &'a LoadRun,
    shard: &'a MeterShard,
    /// Once the load has begun.
    load: Option<SubscriberLoad>,
    gathered: Beginning,
    /// What has come since the last turn, by its numbers; `None` of what has none.
    numbers: Vec<Option<u64>>,
    counted: Measured,
    remainder: Remainder,
    has_finished: bool,
}

struct SubscriberLoad {
    deliveries: Arc<Deliveries>,
    /// Of each publisher, the number of the message that comes next.
    next: Vec<u64>,
    received: u64,
    measured: Instant,
    end: Option<Instant>,
    /// When something came last.
    progressed: Instant,
}

impl<'a> SubscriberHandler<'a> {
    pub(super) fn new(run: &'a LoadRun, place: usize) -> Self {
        Self {
            run,
            shard: run.meter.shard(place),
            load: None,
            gathered: Beginning::new(LOOKED_AT),
            numbers: Vec::new(),
            counted: Measured::default(),
            remainder: Remainder::default(),
            has_finished: false,
        }
    }

    /// What is left undone on a connection that has ended.
    pub(super) fn leave(mut self, now: Instant) -> Remainder {
        self.finish(now, false);
        self.remainder
    }

    fn finish(&mut self, now: Instant, is_done: bool) {
        if std::mem::replace(&mut self.has_finished, true) {
            return;
        }
        let Some(load) = &self.load else {
            self.remainder.is_early = true;
            return self.run.finished(now);
        };
        let unanswered = load.deliveries.expected().saturating_sub(load.received);
        self.remainder = Remainder { unanswered, unsent: 0, is_done, is_early: false };
        self.run.finished(load.progressed);
    }

    fn begin(&mut self) {
        let Some((times, deliveries)) = self.run.times().zip(self.run.deliveries()) else { return };
        let next = vec![0; deliveries.publishers()];
        let (measured, end, progressed) = (times.measured, times.end, times.begin);
        self.load = Some(SubscriberLoad { deliveries, next, received: 0, measured, end, progressed });
    }

    /// Measures what has come.
    fn account(&mut self, now: Instant) {
        let Some(load) = &mut self.load else {
            self.numbers.clear();
            self.counted = Measured::default();
            return;
        };
        let is_measured = now >= load.measured;
        for number in self.numbers.drain(..) {
            let found = number.and_then(|number| Some((number, load.deliveries.planned(number)?)));
            let Some((number, (publisher, own, planned))) = found else {
                self.counted.unasked += 1;
                continue;
            };
            load.progressed = now;
            // A message that comes behind a later one, or again, can't be told apart without keeping all.
            if own < load.next[publisher] {
                self.counted.reordered += 1;
                continue;
            }
            load.next[publisher] = own + 1;
            load.received += 1;
            load.deliveries.delivered(number, now);
            if planned >= load.measured {
                self.shard.round_trips.add(now.saturating_duration_since(planned));
            }
        }
        let counted = std::mem::take(&mut self.counted);
        if is_measured {
            self.shard.add(&counted);
        }
    }
}

impl SubscriberLoad {
    /// When it is given up that more comes.
    fn given_up(&self, run: &LoadRun) -> Instant {
        let last = self.end.or_else(|| self.deliveries.last_planned()).unwrap_or(self.progressed);
        self.progressed.max(last) + run.config.timeout
    }
}

impl Drop for SubscriberHandler<'_> {
    /// Nobody waits for a connection whose thread has gone down with a bug of ours.
    fn drop(&mut self) {
        self.finish(Instant::now(), false);
    }
}

impl Handler for SubscriberHandler<'_> {
    fn event(&mut self, event: Event<'_>, _: &mut Sender<'_>) {
        let Event::Data(data) = event else { return };
        self.counted.received.add(data.bytes.len(), data.last);
        if let Some((content, _)) = self.gathered.push(&data) {
            let message = Message { kind: data.kind, content: &content };
            self.numbers.push(number_in(message, &self.run.config.answers));
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.has_finished {
            return;
        }
        if self.load.is_none() {
            self.begin();
        }
        self.account(now);
        if sender.has_ended() || sender.is_closing() {
            return self.finish(now, false);
        }
        let Some(load) = &self.load else { return };
        let has_all = load.received >= load.deliveries.expected();
        if has_all || now >= load.given_up(self.run) {
            self.finish(now, true);
            // Refused when the connection is closing already.
            let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
        }
    }

    fn watched(&self) -> Watched<'_> {
        // As a source it is heeded at once, where a waker may wait for the end of a receive.
        let source = self.load.is_none().then(|| self.run.begun.as_fd());
        Watched { source, waker: None }
    }

    fn deadline(&self) -> Option<Instant> {
        let load = self.load.as_ref().filter(|_| !self.has_finished)?;
        Some(load.given_up(self.run))
    }
}
