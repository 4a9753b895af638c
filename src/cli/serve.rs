//! The flags of `wscli serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::admission::AdmissionArgs;
use super::config_flags::ConfigFileArgs;
use super::connection::ConnectionArgs;
use super::deadlines::DEADLINES;
use super::mode::ModeArgs;
use super::prompt::ServerPromptArgs;
use super::recording::RecordingArgs;
use super::server_tls::ServerTlsArgs;
use crate::commands::serve::Config;
use crate::server::log::Verbosity;
use crate::server::web_access::WebAccess;
use crate::server::{Limits, Subprotocols};
use crate::stdio::file::to_write;
use crate::values::{self, duration, split_port};
use crate::ws::Observe;
use crate::ws::handshake::Secrets;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Where to listen: PORT, :PORT or HOST:PORT; repeatable; port 0 picks a free one
    /// [default: 127.0.0.1:8080]
    #[arg(value_parser = address)]
    addresses: Vec<String>,

    /// The same as the address 127.0.0.1:PORT; repeatable
    #[arg(short = 'p', long = "port", value_name = "PORT")]
    ports: Vec<u16>,

    /// Also listen on a Unix socket; removed on exit
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    unix: Option<PathBuf>,

    /// Once listening, write the ports to a file, one per line; removed on exit
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    port_file: Option<PathBuf>,

    #[command(flatten)]
    mode: ModeArgs,

    /// Print the grammar of the rules of --reply, and exit
    #[arg(long)]
    pub(super) help_rules: bool,

    /// Log the heads of requests and responses, and every message (the first 64 KiB of it): < received, > sent. Secrets
    /// in headers and URLs are masked
    #[arg(short = 'v', long)]
    pub(super) verbose: bool,

    /// Log only warnings and errors, and what --exec commands write to stderr
    #[arg(short = 'q', long, conflicts_with = "verbose")]
    quiet: bool,

    /// Show passwords, tokens and cookies in the log and in --out json
    #[arg(long)]
    show_secrets: bool,

    /// Also write events to stdout, one JSON object per line (docs/serve-events.md); the log stays on stderr
    #[arg(long, value_name = "FORMAT", value_parser = ["json"])]
    out: Option<String>,

    #[command(flatten)]
    prompt: ServerPromptArgs,

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
    pub(super) config_file: ConfigFileArgs,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl ServeArgs {
    pub(super) fn config(self) -> Config {
        let (addresses, verbosity) = (self.listens_on(), self.verbosity());
        let (certificate, client_ca) = self.tls.config();
        let AdmissionArgs {
            files,
            subprotocols,
            require_subprotocol,
            origins,
            hosts,
            auth,
            bearer,
            headers,
            max_connections,
            proxy_protocol,
        } = self.admission;
        let mut web_access = WebAccess::default();
        web_access.origins.allowed = origins;
        hosts.into_iter().for_each(|host| web_access.hosts.add(host));
        let mut settings = self.connection.config(Observe::Nothing);
        settings.timing.idle_timeout = (!self.idle_timeout.is_zero()).then_some(self.idle_timeout);
        Config {
            addresses,
            verbosity,
            unix: self.unix,
            port_file: self.port_file.map(|path| to_write(&path).to_owned()),
            modes: self.mode.config(),
            secrets: Secrets::shown_if(self.show_secrets),
            frames: self.connection.frames,
            json: self.out.is_some(),
            recording: self.recording.config(),
            web_access,
            auth,
            bearer,
            subprotocols: Subprotocols { spoken: subprotocols, required: require_subprotocol },
            headers: headers.iter().map(|header| format!("{header}\r\n")).collect(),
            files,
            certificate,
            client_ca,
            proxy_protocol,
            limits: Limits { connections: max_connections },
            settings,
            paint: self.prompt.color.paint(),
            prompt: self.prompt.prompt.config(),
        }
    }

    /// The addresses; where nothing is said, the one that everybody tries first.
    fn listens_on(&self) -> Vec<String> {
        let ports = self.ports.iter().map(|port| format!("127.0.0.1:{port}"));
        let mut addresses: Vec<_> = self.addresses.iter().cloned().chain(ports).collect();
        if addresses.is_empty() && self.unix.is_none() {
            addresses.push("127.0.0.1:8080".into());
        }
        addresses
    }

    fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }
}

/// PORT, :PORT or HOST:PORT, with the host filled in.
fn address(text: &str) -> Result<String, String> {
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct ServeTestArgs {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn config(args: &[&str]) -> Result<Config, clap::Error> {
        ServeTestArgs::try_parse_from([&["serve"], args].concat()).map(|line| line.serve.config())
    }

    #[test]
    fn addresses_are_completed() {
        for (text, whole) in [
            ("0", "127.0.0.1:0"),
            (":8080", "127.0.0.1:8080"),
            ("localhost:9", "localhost:9"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(config(&[text]).unwrap().addresses, [whole]);
        }
        let local = |port: &str| format!("127.0.0.1{port}");
        for text in ["", "localhost", "1.2.3.4:", ":99999", "a:b"] {
            assert!(config(&[text]).is_err(), "{text}");
        }
        assert_eq!(config(&[]).unwrap().addresses, ["127.0.0.1:8080"]);
        assert!(config(&["--unix", "a.sock"]).unwrap().addresses.is_empty());
        assert_eq!(config(&["-p", "0", ":1", "--port", "2"]).unwrap().addresses, [":1", ":0", ":2"].map(local));
        assert!(config(&["-p", "65536"]).is_err() && config(&["-p", ":1"]).is_err());
    }

    #[test]
    fn a_host_without_a_port_is_told_so() {
        for host in ["localhost", "0.0.0.0", "[::1]"] {
            let error = config(&[host, "8080"]).unwrap_err().to_string();
            assert!(error.contains("it has no port; HOST:8080 has one"), "{error}");
        }
    }

    #[test]
    fn headers_become_lines() {
        assert_eq!(config(&["-H", "X-A:  b c", "-H", "d:"]).unwrap().headers, "X-A: b c\r\nd: \r\n");
    }
}
