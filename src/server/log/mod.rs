//! What a server tells about its clients, in the order in which it happens to each: lines for a person, and events for
//! programs.

mod events;
mod lines;
mod session;

use std::fmt;
use std::io;

use serde_json::json;

use self::events::Events;
use self::lines::Lines;
pub(crate) use self::session::{Ended, Opened};
use super::inbox::Slow;
use crate::net::{HandshakeError, Peer};
use crate::peer_text::Escaped;
use crate::stdio::console::Console;
use crate::trace::record::Record;
use crate::ws::handshake::Request;

/// The log of a server. Without either of its parts it tells nothing.
#[derive(Debug, Default)]
pub(crate) struct ServerLog {
    lines: Option<Lines>,
    events: Option<Events>,
}

impl ServerLog {
    /// `heads` is whether, where heads are told, they are told with their secrets.
    pub(crate) fn new(console: Console, heads: Option<bool>) -> Self {
        Self { lines: Some(Lines { console, heads }), events: None }
    }

    /// Writes events to stdout too.
    ///
    /// # Errors
    /// When there is no thread or no descriptor to be had.
    pub(crate) fn with_events(self) -> io::Result<Self> {
        Ok(Self { events: Some(Events::on_stdout()?), ..self })
    }

    /// Whether programs are told of every message.
    pub(crate) fn has_events(&self) -> bool {
        self.events.is_some()
    }

    /// Where the lines go.
    pub(crate) fn console(&self) -> Option<&Console> {
        self.lines.as_ref().map(|lines| &lines.console)
    }

    /// Waits until the events that were told are written, if they are read; what isn't is said.
    pub(crate) fn flush_events(&self) {
        if self.events.as_ref().is_some_and(|events| !events.flush()) {
            self.line(format_args!("stdout was not read: the last events are lost"));
        }
    }

    /// Writes an event of a connection.
    pub(crate) fn record(&self, record: Record<'_>) {
        if let Some(events) = &self.events {
            events.record(record);
        }
    }

    /// A line about the server itself.
    pub(crate) fn line(&self, line: fmt::Arguments<'_>) {
        if let Some(lines) = &self.lines {
            lines.line(line);
        }
    }

    /// Lines that belong together; those behind the first are indented.
    pub(crate) fn lines(&self, lines: impl IntoIterator<Item = impl fmt::Display>) {
        if let Some(console) = self.console() {
            console.log_lines(lines);
        }
    }

    #[inline(never)]
    pub(crate) fn opened(&self, number: u64, opened: &Opened<'_>) {
        self.head(number, '<', &opened.request.raw);
        self.head(number, '>', opened.response);
        self.line(format_args!("[{number}] {opened}"));
        if let Some(events) = &self.events {
            events.connection(number, opened.object());
        }
    }

    pub(crate) fn unopened(&self, number: u64, peer: Peer, why: &HandshakeError) {
        self.line(format_args!("[{number}] {peer} {}", Escaped(&why.to_string())));
        let status = match why {
            HandshakeError::Refused(refusal) => Some(refusal.status.0),
            HandshakeError::Failed(_) => None,
        };
        if let Some(events) = &self.events {
            let kind = if status == Some(503) { "limit" } else { "not_opened" };
            let event = json!({"type": "refused", "address": peer.to_string(), "status": status, "kind": kind,
                "why": why.to_string()});
            events.connection(number, event);
        }
    }

    /// A request of plain HTTP has been answered.
    pub(crate) fn answered(&self, number: u64, peer: Peer, request: &Request, status: u16) {
        self.head(number, '<', &request.raw);
        self.line(format_args!("[{number}] {peer} {} {} {status}", request.method, Escaped(&request.resource)));
        if let Some(events) = &self.events {
            let event = json!({"type": "request", "address": peer.to_string(), "method": request.method.to_string(),
                "path": request.resource, "status": status});
            events.connection(number, event);
        }
    }

    /// A client reads too slowly, and what is done about it begins.
    pub(crate) fn slow(&self, number: u64, policy: Slow) {
        let done = match policy {
            Slow::Drop => "dropping messages until it catches up",
            Slow::Close => "closing it",
        };
        self.line(format_args!("[{number}] reads too slowly: {done}"));
        if let Some(events) = &self.events {
            events.connection(number, json!({"type": "slow", "policy": policy.name()}));
        }
    }

    #[inline(never)]
    pub(crate) fn ended(&self, number: u64, ended: &Ended) {
        self.line(format_args!("[{number}] {ended}"));
        if let Some(events) = &self.events {
            events.connection(number, ended.object());
        }
    }

    fn head(&self, number: u64, direction: char, bytes: &[u8]) {
        if let Some(lines) = &self.lines {
            lines.head(number, direction, bytes);
        }
    }
}
