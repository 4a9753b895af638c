//! Flags, for messages that say which one they are about.

pub(crate) const ALLOW_FAULTS: &str = "--no-check";
pub(crate) const AUTH: &str = "--auth";
pub(crate) const BEARER: &str = "--bearer";
pub(crate) const CLIENT_CA: &str = "--client-ca";
pub(crate) const DATA: &str = "-d";
pub(crate) const EXPECT: &str = "--expect";
pub(crate) const FROM_CURL: &str = "--from-curl";
pub(crate) const VAR: &str = "--var";
pub(crate) const MAX_TIME: &str = "--max-time";
pub(crate) const OUT: &str = "--out";
pub(crate) const OUTPUT_FILE: &str = "-o";
pub(crate) const QUIET: &str = "-q";
pub(crate) const REJECT: &str = "--reject";
pub(crate) const UNTIL: &str = "--until";
