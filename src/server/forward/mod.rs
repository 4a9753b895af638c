//! A forward proxy: clients say where they want to go, and only what is a WebSocket there is looked at.
//!
//! ```text
//! CONNECT, SOCKS 5 ─▶ way to the server ─▶ first bytes ─▶ WebSocket ─▶ joined
//!                                          ▲     ├───────▶ anything else ─▶ tunnel
//!                                          │     └───────▶ TLS ─▶ tunnel
//!                                          └──── opened ◀───┘
//! absolute form ───▶ way to the server ─▶ WebSocket ─▶ joined
//!                                    └──▶ one request of HTTP ─▶ tunnel
//! ```

mod connect_ports;
mod interception;
mod session;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) use self::connect_ports::ConnectPorts;
pub(crate) use self::interception::Interception;
pub(super) use self::session::ForwardSession;
use super::{Credentials, FarConnection, PassedRequest, PassingTerms};
use crate::http::{Authority, Headers, Host};
use crate::net::target::is_loopback;
use crate::net::{Interrupt, Peer, Reached};
use crate::ws::handshake::{Refusal, Request};

/// What a forward proxy is for whom.
#[derive(Debug)]
pub(crate) struct Forward {
    pub(crate) gateway: Arc<dyn ForwardGateway>,
    /// What clients have to know.
    pub(crate) credentials: Credentials,
    pub(crate) allowed: ConnectPorts,
    pub(crate) interception: Option<Interception>,
    /// Where this process listens.
    pub(crate) listening: Vec<SocketAddr>,
}

/// The way to whatever servers clients ask for.
pub(crate) trait ForwardGateway: fmt::Debug + Send + Sync {
    /// Connects to a server; nothing is said to it. A proxy on the way is told `via`. It gives up when it is interrupted.
    ///
    /// # Errors
    /// The answer that the client gets.
    fn connect(
        &self,
        number: u64,
        place: &ServerPlace,
        via: String,
        interrupt: Interrupt<'_>,
    ) -> Result<Reached, Refusal>;

    /// Adds TLS, where the place has it.
    ///
    /// # Errors
    /// The answer that the client gets.
    fn secure(
        &self,
        number: u64,
        place: &ServerPlace,
        reached: Reached,
        interrupt: Interrupt<'_>,
    ) -> Result<Reached, Refusal>;

    /// Opens the connection that a client's is joined to.
    ///
    /// # Errors
    /// The answer that the client gets instead.
    fn open(
        &self,
        number: u64,
        request: &Request,
        place: &ServerPlace,
        reached: Reached,
        interrupt: Interrupt<'_>,
    ) -> Result<FarConnection, Refusal>;

    /// Makes the rest of the way for a request of plain HTTP.
    ///
    /// # Errors
    /// The answer that the client gets instead.
    fn pass(
        &self,
        number: u64,
        request: &Request,
        place: &ServerPlace,
        reached: Reached,
        interrupt: Interrupt<'_>,
    ) -> Result<PassedRequest, Refusal>;

    /// How what both sides of a WebSocket say is passed on.
    fn terms(&self) -> PassingTerms;

    /// What this proxy is called among those on the way (RFC 9110 §7.6.3).
    fn via(&self) -> String;

    /// Whether a request with these headers has come from here.
    fn has_sent(&self, headers: &Headers) -> bool;
}

/// A server, as clients call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerPlace {
    /// Over TLS.
    pub(crate) secure: bool,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl ServerPlace {
    fn new(secure: bool, authority: &Authority) -> Self {
        let port = authority.port.unwrap_or(if secure { 443 } else { 80 });
        Self { secure, host: authority.host.clone(), port }
    }

    /// Its URL, without a path.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        format!("{scheme}://{self}/")
    }
}

impl fmt::Display for ServerPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Authority { host: self.host.clone(), port: Some(self.port) }.fmt(f)
    }
}

impl Forward {
    /// # Errors
    /// 403 for a port that isn't for tunnels.
    fn judge_tunnel(&self, place: &ServerPlace, peer: Peer) -> Result<(), Refusal> {
        let is_local = match peer {
            Peer::Tcp(address) => is_loopback(address.ip()),
            Peer::Unix => true,
        };
        self.allowed.judge(place, is_local)
    }

    /// # Errors
    /// 508 for a way that leads back to this proxy.
    fn judge_way(&self, reached: &Reached) -> Result<(), Refusal> {
        match reached.leads_to(&self.listening) {
            true => Err(Refusal::loop_detected(LEADS_BACK)),
            false => Ok(()),
        }
    }
}

/// What a request gets that goes round in a circle.
const LEADS_BACK: &str = "the request leads back to this proxy";
