//! From a Ping of ours to the Pong that answers it (RFC 6455 §5.5.3).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::ws::{Direction, Event, OpCode};

/// Pings that may be unanswered at once; the oldest is forgotten over that.
const OUTSTANDING: usize = 64;

/// The pings of ours that are still to be answered, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct RoundTrips {
    pings: VecDeque<(Vec<u8>, Instant)>,
}

impl RoundTrips {
    /// Takes note of a Ping that is told as sent; for the Pong that answers one, gives the round trip.
    pub(crate) fn event(&mut self, event: &Event<'_>, now: Instant) -> Option<Duration> {
        match event {
            Event::Frame(frame) if (frame.direction, frame.header.opcode) == (Direction::Sent, OpCode::Ping) => {
                self.pinged(&frame.payload, now);
                None
            }
            Event::Pong(payload) => self.answered(payload, now),
            _ => None,
        }
    }

    /// A Ping has been sent.
    pub(crate) fn pinged(&mut self, payload: &[u8], now: Instant) {
        if self.pings.len() == OUTSTANDING {
            self.pings.pop_front();
        }
        self.pings.push_back((payload.to_vec(), now));
    }

    /// A Pong has come. `None` if it answers no Ping of ours, for a Pong may come unsolicited.
    pub(crate) fn answered(&mut self, payload: &[u8], now: Instant) -> Option<Duration> {
        let at = self.pings.iter().position(|(sent, _)| sent == payload)?;
        // A peer may answer only the latest of several pings: those before it are answered with it.
        let (_, sent) = self.pings.drain(..=at).next_back()?;
        Some(now.saturating_duration_since(sent))
    }

    /// Whether a Ping is still to be answered.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.pings.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_pong_is_matched_with_its_ping() {
        let start = Instant::now();
        let mut round_trips = RoundTrips::default();
        assert_eq!(round_trips.answered(b"unsolicited", start), None);
        for payload in [b"one", b"two", b"six"] {
            round_trips.pinged(payload, start);
        }
        assert_eq!(round_trips.answered(b"unsolicited", start), None);
        assert_eq!(round_trips.answered(b"two", start + SECOND), Some(SECOND));
        assert_eq!(round_trips.answered(b"two", start + SECOND), None, "it was answered");
        assert_eq!(round_trips.answered(b"one", start + SECOND), None, "it was answered with the second");
        assert_eq!((round_trips.is_waiting(), round_trips.answered(b"six", start)), (true, Some(Duration::ZERO)));
        assert!(!round_trips.is_waiting());
    }

    #[test]
    fn pings_that_nobody_answers_are_forgotten() {
        let start = Instant::now();
        let mut round_trips = RoundTrips::default();
        for number in 0..=OUTSTANDING as u8 {
            round_trips.pinged(&[number], start);
        }
        assert_eq!(round_trips.answered(&[0], start), None);
        assert_eq!(round_trips.answered(&[1], start), Some(Duration::ZERO));
    }
}
