//! The flags of TLS as a server.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::TLS;
use crate::commands::listening::Certificate;

#[derive(Debug, Args)]
pub(super) struct ServerTlsArgs {
    /// Serve wss with a self-signed certificate for localhost, generated at startup; ws stays available on the same port
    #[arg(long, help_heading = TLS)]
    tls: bool,

    /// Add a name or address to the self-signed certificate; repeatable
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls", help_heading = TLS)]
    tls_names: Vec<String>,

    /// Serve wss with this certificate chain (PEM)
    #[arg(id = "own_cert", long = "cert", alias = "tls-cert", value_name = "FILE", requires = "own_key", conflicts_with = "tls_names",
          value_hint = ValueHint::FilePath, help_heading = TLS)]
    cert: Option<PathBuf>,

    /// Private key of --cert (PEM)
    #[arg(id = "own_key", long = "key", alias = "tls-key", value_name = "FILE", requires = "own_cert", value_hint = ValueHint::FilePath,
          help_heading = TLS)]
    key: Option<PathBuf>,

    /// Require client certificates issued by these CAs (PEM); disables ws on the port
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = TLS)]
    client_ca: Option<PathBuf>,
}

impl ServerTlsArgs {
    /// The server's certificate, and the authority of its clients'.
    pub(super) fn config(self) -> (Option<Certificate>, Option<PathBuf>) {
        let certificate = match (self.cert, self.key) {
            (Some(cert), Some(key)) => Some(Certificate::Files { cert, key }),
            _ => self.tls.then_some(Certificate::SelfSigned { names: self.tls_names }),
        };
        (certificate, self.client_ca)
    }
}
