//! TLS as a server, and certificates out of files.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};

use super::LONGEST_RECORD;
use super::certificate::{CertificateFacts, why_unusable};
use super::clock::SystemClock;
use super::fingerprint::Fingerprint;
use super::pem_file::{certificates, private_key, usable};
use crate::error::{Error, TlsCause, TlsGiven};
use crate::script::CertificateFault;

/// A server's TLS configuration.
#[derive(Debug, Clone)]
pub(crate) struct ServerTls {
    config: Arc<ServerConfig>,
    pub(crate) fingerprint: Fingerprint,
    /// The names and addresses that its certificate is for.
    pub(crate) names: Vec<String>,
    /// Whether clients that don't begin with TLS are served too.
    pub(in crate::net) also_plain: bool,
}

impl ServerTls {
    /// A certificate made now, for localhost and `names`. With `client_ca`, clients need a certificate. `fault`
    /// is wrong with it on purpose.
    ///
    /// # Errors
    /// When the machine can't make a key, or a name is none.
    pub(crate) fn self_signed(
        names: &[String],
        client_ca: Option<&Path>,
        fault: Option<CertificateFault>,
    ) -> Result<Self, Error> {
        let failed = |why: String| Error::Tls {
            peer: "our own certificate".into(),
            why,
            cause: TlsCause::Other,
            given: TlsGiven::default(),
        };
        let all: Vec<_> =
            ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into_iter().chain(names.to_vec()).collect();
        let (certificate, key) = signed_by_itself(all, fault).map_err(|error| failed(error.to_string()))?;
        let verifier = client_ca.map(client_verifier).transpose()?;
        Self::new(vec![certificate], key.into(), verifier).map_err(|error| failed(error.to_string()))
    }

    /// # Errors
    /// When a file can't be read, has nothing in it, or the key isn't the certificate's.
    pub(crate) fn from_files(cert: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Self, Error> {
        let chain = certificates(cert)?;
        let private = usable(key, private_key(key)?)?;
        let verifier = client_ca.map(client_verifier).transpose()?;
        let own = chain.first().cloned();
        Self::new(chain, private, verifier).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => Error::usage("the server's key does not belong to its certificate"),
            error => Error::file(cert, why_unusable(own.as_deref().unwrap_or_default(), &error)),
        })
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        verifier: Option<Arc<dyn ClientCertVerifier>>,
    ) -> Result<Self, rustls::Error> {
        let own = chain.first().map_or(&[][..], |certificate| certificate.as_ref());
        let fingerprint = Fingerprint::of(own);
        let facts = CertificateFacts::of(own);
        let names = facts.map(|facts| facts.names.iter().map(|name| name.raw().to_owned()).collect());
        // Who has to show a certificate can't be spared it by leaving TLS out.
        let also_plain = verifier.is_none();
        let builder = ServerConfig::builder_with_details(Arc::new(default_provider()), Arc::new(SystemClock))
            .with_safe_default_protocol_versions()?;
        let builder = match verifier {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key)?;
        config.max_fragment_size = Some(LONGEST_RECORD);
        Ok(Self { config: Arc::new(config), fingerprint, names: names.unwrap_or_default(), also_plain })
    }

    /// # Errors
    /// When rustls finds its configuration wanting.
    pub(in crate::net) fn connection(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(Arc::clone(&self.config))
    }
}

/// A new certificate for these names, and its key.
fn signed_by_itself(
    mut names: Vec<String>,
    fault: Option<CertificateFault>,
) -> Result<(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>), rcgen::Error> {
    let key = rcgen::KeyPair::generate()?;
    if fault == Some(CertificateFault::WrongName) {
        // RFC 2606 §2: nobody has it.
        names = vec!["wrong.invalid".into()];
    }
    let mut parameters = rcgen::CertificateParams::new(names)?;
    if fault == Some(CertificateFault::Expired) {
        let day = Duration::from_secs(24 * 60 * 60);
        parameters.not_before = (SystemTime::now() - 2 * day).into();
        parameters.not_after = (SystemTime::now() - day).into();
    }
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "wscli serve");
    let certificate = parameters.self_signed(&key)?;
    Ok((certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der())))
}

/// Demands certificates that were issued by those in a file.
fn client_verifier(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| Error::file(path, error))?;
    }
    let built = WebPkiClientVerifier::builder(Arc::new(roots)).build();
    built.map(|verifier| verifier as _).map_err(|error| Error::file(path, error))
}
