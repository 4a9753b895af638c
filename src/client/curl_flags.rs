//! `--from-curl`: a browser's command in the place of flags.

use super::from_curl::FromCurl;
use crate::cli::{ClientArgs, RequestArgs};
use crate::error::Error;
use crate::stdio::console::Console;

/// The URL of `command`, and `args` with what else it says; flags that were given themselves count more.
pub(super) fn merged(command: &str, mut args: ClientArgs, console: &Console) -> Result<(String, ClientArgs), Error> {
    let curl = FromCurl::parse(command).map_err(|why| Error::usage(format!("--from-curl can't be read: {why}")))?;
    for flag in &curl.ignored {
        console.line(format_args!("--from-curl: {flag} is ignored"));
    }
    let request = &mut args.request;
    let ours = own_names(request);
    let theirs = curl.headers.into_iter().filter(|header| !ours.contains(&header_name(header)));
    let theirs: Vec<_> = theirs.collect();
    request.headers.splice(..0, theirs);
    request.cookies.splice(..0, curl.cookies);
    request.user = request.user.take().or(curl.user);
    request.user_agent = request.user_agent.take().or(curl.user_agent);
    args.tls.insecure |= curl.insecure;
    args.route.location |= curl.location;
    args.route.proxy = args.route.proxy.take().or(curl.proxy);
    Ok((curl.url, args))
}

/// The name of a header as `-H` has it, in lower case.
fn header_name(header: &str) -> String {
    header.split([':', ';']).next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The headers that our own flags say something about.
fn own_names(request: &RequestArgs) -> Vec<String> {
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
