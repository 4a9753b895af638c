//! The flags of `wscli proxy`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::client::ClientArgs;
use super::connection::ConnectionArgs;
use super::forward::ForwardArgs;
use super::listening::{ListeningArgs, LogFlags, address};
use super::prompt::ServerPromptArgs;
use crate::client::{Destination, PassingRules};
use crate::commands::proxy::ca::CaConfig;
use crate::commands::proxy::prompt::PromptConfig;
use crate::commands::proxy::{Behind, Config};
use crate::values::duration;
use crate::ws::Observe;

const PASSED_ON: &str = "Forwarding";

/// Where the flags stand that `serve` has under the heading of requests: here a request is what the target gets.
const CLIENTS: &str = "Access control";

#[derive(Debug, Args)]
// What the peers say is theirs: neither its size nor its pace is ours to limit, and no Ping of ours comes between.
#[command(
    override_usage = "wscli proxy [OPTIONS] [LISTEN] <TARGET>\n       wscli proxy [OPTIONS] --forward [LISTEN]\n       wscli proxy ca [--intercept <HOST>]…",
    mut_arg("url", |arg| arg.index(1).value_name("LISTEN").help(LISTEN)),
    mut_arg("from_curl", |arg| arg.hide(true)),
    mut_arg("cookie_jar", |arg| arg.hide(true)),
    mut_arg("auth", |arg| arg.help_heading(CLIENTS)),
    mut_arg("required_bearer", |arg| arg.long("auth-bearer").help_heading(CLIENTS)),
    mut_arg("max_connections", |arg| arg.help_heading(CLIENTS)),
    mut_arg("proxy_protocol", |arg| arg.help_heading(CLIENTS)),
    mut_arg("own_cert", |arg| arg.alias(None).long("tls-cert")),
    mut_arg("own_key", |arg| arg.alias(None).long("tls-key").help("Private key of --tls-cert (PEM)")),
    mut_arg("origins", |arg| arg.help(ORIGINS).help_heading(CLIENTS)),
    mut_arg("hosts", |arg| arg.help(HOSTS).help_heading(CLIENTS)),
    mut_arg("quiet", |arg| arg.help("Log only warnings and errors")),
    mut_arg("subprotocols", |arg| arg.help(SUBPROTOCOLS)),
    mut_arg("host", |arg| arg.conflicts_with("keep_host")),
    mut_arg("origin", |arg| arg.conflicts_with("keep_origin").help(ORIGIN)),
    mut_arg("user_agent", |arg| arg.help("User-Agent header [default: the client's]")),
    mut_arg("verbose", |arg| arg.help(VERBOSE)),
    mut_arg("no_check", |arg| arg.help("Accept an invalid handshake response (101) from the target")),
    mut_arg("max_body", |arg| arg.help(MAX_BODY).default_value("1MiB")),
    mut_arg("max_message_size", |arg| arg.help(MAX_MESSAGE_SIZE).default_value("none")),
    mut_arg("ping_interval", |arg| arg.help(PING_INTERVAL).default_value("0")),
    mut_arg("close_timeout", |arg| arg.help(CLOSE_TIMEOUT).default_value("60s")),
)]
pub(super) struct ProxyArgs {
    #[command(flatten)]
    pub(super) client: ClientArgs,

    /// Server to forward clients to, WebSockets and plain HTTP alike: a URL as for connect, or @NAME from the configuration file.
    /// The client's path is appended to its path
    #[arg(index = 2)]
    target: Option<String>,

    /// Send the target the client's Host header [default: host and port of the target]
    #[arg(long, help_heading = PASSED_ON)]
    keep_host: bool,

    /// Send the target the client's Origin header [default: the origin of the target, if the client sends one]
    #[arg(long, help_heading = PASSED_ON)]
    keep_origin: bool,

    /// Forward protocol violations, including messages over --max-message-size, unchanged, and everything after them in that
    /// direction without parsing it, instead of closing both connections. Disables compression
    #[arg(long, help_heading = PASSED_ON)]
    lenient: bool,

    /// Print the grammar of --rules, and exit
    #[arg(long)]
    pub(super) help_rules: bool,

    /// Change, drop, delay or answer messages by the rules in a file; --help-rules prints the grammar. A message
    /// over 16MiB is forwarded unchanged. SIGHUP, or /rules at the prompt, reloads the file
    #[arg(long = "rules", value_name = "FILE", help_heading = PASSED_ON)]
    changes: Option<PathBuf>,

    /// Serve a page at /.wscli/ of this proxy that shows the messages on all its connections, and the frames of one; plain requests
    /// for that path then don't go to the target. Only if all addresses listened on are loopback
    #[arg(long, help_heading = CLIENTS)]
    page: bool,

    /// Control the traffic from a terminal: see both sides' messages, hold or drop them, and send to either side; /help lists
    /// the commands
    #[arg(long, conflicts_with_all = ["out", "lenient"], help_heading = PASSED_ON)]
    prompt: bool,

    /// With --prompt: release a held message after this long; 0 for never
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration, help_heading = PASSED_ON)]
    hold_time: Duration,

    #[command(flatten)]
    at_the_prompt: ServerPromptArgs,

    #[command(flatten)]
    forward: ForwardArgs,

    #[command(flatten)]
    listening: ListeningArgs,

    #[command(flatten)]
    connection: ConnectionArgs,
}

