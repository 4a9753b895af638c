//! Messages that some connections publish and others are to receive, and when each of them has.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::load::{LoadConfig, LoadTimes};
use super::pacer::Pacer;
use crate::trace::latencies::Latencies;

/// Messages of which the first and the last delivery is kept, at the most.
const MOST_KEPT: u64 = 1 << 20;

/// What was published, and what has become of it. All publishers keep to their plans, so that whoever receives a message knows by
/// its number when it was planned.
#[derive(Debug)]
pub(super) struct Deliveries {
    plans: Vec<PublisherPlan>,
    subscribers: u64,
    begin: Instant,
    measured: Instant,
    kept: Box<[MessageDelivery]>,
}

#[derive(Debug)]
struct PublisherPlan {
    pacer: Pacer,
    /// How many it is to publish.
    count: u64,
}

/// One message, by nanoseconds from the begin of the load on.
#[derive(Debug)]
struct MessageDelivery {
    first: AtomicU64,
    last: AtomicU64,
    count: AtomicU64,
}

/// How long the first and the last subscriber waited for each message, where all of them have it.
#[derive(Debug, Default)]
pub(super) struct Spread {
    pub(super) first: Latencies,
    pub(super) last: Latencies,
}

impl Deliveries {
    /// Of a load with so many subscribers, that begins then.
    pub(super) fn new(config: &LoadConfig, times: &LoadTimes, subscribers: usize) -> Self {
        let plan = |place| {
            let pacer = Pacer::new(config.pacing, place, times);
            let warm = pacer.missed(times.measured);
            let by_time = times.end.map_or(u64::MAX, |end| pacer.missed(end));
            let count = config.share(place, times.senders).map_or(by_time, |share| by_time.min(warm + share));
            PublisherPlan { pacer, count }
        };
        let plans: Vec<_> = (0..times.senders).map(plan).collect();
        let longest = plans.iter().map(|plan| plan.count).max().unwrap_or_default();
        let kept = longest.saturating_mul(plans.len() as u64).min(MOST_KEPT);
        let none =
            || MessageDelivery { first: AtomicU64::new(u64::MAX), last: AtomicU64::new(0), count: AtomicU64::new(0) };
        Self {
            plans,
            subscribers: subscribers as u64,
            begin: times.begin,
            measured: times.measured,
            kept: std::iter::repeat_with(none).take(kept as usize).collect(),
        }
    }

    /// How many messages each subscriber is to receive.
    pub(super) fn expected(&self) -> u64 {
        self.plans.iter().map(|plan| plan.count).sum()
    }

    pub(super) fn publishers(&self) -> usize {
        self.plans.len()
    }

    /// Whose message that is, the how many-th of its own, and the time for which it was planned; `None` where there is none
    /// of this number.
    pub(super) fn planned(&self, number: u64) -> Option<(usize, u64, Instant)> {
        let publishers = self.plans.len() as u64;
        let (publisher, own) = ((number % publishers) as usize, number / publishers);
        let plan = &self.plans[publisher];
        let planned = plan.pacer.planned(own).filter(|_| own < plan.count)?;
        Some((publisher, own, planned))
    }

    /// The time for which the last of all messages is planned.
    pub(super) fn last_planned(&self) -> Option<Instant> {
        let last = |plan: &PublisherPlan| plan.pacer.planned(plan.count.checked_sub(1)?);
        self.plans.iter().filter_map(last).max()
    }

    /// A subscriber has received the message with this number.
    pub(super) fn delivered(&self, number: u64, now: Instant) {
        let kept = usize::try_from(number).ok().and_then(|number| self.kept.get(number));
        let Some(delivery) = kept else { return };
        let nanos = u64::try_from(now.saturating_duration_since(self.begin).as_nanos()).unwrap_or(u64::MAX - 1);
        delivery.first.fetch_min(nanos, Ordering::Relaxed);
        delivery.last.fetch_max(nanos, Ordering::Relaxed);
        delivery.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Of the messages that are measured.
    pub(super) fn spread(&self) -> Spread {
        let mut spread = Spread::default();
        for (number, delivery) in self.kept.iter().enumerate() {
            let Some((_, _, planned)) = self.planned(number as u64) else { continue };
            let count = delivery.count.load(Ordering::Relaxed);
            let is_whole = count > 0 && count >= self.subscribers;
            if planned < self.measured || !is_whole {
                continue;
            }
            let after = |nanos: &AtomicU64| {
                let at = self.begin + Duration::from_nanos(nanos.load(Ordering::Relaxed));
                at.saturating_duration_since(planned)
            };
            spread.first.add(after(&delivery.first));
            spread.last.add(after(&delivery.last));
        }
        spread
    }
}
