//! From a client's request to the connection behind it, whichever server that leads to.

use std::io::ErrorKind;
use std::sync::Arc;

use crate::advice::Dialect;
use crate::client::{Client, ConnectFacts, is_passed_on};
use crate::error::{Error, RefusedHandshake};
use crate::http::{BodyContent, Headers, HttpStatus, field_line};
use crate::net::Interrupt;
use crate::server::log::ServerLog;
use crate::server::{FarConnection, SharedTerms};
use crate::stdio::console::{Console, ConsoleLine};
use crate::stdio::recording::Recording;
use crate::ws::handshake::{PassedAnswer, Refusal, Request, Unreached};

/// How a proxy is called among those on the way (RFC 9110 §7.6.3), behind its version of HTTP.
const NAME: &str = "wscli";

/// What all ways onward have in common.
#[derive(Debug)]
pub(super) struct Onward {
    pub(super) terms: SharedTerms,
    recording: Option<Arc<Recording>>,
    log: Arc<ServerLog>,
    /// What no other process calls itself: a request that has it has been here before.
    pseudonym: String,
}

impl Onward {
    pub(super) fn new(terms: SharedTerms, recording: Option<Arc<Recording>>, log: Arc<ServerLog>) -> Self {
        let pseudonym = format!("{NAME}-{:016x}", rand::random::<u64>());
        Self { terms, recording, log, pseudonym }
    }

    /// Where it says what becomes of connections.
    pub(super) fn log(&self) -> &ServerLog {
        &self.log
    }

    /// Whether a request with these headers has come from here.
    pub(super) fn has_sent(&self, headers: &Headers) -> bool {
        headers.list("via").any(|hop| hop.split_whitespace().nth(1) == Some(&self.pseudonym))
    }

    /// What the next server reads of this one.
    pub(super) fn via(&self) -> String {
        format!("1.1 {}", self.pseudonym)
    }

    /// Lines about the connection with this number.
    pub(super) fn console(&self, number: u64) -> Console {
        let Some(console) = self.log.console().cloned() else { return Console::nowhere() };
        Console::through(move |line| match line {
            ConsoleLine::Ours(line) => console.log(format_args!("[{number}] * {line}")),
            ConsoleLine::Head(line) | ConsoleLine::Log(line) => console.log(format_args!("[{number}] {line}")),
        })
    }

    /// Opens the connection behind a client's with this `client`, which asks for what the client has. `facts` has what is known
    /// of the way already.
    ///
    /// # Errors
    /// The answer that the client gets instead.
    pub(super) fn open(
        &self,
        number: u64,
        request: &Request,
        mut client: Client,
        mut facts: ConnectFacts,
        interrupt: Interrupt<'_>,
    ) -> Result<FarConnection, Refusal> {
        let dialed = client.connect(Some(interrupt), &mut |step| facts.note(step)).map_err(|error| {
            if let Some(recording) = &self.recording {
                let heads = facts.recorded_heads(recording);
                recording.not_opened_as(Some(number), &client.last_target().url(), heads, &error);
            }
            if let Error::Refused(refused) = &error
                && let Some(what) = lost_of_body(&refused.answer.content)
            {
                self.log.notice(format_args!("[{number}] the refusal's body {what}"));
            }
            self.refused(number, &error)
        })?;
        let url = client.last_target().url();
        let recorded = self.recording.as_ref().map(|recording| facts.record_as(Some(number), recording, &dialed, &url));
        let line = facts.line(&dialed.accepted, &url, client.secrets());
        let accepted = dialed.accepted;
        // One that the client hasn't asked for is between us and the target.
        let subprotocol =
            accepted.subprotocol.filter(|agreed| request.subprotocols().any(|name| name == agreed.name()));
        let headers = facts.answered().map(|response| lines_of(&response.headers, &[])).unwrap_or_default();
        let deflate = accepted.deflate;
        Ok(FarConnection { websocket: dialed.websocket, subprotocol, deflate, headers, line, recorded })
    }

    /// What the client is told instead of an answer of the target's; what only helps whoever runs this proxy is logged.
    pub(super) fn refused(&self, number: u64, error: &Error) -> Refusal {
        if let (Error::Tls { .. }, Some(hint)) = (error, error.hint_in(Dialect::CommandLine)) {
            self.log.notice(format_args!("[{number}] for the way to the target: {hint}"));
        }
        refusal(error)
    }
}

