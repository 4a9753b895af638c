//! From a client to its open connection, or to the answers that it gets instead.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::http::{Persistence, PlainResponse};
use super::log::{Opened, requested_url};
use super::modes::{ConnectedClient, Declined, NamedMode};
use super::page::feed::Observers;
use super::page::token;
use super::policy::Decision;
use super::running_server::RunningServer;
use super::session::Session;
use super::taps::{ShownInLog, Taps};
use super::tunnel_session::TunnelSession;
use crate::error::system_words;
use crate::http::{AgreedSubprotocol, HttpVersion, Method};
use crate::net::{Accepted, ConnectionSettings, HandshakeError, Incoming, Interrupt, Peer, PendingHandshake};
use crate::script::{RuleSpeaker, Rules};
use crate::trace::connection_lines::{HandshakeHeads, NotOpenedLine, RecordedHandshake, RecordingRole};
use crate::ws::Observe;
use crate::ws::handshake::{AcceptOptions, Refusal, Request};

impl RunningServer {
    /// From a client to its open connection, or to nothing where plain HTTP was asked for.
    // Not inlined: its stack would stay under the connection's for as long as that lives.
    #[inline(never)]
    pub(super) fn handshake(
        &self,
        number: u64,
        mut incoming: Incoming<'_>,
        surplus: bool,
    ) -> Result<Option<Session>, HandshakeError> {
        // Whoever stands behind has whichever methods it likes.
        let passes_plain_http = self.policy.gateway.is_some();
        let receive = if passes_plain_http { PendingHandshake::receive_any } else { PendingHandshake::receive };
        while let Some(mut pending) = receive(incoming, &self.policy.headers)? {
            // What is somebody else's page is asked for as it is.
            let has_page = self.policy.gateway.is_none() || self.policy.has_page_of_gateway;
            let token = if has_page { token::take(&mut pending.request) } else { None };
            self.log.requested(number, &pending.request);
            if surplus {
                let refusal = self.limits.refusal().with_headers(&self.policy.headers);
                return Err(self.refuse(number, pending, refusal));
            }
            if let Some(token) = token.as_deref().filter(|_| Observers::is_wanted_by(&pending.request)) {
                return self.observe(number, pending, token).map(Some);
            }
            match self.policy.judge(&pending.request, &|| Some(pending.incoming.local_address()?.ip())) {
                Decision::Refuse(refusal) => return Err(self.refuse(number, pending, refusal)),
                Decision::Open { mode, subprotocol } => {
                    return self.open(number, pending, token.as_deref(), mode, subprotocol.as_ref()).map(Some);
                }
                Decision::Join(gateway) => {
                    let reach =
                        |request: &Request, interrupt: Interrupt<'_>| gateway.reach(number + 1, request, interrupt);
                    let joined = self.join(number, pending, token.as_deref(), gateway.terms(), reach)?;
                    return Ok(Some(Session::Joined(joined)));
                }
                Decision::Pass(gateway) => {
                    let reach =
                        |request: &Request, interrupt: Interrupt<'_>| gateway.pass(number + 1, request, interrupt);
                    return TunnelSession::of_request(pending, reach).map(Session::Tunnel).map(Some);
                }
                Decision::Answer(answer) => match self.answer(number, pending, answer)? {
                    Some(next) => incoming = next,
                    None => return Ok(None),
                },
            }
        }
        Ok(None)
    }

    #[inline(never)]
    fn open(
        &self,
        number: u64,
        mut pending: PendingHandshake<'_>,
        token: Option<&str>,
        mode: &NamedMode,
        subprotocol: Option<&AgreedSubprotocol>,
    ) -> Result<Session, HandshakeError> {
        if let Some(refusal) = self.inject_in_handshake(number, &mut pending) {
            return Err(self.refuse(number, pending, refusal));
        }
        let Incoming { peer, secure, .. } = pending.incoming;
        let watcher = self.observers.of(number, token);
        let page = watcher.is_page();
        let rules = mode.rules();
        let mut settings = self.settings;
        let awaits_rules = rules.have_faults();
        self.faults.prepare(&mut settings, awaits_rules);
        let name = subprotocol.map(AgreedSubprotocol::name);
        let terms =
            AcceptOptions { deflate: settings.deflate, subprotocol: name, headers: self.policy.headers.as_bytes() };
        let acceptance = match pending.request.accept(&terms) {
            Ok(acceptance) => acceptance,
            Err(refusal) => return Err(self.refuse(number, pending, refusal.with_headers(&self.policy.headers))),
        };
        let client = self.connected_client((number, &pending), (subprotocol, &acceptance.response), &rules);
        let tap = mode.mode.tap(&client);
        settings.observe = self.observed(tap.is_some(), watcher.is_followed());
        let shown = ShownInLog { messages: mode.mode.shows_messages() };
        let taps = Taps::new(number, &self.log, shown, watcher, tap);
        let mut taps = taps.recorded(number, self.recording.as_ref());
        let is_plain_echo = mode.mode.is_echo() && !taps.look_on();
        // Begun before the client knows that it is connected, so that it misses nothing from then on.
        let behaviour = (!is_plain_echo).then(|| {
            let declined = |error| Declined::new(format!("can't {}: {}", mode.name, system_words(&error)));
            Arc::clone(&mode.mode).begin(&client).unwrap_or_else(|error| Box::new(declined(error)))
        });
        let tls = pending.incoming.tls();
        let Accepted { websocket, request, deflate, response } = pending.open(acceptance, &settings)?;
        let (request, response) = (&request, response.as_slice());
        let tls = tls.as_ref();
        let opened = Opened { peer, secure, tls, page, is_joined: false, request, response, subprotocol, deflate };
        self.log.opened(number, &opened);
        taps.opened(&opened);
        let websocket =
            Box::new(self.with_faults(number, (RuleSpeaker::Server, awaits_rules), websocket, taps.recorded_lines()));
        Ok(match behaviour {
            None => Session::Echo(websocket, taps),
            Some(behaviour) => Session::Other(websocket, behaviour, taps),
        })
    }

