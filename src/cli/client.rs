//! All the flags of reaching a server.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::client_tls::ClientTlsArgs;
use super::config_flags::ConfigFileArgs;
use super::deadlines::DEADLINES;
use super::dial::DialArgs;
use super::request::RequestArgs;
use super::retries::RetryArgs;
use super::verbosity::VerbosityArgs;
use crate::client::from_curl::FromCurl;
use crate::client::{Config, Destination};
use crate::http::Secrets;
use crate::net::ConnectionSettings;
use crate::values::deadline;

#[derive(Debug, Args)]
pub(super) struct ClientArgs {
    /// ws://HOST[:PORT][/PATH], wss://…, HOST:PORT, :PORT, ws+unix:PATH:/RESOURCE, or @NAME from the configuration file
    #[arg(value_hint = ValueHint::Url)]
    url: Option<String>,

    /// The URL, as curl spells it
    #[arg(long = "url", id = "url_of_flag", value_name = "URL", hide = true, conflicts_with_all = ["url", "from_curl"], value_hint = ValueHint::Url)]
    url_of_flag: Option<String>,

    #[command(flatten)]
    request: RequestArgs,

    #[command(flatten)]
    verbosity: VerbosityArgs,

    #[command(flatten)]
    dial: DialArgs,

    #[command(flatten)]
    pub(super) config_file: ConfigFileArgs,

    #[command(flatten)]
    retries: RetryArgs,

    #[command(flatten)]
    tls: ClientTlsArgs,

    /// Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = DEADLINES)]
    connect_timeout: Duration,
}

impl ClientArgs {
    /// Whether a server is named.
    pub(super) fn has_destination(&self) -> bool {
        self.url().is_some() || self.request.from_curl.is_some()
    }

    /// The URL, or the target in its place.
    pub(super) fn url(&self) -> Option<&str> {
        self.url.as_deref().or(self.url_of_flag.as_deref())
    }

    /// `--unix-socket`.
    pub(super) fn unix_socket(&self) -> Option<&PathBuf> {
        self.dial.unix_socket.as_ref()
    }

    /// The same, or the one of a curl command.
    pub(super) fn url_or_pasted(&self) -> Option<String> {
        let of_curl = || FromCurl::parse(self.curl()?).ok().map(|command| command.url);
        self.url().map(str::to_owned).or_else(of_curl)
    }

    /// The command that says where to connect to.
    pub(super) fn curl(&self) -> Option<&String> {
        self.request.from_curl.as_ref()
    }

    /// `--cookie-jar` is there.
    pub(super) fn keeps_cookies(&self) -> bool {
        self.request.cookie_jar.is_some()
    }

    /// `--retry-delay`.
    pub(super) fn retry_delay(&self) -> Option<Duration> {
        self.retries.retry_delay
    }

    /// Whether everything is logged, and secrets with it.
    pub(super) fn log_flags(&self) -> (bool, Secrets) {
        (self.verbosity.verbose, Secrets::shown_if(self.verbosity.show_secrets))
    }

    /// Goes to `url` instead, if there is one. Whether that is to be logged comes back.
    pub(super) fn go_to(&mut self, url: Option<String>) -> bool {
        self.url = url.or(self.url.take());
        self.verbosity.verbose
    }

    /// Where to, if that was said, and how.
    pub(super) fn config(mut self, settings: ConnectionSettings) -> (Option<Destination>, Config) {
        let curl = self.request.from_curl.take().map(|command| Destination::Curl(command, None));
        let destination = curl.or(self.url.or(self.url_of_flag).map(Destination::Url));
        let config = Config {
            request: self.request.config(),
            retries: self.retries.config(),
            verbose: self.verbosity.verbose,
            secrets: Secrets::shown_if(self.verbosity.show_secrets),
            max_body: self.verbosity.max_body.0,
            unchecked: self.verbosity.no_check,
            ..self.dial.config(self.tls.config(), self.connect_timeout, settings)
        };
        (destination, config)
    }
}
