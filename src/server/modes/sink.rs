//! Reads, and says nothing.

use std::io;
use std::sync::Arc;

use super::entry::{ModeEntry, When};
use super::{Behaviour, ConnectedClient, Mode};
use crate::net::{Handler, Sender};
use crate::ws::Event;

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "sink",
    argument: None,
    help: "Read messages and send nothing",
    stdin: When::Never,
    protected: When::Never,
    open: |_, _| Ok(Arc::new(SinkMode)),
};

/// Neither the mode nor its handler needs anything.
#[derive(Debug)]
pub(super) struct SinkMode;

impl Mode for SinkMode {
    fn begin(self: Arc<Self>, _client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(SinkMode))
    }
}

impl Handler for SinkMode {
    fn event(&mut self, _event: Event<'_>, _sender: &mut Sender<'_>) {}
}

impl Behaviour for SinkMode {}
