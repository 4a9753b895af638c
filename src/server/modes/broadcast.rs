//! Each message to every other client.

use super::subscriber::OnMessage;
use crate::server::hub::Subscription;
use crate::ws::{Assembler, Data};

/// Posts what its client says to the others in the room.
#[derive(Debug)]
pub(super) struct Broadcast {
    assembler: Assembler,
    include_sender: bool,
}

impl Broadcast {
    pub(super) fn new(include_sender: bool) -> Self {
        Self { assembler: Assembler::default(), include_sender }
    }
}

impl OnMessage for Broadcast {
    fn message(&mut self, data: &Data<'_>, speaker: &Subscription) {
        if let Some(message) = self.assembler.push(data) {
            speaker.hub.post(&message.into(), (!self.include_sender).then_some(speaker.number));
        }
    }

    fn rest(&mut self) {
        self.assembler.shrink();
    }
}
