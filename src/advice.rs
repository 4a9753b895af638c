//! What to do about an error. No other place below `cli` names a flag.

use std::io;
use std::time::Duration;

use crate::error::{Error, RedirectFault, Refusal};
use crate::peer_text::Escaped;
use crate::ws::handshake::Authority;

/// What a web page is told that may not open what it asked for.
pub(crate) fn refused_origin(origin: &str) -> String {
    format!("the origin {origin:?} is not allowed; --allow-origin ORIGIN allows one")
}

/// What a client is told that asked for this server by a name that others could have too.
pub(crate) fn refused_host(host: &Authority) -> String {
    format!("the host \"{host}\" is not a name of this server; --allow-host NAME allows one")
}

/// What to do about a peer that doesn't answer Pings.
pub(crate) const NO_PINGS: &str = "--ping-interval 0 sends no Pings";

/// What tries again where nothing has been open yet.
const FIRST_CONNECTION: &str =
    "--retry N tries again to open the first connection; --reconnect only follows a lost one";

/// What ended a run whose time was limited.
pub(crate) fn stopped_by_max_time(time: Duration) -> String {
    format!("stopped by --max-time {time:?}")
}

/// Why a run ends that nothing has come of.
pub(crate) fn received_nothing(time: Duration, not_even_a_pong: bool) -> String {
    let pong = if not_even_a_pong { ", not even a Pong," } else { "" };
    format!("received nothing{pong} within {time:?} after the last message was sent: --linger waits longer")
}

impl Error {
    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Tls { hint, .. } => hint.clone(),
            Self::NotHttp { hint, .. } => hint.map(str::to_owned),
            Self::Connect { tried } if tried.iter().any(|(_, why)| why.kind() == io::ErrorKind::ConnectionRefused) => {
                Some("nothing is listening there; is the server running, and is the port right?".into())
            }
            Self::Listen { why, .. } if why.kind() == io::ErrorKind::AddrInUse => {
                Some("another process is listening there; port 0 picks a free one".into())
            }
            // What is said to a refusal that may pass is to try again.
            Self::NotOpenedYet(why) => match why.hint().filter(|_| why.answer().is_none()) {
                Some(hint) => Some(format!("{hint} {FIRST_CONNECTION}")),
                None => Some(FIRST_CONNECTION.into()),
            },
            Self::Refused(refusal) => refusal.advice(),
            Self::Redirect { why: RedirectFault::Downgrade, .. } => Some("--location-downgrade follows it".into()),
            Self::ProxyRefused { answer, .. } if answer.response.status.0 == 407 => {
                Some("-x http://USER:PASSWORD@HOST:PORT sends credentials to the proxy".into())
            }
            Self::ProxyNotReached { .. } | Self::ProxyRefused { .. } => {
                Some("--noproxy HOST bypasses the proxy".into())
            }
            _ => None,
        }
    }
}

impl Refusal {
    fn advice(&self) -> Option<String> {
        let version = self.header("sec-websocket-version");
        Some(match self.status() {
            101 => "--no-check accepts it anyway".into(),
            200..=299 => "this is plain HTTP; is the path of the URL right?".into(),
            300..=399 => match self.header("location") {
                Some(location) => format!("the server redirects to {}; -L follows", Escaped(location)),
                None => "the redirect has no Location".into(),
            },
            400 | 426 if version.is_some_and(|version| version.trim() != "13") => {
                format!("the server supports version {} of the protocol, not 13", Escaped(version.unwrap_or_default()))
            }
            400 if !self.sent("sec-websocket-protocol") => {
                "some servers require a subprotocol: -s NAME requests one".into()
            }
            400 => "the server may want another subprotocol: -s NAME".into(),
            426 if version.is_some() => {
                "the server expects version 13 of the protocol, but the request has another Sec-WebSocket-Version"
                    .into()
            }
            401 if !self.sent("authorization") => "-u NAME:PASSWORD or --bearer TOKEN send credentials".into(),
            401 => "the server does not accept these credentials".into(),
            403 if !self.sent("origin") => "the server may want an Origin: --origin URL sends one".into(),
            403 => "the server may want another Origin, or credentials (-u, --bearer, -b)".into(),
            404 => "is the path of the URL right?".into(),
            426 => "the server expects another protocol than WebSocket version 13".into(),
            429 | 502 | 503 | 504 => "--retry N tries again".into(),
            _ => return None,
        })
    }
}
