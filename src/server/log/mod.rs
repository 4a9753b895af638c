//! What a server tells about its clients, in the order in which it happens to each: lines for a person, and events for
//! programs.

mod events;
mod lines;
mod session;
mod tunnel;

use core::net::SocketAddr;
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use self::events::StdoutEvents;
use self::lines::ConsoleLines;
pub(crate) use self::lines::Verbosity;
pub(crate) use self::session::{Ended, Opened, requested_url};
pub(crate) use self::tunnel::TunnelTarget;
use super::inbox::Slow;
use crate::error::Error;
use crate::http::{HttpStatus, Secrets, shown_url};
use crate::net::target::is_loopback;
use crate::net::{HandshakeError, Peer, TunnelEnd};
use crate::peer_text::Escaped;
use crate::script::Fault;
use crate::stdio::console::Console;
use crate::trace::connection_lines::{ClosedLine, Milestone, OpenedLine};
use crate::trace::ending::EndText;
use crate::trace::record::Record;
use crate::view::amount::{Count, Elapsed};
use crate::view::frames::FrameDetail;
use crate::view::head;
use crate::ws::handshake::{Refusal, Request};

/// The log of a server. Without either of its parts it tells nothing.
#[derive(Debug, Default)]
pub(crate) struct ServerLog {
    lines: Option<ConsoleLines>,
    events: Option<StdoutEvents>,
    /// What becomes of credentials and tokens where they are told.
    secrets: Secrets,
    /// What of frames is told.
    frames: Option<FrameDetail>,
    /// A person knows the connection behind that of a client by the client's number.
    has_one_number: bool,
}

impl ServerLog {
    pub(crate) fn new(console: Console, verbosity: Verbosity, secrets: Secrets) -> Self {
        Self { lines: Some(ConsoleLines { console, verbosity }), secrets, ..Self::default() }
    }

    /// Tells frames too.
    pub(crate) fn with_frames(self, frames: Option<FrameDetail>) -> Self {
        Self { frames, ..self }
    }

    /// Calls a connection behind that of a client by the client's number in lines for a person, where they type that one.
    pub(crate) fn with_one_number(self, has_one_number: bool) -> Self {
        Self { has_one_number, ..self }
    }

    /// Writes events to stdout too.
    ///
    /// # Errors
    /// When there is no thread or no descriptor to be had.
    pub(crate) fn with_events(self) -> io::Result<Self> {
        Ok(Self { events: Some(StdoutEvents::on_stdout()?), ..self })
    }

    /// Whether programs are told of every message.
    pub(crate) fn has_events(&self) -> bool {
        self.events.is_some()
    }

    /// Where the lines go.
    pub(crate) fn console(&self) -> Option<&Console> {
        self.lines.as_ref().map(|lines| &lines.console)
    }

    /// What a person is shown of frames.
    pub(crate) fn frames(&self) -> Option<FrameDetail> {
        self.frames
    }

    /// Whether a person is shown every message.
    pub(crate) fn shows_messages(&self) -> bool {
        self.lines.as_ref().is_some_and(|lines| lines.verbosity == Verbosity::Verbose)
    }

    /// Where events go, until they can be written no more, which is told once.
    fn events(&self) -> Option<&StdoutEvents> {
        let events = self.events.as_ref()?;
        let tell = |why: &Error| self.notice(format_args!("the events end here: {why}"));
        (!events.has_failed(tell)).then_some(events)
    }

    /// Waits until the events that were told are written, if they are read; what isn't is said.
    ///
    /// # Errors
    /// [`Error::Stdout`] where they could not be written.
    pub(crate) fn flush_events(&self) -> Result<(), Error> {
        let Some(events) = &self.events else { return Ok(()) };
        if !events.flush() {
            self.notice(format_args!("stdout was not read: the last events are lost"));
        }
        match self.events() {
            Some(_) => Ok(()),
            None => Err(Error::Stdout(io::Error::other("the events are not whole"))),
        }
    }

    /// Writes an event of a connection.
    pub(crate) fn record(&self, record: Record<'_>) {
        if let Some(events) = self.events() {
            events.record(record);
        }
    }