const LISTEN: &str = "Where to listen, if a target follows or with --forward: PORT, :PORT or HOST:PORT; port 0 picks a free one [default: \
     127.0.0.1:8080]. ca alone creates the CA for --intercept and prints how to make clients trust it";

const ORIGINS: &str = "Allow web pages of this origin, such as https://example.com, null, or * for all; repeatable [default: pages \
                       on loopback]";

const HOSTS: &str = "Answer to this name in Host, .example.com for it and its subdomains, or * for all; repeatable [default: \
                     loopback names, the addresses and names listened on, .test, .internal, the names in the certificate]";

const SUBPROTOCOLS: &str = "Request this subprotocol instead of the client's; repeatable, most preferred first";

const ORIGIN: &str = "Origin header, sent whether or not the client sends one";

const VERBOSE: &str = "Log every step to the target, request and response headers on both sides, and every message (the first \
                       64 KiB of it): < from the client, > to the client. Secrets in headers and URLs are masked";

const MAX_BODY: &str =
    "Longest body of a refusal to pass on, a longer one is left out: bytes (K, M, G), or none for up to 64MiB";

const MAX_MESSAGE_SIZE: &str = "Largest message to pass on, after decompression: bytes (K, M, G), or none. A larger one closes its sender's \
                                connection (1009); memory is bounded in any case";

const PING_INTERVAL: &str = "Interval between automatic pings to both sides, in addition to forwarded ones; 0 for none";

const CLOSE_TIMEOUT: &str = "Timeout for a side's part of the closing handshake, and, once the other side has ended, for its end, counted from its last bytes";

/// What stands in the place of LISTEN where the authority is asked for.
const CA: &str = "ca";

const NO_TARGET: &str = "proxy needs the URL of the server to forward clients to: wscli proxy URL; with --forward, clients \
                         name it themselves";

impl ProxyArgs {
    /// The target, and before it where to listen if that is given.
    fn places(&self) -> (Option<&str>, Option<&str>) {
        match (self.client.url(), self.target.as_deref()) {
            (listen, None) if self.forward.is_asked_for() || self.is_about_ca() => (listen, None),
            (listen, Some(target)) => (listen, Some(target)),
            (target, None) => (None, target),
        }
    }

    /// Whether it is the authority that is asked for, and no proxy.
    pub(super) fn is_about_ca(&self) -> bool {
        self.client.url() == Some(CA) && self.target.is_none()
    }

    pub(super) fn ca_config(&self) -> CaConfig {
        let intercepted = self.forward.intercepted().to_vec();
        CaConfig { intercepted, proxy: self.listening.first_address() }
    }

    /// The target.
    pub(super) fn target(&self) -> Option<&str> {
        self.places().1
    }

    /// Goes to `url` instead, if there is one. Whether that is to be logged comes back.
    pub(super) fn go_to(&mut self, url: Option<String>) -> bool {
        match &mut self.target {
            Some(target) => {
                *target = url.unwrap_or_else(|| std::mem::take(target));
                self.client.go_to(None)
            }
            None => self.client.go_to(url),
        }
    }

    /// # Errors
    /// What is wrong with what stands without a flag, in words.
    pub(super) fn config(self) -> Result<Config, String> {
        let (listen, target) = self.places();
        let target = target.map(str::to_owned);
        let behind = match (self.forward.config(), target) {
            (None, Some(target)) => Behind::Target(Destination::Url(target), self.rules()),
            (None, None) => return Err(NO_TARGET.into()),
            (Some(_), Some(_)) => {
                return Err("--forward: its clients name the target; give only LISTEN".into());
            }
            (Some(forward), None) => Behind::Anything(forward),
        };
        let listen = listen.map(address).transpose();
        let listen = listen.map_err(|why| match behind {
            Behind::Target(..) => format!("LISTEN, before the target: {why}"),
            Behind::Anything(_) => format!("LISTEN: {why}"),
        })?;
        if self.client.curl().is_some() {
            return Err("--from-curl: a proxy forwards its clients' requests".into());
        }
        if self.client.keeps_cookies() {
            return Err("--cookie-jar: the target's cookies belong to each client".into());
        }
        let (verbose, secrets) = self.client.log_flags();
        let log = LogFlags { verbose, secrets, frames: self.connection.frames };
        let mut settings = self.connection.config(Observe::Nothing);
        let (_, client) = self.client.config(settings);
        let prompt = self.prompt.then(|| PromptConfig {
            paint: self.at_the_prompt.color.paint(),
            options: self.at_the_prompt.prompt.config(),
            hold_time: (!self.hold_time.is_zero()).then_some(self.hold_time),
        });
        settings.timing.idle_timeout = self.listening.idle_timeout();
        let listening = self.listening.config(listen.into_iter().collect(), log);
        Ok(Config {
            listening,
            behind,
            client,
            is_lenient: self.lenient,
            changes: self.changes,
            has_page: self.page,
            settings,
            prompt,
        })
    }

    fn rules(&self) -> PassingRules {
        PassingRules { keeps_host: self.keep_host, keeps_origin: self.keep_origin, ..PassingRules::default() }
    }
}
