//! What `inspect` found out, as data: docs/inspect.schema.json describes its JSON.

use serde::{Serialize, Serializer};

use super::echo_probe::{EchoDifference, Echoed};
use super::expect_probe::ExpectReport;
use super::limits::LimitsReport;
use crate::advice::{Dialect, MASKED};
use crate::client::PhaseTimes;
use crate::error::Error;
use crate::http::{HttpStatus, Secrets, without_secrets};
use crate::net::{ConnectEvent, TlsFacts};
use crate::peer_text::PeerText;
use crate::view::amount::Millis;
use crate::ws::handshake::{Negotiated, ResponseFault};
use crate::ws::negotiation::DeflateParams;

/// The version of the schema. It changes when a field changes its meaning or goes; not when one is added.
const SCHEMA: u32 = 1;

#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    schema: u32,
    pub(crate) url: String,
    /// The connection opened.
    pub(crate) open: bool,
    pub(crate) error: Option<Failure>,
    pub(crate) addresses: Vec<String>,
    /// Addresses that were tried in vain.
    pub(crate) unreachable: Vec<Unreachable>,
    /// The one that was used.
    pub(crate) address: Option<String>,
    pub(crate) proxy: Option<String>,
    pub(crate) tls: Option<Box<TlsFacts>>,
    /// The heads, as on the wire but for secrets.
    pub(crate) request: Option<PeerText>,
    pub(crate) response: Option<PeerText>,
    pub(crate) status: Option<u16>,
    /// What is wrong with the 101, one by one: why the connection didn't open, or what was overlooked.
    pub(crate) faults: Vec<String>,
    pub(crate) subprotocol: Option<PeerText>,
    #[serde(serialize_with = "parameters")]
    pub(crate) compression: Option<DeflateParams>,
    pub(crate) times_ms: PhaseTimes,
    pub(crate) ping: Option<Ping>,
    pub(crate) close: Option<CloseReport>,
    /// Whether the messages came that were expected.
    pub(crate) expectation: Option<ExpectReport>,
    pub(crate) probes: Option<Probes>,
    pub(crate) ping_between_fragments: Option<Echoed>,
    pub(crate) echo_difference: Option<EchoDifference>,
    pub(crate) limits: Option<LimitsReport>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) advice: Option<String>,
    pub(crate) exit_code: u8,
}

#[derive(Debug, Serialize)]
pub(crate) struct Unreachable {
    pub(crate) address: String,
    pub(crate) why: String,
}

/// The parameters of permessage-deflate that hold (RFC 7692 §7.1).
#[derive(Debug, Clone, Copy, Serialize)]
struct Compression {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: u8,
    client_max_window_bits: u8,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ping {
    pub(crate) answered: bool,
    pub(crate) round_trip_ms: Option<Millis>,
}

#[derive(Debug, Serialize)]
pub(crate) struct CloseReport {
    /// The closing handshake finished.
    pub(crate) finished: bool,
    pub(crate) code: Option<u16>,
    pub(crate) reason: PeerText,
    /// How the connection ended, in words.
    pub(crate) ending: String,
}

/// What the server makes of offers of permessage-deflate.
#[derive(Debug, Serialize)]
pub(crate) struct Probes {
    pub(crate) permessage_deflate: Outcome,
    pub(crate) server_no_context_takeover: Outcome,
    pub(crate) client_no_context_takeover: Outcome,
    pub(crate) server_max_window_bits: Outcome,
    pub(crate) client_max_window_bits: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It is in the answer.
    Agreed,
    /// The extension is in use, without it.
    Ignored,
    /// The extension isn't in use.
    Declined,
    /// There was no connection to see it on.
    Failed,
}

impl Report {
    pub(crate) fn new(url: String) -> Self {
        Self { schema: SCHEMA, url, ..Self::default() }
    }

    /// Notes a step on the way.
    pub(crate) fn step(&mut self, step: &ConnectEvent) {
        match step {
            ConnectEvent::Resolved { addresses, .. } => {
                self.addresses = addresses.iter().map(ToString::to_string).collect()
            }
            ConnectEvent::NotConnected { address, why } => {
                self.unreachable.push(Unreachable { address: address.to_string(), why: why.clone() });
            }
            ConnectEvent::Connected { place } => self.address = Some(place.clone()),
            ConnectEvent::Tunnelled { proxy, .. } => self.proxy = Some(proxy.clone()),
            ConnectEvent::Secured { facts, .. } => self.tls = Some(facts.clone()),
            ConnectEvent::Requested(head) => self.request = Some(shown(head, head)),
            ConnectEvent::Answered { response, request } => self.response = Some(shown(response, request)),
            ConnectEvent::Opened(Negotiated { subprotocol, deflate }) => {
                self.open = true;
                self.status = Some(HttpStatus::SWITCHING_PROTOCOLS.0);
                self.subprotocol = subprotocol.as_ref().map(|agreed| PeerText::new(agreed.shown(Secrets::Masked)));
                self.compression = *deflate;
            }
            ConnectEvent::Took { .. } => self.times_ms.note(step),
        }
    }

    /// Notes what is wrong with the answer. Another status than 101 is no fault, but another answer.
    pub(crate) fn fault(&mut self, faults: &[ResponseFault]) {
        let faults = faults.iter().filter(|fault| !matches!(fault, ResponseFault::Status(_)));
        self.faults = faults.map(ToString::to_string).collect();
    }

    pub(crate) fn failed(&mut self, error: &Error) {
        if let Error::Refused(refusal) = error {
            self.fault(&refusal.faults);
        }
        if let Some(answer) = error.answer() {
            self.status = Some(answer.response.status.0);
            self.response = Some(shown(&answer.response.raw, &answer.request));
        }
        let advice = error.hint_in(Dialect::CommandLine);
        self.error = Some(Failure { message: error.to_string(), advice, exit_code: error.exit() as u8 });
    }
}

fn shown(head: &[u8], request: &[u8]) -> PeerText {
    PeerText::new(without_secrets(head, request, MASKED))
}

/// The agreement under the names of its parameters (RFC 7692 §7.1).
fn parameters<S: Serializer>(agreed: &Option<DeflateParams>, serializer: S) -> Result<S::Ok, S::Error> {
    let parameters = agreed.map(|agreed| Compression {
        server_no_context_takeover: agreed.server_no_context_takeover,
        client_no_context_takeover: agreed.client_no_context_takeover,
        server_max_window_bits: agreed.server_max_window_bits,
        client_max_window_bits: agreed.client_max_window_bits,
    });
    parameters.serialize(serializer)
}
