//! Files of certificates and keys in PEM (RFC 7468), each named for what it is where it is something else.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::unsupported_keys;
use crate::error::Error;

/// The label of a key that is encrypted (RFC 7468 §11).
pub(crate) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// What else may be in such a file, by its label, and what to do about it.
const OTHER_CONTENTS: [(&str, &str); 8] = [
    ("OPENSSH PRIVATE KEY", "it has an OpenSSH key, which ssh-keygen converts to PKCS #8"),
    ("DSA PRIVATE KEY", "it has a DSA key, which is not supported"),
    ("PKCS7", "it is PKCS #7; openssl pkcs7 -print_certs -in FILE -out FILE.pem converts it"),
    ("CMS", "it is PKCS #7; openssl pkcs7 -print_certs -in FILE -out FILE.pem converts it"),
    (
        "TRUSTED CERTIFICATE",
        "it is a certificate with trust settings of OpenSSL; openssl x509 -in FILE -out FILE.pem converts it",
    ),
    ("CERTIFICATE REQUEST", "it has a certificate signing request, which an authority makes a certificate of"),
    ("PUBLIC KEY", "it has only a public key"),
    ("SSH2 PUBLIC KEY", "it has only a public OpenSSH key"),
];

/// The object identifier of RSA keys.
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

/// The file's text.
///
/// # Errors
/// A file that can't be read, or isn't PEM.
pub(crate) fn text(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| Error::unreadable(&without_passphrase(path, &error), &error))?;
    match bytes.as_slice() {
        // A SEQUENCE that begins with the version 3 (RFC 7292 §4).
        [0x30, 0x80, 2, 1, 3, ..] | [0x30, 0x81, _, 2, 1, 3, ..] | [0x30, 0x82, _, _, 2, 1, 3, ..] => Err(Error::file(
            path,
            "it is PKCS #12, not PEM; convert it with openssl pkcs12 -in FILE -out FILE.pem -nodes",
        )),
        [0x30, 0x81 | 0x82, ..] => {
            Err(Error::file(path, "it is DER, not PEM; openssl x509 or openssl pkey converts it"))
        }
        _ => String::from_utf8(bytes).map_err(|_| Error::file(path, "it is not PEM, which is text")),
    }
}

/// The name of a file that isn't there, without what may be a passphrase: curl has one behind a colon.
fn without_passphrase<'a>(path: &'a Path, why: &io::Error) -> Cow<'a, Path> {
    match path.to_str().and_then(|text| text.split_once(':')) {
        Some((name, _)) if why.kind() == io::ErrorKind::NotFound => PathBuf::from(format!("{name}:…")).into(),
        _ => path.into(),
    }
}

/// The text of a file with a key that may be encrypted, as [`ENCRYPTED`] or not at all.
///
/// # Errors
/// As [`text`], and an encryption of old.
pub(crate) fn text_of_key(path: &Path) -> Result<String, Error> {
    let text = text(path)?;
    match text.contains("Proc-Type: 4,ENCRYPTED") {
        true => {
            Err(Error::file(path, "the key uses OpenSSL's legacy encryption; convert it with openssl pkcs8 -topk8"))
        }
        false => Ok(text),
    }
}

/// # Errors
/// A file that can't be read, or has none.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = text(path)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let certificates = read.map_err(|error| Error::file(path, error))?;
    if certificates.is_empty() {
        return Err(Error::file(path, other_content(&text).unwrap_or("it has no certificate in PEM form")));
    }
    Ok(certificates)
}

/// A key that isn't encrypted.
pub(in crate::net) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let text = text_of_key(path)?;
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| match error {
        pem::Error::NoItemsFound if text.contains(ENCRYPTED) => {
            Error::file(path, "the key is encrypted; openssl pkey -in FILE -out FILE decrypts it")
        }
        pem::Error::NoItemsFound => {
            Error::file(path, other_content(&text).unwrap_or("it has no private key in PEM form"))
        }
        error => Error::file(path, error),
    })
}

/// What a file is that isn't what it should be, where its label says it.
fn other_content(text: &str) -> Option<&'static str> {
    OTHER_CONTENTS.iter().find(|(label, _)| text.contains(&format!("BEGIN {label}-"))).map(|(_, words)| *words)
}

/// Whether there is a private key in it, of any kind and encrypted or not.
pub(crate) fn has_private_key(path: &Path) -> bool {
    text(path).is_ok_and(|text| text.contains("PRIVATE KEY-----"))
}

/// A key that can sign.
///
/// # Errors
/// What kind of key it is otherwise.
pub(in crate::net) fn usable(path: &Path, key: PrivateKeyDer<'static>) -> Result<PrivateKeyDer<'static>, Error> {
    if any_supported_type(&key).is_ok() {
        return Ok(key);
    }
    let der = key.secret_der();
    let has = |oid: &[u8]| der.windows(oid.len()).any(|there| there == oid);
    let is_rsa = matches!(key, PrivateKeyDer::Pkcs1(_)) || has(RSA);
    Err(Error::file(
        path,
        match unsupported_keys::kind_in(der) {
            Some(kind) => format!("it has {kind} key, which is not supported"),
            None if is_rsa => "it has an RSA key, and only those of 2048 to 4096 bits are supported".into(),
            None => "its key is not supported: ECDSA P-256 and P-384, Ed25519 and RSA are".into(),
        },
    ))
}
