//! What a server tells about its clients: lines for a person on stderr, and for programs as JSON on stdout.

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::end_reason::EndReason;
use super::inbox::Slow;
use crate::net::{HandshakeError, Peer};
use crate::peer_text::Escaped;
use crate::stdio::console::Console;
use crate::stdio::line_writer::{LineWriter, WhenFull};
use crate::trace::record::{Record, SCHEMA, dropped};
use crate::view::amount::Count;
use crate::view::clock::timestamp;
use crate::view::{head, json_text};
use crate::ws::Counters;
use crate::ws::handshake::Request;
use crate::ws::negotiation::DeflateParams;

/// As large as anybody may make a pipe on Linux, in bytes.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PIPE_SIZE: usize = 1 << 20;

/// The log of a server, in the order in which things happen to each client.
#[derive(Debug, Default)]
pub(crate) struct ServerLog {
    pub(crate) console: Option<Console>,
    /// Heads are told too: whether with their secrets.
    heads: Option<bool>,
    /// Where events go as JSON, one object a line.
    pub(crate) events: Option<LineWriter>,
    /// That is a terminal: what it would act on is written as `\uXXXX`.
    on_a_terminal: bool,
}

/// A connection that has been opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'a> {
    pub(crate) peer: Peer,
    pub(crate) secure: bool,
    pub(crate) request: &'a Request,
    pub(crate) response: &'a [u8],
    pub(crate) subprotocol: Option<&'a str>,
    pub(crate) deflate: Option<DeflateParams>,
}

/// A connection that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) peer: Peer,
    /// Why, in words.
    pub(crate) why: EndReason,
    pub(crate) received: Counters,
    pub(crate) sent: Counters,
    pub(crate) lasted: Duration,
    pub(crate) remark: Option<String>,
}

impl ServerLog {
    /// `heads` is whether, where heads are told, they are told with their secrets.
    pub(crate) fn new(console: Console, heads: Option<bool>) -> Self {
        Self { console: Some(console), heads, ..Self::default() }
    }

    /// Writes events to stdout too.
    ///
    /// # Errors
    /// When there is no thread or no descriptor to be had.
    pub(crate) fn with_events(mut self) -> io::Result<Self> {
        let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        enlarge(&stdout);
        self.on_a_terminal = stdout.is_terminal();
        self.events = Some(LineWriter::to(stdout, "events", dropped)?);
        Ok(self)
    }

    /// Waits until the events that were told are written, if they are read; what isn't is said.
    pub(crate) fn flush_events(&self) {
        if self.events.as_ref().is_some_and(|events| !events.flush()) {
            self.line(format_args!("stdout was not read: the last events are lost"));
        }
    }

    /// An event for programs, made only where they want it, with the schema, the time and the connection's number put into it.
    fn event(&self, number: u64, event: impl FnOnce() -> Value) {
        if self.events.is_some() {
            let mut event = event();
            event["schema"] = SCHEMA.into();
            event["time"] = timestamp(SystemTime::now()).into();
            event["connection"] = number.into();
            self.write(&format!("{event}\n"));
        }
    }

    /// Writes an event of a connection.
    pub(crate) fn record(&self, record: Record<'_>) {
        if let Some(events) = &self.events {
            events.write_record(record, self.on_a_terminal, WhenFull::Drop);
        }
    }

    fn write(&self, line: &str) {
        if let Some(events) = &self.events {
            let line = if self.on_a_terminal { json_text::escaped(line) } else { line.into() };
            events.write(line.as_bytes(), WhenFull::Drop);
        }
    }

    /// A line about the server itself.
    pub(crate) fn line(&self, line: fmt::Arguments<'_>) {
        if let Some(console) = &self.console {
            console.log(line);
        }
    }

    /// Lines that belong together; those behind the first are indented.
    pub(crate) fn lines(&self, lines: impl IntoIterator<Item = impl fmt::Display>) {
        if let Some(console) = &self.console {
            console.log_lines(lines);
        }
    }

    #[inline(never)]
    pub(crate) fn opened(&self, number: u64, opened: &Opened<'_>) {
        let Opened { peer, request, .. } = opened;
        self.head(number, '<', &request.raw);
        self.head(number, '>', opened.response);
        self.line(format_args!("[{number}] {peer} opened {}{}", Escaped(&request.resource), Agreed(opened)));
        self.event(number, || opened.object());
    }

