//! TLS as a server, and certificates out of files.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use super::fingerprint::Fingerprint;
use crate::error::Error;

/// A server's TLS configuration.
#[derive(Debug, Clone)]
pub(crate) struct ServerTls {
    config: Arc<ServerConfig>,
    pub(crate) fingerprint: Fingerprint,
}

impl ServerTls {
    /// A certificate made now, for localhost.
    ///
    /// # Errors
    /// When the machine can't make a key.
    pub(crate) fn self_signed() -> Result<Self, Error> {
        let failed = |why: String| Error::Tls { peer: "our own certificate".into(), why, hint: None };
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names).map_err(|error| failed(error.to_string()))?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        Self::new(vec![made.cert.der().clone()], key.into()).map_err(|error| failed(error.to_string()))
    }

    /// # Errors
    /// When a file can't be read, has nothing in it, or the key isn't the certificate's.
    pub(crate) fn from_files(cert: &Path, key: &Path) -> Result<Self, Error> {
        let chain = certificates(cert)?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, error))?;
        Self::new(chain, private).map_err(|error| unusable(cert, error))
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, rustls::Error> {
        let fingerprint = Fingerprint::of(chain.first().map_or(&[], |certificate| certificate.as_ref()));
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
        Ok(Self { config: Arc::new(config), fingerprint })
    }

    /// # Errors
    /// When rustls finds its configuration wanting.
    pub(super) fn connection(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(Arc::clone(&self.config))
    }
}

pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, error))?;
    let certificates: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| unusable(path, error))?;
    if certificates.is_empty() { Err(unusable(path, "it has no certificate in PEM form")) } else { Ok(certificates) }
}

pub(super) fn unusable(path: &Path, why: impl ToString) -> Error {
    Error::File { path: path.to_owned(), why: why.to_string() }
}
