//! The target of a proxy, reached anew for each client with what the client asks for.

use std::fmt::Write;
use std::sync::Arc;

use crate::client::{Client, ConnectFacts, PassingRules, is_passed_on};
use crate::error::{Error, RefusedHandshake};
use crate::net::Interrupt;
use crate::script::Rules;
use crate::server::log::ServerLog;
use crate::server::{FarConnection, Gateway};
use crate::stdio::console::{Console, ConsoleLine};
use crate::stdio::recording::Recording;
use crate::ws::handshake::{Headers, HttpStatus, Refusal, Request};

/// How a proxy is called among those on the way (RFC 9110 §7.6.3), behind its version of HTTP.
const NAME: &str = "wscli";

/// The way to the target.
#[derive(Debug)]
pub(super) struct Upstream {
    client: Client,
    rules: PassingRules,
    is_lenient: bool,
    changes: Option<Arc<Rules>>,
    recording: Option<Arc<Recording>>,
    log: Arc<ServerLog>,
    /// What no other process calls itself: a request that has it has been here before.
    pseudonym: String,
}

impl Upstream {
    pub(super) fn new(
        client: Client,
        (rules, is_lenient): (PassingRules, bool),
        recording: Option<Arc<Recording>>,
        log: Arc<ServerLog>,
    ) -> Self {
        let pseudonym = format!("{NAME}-{:016x}", rand::random::<u64>());
        Self { client, rules, is_lenient, changes: None, recording, log, pseudonym }
    }

    /// Changes messages by these rules.
    pub(super) fn changing(self, changes: Option<Rules>) -> Self {
        Self { changes: changes.map(Arc::new), ..self }
    }

    /// Whether the request has come from here.
    fn has_sent(&self, request: &Request) -> bool {
        request.headers.list("via").any(|hop| hop.split_whitespace().nth(1) == Some(&self.pseudonym))
    }

    /// Lines about the connection with this number.
    fn console(&self, number: u64) -> Console {
        let Some(console) = self.log.console().cloned() else { return Console::nowhere() };
        Console::through(move |line| match line {
            ConsoleLine::Ours(line) => console.log(format_args!("[{number}] * {line}")),
            ConsoleLine::Head(line) | ConsoleLine::Log(line) => console.log(format_args!("[{number}] {line}")),
        })
    }
}

impl Gateway for Upstream {
    fn reach(&self, number: u64, request: &Request, interrupt: Interrupt<'_>) -> Result<FarConnection, Refusal> {
        if self.has_sent(request) {
            return Err(Refusal::loop_detected("the target leads back to this proxy"));
        }
        let via = format!("1.1 {}", self.pseudonym);
        let mut client = self.client.passing(request, self.rules, &via, self.console(number));
        let mut facts = ConnectFacts::default();
        let dialed = client.connect(Some(interrupt), &mut |step| facts.note(step)).map_err(|error| {
            if let Some(recording) = &self.recording {
                let heads = facts.recorded_heads(recording);
                recording.not_opened_as(Some(number), &client.last_target().url(), heads, &error);
            }
            if matches!(&error, Error::Refused(refused) if refused.answer.content.cut) {
                self.log.notice(format_args!("[{number}] the refusal's body is too long: it is passed on without"));
            }
            refusal(&error)
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

    fn changes(&self) -> Option<&Arc<Rules>> {
        self.changes.as_ref()
    }

    fn is_lenient(&self) -> bool {
        self.is_lenient
    }
}

/// What the client is told instead of a connection.
fn refusal(error: &Error) -> Refusal {
    match error {
        Error::Refused(refused) if refused.status() != HttpStatus::SWITCHING_PROTOCOLS => answer(refused),
        Error::Interrupted => Refusal::unavailable("the proxy is stopping"),
        Error::Unread => Refusal::unavailable("the client has gone"),
        Error::TimedOut { .. } => Refusal::gateway_timeout(&error.to_string()),
        error => Refusal::bad_gateway(&error.to_string()),
    }
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
    // A part of a body would pass for all of it.
    let body = if answer.content.cut { Vec::new() } else { answer.content.bytes.clone() };
    let is_as_it_came = !answer.content.cut && !headers.has_token("content-encoding", "gzip");
    let headers = lines_of(headers, if is_as_it_came { &[] } else { &OF_THE_BODY });
    Refusal::of_server(status, &headers, body)
}

/// What a response says of the very bytes of its body (RFC 9110 §8, RFC 9530), in lower case.
const OF_THE_BODY: [&str; 6] = ["content-digest", "content-encoding", "content-md5", "digest", "etag", "repr-digest"];

/// Those that go on to the client, without some.
fn lines_of(headers: &Headers, without: &[&str]) -> String {
    let connection: Vec<_> = headers.list("connection").collect();
    let mut lines = String::new();
    let passed = headers.for_another().filter(|(name, _)| {
        is_passed_on(name, &connection) && !without.iter().any(|other| name.eq_ignore_ascii_case(other))
    });
    for (name, value) in passed {
        // Writing to a String can't fail.
        let _ = write!(lines, "{name}: {value}\r\n");
    }
    lines
}
