//! Faults on the connections of a server, and what the log says of them.

use std::sync::Arc;

use super::log::ServerLog;
use super::running_server::RunningServer;
use crate::http::HttpStatus;
use crate::net::{OnInjected, PendingHandshake, WebSocket};
use crate::script::{Fault, FaultKind, HandshakeFault, RuleSpeaker};
use crate::stdio::recording::TurnLines;
use crate::trace::connection_lines::{InjectedLine, Milestone};
use crate::ws::handshake::Refusal;

/// What is told of the faults on the connection with this number.
#[derive(Debug)]
struct FaultLog {
    log: Arc<ServerLog>,
    number: u64,
    recorded: Option<TurnLines>,
}

impl OnInjected for FaultLog {
    fn injected(&self, fault: &Fault, speaker: Option<RuleSpeaker>) {
        let told = injected(fault, speaker);
        self.log.happened(self.number, &told);
        if let Some(recorded) = &self.recorded {
            recorded.note(self.number, told);
            // It may be long until something else is recorded.
            recorded.write();
        }
    }
}

fn injected(fault: &Fault, speaker: Option<RuleSpeaker>) -> Milestone {
    Milestone::Injected(InjectedLine { fault: fault.to_string(), way: speaker.map(|speaker| speaker.way().into()) })
}

impl RunningServer {
    /// Tells of a fault on a connection that isn't open.
    pub(super) fn tell_injected(&self, number: u64, fault: &Fault) {
        let told = injected(fault, None);
        self.log.happened(number, &told);
        if let Some(recording) = &self.recording {
            recording.note(number, told);
        }
    }

    /// Puts faults into the answer to an opening handshake. What is refused by one comes back.
    pub(super) fn inject_in_handshake(&self, number: u64, pending: &mut PendingHandshake<'_>) -> Option<Refusal> {
        let mut refusal = None;
        for fault in self.faults.of_handshake() {
            self.tell_injected(number, fault);
            match &fault.kind {
                FaultKind::Handshake(HandshakeFault::Status(code, header)) => {
                    let line = header.as_ref().map(|header| format!("{header}\r\n")).unwrap_or_default();
                    refusal = Some(Refusal::with_status(HttpStatus(*code), &line, "a fault was injected"));
                }
                FaultKind::Handshake(other) => pending.faults.push(other.clone()),
                _ => {}
            }
        }
        refusal
    }

    /// A connection on which `speaker` is heard, with the faults that were asked for, and those of rules where they are awaited.
    pub(super) fn with_faults(
        &self,
        number: u64,
        (speaker, awaits_rules): (RuleSpeaker, bool),
        websocket: WebSocket,
        recorded: Option<TurnLines>,
    ) -> WebSocket {
        let log = || -> Arc<dyn OnInjected> { Arc::new(FaultLog { log: Arc::clone(&self.log), number, recorded }) };
        websocket.with_faults(&self.faults, number, speaker, awaits_rules, log)
    }
}
