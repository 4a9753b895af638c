//! An open connection, before anything is done with it.

use std::sync::Arc;
use std::time::Duration;

use super::faults::{FaultPlan, OnInjected};
use super::masking::masking_keys;
use super::settings::ConnectionSettings;
use super::transport::Transport;
use crate::script::RuleSpeaker;
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Buffer, Close, Connection, Item, Role};

/// An open connection, fresh from its opening handshake.
#[derive(Debug)]
pub(crate) struct WebSocket {
    pub(super) transport: Transport,
    pub(super) connection: Connection,
}

impl WebSocket {
    /// A connection on which `agreed` was negotiated; `received` came behind the opening handshake.
    pub(super) fn new(
        settings: &ConnectionSettings,
        role: Role,
        agreed: Option<DeflateParams>,
        transport: Transport,
        received: Buffer,
    ) -> Self {
        let mut connection = match role {
            Role::Client => Connection::client(masking_keys(), agreed),
            Role::Server => Connection::server(agreed),
        };
        connection.set_receive_buffer(received);
        connection.set_compression_level(settings.compression_level);
        connection.set_max_message_size(settings.max_message_size);
        connection.set_tolerant(settings.tolerant);
        connection.set_observe(settings.observe);
        Self { transport, connection }
    }

    /// Has the kernel keep the TCP connection alive, where there is one.
    pub(crate) fn set_tcp_keepalive(&self, every: Duration) {
        self.transport.set_tcp_keepalive(every);
    }

    /// The same with the faults of a plan that are for the connection with this number, and those of rules where they are
    /// awaited. `speaker` says what goes out on it.
    pub(crate) fn with_faults(
        self,
        plan: &FaultPlan,
        number: u64,
        speaker: RuleSpeaker,
        awaits_rules: bool,
        on_injected: impl FnOnce() -> Arc<dyn OnInjected>,
    ) -> Self {
        if plan.is_empty() && !awaits_rules {
            return self;
        }
        Self { transport: plan.transport(self.transport, number, speaker, awaits_rules, on_injected), ..self }
    }

    /// Leaves a connection that nobody will use: with a Close, if there is room for that at once, and without waiting.
    pub(crate) fn leave(mut self, close: Close) {
        let _ = self.connection.send(Item::Close(close));
        let _ = self.transport.send(self.connection.pending(), &[]);
    }
}
