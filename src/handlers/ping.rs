//! What is tried on an open connection to learn about it: one Ping, and the closing handshake.

use std::time::{Duration, Instant};

use crate::net::{Handler, Sender};
use crate::trace::round_trips::RoundTrips;
use crate::ws::{Close, Event, Item, StatusCode};

/// The payload of the Ping, to know its Pong by.
const PAYLOAD: &[u8] = b"wscli";

/// Pings once, waits for the Pong, closes.
#[derive(Debug)]
pub(crate) struct PingProbe {
    timeout: Duration,
    pinged: Option<Instant>,
    round_trips: RoundTrips,
    /// How long the Pong took.
    pub(crate) round_trip: Option<Duration>,
    done: bool,
}

impl PingProbe {
    /// Gives up on the Pong after `timeout`.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, pinged: None, round_trips: RoundTrips::default(), round_trip: None, done: false }
    }

    /// Only the closing handshake.
    pub(crate) fn of_close_only() -> Self {
        Self { done: true, ..Self::new(Duration::ZERO) }
    }

    fn close(&mut self, sender: &mut Sender<'_>) {
        self.done = true;
        // Refused when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
    }
}

impl Handler for PingProbe {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        if let Event::Pong(payload) = event
            && !self.done
        {
            self.round_trip = self.round_trips.answered(payload, Instant::now());
            if self.round_trip.is_some() {
                self.close(sender);
            }
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        if self.done && self.pinged.is_none() {
            self.pinged = Some(now);
            self.close(sender);
        } else if self.pinged.is_none() {
            self.pinged = Some(now);
            self.round_trips.pinged(PAYLOAD, now);
            // Refused when the connection is closing already.
            let _ = sender.send(Item::Ping(PAYLOAD));
        } else if self.deadline().is_some_and(|deadline| now >= deadline) {
            self.close(sender);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.pinged.filter(|_| !self.done).map(|pinged| pinged + self.timeout)
    }
}
