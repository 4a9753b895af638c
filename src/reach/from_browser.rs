//! `--from-curl`: a browser's command in the place of flags.

use crate::cli::ReachArgs;
use crate::console::Console;
use crate::error::Error;
use crate::from_curl::FromCurl;

/// The URL of `command`, and `args` with what else it says; flags that were given themselves count more.
pub(super) fn merged(command: &str, mut args: ReachArgs, console: &Console) -> Result<(String, ReachArgs), Error> {
    let curl = FromCurl::parse(command).map_err(|why| Error::usage(format!("--from-curl can't be read: {why}")))?;
    for flag in &curl.ignored {
        console.line(format_args!("--from-curl: {flag} is ignored"));
    }
    let request = &mut args.request;
    request.headers.splice(..0, curl.headers);
    request.cookies.splice(..0, curl.cookies);
    request.user = request.user.take().or(curl.user);
    request.user_agent = request.user_agent.take().or(curl.user_agent);
    args.tls.insecure |= curl.insecure;
    args.route.location |= curl.location;
    args.route.proxy = args.route.proxy.take().or(curl.proxy);
    Ok((curl.url, args))
}
