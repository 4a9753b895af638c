//! What we trust as a client, and what we show as a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls::{ServerConfig, ServerConnection};

use super::fingerprint::Fingerprint;
use crate::error::Error;

/// Which servers a client believes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// Certificates to trust besides Mozilla's roots, in PEM.
    pub(crate) cacert: Option<PathBuf>,
    /// Believe anyone.
    pub(crate) insecure: bool,
}

/// A client's TLS configuration.
#[derive(Debug, Clone)]
pub(crate) struct ClientTls(Arc<ClientConfig>);

impl ClientTls {
    /// # Errors
    /// When the file of certificates can't be used.
    pub(crate) fn new(trust: &Trust) -> Result<Self, Error> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(path) = &trust.cacert {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|error| unusable(path, error))?;
            }
        }
        let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        if trust.insecure {
            let believer = Believer(Arc::clone(config.crypto_provider()));
            config.dangerous().set_certificate_verifier(Arc::new(believer));
        }
        Ok(Self(Arc::new(config)))
    }

    /// # Errors
    /// When the host is no name that a certificate could have.
    pub(super) fn connection(&self, host: &str) -> Result<ClientConnection, Error> {
        let failed = |why: String| Error::Tls { peer: host.to_owned(), why, hint: None };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string()))?;
        ClientConnection::new(Arc::clone(&self.0), name).map_err(|error| failed(error.to_string()))
    }
}

/// A server's TLS configuration.
#[derive(Debug, Clone)]
pub(crate) struct ServerTls {
    config: Arc<ServerConfig>,
    pub(crate) fingerprint: Fingerprint,
    /// Whether clients that don't begin with TLS are served too.
    pub(super) also_plain: bool,
}

impl ServerTls {
    /// A certificate made now, for localhost and `names`. With `client_ca`, clients need a certificate.
    ///
    /// # Errors
    /// When the machine can't make a key, or a name is none.
    pub(crate) fn self_signed(names: &[String], client_ca: Option<&Path>) -> Result<Self, Error> {
        let failed = |why: String| Error::Tls { peer: "our own certificate".into(), why, hint: None };
        let all: Vec<_> =
            ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into_iter().chain(names.to_vec()).collect();
        let made = rcgen::generate_simple_self_signed(all).map_err(|error| failed(error.to_string()))?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let verifier = client_ca.map(client_verifier).transpose()?;
        Self::new(vec![made.cert.der().clone()], key.into(), verifier).map_err(|error| failed(error.to_string()))
    }

    /// # Errors
    /// When a file can't be read, has nothing in it, or the key isn't the certificate's.
    pub(crate) fn from_files(cert: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Self, Error> {
        let chain = certificates(cert)?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, error))?;
        let verifier = client_ca.map(client_verifier).transpose()?;
        Self::new(chain, private, verifier).map_err(|error| unusable(cert, error))
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        verifier: Option<Arc<dyn ClientCertVerifier>>,
    ) -> Result<Self, rustls::Error> {
        let fingerprint = Fingerprint::of(chain.first().map_or(&[], |certificate| certificate.as_ref()));
        // Who has to show a certificate can't be spared it by leaving TLS out.
        let also_plain = verifier.is_none();
        let builder = match verifier {
            Some(verifier) => ServerConfig::builder().with_client_cert_verifier(verifier),
            None => ServerConfig::builder().with_no_client_auth(),
        };
        Ok(Self { config: Arc::new(builder.with_single_cert(chain, key)?), fingerprint, also_plain })
    }

    /// # Errors
    /// When rustls finds its configuration wanting.
    pub(super) fn connection(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(Arc::clone(&self.config))
    }
}

/// Demands certificates that were issued by those in a file.
fn client_verifier(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| unusable(path, error))?;
    }
    let built = WebPkiClientVerifier::builder(Arc::new(roots)).build();
    built.map(|verifier| verifier as _).map_err(|error| unusable(path, error))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, error))?;
    let certificates: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| unusable(path, error))?;
    if certificates.is_empty() { Err(unusable(path, "it has no certificate in PEM form")) } else { Ok(certificates) }
}

fn unusable(path: &Path, why: impl ToString) -> Error {
    Error::File { path: path.to_owned(), why: why.to_string() }
}

/// The advice that fits a failed handshake.
pub(super) fn hint(error: &rustls::Error) -> Option<&'static str> {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            Some("--cacert FILE trusts the certificate's issuer, -k trusts anyone")
        }
        rustls::Error::InvalidCertificate(_) => Some("-k connects in spite of it"),
        rustls::Error::InvalidMessage(_) => Some("does the server speak TLS on this port? Plain WebSocket is ws://"),
        _ => None,
    }
}

/// What `-k` asks for: any certificate will do. That the peer holds its key is still checked.
#[derive(Debug)]
struct Believer(Arc<CryptoProvider>);

impl ServerCertVerifier for Believer {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