    pub(crate) fn unopened(&self, number: u64, peer: Peer, why: &HandshakeError) {
        self.line(format_args!("[{number}] {peer} {}", Escaped(&why.to_string())));
        let status = match why {
            HandshakeError::Refused(refusal) => Some(refusal.status.0),
            HandshakeError::Failed(_) => None,
        };
        let kind = if status == Some(503) { "limit" } else { "not_opened" };
        self.event(number, || {
            json!({"type": "refused", "address": peer.to_string(), "status": status, "kind": kind,
                "why": why.to_string()})
        });
    }

    /// A request of plain HTTP has been answered.
    pub(crate) fn answered(&self, number: u64, peer: Peer, request: &Request, status: u16) {
        self.head(number, '<', &request.raw);
        self.line(format_args!("[{number}] {peer} {} {} {status}", request.method, Escaped(&request.resource)));
        self.event(number, || {
            json!({"type": "request", "address": peer.to_string(), "method": request.method.to_string(),
                "path": request.resource, "status": status})
        });
    }

    /// A client reads too slowly, and what is done about it begins.
    pub(crate) fn slow(&self, number: u64, policy: Slow) {
        let done = match policy {
            Slow::Drop => "dropping messages until it catches up",
            Slow::Close => "closing it",
        };
        self.line(format_args!("[{number}] reads too slowly: {done}"));
        self.event(number, || json!({"type": "slow", "policy": policy.name()}));
    }

    #[inline(never)]
    pub(crate) fn ended(&self, number: u64, ended: &Ended) {
        let Ended { peer, why, received, sent, lasted, remark } = ended;
        let remark = remark.as_ref().map(|remark| format!("; {remark}")).unwrap_or_default();
        let (came, went) = (Counted(*received), Counted(*sent));
        self.line(format_args!("[{number}] {peer} {why}; received {came}, sent {went} in {lasted:.1?}{remark}"));
        self.event(number, || ended.object());
    }

    fn head(&self, number: u64, direction: char, bytes: &[u8]) {
        if let Some(show_secrets) = self.heads {
            for line in head::lines(direction, bytes, show_secrets) {
                self.line(format_args!("[{number}] {line}"));
            }
        }
    }
}

/// Has a pipe keep more for a reader who is late: what is in it outlives this process.
fn enlarge(pipe: &File) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // It may be no pipe, or too much for this user.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE_SIZE);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = pipe;
}

impl Opened<'_> {
    /// The event of the same name.
    pub(crate) fn object(&self) -> Value {
        json!({
            "type": "opened",
            "address": self.peer.to_string(),
            "secure": self.secure,
            "path": self.request.resource,
            "subprotocol": self.subprotocol,
            "extension": self.deflate.map(|agreed| agreed.to_string()),
            "user_agent": self.request.header("user-agent"),
            "origin": self.request.header("origin"),
        })
    }
}

impl Ended {
    /// The event `closed`.
    pub(crate) fn object(&self) -> Value {
        let (code, reason) = self.why.close();
        let counters = |counters: Counters| json!({"messages": counters.messages, "bytes": counters.bytes});
        json!({
            "type": "closed",
            "address": self.peer.to_string(),
            "kind": self.why.kind(),
            "code": code,
            "reason": reason,
            "why": self.why.to_string(),
            "faults": self.why.faults(),
            "received": counters(self.received),
            "sent": counters(self.sent),
            "seconds": self.lasted.as_secs_f64(),
            "remark": self.remark,
        })
    }
}

/// What was agreed, and with whom.
struct Agreed<'a>(&'a Opened<'a>);

impl fmt::Display for Agreed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.secure {
            f.write_str(" over TLS")?;
        }
        if let Some(name) = self.0.subprotocol {
            write!(f, " subprotocol={}", Escaped(name))?;
        }
        if let Some(agreed) = self.0.deflate {
            write!(f, " {agreed}")?;
        }
        if let Some(origin) = self.0.request.header("origin") {
            write!(f, " origin={}", Escaped(origin))?;
        }
        if let Some(agent) = self.0.request.header("user-agent") {
            write!(f, " agent=\"{}\"", Escaped(agent))?;
        }
        Ok(())
    }
}

/// `3 messages (120 bytes)`.
struct Counted(Counters);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counters { messages, bytes } = self.0;
        write!(f, "{} ({})", Count(messages, "message"), Count(bytes, "byte"))
    }
}
