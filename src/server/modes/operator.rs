//! A person who sees every client and answers one or all of them. What they type comes by the hub; what clients do is told to an
//! audience, or to the log.

use std::io;
use std::sync::Arc;

use super::entry::{ModeEntry, When};
use super::operator_hub::OperatorHub;
use super::subscriber::{IgnoreMessages, Subscriber};
use super::{Behaviour, ClientTap, ConnectedClient, Mode};

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "prompt",
    argument: None,
    help: "Show every client's messages and answer one or all, at a prompt or with lines of stdin; /help lists the commands",
    stdin: When::Always,
    protected: When::Always,
    open: |_, setup| Ok(Arc::new(OperatorMode(setup.operator.clone()))),
};

#[derive(Debug)]
struct OperatorMode(OperatorHub);

impl Mode for OperatorMode {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(Subscriber::new(self.0.hub.join(client.number)?, IgnoreMessages)))
    }

    fn shows_messages(&self) -> bool {
        self.0.audience.is_none()
    }

    fn tap(&self, client: &ConnectedClient<'_>) -> Option<Box<dyn ClientTap>> {
        self.0.audience.as_ref().map(|audience| audience.joined(client))
    }
}
