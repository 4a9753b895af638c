//! What is tried on an open connection to learn about it: one Ping, and the closing handshake.

use std::time::{Duration, Instant};

use crate::net::{Handler, Outlet};
use crate::ws::{Close, Event, StatusCode};

/// The payload of the Ping, to know its Pong by.
const PAYLOAD: &[u8] = b"wscli";

/// Pings once, waits for the Pong, closes.
#[derive(Debug)]
pub(crate) struct Examination {
    timeout: Duration,
    pinged: Option<Instant>,
    /// How long the Pong took.
    pub(crate) round_trip: Option<Duration>,
    done: bool,
}

impl Examination {
    /// Gives up on the Pong after `timeout`.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, pinged: None, round_trip: None, done: false }
    }

    /// Only the closing handshake.
    pub(crate) fn of_close_only() -> Self {
        Self { done: true, ..Self::new(Duration::ZERO) }
    }

    fn close(&mut self, outlet: &mut Outlet<'_>) {
        self.done = true;
        // Refused when the connection is closing already.
        let _ = outlet.close(&Close::new(StatusCode::NORMAL, ""));
    }
}

impl Handler for Examination {
    fn event(&mut self, event: Event<'_>, outlet: &mut Outlet<'_>) {
        match (event, self.pinged) {
            (Event::Pong(PAYLOAD), Some(pinged)) if !self.done => {
                self.round_trip = Some(pinged.elapsed());
                self.close(outlet);
            }
            _ => {}
        }
    }

    fn settled(&mut self, now: Instant, outlet: &mut Outlet<'_>) {
        if self.done && self.pinged.is_none() {
            self.pinged = Some(now);
            self.close(outlet);
        } else if self.pinged.is_none() {
            self.pinged = Some(now);
            // Refused when the connection is closing already.
            let _ = outlet.ping(PAYLOAD);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.pinged.filter(|_| !self.done).map(|pinged| pinged + self.timeout)
    }

    fn deadline_reached(&mut self, outlet: &mut Outlet<'_>) {
        self.close(outlet);
    }
}
