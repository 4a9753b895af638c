//! `connect --echo`: sends back what arrives, until there is a reason to end.

use std::time::Instant;

use super::leaving::Leaving;
use crate::handlers;
use crate::net::{Handler, Sender, UnansweredPing};
use crate::ws::Event;

/// An echo that `--max-time` and signals end.
#[derive(Debug)]
pub(super) struct EchoFrontEnd<'a> {
    echo: handlers::echo::Echo,
    pub(super) leaving: Leaving<'a>,
}

impl<'a> EchoFrontEnd<'a> {
    pub(super) fn new(leaving: Leaving<'a>) -> Self {
        Self { echo: handlers::echo::Echo::default(), leaving }
    }
}

impl Handler for EchoFrontEnd<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        self.echo.event(event, sender);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        let _ends = self.leaving.after_turn(now, true, sender);
    }

    fn deadline(&self) -> Option<Instant> {
        self.leaving.deadline()
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.leaving.check_signals(sender);
        true
    }

    fn idle(&mut self) {
        self.echo.idle();
    }

    fn kept_without_pong(&mut self, ping: &UnansweredPing) {
        self.leaving.tell_unanswered(ping);
    }

    fn wants_abort(&self) -> bool {
        self.leaving.wants_abort()
    }
}
