//! The beginning and the end of a connection: each in words, and as an event.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::advice;
use crate::http::{AgreedSubprotocol, Secrets, shown_subprotocols, shown_url};
use crate::net::{Peer, TlsParameters};
use crate::peer_text::{Escaped, OneWord, Quoted};
use crate::server::end_reason::EndReason;
use crate::trace::connection_lines::{
    ClientFacts, ClosedLine, HandshakeHeads, OpenedLine, RecordedHandshake, RecordingRole, TlsLine,
};
use crate::view::amount::Elapsed;
use crate::ws::Counters;
use crate::ws::handshake::Request;
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
    /// With a target, which agrees to a subprotocol or doesn't.
    pub(crate) is_joined: bool,
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

/// What a request was for.
pub(crate) fn requested_url(secure: bool, request: &Request, secrets: Secrets) -> String {
    let scheme = if secure { "wss" } else { "ws" };
    let host = request.authority.as_ref().map_or_else(|| "localhost".into(), ToString::to_string);
    // Each by itself: the target may begin with two slashes.
    shown_url(&format!("{scheme}://{host}"), secrets).into_owned() + &shown_url(&request.resource, secrets)
}

impl Opened<'_> {
    /// The line that programs are told, in a recording or among events.
    pub(crate) fn opened_line(&self, secrets: Secrets) -> OpenedLine {
        let heads = HandshakeHeads::shown(&self.request.raw, self.response, secrets);
        let line = self.line_without_heads(secrets);
        OpenedLine { handshake: RecordedHandshake { heads, ..line.handshake }, ..line }
    }

    /// The same without the heads, each of which may have 64 KiB.
    pub(crate) fn line_without_heads(&self, secrets: Secrets) -> OpenedLine {
        let requested = self.request.subprotocol_list();
        let shown = shown_subprotocols(&requested, secrets);
        let handshake = RecordedHandshake {
            role: Some(RecordingRole::Server),
            url: requested_url(self.secure, self.request, secrets),
            address: Some(self.peer.to_string()),
            heads: HandshakeHeads::default(),
        };
        OpenedLine {
            handshake,
            subprotocol: self.subprotocol.map(|agreed| agreed.shown(secrets).to_owned()),
            extension: self.deflate.map(|agreed| agreed.to_string()),
            tls: self.tls.map(TlsLine::from),
            client: ClientFacts {
                page: self.page,
                requested_subprotocols: shown.into_iter().map(str::to_owned).collect(),
                user_agent: self.request.header("user-agent").map(str::to_owned),
                origin: self.origin(secrets).map(Cow::into_owned),
                forwarded_for: self.forwarded_for(),
            },
            frames: false,
        }
    }

    /// The line of the log, without the connection's number.
    pub(super) fn line(&self, secrets: Secrets) -> OpenedInWords<'_> {
        OpenedInWords { opened: self, secrets }
    }

    /// The subprotocol that was agreed, or that none was of those that were requested.
    fn subprotocol_or_why_none(&self, secrets: Secrets) -> Option<Cow<'_, str>> {
        if let Some(agreed) = self.subprotocol {
            return Some(agreed.shown(secrets).into());
        }
        let requested = self.request.subprotocol_list();
        let shown = shown_subprotocols(&requested, secrets);
        let shown = Some(shown.join(", ")).filter(|shown| !shown.is_empty())?;
        Some(match self.is_joined {
            true => format!("none (requested: {shown}; the target agreed to none of them)").into(),
            false => advice::subprotocol_not_agreed(&shown).into(),
        })
    }

    fn origin(&self, secrets: Secrets) -> Option<Cow<'_, str>> {
        self.request.header("origin").map(|origin| shown_url(origin, secrets))
    }

    /// For whom proxies on the way say that they ask: the standard header's word counts most (RFC 7239), then the one that
    /// names every proxy too.
    fn forwarded_for(&self) -> Option<String> {
        let headers = &self.request.headers;
        let standard: Vec<_> = headers.all("forwarded").flat_map(forwarded_clients).collect();
        let others = ["x-forwarded-for", "x-real-ip"].map(|name| headers.all(name).collect());
        [standard].into_iter().chain(others).find(|values| !values.is_empty()).map(|values| values.join(", "))
    }
}

/// Whom the elements of a Forwarded header are for (RFC 7239 §4). No node has a separator in its name (§6), so that what is
/// quoted needs no other care.
fn forwarded_clients(value: &str) -> impl Iterator<Item = &str> {
    let pairs = value.split([',', ';']).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, node)| node.trim().trim_matches('"'))
}

/// The beginning of a connection as a line of the log.
pub(super) struct OpenedInWords<'a> {
    opened: &'a Opened<'a>,
    secrets: Secrets,
}

impl fmt::Display for OpenedInWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { opened, secrets } = *self;
        write!(f, "{} opened {}", opened.peer, Escaped(&shown_url(&opened.request.resource, secrets)))?;
        f.write_str(if opened.page { " by the page" } else { "" })?;
        f.write_str(if opened.secure { " over TLS" } else { "" })?;
        if let Some(name) = opened.subprotocol_or_why_none(secrets) {
            write!(f, " subprotocol={}", Escaped(&name))?;
        }
        if let Some(agreed) = opened.deflate {
            write!(f, " {agreed}")?;
        }
        if let Some(clients) = opened.forwarded_for() {
            write!(f, " forwarded-for={}", Quoted(&clients))?;
        }
        if let Some(origin) = opened.origin(secrets) {
            write!(f, " origin={}", OneWord(&origin))?;
        }
        match opened.request.header("user-agent") {
            Some(agent) => write!(f, " agent={}", Quoted(agent)),
            None => Ok(()),
        }
    }
}

impl Ended {
    /// The line that programs are told, in a recording or among events.
    pub(crate) fn closed_line(&self) -> ClosedLine {
        let (code, reason) = self.why.close();
        ClosedLine {
            address: Some(self.peer.to_string()),
            kind: Some(self.why.kind().into()),
            code,
            reason: reason.into(),
            why: self.why.to_string(),
            faults: self.why.faults(),
            received: Some(self.received),
            sent: Some(self.sent),
            elapsed: Some(self.lasted),
            remark: self.remark.clone(),
            ..ClosedLine::default()
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, why, received, sent, lasted, remark } = self;
        write!(f, "{peer} {why}; received {received}, sent {sent} in {}", Elapsed(*lasted))?;
        remark.as_ref().map_or(Ok(()), |remark| write!(f, "; {remark}"))
    }
}
