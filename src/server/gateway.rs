//! Another server behind this one: what a client's connection is joined to, instead of a mode of ours.

use std::fmt;
use std::sync::Arc;

use super::intermediary::Intermediary;
use super::rules_file::RulesFile;
use crate::http::AgreedSubprotocol;
use crate::net::{Interrupt, Reached, WebSocket};
use crate::script::Rules;
use crate::stdio::recording::RecordedConnection;
use crate::trace::connection_lines::OpenedLine;
use crate::ws::handshake::{Refusal, Request};
use crate::ws::negotiation::DeflateParams;

/// The way to the server behind.
pub(crate) trait Gateway: fmt::Debug + Send + Sync {
    /// Opens the connection that a client's is joined to. It gives up when it is interrupted.
    ///
    /// # Errors
    /// The answer that the client gets instead.
    fn reach(&self, number: u64, request: &Request, interrupt: Interrupt<'_>) -> Result<FarConnection, Refusal>;

    /// Makes the way for a request of plain HTTP. It gives up when it is interrupted.
    ///
    /// # Errors
    /// The answer that the client gets instead.
    fn pass(&self, number: u64, request: &Request, interrupt: Interrupt<'_>) -> Result<PassedRequest, Refusal>;

    /// How what both sides say is passed on.
    fn terms(&self) -> PassingTerms;
}

/// A request of plain HTTP that is to go on, with its body behind it.
#[derive(Debug)]
pub(crate) struct PassedRequest {
    /// As the server gets it.
    pub(crate) head: Vec<u8>,
    /// The way to the server, with TLS where it has that.
    pub(crate) reached: Reached,
    /// HOST:PORT of the server.
    pub(crate) place: String,
}

/// How what the two sides of a proxy say is passed on.
#[derive(Debug, Clone, Default)]
pub(crate) struct PassingTerms {
    /// What breaks the protocol is passed on as it came. Then nothing is compressed on either side.
    pub(crate) is_lenient: bool,
    /// By which messages are changed on their way.
    pub(crate) changes: Option<Arc<Rules>>,
    /// Who stands between them.
    pub(crate) person: Option<Arc<dyn Intermediary>>,
}

/// Terms that may become others while a proxy runs. A connection keeps those that it began with.
#[derive(Debug)]
pub(crate) struct SharedTerms {
    /// As [`PassingTerms::is_lenient`].
    pub(crate) is_lenient: bool,
    pub(crate) rules: Option<Arc<RulesFile>>,
    /// As [`PassingTerms::person`].
    pub(crate) person: Option<Arc<dyn Intermediary>>,
}

impl SharedTerms {
    pub(crate) fn current(&self) -> PassingTerms {
        let changes = self.rules.as_ref().map(|file| file.current());
        PassingTerms { is_lenient: self.is_lenient, changes, person: self.person.clone() }
    }
}

impl PassingTerms {
    /// Whether rules may break something on purpose.
    pub(crate) fn has_faults(&self) -> bool {
        self.changes.as_ref().is_some_and(|rules| rules.have_faults())
    }
}

/// The connection to the server behind.
#[derive(Debug)]
pub(crate) struct FarConnection {
    pub(crate) websocket: WebSocket,
    pub(crate) subprotocol: Option<AgreedSubprotocol>,
    pub(crate) deflate: Option<DeflateParams>,
    /// More lines for the head of the answer to the client, each ended by CRLF.
    pub(crate) headers: Vec<u8>,
    pub(crate) line: OpenedLine,
    /// It has been opened in the recording.
    pub(crate) recorded: Option<RecordedConnection>,
}
