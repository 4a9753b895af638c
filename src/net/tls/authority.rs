//! A certificate authority of our own, for servers that are stood in for.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use data_encoding::BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate::CertificateFacts;
use super::pem_file::{certificates, private_key};
use crate::error::{Error, TlsCause, TlsGiven};
use crate::net::host_list::{ListedHosts, bits_of, is_listed, listed_hosts};
use crate::net::target::{is_below, is_same_name};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Clocks of clients may be late.
pub(super) const BACKDATED: Duration = DAY.saturating_mul(2);

const LIFETIME: Duration = DAY.saturating_mul(10 * 365);

/// Names for which there is nobody (RFC 6761 §6.4): an authority for addresses alone may sign for these.
const NO_NAME: &str = "invalid";

/// A new authority, in PEM.
pub(crate) struct NewAuthority {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// An authority at work.
pub(crate) struct CertificateAuthority {
    pub(super) issuer: Issuer<'static, KeyPair>,
    pub(super) certificate: CertificateDer<'static>,
    /// For whom it may sign; `None` is everyone.
    permitted: Option<Vec<ListedHosts>>,
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CertificateAuthority({:?})", self.permitted)
    }
}

/// What there is to tell of an authority.
#[derive(Debug)]
pub(crate) struct AuthorityFacts {
    pub(crate) certificate: CertificateFacts,
    /// The SHA-256 of its public key in base64, by which Chromium is told to trust it.
    pub(crate) public_key: String,
    /// For whom it may sign, in words; none is everyone.
    pub(crate) permitted: Vec<String>,
}

impl NewAuthority {
    /// Makes one that may sign for the hosts of these lists alone; for all, where there are none or `*` is among them.
    ///
    /// # Errors
    /// An entry that is no host, or a machine that can't make a key.
    pub(crate) fn new(lists: &[String]) -> Result<Self, Error> {
        let hosts = all_hosts(lists)?;
        let made = KeyPair::generate().and_then(|key| {
            let certificate = parameters(&hosts).self_signed(&key)?;
            Ok(Self { certificate: certificate.pem(), key: key.serialize_pem() })
        });
        made.map_err(failed)
    }
}

fn failed(error: rcgen::Error) -> Error {
    let (why, given) = (error.to_string(), TlsGiven::default());
    Error::Tls { peer: "our own authority".into(), why, cause: TlsCause::Other, given }
}

fn all_hosts(lists: &[String]) -> Result<Vec<ListedHosts>, Error> {
    let wrong = |entry| Error::usage(format!("{entry:?} is not a host: a name, *.NAME, an address or a network is"));
    let hosts: Result<Vec<_>, _> = lists.iter().map(|list| listed_hosts(list).map_err(wrong)).collect();
    Ok(hosts?.concat())
}

fn parameters(hosts: &[ListedHosts]) -> CertificateParams {
    let now = SystemTime::now();
    let mut parameters = CertificateParams::default();
    parameters.not_before = (now - BACKDATED).into();
    parameters.not_after = (now + LIFETIME).into();
    parameters.serial_number = Some(serial_number());
    parameters.distinguished_name = DistinguishedName::new();
    // Two of them are never taken for each other.
    let name = format!("wscli proxy CA {:08x}", rand::random::<u32>());
    parameters.distinguished_name.push(DnType::CommonName, name);
    // What it signs signs nothing more.
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters.name_constraints = constraints(hosts);
    parameters
}

/// RFC 5280 §4.1.2.2: a positive number that no other certificate of the same issuer has.
pub(super) fn serial_number() -> SerialNumber {
    let mut bytes: [u8; 16] = rand::random();
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

/// RFC 5280 §4.2.1.10: of a kind that isn't named, every one would be permitted.
fn constraints(hosts: &[ListedHosts]) -> Option<NameConstraints> {
    if hosts.is_empty() || hosts.contains(&ListedHosts::All) {
        return None;
    }
    let mut constraints = NameConstraints { permitted_subtrees: Vec::new(), excluded_subtrees: Vec::new() };
    for host in hosts {
        constraints.permitted_subtrees.extend(match host {
            ListedHosts::All => None,
            ListedHosts::Name(name) => Some(GeneralSubtree::DnsName(name.clone())),
            ListedHosts::Network(address, length) => {
                Some(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, *length)))
            }
        });
    }
    let has = |is_of_kind: fn(&GeneralSubtree) -> bool| constraints.permitted_subtrees.iter().any(is_of_kind);
    let has_addresses = has(|subtree| matches!(subtree, GeneralSubtree::IpAddress(_)));
    if !has(|subtree| matches!(subtree, GeneralSubtree::DnsName(_))) {
        constraints.permitted_subtrees.push(GeneralSubtree::DnsName(NO_NAME.into()));
    }
    if !has_addresses {
        constraints.excluded_subtrees = vec![
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([0; 4], 0)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix([0; 16], 0)),
        ];
    }
    Some(constraints)
}

