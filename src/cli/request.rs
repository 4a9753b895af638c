//! The flags that shape the request of the opening handshake.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueHint};

use crate::client::RequestConfig;
use crate::stdio::file::to_write;
use crate::stdio::secret::Secret;

const REQUEST: &str = "Request";

#[derive(Debug, Args)]
pub(super) struct RequestArgs {
    /// Send this header: 'Name: value', 'Name;' to send it empty, 'Name:' to remove it; @FILE reads headers from a file,
    /// one per line. Repeatable; overrides a default header
    #[arg(short = 'H', long = "header", value_name = "HEADER", help_heading = REQUEST)]
    headers: Vec<String>,

    /// Host header [default: host and port of the URL]
    #[arg(long, value_name = "NAME", help_heading = REQUEST)]
    host: Option<String>,

    /// Origin header, which browsers always send [default: none]
    #[arg(long, value_name = "URL", help_heading = REQUEST)]
    origin: Option<String>,

    /// Request this subprotocol; repeatable, most preferred first [default: none]
    #[arg(short = 's', long = "subprotocol", value_name = "NAME", help_heading = REQUEST)]
    subprotocols: Vec<String>,

    /// Basic credentials, or @FILE to read them from its first line; prompts if no password is given
    #[arg(short = 'u', long, value_name = "NAME[:PASSWORD]", help_heading = REQUEST)]
    user: Option<Secret>,

    /// Use the credentials of -u or the URL for Digest authentication only; otherwise they are sent as Basic, and a Digest
    /// challenge is answered too
    #[arg(long, conflicts_with = "bearer", help_heading = REQUEST)]
    digest: bool,

    /// What -u sends unless a challenge asks for Digest, as curl spells it
    #[arg(long, hide = true, conflicts_with = "digest")]
    basic: bool,

    /// Bearer token, or @FILE to read it from its first line
    #[arg(long, alias = "oauth2-bearer", value_name = "TOKEN", conflicts_with = "user", help_heading = REQUEST)]
    bearer: Option<Secret>,

    /// Send this cookie, or the matching ones from a curl or Netscape cookie file; repeatable; '' sends none, but keeps
    /// cookies that servers set for redirects and reconnects
    #[arg(short = 'b', long = "cookie", value_name = "NAME=VALUE|FILE", help_heading = REQUEST)]
    cookies: Vec<String>,

    /// Keep cookies that servers set, also for redirects and reconnects, and write them, with those of -b FILE, to this file
    #[arg(short = 'c', long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(cookie_jar), value_hint = ValueHint::FilePath, help_heading = REQUEST)]
    pub(super) cookie_jar: Option<PathBuf>,

    /// User-Agent header [default: wscli/VERSION]
    #[arg(short = 'A', long, value_name = "TEXT", help_heading = REQUEST)]
    user_agent: Option<String>,

    /// -H 'Referer: URL', as curl spells it
    #[arg(short = 'e', long, value_name = "URL", value_hint = ValueHint::Url, hide = true)]
    referer: Option<String>,

    /// Connect as this curl command would: paste a browser's "Copy as cURL"
    #[arg(long, value_name = "COMMAND", conflicts_with = "url", value_hint = ValueHint::Other, help_heading = REQUEST)]
    pub(super) from_curl: Option<String>,
}

impl RequestArgs {
    pub(super) fn config(self) -> RequestConfig {
        let Self {
            headers,
            host,
            origin,
            subprotocols,
            user,
            digest,
            basic: _,
            bearer,
            cookies,
            cookie_jar,
            user_agent,
            referer,
            from_curl: _,
        } = self;
        RequestConfig {
            headers,
            host,
            origin,
            subprotocols,
            user,
            digest_only: digest,
            bearer,
            cookies,
            cookie_jar,
            user_agent,
            referer,
        }
    }
}

/// With wscat a URL stands behind the letter.
fn cookie_jar(path: PathBuf) -> Result<PathBuf, &'static str> {
    match path.to_string_lossy().contains("://") {
        true => Err("it names the file of a cookie jar; the URL needs no flag: wscli connect URL"),
        false => Ok(to_write(&path).to_owned()),
    }
}
