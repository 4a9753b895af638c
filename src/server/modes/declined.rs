//! Closes a connection that its mode could not begin for.

use std::time::Instant;

use super::{Behaviour, ModeEnd};
use crate::net::{Handler, Sender};
use crate::ws::{Close, Event, StatusCode};

#[derive(Debug)]
pub(crate) struct Declined(String);

impl Declined {
    pub(crate) fn new(why: String) -> Self {
        Self(why)
    }
}

impl Handler for Declined {
    fn event(&mut self, _event: Event<'_>, _sender: &mut Sender<'_>) {}

    fn after_turn(&mut self, _now: Instant, sender: &mut Sender<'_>) {
        // Refused once it has been sent.
        let _ = sender.close(Close::new(StatusCode::INTERNAL_ERROR, &self.0));
    }
}

impl Behaviour for Declined {
    fn cause(&self) -> Option<ModeEnd> {
        Some(ModeEnd::Finished(self.0.clone()))
    }
}
