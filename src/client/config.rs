//! What a client is asked to do, before files, environment and passwords are read.

use std::path::PathBuf;
use std::time::Duration;

use crate::http::{Header, Secrets};
use crate::net::{ConnectTo, ConnectionSettings, Resolver, TlsVersion};
use crate::stdio::secret::Secret;

/// Where to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    Url(String),
    /// A browser's "Copy as cURL", which says more than the URL; and another URL than it names.
    Curl(String, Option<String>),
    /// What was asked when it was recorded: the URL, and the headers that are no handshake's own.
    Recorded {
        url: String,
        headers: Vec<Header>,
    },
}

/// How servers are reached, whichever they are.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) request: RequestConfig,
    pub(crate) redirects: RedirectPolicy,
    pub(crate) retries: RetryPolicy,
    pub(crate) resolver: Resolver,
    pub(crate) connect_to: Vec<ConnectTo>,
    pub(crate) unix_socket: Option<PathBuf>,
    pub(crate) proxy: ProxyConfig,
    pub(crate) tls: TlsConfig,
    /// For resolving and connecting, again for the proxy, and again for TLS.
    pub(crate) connect_timeout: Duration,
    /// Whether every step is told.
    pub(crate) verbose: bool,
    /// What becomes of passwords, tokens and cookies where a step is told.
    pub(crate) secrets: Secrets,
    /// Of a refusal, in bytes; `None` is as much as is kept.
    pub(crate) max_body: Option<u64>,
    /// What has become of secrets that were given before, for another origin.
    pub(crate) carried: CarriedSecrets,
    /// Faults in the server's 101 are told, and the connection opens all the same.
    pub(crate) unchecked: bool,
    pub(crate) settings: ConnectionSettings,
}

/// What has become of secrets that are known from before, where this configuration leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CarriedSecrets {
    /// They are its own, or there are none.
    #[default]
    Own,
    /// Those of another origin are sent here too.
    Kept,
    /// Those of another origin aren't among it: of requests, or what a client proves who it is by.
    Withheld { of_request: bool, identity: bool },
}

/// The request of the opening handshake.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestConfig {
    /// As `-H` has them: `Name: value`, `Name;`, `Name:`, or `@FILE` with such lines.
    pub(crate) headers: Vec<String>,
    pub(crate) host: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) subprotocols: Vec<String>,
    /// `NAME:PASSWORD`; a password that is missing is asked for.
    pub(crate) user: Option<Secret>,
    /// The password of `user` or of the URL is sent in answer to a Digest challenge alone.
    pub(crate) digest_only: bool,
    /// A token.
    pub(crate) bearer: Option<Secret>,
    /// `NAME=VALUE`, or the path of a file of cookies, each.
    pub(crate) cookies: Vec<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) referer: Option<String>,
    /// Where the cookies of files and servers are written to.
    pub(crate) cookie_jar: Option<PathBuf>,
}

/// Which redirects are followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RedirectPolicy {
    pub(crate) follow: bool,
    pub(crate) most: u32,
    /// Secrets are sent to other origins too.
    pub(crate) trusted: bool,
    /// From wss to ws too.
    pub(crate) downgrade: bool,
}

/// How often to try again after a failure that may pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    pub(crate) most: u32,
    /// Before each retry; `None` doubles with jitter.
    pub(crate) delay: Option<Duration>,
    /// No retry begins after this long; `None` and 0 are no limit.
    pub(crate) max_time: Option<Duration>,
}

/// What is said about proxies; the environment says the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProxyConfig {
    /// Empty is no proxy.
    pub(crate) url: Option<String>,
    /// `NAME:PASSWORD` instead of that of the URL; a password that is missing is asked for.
    pub(crate) user: Option<Secret>,
    /// The password of `user` or of the URL is sent in answer to a Digest challenge alone.
    pub(crate) digest_only: bool,
    /// Hosts without a proxy, separated by commas.
    pub(crate) exempt: Option<String>,
}

/// TLS, with files still unread.
#[derive(Debug, Clone)]
pub(crate) struct TlsConfig {
    pub(crate) cacert: Option<PathBuf>,
    pub(crate) native_roots: bool,
    pub(crate) insecure: bool,
    /// The client's certificate chain.
    pub(crate) cert: Option<PathBuf>,
    /// `None`: in the file of the certificate.
    pub(crate) key: Option<PathBuf>,
    pub(crate) oldest: TlsVersion,
    pub(crate) newest: TlsVersion,
    pub(crate) server_name: Option<String>,
    pub(crate) alpn: Vec<String>,
}

impl TlsConfig {
    /// Whether somebody expects TLS: it says which certificates are trusted, or shown, and by which name.
    pub(super) fn is_expected(&self) -> bool {
        let Self { cacert, native_roots, insecure, cert, server_name, .. } = self;
        cacert.is_some() || *native_roots || *insecure || cert.is_some() || server_name.is_some()
    }
}
