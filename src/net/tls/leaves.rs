//! Certificates for the servers that are stood in for, each made once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::LONGEST_RECORD;
use super::authority::{BACKDATED, CertificateAuthority, serial_number};
use super::clock::SystemClock;

/// How long one is valid: browsers take no more than 200 days from March 2026 on.
const LIFETIME: Duration = Duration::from_secs(199 * 24 * 60 * 60);

/// As many are kept at most, those that were asked for last.
const KEPT: usize = 256;

/// Longer than this a common name may not be (RFC 5280, appendix A.1: `ub-common-name`).
const LONGEST_COMMON_NAME: usize = 64;

/// What is spoken behind the TLS of a server that is stood in for.
pub(in crate::net) const HTTP_1: &[u8] = b"http/1.1";

/// An authority, and the certificates that it has signed.
#[derive(Debug)]
pub(crate) struct LeafCertificates {
    authority: CertificateAuthority,
    /// All of them have it: it is never written down.
    key: KeyPair,
    /// By name, the last one first.
    made: Mutex<VecDeque<(String, Arc<ServerConfig>)>>,
}

impl LeafCertificates {
    /// # Errors
    /// When the machine can't make a key.
    pub(crate) fn new(authority: CertificateAuthority) -> Result<Self, String> {
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        Ok(Self { authority, key, made: Mutex::default() })
    }

    /// TLS as the server with this name or address.
    ///
    /// # Errors
    /// A name that no certificate can have.
    pub(in crate::net) fn server(&self, name: &str) -> Result<Arc<ServerConfig>, String> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let found = made.iter().position(|(made, _)| made == name).and_then(|at| made.remove(at));
        let (name, config) = match found {
            Some(found) => found,
            None => (name.to_owned(), Arc::new(self.make(name)?)),
        };
        made.truncate(KEPT - 1);
        made.push_front((name, Arc::clone(&config)));
        Ok(config)
    }

    fn make(&self, name: &str) -> Result<ServerConfig, String> {
        let leaf = leaf(name).and_then(|leaf| leaf.signed_by(&self.key, &self.authority.issuer));
        let leaf = leaf.map_err(|error| error.to_string())?;
        // Chromium looks for the key that it was told to trust in all that is sent.
        let chain = vec![leaf.der().clone(), self.authority.certificate.clone()];
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der()).into();
        let builder = ServerConfig::builder_with_details(Arc::new(default_provider()), Arc::new(SystemClock));
        let config = builder
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(|error| error.to_string())?;
        config.alpn_protocols = vec![HTTP_1.to_vec()];
        config.max_fragment_size = Some(LONGEST_RECORD);
        Ok(config)
    }
}

/// The identifier of the issuer's key is the one in its certificate, and its own key has none: what computes them again takes
/// others for wrong.
fn leaf(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut leaf = CertificateParams::new([name.to_owned()])?;
    let begin = SystemTime::now() - BACKDATED;
    leaf.not_before = begin.into();
    leaf.not_after = (begin + LIFETIME).into();
    leaf.serial_number = Some(serial_number());
    leaf.distinguished_name = DistinguishedName::new();
    let common = if name.len() <= LONGEST_COMMON_NAME { name } else { "wscli proxy" };
    leaf.distinguished_name.push(DnType::CommonName, common);
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    Ok(leaf)
}

#[cfg(test)]
mod tests {
    use x509_parser::extensions::ParsedExtension;
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::super::authority::NewAuthority;
    use super::*;

    fn leaves(hosts: &[&str]) -> LeafCertificates {
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let made = NewAuthority::new(&hosts).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = ["ca.pem", "key.pem"].map(|name| folder.path().join(name));
        std::fs::write(&certificate, &made.certificate).unwrap();
        std::fs::write(&key, &made.key).unwrap();
        LeafCertificates::new(CertificateAuthority::from_files(&certificate, &key).unwrap()).unwrap()
    }

    #[test]
    fn leaves_are_kept_and_bounded() {
        let leaves = leaves(&[]);
        let first = leaves.server("a.example").unwrap();
        assert!(Arc::ptr_eq(&first, &leaves.server("a.example").unwrap()));
        (0..KEPT + 10).for_each(|n| drop(leaves.server(&format!("{n}.example")).unwrap()));
        assert_eq!(leaves.made.lock().unwrap().len(), KEPT);
        assert!(!Arc::ptr_eq(&first, &leaves.server("a.example").unwrap()));
        assert!(leaves.server("not\u{e9} a name").is_err());
    }

    #[test]
    fn a_leaf_names_its_issuer_as_that_names_itself() {
        let leaves = leaves(&["example.com"]);
        let signed = leaf("a.example.com").unwrap().signed_by(&leaves.key, &leaves.authority.issuer).unwrap();
        let (_, signed) = X509Certificate::from_der(signed.der()).unwrap();
        let (_, issuer) = X509Certificate::from_der(&leaves.authority.certificate).unwrap();
        assert_eq!(signed.issuer(), issuer.subject());
        signed.verify_signature(Some(issuer.public_key())).unwrap();
        let of = |certificate: &X509Certificate<'_>, is_issuer| {
            certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(id) if is_issuer => {
                    Some(id.key_identifier.as_ref().unwrap().0.to_vec())
                }
                ParsedExtension::SubjectKeyIdentifier(id) if !is_issuer => Some(id.0.to_vec()),
                _ => None,
            })
        };
        assert_eq!(of(&signed, true), of(&issuer, false));
        assert!(of(&signed, true).is_some() && of(&signed, false).is_none());
        let validity = signed.validity();
        let days = (validity.not_after.timestamp() - validity.not_before.timestamp()) / 86_400;
        assert_eq!(days, 199);
        assert!(validity.is_valid() && issuer.validity().is_valid());
    }

    #[test]
    fn an_authority_may_sign_for_those_alone_that_it_is_made_for() {
        let permits =
            |hosts: &[&str], host: &str| leaves(hosts).authority.not_permitted(&[host.to_owned()]).unwrap().is_none();
        for (hosts, host, is) in [
            (&[][..], "anything", true),
            (&["*"], "*", true),
            (&["example.com"], "example.com", true),
            (&["example.com"], "*.a.example.com:443", true),
            (&["example.com"], "example.org", false),
            (&["example.com"], "*", false),
            (&["example.com"], "127.0.0.1", false),
            (&["127.0.0.1"], "127.0.0.1", true),
            (&["127.0.0.1"], "a.example", false),
            (&["10.0.0.0/8"], "10.1.2.3", true),
            (&["10.0.0.0/8"], "0.0.0.0/0", false),
        ] {
            assert_eq!(permits(hosts, host), is, "{host} by {hosts:?}");
        }
        assert!(NewAuthority::new(&["a/b".to_owned()]).is_err());
    }
}
