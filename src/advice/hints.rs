//! What to do about each error.

use std::io;
use std::net::SocketAddr;

use super::challenger::PROXY;
use super::{FIRST_CONNECTION, KEEP_CREDENTIALS};
use crate::error::{Error, NotHttpCause, OriginChange, RedirectFault, TlsCause, TlsGiven};
use crate::http::{HttpStatus, schemes};

impl Error {
    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Tls { cause, given, .. } => about_tls(*cause, *given),
            Self::NotHttp { cause, .. } => about_other_protocol(*cause).map(str::to_owned),
            Self::Connect { tried } if tried.iter().any(|(_, why)| why.kind() == io::ErrorKind::ConnectionRefused) => {
                Some("nothing is listening there; is the server running, and is the port right?".into())
            }
            Self::Connect { tried } if tried.iter().any(|(address, _)| lacks_zone(address)) => {
                Some("a link-local address needs the network interface that it is on: ws://[fe80::1%25eth0]/".into())
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
            Self::TooManyRedirects { .. } => Some("a larger --max-redirs follows more".into()),
            Self::Redirect { why: RedirectFault::Downgrade, .. } => Some("--location-downgrade follows it".into()),
            Self::ProxyRefused { answer, authentication, .. }
                if answer.response.status == HttpStatus::PROXY_AUTHENTICATION_REQUIRED =>
            {
                let headers: Vec<_> = answer.response.headers.all_shown("proxy-authenticate").collect();
                Some(PROXY.about(&schemes(&headers), *authentication, None))
            }
            Self::Proxy { wants_credentials: true, .. } => Some("-U NAME:PASSWORD gives them".into()),
            // wscat has a message behind the letter.
            Self::ProxyNotReached { proxy, why }
                if matches!(**why, Self::Resolve { .. }) && !proxy.trim_end_matches('/').contains('.') =>
            {
                Some("-x names a proxy, as in curl; -d TEXT sends a message".into())
            }
            Self::ProxyNotReached { .. } | Self::ProxyRefused { .. } => {
                Some("--noproxy HOST bypasses the proxy".into())
            }
            _ => None,
        }
    }
}

/// RFC 4007 §6: such an address is one of many without its zone.
fn lacks_zone(address: &SocketAddr) -> bool {
    matches!(address, SocketAddr::V6(address) if address.ip().is_unicast_link_local() && address.scope_id() == 0)
}

/// How a server is reached that answered in no HTTP/1.
fn about_other_protocol(cause: NotHttpCause) -> Option<&'static str> {
    match cause {
        NotHttpCause::Other => None,
        NotHttpCause::Silence { subprotocols: true, .. } => Some("are the path of the URL and the subprotocol right?"),
        NotHttpCause::Silence { secure: true, .. } => Some("is the path of the URL right?"),
        NotHttpCause::Silence { secure: false, .. } => {
            Some("does it speak TLS on this port? Then use wss://; otherwise, is the path of the URL right?")
        }
        NotHttpCause::Tls => Some("a server that speaks TLS needs wss:// instead of ws://"),
        NotHttpCause::OtherProtocol => Some("is the port right? The service there doesn't speak HTTP"),
        NotHttpCause::Http2 { chosen: true } => Some(
            "the server chose HTTP/2 (ALPN h2), and wscli opens WebSockets over HTTP/1.1 only: --alpn http/1.1, the \
             default, offers nothing else",
        ),
        NotHttpCause::Http2 { chosen: false } => Some(
            "wscli opens WebSockets over HTTP/1.1 only (RFC 6455 §4.1), and this port expects HTTP/2; is there another?",
        ),
    }
}

/// Where secrets stay that were meant for another origin, and what sends them all the same.
pub(super) fn behind(change: OriginChange) -> (&'static str, &'static str) {
    match change {
        OriginChange::Redirect => ("the origin that redirected here", "--location-trusted"),
        OriginChange::Connect => ("the origin they were given for", KEEP_CREDENTIALS),
    }
}

/// What gets past a failure of TLS that hasn't been tried.
fn about_tls(cause: TlsCause, given: TlsGiven) -> Option<String> {
    let trusting = |roots: &str| match (given.insecure, given.roots) {
        (true, _) => None,
        (false, true) => Some("-k accepts any certificate".to_owned()),
        (false, false) => Some(format!("{roots}, -k accepts any certificate")),
    };
    let fixed = |advice: &str| Some(advice.to_owned());
    match cause {
        TlsCause::Other => None,
        TlsCause::BadCertificate => trusting("").map(|_| "-k connects anyway".to_owned()),
        TlsCause::OtherName if given.server_name => fixed("-k connects anyway"),
        TlsCause::OtherName => fixed("--sni NAME verifies another name, -k connects anyway"),
        TlsCause::SelfSigned => trusting("--cacert FILE trusts it"),
        TlsCause::UnknownIssuer => trusting("--cacert FILE trusts the issuer"),
        TlsCause::IncompleteChain => trusting("--cacert FILE trusts the issuer")
            .map(|way| format!("{way}; a server should send its whole chain")),
        TlsCause::OtherProtocol => fixed("is the port right? The service there speaks neither TLS nor HTTP"),
        TlsCause::NotTls => fixed("plain WebSocket is ws:// instead of wss://"),
        TlsCause::ClientCertificateMissing | TlsCause::ClientCertificateRefused if given.withheld.is_some() => {
            let (origin, flag) = behind(given.withheld?);
            Some(format!("the client certificate is sent only to {origin}; {flag} sends it here too"))
        }
        TlsCause::ClientCertificateMissing if !given.identity => {
            fixed("--cert FILE --key FILE send a client certificate")
        }
        TlsCause::ClientCertificateMissing | TlsCause::ClientCertificateRefused => {
            fixed("the server may want a client certificate of another issuer: --cert FILE --key FILE")
        }
        TlsCause::Version if given.versions => fixed("--tls-min and --tls-max say which versions are offered"),
        TlsCause::Version => fixed("TLS 1.2 and 1.3 were offered, all that wscli speaks; the server needs an update"),
        TlsCause::NothingInCommon if given.versions => {
            fixed("--tls-min and --tls-max say which versions are offered; no cipher suite without ECDHE and AEAD is")
        }
        TlsCause::NothingInCommon if !given.insecure => fixed(
            "wscli offers cipher suites with ECDHE and AEAD and the groups X25519, P-256 and P-384, and can't check certificates with \
             P-521, Ed448 or RSASSA-PSS keys, which -k accepts unchecked",
        ),
        TlsCause::NothingInCommon => {
            fixed("no cipher suite without ECDHE and AEAD is offered; the server has to allow one that has them")
        }
        TlsCause::KeyExchange => fixed("the server has to allow one of X25519, P-256 and P-384"),
        TlsCause::ApplicationProtocol => fixed(
            "the server may speak HTTP/2 only, over which wscli doesn't open WebSockets; --alpn '' offers no protocol at all",
        ),
        TlsCause::ServerName => fixed("--sni NAME asks for another"),
    }
}
