//! The client's certificate and key, out of their files.

use std::path::Path;

use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::der::pem;

use super::asking::Asker;
use crate::error::Error;
use crate::net::Identity;
use crate::net::pem_file::{self, ENCRYPTED};
use crate::stdio::password::Question;

/// Reads both. The passphrase of an encrypted key is asked for at the terminal.
///
/// # Errors
/// When a file can't be read, has nothing of its kind in it, or the passphrase is wrong.
pub(super) fn load(cert: &Path, key: &Path, asker: &Asker<'_>) -> Result<Identity, Error> {
    let text = pem_file::text_of_key(key)?;
    if !text.contains(ENCRYPTED) {
        return Identity::from_files(cert, key);
    }
    // What is wrong with the other file is told before anything is asked.
    pem_file::text(cert)?;
    let words = format!("passphrase of {}", key.display());
    let otherwise = "openssl pkey -in FILE -out FILE removes it";
    let passphrase = asker.of_all(&Question { words: &words, about: &format!("the {words}"), otherwise })?;
    let start = text.find(&format!("-----BEGIN {ENCRYPTED}")).unwrap_or_default();
    let (_, der) = pem::decode_vec(text[start..].trim_end().as_bytes()).map_err(|error| Error::file(key, error))?;
    let sealed = EncryptedPrivateKeyInfo::try_from(der.as_slice()).map_err(|error| Error::file(key, error))?;
    let opened = sealed.decrypt(passphrase).map_err(|_| Error::file(key, "wrong passphrase"))?;
    Identity::from_parts(cert, (key, opened.as_bytes().to_vec()))
}
