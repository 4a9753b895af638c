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
    state: State,
    /// How long the Pong took.
    pub(crate) round_trip: Option<Duration>,
}

#[derive(Debug)]
enum State {
    /// Nothing has been done yet. The Pong is to be waited for so long; `None` is not to ping at all.
    Fresh(Option<Duration>),
    /// The Pong is waited for.
    Pinged {
        round_trips: RoundTrips,
        deadline: Instant,
    },
    Closed,
}

impl PingProbe {
    /// Gives up on the Pong after `timeout`.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { state: State::Fresh(Some(timeout)), round_trip: None }
    }

    /// Only the closing handshake.
    pub(crate) fn of_close_only() -> Self {
        Self { state: State::Fresh(None), round_trip: None }
    }

    fn close(&mut self, sender: &mut Sender<'_>) {
        self.state = State::Closed;
        // Refused when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::NORMAL, ""));
    }

    fn ping(&mut self, now: Instant, timeout: Duration, sender: &mut Sender<'_>) {
        let mut round_trips = RoundTrips::default();
        round_trips.pinged(PAYLOAD, now);
        self.state = State::Pinged { round_trips, deadline: now + timeout };
        // Refused when the connection is closing already.
        let _ = sender.send(Item::Ping(PAYLOAD));
    }
}

impl Handler for PingProbe {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        if let (Event::Pong(payload), State::Pinged { round_trips, .. }) = (event, &mut self.state) {
            self.round_trip = round_trips.answered(payload, Instant::now());
            if self.round_trip.is_some() {
                self.close(sender);
            }
        }
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        match self.state {
            State::Fresh(Some(timeout)) => self.ping(now, timeout, sender),
            State::Fresh(None) => self.close(sender),
            State::Pinged { deadline, .. } if now >= deadline => self.close(sender),
            State::Pinged { .. } | State::Closed => {}
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Pinged { deadline, .. } => Some(deadline),
            State::Fresh(_) | State::Closed => None,
        }
    }
}
