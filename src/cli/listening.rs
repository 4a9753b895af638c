//! The flags of whoever listens.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::admission::AdmissionArgs;
use super::deadlines::DEADLINES;
use super::faults::FaultArgs;
use super::recording::RecordingArgs;
use super::server_tls::ServerTlsArgs;
use crate::commands::listening::ListeningConfig;
use crate::http::Secrets;
use crate::server::Limits;
use crate::server::log::Verbosity;
use crate::stdio::file::to_write;
use crate::values::{self, duration, split_port};
use crate::view::frames::FrameDetail;

/// Where one listens if nothing else is said.
const DEFAULT: &str = "127.0.0.1:8080";

#[derive(Debug, Args)]
pub(super) struct ListeningArgs {
    /// Listen on 127.0.0.1:PORT; repeatable
    #[arg(short = 'p', long = "port", value_name = "PORT")]
    ports: Vec<u16>,

    /// Also listen on a Unix socket; removed on exit
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    unix: Option<PathBuf>,

    /// Once listening, write the ports to a file, one per line; removed on exit
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    port_file: Option<PathBuf>,

    /// Log only warnings and errors, and what --exec commands write to stderr
    #[arg(short = 'q', long, conflicts_with = "verbose")]
    quiet: bool,

    /// Also write events to stdout, one JSON object per line (wscli man serve-events); the log stays on stderr
    #[arg(long, value_name = "FORMAT", value_parser = ["json"])]
    out: Option<String>,

    #[command(flatten)]
    recording: RecordingArgs,

    #[command(flatten)]
    admission: AdmissionArgs,

    /// Close a connection after this long without a message or a ping from the client; 0 for never
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration, help_heading = DEADLINES)]
    idle_timeout: Duration,

    #[command(flatten)]
    tls: ServerTlsArgs,

    #[command(flatten)]
    faults: FaultArgs,
}

/// What is said of the log by flags that aren't only of listeners.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogFlags {
    pub(super) verbose: bool,
    pub(super) secrets: Secrets,
    pub(super) frames: Option<FrameDetail>,
}

impl ListeningArgs {
    /// For how long a connection may be idle.
    pub(super) fn idle_timeout(&self) -> Option<Duration> {
        (!self.idle_timeout.is_zero()).then_some(self.idle_timeout)
    }

    /// With the addresses that are given without a flag.
    pub(super) fn config(self, addresses: Vec<String>, log: LogFlags) -> ListeningConfig {
        let addresses = self.listens_on(addresses);
        let verbosity = match (self.quiet, log.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        };
        let (certificate, client_ca) = self.tls.config();
        let AdmissionArgs { origins, hosts, auth, bearer, max_connections, proxy_protocol } = self.admission;
        ListeningConfig {
            addresses,
            unix: self.unix,
            port_file: self.port_file.map(|path| to_write(&path).to_owned()),
            certificate,
            client_ca,
            proxy_protocol,
            limits: Limits { connections: max_connections },
            web_access: AdmissionArgs::web_access(origins, hosts),
            auth,
            bearer,
            verbosity,
            secrets: log.secrets,
            frames: log.frames,
            json: self.out.is_some(),
            recording: self.recording.config(),
            faults: self.faults.config(),
            leaves_to_chance: false,
            rules_files: Vec::new(),
        }
    }

    /// The first address that is named by a flag, or the one that everybody tries first.
    pub(super) fn first_address(&self) -> String {
        self.ports.first().map_or_else(|| DEFAULT.to_owned(), |port| format!("127.0.0.1:{port}"))
    }

    /// The addresses; where nothing is said, the one that everybody tries first.
    fn listens_on(&self, addresses: Vec<String>) -> Vec<String> {
        let ports = self.ports.iter().map(|port| format!("127.0.0.1:{port}"));
        let mut all: Vec<_> = addresses.into_iter().chain(ports).collect();
        if all.is_empty() && self.unix.is_none() {
            all.push(DEFAULT.into());
        }
        all
    }
}

/// PORT, :PORT or HOST:PORT, with the host filled in.
pub(super) fn address(text: &str) -> Result<String, String> {
    let (host, digits) = match split_port(text) {
        (host, Some(digits)) => (host, digits),
        (digits, None) => ("", digits),
    };
    let port = values::port(digits).ok_or_else(|| match split_port(text) {
        // A URL is none. The word itself may be a secret, and is told where it is none.
        (host, None)
            if !host.contains(['/', '@'])
                && (host.starts_with(|c: char| c.is_ascii_alphabetic() || c == '[') || host.contains('.')) =>
        {
            "it has no port; HOST:8080 has one"
        }
        _ => "expected PORT, :PORT or HOST:PORT, such as :8080 or [::1]:0",
    })?;
    Ok(format!("{}:{port}", if host.is_empty() { "127.0.0.1" } else { host }))
}
