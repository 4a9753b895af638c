//! When to send a Ping, and when to give up waiting for its Pong (RFC 6455 §5.5.2, §5.5.3).

use std::time::{Duration, Instant};

/// Pings at an interval, one outstanding at a time.
#[derive(Debug)]
pub(super) struct Keepalive {
    interval: Option<Duration>,
    timeout: Duration,
    next: Instant,
    awaited: Option<Awaited>,
    sent: u64,
}

#[derive(Debug)]
struct Awaited {
    payload: [u8; 8],
    deadline: Instant,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Send a Ping with this payload.
    Ping([u8; 8]),
    /// The last Ping went unanswered for the timeout.
    Failure,
}

impl Keepalive {
    /// Without an interval there are no pings.
    pub(super) fn new(interval: Option<Duration>, timeout: Duration, now: Instant) -> Self {
        Self { interval, timeout, next: now + interval.unwrap_or_default(), awaited: None, sent: 0 }
    }

    pub(super) fn due(&mut self, now: Instant) -> Due {
        let Some(interval) = self.interval else { return Due::Nothing };
        match &self.awaited {
            Some(awaited) if now >= awaited.deadline => Due::Failure,
            Some(_) => Due::Nothing,
            None if now >= self.next => {
                self.sent += 1;
                let payload = self.sent.to_be_bytes();
                self.awaited = Some(Awaited { payload, deadline: now + self.timeout });
                self.next = now + interval;
                Due::Ping(payload)
            }
            None => Due::Nothing,
        }
    }

    pub(super) fn pong(&mut self, payload: &[u8]) {
        if self.awaited.as_ref().is_some_and(|awaited| awaited.payload == payload) {
            self.awaited = None;
        }
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

    #[test]
    fn an_answered_ping_is_followed_by_the_next() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(Some(10 * SECOND), 3 * SECOND, start);
        assert_eq!(keepalive.due(start + 9 * SECOND), Due::Nothing);
        let Due::Ping(first) = keepalive.due(start + 10 * SECOND) else { panic!("a ping is due") };
        assert_eq!(keepalive.deadline(false), Some(start + 13 * SECOND));
        keepalive.pong(b"unasked");
        assert_eq!(keepalive.deadline(false), Some(start + 13 * SECOND));
        keepalive.pong(&first);
        assert_eq!(keepalive.due(start + 13 * SECOND), Due::Nothing);
        assert!(matches!(keepalive.due(start + 20 * SECOND), Due::Ping(second) if second != first));
        assert_eq!(keepalive.due(start + 23 * SECOND), Due::Failure);
    }

    #[test]
    fn a_peer_that_can_not_be_heard_is_asked_again() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(Some(10 * SECOND), 3 * SECOND, start);
        assert!(matches!(keepalive.due(start + 10 * SECOND), Due::Ping(_)));
        keepalive.postpone(start + 19 * SECOND);
        keepalive.ask_again(start + 19 * SECOND);
        assert_eq!(keepalive.due(start + 19 * SECOND), Due::Nothing);
        assert_eq!(keepalive.deadline(true), Some(start + 20 * SECOND));
        keepalive.ask_again(start + 20 * SECOND);
        let Due::Ping(second) = keepalive.due(start + 20 * SECOND) else { panic!("another ping is due") };
        // Heard again, it has its time for the last question.
        keepalive.pong(&1u64.to_be_bytes());
        assert_eq!(keepalive.deadline(false), Some(start + 23 * SECOND));
        keepalive.pong(&second);
        assert_eq!(keepalive.deadline(false), Some(start + 30 * SECOND));
    }

    #[test]
    fn without_an_interval_nothing_is_ever_due() {
        let start = Instant::now();
        let mut keepalive = Keepalive::new(None, SECOND, start);
        assert_eq!((keepalive.due(start + 1000 * SECOND), keepalive.deadline(false)), (Due::Nothing, None));
    }
}
