//! `--from-curl`: a browser's command as part of the configuration.

use super::from_curl::FromCurl;
use super::{Config, RequestConfig};
use crate::error::Error;
use crate::stdio::console::Console;
use crate::stdio::secret::Secret;

/// Adds to the configuration what `command` says; what was configured already counts more. Returns its URL.
///
/// # Errors
/// What can't be read as a curl command.
pub(super) fn merge(command: &str, config: &mut Config, console: &Console) -> Result<String, Error> {
    let curl = FromCurl::parse(command).map_err(|why| Error::usage(format!("--from-curl can't be read: {why}")))?;
    for flag in &curl.ignored {
        console.line(format_args!("--from-curl: {flag} is ignored"));
    }
    let request = &mut config.request;
    let ours = own_names(request);
    let theirs = curl.headers.into_iter().filter(|header| !ours.contains(&header_name(header)));
    let theirs: Vec<_> = theirs.collect();
    request.headers.splice(..0, theirs);
    request.cookies.splice(..0, curl.cookies);
    // For curl no @ in front names a file, and what was pasted mustn't read ours.
    request.user = request.user.take().or(curl.user.map(Secret::Given));
    request.user_agent = request.user_agent.take().or(curl.user_agent);
    config.tls.insecure |= curl.insecure;
    config.redirects.follow |= curl.location || curl.location_trusted;
    config.redirects.trusted |= curl.location_trusted;
    config.proxy.url = config.proxy.url.take().or(curl.proxy);
    Ok(curl.url)
}

/// The name of a header as `-H` has it, in lower case.
fn header_name(header: &str) -> String {
    header.split([':', ';']).next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The headers that the configuration says something about.
fn own_names(request: &RequestConfig) -> Vec<String> {
    let mut names: Vec<_> = request.headers.iter().map(|header| header_name(header)).collect();
    let flags = [
        ("host", request.host.is_some()),
        ("origin", request.origin.is_some()),
        ("user-agent", request.user_agent.is_some()),
        ("cookie", !request.cookies.is_empty()),
        ("authorization", request.user.is_some() || request.bearer.is_some()),
        ("sec-websocket-protocol", !request.subprotocols.is_empty()),
    ];
    names.extend(flags.iter().filter(|(_, given)| *given).map(|(name, _)| (*name).to_owned()));
    names
}
