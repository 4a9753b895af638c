//! When a connection has been idle for too long. Messages in either direction count, and the peer's Pings.

use std::time::{Duration, Instant};

use crate::ws::Counters;

#[derive(Debug)]
pub(super) struct IdleTimeout {
    timeout: Duration,
    since: Instant,
    pinged: bool,
    received: Counters,
    sent: Counters,
    expired: bool,
}

impl IdleTimeout {
    pub(super) fn new(timeout: Duration, now: Instant) -> Self {
        let (received, sent) = (Counters::default(), Counters::default());
        Self { timeout, since: now, pinged: false, received, sent, expired: false }
    }

    /// The peer has sent a Ping.
    pub(super) fn pinged(&mut self) {
        self.pinged = true;
    }

    /// The peer takes what it is sent, or can't show life, since nothing of it is read: the time begins anew.
    pub(super) fn postpone(&mut self, now: Instant) {
        self.since = now;
    }

    /// Whether nothing has happened for the timeout, for the first time.
    pub(super) fn is_over(&mut self, now: Instant, received: Counters, sent: Counters) -> bool {
        if std::mem::take(&mut self.pinged) || (self.received, self.sent) != (received, sent) {
            (self.received, self.sent, self.since) = (received, sent, now);
        }
        let is_over = !self.expired && now >= self.deadline();
        self.expired |= is_over;
        is_over
    }

    pub(super) fn deadline(&self) -> Instant {
        self.since + self.timeout
    }

    /// The timeout, once it is over.
    pub(super) fn expired(&self) -> Option<Duration> {
        self.expired.then_some(self.timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_happens_begins_the_time_anew() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let (none, one) = (Counters::default(), Counters { messages: 0, bytes: 1 });
        let mut idle = IdleTimeout::new(Duration::from_secs(10), start);
        assert!(!idle.is_over(at(9), one, none));
        assert!(!idle.is_over(at(18), one, one));
        idle.pinged();
        assert!(!idle.is_over(at(25), one, one));
        idle.postpone(at(27));
        assert_eq!((idle.deadline(), idle.expired()), (at(37), None));
        assert!(idle.is_over(at(37), one, one));
        assert!(!idle.is_over(at(38), one, one), "only once");
        assert_eq!(idle.expired(), Some(Duration::from_secs(10)));
    }
}
