//! Why a TLS handshake failed, and the flag that gets past it.

use std::io;

use rustls::{AlertDescription, CertificateError};
use time::OffsetDateTime;

use super::certificate::{CertificateFacts, day};
use crate::advice::tls;
use crate::error::system_words;
use crate::net::protocol_guess;
use crate::peer_text::{PeerText, listed};

/// What went wrong, and advice.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::net) struct Verdict {
    pub(in crate::net) why: String,
    pub(in crate::net) hint: Option<String>,
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
}

impl Evidence<'_> {
    pub(in crate::net) fn verdict(&self) -> Verdict {
        let cause = self.error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match cause {
            Some(rustls::Error::InvalidCertificate(error)) => self.certificate(error),
            Some(rustls::Error::AlertReceived(alert)) => alert_words(*alert),
            Some(rustls::Error::InvalidMessage(_)) => self.not_tls(),
            Some(error) => verdict(PeerText::new(error.to_string()).to_string(), None),
            None if self.error.kind() == io::ErrorKind::UnexpectedEof => {
                verdict("the server closed the connection".into(), None)
            }
            None => verdict(system_words(self.error), None),
        }
    }

    fn not_tls(&self) -> Verdict {
        let hint = "plain WebSocket is ws:// instead of wss://";
        match protocol_guess::speaker(self.first_bytes) {
            Some(speaker) => verdict(format!("the peer does not speak TLS: it is {speaker}"), Some(hint)),
            None => verdict("what the server sent is not TLS".into(), Some(hint)),
        }
    }

    fn certificate(&self, error: &CertificateError) -> Verdict {
        use CertificateError as E;
        let leaf = self.chain.first();
        let subject = leaf.map_or_else(|| PeerText::new("?"), |leaf| leaf.subject.clone());
        match error {
            E::Expired | E::ExpiredContext { .. } => {
                // The certificate that has expired may be an issuer's.
                let now = OffsetDateTime::now_utc();
                let expired = self.chain.iter().find(|certificate| certificate.not_after < now).or(leaf);
                let words = expired.map(|one| format!(" of {} expired on {}", one.subject, day(one.not_after)));
                verdict(format!("the certificate{}", words.unwrap_or_else(|| " expired".into())), Some(tls::INSECURE))
            }
            E::NotValidYet | E::NotValidYetContext { .. } => {
                let now = OffsetDateTime::now_utc();
                let early = self.chain.iter().find(|certificate| certificate.not_before > now).or(leaf);
                let words = early.map(|one| format!(" of {} is not valid before {}", one.subject, day(one.not_before)));
                verdict(
                    format!("the certificate{}", words.unwrap_or_else(|| " is not valid yet".into())),
                    Some(tls::INSECURE),
                )
            }
            E::NotValidForName | E::NotValidForNameContext { .. } => {
                let names = leaf.map(|leaf| listed(&leaf.names)).filter(|names| !names.is_empty());
                let names = names.unwrap_or_else(|| "no name at all".into());
                verdict(
                    format!("the certificate was issued for {names}, not for {}", self.name),
                    Some(tls::VERIFIED_NAME),
                )
            }
            E::UnknownIssuer => self.unknown_issuer(),
            // webpki's word for a root that is used as a server's own certificate.
            E::Other(_) if leaf.is_some_and(CertificateFacts::is_self_signed) => self.unknown_issuer(),
            other => {
                // rustls quotes the certificate.
                let why = PeerText::new(other.to_string());
                verdict(format!("the certificate of {subject} is refused: {why}"), Some(tls::INSECURE))
            }
        }
    }

    fn unknown_issuer(&self) -> Verdict {
        match self.chain {
            [leaf, ..] if leaf.is_self_signed() => verdict(
                format!("the certificate of {} is self-signed (SHA-256 {})", leaf.subject, leaf.fingerprint),
                Some(tls::SELF_SIGNED),
            ),
            [leaf] => verdict(
                format!("unknown issuer {:?}: the server sent no intermediate certificate", leaf.issuer),
                Some(tls::NO_INTERMEDIATE),
            ),
            [.., last] => verdict(
                format!("unknown issuer {:?}", if last.is_self_signed() { &last.subject } else { &last.issuer }),
                Some(tls::ISSUER),
            ),
            [] => verdict("unknown issuer".into(), Some(tls::INSECURE)),
        }
    }
}

/// RFC 8446 §6.
fn alert_words(alert: AlertDescription) -> Verdict {
    use AlertDescription as A;
    let (why, hint) = match alert {
        A::CertificateRequired => ("the server demands a client certificate", Some(tls::CERTIFICATE)),
        A::UnknownCA | A::BadCertificate | A::CertificateUnknown | A::CertificateExpired | A::CertificateRevoked => {
            ("the server refuses our certificate", Some(tls::OTHER_CERTIFICATE))
        }
        A::AccessDenied => ("the server accepts our certificate, but denies access", None),
        A::ProtocolVersion => ("the server supports other versions of TLS", Some(tls::VERSIONS)),
        A::NoApplicationProtocol => (
            "the server supports none of the application protocols that were offered (is it HTTP/2 only?)",
            Some(tls::ALPN),
        ),
        A::UnrecognisedName => ("the server does not know the name that was asked for", Some(tls::NAME)),
        A::HandshakeFailure => {
            ("the server found nothing to agree on, or demands a client certificate", Some(tls::CERTIFICATE))
        }
        _ => return verdict(format!("the server sent the alert {alert:?}"), None),
    };
    verdict(format!("{why} (alert {})", alert.as_str().unwrap_or("unknown")), hint)
}

fn verdict(why: String, hint: Option<&str>) -> Verdict {
    Verdict { why, hint: hint.map(str::to_owned) }
}
