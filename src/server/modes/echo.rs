//! Each message back to its sender.

use std::io;
use std::sync::Arc;

use super::entry::{ModeEntry, When};
use super::{Behaviour, ConnectedClient, Mode};
use crate::handlers::echo::Echo;

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "echo",
    argument: None,
    help: "Send every message back to its sender (the default)",
    stdin: When::Never,
    protected: When::Never,
    open: |_, _| Ok(Arc::new(EchoMode)),
};

/// It needs nothing.
#[derive(Debug)]
pub(super) struct EchoMode;

impl Mode for EchoMode {
    fn begin(self: Arc<Self>, _client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(Echo::default()))
    }

    fn is_echo(&self) -> bool {
        true
    }
}

impl Behaviour for Echo {}
