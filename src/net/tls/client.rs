//! TLS as a client: whom to believe, who we are, and what came of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, KeyLogFile, RootCertStore, SupportedProtocolVersion, version};
use serde::Serialize;

use super::LONGEST_RECORD;
use super::certificate::{CertificateFacts, why_unusable};
use super::clock::SystemClock;
use super::parameters::TlsParameters;
use super::pem_file::{certificates, private_key, usable};
use super::unchecked_groups::with_any_curve;
use super::verdict::refused_for;
use super::verifier::{Chain, Overlooked, Verifier};
use crate::error::{Error, OriginChange, Remedy, TlsCause, TlsGiven, sentence};

/// What a client wants of TLS.
#[derive(Debug, Clone)]
pub(crate) struct TlsSettings {
    /// Certificates to trust besides the roots, in PEM.
    pub(crate) cacert: Option<PathBuf>,
    /// The system's roots instead of Mozilla's.
    pub(crate) native_roots: bool,
    /// Believe anyone.
    pub(crate) insecure: bool,
    pub(crate) identity: Option<Arc<Identity>>,
    /// There was one, and it isn't for this server.
    pub(crate) withholds_identity: Option<OriginChange>,
    pub(crate) oldest: TlsVersion,
    pub(crate) newest: TlsVersion,
    /// The name that is asked for and checked, where it isn't the host's.
    pub(crate) server_name: Option<String>,
    /// The protocols of ALPN (RFC 7301), the favourite first.
    pub(crate) alpn: Vec<String>,
}

impl TlsSettings {
    pub(in crate::net) fn given(&self) -> TlsGiven {
        TlsGiven {
            insecure: self.insecure,
            roots: self.cacert.is_some(),
            identity: self.identity.is_some(),
            withheld: self.withholds_identity,
            versions: self.oldest == self.newest,
            server_name: self.server_name.is_some(),
        }
    }
}

/// A certificate for the client, and its key.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// TLS 1.2 or 1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TlsVersion {
    V12,
    V13,
}

