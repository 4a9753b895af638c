//! Each message to every other client.

use super::subscriber::Ear;
use crate::server::hub::Member;
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

impl Ear for Broadcast {
    fn hear(&mut self, data: &Data<'_>, speaker: &Member) {
        if let Some(message) = self.assembler.push(data) {
            speaker.room.post(&message.into(), (!self.include_sender).then_some(speaker.number));
        }
    }

    fn rest(&mut self) {
        self.assembler.shrink();
    }
}
