//! What a certificate says, for people.

use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

use super::fingerprint::Fingerprint;
use super::unsupported_keys::UNSUPPORTED_KEYS;
use crate::peer_text::{PeerText, listed};

/// A certificate in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CertificateFacts {
    /// Empty where an alternative name alone says whose it is (RFC 5280 §4.1.2.6).
    pub(crate) subject: PeerText,
    pub(crate) issuer: PeerText,
    #[serde(skip)]
    pub(super) is_self_signed: bool,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) not_before: OffsetDateTime,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) not_after: OffsetDateTime,
    /// The DNS names and addresses that it is for.
    pub(crate) names: Vec<PeerText>,
    #[serde(rename = "sha256")]
    pub(crate) fingerprint: Fingerprint,
    /// Why no check can accept it, whoever is trusted.
    #[serde(skip)]
    pub(super) defect: Option<Defect>,
}

/// What TLS carries, and no check of ours accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Defect {
    /// Before version 3 (RFC 5280 §4.1.2.1), which TLS demands (RFC 8446 §4.4.2.2).
    Version(u32),
    /// An RSA key of so many bits.
    ShortKey(usize),
    /// A key of a kind that no signature can be checked with.
    Key(&'static str),
    /// RFC 5280 §4.2: what can't be processed must be refused. The object identifier.
    CriticalExtension(String),
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "is X.509 version {version}, and TLS demands 3 (RFC 8446 §4.4.2.2)"),
            Self::ShortKey(bits) => write!(f, "has an RSA key of {bits} bits, and fewer than 2048 are not accepted"),
            Self::Key(kind) => write!(f, "has {kind} key, which is not supported"),
            Self::CriticalExtension(oid) => write!(f, "has the unknown critical extension {oid} (RFC 5280 §4.2)"),
        }
    }
}

/// What kind of key it has, where that is of no use to a check.
fn unsupported_key(certificate: &X509Certificate<'_>) -> Option<&'static str> {
    let algorithm = &certificate.public_key().algorithm;
    let curve = algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
    let oids = [Some(algorithm.algorithm.to_id_string()), curve.map(|curve| curve.to_id_string())];
    let is_its = |oid: &str| oids.iter().flatten().any(|its| its == oid);
    UNSUPPORTED_KEYS.iter().find(|(oid, _)| is_its(oid)).map(|(_, kind)| *kind)
}

/// Whether no signature under its key can be checked.
pub(super) fn has_unsupported_key(der: &[u8]) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| unsupported_key(&certificate).is_some())
}

impl Defect {
    fn of(certificate: &X509Certificate<'_>) -> Option<Self> {
        let version = certificate.version().0.saturating_add(1);
        if version < 3 {
            return Some(Self::Version(version));
        }
        if let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed()
            && key.key_size() < 2048
        {
            return Some(Self::ShortKey(key.key_size()));
        }
        if let Some(kind) = unsupported_key(certificate) {
            return Some(Self::Key(kind));
        }
        // Those that webpki reads: key usage, names, basic and name constraints, where lists of revocations are, and
        // extended key usage.
        let known = |oid: &str| ["15", "17", "19", "30", "31", "37"].iter().any(|last| oid == format!("2.5.29.{last}"));
        let oids = certificate.extensions().iter().filter(|one| one.critical).map(|one| one.oid.to_id_string());
        oids.filter(|oid| !known(oid)).map(Self::CriticalExtension).next()
    }
}

/// Why a certificate of ours can't be used, where `error` says it in the words of a library.
pub(super) fn why_unusable(own: &[u8], error: &rustls::Error) -> String {
    let certificate = X509Certificate::from_der(own).ok();
    match certificate.and_then(|(_, certificate)| Defect::of(&certificate)) {
        Some(defect @ Defect::Version(_)) => format!(
            "the certificate {defect}; openssl x509 -req -extfile FILE, with any extension in FILE, makes version 3"
        ),
        _ => error.to_string(),
    }
}

impl CertificateFacts {
    /// `None` for what can't be read.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let extension = certificate.subject_alternative_name().ok().flatten();
        let names = extension.map_or(&[][..], |extension| &extension.value.general_names);
        Some(Self {
            subject: PeerText::new(name_words(certificate.subject())),
            issuer: PeerText::new(name_words(certificate.issuer())),
            is_self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            not_before: certificate.validity().not_before.to_datetime(),
            not_after: certificate.validity().not_after.to_datetime(),
            names: names.iter().filter_map(alternative_name).map(PeerText::new).collect(),
            fingerprint: Fingerprint::of(der),
            defect: Defect::of(&certificate),
        })
    }

    /// Whose it is, in a line.
    pub(crate) fn summary(&self) -> String {
        format!("{}, issued by {}", self.whose(), self.authority())
    }

    /// The subject, or the first alternative name in its place.
    pub(super) fn whose(&self) -> PeerText {
        self.names.first().filter(|_| self.subject.raw().is_empty()).cloned().unwrap_or_else(|| named(&self.subject))
    }

    /// The issuer.
    pub(super) fn authority(&self) -> PeerText {
        named(&self.issuer)
    }

    /// What else it says, a line each.
    pub(crate) fn details(&self) -> Vec<String> {
        let Self { not_before, not_after, names, fingerprint, .. } = self;
        let valid = format!("valid from {} to {}", moment(*not_before), moment(*not_after));
        let names = (!names.is_empty()).then(|| format!("for {}", listed(names)));
        [Some(valid), names, Some(format!("SHA-256 {fingerprint}"))].into_iter().flatten().collect()
    }
}

fn named(name: &PeerText) -> PeerText {
    if name.raw().is_empty() { PeerText::new("an empty name") } else { name.clone() }
}

/// The common name where there is one, else the whole name.
fn name_words(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|name| name.as_str().ok());
    common.map_or_else(|| name.to_string(), str::to_owned)
}

fn alternative_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    }
}

/// A date and a time to the second, in UTC (RFC 3339).
fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

fn rfc3339<S: Serializer>(at: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment(*at))
}

/// A day, as ISO 8601 has it.
pub(super) fn day(at: OffsetDateTime) -> String {
    moment(at).split('T').next().unwrap_or_default().to_owned()
}
