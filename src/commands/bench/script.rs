//! A load that isn't put on a server here, but written as a script for another generator.

use super::Config;
use super::k6_script::{ScriptFacts, k6_script};
use crate::client::{Destination, RequestConfig};
use crate::error::Error;
use crate::http::{Secrets, is_secret_header, shown_subprotocols, shown_url};
use crate::net::target::Target;

/// The script, with no secret of the request in it.
///
/// # Errors
/// A message that can't be read or filled in; a load that no script has.
pub(super) fn script(config: Config) -> Result<String, Error> {
    let Config { destination, client, load, message, kind, is_template, thresholds, .. } = config;
    let Some(Destination::Url(url)) = destination else {
        return Err(Error::usage("a script needs the URL of a server"));
    };
    if load.fan_out.is_some() {
        return Err(Error::usage("messages that are published to subscribers have no script"));
    }
    let target = Target::parse(&url)?;
    let message = message.read(kind)?;
    let message = if is_template { message.into_template(&load.answers).map_err(Error::usage)? } else { message };
    let (headers, mut left_out) = headers(&client.request);
    left_out.extend(target.userinfo.is_some().then(|| "the password of the URL".to_owned()));
    let (url, masked) = (target.url(), Secrets::shown_if(false));
    left_out.extend((shown_url(&url, masked) != url).then(|| "a secret of the URL".to_owned()));
    let given = client.request.subprotocols.join(",");
    let subprotocols = if given.is_empty() { Vec::new() } else { shown_subprotocols(&given, masked) };
    left_out.extend((subprotocols.join(",") != given).then(|| "a secret among the subprotocols".to_owned()));
    let facts = ScriptFacts {
        url: &shown_url(&url, masked),
        headers: &headers,
        left_out: &left_out,
        subprotocols: &subprotocols,
        compresses: client.settings.deflate.is_some(),
        kind,
        content: &message.content,
        thresholds: &thresholds,
    };
    Ok(k6_script(&load, &facts))
}

/// Headers that may stand in a script, and what of the request may not.
fn headers(request: &RequestConfig) -> (Vec<(String, String)>, Vec<String>) {
    let (mut headers, mut left_out) = (Vec::new(), Vec::new());
    for header in &request.headers {
        match header.split_once(':') {
            _ if header.starts_with('@') => left_out.push("a file of headers".to_owned()),
            Some((name, _)) if is_secret_header(name) => left_out.push(format!("the header {name}")),
            Some((name, value)) if !value.trim().is_empty() => headers.push((name.to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    let own = [("Origin", &request.origin), ("User-Agent", &request.user_agent)];
    headers.extend(own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))));
    let secrets = [
        (request.user.is_some(), "the user with the password"),
        (request.bearer.is_some(), "the token"),
        (!request.cookies.is_empty(), "the cookies"),
        (request.host.is_some(), "the Host header"),
    ];
    left_out.extend(secrets.into_iter().filter(|(is_there, _)| *is_there).map(|(_, what)| what.to_owned()));
    (headers, left_out)
}
