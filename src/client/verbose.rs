//! `-v`: the way to a connection, a few lines a step, as curl has it: `*` what happened, `>` sent, `<` received.

use std::net::IpAddr;

use crate::error::Phase;
use crate::net::{CertificateFacts, ConnectEvent, TlsFacts, moment};
use crate::peer_text::{Escaped, listed};
use crate::view::{compression, head};
use crate::ws::handshake::Negotiated;

/// How steps are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VerboseLog {
    pub(crate) show_secrets: bool,
}

impl VerboseLog {
    pub(crate) fn lines(self, step: &ConnectEvent) -> Vec<String> {
        match step {
            ConnectEvent::Resolved { host, .. } if host.parse::<IpAddr>().is_ok() => Vec::new(),
            ConnectEvent::Resolved { host, addresses } => {
                let all: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
                vec![format!("* {host} is {}", all.join(", "))]
            }
            ConnectEvent::NotConnected { address, why } => vec![format!("* {address} failed: {why}")],
            ConnectEvent::Connected { place } => vec![format!("* connected to {place}")],
            ConnectEvent::Tunnelled { proxy, heads } => {
                let mut lines: Vec<_> = heads
                    .iter()
                    .flat_map(|(asked, answered)| [self.head('>', asked), self.head('<', answered)].concat())
                    .collect();
                lines.push(format!("* tunnel through {proxy} established"));
                lines
            }
            ConnectEvent::Secured { peer, facts } => tls_lines(peer, facts),
            ConnectEvent::Requested(head) => self.head('>', head),
            ConnectEvent::Answered(head) => self.head('<', head),
            ConnectEvent::Opened(accepted) => opened_lines(accepted),
            ConnectEvent::Took { phase, time } => {
                vec![format!("* {} took {:.1} ms", phase_name(*phase), time.as_secs_f64() * 1e3)]
            }
        }
    }

    fn head(self, direction: char, bytes: &[u8]) -> Vec<String> {
        head::lines(direction, bytes, self.show_secrets)
    }
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Resolve => "resolving",
        Phase::Connect => "connecting",
        Phase::Proxy => "the proxy",
        Phase::Tls => "TLS",
        Phase::OpeningHandshake => "the opening handshake",
    }
}

fn tls_lines(peer: &str, facts: &TlsFacts) -> Vec<String> {
    if facts.version.is_empty() {
        // The handshake failed; what the server had sent by then may still say why.
        return facts.chain.iter().enumerate().flat_map(certificate_lines).collect();
    }
    let TlsFacts { version, cipher_suite, key_exchange, alpn, chain } = facts;
    let alpn = alpn.as_ref().map_or_else(|| "no ALPN".to_owned(), |name| format!("ALPN {name}"));
    let mut lines = vec![format!("* {version} with {peer}: {cipher_suite}, {key_exchange}, {alpn}")];
    lines.extend(chain.iter().enumerate().flat_map(certificate_lines));
    lines
}

fn certificate_lines((number, facts): (usize, &CertificateFacts)) -> Vec<String> {
    let CertificateFacts { subject, issuer, not_before, not_after, names, fingerprint } = facts;
    let mut lines = vec![
        format!("* certificate {number}: {subject}, issued by {issuer}"),
        format!("*   valid from {} to {}", moment(*not_before), moment(*not_after)),
    ];
    if !names.is_empty() {
        lines.push(format!("*   for {}", listed(names)));
    }
    lines.push(format!("*   SHA-256 {fingerprint}"));
    lines
}

fn opened_lines(accepted: &Negotiated) -> Vec<String> {
    let subprotocol = accepted.subprotocol.as_deref();
    let subprotocol =
        subprotocol.map_or_else(|| "no subprotocol".to_owned(), |name| format!("subprotocol {}", Escaped(name)));
    let extension = accepted.deflate.map_or_else(|| "no compression".to_owned(), compression::words);
    vec![format!("* open: {subprotocol}; {extension}")]
}
