//! A request as the variables of a process, which RFC 3875 names.

use std::ffi::OsString;

use super::Client;
use crate::net::Peer;

/// The request in the variables that RFC 3875 §4.1 names.
pub(super) fn variables(client: &Client<'_>) -> Vec<(String, OsString)> {
    let request = client.request;
    let host = request.header("host").unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, port),
        _ => (host, if client.secure { "443" } else { "80" }),
    };
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
        ("SERVER_NAME", name),
        ("SERVER_PORT", port),
        ("HTTPS", if client.secure { "on" } else { "" }),
        ("WSCLI_CONNECTION", &client.number.to_string()),
        ("WSCLI_SUBPROTOCOL", client.subprotocol.unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into();
    all.retain(|(name, value)| name != "HTTPS" || !value.is_empty());
    // A variable named HTTP_PROXY would be believed by what the command starts.
    for (name, value) in request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("proxy")) {
        all.push((format!("HTTP_{}", name.to_ascii_uppercase().replace('-', "_")), value.into()));
    }
    // No variable can hold a NUL; HTTP has none either, but a percent-encoded one stays encoded here.
    all
}