impl TlsVersion {
    pub(crate) const NAMES: [(&'static str, Self); 2] = [("1.2", Self::V12), ("1.3", Self::V13)];

    fn supported(self) -> &'static SupportedProtocolVersion {
        match self {
            Self::V12 => &version::TLS12,
            Self::V13 => &version::TLS13,
        }
    }
}

/// A client's TLS configuration, for one connection.
#[derive(Debug)]
pub(in crate::net) struct ClientTls {
    config: Arc<ClientConfig>,
    seen: Chain,
    overlooked: Overlooked,
    given: TlsGiven,
}

impl ClientTls {
    /// # Errors
    /// When the roots, the certificates or the key can't be used.
    pub(in crate::net) fn new(settings: &TlsSettings) -> Result<Self, Error> {
        let versions: Vec<_> = [TlsVersion::V12, TlsVersion::V13]
            .into_iter()
            .filter(|version| (settings.oldest..=settings.newest).contains(version))
            .map(TlsVersion::supported)
            .collect();
        let broken = |error: &dyn ToString| Error::usage(format!("TLS can't be set up: {}", error.to_string()));
        let seen = Chain::default();
        let named = settings.cacert.as_deref().map_or_else(|| Ok(Vec::new()), certificates)?;
        let roots = Arc::new(roots(settings, &named)?);
        let strict = WebPkiServerVerifier::builder(roots).build().map_err(|error| broken(&error))?;
        let overlooked = Overlooked::default();
        let verifier = Verifier {
            strict,
            insecure: settings.insecure,
            named,
            seen: Arc::clone(&seen),
            overlooked: Arc::clone(&overlooked),
        };
        let offers_any_curve = verifier.offers_unchecked();
        let provider = if offers_any_curve { with_any_curve() } else { ring::default_provider() };
        let builder = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(SystemClock))
            .with_protocol_versions(&versions)
            .map_err(|error| broken(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match settings.identity.as_deref() {
            Some(Identity { chain, key }) => {
                let refused = |error: rustls::Error| match error {
                    rustls::Error::InconsistentKeys(_) => {
                        Error::usage("the client's key does not belong to its certificate")
                    }
                    error => {
                        let own = chain.first().map_or(&[][..], |certificate| certificate.as_ref());
                        let why = why_unusable(own, &error);
                        Error::usage(format!("the client's certificate and key can't be used: {why}"))
                    }
                };
                builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(refused)?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = settings.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        config.max_fragment_size = Some(LONGEST_RECORD);
        // Does nothing unless SSLKEYLOGFILE is set.
        config.key_log = Arc::new(KeyLogFile::new());
        Ok(Self { config: Arc::new(config), seen, overlooked, given: settings.given() })
    }

    /// # Errors
    /// When the host is no name that a certificate could have.
    pub(in crate::net) fn connection(&self, host: &str) -> Result<ClientConnection, Error> {
        let failed = |why: String| Error::Tls { peer: host.to_owned(), why, cause: TlsCause::Other, given: self.given };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string()))?;
        ClientConnection::new(Arc::clone(&self.config), name).map_err(|error| failed(error.to_string()))
    }

    pub(in crate::net) fn given(&self) -> TlsGiven {
        self.given
    }

    /// What would have been refused, had the server not been believed whatever it shows.
    fn overlooked(&self, name: &str) -> Vec<String> {
        let chain = self.chain();
        let overlooked = self.overlooked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut words = Vec::new();
        for word in overlooked.iter().map(|error| refused_for(error, name, &chain).0) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The certificates that the server sent, whatever came of it.
    pub(in crate::net) fn chain(&self) -> Vec<CertificateFacts> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter_map(|der| CertificateFacts::of(der)).collect()
    }
}

/// Whether a certificate could have this name.
pub(crate) fn is_server_name(name: &str) -> bool {
    ServerName::try_from(name).is_ok()
}

fn roots(settings: &TlsSettings, named: &[CertificateDer<'static>]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    if settings.native_roots {
        // Those that can't be read are left out; with none at all the check says so.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for certificate in named {
        let path = settings.cacert.clone().unwrap_or_default();
        roots.add(certificate.clone()).map_err(|error| Error::file(&path, error))?;
    }
    if roots.is_empty() && settings.insecure {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if roots.is_empty() {
        return Err(Error::usage(sentence![
            "the system's certificate store is empty, and ",
            Remedy::Authorities.named(),
            " names no other root"
        ]));
    }
    Ok(roots)
}

/// What was agreed in a TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct TlsFacts {
    #[serde(flatten)]
    pub(crate) agreed: TlsParameters,
    /// The server's certificates, its own first.
    #[serde(rename = "certificates")]
    pub(crate) chain: Vec<CertificateFacts>,
    /// What would have been refused if it were checked, in words.
    #[serde(skip)]
    pub(crate) overlooked: Vec<String>,
}

impl TlsFacts {
    pub(in crate::net) fn of(connection: &rustls::Connection, tls: &ClientTls, name: &str) -> Self {
        Self { agreed: TlsParameters::of(connection), chain: tls.chain(), overlooked: tls.overlooked(name) }
    }

    /// What was agreed besides the version; `None` where the handshake failed, though the certificates may still say why.
    pub(crate) fn parameters(&self) -> Option<String> {
        let TlsParameters { version, cipher_suite, key_exchange, alpn } = &self.agreed;
        let alpn = alpn.as_ref().map_or_else(|| "no ALPN".to_owned(), |name| format!("ALPN {name}"));
        (!version.is_empty()).then(|| format!("{cipher_suite}, {key_exchange}, {alpn}"))
    }
}

impl Identity {
    /// # Errors
    /// When a file can't be read, or has nothing of its kind in it.
    pub(crate) fn from_files(cert: &Path, key: &Path) -> Result<Self, Error> {
        let read = private_key(key)?;
        Ok(Self { chain: certificates(cert)?, key: usable(key, read)? })
    }

    /// With a key in PKCS #8's DER form.
    ///
    /// # Errors
    /// As [`from_files`](Self::from_files).
    pub(crate) fn from_parts(cert: &Path, (path, key): (&Path, Vec<u8>)) -> Result<Self, Error> {
        Ok(Self { chain: certificates(cert)?, key: usable(path, PrivatePkcs8KeyDer::from(key).into())? })
    }
}
