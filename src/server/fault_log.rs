//! Faults on the connections of a server, and what the log says of them.

use std::sync::Arc;

use super::log::ServerLog;
use super::running_server::RunningServer;
use crate::net::{OnInjected, WebSocket};
use crate::script::{Fault, RuleSpeaker};

/// What is told of the faults on the connection with this number.
#[derive(Debug)]
struct FaultLog {
    log: Arc<ServerLog>,
    number: u64,
}

impl OnInjected for FaultLog {
    fn injected(&self, fault: &Fault, speaker: Option<RuleSpeaker>) {
        self.log.injected(self.number, fault, speaker);
    }
}

impl RunningServer {
    /// A client's connection with the faults that were asked for, if there are any.
    pub(super) fn with_faults(&self, number: u64, websocket: WebSocket) -> WebSocket {
        websocket.with_faults(&self.faults, number, RuleSpeaker::Server, || {
            Arc::new(FaultLog { log: Arc::clone(&self.log), number })
        })
    }
}
