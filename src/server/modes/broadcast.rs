//! Each message to every other client.

use std::io;
use std::sync::Arc;

use super::entry::{ModeEntry, When};
use super::subscriber::{OnMessage, Subscriber};
use super::{Behaviour, ConnectedClient, Mode};
use crate::server::hub::{Hub, Subscription};
use crate::server::post::Post;
use crate::ws::{Assembler, Data};

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "broadcast",
    argument: None,
    help: "Send every message to every other client",
    stdin: When::Never,
    protected: When::Always,
    open: |_, setup| {
        let hub = Arc::new(Hub::new(setup.options.flow, Arc::clone(setup.log)));
        Ok(Arc::new(BroadcastMode { hub, include_sender: setup.options.include_sender }))
    },
};

/// The clients of a path.
#[derive(Debug)]
struct BroadcastMode {
    hub: Arc<Hub>,
    include_sender: bool,
}

impl Mode for BroadcastMode {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        let broadcast = Broadcast { assembler: Assembler::default(), include_sender: self.include_sender };
        Ok(Box::new(Subscriber::new(self.hub.join(client.number)?, broadcast)))
    }
}

/// Posts what its client says to the others.
#[derive(Debug)]
struct Broadcast {
    assembler: Assembler,
    include_sender: bool,
}

impl OnMessage for Broadcast {
    fn message(&mut self, data: &Data<'_>, speaker: &Subscription) {
        if let Some((kind, content)) = self.assembler.push_owned(data) {
            speaker.hub.post(&Post::message(kind, content), (!self.include_sender).then_some(speaker.number));
        }
    }

    fn rest(&mut self) {
        self.assembler.shrink();
    }
}
