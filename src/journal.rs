//! What a server tells about its clients: lines for a person.

use std::fmt;
use std::time::Duration;

use crate::console::Console;
use crate::farewell::Farewell;
use crate::inbox::Slow;
use crate::net::{Peer, Unopened};
use crate::view::safe::Safe;
use crate::ws::Tally;
use crate::ws::handshake::Request;
use crate::ws::negotiation::Agreement;

/// The log of a server, in the order in which things happen to each client.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) console: Option<Console>,
    /// Whether heads are told too.
    pub(crate) verbose: bool,
}

/// A connection that has been opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'a> {
    pub(crate) peer: Peer,
    pub(crate) secure: bool,
    pub(crate) request: &'a Request,
    pub(crate) response: &'a [u8],
    pub(crate) subprotocol: Option<&'a str>,
    pub(crate) deflate: Option<Agreement>,
    /// A browser sent it from another site than ours.
    pub(crate) foreign_origin: Option<&'a str>,
}

/// A connection that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) peer: Peer,
    /// Why, in words.
    pub(crate) why: Farewell,
    pub(crate) received: Tally,
    pub(crate) sent: Tally,
    pub(crate) lasted: Duration,
    pub(crate) remark: Option<String>,
}

impl Journal {
    pub(crate) fn new(console: Option<Console>, verbose: bool) -> Self {
        Self { console, verbose }
    }

    /// A line about the server itself.
    pub(crate) fn line(&self, line: fmt::Arguments<'_>) {
        if let Some(console) = &self.console {
            console.line(line);
        }
    }

    #[inline(never)]
    pub(crate) fn opened(&self, number: u64, opened: &Opened<'_>) {
        let Opened { peer, request, .. } = opened;
        self.head(number, '<', &request.raw);
        self.head(number, '>', opened.response);
        self.line(format_args!("[{number}] {peer} opened {}{}", Safe(&request.resource), Agreed(opened)));
        if let Some(origin) = opened.foreign_origin {
            let advice = "--allow-origin decides who may";
            self.line(format_args!("[{number}] warning: a page of {} opened this; {advice}", Safe(origin)));
        }
    }

    pub(crate) fn unopened(&self, number: u64, peer: Peer, why: &Unopened) {
        self.line(format_args!("[{number}] {peer} {}", Safe(&why.to_string())));
    }

    /// A request of plain HTTP has been answered.
    pub(crate) fn answered(&self, number: u64, peer: Peer, request: &Request, status: u16) {
        self.head(number, '<', &request.raw);
        self.line(format_args!("[{number}] {peer} {} {} {status}", request.method, Safe(&request.resource)));
    }

    /// A client reads too slowly, and what is done about it begins.
    pub(crate) fn slow(&self, number: u64, policy: Slow) {
        let done = match policy {
            Slow::Drop => "messages for it are dropped until there is room",
            Slow::Close => "it is closed",
        };
        self.line(format_args!("[{number}] reads too slowly: {done}"));
    }

    #[inline(never)]
    pub(crate) fn ended(&self, number: u64, ended: &Ended) {
        let Ended { peer, why, received, sent, lasted, remark } = ended;
        let remark = remark.as_ref().map(|remark| format!("; {remark}")).unwrap_or_default();
        let (came, went) = (Counted(*received), Counted(*sent));
        self.line(format_args!("[{number}] {peer} {why}; received {came}, sent {went} in {lasted:.1?}{remark}"));
    }

    fn head(&self, number: u64, arrow: char, head: &[u8]) {
        if self.verbose {
            for line in String::from_utf8_lossy(head).lines().filter(|line| !line.is_empty()) {
                self.line(format_args!("[{number}] {arrow} {}", Safe(line)));
            }
        }
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
            write!(f, " subprotocol={}", Safe(name))?;
        }
        if let Some(agreed) = self.0.deflate {
            write!(f, " {agreed}")?;
        }
        if let Some(agent) = self.0.request.header("user-agent") {
            write!(f, " agent=\"{}\"", Safe(agent))?;
        }
        Ok(())
    }
}

/// `3 messages (120 bytes)`.
struct Counted(Tally);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { messages, bytes } = self.0;
        write!(f, "{messages} message{} ({bytes} bytes)", if messages == 1 { "" } else { "s" })
    }
}
