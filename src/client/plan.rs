//! Configuration, environment and files to a [`Dialer`].

use std::path::Path;
use std::sync::Arc;

use super::asking::Asker;
use super::config::CarriedSecrets;
use super::cookies::{self, Jar};
use super::curl_flags::Pasted;
use super::proxy_env::ChosenProxy;
use super::{Config, ProxyConfig, RequestConfig, TlsConfig, identity, proxy_env};
use crate::advice::{self, PASSWORD, PROXY_PASSWORD, Password};
use crate::error::{Error, OriginChange, Phrase, Remedy, sentence};
use crate::http::{Header, HeaderValue, UserPassword, is_token, shown_url};
use crate::net::pem_file;
use crate::net::target::Target;
use crate::net::{Dialer, Proxy, TlsSettings, is_server_name};
use crate::stdio::console::Console;
use crate::stdio::file;
use crate::stdio::password::Question;
use crate::stdio::secret::Secret;
use crate::values::PRODUCT;

/// A refusal's body is kept in memory whole.
const LARGEST_BODY: u64 = 64 << 20;

/// What every server is reached with, whichever it is. Files are read for it, and secrets are asked for, once: later there
/// may be somebody else who reads the terminal.
#[derive(Debug)]
pub(super) struct Plan {
    headers: Vec<Header>,
    /// The User-Agent among them is our own name, as none is given.
    pub(super) has_default_user_agent: bool,
    /// Those that are given beside the URL.
    credentials: Option<UserPassword>,
    subprotocols: Vec<String>,
    tls: TlsSettings,
    /// Those that are typed, for every server.
    cookies: Vec<String>,
    /// Instead of those of the proxy's URL.
    proxy_credentials: Option<UserPassword>,
}

impl Plan {
    pub(super) fn read(config: &Config, pasted: Pasted, asker: &Asker<'_>) -> Result<(Self, Jar), Error> {
        let subprotocols = subprotocols(&config.request)?;
        let configured = configured_headers(&config.request)?;
        let credentials = credentials(&config.request, &configured, pasted.user.as_deref(), asker)?;
        let mut headers = with_pasted(&config.request, configured, pasted.headers);
        join_cookies(&mut headers);
        let has_default_user_agent = !headers.iter().any(|header| header.is("user-agent"));
        if has_default_user_agent {
            headers.push(Header::new("User-Agent", PRODUCT));
        }
        let (cookies, jar) = cookies::read(&config.request.cookies, config.request.cookie_jar.as_deref())?;
        let proxy_user = config.proxy.user.as_ref().map(Secret::read).transpose()?;
        let proxy_credentials = proxy_user.map(|user| with_password(&user, PROXY_PASSWORD, asker)).transpose()?;
        let tls = tls_settings(config, asker)?;
        let plan = Self { headers, has_default_user_agent, credentials, subprotocols, tls, cookies, proxy_credentials };
        Ok((plan, jar))
    }

    /// The way to `target`. Where no credentials are given, those of its URL are sent.
    pub(super) fn dialer(&self, config: &Config, target: Target) -> Result<Dialer, Error> {
        let of_url = target.userinfo.clone().map(|(user, password)| UserPassword { user, password });
        let mut dialer = self.without_credentials(config, target)?;
        dialer.credentials.clone_from(&self.credentials);
        let is_authorized = dialer.headers.iter().any(|header| header.is("authorization"));
        dialer.credentials = dialer.credentials.or(of_url.filter(|_| !is_authorized));
        let sent = dialer.credentials.as_ref().filter(|_| !dialer.digest_only);
        dialer.headers.extend(sent.map(|credentials| Header::new("Authorization", credentials.basic())));
        Ok(dialer)
    }

    /// The way to `target` with what is configured for the first one, but for what is sent as a user's name and password.
    fn without_credentials(&self, config: &Config, target: Target) -> Result<Dialer, Error> {
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            add_cookies(&mut headers, &self.cookies.join("; "), CookiePlace::Last)?;
        }
        Ok(Dialer {
            proxy: self.proxy(&config.proxy, &target)?,
            via: None,
            target,
            subprotocols: self.subprotocols.clone(),
            headers,
            credentials: None,
            digest_only: config.request.digest_only,
            withholds_secrets: match config.carried {
                CarriedSecrets::Withheld { of_request: true, .. } => Some(OriginChange::Connect),
                _ => None,
            },
            resolver: config.resolver.clone(),
            connect_to: config.connect_to.clone(),
            source: None,
            tls: self.tls.clone(),
            settings: config.settings,
            connect_timeout: config.connect_timeout,
            max_body: config.max_body.unwrap_or(LARGEST_BODY).min(LARGEST_BODY) as usize,
            unchecked: config.unchecked,
        })
    }

    /// The proxy for a target, by configuration or by environment.
    pub(super) fn proxy(&self, config: &ProxyConfig, target: &Target) -> Result<Option<Proxy>, Error> {
        let proxy = proxy(config, target)?.map(|proxy| match &self.proxy_credentials {
            Some(credentials) => proxy.with_credentials(credentials.clone()),
            None => proxy,
        });
        match proxy {
            Some(proxy) if config.digest_only => proxy.with_digest_only().map(Some),
            proxy => Ok(proxy),
        }
    }
}

