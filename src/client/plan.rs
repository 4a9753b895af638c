//! Flags, environment and files to a [`Dialer`].

use std::fs;

use super::password;
use super::proxy_env;
use crate::cli::{ClientArgs, RequestArgs, RouteArgs, TlsArgs};
use crate::error::Error;
use crate::net::target::Target;
use crate::net::{Dialer, Family, Proxy, Resolver, Settings, TlsSettings, is_server_name};
use crate::stdio::console::Console;
use crate::ws::handshake::{Header, basic_credentials, is_token};

/// A refusal's body is kept in memory whole.
const LARGEST_BODY: u64 = 64 << 20;

pub(super) fn dialer(args: &ClientArgs, settings: Settings, url: &str, console: &Console) -> Result<Dialer, Error> {
    let mut target = Target::parse(url)?;
    if target.guessed {
        console.line(format_args!("no scheme given: taking it as {}", target.url()));
    }
    if let Some(path) = &args.route.unix_socket {
        target.unix_socket = Some(path.clone());
    }
    let mut headers = request_headers(&args.request, &target)?;
    add_user_agent(&mut headers);
    Ok(Dialer {
        proxy: proxy(&args.route, &target)?,
        target,
        subprotocols: subprotocols(&args.request)?,
        headers,
        resolver: resolver(&args.route),
        connect_to: args.route.connect_to.clone(),
        tls: tls_settings(&args.tls)?,
        settings,
        connect_timeout: args.connect_timeout,
        max_body: args.report.max_body.0.unwrap_or(LARGEST_BODY).min(LARGEST_BODY) as usize,
        unchecked: args.report.no_check,
        latest: None,
    })
}

fn request_headers(args: &RequestArgs, target: &Target) -> Result<Vec<Header>, Error> {
    let mut headers = Vec::new();
    for text in &args.headers {
        match text.strip_prefix('@') {
            Some(path) => {
                for line in read(path)?.lines().filter(|line| !line.trim().is_empty()) {
                    headers.push(header(line)?);
                }
            }
            None => headers.push(header(text)?),
        }
    }
    let named = [("Host", &args.host), ("Origin", &args.origin), ("User-Agent", &args.user_agent)];
    for (name, value) in named {
        headers.extend(value.iter().map(|value| header(&format!("{name}: {value}"))).collect::<Result<Vec<_>, _>>()?);
    }
    headers.extend(cookie_header(&args.cookies)?);
    headers.extend(authorization(args, target, &headers)?);
    Ok(headers)
}

/// RFC 6455 §4.1 point 10: each is a token.
fn subprotocols(args: &RequestArgs) -> Result<Vec<String>, Error> {
    match args.subprotocols.iter().find(|name| !is_token(name)) {
        Some(wrong) => Err(Error::Usage {
            what: format!("{wrong:?} can't be a subprotocol, which is a token (RFC 6455 §4.1)"),
            hint: Some("-H 'Sec-WebSocket-Protocol: …' sends anything".into()),
        }),
        None => Ok(args.subprotocols.clone()),
    }
}

/// `-u`, `--bearer`, or the URL's own credentials where nothing else is given.
fn authorization(args: &RequestArgs, target: &Target, headers: &[Header]) -> Result<Option<Header>, Error> {
    if let Some(user) = &args.user {
        return basic(user).map(Some);
    }
    if let Some(token) = &args.bearer {
        let token = token.strip_prefix('@').map_or_else(|| Ok(token.clone()), read)?;
        return header(&format!("Authorization: Bearer {}", token.trim())).map(Some);
    }
    let given = headers.iter().any(|header| header.is("authorization"));
    let own = target.userinfo.as_ref().filter(|_| !given);
    Ok(own.map(|(user, password)| Header::new("Authorization", basic_credentials(&format!("{user}:{password}")))))
}

fn basic(user: &str) -> Result<Header, Error> {
    let (name, password) = match user.split_once(':') {
        Some((name, password)) => (name, password.to_owned()),
        None => (user, password::ask(&format!("password for {user}"), "write -u NAME:PASSWORD, or -H @FILE")?),
    };
    Ok(Header::new("Authorization", basic_credentials(&format!("{name}:{password}"))))
}

fn cookie_header(cookies: &[String]) -> Result<Option<Header>, Error> {
    if let Some(wrong) = cookies.iter().find(|cookie| !cookie.contains('=')) {
        return Err(Error::usage(format!("{wrong:?} is no cookie: write -b NAME=VALUE")));
    }
    (!cookies.is_empty()).then(|| header(&format!("Cookie: {}", cookies.join("; ")))).transpose()
}

fn add_user_agent(headers: &mut Vec<Header>) {
    if !headers.iter().any(|header| header.is("user-agent")) {
        headers.push(Header::new("User-Agent", format!("wscli/{}", env!("CARGO_PKG_VERSION"))));
    }
}

fn header(text: &str) -> Result<Header, Error> {
    Header::parse(text).map_err(|bad| Error::usage(bad.to_string()))
}

fn read(path: &str) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|why| Error::File { path: path.into(), why: crate::error::system_words(&why) })
}

fn resolver(args: &RouteArgs) -> Resolver {
    let family = match (args.ipv4, args.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    };
    Resolver { known: args.resolve.clone(), family }
}

/// The proxy for a target, by flag or by environment.
pub(super) fn proxy(args: &RouteArgs, target: &Target) -> Result<Option<Proxy>, Error> {
    if target.unix_socket.is_some() {
        return Ok(None);
    }
    let environment = |name: &str| std::env::var(name).ok();
    let (flag, noproxy) = (args.proxy.as_deref(), args.noproxy.as_deref());
    proxy_env::choose(target.secure, &target.host, target.port, flag, noproxy, environment)
        .map(|url| Proxy::parse(&url))
        .transpose()
}

fn tls_settings(args: &TlsArgs) -> Result<TlsSettings, Error> {
    if args.tls_min > args.tls_max {
        return Err(Error::usage("--tls-min is above --tls-max"));
    }
    if let Some(name) = args.sni.as_deref().filter(|name| !is_server_name(name)) {
        return Err(Error::usage(format!("{name:?} can't be the name of a server (--sni)")));
    }
    let identity = args.cert.as_deref().map(|cert| super::identity::load(cert, args.key.as_deref().unwrap_or(cert)));
    Ok(TlsSettings {
        cacert: args.cacert.clone(),
        native_roots: args.native_roots,
        insecure: args.insecure,
        identity: identity.transpose()?,
        oldest: args.tls_min,
        newest: args.tls_max,
        server_name: args.sni.clone(),
        alpn: args.alpn.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
    })
}