/// What the client is told instead of a connection.
pub(super) fn refusal(error: &Error) -> Refusal {
    match error {
        Error::Refused(refused) if refused.status() != HttpStatus::SWITCHING_PROTOCOLS => answer(refused),
        Error::Interrupted => Refusal::unavailable("the proxy is stopping"),
        Error::Unread => Refusal::unavailable("the client has gone"),
        Error::TimedOut { .. } => Refusal::gateway_timeout(&error.to_string()).with_unreached(Some(Unreached::Late)),
        error => Refusal::bad_gateway(&error.to_string()).with_unreached(unreached(error)),
    }
}

/// What keeps from the server, if that is known. Of several addresses the one that came furthest says it.
fn unreached(error: &Error) -> Option<Unreached> {
    let tried = match error {
        Error::Resolve { .. } => return Some(Unreached::Host),
        Error::Connect { tried } => tried,
        _ => return None,
    };
    let known = [
        (ErrorKind::ConnectionRefused, Unreached::Refused),
        (ErrorKind::TimedOut, Unreached::Late),
        (ErrorKind::HostUnreachable, Unreached::Host),
        (ErrorKind::NetworkUnreachable, Unreached::Network),
    ];
    let failed_with = |kind| tried.iter().any(|(_, why)| why.kind() == kind);
    known.into_iter().find(|(kind, _)| failed_with(*kind)).map(|(_, unreached)| unreached)
}

/// The target's own answer.
fn answer(refused: &RefusedHandshake) -> Refusal {
    let answer = &refused.answer;
    let status = refused.status();
    // One that stands for nothing final would leave the client waiting.
    if status.is_informational() || status.0 > 999 {
        return Refusal::bad_gateway(&format!("the server answered {status}"));
    }
    let headers = &answer.response.headers;
    let content = &answer.content;
    let is_passed = !is_withheld(content);
    let body = if is_passed { content.bytes.clone() } else { Vec::new() };
    let is_as_it_came = is_passed && !content.inflated;
    let mut lines = lines_of(headers, if is_as_it_came { &[] } else { &OF_THE_BODY });
    // RFC 9110 §15.5.22: of one connection, and yet what the client has to know.
    if status == HttpStatus::UPGRADE_REQUIRED {
        let protocols: Vec<_> = headers.list("upgrade").collect();
        let protocols = if protocols.is_empty() { "websocket".to_owned() } else { protocols.join(", ") };
        lines.extend(field_line("Upgrade", protocols.as_bytes()));
    }
    let phrase = answer.response.reason_phrase().map(<[u8]>::to_vec);
    Refusal::of_server(status, lines, PassedAnswer { body, breaks_off: is_passed && !content.is_whole(), phrase })
}

/// Whether nothing of a body goes on: more of it than is kept, or a coding that is undone nowhere.
fn is_withheld(content: &BodyContent) -> bool {
    content.cut || content.encoded
}

/// What becomes of a body that doesn't go on as it was meant.
fn lost_of_body(content: &BodyContent) -> Option<&'static str> {
    match content {
        content if content.is_whole() => None,
        content if is_withheld(content) => Some("is too long, or in an unknown coding: it is passed on without"),
        content if content.malformed => {
            Some("isn't in chunks as its head says: it is passed on as it came, and breaks off")
        }
        _ => Some("breaks off: it is passed on as far as it came"),
    }
}

/// What a response says of the very bytes of its body (RFC 9110 §8, RFC 9530), in lower case.
const OF_THE_BODY: [&str; 6] = ["content-digest", "content-encoding", "content-md5", "digest", "etag", "repr-digest"];

/// Those that go on to the client, without some.
fn lines_of(headers: &Headers, without: &[&str]) -> Vec<u8> {
    let connection: Vec<_> = headers.list("connection").collect();
    let is_left_out = |name: &str| without.iter().any(|other| name.eq_ignore_ascii_case(other));
    let passed = headers.for_another().filter(|(name, _)| is_passed_on(name, &connection) && !is_left_out(name));
    passed.flat_map(|(name, value)| field_line(name, value)).collect()
}
