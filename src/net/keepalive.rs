//! When to send a Ping, and when to give up waiting for its Pong (RFC 6455 §5.5.2, §5.5.3).
//!
//! What else the peer says meanwhile is life too: data and Pings of its own keep the connection, though no Pong comes.

use std::time::{Duration, Instant};

use super::end::UnansweredPing;
use crate::ws::Counters;

/// Pings at an interval, one outstanding at a time.
#[derive(Debug)]
pub(super) struct Keepalive {
    interval: Option<Duration>,
    timeout: Duration,
    next: Instant,
    awaited: Option<Awaited>,
    sent: u64,
    /// The payloads of ours are this and the number of each.
    base: u64,
    /// A Ping of ours has been answered, whoever sent it.
    answered: bool,
    /// That the peer answers no Pings, and is kept all the same, has been told.
    told: bool,
}

#[derive(Debug)]
struct Awaited {
    payload: [u8; 8],
    deadline: Instant,
    /// What had been received when it was sent.
    received: Counters,
    /// The peer has sent a Ping since, or answered an earlier one of ours.
    heard: bool,
    /// What a Pong said that answers no Ping of ours.
    other: Option<Vec<u8>>,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeepaliveStep {
    Nothing,
    /// Send a Ping with this payload.
    Ping([u8; 8]),
    /// Say that the last Ping went unanswered, but the peer goes on sending.
    Notice(UnansweredPing),
    /// The last Ping went unanswered for the timeout, and nothing else came.
    Failure(UnansweredPing),
}

impl Keepalive {
    /// Without an interval there are no pings.
    pub(super) fn new(interval: Option<Duration>, timeout: Duration, now: Instant) -> Self {
        let next = now + interval.unwrap_or_default();
        Self { interval, timeout, next, awaited: None, sent: 0, base: 0, answered: false, told: false }
    }

    /// Counts from `base` on, so that its Pings aren't those of somebody else that go the same way.
    pub(super) fn count_from(&mut self, base: u64) {
        self.base = base;
    }

    /// How long a Ping may go unanswered; `None` where there are none.
    pub(super) fn timeout(&self) -> Option<Duration> {
        self.interval.map(|_| self.timeout)
    }

    /// What is due, with all that was `received` so far.
    pub(super) fn due(&mut self, now: Instant, received: Counters) -> KeepaliveStep {
        let Some(interval) = self.interval else { return KeepaliveStep::Nothing };
        if let Some(awaited) = self.awaited.take_if(|awaited| now >= awaited.deadline) {
            let is_alive = awaited.heard || awaited.received != received;
            let unanswered = UnansweredPing { timeout: self.timeout, other: awaited.other, is_first: !self.answered };
            if !is_alive {
                return KeepaliveStep::Failure(unanswered);
            }
            if !std::mem::replace(&mut self.told, true) {
                return KeepaliveStep::Notice(unanswered);
            }
        }
        if self.awaited.is_some() || now < self.next {
            return KeepaliveStep::Nothing;
        }
        self.sent += 1;
        let payload = self.base.wrapping_add(self.sent).to_be_bytes();
        let deadline = now + self.timeout;
        self.awaited = Some(Awaited { payload, deadline, received, heard: false, other: None });
        self.next = now + interval;
        KeepaliveStep::Ping(payload)
    }

    /// A Pong has come. That to the latest Ping of all that we have sent, by whomever, stands for those to all before it.
    /// Returns whether it is to one of ours.
    pub(super) fn pong(&mut self, payload: &[u8], is_to_latest: bool) -> bool {
        let number = payload.try_into().map(|payload| u64::from_be_bytes(payload).wrapping_sub(self.base));
        let is_ours = number.is_ok_and(|number| (1..=self.sent).contains(&number));
        self.answered |= is_to_latest || is_ours;
        let Some(awaited) = &mut self.awaited else { return is_ours };
        if is_to_latest || awaited.payload == payload {
            self.awaited = None;
        } else if is_ours {
            awaited.heard = true;
        } else {
            awaited.other = Some(payload.to_vec());
        }
        is_ours
    }

    /// The peer has sent a Ping.
    pub(super) fn pinged(&mut self) {
        if let Some(awaited) = &mut self.awaited {
            awaited.heard = true;
        }
    }

    /// Whether the peer has answered a Ping.
    pub(super) fn is_answered(&self) -> bool {
        self.answered
    }

    /// We aren't reading, so an answer can't be seen: the wait for it begins anew.
    pub(super) fn postpone(&mut self, now: Instant) {
        if let Some(awaited) = &mut self.awaited {
            awaited.deadline = now + self.timeout;
        }
    }

    /// We aren't reading for long: after another interval the peer is asked again. One that is gone answers with a reset,
    /// which is noticed without reading.
    pub(super) fn ask_again(&mut self, now: Instant) {
        self.awaited.take_if(|_| now >= self.next);
    }

