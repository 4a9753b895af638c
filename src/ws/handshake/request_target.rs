//! What a request is for: its target and `Host` (RFC 9112 §3.2).

use std::borrow::Cow;

use super::request_fault::RequestFault;
use crate::http::{Authority, Headers, HttpVersion, Method};

/// A target in absolute form (RFC 9112 §3.2.2): its authority, and in origin form what is behind that.
pub(super) fn absolute(target: &str) -> Option<(&str, Cow<'_, str>)> {
    let (scheme, rest) = target.split_once("://")?;
    let is_ours = ["http", "https", "ws", "wss"].iter().any(|ours| scheme.eq_ignore_ascii_case(ours));
    let (authority, behind) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // A query may stand behind the host alone (RFC 3986 §3.3).
    let origin_form = if behind.starts_with('/') { behind.into() } else { format!("/{behind}").into() };
    is_ours.then_some((authority, origin_form))
}

/// Which host a request is for. `Host` must be there and right even where the target says it (RFC 9112 §3.2), and then
/// counts for nothing (§3.2.2). Only in HTTP/1.0 it may be missing: then the request is for whoever it has reached (§3.3).
///
/// # Errors
/// Every fault of the target and of `Host`.
pub(super) fn authority(
    method: &Method,
    version: HttpVersion,
    target: &str,
    headers: &Headers,
) -> Result<Option<Authority>, Vec<RequestFault>> {
    let mut faults = Vec::new();
    if target.contains('#') {
        faults.push(RequestFault::Fragment(target.to_owned()));
    }
    let in_target = match absolute(target) {
        Some((authority, _)) => Authority::parse(authority),
        None => None,
    };
    // §3.2.4: about the server as a whole.
    let is_asterisk = *method == Method::Options && target == "*";
    if in_target.is_none() && !target.starts_with('/') && !is_asterisk {
        faults.push(RequestFault::Target(target.to_owned()));
    }
    let host = headers.shown("host");
    let in_host = host.as_deref().and_then(Authority::parse);
    match host {
        None if version == HttpVersion::Http10 => {}
        None => faults.push(RequestFault::Missing("Host")),
        Some(_) if headers.is_twice("host") => faults.push(RequestFault::Twice("Host")),
        // §3.2: as the target has no authority. It may be whoever it has reached, as without one; no opening handshake has
        // such a URL (RFC 6455 §3).
        Some(host) if host.is_empty() && !headers.contains("sec-websocket-key") => {}
        Some(host) if in_host.is_none() => faults.push(RequestFault::Host(host)),
        Some(_) => {}
    }
    if faults.is_empty() { Ok(in_target.or(in_host)) } else { Err(faults) }
}
