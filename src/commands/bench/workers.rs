//! The threads that drive the connections of a run, each of them several.

use std::io;
use std::sync::Arc;
use std::thread::{self, Scope};

use super::run::LoadRun;
use crate::net::{EventLoop, EventLoopSender, LoopHandler, WebSocket};

/// Gives connections to them. They end once no clone of it is left and all connections have ended.
#[derive(Clone)]
pub(super) struct Workers<'a> {
    run: &'a LoadRun,
    senders: Arc<[EventLoopSender<'a>]>,
}

impl<'a> Workers<'a> {
    /// Starts them.
    ///
    /// # Errors
    /// When there are no threads or file descriptors left.
    pub(super) fn start<'env>(run: &'env LoadRun, scope: &'a Scope<'a, 'env>) -> io::Result<Self> {
        let start = |_| {
            let (event_loop, sender) = EventLoop::new(run.stop.clone(), run.begun.clone())?;
            thread::Builder::new().name("load".into()).spawn_scoped(scope, move || event_loop.run())?;
            Ok(sender)
        };
        let senders = (0..run.config.workers()).map(start).collect::<io::Result<_>>()?;
        Ok(Self { run, senders })
    }

    /// Has the connection at this place driven to its end.
    pub(super) fn add(&self, place: usize, websocket: WebSocket, handler: impl LoopHandler + Send + 'a) {
        self.senders[place % self.senders.len()].add(websocket, self.run.timing, Box::new(handler));
    }
}