    /// The client as a mode, or a person, is told of it before its connection opens.
    pub(super) fn connected_client<'a>(
        &self,
        (number, pending): (u64, &'a PendingHandshake<'_>),
        (subprotocol, response): (Option<&'a AgreedSubprotocol>, &'a [u8]),
        rules: &'a Arc<Rules>,
    ) -> ConnectedClient<'a> {
        let Incoming { peer, secure, .. } = pending.incoming;
        let port = pending.incoming.local_address().map(|address| address.port());
        let (seed, request) = (self.faults.seed(), &pending.request);
        ConnectedClient { number, seed, peer, port, secure, request, subprotocol, response, rules }
    }

    /// What has to be told of a connection, for all who look at it.
    pub(super) fn observed(&self, is_tapped: bool, is_followed: bool) -> Observe {
        let has_reader = is_tapped || self.log.has_events() || self.log.shows_messages();
        let followed = if is_followed { Observe::Frames } else { Observe::Nothing };
        let wanted = if has_reader { Observe::FramesAndContent } else { followed };
        let recorded = self.recording.as_ref().map_or(Observe::Nothing, |recording| recording.observes());
        self.settings.observe.max(wanted).max(recorded)
    }

    /// Answers that there will be no connection, and records that.
    #[inline(never)]
    pub(super) fn refuse(&self, number: u64, pending: PendingHandshake<'_>, refusal: Refusal) -> HandshakeError {
        let Incoming { peer, secure, .. } = pending.incoming;
        if let Some(recording) = &self.recording {
            let url = requested_url(secure, &pending.request, recording.secrets());
            let heads = recording.heads(&pending.request.raw, &refusal.head());
            recording.refused(number, recorded_refusal(url, peer, heads, &refusal));
        }
        pending.refuse(refusal)
    }

    /// The same of a client that has said something else than a request.
    pub(super) fn record_unreadable(&self, number: u64, peer: Peer, why: &HandshakeError) {
        let (Some(recording), HandshakeError::Unreadable { refusal, said }) = (&self.recording, why) else { return };
        let heads = recording.heads(said, &refusal.head());
        // Whom and what it was for isn't known.
        recording.refused(number, recorded_refusal("ws://unknown.invalid/".into(), peer, heads, refusal));
    }

    /// The page's second socket, on which it sees its first and others from this side.
    #[inline(never)]
    fn observe(&self, number: u64, pending: PendingHandshake<'_>, token: &str) -> Result<Session, HandshakeError> {
        let admitted = self.policy.admit_page(&pending.request, &|| Some(pending.incoming.local_address()?.ip()));
        let terms = AcceptOptions { headers: self.policy.headers.as_bytes(), ..AcceptOptions::default() };
        let acceptance = match admitted.and_then(|()| pending.request.accept(&terms)) {
            Ok(acceptance) => acceptance,
            Err(refusal) => return Err(self.refuse(number, pending, refusal.with_headers(&self.policy.headers))),
        };
        let behaviour = self.observers.begin(number, token);
        let settings = ConnectionSettings { observe: Observe::Nothing, ..self.settings };
        Ok(Session::Observer(Box::new(pending.open(acceptance, &settings)?.websocket), behaviour))
    }

    /// Returns the client where it may make another request.
    #[inline(never)]
    fn answer<'a>(
        &self,
        number: u64,
        pending: PendingHandshake<'a>,
        mut answer: PlainResponse,
    ) -> Result<Option<Incoming<'a>>, HandshakeError> {
        let (peer, request) = (pending.incoming.peer, pending.request.clone());
        // A place that others wait for isn't kept for a request that may come.
        let has_places = self.present.load(Ordering::Relaxed) < self.limits.connections;
        let persistence = match request.version {
            _ if !has_places || !request.persists() => Persistence::Close,
            HttpVersion::Http10 => Persistence::KeepAlive,
            HttpVersion::Http11 => Persistence::Persistent,
        };
        let head = answer.head(&self.policy.headers, persistence);
        let length = if request.method == Method::Head { 0 } else { answer.length };
        let next = pending.answer(&head, &mut answer.body, length, persistence != Persistence::Close)?;
        self.log.answered(number, peer, &request, answer.status, &head);
        Ok(next)
    }
}

/// The line of a recording.
fn recorded_refusal(url: String, peer: Peer, heads: HandshakeHeads, refusal: &Refusal) -> NotOpenedLine {
    let why = format!("refused with {}: {}", refusal.status, refusal.reason);
    let (role, address) = (Some(RecordingRole::Server), Some(peer.to_string()));
    NotOpenedLine { handshake: RecordedHandshake { role, url, address, heads }, why }
}
