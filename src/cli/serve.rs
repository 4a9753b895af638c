//! The flags of `wscli serve`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::TLS;
use super::connection::ConnectionArgs;
use crate::error::Error;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen: PORT, :PORT or HOST:PORT; port 0 takes a free one
    #[arg(default_value = "127.0.0.1:8080")]
    pub(crate) address: String,

    /// Send every message back to its sender (the default)
    #[arg(long)]
    pub(crate) echo: bool,

    /// Serve wss with a self-signed certificate for localhost, made at the start
    #[arg(long, help_heading = TLS)]
    pub(crate) tls: bool,

    /// Serve wss with this certificate chain (PEM)
    #[arg(long, value_name = "FILE", requires = "key", value_hint = ValueHint::FilePath, help_heading = TLS)]
    pub(crate) cert: Option<PathBuf>,

    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", value_hint = ValueHint::FilePath, help_heading = TLS)]
    pub(crate) key: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

impl Serve {
    /// The address with what was left out filled in.
    ///
    /// # Errors
    /// When it isn't PORT, :PORT or HOST:PORT.
    pub(crate) fn address(&self) -> Result<String, Error> {
        let text = self.address.as_str();
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        if port.parse::<u16>().is_err() {
            let hint = Some("an address is PORT, :PORT or HOST:PORT, such as :8080 or [::1]:0".to_owned());
            return Err(Error::Usage { what: format!("{text:?} is no address to listen on"), hint });
        }
        Ok(format!("{}:{port}", if host.is_empty() { "127.0.0.1" } else { host }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn address(text: &str) -> Result<String, Error> {
        match Cli::try_parse_from(["wscli", "serve", text]).unwrap().command {
            Command::Serve(serve) => serve.address(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn addresses_are_completed() {
        for (text, whole) in [
            ("0", "127.0.0.1:0"),
            (":8080", "127.0.0.1:8080"),
            ("localhost:9", "localhost:9"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(address(text).unwrap(), whole);
        }
        for text in ["", "localhost", "1.2.3.4:", ":99999", "a:b"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