    /// When [`due`](Self::due) has something to say next, or [`ask_again`](Self::ask_again) has if that `asks_again`.
    pub(super) fn deadline(&self, asks_again: bool) -> Option<Instant> {
        self.interval?;
        let answer = self.awaited.as_ref().map(|awaited| awaited.deadline);
        let question = (asks_again || answer.is_none()).then_some(self.next);
        [answer, question].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const NOTHING: Counters = Counters { messages: 0, bytes: 0 };
    const SOMETHING: Counters = Counters { messages: 0, bytes: 1 };

    fn unanswered(timeout: Duration) -> UnansweredPing {
        UnansweredPing { timeout, other: None, is_first: true }
    }

    #[test]
    fn an_answered_ping_is_followed_by_the_next() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(Some(10 * SECOND), 3 * SECOND, start);
        assert_eq!(keepalive.due(start + 9 * SECOND, NOTHING), KeepaliveStep::Nothing);
        let KeepaliveStep::Ping(first) = keepalive.due(start + 10 * SECOND, NOTHING) else { panic!("a ping is due") };
        assert_eq!(keepalive.deadline(false), Some(start + 13 * SECOND));
        keepalive.pong(b"unasked", false);
        assert_eq!(keepalive.deadline(false), Some(start + 13 * SECOND));
        assert!(!keepalive.is_answered());
        keepalive.pong(&first, false);
        assert!(keepalive.is_answered());
        assert_eq!(keepalive.due(start + 13 * SECOND, NOTHING), KeepaliveStep::Nothing);
        assert!(matches!(keepalive.due(start + 20 * SECOND, NOTHING), KeepaliveStep::Ping(second) if second != first));
        let unanswered = UnansweredPing { is_first: false, ..unanswered(3 * SECOND) };
        assert_eq!(keepalive.due(start + 23 * SECOND, NOTHING), KeepaliveStep::Failure(unanswered));
    }

    #[test]
    fn a_pong_with_another_payload_is_named_and_one_to_a_later_ping_is_an_answer() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(Some(10 * SECOND), 3 * SECOND, start);
        assert!(matches!(keepalive.due(start + 10 * SECOND, NOTHING), KeepaliveStep::Ping(_)));
        keepalive.pong(b"a later one", true);
        assert!(matches!(keepalive.due(start + 20 * SECOND, NOTHING), KeepaliveStep::Ping(_)));
        keepalive.pong(b"undefined", false);
        let unanswered = UnansweredPing { timeout: 3 * SECOND, other: Some(b"undefined".to_vec()), is_first: false };
        assert_eq!(keepalive.due(start + 23 * SECOND, NOTHING), KeepaliveStep::Failure(unanswered));
    }

    #[test]
    fn a_peer_that_goes_on_sending_is_kept_and_that_is_told_once() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(Some(2 * SECOND), 3 * SECOND, start);
        assert!(matches!(keepalive.due(start + 2 * SECOND, NOTHING), KeepaliveStep::Ping(_)));
        assert_eq!(keepalive.due(start + 5 * SECOND, SOMETHING), KeepaliveStep::Notice(unanswered(3 * SECOND)));
        assert!(matches!(keepalive.due(start + 5 * SECOND, SOMETHING), KeepaliveStep::Ping(_)));
        keepalive.pinged();
        assert!(matches!(keepalive.due(start + 8 * SECOND, SOMETHING), KeepaliveStep::Ping(_)));
        keepalive.pong(&1u64.to_be_bytes(), false);
        assert!(
            matches!(keepalive.due(start + 11 * SECOND, SOMETHING), KeepaliveStep::Ping(_)),
            "a late answer is life"
        );
        let unanswered = UnansweredPing { is_first: false, ..unanswered(3 * SECOND) };
        assert_eq!(keepalive.due(start + 14 * SECOND, SOMETHING), KeepaliveStep::Failure(unanswered));
    }

    #[test]
    fn a_peer_that_can_not_be_heard_is_asked_again() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(Some(10 * SECOND), 3 * SECOND, start);
        assert!(matches!(keepalive.due(start + 10 * SECOND, NOTHING), KeepaliveStep::Ping(_)));
        keepalive.postpone(start + 19 * SECOND);
        keepalive.ask_again(start + 19 * SECOND);
        assert_eq!(keepalive.due(start + 19 * SECOND, NOTHING), KeepaliveStep::Nothing);
        assert_eq!(keepalive.deadline(true), Some(start + 20 * SECOND));
        keepalive.ask_again(start + 20 * SECOND);
        let KeepaliveStep::Ping(second) = keepalive.due(start + 20 * SECOND, NOTHING) else {
            panic!("another ping is due")
        };
        // Heard again, it has its time for the last question.
        keepalive.pong(&1u64.to_be_bytes(), false);
        assert_eq!(keepalive.deadline(false), Some(start + 23 * SECOND));
        keepalive.pong(&second, true);
        assert_eq!(keepalive.deadline(false), Some(start + 30 * SECOND));
    }

    #[test]
    fn pings_are_known_as_ours_wherever_they_count_from() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(Some(10 * SECOND), 3 * SECOND, start);
        keepalive.count_from(u64::MAX);
        assert!(!keepalive.pong(&0u64.to_be_bytes(), false));
        assert_eq!(keepalive.due(start + 10 * SECOND, NOTHING), KeepaliveStep::Ping(0u64.to_be_bytes()));
        assert!(!keepalive.pong(&1u64.to_be_bytes(), true), "somebody else's, though the latest");
        assert!(keepalive.pong(&0u64.to_be_bytes(), false));
    }

    #[test]
    fn without_an_interval_nothing_is_ever_due() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(None, SECOND, start);
        assert_eq!(
            (keepalive.due(start + 1000 * SECOND, NOTHING), keepalive.deadline(false)),
            (KeepaliveStep::Nothing, None)
        );
    }
}
