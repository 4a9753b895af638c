//! The flags of TLS as a client.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::TLS;
use super::choice::one_of;
use crate::client::TlsConfig;
use crate::net::TlsVersion;

/// The flags that say which version is the oldest, of which the last one counts.
pub(super) const OLDEST_TLS: [&str; 3] = ["tls_min", "tls_1_2", "tls_1_3"];

#[derive(Debug, Args)]
pub(super) struct ClientTlsArgs {
    /// Also trust these certificates (PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = TLS)]
    cacert: Option<PathBuf>,

    /// Trust the system's root certificates instead of Mozilla's
    #[arg(long, alias = "ca-native", help_heading = TLS)]
    native_roots: bool,

    /// Accept any certificate
    #[arg(short = 'k', long, help_heading = TLS)]
    insecure: bool,

    /// Client certificate chain (PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = TLS)]
    cert: Option<PathBuf>,

    /// Private key of --cert (PEM); prompts for the passphrase of an encrypted key [default: the --cert file]
    #[arg(long, value_name = "FILE", requires = "cert", value_hint = ValueHint::FilePath, help_heading = TLS)]
    key: Option<PathBuf>,

    /// Minimum TLS version
    #[arg(long, value_name = "1.2|1.3", default_value = "1.2", value_parser = one_of(&TlsVersion::NAMES), hide_possible_values = true, overrides_with_all = ["tls_1_2", "tls_1_3"], help_heading = TLS)]
    tls_min: TlsVersion,

    /// --tls-min 1.2, as curl spells it
    #[arg(long = "tlsv1.2", hide = true, overrides_with_all = ["tls_min", "tls_1_3"])]
    tls_1_2: bool,

    /// --tls-min 1.3, as curl spells it
    #[arg(long = "tlsv1.3", hide = true, overrides_with_all = ["tls_min", "tls_1_2"])]
    tls_1_3: bool,

    /// Maximum TLS version
    #[arg(long, value_name = "1.2|1.3", default_value = "1.3", value_parser = one_of(&TlsVersion::NAMES), hide_possible_values = true, help_heading = TLS)]
    tls_max: TlsVersion,

    /// Server name to send and to verify the certificate against [default: the URL's host]
    #[arg(long, value_name = "NAME", help_heading = TLS)]
    sni: Option<String>,

    /// Comma-separated application protocols to offer; '' for none
    #[arg(long, value_name = "NAMES", default_value = "http/1.1", help_heading = TLS)]
    alpn: String,
}

impl ClientTlsArgs {
    fn oldest(&self) -> TlsVersion {
        match (self.tls_1_2, self.tls_1_3) {
            (_, true) => TlsVersion::V13,
            (true, _) => TlsVersion::V12,
            _ => self.tls_min,
        }
    }

    pub(super) fn config(self) -> TlsConfig {
        let oldest = self.oldest();
        TlsConfig {
            cacert: self.cacert,
            native_roots: self.native_roots,
            insecure: self.insecure,
            cert: self.cert,
            key: self.key,
            oldest,
            newest: self.tls_max,
            server_name: self.sni,
            alpn: self.alpn.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        }
    }
}
