//! What to do about an error. No other place below `cli` names a flag.

use std::io;

use crate::error::{Error, Refusal};

impl Error {
    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Tls { hint, .. } => hint.clone(),
            Self::NotHttp { hint, .. } => hint.map(str::to_owned),
            Self::Connect { tried } if tried.iter().any(|(_, why)| why.kind() == io::ErrorKind::ConnectionRefused) => {
                Some("nothing listens there; is the server running, and is the port right?".into())
            }
            Self::Listen { why, .. } if why.kind() == io::ErrorKind::AddrInUse => {
                Some("another process listens there; port 0 takes any free one".into())
            }
            Self::Refused(refusal) => refusal.advice(),
            Self::ProxyRefused { answer, .. } if answer.response.status.0 == 407 => {
                Some("-x http://USER:PASSWORD@HOST:PORT gives the proxy credentials".into())
            }
            Self::ProxyNotReached { .. } | Self::ProxyRefused { .. } => {
                Some("--noproxy HOST goes past the proxy".into())
            }
            _ => None,
        }
    }
}

impl Refusal {
    fn advice(&self) -> Option<String> {
        let version = self.header("sec-websocket-version");
        Some(match self.status() {
            101 => "--no-check goes on in spite of it".into(),
            200..=299 => "plain HTTP answers here; is the path of the URL right?".into(),
            300..=399 => match self.header("location") {
                Some(location) => format!("the server redirects to {location}; -L follows"),
                None => "a redirect without a Location leads nowhere".into(),
            },
            400 | 426 if version.is_some_and(|version| version.trim() != "13") => {
                format!("the server speaks version {} of the protocol, not 13", version.unwrap_or_default())
            }
            400 if !self.sent("sec-websocket-protocol") => {
                "some servers demand a subprotocol: -s NAME asks for one".into()
            }
            400 => "the server may want another subprotocol: -s NAME".into(),
            426 if version.is_some() => {
                "the server wants version 13 of the protocol, and the request's Sec-WebSocket-Version is another".into()
            }
            401 if !self.sent("authorization") => "-u NAME:PASSWORD or --bearer TOKEN send credentials".into(),
            401 => "the server does not accept these credentials".into(),
            403 if !self.sent("origin") => "the server may want an Origin: --origin URL sends one".into(),
            403 => "the server may want another Origin, or credentials (-u, --bearer, -b)".into(),
            404 => "is the path of the URL right?".into(),
            426 => "the server wants another protocol than WebSocket version 13".into(),
            429 | 502 | 503 | 504 => "--retry N tries again".into(),
            _ => return None,
        })
    }
}
