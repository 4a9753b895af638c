//! `-v`: the way to a connection, a few lines a step, as curl has it: `*` what happened, `>` sent, `<` received.

use std::net::IpAddr;

use crate::http::Secrets;
use crate::net::{CertificateFacts, ConnectEvent, TlsFacts};
use crate::peer_text::Escaped;
use crate::stdio::console::Console;
use crate::view::amount::Latency;
use crate::view::{compression, head};
use crate::ws::handshake::Negotiated;

/// How steps are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VerboseLog {
    pub(crate) secrets: Secrets,
}

impl VerboseLog {
    pub(crate) fn tell(self, step: &ConnectEvent, console: &Console) {
        match step {
            ConnectEvent::Resolved { host, .. } if host.parse::<IpAddr>().is_ok() => {}
            ConnectEvent::Resolved { host, addresses } => {
                let all: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
                console.note(format_args!("{host} is {}", all.join(", ")));
            }
            ConnectEvent::NotConnected { address, why } => console.note(format_args!("{address} failed: {why}")),
            ConnectEvent::Connected { place } => console.note(format_args!("connected to {place}")),
            ConnectEvent::Tunnelled { proxy, heads } => {
                if let Some((asked, answered)) = heads {
                    self.tell_head('>', asked, asked, console);
                    self.tell_head('<', answered, asked, console);
                }
                console.note(format_args!("tunnel through {proxy} established"));
            }
            ConnectEvent::Secured { peer, facts } => tell_tls(peer, facts, console),
            ConnectEvent::Requested(head) => self.tell_head('>', head, head, console),
            ConnectEvent::Answered { response, request } => self.tell_head('<', response, request, console),
            ConnectEvent::Opened(accepted) => self.tell_opened(accepted, console),
            ConnectEvent::Took { phase, time } => console.note(format_args!("{phase} took {}", Latency(*time))),
        }
    }

    fn tell_head(self, direction: char, bytes: &[u8], request: &[u8], console: &Console) {
        head::lines(direction, bytes, request, self.secrets).iter().for_each(|line| console.head(line));
    }

    fn tell_opened(self, accepted: &Negotiated, console: &Console) {
        let subprotocol = match &accepted.subprotocol {
            Some(agreed) => format!("subprotocol {}", Escaped(agreed.shown(self.secrets))),
            None => "no subprotocol".to_owned(),
        };
        let extension = accepted.deflate.map_or_else(|| "no compression".to_owned(), compression::words);
        console.note(format_args!("open: {subprotocol}; {extension}"));
    }
}

fn tell_tls(peer: &str, facts: &TlsFacts, console: &Console) {
    if let Some(parameters) = facts.parameters() {
        console.note(format_args!("{} with {peer}: {parameters}", facts.agreed.version));
    }
    for (number, certificate) in facts.chain.iter().enumerate() {
        tell_certificate(number, certificate, console);
    }
    facts.overlooked.iter().for_each(|fault| console.note(format_args!("ignored: {fault}")));
}

fn tell_certificate(number: usize, certificate: &CertificateFacts, console: &Console) {
    console.note(format_args!("certificate {number}: {}", certificate.summary()));
    certificate.details().iter().for_each(|detail| console.note(format_args!("  {detail}")));
}
