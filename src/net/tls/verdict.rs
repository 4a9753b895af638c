//! Why a TLS handshake failed.

use std::net::IpAddr;
use std::time::SystemTime;
use std::{fmt, io};

use rustls::{AlertDescription, CertificateError, HandshakeType, PeerIncompatible, PeerMisbehaved};

use super::certificate::{CertificateFacts, Defect, day};
use crate::error::{TlsCause, system_words};
use crate::net::protocol_guess::{self, Protocol};
use crate::peer_text::{PeerText, listed};
use crate::view::clock::moment;

/// What went wrong, in words and by its kind.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::net) struct Verdict {
    pub(in crate::net) why: String,
    pub(in crate::net) cause: TlsCause,
}

/// What a failed handshake is judged by.
#[derive(Debug)]
pub(in crate::net) struct Evidence<'a> {
    pub(in crate::net) error: &'a io::Error,
    /// The name that the certificate was held against.
    pub(in crate::net) name: &'a str,
    pub(in crate::net) chain: &'a [CertificateFacts],
    /// What the peer answered first.
    pub(in crate::net) first_bytes: &'a [u8],
    /// We have a certificate of our own.
    pub(in crate::net) identity: bool,
    /// The peer has asked for another handshake.
    pub(in crate::net) was_asked_anew: bool,
}

impl Evidence<'_> {
    pub(in crate::net) fn verdict(&self) -> Verdict {
        let cause = self.error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match cause {
            // TLS 1.3 has none, and rustls none for TLS 1.2 (RFC 5746 §4.5 has a server that insists on it end the connection).
            Some(rustls::Error::AlertReceived(_)) if self.was_asked_anew => renegotiation(),
            Some(rustls::Error::PeerMisbehaved(PeerMisbehaved::TooManyRenegotiationRequests)) => renegotiation(),
            Some(rustls::Error::InvalidCertificate(error)) => {
                let (why, cause) = refused_for(error, self.name, self.chain);
                verdict(why, cause)
            }
            Some(rustls::Error::AlertReceived(alert)) => self.alert(*alert),
            Some(rustls::Error::InvalidMessage(_)) => self.not_tls(),
            Some(rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)) => {
                verdict("the server's TLS is older than 1.2".into(), TlsCause::Version)
            }
            // Those behind the groups that keys are agreed on in are offered for the sake of certificates.
            Some(rustls::Error::PeerMisbehaved(PeerMisbehaved::IllegalHelloRetryRequestWithUnofferedNamedGroup)) => {
                verdict(
                    "the server wants keys agreed on in a group that is not supported".into(),
                    TlsCause::KeyExchange,
                )
            }
            // rustls blames the peer where it can't do what the certificate takes.
            Some(rustls::Error::PeerMisbehaved(_)) if let Some((one, defect)) = defective(self.chain) => {
                verdict(format!("the certificate of {} {defect}", one.whose()), TlsCause::Other)
            }
            Some(rustls::Error::PeerMisbehaved(how)) => {
                verdict(format!("the server breaks the rules of TLS: {}", in_words(how)), TlsCause::Other)
            }
            Some(rustls::Error::InappropriateHandshakeMessage { got_type: HandshakeType::ClientHello, .. }) => verdict(
                "the peer sent a ClientHello, as clients do: it may send back what it is sent".into(),
                TlsCause::Other,
            ),
            Some(error) => verdict(PeerText::new(error.to_string()).to_string(), TlsCause::Other),
            None if self.error.kind() == io::ErrorKind::UnexpectedEof => {
                verdict("the server closed the connection".into(), TlsCause::Other)
            }
            None => verdict(system_words(self.error), TlsCause::Other),
        }
    }

    fn not_tls(&self) -> Verdict {
        match protocol_guess::speaker(self.first_bytes) {
            Some(speaker) if speaker.protocol == Protocol::Tls => {
                verdict("the server's TLS can't be read".into(), TlsCause::Other)
            }
            Some(speaker) => {
                let is_http = speaker.protocol == Protocol::Http;
                let cause = if is_http { TlsCause::NotTls } else { TlsCause::OtherProtocol };
                verdict(format!("the peer does not speak TLS: it is {speaker}"), cause)
            }
            None => verdict("what the server sent is not TLS".into(), TlsCause::NotTls),
        }
    }
}

/// The first certificate that no check can accept, and why.
fn defective(chain: &[CertificateFacts]) -> Option<(&CertificateFacts, &Defect)> {
    chain.iter().find_map(|one| Some((one, one.defect.as_ref()?)))
}

/// What rustls has a name in one word for, and no text.
fn in_words(name: &impl fmt::Debug) -> String {
    let mut words = String::new();
    for c in format!("{name:?}").chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

/// Why a certificate is refused, in words, and what kind of reason that is. `name` is what it was held against.
pub(super) fn refused_for(error: &CertificateError, name: &str, chain: &[CertificateFacts]) -> (String, TlsCause) {
    use CertificateError as E;
    let leaf = chain.first();
    let subject = leaf.map_or_else(|| PeerText::new("?"), |leaf| leaf.whose());
    let bad = |why: String| (why, TlsCause::BadCertificate);
    match error {
        E::Expired | E::ExpiredContext { .. } => bad(expired(chain)),
        E::NotValidYet | E::NotValidYetContext { .. } => bad(not_valid_yet(chain)),
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            other_name(name, &subject, leaf.map(|leaf| leaf.names.as_slice()).unwrap_or_default())
        }
        E::UnknownIssuer => unknown_issuer(chain),
        // What webpki says of a defect is in words that nobody knows, and it says the same of other things.
        _ if let Some((one, defect)) = defective(chain) => bad(format!("the certificate of {} {defect}", one.whose())),
        // webpki's word for a root that is used as a server's own certificate.
        E::Other(_) if leaf.is_some_and(|leaf| leaf.is_self_signed) => unknown_issuer(chain),
        E::BadSignature => bad(format!("the server does not hold the key of the certificate of {subject}")),
        // rustls quotes the certificate.
        other => bad(format!("the certificate of {subject} is refused: {}", PeerText::new(other.to_string()))),
    }
}

