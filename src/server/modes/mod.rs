//! What a server does with a connection: a file and an entry of the table for each mode.

mod broadcast;
mod config;
mod declined;
mod echo;
mod entry;
mod exec;
mod operator;
mod operator_hub;
mod push;
mod replay;
mod reply;
mod script;
mod sink;
mod slow_reader;
mod subscriber;
mod table;

use std::fmt;
use std::io;
use std::sync::Arc;

pub(crate) use config::ModeConfig;
pub(crate) use declined::Declined;
pub(crate) use entry::{Argument, ModeEntry, ModeOptions, Setup};
#[cfg(fuzzing)]
pub(crate) use exec::Framer;
pub(crate) use exec::options::ExecOptions;
pub(crate) use exec::{CloseRule, Framing};
pub(crate) use operator_hub::{Audience, OperatorHub, SharedRules};
pub(crate) use replay::options::PlayOptions;
pub(crate) use subscriber::{OnMessage, Subscriber};
pub(crate) use table::{MODES, ModeSpec};

pub(crate) use super::end_reason::ModeEnd;
use super::rules_file::RulesFile;
use crate::http::AgreedSubprotocol;
use crate::net::{Handler, Peer};
use crate::script::{Dice, Rules};
use crate::ws::Event;
use crate::ws::handshake::Request;

/// A handler that may end its connection by itself, and then says why.
pub(crate) trait Behaviour: Handler {
    fn cause(&self) -> Option<ModeEnd> {
        None
    }

    /// Nothing more happens; what else is there to say?
    fn remark(&mut self) -> Option<String> {
        None
    }
}

/// The client that a mode begins for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectedClient<'a> {
    pub(crate) number: u64,
    /// By which what happens by chance happens again.
    pub(crate) seed: u64,
    pub(crate) peer: Peer,
    /// The one of ours that it has come to; none of a Unix socket.
    pub(crate) port: Option<u16>,
    pub(crate) secure: bool,
    pub(crate) request: &'a Request,
    pub(crate) subprotocol: Option<&'a AgreedSubprotocol>,
    /// Those of the mode's file that its connection keeps, whatever is read from that later. Without a file there are none.
    pub(crate) rules: &'a Arc<Rules>,
    /// The head of the answer to it.
    pub(crate) response: &'a [u8],
}

impl ConnectedClient<'_> {
    /// Of the rules on its connection.
    fn dice(&self) -> Dice {
        Dice::of_rules(self.seed, self.number)
    }
}

/// Who is told everything that happens on a client's connection, by its thread.
pub(crate) trait ClientTap: fmt::Debug + Send {
    fn event(&mut self, event: &Event<'_>);

    /// As [`Tap::taken`](crate::net::Tap::taken).
    fn taken(&mut self, bytes: u64, of: u64);
}

/// What the clients of a path get.
#[derive(Debug, Clone)]
pub(crate) struct NamedMode {
    /// As the table has it.
    pub(crate) name: &'static str,
    /// Web pages are kept from it.
    pub(crate) protected: bool,
    pub(crate) mode: Arc<dyn Mode>,
}

impl NamedMode {
    /// Every message comes back.
    pub(crate) fn echo() -> Self {
        Self { name: echo::ENTRY.name, protected: false, mode: Arc::new(echo::EchoMode) }
    }

    /// The rules by which it answers connections that open now.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.mode.rules_file().map(|file| file.current()).unwrap_or_default()
    }
}

/// A mode at work on a path.
pub(crate) trait Mode: fmt::Debug + Send + Sync {
    /// Begins for one client.
    ///
    /// # Errors
    /// When there are no descriptors or processes to be had.
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>>;

    /// What is spoken on its connections, unless the server is told.
    fn subprotocol(&self) -> Option<&str> {
        None
    }

    /// Whether it is the echo, for which the engine is compiled apart: what is fastest there is what is measured.
    fn is_echo(&self) -> bool {
        false
    }

    /// Whether the log has the messages of its clients in any case: whoever answers them has to see them.
    fn shows_messages(&self) -> bool {
        false
    }

    /// The file by whose rules it answers, which each connection gets as [`ConnectedClient::rules`].
    fn rules_file(&self) -> Option<Arc<RulesFile>> {
        None
    }

    /// Who is told everything that happens on the connection of a client that begins, both ways.
    fn tap(&self, _client: &ConnectedClient<'_>) -> Option<Box<dyn ClientTap>> {
        None
    }
}