/// What a URL leads to.
pub(super) fn target(config: &Config, url: &str, console: &Console) -> Result<Target, Error> {
    let mut target = Target::parse(url)?;
    if target.guessed {
        let hint = if config.tls.is_expected() && !target.secure { "; wss:// uses TLS" } else { "" };
        console.note(format_args!("no scheme given, assuming {}{hint}", shown_url(&target.url(), config.secrets)));
    }
    if let Some(path) = &config.unix_socket {
        target.unix_socket = Some(path.clone());
    }
    Ok(target)
}

/// The configured headers, and before them the pasted ones that they don't replace.
fn with_pasted(config: &RequestConfig, configured: Vec<Header>, pasted: Vec<Header>) -> Vec<Header> {
    let is_configured = |name: &str| {
        let is = |other: &str, is_given: bool| is_given && name.eq_ignore_ascii_case(other);
        configured.iter().any(|header| header.is(name))
            || is("authorization", config.user.is_some())
            || is("cookie", !config.cookies.is_empty())
            || is("sec-websocket-protocol", !config.subprotocols.is_empty())
    };
    let pasted: Vec<_> = pasted.into_iter().filter(|header| !is_configured(&header.name)).collect();
    [pasted, configured].concat()
}

fn configured_headers(config: &RequestConfig) -> Result<Vec<Header>, Error> {
    let mut headers = Vec::new();
    for text in &config.headers {
        match text.strip_prefix('@') {
            Some(path) => {
                for (number, line) in
                    file::text(Path::new(path))?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty())
                {
                    headers.push(header(line, format!("line {} of {path}", number + 1))?);
                }
            }
            None => headers.push(header(text, Remedy::Header.named())?),
        }
    }
    refuse_given_twice(config, &headers)?;
    let named = [
        ("Host", Remedy::Host, &config.host),
        ("Origin", Remedy::Origin, &config.origin),
        ("User-Agent", Remedy::UserAgent, &config.user_agent),
        ("Referer", Remedy::Referer, &config.referer),
    ];
    for (name, flag, value) in named {
        let given = value.iter().map(|value| header(&format!("{name}: {value}"), flag.named()));
        headers.extend(given.collect::<Result<Vec<_>, _>>()?);
    }
    let bearer = |token: String| header(&format!("Authorization: Bearer {}", token.trim()), Remedy::Bearer.named());
    headers.extend(config.bearer.as_ref().map(|token| token.read().and_then(bearer)).transpose()?);
    Ok(headers)
}

/// A flag and a header of -H that says the same would be sent both, or one of them silently not at all.
fn refuse_given_twice(config: &RequestConfig, headers: &[Header]) -> Result<(), Error> {
    let given = [
        ("Host", Remedy::Host, config.host.is_some()),
        ("Origin", Remedy::Origin, config.origin.is_some()),
        ("User-Agent", Remedy::UserAgent, config.user_agent.is_some()),
        ("Referer", Remedy::Referer, config.referer.is_some()),
        ("Sec-WebSocket-Protocol", Remedy::Subprotocol, !config.subprotocols.is_empty()),
        ("Authorization", Remedy::User, config.user.is_some()),
        ("Authorization", Remedy::Bearer, config.bearer.is_some()),
    ];
    let is_header = |name: &str| headers.iter().any(|header| header.is(name));
    match given.into_iter().find(|(name, _, is_given)| *is_given && is_header(name)) {
        Some((name, flag, _)) => Err(advice::header_given_twice(name, flag)),
        None => Ok(()),
    }
}

/// RFC 6455 §4.1 point 10: each is a token.
fn subprotocols(config: &RequestConfig) -> Result<Vec<String>, Error> {
    match config.subprotocols.iter().find(|name| !is_token(name)) {
        Some(wrong) => Err(advice::subprotocol(wrong, &config.subprotocols)),
        None => Ok(config.subprotocols.clone()),
    }
}

/// Those of `-u`, or pasted ones where no configured header says otherwise.
fn credentials(
    config: &RequestConfig,
    configured: &[Header],
    pasted: Option<&str>,
    asker: &Asker<'_>,
) -> Result<Option<UserPassword>, Error> {
    if let Some(user) = &config.user {
        return with_password(&user.read()?, PASSWORD, asker).map(Some);
    }
    let pasted = pasted.filter(|_| !configured.iter().any(|header| header.is("authorization")));
    pasted.map(|user| with_password(user, PASSWORD, asker)).transpose()
}

