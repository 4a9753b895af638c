//! The flags that say whom a client believes.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::TLS;
use crate::net::Trust;

#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// Trust these certificates too (PEM), besides Mozilla's roots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = TLS)]
    cacert: Option<PathBuf>,

    /// Trust any certificate
    #[arg(short = 'k', long, help_heading = TLS)]
    insecure: bool,
}

impl TrustArgs {
    pub(crate) fn trust(&self) -> Trust {
        Trust { cacert: self.cacert.clone(), insecure: self.insecure }
    }
}
