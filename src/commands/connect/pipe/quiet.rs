//! `--linger`: how long the peer has been quiet since it has read everything. A value, with the clock as an argument.
//!
//! That the kernel has taken our last message doesn't mean that the peer has: it may be busy, and have its answers still to
//! come. So a Ping follows the last message, once the peer has been quiet for half of the time: there are servers that end a
//! connection at a Ping, and by then they have answered. The other half is counted from its Pong, and all of it where that came
//! late, from a peer that was busy. A peer that answers no Pings would keep us for ever: where none is known to have been
//! answered, the Pong is waited for only for a while, and the quiet counts from the last write.

use std::time::{Duration, Instant};

/// What the Ping behind the last message says, for whoever sees it.
pub(super) const PING: &[u8] = b"end of input";

/// A Pong is waited for so many times longer than a quiet peer, where none has ever come …
const PATIENCE: u32 = 3;

/// … but not longer than this, or than a quiet peer is waited for anyway.
const MOST_PATIENCE: Duration = Duration::from_secs(3);

/// A peer in the middle of a message may pause for this long, or for as long as a quiet one is waited for: what is there of
/// the message is worth nothing without the rest.
const MOST_INSIDE_A_MESSAGE: Duration = Duration::from_secs(30);

/// The quiet of the peer.
#[derive(Debug)]
pub(super) struct Quiet {
    /// How long the peer may be quiet; `None` waits for it.
    linger: Option<Duration>,
    /// How long a peer that answers Pings may take for it; `None` sends none.
    pong_timeout: Option<Duration>,
    /// Since when the peer has been quiet, while it is waited for.
    since: Option<Instant>,
    ping: TrailingPing,
    /// Something has come in this turn, and the Pong to the Ping.
    heard: bool,
    answered: bool,
    /// A message has come on any connection.
    heard_ever: bool,
    /// Part of a message has come, and not all of it.
    inside_message: bool,
}

/// The Ping behind the last message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TrailingPing {
    NotSent,
    Sent { at: Instant },
    Answered,
}

/// A peer that has said nothing at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) time: Duration,
    /// It hasn't answered the Ping either.
    pub(super) is_complete: bool,
}

impl Quiet {
    pub(super) fn new(linger: Option<Duration>, pong_timeout: Option<Duration>) -> Self {
        Self {
            linger,
            pong_timeout,
            since: None,
            ping: TrailingPing::NotSent,
            heard: false,
            answered: false,
            heard_ever: false,
            inside_message: false,
        }
    }

    /// A new connection.
    pub(super) fn begin_again(&mut self) {
        self.since = None;
        (self.heard, self.answered, self.inside_message) = (false, false, false);
        self.ping = TrailingPing::NotSent;
    }

    /// Part of a message has come.
    pub(super) fn heard(&mut self, is_last: bool) {
        (self.heard, self.heard_ever) = (true, true);
        self.inside_message = !is_last;
    }

    /// A Pong has come.
    pub(super) fn pong(&mut self, payload: &[u8]) {
        self.answered |= matches!(self.ping, TrailingPing::Sent { .. }) && payload == PING;
    }

    /// When [`PING`] is to be sent, if nothing else comes. Who gives 0 doesn't want to wait for an answer.
    pub(super) fn asks_at(&self) -> Option<Instant> {
        let linger = self.linger.filter(|linger| !linger.is_zero() && self.pong_timeout.is_some())?;
        (self.ping == TrailingPing::NotSent).then_some(self.since? + linger / 2)
    }

    pub(super) fn pinged(&mut self, now: Instant) {
        self.ping = TrailingPing::Sent { at: now };
    }

    /// A turn is over; `waits` says that nothing but the peer is waited for.
    pub(super) fn after_turn(&mut self, now: Instant, waits: bool) {
        let heard = std::mem::take(&mut self.heard) | self.take_late_pong(now);
        if !waits {
            self.since = None;
        } else if heard || self.since.is_none() {
            self.since = Some(now);
        }
    }

    /// Takes note of the Pong, where it has come in this turn. Returns whether it was late.
    fn take_late_pong(&mut self, now: Instant) -> bool {
        let TrailingPing::Sent { at } = self.ping else { return false };
        if !std::mem::take(&mut self.answered) {
            return false;
        }
        self.ping = TrailingPing::Answered;
        let half = self.linger.unwrap_or_default() / 2;
        self.since = self.since.max(now.checked_sub(half));
        now - at > half
    }

    /// When the peer has been quiet for long enough, if it is known whether it `answers_pings`.
    pub(super) fn until(&self, answers_pings: bool) -> Option<Instant> {
        Some(self.since? + self.most(answers_pings)?)
    }

