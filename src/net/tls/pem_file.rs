//! Files of certificates and keys in PEM (RFC 7468), each named for what it is where it is something else.

use std::fs;
use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::Error;

/// The label of a key that is encrypted (RFC 7468 §11).
pub(crate) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The file's text.
///
/// # Errors
/// A file that can't be read, or isn't PEM.
pub(crate) fn text(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| Error::unreadable(path, &error))?;
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

pub(in crate::net) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = text(path)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let certificates = read.map_err(|error| Error::file(path, error))?;
    if certificates.is_empty() { Err(Error::file(path, "it has no certificate in PEM form")) } else { Ok(certificates) }
}

/// A key that isn't encrypted.
pub(in crate::net) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let text = text_of_key(path)?;
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| match error {
        pem::Error::NoItemsFound if text.contains(ENCRYPTED) => {
            Error::file(path, "the key is encrypted; openssl pkey -in FILE -out FILE decrypts it")
        }
        pem::Error::NoItemsFound => Error::file(path, "it has no private key in PEM form"),
        error => Error::file(path, error),
    })
}
