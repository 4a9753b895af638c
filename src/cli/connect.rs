//! The flags of `wscli connect`.

use std::time::Duration;

use clap::{Args, ValueHint};

use super::DEADLINES;
use super::connection::ConnectionArgs;
use super::tls::TrustArgs;
use crate::error::Error;
use crate::net::Dialer;
use crate::target::Target;
use crate::values::duration;

#[derive(Debug, Args)]
pub(crate) struct Connect {
    /// ws://HOST[:PORT][/PATH] or wss://…; without it, an echo server inside this process
    #[arg(value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,

    /// Send back every message that arrives, instead of reading stdin
    #[arg(long)]
    pub(crate) echo: bool,

    /// How long the peer must be quiet after stdin's end before the connection is closed
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub(crate) linger: Duration,

    #[command(flatten)]
    pub(crate) trust: TrustArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Deadline for resolving and connecting, and again for the TLS handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration, help_heading = DEADLINES)]
    pub(crate) connect_timeout: Duration,
}

impl Connect {
    /// The way to `url`.
    ///
    /// # Errors
    /// What isn't a WebSocket URL.
    pub(crate) fn dialer(&self, url: &str) -> Result<Dialer, Error> {
        Ok(Dialer {
            target: Target::parse(url)?,
            trust: self.trust.trust(),
            settings: self.connection.settings(),
            connect_timeout: self.connect_timeout,
        })
    }
}
