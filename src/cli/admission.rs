//! The flags that say which requests are accepted, and what plain HTTP is answered with.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::choice::whole_number;
use crate::http::{BadHeader, TokenFault, header_field};
use crate::net::web_origin;
use crate::server::web_access::{HostPattern, WebAccess};
use crate::stdio::secret::Secret;

const ADMISSION: &str = "Requests";

/// Who is let in.
#[derive(Debug, Args)]
pub(super) struct AdmissionArgs {
    /// Allow web pages of this origin, such as https://example.com, null, or * for all; repeatable [default: pages on
    /// loopback; all for --echo, --sink, --push FILE and --reply]. The server's own pages are always allowed
    #[arg(long = "allow-origin", value_name = "ORIGIN", value_parser = web_origin, help_heading = ADMISSION)]
    pub(super) origins: Vec<String>,

    /// Answer to this name in Host, .example.com for it and its subdomains, or * for all; repeatable [default: loopback
    /// names, the addresses and names listened on, .test, .internal, the names in the certificate]. --echo, --sink,
    /// --push FILE and --reply answer to any name
    #[arg(long = "allow-host", value_name = "NAME", value_parser = host, help_heading = ADMISSION)]
    pub(super) hosts: Vec<HostPattern>,

    /// Require a user and password (HTTP Basic); @FILE reads them from its first line
    #[arg(long, value_name = "USER:PASSWORD", help_heading = ADMISSION)]
    pub(super) auth: Option<Secret>,

    /// Require a token (Authorization: Bearer); @FILE reads it from its first line
    #[arg(id = "required_bearer", long = "bearer", value_name = "TOKEN", help_heading = ADMISSION)]
    pub(super) bearer: Option<Secret>,

    /// Maximum concurrent clients; further ones get 503
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, value_parser = whole_number(1_usize..), help_heading = ADMISSION)]
    pub(super) max_connections: usize,

    /// Require a PROXY protocol header (version 1 or 2) at the start of each connection, as HAProxy (send-proxy) and AWS
    /// load balancers send it, and take the client's address from it. Use it only behind such a proxy
    #[arg(long, help_heading = ADMISSION)]
    pub(super) proxy_protocol: bool,
}

/// What is answered to those who are.
#[derive(Debug, Args)]
pub(super) struct AnswerArgs {
    /// Serve the files of a directory over HTTP; its index.html replaces the built-in page at /
    #[arg(long = "static", value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = ADMISSION)]
    pub(super) files: Option<PathBuf>,

    /// Support a subprotocol, or * for whichever the client prefers; repeatable; the client's order of preference decides
    #[arg(long = "subprotocol", value_name = "NAME", value_parser = token, help_heading = ADMISSION)]
    pub(super) subprotocols: Vec<String>,

    /// Refuse clients that request none of the subprotocols
    #[arg(long, requires = "subprotocols", help_heading = ADMISSION)]
    pub(super) require_subprotocol: bool,

    /// Add a header to every response; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header, help_heading = ADMISSION)]
    pub(super) headers: Vec<String>,
}

impl AdmissionArgs {
    pub(super) fn web_access(origins: Vec<String>, hosts: Vec<HostPattern>) -> WebAccess {
        let mut web_access = WebAccess::default();
        web_access.origins.allowed = origins;
        hosts.into_iter().for_each(|host| web_access.hosts.add(host));
        web_access
    }
}

fn token(text: &str) -> Result<String, String> {
    match TokenFault::of(text) {
        None => Ok(text.to_owned()),
        Some(fault) => Err(format!("not a subprotocol (RFC 6455 §4.1): {fault}")),
    }
}

fn host(text: &str) -> Result<HostPattern, String> {
    HostPattern::parse(text).ok_or_else(|| "expected a host name without a port, .example.com or *".into())
}

fn header(text: &str) -> Result<String, String> {
    let (name, value) = header_field(text).map_err(|bad| match bad {
        BadHeader::NoColon => "expected NAME: VALUE".to_owned(),
        bad => bad.to_string(),
    })?;
    Ok(format!("{name}: {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_held_to_their_grammar() {
        for text in ["no colon", "na me: a", ": a", "a: b\r\nc: d"] {
            assert!(header(text).is_err(), "{text}");
        }
    }
}
