//! The flags of a forward proxy.

use clap::Args;

use crate::commands::proxy::ForwardConfig;
use crate::net::check_host_list;
use crate::server::forward::ConnectPorts;
use crate::values;

const FORWARD: &str = "Forward proxy";

/// Flags that are of one target, or of web pages that open a connection to it.
const OF_A_TARGET: [&str; 17] = [
    "keep_host",
    "keep_origin",
    "host",
    "origin",
    "user",
    "digest",
    "bearer",
    "cookies",
    "cookie_jar",
    "location",
    "location_trusted",
    "location_downgrade",
    "unix_socket",
    "sni",
    "origins",
    "hosts",
    "page",
];

#[derive(Debug, Args)]
pub(super) struct ForwardArgs {
    /// Run an HTTP proxy (CONNECT and absolute URLs) and a SOCKS 5 proxy on one port, instead of forwarding to one target.
    /// WebSockets that clients open through it without TLS are shown; everything else passes through untouched, and request
    /// flags (-H) apply to WebSockets only. --auth, --auth-bearer or --client-ca is required to listen beyond loopback
    #[arg(long, conflicts_with_all = OF_A_TARGET, help_heading = FORWARD)]
    forward: bool,

    /// Open the TLS of this host, to show the WebSockets inside, with certificates from the CA that 'wscli proxy ca' creates: a
    /// name including its subdomains, *.NAME, an address or a network, each with an optional :PORT, or * for all; repeatable or
    /// comma-separated [default: none]. With 'wscli proxy ca': the hosts that the CA may sign for [default: all]
    #[arg(long, value_name = "HOST", value_parser = host, help_heading = FORWARD)]
    intercept: Vec<String>,

    /// Allow tunnels (CONNECT, SOCKS 5) to these ports, or * for all; repeatable or comma-separated [default: 80, 443]. Clients
    /// on this machine can always reach loopback addresses
    #[arg(long, value_name = "PORT", value_delimiter = ',', value_parser = port, help_heading = FORWARD)]
    allow_connect: Vec<Option<u16>>,
}

impl ForwardArgs {
    pub(super) fn is_asked_for(&self) -> bool {
        self.forward
    }

    /// The hosts whose TLS is opened.
    pub(super) fn intercepted(&self) -> &[String] {
        &self.intercept
    }

    /// `None` where it isn't asked for.
    pub(super) fn config(&self) -> Option<ForwardConfig> {
        let ports: Option<Vec<_>> = self.allow_connect.iter().copied().collect();
        let allowed = match ports {
            None => ConnectPorts::All,
            Some(none) if none.is_empty() => ConnectPorts::default(),
            Some(ports) => ConnectPorts::Listed(ports),
        };
        self.forward.then(|| ForwardConfig { allowed, intercepted: self.intercept.clone() })
    }
}

/// Each entry stands for something.
fn host(text: &str) -> Result<String, String> {
    match check_host_list(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(entry) => Err(format!("{entry:?} is not a host: a name, *.NAME, an address, a network or * is")),
    }
}

/// `None` is every port.
fn port(text: &str) -> Result<Option<u16>, String> {
    match text {
        "*" => Ok(None),
        digits => match values::port(digits) {
            None | Some(0) => Err("expected a port from 1 to 65535, or *".into()),
            port => Ok(port),
        },
    }
}
