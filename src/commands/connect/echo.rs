//! `connect --echo`: sends back what arrives, until there is a reason to end.

use std::time::Instant;

use super::verdict::GRACE;
use crate::commands::interrupt::Interruption;
use crate::exit::Exit;
use crate::handlers;
use crate::net::{End, Handler, Sender, Signals};
use crate::ws::{Close, Event, StatusCode};

/// An echo that `--max-time` and signals end.
#[derive(Debug)]
pub(super) struct Echo<'a> {
    echo: handlers::echo::Echo,
    /// The end of the whole run.
    latest: Option<Instant>,
    out_of_time: bool,
    /// We leave without waiting for the peer any further.
    left: bool,
    interruption: Interruption<'a>,
}

impl<'a> Echo<'a> {
    pub(super) fn new(latest: Option<Instant>, signals: &'a Signals) -> Self {
        let echo = handlers::echo::Echo::default();
        Self { echo, latest, out_of_time: false, left: false, interruption: Interruption::new(signals) }
    }

    /// How the program ends.
    pub(super) fn exit(&self, ending: &End) -> Exit {
        match ending {
            _ if self.interruption.happened() => self.interruption.exit(),
            // The peer had no time to finish; what it did say counts.
            End::Closed { .. } | End::Violation(_) => ending.exit(),
            _ if self.out_of_time => Exit::Done,
            _ => ending.exit(),
        }
    }
}

impl Handler for Echo<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        self.echo.event(event, sender);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let Some(latest) = self.latest.filter(|latest| now >= *latest) else { return };
        self.left = now >= latest + GRACE;
        if !std::mem::replace(&mut self.out_of_time, true) {
            // Refused when the connection is closing already.
            let _ = sender.close(Close::new(StatusCode::GOING_AWAY, ""));
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.latest.map(|latest| if self.out_of_time { latest + GRACE } else { latest })
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.interruption.check(sender);
        true
    }

    fn idle(&mut self) {
        self.echo.idle();
    }

    fn wants_abort(&self) -> bool {
        self.interruption.insists() || self.left
    }
}
