//! Where the authority of this user is, by which the proxy stands in for servers.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::advice;
use crate::error::Error;
use crate::net::{CertificateAuthority, NewAuthority};
use crate::stdio::file::user_directory;
use crate::stdio::replaced_file::{AS_USUAL, OURS_ALONE, replace};

/// Only its owner may enter it.
const PRIVATE_FOLDER: u32 = 0o700;

/// The folder of an authority.
#[derive(Debug)]
pub(super) struct AuthorityFolder {
    pub(super) path: PathBuf,
}

impl AuthorityFolder {
    /// That of this user: `wscli/ca` among the data of programs.
    ///
    /// # Errors
    /// A user without a home.
    pub(super) fn of_user() -> Result<Self, Error> {
        let data = user_directory("XDG_DATA_HOME", ".local/share");
        let nowhere = || Error::usage("neither XDG_DATA_HOME nor HOME is an absolute path: the authority has no place");
        Ok(Self { path: data.ok_or_else(nowhere)?.join("wscli/ca") })
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.path.join("ca.pem")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.path.join("key.pem")
    }

    /// The authority in it; `None` where there is none.
    ///
    /// # Errors
    /// Files that are of no use, and a key that others may read.
    pub(super) fn authority(&self) -> Result<Option<CertificateAuthority>, Error> {
        let key = self.key();
        match fs::metadata(&key) {
            Ok(facts) if facts.permissions().mode() & 0o077 != 0 => Err(advice::shared_key(&key)),
            Ok(_) => CertificateAuthority::from_files(&self.certificate(), &key).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::unreadable(&key, &error)),
        }
    }

    /// Puts a new one there. The key comes last: what has none isn't there.
    ///
    /// # Errors
    /// What can't be written.
    pub(super) fn keep(&self, made: &NewAuthority) -> Result<(), Error> {
        let created = DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(&self.path);
        created.map_err(|error| Error::file(&self.path, format!("can't be made: {error}")))?;
        let write = |path: &Path, text: &str, mode| {
            let written = replace(path, text.as_bytes(), mode);
            written.map(drop).map_err(|error| Error::file(path, format!("can't be written: {error}")))
        };
        write(&self.certificate(), &made.certificate, AS_USUAL)?;
        write(&self.key(), &made.key, OURS_ALONE)
    }
}
