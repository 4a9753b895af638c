//! The client's certificate and key, out of their files.

use std::path::Path;

use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::der::pem;

use crate::error::Error;
use crate::net::{Identity, Signals};
use crate::stdio::file;
use crate::stdio::password::Question;

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Reads both. The passphrase of an encrypted key is asked for at the terminal.
///
/// # Errors
/// When a file can't be read, has nothing of its kind in it, or the passphrase is wrong.
pub(super) fn load(cert: &Path, key: &Path, signals: &Signals) -> Result<Identity, Error> {
    let text = pem_text(key)?;
    if cert != key {
        pem_text(cert)?;
    }
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(Error::file(key, "the key uses OpenSSL's legacy encryption; convert it with openssl pkcs8 -topk8"));
    }
    if !text.contains(ENCRYPTED) {
        return Identity::from_files(cert, key);
    }
    let words = format!("passphrase of {}", key.display());
    let otherwise = "openssl pkey -in FILE -out FILE removes it";
    let passphrase = Question { words: &words, about: &format!("the {words}"), otherwise }.ask(signals)?;
    let start = text.find(&format!("-----BEGIN {ENCRYPTED}")).unwrap_or_default();
    let (_, der) = pem::decode_vec(text[start..].trim_end().as_bytes()).map_err(|error| Error::file(key, error))?;
    let sealed = EncryptedPrivateKeyInfo::try_from(der.as_slice()).map_err(|error| Error::file(key, error))?;
    let opened = sealed.decrypt(passphrase).map_err(|_| Error::file(key, "wrong passphrase"))?;
    Identity::from_parts(cert, opened.as_bytes().to_vec())
}

/// The text of a file, which is named for what it is where that isn't PEM.
fn pem_text(path: &Path) -> Result<String, Error> {
    let bytes = file::bytes(path)?;
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
