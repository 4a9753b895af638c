//! What to do about each error.

use std::io;
use std::net::SocketAddr;

use super::CLIENT_CERTIFICATE;
use super::challenger::PROXY;
use crate::error::{
    Advice, Error, NotHttpCause, OriginChange, Phrase, RedirectFault, Remedy, TlsCause, TlsGiven, Wording, sentence,
};
use crate::http::{HttpStatus, schemes};

impl Error {
    /// What to do about it, where there is something.
    pub(super) fn hint(&self) -> Option<Advice> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::File { is_skippable: true, .. } => Some("--lenient skips it, and reads the rest".into()),
            Self::Tls { cause, given, .. } => about_tls(*cause, *given),
            Self::NotHttp { cause, .. } => about_other_protocol(*cause),
            Self::Connect { tried } if tried.iter().any(|(_, why)| why.kind() == io::ErrorKind::ConnectionRefused) => {
                Some("nothing is listening there; is the server running, and is the port right?".into())
            }
            Self::Connect { tried } if tried.iter().any(|(address, _)| lacks_zone(address)) => {
                Some("a link-local address needs the network interface that it is on: ws://[fe80::1%25eth0]/".into())
            }
            Self::Listen { why, address } if why.kind() == io::ErrorKind::AddrInUse => {
                Some(match address.contains(':') && !address.contains('/') {
                    true => "another process is listening there; port 0 picks a free one".into(),
                    false => "another process is listening there".into(),
                })
            }
            // What is said to a refusal that may pass is to try again.
            Self::NotOpenedYet(why) => match why.hint().filter(|_| why.answer().is_none()) {
                Some(hint) => Some(first_connection(hint)),
                None => Some(first_connection(Advice::default())),
            },
            Self::Refused(refusal) => refusal.advice(),
            Self::TooManyRedirects { .. } => {
                Some(sentence!["a larger ", Remedy::MostRedirects.named(), " follows more"].into())
            }
            Self::Redirect { why: RedirectFault::Downgrade, .. } => {
                Some(sentence![Remedy::Downgrade.given(), " follows it"].into())
            }
            Self::ProxyRefused { answer, authentication, .. }
                if answer.response.status == HttpStatus::PROXY_AUTHENTICATION_REQUIRED =>
            {
                let headers: Vec<_> = answer.response.headers.all_shown("proxy-authenticate").collect();
                Some(PROXY.about(&schemes(&headers), *authentication, None))
            }
            Self::Proxy { wants_credentials: true, .. } => {
                Some(sentence![Remedy::ProxyUser.given(), " gives them"].into())
            }
            // wscat has a message behind the letter.
            Self::ProxyNotReached { proxy, why }
                if matches!(**why, Self::Resolve { .. }) && !proxy.trim_end_matches('/').contains('.') =>
            {
                Some(
                    Advice::from(sentence![Remedy::Proxy.named(), " names a proxy, as in curl"])
                        .and(sentence![Remedy::Message.given(), " sends a message"]),
                )
            }
            Self::ProxyNotReached { .. } | Self::ProxyRefused { .. } => {
                Some(sentence![Remedy::NoProxy.given(), " bypasses the proxy"].into())
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
fn about_other_protocol(cause: NotHttpCause) -> Option<Advice> {
    Some(match cause {
        NotHttpCause::Other => return None,
        NotHttpCause::Silence { subprotocols: true, .. } => "are the path of the URL and the subprotocol right?".into(),
        NotHttpCause::Silence { secure: true, .. } => "is the path of the URL right?".into(),
        NotHttpCause::Silence { secure: false, .. } => {
            "does it speak TLS on this port? Then use wss://; otherwise, is the path of the URL right?".into()
        }
        NotHttpCause::Tls => "a server that speaks TLS needs wss:// instead of ws://".into(),
        NotHttpCause::OtherProtocol => "is the port right? The service there doesn't speak HTTP".into(),
        NotHttpCause::Http2 { chosen: true } => sentence![
            "the server chose HTTP/2 (ALPN h2), and wscli opens WebSockets over HTTP/1.1 only: ",
            Remedy::ApplicationProtocols.given_as("http/1.1"),
            ", the default, offers nothing else",
        ]
        .into(),
        NotHttpCause::Http2 { chosen: false } => {
            "wscli opens WebSockets over HTTP/1.1 only (RFC 6455 §4.1), and this port expects HTTP/2; is there another?"
                .into()
        }
    })
}

/// What tries again where nothing has been open yet, behind what else may help.
fn first_connection(mut hint: Advice) -> Advice {
    let mut retry = sentence![Remedy::Retry.given(), " tries again to open the first connection"];
    if let Some(mut last) = hint.0.pop() {
        last.0.push(" ".into());
        last.0.append(&mut retry.0);
        retry = last;
    }
    hint.and(retry).and(sentence![Remedy::Reconnect.named(), " only follows a lost one"])
}

/// Where secrets stay that were meant for another origin, and what sends them all the same.
pub(super) fn behind(change: OriginChange) -> (&'static str, Remedy) {
    match change {
        OriginChange::Redirect => ("the origin that redirected here", Remedy::TrustedRedirects),
        OriginChange::Connect => ("the origin they were given for", Remedy::KeepCredentials),
    }
}

/// What gets past a failure of TLS that hasn't been tried.
fn about_tls(cause: TlsCause, given: TlsGiven) -> Option<Advice> {
    Some(match cause {
        TlsCause::Other => return None,
        TlsCause::BadCertificate if given.insecure => return None,
        TlsCause::BadCertificate => unchecked(Wording::default()).into(),
        TlsCause::OtherName if given.server_name => unchecked(Wording::default()).into(),
        TlsCause::OtherName => {
            unchecked(sentence![Remedy::ServerName.given(), " verifies another name, "]).into()
        }
        TlsCause::SelfSigned => trusting(given, " trusts it, ")?,
        TlsCause::UnknownIssuer => trusting(given, " trusts the issuer, ")?,
        TlsCause::IncompleteChain => {
            trusting(given, " trusts the issuer, ")?.and("a server should send its whole chain")
        }
        TlsCause::OtherProtocol => "is the port right? The service there speaks neither TLS nor HTTP".into(),
        TlsCause::NotTls => "plain WebSocket is ws:// instead of wss://".into(),
        TlsCause::ClientCertificateMissing | TlsCause::ClientCertificateRefused if given.withheld.is_some() => {
            let (origin, remedy) = behind(given.withheld?);
            Advice::from(format!("the client certificate is sent only to {origin}"))
                .and(sentence![remedy.given(), " sends it here too"])
        }
        TlsCause::ClientCertificateMissing if !given.identity => {
            sentence![CLIENT_CERTIFICATE, " send a client certificate"].into()
        }
        TlsCause::ClientCertificateMissing | TlsCause::ClientCertificateRefused => {
            sentence!["the server may want a client certificate of another issuer: ", CLIENT_CERTIFICATE].into()
        }
        TlsCause::Version if given.versions => offered_versions(),
        TlsCause::Version => {
            Advice::from("TLS 1.2 and 1.3 were offered, all that wscli speaks").and("the server needs an update")
        }
        TlsCause::NothingInCommon if given.versions => {
            offered_versions().and("no cipher suite without ECDHE and AEAD is")
        }
        TlsCause::NothingInCommon if !given.insecure => sentence![
            "wscli offers cipher suites with ECDHE and AEAD and the groups X25519, P-256 and P-384, and can't check certificates \
             with P-521, Ed448 or RSASSA-PSS keys, which ",
            Remedy::AnyCertificate.given(),
            " accepts unchecked",
        ]
        .into(),
        TlsCause::NothingInCommon => Advice::from("no cipher suite without ECDHE and AEAD is offered")
            .and("the server has to allow one that has them"),
        TlsCause::KeyExchange => "the server has to allow one of X25519, P-256 and P-384".into(),
        TlsCause::ApplicationProtocol => {
            Advice::from("the server may speak HTTP/2 only, over which wscli doesn't open WebSockets")
                .and(sentence![Remedy::ApplicationProtocols.given_as("''"), " offers no protocol at all"])
        }
        TlsCause::ServerName => sentence![Remedy::ServerName.given(), " asks for another"].into(),
    })
}

/// What connects in spite of a certificate, behind what else does.
fn unchecked(mut otherwise: Wording) -> Wording {
    otherwise.0.extend([Remedy::AnyCertificate.given(), " connects anyway".into()]);
    otherwise
}

/// What trusts an authority, as far as that wasn't said already.
fn trusting(given: TlsGiven, trusts: &'static str) -> Option<Advice> {
    let any = [Remedy::AnyCertificate.given(), " accepts any certificate".into()];
    let roots: &[Phrase] = &[Remedy::Authorities.given(), trusts.into()];
    match (given.insecure, given.roots) {
        (true, _) => None,
        (false, true) => Some(Wording(any.to_vec()).into()),
        (false, false) => Some(Wording([roots, &any].concat()).into()),
    }
}

fn offered_versions() -> Advice {
    let (oldest, newest) = (Remedy::OldestTls.named(), Remedy::NewestTls.named());
    sentence![oldest, " and ", newest, " say which versions are offered"].into()
}
