//! The flags of TLS as a client.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::TLS;
use crate::client::TlsConfig;
use crate::net::TlsVersion;

#[derive(Debug, Args)]
pub(super) struct ClientTlsArgs {
    /// Trust these certificates too (PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = TLS)]
    cacert: Option<PathBuf>,

    /// Trust the system's roots instead of Mozilla's
    #[arg(long, help_heading = TLS)]
    native_roots: bool,

    /// Trust any certificate
    #[arg(short = 'k', long, help_heading = TLS)]
    insecure: bool,

    /// A certificate to show when the server asks for one, with its chain (PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = TLS)]
    cert: Option<PathBuf>,

    /// The certificate's private key (PEM); the passphrase of an encrypted one is asked for [default: in --cert's file]
    #[arg(long, value_name = "FILE", requires = "cert", value_hint = ValueHint::FilePath, help_heading = TLS)]
    key: Option<PathBuf>,

    /// The oldest version of TLS that is spoken
    #[arg(long, value_name = "1.2|1.3", default_value = "1.2", value_parser = version, help_heading = TLS)]
    tls_min: TlsVersion,

    /// The newest version of TLS that is spoken
    #[arg(long, value_name = "1.2|1.3", default_value = "1.3", value_parser = version, help_heading = TLS)]
    tls_max: TlsVersion,

    /// The name to ask for and to check the certificate against [default: the URL's host]
    #[arg(long, value_name = "NAME", help_heading = TLS)]
    sni: Option<String>,

    /// Application protocols to offer, separated by commas; '' is none
    #[arg(long, value_name = "NAMES", default_value = "http/1.1", help_heading = TLS)]
    alpn: String,
}

impl ClientTlsArgs {
    pub(super) fn config(self) -> TlsConfig {
        TlsConfig {
            cacert: self.cacert,
            native_roots: self.native_roots,
            insecure: self.insecure,
            cert: self.cert,
            key: self.key,
            oldest: self.tls_min,
            newest: self.tls_max,
            server_name: self.sni,
            alpn: self.alpn.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        }
    }
}

fn version(text: &str) -> Result<TlsVersion, String> {
    match text {
        "1.2" => Ok(TlsVersion::V12),
        "1.3" => Ok(TlsVersion::V13),
        _ => Err("it is 1.2 or 1.3".into()),
    }
}