/// The certificate that has expired may be an issuer's.
fn expired(chain: &[CertificateFacts]) -> String {
    let now = moment(SystemTime::now());
    match chain.iter().find(|certificate| certificate.not_after < now).or(chain.first()) {
        Some(one) => format!("the certificate of {} expired on {}", one.whose(), day(one.not_after)),
        None => "the certificate expired".into(),
    }
}

fn not_valid_yet(chain: &[CertificateFacts]) -> String {
    let now = moment(SystemTime::now());
    match chain.iter().find(|certificate| certificate.not_before > now).or(chain.first()) {
        Some(one) => format!("the certificate of {} is not valid before {}", one.whose(), day(one.not_before)),
        None => "the certificate is not valid yet".into(),
    }
}

/// `names`: those of the certificate, which `name` isn't among.
fn other_name(name: &str, subject: &PeerText, names: &[PeerText]) -> (String, TlsCause) {
    let is_address = name.parse::<IpAddr>().is_ok();
    if names.is_empty() {
        // What a common name says is heeded no more (RFC 9525 §2).
        let why = format!("the certificate of {subject} has no subject alternative name, so it is for no server");
        (why, TlsCause::BadCertificate)
    } else if is_address && names.iter().any(|its| its.raw() == name) {
        // RFC 9525 §6.5: an address is held against addresses alone.
        let why = format!("the certificate has {name} as a DNS name, where an IP address should be");
        (why, TlsCause::BadCertificate)
    } else {
        (format!("the certificate was issued for {}, not for {name}", listed(names)), TlsCause::OtherName)
    }
}

fn unknown_issuer(chain: &[CertificateFacts]) -> (String, TlsCause) {
    match chain {
        [leaf, ..] if leaf.is_self_signed => (
            format!("the certificate of {} is self-signed (SHA-256 {})", leaf.whose(), leaf.fingerprint),
            TlsCause::SelfSigned,
        ),
        [leaf] => (
            format!("unknown issuer {:?}: the server sent no intermediate certificate", leaf.authority()),
            TlsCause::IncompleteChain,
        ),
        [.., last] => (
            format!("unknown issuer {:?}", if last.is_self_signed { last.whose() } else { last.authority() }),
            TlsCause::UnknownIssuer,
        ),
        [] => ("unknown issuer".into(), TlsCause::UnknownIssuer),
    }
}

impl Evidence<'_> {
    /// RFC 8446 §6.
    fn alert(&self, alert: AlertDescription) -> Verdict {
        use AlertDescription as A;
        let (why, cause) = match alert {
            A::CertificateRequired => ("the server demands a client certificate", TlsCause::ClientCertificateMissing),
            // Whoever refuses a certificate that nobody sent may want one; before its own it can't have asked.
            A::UnknownCA | A::BadCertificate | A::CertificateUnknown if !self.identity && !self.chain.is_empty() => (
                "the server refuses our certificate, and none was sent: it may demand one",
                TlsCause::ClientCertificateMissing,
            ),
            A::UnknownCA | A::BadCertificate | A::CertificateUnknown if !self.identity => {
                return verdict(
                    format!("the server sent the alert {alert:?} instead of its certificate"),
                    TlsCause::Other,
                );
            }
            A::UnknownCA
            | A::BadCertificate
            | A::CertificateUnknown
            | A::CertificateExpired
            | A::CertificateRevoked => ("the server refuses our certificate", TlsCause::ClientCertificateRefused),
            A::AccessDenied if !self.identity => ("the server denies access", TlsCause::Other),
            A::AccessDenied => ("the server accepts our certificate, but denies access", TlsCause::Other),
            A::ProtocolVersion => ("the server supports other versions of TLS than were offered", TlsCause::Version),
            A::NoApplicationProtocol => (
                "the server supports none of the application protocols that were offered (is it HTTP/2 only?)",
                TlsCause::ApplicationProtocol,
            ),
            A::UnrecognisedName => ("the server does not know the name that was asked for", TlsCause::ServerName),
            // It is the first thing that it says: it can't have asked for a certificate by then.
            A::HandshakeFailure | A::InsufficientSecurity if self.chain.is_empty() => (
                "the server supports none of the cipher suites, groups and signatures that were offered",
                TlsCause::NothingInCommon,
            ),
            A::HandshakeFailure => {
                ("the server refused what it got, or demands a client certificate", TlsCause::ClientCertificateMissing)
            }
            _ => return verdict(format!("the server sent the alert {alert:?}"), TlsCause::Other),
        };
        verdict(format!("{why} (alert {})", alert.as_str().unwrap_or("unknown")), cause)
    }
}

fn renegotiation() -> Verdict {
    let why =
        "the server wants to renegotiate TLS 1.2, as some do to ask for a client certificate; that is not supported";
    verdict(why.into(), TlsCause::Other)
}

fn verdict(why: String, cause: TlsCause) -> Verdict {
    Verdict { why, cause }
}
