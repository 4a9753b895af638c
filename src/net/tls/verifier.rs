//! The check of a server's certificate: rustls's own, or none at all with `-k`; either way what the server sent is kept.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::certificate::{CertificateFacts, has_unsupported_key};

/// The certificates that a server sent, its own first.
pub(super) type Chain = Arc<Mutex<Vec<CertificateDer<'static>>>>;

/// What `-k` overlooks.
pub(super) type Overlooked = Arc<Mutex<Vec<CertificateError>>>;

/// What a peer may sign with that only a check could make use of, and none is made: their keys are in certificates that TLS
/// can carry (RFC 8446 §4.2.3, RFC 8734 §3). Those without a name of rustls's are RSASSA-PSS with a key that is for nothing
/// else, and Brainpool's curves.
const UNCHECKED_SCHEMES: [SignatureScheme; 8] = [
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED448,
    SignatureScheme::Unknown(0x0809),
    SignatureScheme::Unknown(0x080a),
    SignatureScheme::Unknown(0x080b),
    SignatureScheme::Unknown(0x081a),
    SignatureScheme::Unknown(0x081b),
    SignatureScheme::Unknown(0x081c),
];

/// Checks as it is told, and keeps what it saw: rustls forgets the certificates that it refuses.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) strict: Arc<dyn ServerCertVerifier>,
    /// Believe anyone. That the peer holds its key is still checked, where that can be.
    pub(super) insecure: bool,
    /// Certificates that are trusted by name: a server may show one of them as its own.
    pub(super) named: Vec<CertificateDer<'static>>,
    pub(super) seen: Chain,
    pub(super) overlooked: Overlooked,
}

/// A signature that nothing here can check.
#[derive(Debug)]
struct Unchecked(SignatureScheme);

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the signature scheme {:?} is not supported", self.0)
    }
}

impl std::error::Error for Unchecked {}

impl Verifier {
    /// Whether signatures are asked for that can't be checked: because none is, or to be shown a certificate that is trusted
    /// by name, so that it can be said what is wrong with it.
    pub(super) fn offers_unchecked(&self) -> bool {
        self.insecure || self.named.iter().any(|named| has_unsupported_key(named))
    }

    /// `Ok` in spite of it, where anyone is believed.
    fn judged<T>(&self, outcome: Result<T, Error>, overlooking: T) -> Result<T, Error> {
        match outcome {
            Err(Error::InvalidCertificate(error)) if self.insecure => {
                self.overlooked.lock().unwrap_or_else(PoisonError::into_inner).push(error);
                Ok(overlooking)
            }
            outcome => outcome,
        }
    }

    /// webpki says the first thing that is wrong. Whoever overlooks it wants to know what else would be in the way: a certificate
    /// that has expired may be self-signed, and another server's besides.
    fn note_what_else(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) {
        let Some(facts) = CertificateFacts::of(certificate) else { return };
        let is_outdated = check_dates(certificate, now).is_err();
        // Where only its dates were said so far: whether it would have been trusted within them.
        let middle = facts.not_before.unix_timestamp().midpoint(facts.not_after.unix_timestamp()).max(0);
        let then = UnixTime::since_unix_epoch(Duration::from_secs(middle.unsigned_abs()));
        let issuer = is_outdated
            .then(|| self.strict.verify_server_cert(certificate, intermediates, name, &[], then).err())
            .flatten()
            .filter(|error| matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer)));
        let parsed = ParsedCertificate::try_from(certificate);
        let wrong_name = parsed.and_then(|parsed| verify_server_name(&parsed, name)).err();
        for error in [check_dates(certificate, now).err(), issuer, wrong_name].into_iter().flatten() {
            let _ = self.judged(Err(error), ());
        }
    }

    /// A signature under the handshake. Where webpki can't read the certificate, or won't have its key, nothing but that is
    /// overlooked: a signature that is wrong under a key that it can use stays an error.
    fn signed(
        &self,
        certificate: &CertificateDer<'_>,
        scheme: SignatureScheme,
        outcome: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        // rustls blames the peer for what we have offered.
        let outcome = match outcome {
            Err(Error::PeerMisbehaved(_)) if self.offers_unchecked() && UNCHECKED_SCHEMES.contains(&scheme) => {
                Err(CertificateError::Other(OtherError(Arc::new(Unchecked(scheme)))).into())
            }
            outcome => outcome,
        };
        let is_checked = CertificateFacts::of(certificate).is_some_and(|facts| facts.defect.is_none());
        match outcome {
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) if is_checked => outcome,
            outcome => self.judged(outcome, HandshakeSignatureValid::assertion()),
        }
    }
}

/// webpki refuses a certificate that may sign others as a server's own, which `openssl req -x509`
/// makes. Whoever names it with `--cacert` means it; name and dates still have to be right.
fn check_named(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, Error> {
    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
    check_dates(certificate, now).map(|()| ServerCertVerified::assertion())
}

fn check_dates(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let facts = CertificateFacts::of(certificate).ok_or(CertificateError::BadEncoding)?;
    let now = now.as_secs() as i64;
    match () {
        () if now < facts.not_before.unix_timestamp() => Err(CertificateError::NotValidYet.into()),
        () if now > facts.not_after.unix_timestamp() => Err(CertificateError::Expired.into()),
        () => Ok(()),
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let sent = [end_entity].into_iter().chain(intermediates).map(|certificate| certificate.clone().into_owned());
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = sent.collect();
        let outcome = match self.named.contains(end_entity) {
            true => check_named(end_entity, name, now),
            false => self.strict.verify_server_cert(end_entity, intermediates, name, ocsp, now),
        };
        let is_overlooked = self.insecure && outcome.is_err();
        let judged = self.judged(outcome, ServerCertVerified::assertion());
        if is_overlooked {
            self.note_what_else(end_entity, intermediates, name, now);
        }
        judged
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(certificate, signature.scheme, self.strict.verify_tls12_signature(message, certificate, signature))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(certificate, signature.scheme, self.strict.verify_tls13_signature(message, certificate, signature))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.strict.supported_verify_schemes();
        if self.offers_unchecked() {
            schemes.extend(UNCHECKED_SCHEMES);
        }
        schemes
    }
}
