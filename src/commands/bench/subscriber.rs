//! One connection that receives what others publish.

use std::sync::Arc;
use std::time::Instant;

use super::answer_rule::{LOOKED_AT, number_in};
use super::arrivals::{Arrival, Arrivals};
use super::fan_out::Deliveries;
use super::meter::{Measured, MeterShard};
use super::results::{OnEnd, Remainder};
use super::run::{BusyGuard, LoadRun};
use crate::net::{Handler, LoopHandler, Sender, Summary};
use crate::ws::{Beginning, Close, Event, Message, StatusCode};

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
    /// As long as it has something to do: nobody waits for a connection whose thread has gone down with a bug of ours.
    busy: Option<BusyGuard<'a>>,
    on_end: OnEnd<'a>,
}

struct SubscriberLoad {
    deliveries: Arc<Deliveries>,
    /// Of each publisher, which of its messages have come.
    arrived: Vec<Arrivals>,
    received: u64,
    measured: Instant,
    end: Option<Instant>,
    /// When something came last.
    progressed: Instant,
}

impl<'a> SubscriberHandler<'a> {
    pub(super) fn new(run: &'a LoadRun, place: usize, busy: BusyGuard<'a>, on_end: OnEnd<'a>) -> Self {
        Self {
            run,
            shard: run.meter.shard(place),
            load: None,
            gathered: Beginning::new(LOOKED_AT),
            numbers: Vec::new(),
            counted: Measured::default(),
            remainder: Remainder::default(),
            busy: Some(busy),
            on_end,
        }
    }

    fn finish(&mut self, now: Instant, is_done: bool) {
        let Some(busy) = self.busy.take() else { return };
        let Some(load) = &self.load else {
            self.remainder.is_early = true;
            return busy.finish(now);
        };
        let unanswered = load.deliveries.expected().saturating_sub(load.received);
        self.remainder = Remainder { unanswered, unsent: 0, is_done, is_early: false };
        busy.finish(load.progressed);
    }

    fn begin(&mut self) {
        let Some((times, deliveries)) = self.run.times().zip(self.run.deliveries()) else { return };
        let arrived = vec![Arrivals::default(); deliveries.publishers()];
        let (measured, end, progressed) = (times.measured, times.end, times.begin);
        self.load = Some(SubscriberLoad { deliveries, arrived, received: 0, measured, end, progressed });
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
                self.counted.unsolicited += 1;
                continue;
            };
            load.progressed = now;
            match load.arrived[publisher].note(own) {
                Arrival::InOrder => {}
                Arrival::Late => self.counted.reordered += 1,
                Arrival::Again => {
                    self.counted.repeated += 1;
                    continue;
                }
            }
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
        if self.busy.is_none() {
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

    fn deadline(&self) -> Option<Instant> {
        let load = self.load.as_ref().filter(|_| self.busy.is_some())?;
        Some(load.given_up(self.run))
    }
}

impl LoopHandler for SubscriberHandler<'_> {
    fn ended(mut self: Box<Self>, summary: Summary) {
        self.finish(Instant::now(), false);
        (self.on_end)(&summary, self.remainder);
    }
}
