//! A request as the variables of a process, which RFC 3875 names.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::process::Command;

use data_encoding::BASE64;

use crate::http::{AgreedSubprotocol, Authority};
use crate::net::Peer;
use crate::server::admission::Credentials;
use crate::server::modes::ConnectedClient;
use crate::ws::handshake::Request;

/// What is the same for every process of a server.
#[derive(Debug)]
pub(super) struct Environment {
    /// Variables of ours that no process gets.
    withheld: Vec<OsString>,
    /// The Authorization header is the server's business, and has been judged.
    authorized: bool,
}

impl Environment {
    /// Takes note of which of our own variables hold what clients have to know, or would be taken for a client's headers.
    pub(super) fn new(credentials: &Credentials) -> Self {
        let is_withheld = |name: &str, value: &str| {
            let is_a_header = name.starts_with("HTTP_") && name != "HTTP_PROXY";
            is_a_header || ["AUTH_TYPE", "REMOTE_USER"].contains(&name) || credentials.are_in(value)
        };
        let withheld =
            env::vars_os().filter(|(name, value)| is_withheld(&name.to_string_lossy(), &value.to_string_lossy()));
        Self { withheld: withheld.map(|(name, _)| name).collect(), authorized: credentials.are_required() }
    }

    /// Gives a process its variables.
    pub(super) fn give(&self, command: &mut Command, client: &ConnectedClient<'_>) {
        for name in &self.withheld {
            command.env_remove(name);
        }
        command.envs(variables(client)).envs(headers(client.request, self.authorized));
        if self.authorized {
            command.envs(identity(client.request));
        }
    }
}

/// The request in the variables that RFC 3875 §4.1 names.
fn variables(client: &ConnectedClient<'_>) -> Vec<(String, OsString)> {
    let request = client.request;
    // §4.1.15: where the request has come to, whatever its Host says. Of a Unix socket that is all that is known.
    let named = || request.authority.as_ref().and_then(|authority| authority.port);
    let port = client.port.or_else(named).unwrap_or(if client.secure { 443 } else { 80 });
    let name = request.authority.clone().map(|authority| Authority { port: None, ..authority }.to_string());
    let (address, from_port) = match client.peer {
        Peer::Tcp(address) => (address.ip().to_string(), address.port().to_string()),
        Peer::Unix => (String::new(), String::new()),
    };
    let mut all: Vec<(String, OsString)> = [
        ("REQUEST_METHOD", "GET"),
        ("REQUEST_URI", &request.resource),
        ("SCRIPT_NAME", ""),
        ("PATH_INFO", request.path()),
        ("QUERY_STRING", request.query().unwrap_or_default()),
        ("REMOTE_ADDR", &address),
        ("REMOTE_HOST", &address),
        ("REMOTE_PORT", &from_port),
        ("SERVER_NAME", &name.unwrap_or_default()),
        ("SERVER_PORT", &port.to_string()),
        ("HTTPS", if client.secure { "on" } else { "" }),
        ("WSCLI_CONNECTION", &client.number.to_string()),
        ("WSCLI_SUBPROTOCOL", client.subprotocol.map_or("", AgreedSubprotocol::name)),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into();
    all.retain(|(name, value)| name != "HTTPS" || !value.is_empty());
    // No variable can hold a NUL; HTTP has none either, but a percent-encoded one stays encoded here.
    all
}

/// The headers (RFC 3875 §4.1.18): several of one name are one variable. One whose name would make the variable of another,
/// as `X_A` that of `X-A`, is left out; so are credentials for the server and for a proxy.
fn headers(request: &Request, authorized: bool) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers.iter().filter(|(name, _)| is_passed(name, authorized)) {
        let variable = format!("HTTP_{}", name.to_ascii_uppercase().replace('-', "_"));
        let separator = if variable == "HTTP_COOKIE" { "; " } else { ", " };
        match all.get_mut(&variable) {
            Some(before) => *before += &format!("{separator}{value}"),
            None => drop(all.insert(variable, value.to_owned())),
        }
    }
    all
}

fn is_passed(name: &str, authorized: bool) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    // A variable named HTTP_PROXY would be believed by what the command starts.
    let is_kept = is("proxy") || is("proxy-authorization") || (authorized && is("authorization"));
    !is_kept && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Who it is that was let in (RFC 3875 §4.1.1, §4.1.11), instead of how that was known.
fn identity(request: &Request) -> Vec<(&'static str, String)> {
    let Some((scheme, rest)) = request.header("authorization").and_then(|value| value.split_once(' ')) else {
        return Vec::new();
    };
    let mut all = vec![("AUTH_TYPE", scheme.to_owned())];
    let pair = BASE64.decode(rest.trim().as_bytes()).ok().and_then(|pair| String::from_utf8(pair).ok());
    if let Some((user, _)) = pair.as_deref().and_then(|pair| pair.split_once(':'))
        && scheme.eq_ignore_ascii_case("basic")
    {
        all.push(("REMOTE_USER", user.replace('\0', "")));
    }
    all
}
