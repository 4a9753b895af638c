//! What was learned on the way to a connection.

use std::sync::Arc;

use crate::error::Error;
use crate::http::{Response, Secrets, shown_url};
use crate::net::{ConnectEvent, Dialed, Reached, TlsFacts};
use crate::stdio::recording::{RecordedConnection, Recording};
use crate::trace::connection_lines::{
    HandshakeHeads, NotOpenedLine, OpenedLine, RecordedHandshake, RecordingRole, TlsLine,
};
use crate::view::head;
use crate::ws::handshake::Negotiated;

/// Where the way led to, and what was said there. Of what happened several times, the last counts:
/// after a redirect that is where we are, and behind a proxy the server's TLS comes after the proxy's.
#[derive(Debug, Default)]
pub(crate) struct ConnectFacts {
    place: Option<String>,
    tls: Option<Box<TlsFacts>>,
    request: Vec<u8>,
    response: Vec<u8>,
}

impl ConnectFacts {
    /// Of a way that was gone before.
    pub(crate) fn of_way(reached: &Reached) -> Self {
        Self { place: reached.place(), ..Self::default() }
    }

    /// Takes note of a step.
    pub(crate) fn note(&mut self, step: &ConnectEvent) {
        match step {
            ConnectEvent::Connected { place } => (self.place, self.tls) = (Some(place.clone()), None),
            ConnectEvent::Secured { facts, .. } => self.tls = Some(facts.clone()),
            ConnectEvent::Requested(head) => self.request.clone_from(head),
            ConnectEvent::Answered { response, .. } => self.response.clone_from(response),
            _ => {}
        }
    }

    /// Begins to record the connection that they led to.
    pub(crate) fn record(&self, recording: &Arc<Recording>, dialed: &Dialed, url: &str) -> RecordedConnection {
        self.record_as(None, recording, dialed, url)
    }

    /// The same under a number.
    pub(crate) fn record_as(
        &self,
        number: Option<u64>,
        recording: &Arc<Recording>,
        dialed: &Dialed,
        url: &str,
    ) -> RecordedConnection {
        let mut recorded = recording.connection(number);
        recorded.opened(self.line(&dialed.accepted, url, recording.secrets()));
        recorded
    }

    /// The line that tells of the connection, in a recording or a log.
    pub(crate) fn line(&self, accepted: &Negotiated, url: &str, secrets: Secrets) -> OpenedLine {
        OpenedLine {
            handshake: RecordedHandshake { address: self.place.clone(), ..self.handshake(url, secrets) },
            subprotocol: accepted.subprotocol.as_ref().map(|agreed| agreed.shown(secrets).to_owned()),
            extension: accepted.deflate.map(|agreed| agreed.to_string()),
            tls: self.tls.as_deref().map(|facts| TlsLine::from(&facts.agreed)),
            ..OpenedLine::of_url("")
        }
    }

    /// The line of a log that tells why they led to none.
    pub(crate) fn failed_line(&self, url: &str, why: &Error, secrets: Secrets) -> NotOpenedLine {
        NotOpenedLine { handshake: self.handshake(url, secrets), why: why.to_string() }
    }

    fn handshake(&self, url: &str, secrets: Secrets) -> RecordedHandshake {
        let url = shown_url(url, secrets).into_owned();
        let heads = self.shown_heads(secrets);
        RecordedHandshake { role: Some(RecordingRole::Client), url, address: None, heads }
    }

    /// Both heads, as far as there are any, as they may be recorded.
    pub(crate) fn recorded_heads(&self, recording: &Recording) -> HandshakeHeads {
        self.shown_heads(recording.secrets())
    }

    /// The answer to the request.
    pub(crate) fn answered(&self) -> Option<Response> {
        Response::parse(&self.response).ok().flatten()
    }

    pub(crate) fn address(&self) -> Option<&str> {
        self.place.as_deref()
    }

    pub(crate) fn tls_lines(&self) -> Vec<String> {
        let Some(facts) = self.tls.as_deref() else { return Vec::new() };
        let agreed =
            facts.parameters().map(|parameters| format!("TLS          {}, {parameters}", facts.agreed.version));
        let certificate = facts.chain.first().map(|certificate| format!("certificate  {}", certificate.summary()));
        agreed.into_iter().chain(certificate).collect()
    }

    /// Both heads as text, credentials masked unless they are to be shown.
    pub(crate) fn shown_heads(&self, secrets: Secrets) -> HandshakeHeads {
        HandshakeHeads::shown(&self.request, &self.response, secrets)
    }

    /// Both heads as they were on the wire, credentials masked unless they are asked for.
    pub(crate) fn heads(&self, secrets: Secrets) -> Vec<String> {
        let mut lines = vec!["the heads of the opening handshake".to_owned()];
        lines.extend(head::lines('>', &self.request, &self.request, secrets));
        lines.extend(head::lines('<', &self.response, &self.request, secrets));
        lines
    }
}