    /// What to say when the time is over in which nothing has ever come.
    pub(super) fn silence(&self, answers_pings: bool) -> Option<Silence> {
        let is_complete = matches!(self.ping, TrailingPing::Sent { .. });
        let time = self.most(answers_pings).filter(|time| !time.is_zero() && !self.heard_ever)?;
        Some(Silence { time, is_complete })
    }

    fn most(&self, answers_pings: bool) -> Option<Duration> {
        let linger = self.linger?;
        if self.inside_message && !linger.is_zero() {
            return Some(linger.max(MOST_INSIDE_A_MESSAGE));
        }
        Some(match self.pong_timeout.filter(|_| matches!(self.ping, TrailingPing::Sent { .. })) {
            Some(timeout) if answers_pings => linger.max(timeout),
            Some(timeout) => linger.max(linger.saturating_mul(PATIENCE).min(MOST_PATIENCE).min(timeout)),
            None => linger,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// All is sent and a Ping behind it, to be answered within 30 s.
    fn asking(linger: Duration, start: Instant) -> Quiet {
        let mut quiet = Quiet::new(Some(linger), Some(30 * SECOND));
        assert_eq!(quiet.asks_at(), None);
        quiet.after_turn(start, true);
        let at = start + linger / 2;
        assert_eq!(quiet.asks_at(), Some(at));
        quiet.pinged(at);
        assert_eq!(quiet.asks_at(), None);
        quiet.after_turn(at, true);
        quiet
    }

    #[test]
    fn a_pong_in_time_leaves_half_of_the_quiet() {
        let (start, rtt) = (Instant::now(), SECOND / 10);
        let mut quiet = asking(SECOND, start);
        quiet.pong(PING);
        quiet.after_turn(start + SECOND / 2 + rtt, true);
        assert_eq!(quiet.until(true), Some(start + SECOND + rtt));
        // Whoever says something before the Ping isn't asked yet.
        let mut quiet = Quiet::new(Some(SECOND), Some(30 * SECOND));
        quiet.after_turn(start, true);
        quiet.heard(true);
        quiet.after_turn(start + SECOND / 3, true);
        assert_eq!(quiet.asks_at(), Some(start + SECOND / 3 + SECOND / 2));
    }

    #[test]
    fn the_quiet_counts_from_a_late_pong_and_from_what_comes_behind_it() {
        let start = Instant::now();
        let mut quiet = asking(SECOND, start);
        quiet.pong(b"another");
        quiet.after_turn(start + SECOND, true);
        assert_eq!(quiet.until(false), Some(start + 3 * SECOND));
        quiet.pong(PING);
        quiet.after_turn(start + 2 * SECOND, true);
        assert_eq!(quiet.until(false), Some(start + 3 * SECOND));
        assert_eq!(quiet.silence(false), Some(Silence { time: SECOND, is_complete: false }));
        quiet.heard(true);
        quiet.after_turn(start + 5 * SECOND / 2, true);
        assert_eq!((quiet.until(false), quiet.silence(false)), (Some(start + 7 * SECOND / 2), None));
        quiet.heard(false);
        quiet.after_turn(start + 3 * SECOND, true);
        assert_eq!(quiet.until(false), Some(start + 33 * SECOND));
    }

    #[test]
    fn a_pong_that_does_not_come_is_waited_for_only_so_long() {
        let start = Instant::now();
        for (linger, answers, most) in [
            (SECOND, false, 3 * SECOND),
            (SECOND / 10, false, 3 * SECOND / 10),
            (2 * SECOND, false, 3 * SECOND),
            (60 * SECOND, false, 60 * SECOND),
            (SECOND, true, 30 * SECOND),
            (60 * SECOND, true, 60 * SECOND),
        ] {
            let quiet = asking(linger, start);
            assert_eq!(quiet.until(answers), Some(start + most), "{linger:?} {answers}");
            assert_eq!(quiet.silence(answers), Some(Silence { time: most, is_complete: true }));
        }
    }

    #[test]
    fn nothing_is_asked_where_nothing_is_waited_for() {
        let start = Instant::now();
        for (linger, pings) in [(None, Some(SECOND)), (Some(Duration::ZERO), Some(SECOND)), (Some(SECOND), None)] {
            let mut quiet = Quiet::new(linger, pings);
            quiet.after_turn(start, true);
            assert_eq!(quiet.asks_at(), None);
            assert_eq!(quiet.until(true), linger.map(|linger| start + linger));
            quiet.after_turn(start, false);
            assert_eq!(quiet.until(true), None);
        }
    }

    #[test]
    fn another_connection_is_asked_again() {
        let mut quiet = asking(SECOND, Instant::now());
        quiet.begin_again();
        assert_eq!((quiet.asks_at(), quiet.until(false)), (None, None));
        let start = Instant::now();
        quiet.after_turn(start, true);
        assert_eq!(quiet.asks_at(), Some(start + SECOND / 2));
    }
}
