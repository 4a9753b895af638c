//! A load that isn't put on a server here, but written as a script for another generator, which runs on several machines.

mod artillery;
mod k6;

use std::collections::BTreeMap;
use std::time::Duration;

use self::artillery::artillery_script;
use self::k6::k6_script;
use super::Config;
use super::answer_rule::AnswerRule;
use super::load::LoadConfig;
use super::message::LoadMessage;
use super::threshold::Threshold;
use crate::client::{self, Destination, RequestConfig};
use crate::error::Error;
use crate::http::{Secrets, is_secret_header, shown_subprotocols, shown_url};
use crate::net::Family;
use crate::net::target::Target;

/// What a script is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    K6,
    Artillery,
}

/// What a script is made from, beside the load.
struct ScriptFacts {
    url: String,
    /// Those that a script may have in it, by their names.
    headers: BTreeMap<String, String>,
    /// What of the request isn't in the script.
    left_out: Vec<String>,
    subprotocols: Vec<String>,
    compresses: bool,
    /// Any certificate is accepted.
    insecure: bool,
    connect_timeout: Duration,
    message: LoadMessage,
    thresholds: Vec<Threshold>,
}

/// The script, with no secret of the request in it.
///
/// # Errors
/// A message that can't be read or filled in; a load that no script has.
pub(super) fn script(config: Config, format: ExportFormat) -> Result<String, Error> {
    let Config { destination, client, load, message, kind, is_template, thresholds, .. } = config;
    let Some(Destination::Url(url)) = destination else {
        return Err(Error::usage("a script needs the URL of a server"));
    };
    if load.fan_out.is_some() {
        return Err(Error::usage("messages that are published to subscribers have no script"));
    }
    if load.storm {
        return Err(Error::usage("a reconnect storm can't be exported as a script"));
    }
    let target = Target::parse(&url)?;
    if client.unix_socket.is_some() || target.unix_socket.is_some() {
        return Err(Error::usage("no other generator connects to a Unix domain socket"));
    }
    let message = message.read(kind, is_template.then_some(&load.answers))?;
    let (headers, mut left_out) = headers(&client.request);
    left_out.extend(target.userinfo.is_some().then(|| "the password of the URL".to_owned()));
    let (url, masked) = (target.url(), Secrets::shown_if(false));
    let shown = shown_url(&url, masked).into_owned();
    left_out.extend((shown != url).then(|| "a secret of the URL".to_owned()));
    let given = client.request.subprotocols.join(",");
    let subprotocols = if given.is_empty() { Vec::new() } else { shown_subprotocols(&given, masked) };
    left_out.extend((subprotocols.join(",") != given).then(|| "a secret among the subprotocols".to_owned()));
    left_out.extend(ways(&client, &load));
    let facts = ScriptFacts {
        subprotocols: subprotocols.into_iter().map(str::to_owned).collect(),
        url: shown,
        headers,
        left_out,
        compresses: client.settings.deflate.is_some(),
        insecure: client.tls.insecure,
        connect_timeout: client.connect_timeout,
        message,
        thresholds,
    };
    match format {
        ExportFormat::K6 => Ok(k6_script(&load, &facts)),
        ExportFormat::Artillery => artillery_script(&load, &facts).map_err(Error::usage),
    }
}

/// Headers that may stand in a script, and what of the request may not.
fn headers(request: &RequestConfig) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut headers, mut left_out) = (BTreeMap::new(), Vec::new());
    for header in &request.headers {
        match header.split_once(':') {
            _ if header.starts_with('@') => left_out.push("a file of headers".to_owned()),
            Some((name, _)) if is_secret_header(name) => left_out.push(format!("the header {name}")),
            Some((name, value)) if !value.trim().is_empty() => {
                if headers.insert(name.to_owned(), value.trim().to_owned()).is_some() {
                    left_out.push(format!("all but the last of the headers {name}"));
                }
            }
            Some((name, _)) => left_out.push(format!("that {name} isn't sent")),
            None => left_out.push(format!("the empty header {}", header.trim_end_matches(';'))),
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
    left_out.extend(those_of(&secrets));
    (headers, left_out)
}

/// Ways to the server that a script doesn't go.
fn ways(client: &client::Config, load: &LoadConfig) -> Vec<String> {
    let client::Config { tls, proxy, resolver, connect_to, redirects, retries, .. } = client;
    those_of(&[
        (tls.cacert.is_some() || tls.native_roots, "the choice of trusted certificates"),
        (tls.cert.is_some(), "the client certificate"),
        (tls.server_name.is_some() || !tls.alpn.is_empty(), "the names that TLS is told"),
        (proxy.url.as_ref().is_some_and(|url| !url.is_empty()), "the proxy"),
        (!resolver.known.is_empty() || !connect_to.is_empty(), "the other address to connect to"),
        (!load.sources.is_empty(), "the addresses that connections come from"),
        (resolver.family != Family::Any, "the choice between IPv4 and IPv6"),
        (redirects.follow, "that redirects are followed"),
        (retries.most > 0, "that what fails is tried again"),
    ])
    .collect()
}

fn those_of(facts: &[(bool, &str)]) -> impl Iterator<Item = String> {
    facts.iter().filter(|(holds, _)| *holds).map(|(_, what)| (*what).to_owned())
}

/// What is different from the load here, and what is left out, each as a comment behind this sign.
fn comments(sign: &str, differences: impl Iterator<Item = String>, facts: &ScriptFacts) -> String {
    let left_out = facts.left_out.iter().map(|what| format!("left out: {what}"));
    differences.chain(left_out).map(|difference| format!("{sign} - {difference}\n")).collect()
}

/// Where other messages would be answers than those that a script takes for some.
fn other_answers(load: &LoadConfig) -> Option<String> {
    let is_other = matches!(load.answers, AnswerRule::Echo | AnswerRule::Json(_));
    is_other.then(|| "the k-th message that comes answers the k-th that was sent".to_owned())
}

/// A value as it is written in JSON, and so in JavaScript and in YAML.
fn json(value: &(impl serde::Serialize + ?Sized)) -> String {
    // Strings, lists and maps can always be written as JSON.
    serde_json::to_string(value).unwrap_or_default()
}