    /// A line about what goes on.
    pub(crate) fn line(&self, line: fmt::Arguments<'_>) {
        if let Some(lines) = &self.lines {
            lines.line(line);
        }
    }

    /// A line that is there however little is logged: a warning, a failure, and what somebody has asked for.
    pub(crate) fn notice(&self, line: fmt::Arguments<'_>) {
        if let Some(console) = self.console() {
            console.log(line);
        }
    }

    /// The server listens on an address, of which `scheme` says how it is reached.
    pub(crate) fn listening(&self, scheme: &str, address: SocketAddr) {
        let url = format!("{scheme}://{address}/");
        self.line(format_args!("listening on {url}"));
        if !is_loopback(address.ip()) {
            self.notice(format_args!("warning: {address} is not loopback, other machines can connect"));
        }
        if let Some(events) = self.events() {
            let event =
                json!({"type": "listening", "url": url, "address": address.to_string(), "port": address.port()});
            events.write(event);
        }
    }

    /// The server listens on a Unix socket.
    pub(crate) fn listening_on_socket(&self, path: &Path) {
        self.line(format_args!("listening on {}", path.display()));
        if let Some(events) = self.events() {
            let path = path.to_string_lossy();
            events.write(json!({"type": "listening", "url": format!("ws+unix:{path}"), "address": path, "port": null}));
        }
    }

    /// The server has ended; whoever waits for that is told.
    pub(crate) fn stopped(&self) {
        if let Some(lines) = &self.lines {
            lines.last("stopped");
        }
    }

    /// A request has come, whatever it gets.
    pub(crate) fn requested(&self, number: u64, request: &Request) {
        self.head(number, '<', &request.raw, &request.raw);
    }

    /// A request to a proxy has come, with this head.
    pub(crate) fn asked(&self, number: u64, head: &[u8]) {
        self.head(number, '<', head, head);
    }

    /// A client was given a way to a server, for what isn't looked at.
    pub(crate) fn tunnel_opened(&self, number: u64, peer: Peer, target: &TunnelTarget) {
        self.line(format_args!("[{number}] {peer} {}", target.words(self.secrets)));
        if let Some(events) = self.events() {
            events.connection(number, target.opened(peer, self.secrets));
        }
    }

    /// It has ended.
    pub(crate) fn tunnel_ended(
        &self,
        number: u64,
        peer: Peer,
        target: &TunnelTarget,
        end: &TunnelEnd,
        lasted: Duration,
    ) {
        let (up, down) = (Count(end.to_server, "byte"), Count(end.to_client, "byte"));
        self.line(format_args!(
            "[{number}] {peer} {} {}; {up} to the server, {down} from it in {}",
            target.words(self.secrets),
            tunnel::came_to(end),
            Elapsed(lasted)
        ));
        if let Some(events) = self.events() {
            events.connection(number, target.closed(peer, self.secrets, end, lasted));
        }
    }

    #[inline(never)]
    pub(crate) fn opened(&self, number: u64, opened: &Opened<'_>) {
        self.head(number, '>', opened.response, &opened.request.raw);
        self.line(format_args!("[{number}] {}", opened.line(self.secrets)));
        if let Some(events) = self.events() {
            self.opened_event(events, number, opened);
        }
    }

    // Not inlined: each thread's stack keeps the pages that it ever touched, and a record's line is large.
    #[inline(never)]
    fn opened_event(&self, events: &StdoutEvents, number: u64, opened: &Opened<'_>) {
        events.milestone(number, Milestone::Opened(Box::new(opened.opened_line(self.secrets))));
    }

    pub(crate) fn unopened(&self, number: u64, peer: Peer, why: &HandshakeError) {
        let (name, status, kind) = match why {
            HandshakeError::Refused(refusal) | HandshakeError::Unreadable { refusal, .. } => {
                if let HandshakeError::Unreadable { said, .. } = why {
                    self.head(number, '<', said, said);
                }
                self.head(number, '>', &refusal.head(), &[]);
                ("refused", Some(refusal.status.0), not_opened(refusal))
            }
            HandshakeError::RefusedInSocks(refusal) => ("refused", None, not_opened(refusal)),
            HandshakeError::Failed(_) => ("refused", None, "not_opened"),
            HandshakeError::Stopping => ("refused", None, "server_stopping"),
            HandshakeError::NoRequest => ("no_request", None, ""),
        };
        self.line(format_args!("[{number}] {peer} {}", Escaped(&why.to_string())));
        if let Some(events) = self.events() {
            let mut event = json!({"type": name, "address": peer.to_string()});
            if name == "refused" {
                event["status"] = status.into();
                event["kind"] = kind.into();
                event["why"] = why.to_string().into();
            }
            events.connection(number, event);
        }
    }