impl CertificateAuthority {
    /// # Errors
    /// Files that can't be read, and a key that isn't the certificate's.
    pub(crate) fn from_files(certificate: &Path, key: &Path) -> Result<Self, Error> {
        let first = certificates(certificate)?.into_iter().next();
        let der = first.ok_or_else(|| Error::file(certificate, "it has no certificate in PEM form"))?;
        let unusable = |path| move |error: rcgen::Error| Error::file(path, error);
        let pair = KeyPair::try_from(&private_key(key)?).map_err(unusable(key))?;
        let public = public_key_of(&der).unwrap_or_default();
        if rcgen::PublicKeyData::subject_public_key_info(&pair) != public {
            return Err(Error::file(key, format!("its key is not that of {}", certificate.display())));
        }
        let permitted = permitted(&der);
        // The name and the key's identifier are taken from the certificate as they stand there.
        let issuer = Issuer::from_ca_cert_der(&der, pair).map_err(unusable(certificate))?;
        Ok(Self { issuer, certificate: der, permitted })
    }

    /// What there is to tell of it. `None` for what can't be read.
    pub(crate) fn facts(&self) -> Option<AuthorityFacts> {
        let hash = digest(&SHA256, &public_key_of(&self.certificate)?);
        Some(AuthorityFacts {
            certificate: CertificateFacts::of(&self.certificate)?,
            public_key: BASE64.encode(hash.as_ref()),
            permitted: self.permitted.iter().flatten().map(in_words).collect(),
        })
    }

    /// Whether it may sign for all hosts though those of these lists alone are meant.
    ///
    /// # Errors
    /// An entry that is no host.
    pub(crate) fn is_wider_than(&self, lists: &[String]) -> Result<bool, Error> {
        let hosts = all_hosts(lists)?;
        Ok(self.permitted.is_none() && !hosts.is_empty() && !hosts.contains(&ListedHosts::All))
    }

    /// The first host of these lists that it may not sign for.
    ///
    /// # Errors
    /// An entry that is no host.
    pub(crate) fn not_permitted(&self, lists: &[String]) -> Result<Option<String>, Error> {
        let hosts = all_hosts(lists)?;
        let Some(permitted) = &self.permitted else { return Ok(None) };
        let is_permitted = |host: &ListedHosts| permitted.iter().any(|permitted| covers(permitted, host));
        Ok(hosts.iter().find(|host| !is_permitted(host)).map(in_words))
    }
}

/// The whole of it, with its algorithm.
fn public_key_of(der: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(certificate.public_key().raw.to_vec())
}

fn permitted(der: &[u8]) -> Option<Vec<ListedHosts>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let constraints = certificate.name_constraints().ok()??;
    let subtrees = constraints.value.permitted_subtrees.as_deref().unwrap_or_default();
    let hosts = subtrees.iter().filter_map(|subtree| match &subtree.base {
        GeneralName::DNSName(NO_NAME) => None,
        GeneralName::DNSName(name) => Some(ListedHosts::Name((*name).to_owned())),
        GeneralName::IPAddress(bytes) => network(bytes),
        _ => None,
    });
    Some(hosts.collect())
}

/// RFC 5280 §4.2.1.10: an address and a mask of the same length.
fn network(bytes: &[u8]) -> Option<ListedHosts> {
    let (address, mask) = bytes.split_at(bytes.len() / 2);
    let length = mask.iter().map(|byte| byte.count_ones() as u8).sum();
    let address = match address.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
        _ => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
    };
    Some(ListedHosts::Network(address, length))
}

fn covers(permitted: &ListedHosts, host: &ListedHosts) -> bool {
    match (permitted, host) {
        (ListedHosts::Name(name), ListedHosts::Name(host)) => is_same_name(host, name) || is_below(host, name),
        (ListedHosts::Network(network, length), ListedHosts::Network(address, bits)) => {
            bits >= length && is_listed(&format!("{network}/{length}"), &address.to_string(), 0)
        }
        _ => false,
    }
}

fn in_words(host: &ListedHosts) -> String {
    match host {
        ListedHosts::All => "*".into(),
        ListedHosts::Name(name) => name.clone(),
        ListedHosts::Network(address, length) if *length == bits_of(*address) => address.to_string(),
        ListedHosts::Network(address, length) => format!("{address}/{length}"),
    }
}
