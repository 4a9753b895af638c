//! Reads, and says nothing.

use super::Behaviour;
use crate::net::{Handler, Outlet};
use crate::ws::Event;

#[derive(Debug)]
pub(super) struct Sink;

impl Handler for Sink {
    fn event(&mut self, _event: Event<'_>, _outlet: &mut Outlet<'_>) {}
}

impl Behaviour for Sink {}
