//! The check of a server's certificate: rustls's own, or none at all with `-k`; either way what the server sent is kept.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::certificate::CertificateFacts;

/// The certificates that a server sent, its own first.
pub(super) type Chain = Arc<Mutex<Vec<CertificateDer<'static>>>>;

/// Checks as it is told, and keeps what it saw: rustls forgets the certificates that it refuses.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) strict: Arc<dyn ServerCertVerifier>,
    /// Believe anyone. That the peer holds its key is still checked.
    pub(super) insecure: bool,
    /// Certificates that are trusted by name: a server may show one of them as its own.
    pub(super) named: Vec<CertificateDer<'static>>,
    pub(super) seen: Chain,
}

/// webpki refuses a certificate that may sign others as a server's own, which `openssl req -x509`
/// makes. Whoever names it with `--cacert` means it; name and dates still have to be right.
fn check_named(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, Error> {
    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
    let facts = CertificateFacts::of(certificate).ok_or(CertificateError::BadEncoding)?;
    let now = now.as_secs() as i64;
    if now < facts.not_before.unix_timestamp() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > facts.not_after.unix_timestamp() {
        return Err(CertificateError::Expired.into());
    }
    Ok(ServerCertVerified::assertion())
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
        if self.insecure {
            return Ok(ServerCertVerified::assertion());
        }
        if self.named.contains(end_entity) {
            return check_named(end_entity, name, now);
        }
        self.strict.verify_server_cert(end_entity, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