    /// A client's connection was joined to another.
    // Not inlined: each thread's stack keeps the pages that it ever touched, and a record's line is large.
    #[inline(never)]
    pub(crate) fn joined(&self, (number, far): (u64, u64), line: &OpenedLine) {
        let agreed = [
            line.subprotocol.as_ref().map(|name| format!(" subprotocol={name}")),
            line.extension.clone().map(|agreed| format!(" {agreed}")),
        ];
        let agreed: String = agreed.into_iter().flatten().collect();
        let url = &line.handshake.url;
        let whose = if self.has_one_number { format!("[{number}]") } else { format!("[{far}] for [{number}]") };
        self.line(format_args!("{whose} connected to {}{}", Escaped(url), Escaped(&agreed)));
        if let Some(events) = self.events() {
            events.milestone(far, Milestone::Opened(Box::new(line.clone())));
        }
    }

    /// Something was done to a connection: a rule has taken a message on its way, say.
    // Not inlined: each thread's stack keeps the pages that it ever touched, and a record's line is large.
    #[inline(never)]
    pub(crate) fn happened(&self, number: u64, milestone: &Milestone) {
        self.line(format_args!("[{number}] {milestone}"));
        if let Some(events) = self.events() {
            events.milestone(number, milestone.clone());
        }
    }

    /// The same on all connections.
    pub(crate) fn injected_everywhere(&self, fault: &Fault) {
        self.line(format_args!("injected: {fault}"));
        if let Some(events) = self.events() {
            events.write(json!({"type": "injected", "fault": fault.to_string(), "way": null}));
        }
    }

    /// It has ended, as far as it is behind us.
    #[inline(never)]
    pub(crate) fn far_ended(&self, (number, far): (u64, u64), why: EndText<'_>, line: &ClosedLine) {
        let (received, sent) = (line.received.unwrap_or_default(), line.sent.unwrap_or_default());
        let whose = if self.has_one_number { format!("[{number}] server side:") } else { format!("[{far}]") };
        self.line(format_args!("{whose} {why}; received {received}, sent {sent}"));
        if let Some(events) = self.events() {
            events.milestone(far, Milestone::Closed(Box::new(line.clone())));
        }
    }

    /// A request of plain HTTP has been answered, with this head before the content.
    pub(crate) fn answered(&self, number: u64, peer: Peer, request: &Request, status: HttpStatus, head: &[u8]) {
        self.head(number, '>', head, &request.raw);
        let Request { method, resource, .. } = request;
        let path = shown_url(resource, self.secrets);
        self.line(format_args!("[{number}] {peer} {method} {} {}", Escaped(&path), status.0));
        if let Some(events) = self.events() {
            let event = json!({"type": "request", "address": peer.to_string(), "method": method.to_string(),
                "path": path, "status": status.0});
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
        if let Some(events) = self.events() {
            events.connection(number, json!({"type": "slow", "policy": policy.name()}));
        }
    }

    #[inline(never)]
    pub(crate) fn ended(&self, number: u64, ended: &Ended) {
        self.line(format_args!("[{number}] {ended}"));
        if let Some(events) = self.events() {
            events.milestone(number, Milestone::Closed(Box::new(ended.closed_line())));
        }
    }

    fn head(&self, number: u64, direction: char, bytes: &[u8], request: &[u8]) {
        if let Some(lines) = &self.lines {
            lines.head(number, || head::lines(direction, bytes, request, self.secrets));
        }
    }
}

/// Which kind of end this is to programs.
fn not_opened(refusal: &Refusal) -> &'static str {
    if refusal.is_limit { "limit" } else { "not_opened" }
}
