//! Reads, and says nothing.

use super::Behaviour;
use crate::net::{Handler, Sender};
use crate::ws::Event;

#[derive(Debug)]
pub(super) struct Sink;

impl Handler for Sink {
    fn event(&mut self, _event: Event<'_>, _sender: &mut Sender<'_>) {}
}

impl Behaviour for Sink {}