/// `NAME:PASSWORD`; a password that is missing is asked for.
fn with_password(user: &str, about: Password, asker: &Asker<'_>) -> Result<UserPassword, Error> {
    let (name, password) = match user.split_once(':') {
        Some((name, password)) => (name, password.to_owned()),
        None => {
            let words = &format!("password for {user}");
            let question = Question { words, about: about.name, otherwise: about.otherwise };
            let is_of_proxy = about.name == PROXY_PASSWORD.name;
            (user, if is_of_proxy { asker.of_all(&question)? } else { asker.of_origin(&question)? })
        }
    };
    Ok(UserPassword { user: name.to_owned(), password })
}

/// Where cookies stand among others.
#[derive(Debug, Clone, Copy)]
pub(super) enum CookiePlace {
    First,
    Last,
}

/// The cookies of several headers in the first of them.
fn join_cookies(headers: &mut Vec<Header>) {
    let is_several =
        |header: &Header| header.is("cookie") && header.value.as_ref().is_some_and(|value| !value.is_empty());
    let values: Vec<_> =
        headers.iter().filter(|header| is_several(header)).filter_map(|header| header.bytes()).collect();
    if values.len() < 2 {
        return;
    }
    let mut joined = Some(HeaderValue::from(values.join(&b"; "[..])));
    headers.retain_mut(|header| match is_several(header) {
        true => joined.take().map(|joined| header.value = Some(joined)).is_some(),
        false => true,
    });
}

/// RFC 6265 §5.4: a request has one Cookie header. Where there is one already, others are added to it.
pub(super) fn add_cookies(headers: &mut Vec<Header>, cookies: &str, place: CookiePlace) -> Result<(), Error> {
    let Header { name, value } = header(&format!("Cookie: {cookies}"), Remedy::Cookie.named())?;
    match headers.iter_mut().find(|header| header.is("cookie")) {
        Some(Header { value: Some(there), .. }) if !there.is_empty() => {
            let both = match place {
                CookiePlace::First => [cookies.as_bytes(), there.as_bytes()],
                CookiePlace::Last => [there.as_bytes(), cookies.as_bytes()],
            };
            *there = both.join(&b"; "[..]).into();
        }
        Some(there) => there.value = value,
        None => headers.push(Header { name, value }),
    }
    Ok(())
}

/// `origin` is where it is written: the header itself may be a secret.
fn header(text: &str, origin: impl Into<Phrase>) -> Result<Header, Error> {
    Header::parse(text).map_err(|bad| Error::usage(sentence![origin, format!(": {bad}")]))
}

fn proxy(config: &ProxyConfig, target: &Target) -> Result<Option<Proxy>, Error> {
    if target.unix_socket.is_some() {
        return Ok(None);
    }
    // A value that is not UTF-8 is no URL, which is said then.
    let environment = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let (url, exempt) = (config.url.as_deref(), config.exempt.as_deref());
    let chosen = proxy_env::choose(target.secure, &target.host, target.port, url, exempt, environment);
    chosen
        .map(|ChosenProxy { url, variable }| match (Proxy::parse(&url), variable) {
            (Err(Error::Usage { what, hint }), Some(variable)) => {
                Err(Error::Usage { what: format!("{variable}: {what}").into(), hint })
            }
            (proxy, variable) => proxy.map(|proxy| proxy.of_variable(variable)),
        })
        .transpose()
}

fn tls_settings(whole: &Config, asker: &Asker<'_>) -> Result<TlsSettings, Error> {
    let config: &TlsConfig = &whole.tls;
    if config.oldest > config.newest {
        return Err(Error::usage(sentence![Remedy::OldestTls.named(), " is above ", Remedy::NewestTls.named()]));
    }
    if let Some(name) = config.server_name.as_deref().filter(|name| !is_server_name(name)) {
        return Err(Error::usage(sentence![
            format!("{name:?} is not a server name ("),
            Remedy::ServerName.named(),
            ")"
        ]));
    }
    let load = |cert| identity::load(cert, config.key.as_deref().unwrap_or(cert), asker);
    if let Some(cert) = config.cert.as_deref().filter(|cert| config.key.is_none() && cert.exists())
        && pem_file::certificates(cert).is_ok()
        && !pem_file::has_private_key(cert)
    {
        return Err(advice::no_key(cert));
    }
    let identity = config.cert.as_deref().map(load);
    Ok(TlsSettings {
        cacert: config.cacert.clone(),
        native_roots: config.native_roots,
        insecure: config.insecure,
        identity: identity.transpose()?.map(Arc::new),
        withholds_identity: match whole.carried {
            CarriedSecrets::Withheld { identity: true, .. } => Some(OriginChange::Connect),
            _ => None,
        },
        oldest: config.oldest,
        newest: config.newest,
        server_name: config.server_name.clone(),
        alpn: config.alpn.clone(),
    })
}
