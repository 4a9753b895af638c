//! A certificate's SHA-256, as browsers and openssl print it.

use std::fmt;

use ring::digest::{SHA256, digest};
use serde::{Serialize, Serializer};

/// SHA-256 of the DER form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(Vec<u8>);

impl Fingerprint {
    pub(crate) fn of(der: &[u8]) -> Self {
        Self(digest(&SHA256, der).as_ref().to_vec())
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(i, byte)| write!(f, "{}{byte:02X}", if i == 0 { "" } else { ":" }))
    }
}
