//! All the flags of reaching a server.

use std::time::Duration;

use clap::{Args, ValueHint};

use super::DEADLINES;
use super::dial::RouteArgs;
use super::request::RequestArgs;
use super::tls::TlsArgs;
use super::verbosity::ReportArgs;
use crate::values::deadline;

#[derive(Debug, Clone, Args)]
pub(crate) struct ClientArgs {
    /// ws://HOST[:PORT][/PATH], wss://…, HOST:PORT, :PORT or ws+unix:PATH:/RESOURCE
    #[arg(value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,

    #[command(flatten)]
    pub(crate) request: RequestArgs,

    #[command(flatten)]
    pub(crate) report: ReportArgs,

    #[command(flatten)]
    pub(crate) route: RouteArgs,

    #[command(flatten)]
    pub(crate) tls: TlsArgs,

    /// Deadline for resolving and connecting, again for the proxy, and again for the TLS handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = DEADLINES)]
    pub(crate) connect_timeout: Duration,
}
