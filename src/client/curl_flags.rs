//! `--from-curl`: a browser's command as part of the configuration.

use super::Config;
use super::from_curl::FromCurl;
use crate::advice::flag;
use crate::error::Error;
use crate::http::Header;
use crate::stdio::console::Console;
use crate::stdio::secret::Secret;

/// What a command says about the request, in headers. What is configured counts more, whichever flag says it: of a header
/// that both name, only the configured one is sent.
#[derive(Debug, Default)]
pub(super) struct Pasted {
    pub(super) headers: Vec<Header>,
    /// `NAME:PASSWORD` for `Authorization`, which isn't among the headers then. A password that is missing is asked for,
    /// unless the header is configured.
    pub(super) user: Option<String>,
}

/// Adds to the configuration what `command` says about the way; what was configured already counts more. Returns its URL,
/// and what it says about the request.
///
/// # Errors
/// What can't be read as a curl command.
pub(super) fn merge(command: &str, config: &mut Config, console: &Console) -> Result<(String, Pasted), Error> {
    let curl = FromCurl::parse(command).map_err(unreadable)?;
    for flag in &curl.ignored {
        console.line(format_args!("{}: {flag} is ignored", flag::FROM_CURL));
    }
    let pasted = Pasted::of(&curl)?;
    config.tls.insecure |= curl.insecure;
    config.request.digest_only |= curl.digest && (curl.user.is_some() || config.request.user.is_some());
    config.redirects.follow |= curl.location || curl.location_trusted;
    config.redirects.trusted |= curl.location_trusted;
    config.proxy.user = config.proxy.user.take().or(curl.proxy_user.map(Secret::Given));
    config.proxy.url = config.proxy.url.take().or(curl.proxy);
    let has_user = config.proxy.user.is_some() || config.proxy.url.as_ref().is_some_and(|url| url.contains('@'));
    config.proxy.digest_only |= curl.proxy_digest && has_user;
    Ok((curl.url, pasted))
}

impl Pasted {
    /// As for curl itself, its `-H` counts more than its other flags.
    fn of(curl: &FromCurl) -> Result<Self, Error> {
        let header = |flag: &str, text: &str| Header::parse(text).map_err(|bad| unreadable(format!("{flag}: {bad}")));
        let mut headers = curl.headers.iter().map(|text| header("-H", text)).collect::<Result<Vec<_>, _>>()?;
        let cookies = (!curl.cookies.is_empty()).then(|| curl.cookies.join("; "));
        let bearer = curl.bearer.as_ref().map(|token| format!("Bearer {token}"));
        for (flag, name, value) in [
            ("-A", "User-Agent", &curl.user_agent),
            ("-e", "Referer", &curl.referer),
            ("-b", "Cookie", &cookies),
            ("--oauth2-bearer", "Authorization", &bearer),
        ] {
            let value = value.as_ref().filter(|_| !names(&headers, name));
            headers.extend(value.map(|value| header(flag, &format!("{name}: {value}"))).transpose()?);
        }
        let user = curl.user.clone().filter(|_| !names(&headers, "authorization"));
        Ok(Self { headers, user })
    }
}

fn names(headers: &[Header], name: &str) -> bool {
    headers.iter().any(|header| header.is(name))
}

fn unreadable(why: String) -> Error {
    Error::usage(format!("{} can't be read: {why}", flag::FROM_CURL))
}
