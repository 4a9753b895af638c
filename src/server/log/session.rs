//! The beginning and the end of a connection: each in words, and as an event.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::advice;
use crate::net::{Peer, TlsParameters};
use crate::peer_text::{Escaped, OneWord, Quoted};
use crate::server::end_reason::EndReason;
use crate::stdio::recording::Recording;
use crate::trace::connection_lines::{ClosedLine, OpenedLine, RecordingRole, TlsLine};
use crate::view::amount::Count;
use crate::ws::Counters;
use crate::ws::handshake::{AgreedSubprotocol, Request, shown_subprotocols, shown_url};
use crate::ws::negotiation::DeflateParams;

/// A connection that has been opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'a> {
    pub(crate) peer: Peer,
    pub(crate) secure: bool,
    /// What was agreed, where it came over TLS.
    pub(crate) tls: Option<&'a TlsParameters>,
    /// By the page that this server has.
    pub(crate) page: bool,
    pub(crate) request: &'a Request,
    pub(crate) response: &'a [u8],
    pub(crate) subprotocol: Option<&'a AgreedSubprotocol>,
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

/// What a request was for, as it may be recorded.
pub(crate) fn recorded_url(recording: &Recording, secure: bool, request: &Request) -> String {
    let scheme = if secure { "wss" } else { "ws" };
    let host = request.header("host").unwrap_or("localhost");
    recording.url(&format!("{scheme}://{host}{}", request.resource))
}

impl Opened<'_> {
    /// The event of the same name.
    pub(crate) fn object(&self, show_secrets: bool) -> Value {
        let requested = self.request.subprotocol_list();
        let shown = shown_subprotocols(&requested, show_secrets);
        json!({
            "type": "opened",
            "address": self.peer.to_string(),
            "secure": self.secure,
            "path": shown_url(&self.request.resource, show_secrets),
            "page": self.page,
            "subprotocol": self.subprotocol.map(|agreed| agreed.shown(show_secrets)),
            "requested_subprotocols": shown,
            "extension": self.deflate.map(|agreed| agreed.to_string()),
            "user_agent": self.request.header("user-agent"),
            "origin": self.origin(show_secrets),
            "forwarded_for": self.forwarded_for(),
        })
    }

    /// The line of a recording.
    pub(crate) fn recorded_by(&self, recording: &Recording) -> OpenedLine {
        OpenedLine {
            role: Some(RecordingRole::Server),
            url: recorded_url(recording, self.secure, self.request),
            address: Some(self.peer.to_string()),
            heads: recording.heads(&self.request.raw, self.response),
            subprotocol: self.subprotocol.map(|agreed| recording.subprotocol(agreed)),
            extension: self.deflate.map(|agreed| agreed.to_string()),
            tls: self.tls.map(TlsLine::from),
            frames: false,
        }
    }

    /// The line of the log, without the connection's number.
    pub(super) fn line(&self, show_secrets: bool) -> OpenedInWords<'_> {
        OpenedInWords { opened: self, show_secrets }
    }

    /// The subprotocol that was agreed, or that none was of those that were requested.
    fn subprotocol_or_why_none(&self, show_secrets: bool) -> Option<Cow<'_, str>> {
        if let Some(agreed) = self.subprotocol {
            return Some(agreed.shown(show_secrets).into());
        }
        let requested = self.request.subprotocol_list();
        let shown = shown_subprotocols(&requested, show_secrets);
        (!shown.is_empty()).then(|| advice::subprotocol_not_agreed(&shown.join(", ")).into())
    }

    fn origin(&self, show_secrets: bool) -> Option<Cow<'_, str>> {
        self.request.header("origin").map(|origin| shown_url(origin, show_secrets))
    }

    /// For whom proxies on the way say that they ask.
    fn forwarded_for(&self) -> Option<String> {
        let values: Vec<_> = self.request.headers.all("x-forwarded-for").collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// The beginning of a connection as a line of the log.
pub(super) struct OpenedInWords<'a> {
    opened: &'a Opened<'a>,
    show_secrets: bool,
}

impl fmt::Display for OpenedInWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { opened, show_secrets } = *self;
        write!(f, "{} opened {}", opened.peer, Escaped(&shown_url(&opened.request.resource, show_secrets)))?;
        f.write_str(if opened.page { " by the page" } else { "" })?;
        f.write_str(if opened.secure { " over TLS" } else { "" })?;
        if let Some(name) = opened.subprotocol_or_why_none(show_secrets) {
            write!(f, " subprotocol={}", Escaped(&name))?;
        }
        if let Some(agreed) = opened.deflate {
            write!(f, " {agreed}")?;
        }
        if let Some(clients) = opened.forwarded_for() {
            write!(f, " forwarded-for={}", Quoted(&clients))?;
        }
        if let Some(origin) = opened.origin(show_secrets) {
            write!(f, " origin={}", OneWord(&origin))?;
        }
        match opened.request.header("user-agent") {
            Some(agent) => write!(f, " agent={}", Quoted(agent)),
            None => Ok(()),
        }
    }
}

impl Ended {
    /// The line of a recording.
    pub(crate) fn recorded(&self) -> ClosedLine {
        let (code, reason) = self.why.close();
        ClosedLine {
            url: None,
            kind: Some(self.why.kind().into()),
            code,
            reason: reason.into(),
            why: self.why.to_string(),
            faults: self.why.faults(),
            received: Some(self.received.into()),
            sent: Some(self.sent.into()),
            elapsed: None,
        }
    }

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
