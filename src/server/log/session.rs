//! The beginning and the end of a connection: each in words, and as an event.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::net::Peer;
use crate::peer_text::Escaped;
use crate::server::end_reason::EndReason;
use crate::view::amount::Count;
use crate::ws::Counters;
use crate::ws::handshake::Request;
use crate::ws::negotiation::DeflateParams;

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

impl fmt::Display for Opened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} opened {}", self.peer, Escaped(&self.request.resource))?;
        if self.secure {
            f.write_str(" over TLS")?;
        }
        if let Some(name) = self.subprotocol {
            write!(f, " subprotocol={}", Escaped(name))?;
        }
        if let Some(agreed) = self.deflate {
            write!(f, " {agreed}")?;
        }
        if let Some(origin) = self.request.header("origin") {
            write!(f, " origin={}", Escaped(origin))?;
        }
        if let Some(agent) = self.request.header("user-agent") {
            write!(f, " agent=\"{}\"", Escaped(agent))?;
        }
        Ok(())
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

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, why, received, sent, lasted, remark } = self;
        let (came, went) = (Counted(*received), Counted(*sent));
        write!(f, "{peer} {why}; received {came}, sent {went} in {lasted:.1?}")?;
        remark.as_ref().map_or(Ok(()), |remark| write!(f, "; {remark}"))
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
