//! The prompt while it is connected.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::command_queue::Typed;
use super::{Next, Prompt};
use crate::net::{Handler, Outlet};
use crate::ws::{Close, Direction, Event, StatusCode};

impl Handler for Prompt<'_> {
    fn event(&mut self, event: Event<'_>, _outlet: &mut Outlet<'_>) {
        self.tell(&event);
    }

    fn settled(&mut self, _now: Instant, outlet: &mut Outlet<'_>) {
        if self.open.is_new() {
            self.apply_toggles(outlet);
        }
        if let Some(repeating) = &mut self.open.repeating {
            repeating.set_ready(outlet.all_written());
        }
    }

    /// Besides the waker, so that the engine never waits inside the receive, deaf to the keyboard.
    fn source(&self) -> Option<BorrowedFd<'_>> {
        Some(self.ear.as_fd())
    }

    fn source_ready(&mut self, outlet: &mut Outlet<'_>) {
        self.listen(outlet);
    }

    /// Watched while the connection is closing too.
    fn waker(&self) -> Option<BorrowedFd<'_>> {
        Some(self.ear.as_fd())
    }

    fn woken(&mut self, outlet: &mut Outlet<'_>) {
        self.listen(outlet);
    }

    fn deadline(&self) -> Option<Instant> {
        self.open.repeating.as_ref()?.deadline()
    }

    fn deadline_reached(&mut self, outlet: &mut Outlet<'_>) {
        self.repeat(outlet);
    }

    fn idle(&mut self) {
        self.flush_log();
    }

    fn stop(&mut self, outlet: &mut Outlet<'_>) -> bool {
        if self.signals.take() {
            self.interrupt(outlet);
        }
        true
    }

    fn abandons(&self) -> bool {
        self.open.interruptions > 1
    }
}

impl Prompt<'_> {
    /// Does what was asked for at the keyboard.
    fn listen(&mut self, outlet: &mut Outlet<'_>) {
        while let Some(typed) = self.ear.hear() {
            match typed {
                Typed::Command(command) => self.carry_out(*command, Some(outlet)),
                Typed::Interrupt if self.stop_repeating() => {}
                Typed::Interrupt => self.interrupt(outlet),
                Typed::End => self.then(Next::Leave, Some(outlet)),
            }
        }
    }

    /// The first begins the closing handshake, the second leaves.
    fn interrupt(&mut self, outlet: &mut Outlet<'_>) {
        self.open.interruptions += 1;
        self.next = Some(Next::Interrupted);
        // Refused when the connection is closing already.
        let _ = outlet.close(&Close::new(StatusCode::GOING_AWAY, ""));
    }

    /// Sends what is due of a repetition.
    fn repeat(&mut self, outlet: &mut Outlet<'_>) {
        let Some(mut repeating) = self.open.repeating.take() else { return };
        for _ in 0..repeating.take_due(Instant::now()) {
            let message = super::sending::text(repeating.text());
            if outlet.data(message.kind, message.content, true).is_err() {
                return self
                    .screen
                    .note(format_args!("sent {} times, and then the connection closed", repeating.sent()));
            }
            self.keep(Direction::Sent, message);
        }
        if repeating.is_done() {
            self.screen.note(format_args!("sent {} times", repeating.sent()));
        } else {
            self.open.repeating = Some(repeating);
        }
    }

    /// Whether there was a repetition to stop.
    fn stop_repeating(&mut self) -> bool {
        let stopped = self.open.repeating.take();
        if let Some(repeating) = &stopped {
            self.screen.note(format_args!("stopped after {} times", repeating.sent()));
        }
        stopped.is_some()
    }
}
