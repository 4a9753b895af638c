//! The flags of `wscli serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::connection::ConnectionArgs;
use super::mode::ModeArgs;
use super::{DEADLINES, TLS};
use crate::commands::serve::{Certificate, Config};
use crate::server::{Credentials, Limits, Origins, Subprotocols};
use crate::values::duration;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Where to listen: PORT, :PORT or HOST:PORT, several of them if you like; port 0 takes a free one
    /// [default: 127.0.0.1:8080]
    #[arg(value_parser = address)]
    addresses: Vec<String>,

    /// Listen on a Unix socket too; it is removed at the end
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    unix: Option<PathBuf>,

    /// Write the ports that are listened on to a file, one a line, once they are; it is removed at the end
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    port_file: Option<PathBuf>,

    #[command(flatten)]
    mode: ModeArgs,

    /// Show the heads of requests and responses
    #[arg(short = 'v', long)]
    verbose: bool,

    /// Write what happens to stdout, one JSON object a line; the log on stderr stays
    #[arg(long, value_name = "FORMAT", value_parser = ["json"])]
    out: Option<String>,

    /// Answer plain HTTP with the files of a folder; its index.html takes the place of the page at /
    #[arg(long = "static", value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = ADMISSION)]
    files: Option<PathBuf>,

    /// Speak a subprotocol; repeatable, and of several the client's order decides
    #[arg(long = "subprotocol", value_name = "NAME", value_parser = token, help_heading = ADMISSION)]
    subprotocols: Vec<String>,

    /// Refuse clients that speak none of the subprotocols
    #[arg(long, requires = "subprotocols", help_heading = ADMISSION)]
    require_subprotocol: bool,

    /// Let in browsers from this origin, such as https://example.com, null or *; repeatable. Without it every origin
    /// may, with a warning in the log
    #[arg(long = "allow-origin", value_name = "ORIGIN", help_heading = ADMISSION)]
    origins: Vec<String>,

    /// Ask for a user and a password (HTTP Basic)
    #[arg(long, value_name = "USER:PASSWORD", value_parser = credentials, help_heading = ADMISSION)]
    auth: Option<String>,

    /// Ask for a token (Authorization: Bearer)
    #[arg(long, value_name = "TOKEN", value_parser = header_value, help_heading = ADMISSION)]
    bearer: Option<String>,

    /// Add a header to every response; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header, help_heading = ADMISSION)]
    headers: Vec<String>,

    /// Over so many clients at the same time, the next gets 503
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, help_heading = ADMISSION)]
    max_connections: usize,

    /// Close a connection on which there was no message and no ping of the client's for so long; 0 is never
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration, help_heading = DEADLINES)]
    idle_timeout: Duration,

    /// Serve wss, with a self-signed certificate for localhost made at the start; ws is still served on the same port
    #[arg(long, help_heading = TLS)]
    tls: bool,

    /// Put another name or address into the self-signed certificate; repeatable
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls", help_heading = TLS)]
    tls_names: Vec<String>,

    /// Serve wss with this certificate chain (PEM)
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "tls_names", value_hint = ValueHint::FilePath,
          help_heading = TLS)]
    cert: Option<PathBuf>,

    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", value_hint = ValueHint::FilePath, help_heading = TLS)]
    key: Option<PathBuf>,

    /// Demand client certificates issued by these (PEM); then there is no ws on the port
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = TLS)]
    client_ca: Option<PathBuf>,

    #[command(flatten)]
    connection: ConnectionArgs,
}

const ADMISSION: &str = "Requests";

impl ServeArgs {
    pub(super) fn config(self) -> Config {
        let certificate = match (self.cert, self.key) {
            (Some(cert), Some(key)) => Some(Certificate::Files { cert, key }),
            _ => self.tls.then_some(Certificate::SelfSigned { names: self.tls_names }),
        };
        let mut addresses = self.addresses;
        if addresses.is_empty() && self.unix.is_none() {
            addresses.push("127.0.0.1:8080".into());
        }
        let mut settings = self.connection.config();
        settings.timing.idle_timeout = (!self.idle_timeout.is_zero()).then_some(self.idle_timeout);
        Config {
            addresses,
            unix: self.unix,
            port_file: self.port_file,
            modes: self.mode.config(),
            verbose: self.verbose,
            json: self.out.is_some(),
            origins: Origins { allowed: self.origins },
            credentials: Credentials::new(self.auth.as_deref(), self.bearer.as_deref()),
            subprotocols: Subprotocols { spoken: self.subprotocols, required: self.require_subprotocol },
            headers: self.headers.iter().map(|header| format!("{header}\r\n")).collect(),
            files: self.files,
            certificate,
            client_ca: self.client_ca,
            limits: Limits { connections: self.max_connections },
            settings,
        }
    }
}

/// PORT, :PORT or HOST:PORT, with the host filled in.
fn address(text: &str) -> Result<String, String> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    if port.parse::<u16>().is_err() {
        return Err("it is no address to listen on, which is PORT, :PORT or HOST:PORT, such as :8080 or [::1]:0".into());
    }
    Ok(format!("{}:{port}", if host.is_empty() { "127.0.0.1" } else { host }))
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn token(text: &str) -> Result<String, String> {
    if is_token(text) { Ok(text.to_owned()) } else { Err("a subprotocol is a token: no spaces, no commas".into()) }
}

fn header_value(text: &str) -> Result<String, String> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        Err("it has control characters".into())
    } else {
        Ok(text.into())
    }
}

fn credentials(text: &str) -> Result<String, String> {
    if text.contains(':') { header_value(text) } else { Err("it has no : between user and password".into()) }
}

fn header(text: &str) -> Result<String, String> {
    let (name, value) = text.split_once(':').ok_or("it has no : between name and value")?;
    if !is_token(name) {
        return Err(format!("{name:?} is no name of a header"));
    }
    header_value(value).map(|value| format!("{name}: {}", value.trim()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn config(args: &[&str]) -> Result<Config, clap::Error> {
        Line::try_parse_from([&["serve"], args].concat()).map(|line| line.serve.config())
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
        for text in ["", "localhost", "1.2.3.4:", ":99999", "a:b"] {
            assert!(config(&[text]).is_err(), "{text}");
        }
        assert_eq!(config(&[]).unwrap().addresses, ["127.0.0.1:8080"]);
        assert!(config(&["--unix", "a.sock"]).unwrap().addresses.is_empty());
    }

    #[test]
    fn headers_are_held_to_their_grammar() {
        assert_eq!(config(&["-H", "X-A:  b c", "-H", "d:"]).unwrap().headers, "X-A: b c\r\nd: \r\n");
        for text in ["no colon", "na me: a", ": a", "a: b\r\nc: d"] {
            assert!(header(text).is_err(), "{text}");
        }
    }
}
