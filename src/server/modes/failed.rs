//! Closes a connection that its mode could not begin for.

use std::time::Instant;

use super::{Behaviour, Cause};
use crate::net::{Handler, Outlet};
use crate::ws::{Close, Event, StatusCode};

#[derive(Debug)]
pub(crate) struct Declined(String);

impl Declined {
    pub(crate) fn new(why: String) -> Self {
        Self(why)
    }
}

impl Handler for Declined {
    fn event(&mut self, _event: Event<'_>, _outlet: &mut Outlet<'_>) {}

    fn settled(&mut self, _now: Instant, outlet: &mut Outlet<'_>) {
        // Refused once it has been sent.
        let _ = outlet.close(&Close::new(StatusCode::INTERNAL_ERROR, &self.0));
    }
}

impl Behaviour for Declined {
    fn cause(&self) -> Option<Cause> {
        Some(Cause::Finished(self.0.clone()))
    }
}
