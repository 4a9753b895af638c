//! What the connections of a run count together, while they run and without waiting for each other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::latency_buckets::{BUCKETS, LatencyBuckets};
use crate::trace::latencies::Latencies;
use crate::ws::Counters;

/// More than so many workers write to the same counters seldom enough.
const MOST_SHARDS: usize = 16;

/// As many sets of counters as there are workers: each has its own, unless they are more than [`MOST_SHARDS`].
#[derive(Debug)]
pub(super) struct Meter(Vec<MeterShard>);

/// The counters that some of the connections share. They begin on a line of the processor's cache that no other shard is on.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct MeterShard {
    sent: [AtomicU64; 2],
    received: [AtomicU64; 2],
    unsolicited: AtomicU64,
    repeated: AtomicU64,
    reordered: AtomicU64,
    pub(super) round_trips: LatencyBuckets,
    /// How long after their planned times messages went out, where there are such and it wasn't the peer who took nothing.
    pub(super) send_delays: LatencyBuckets,
}

/// What was measured.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measured {
    pub(super) sent: Counters,
    pub(super) received: Counters,
    /// Messages that answer none of ours.
    pub(super) unsolicited: u64,
    /// Answers to messages that have theirs already.
    pub(super) repeated: u64,
    /// Answers that came behind one to a later message.
    pub(super) reordered: u64,
}

impl Meter {
    pub(super) fn new(workers: usize) -> Self {
        Self(std::iter::repeat_with(MeterShard::default).take(workers.clamp(1, MOST_SHARDS)).collect())
    }

    /// The one for the connection at this place.
    pub(super) fn shard(&self, place: usize) -> &MeterShard {
        &self.0[place % self.0.len()]
    }

    pub(super) fn measured(&self) -> Measured {
        let sum = |counter: fn(&MeterShard) -> &AtomicU64| {
            self.0.iter().map(|shard| counter(shard).load(Ordering::Relaxed)).sum()
        };
        Measured {
            sent: Counters { messages: sum(|shard| &shard.sent[0]), bytes: sum(|shard| &shard.sent[1]) },
            received: Counters { messages: sum(|shard| &shard.received[0]), bytes: sum(|shard| &shard.received[1]) },
            unsolicited: sum(|shard| &shard.unsolicited),
            repeated: sum(|shard| &shard.repeated),
            reordered: sum(|shard| &shard.reordered),
        }
    }

    pub(super) fn round_trips(&self) -> Latencies {
        self.all(|shard| &shard.round_trips)
    }

    /// How many round trips are in each bucket.
    pub(super) fn round_trip_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; BUCKETS];
        self.0.iter().for_each(|shard| shard.round_trips.add_counts(&mut counts));
        counts
    }

    pub(super) fn send_delays(&self) -> Latencies {
        self.all(|shard| &shard.send_delays)
    }

    fn all(&self, of: fn(&MeterShard) -> &LatencyBuckets) -> Latencies {
        let mut latencies = Latencies::default();
        self.0.iter().for_each(|shard| of(shard).add_to(&mut latencies));
        latencies
    }
}

impl MeterShard {
    /// Adds what one turn of a connection came to.
    pub(super) fn add(&self, turn: &Measured) {
        let add = |counter: &AtomicU64, count: u64| {
            if count > 0 {
                counter.fetch_add(count, Ordering::Relaxed);
            }
        };
        for (counters, counted) in [(&self.sent, turn.sent), (&self.received, turn.received)] {
            add(&counters[0], counted.messages);
            add(&counters[1], counted.bytes);
        }
        add(&self.unsolicited, turn.unsolicited);
        add(&self.repeated, turn.repeated);
        add(&self.reordered, turn.reordered);
    }
}

/// A delay that is no fault of the generator's: a thread that is woken for a deadline isn't woken sooner.
pub(super) const USUAL_SEND_DELAY: Duration = Duration::from_millis(1);
