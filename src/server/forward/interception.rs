//! Servers that are stood in for, so that what is in their TLS can be seen.

use std::time::Duration;

use super::ServerPlace;
use crate::http::{Authority, Host};
use crate::net::{ClientHello, HandshakeError, Incoming, LeafCertificates, is_listed};

/// In TLS without a word about what is spoken there, a client that is silent for so long waits for the server.
const SILENCE: Duration = Duration::from_secs(1);

/// Whose TLS is opened, and with what.
#[derive(Debug)]
pub(crate) struct Interception {
    /// The hosts, in lists.
    pub(crate) hosts: Vec<String>,
    pub(crate) leaves: LeafCertificates,
}

/// A client that has begun TLS.
pub(super) enum BegunTls<'a> {
    /// Its TLS is ours. With the server as it is named there.
    Opened(Incoming<'a>, ServerPlace),
    /// It is nobody's business but the server's.
    Sealed(Incoming<'a>),
}

impl Interception {
    /// Opens the TLS of a client, where it is that of one of the hosts and may have HTTP/1.1 in it.
    ///
    /// # Errors
    /// A client that doesn't trust us, or fails.
    pub(super) fn open<'a>(
        &self,
        mut incoming: Incoming<'a>,
        place: &ServerPlace,
    ) -> Result<BegunTls<'a>, HandshakeError> {
        let Some(hello) = incoming.client_hello()?.filter(ClientHello::may_be_http) else {
            return Ok(BegunTls::Sealed(incoming));
        };
        let named = hello.server_name().and_then(|name| Authority::parse(&name)).map(|authority| authority.host);
        let host = named.clone().unwrap_or_else(|| place.host.clone());
        if ![&host, &place.host].iter().any(|host| self.is_meant(host, place.port)) {
            return Ok(BegunTls::Sealed(incoming));
        }
        let opened = incoming.stand_in(hello, &name_of(&host), &self.leaves)?;
        Ok(BegunTls::Opened(opened, ServerPlace { secure: true, host, port: place.port }))
    }

    fn is_meant(&self, host: &Host, port: u16) -> bool {
        self.hosts.iter().any(|list| is_listed(list, &name_of(host), port))
    }
}

/// How long a client may be silent in TLS before the server is asked what it has to say.
pub(super) fn silence(opened: &Incoming<'_>) -> Option<Duration> {
    // Who has chosen HTTP begins itself, whenever it likes: browsers open connections in advance.
    (!opened.has_chosen_http()).then_some(SILENCE)
}

fn name_of(host: &Host) -> String {
    match host {
        Host::Name(name) => name.clone(),
        Host::Address(address) => address.to_string(),
    }
}
