//! SOCKS 5 (RFC 1928) with user and password (RFC 1929).

use std::io;
use std::net::IpAddr;

use super::{Proxy, ProxyKind};
use crate::error::{Error, Phase};
use crate::net::resolve::Resolver;
use crate::net::transport::{Received, Transport};
use crate::net::until::Until;
use crate::ws::Buffer;

const VERSION: u8 = 5;
/// Of the negotiation of user and password (RFC 1929 §2).
const PASSWORD_VERSION: u8 = 1;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

pub(super) fn tunnel(
    proxy: &Proxy,
    transport: &mut Transport,
    (host, port): (&str, u16),
    resolver: &Resolver,
    until: Until<'_>,
) -> Result<(), Error> {
    let mut talk = Talk { proxy, transport, buffer: Buffer::default(), is_answering: false, until };
    talk.authenticate()?;
    let mut request = vec![VERSION, 1, 0];
    request.extend(address(proxy, host, port, resolver, until)?);
    request.extend(port.to_be_bytes());
    talk.say(&request)?;
    let [version, reply, _, kind] = talk.hear()?;
    match reply {
        _ if version != VERSION => return Err(proxy.failed(format!("it answered with SOCKS version {version}, not 5"))),
        0 => {}
        _ => return Err(proxy.failed(refusal(reply))),
    }
    // The address that the proxy connects from, which nobody needs, and its port.
    match kind {
        1 => drop(talk.hear::<6>()?),
        4 => drop(talk.hear::<18>()?),
        3 => {
            let [length] = talk.hear()?;
            for _ in 0..usize::from(length) + 2 {
                talk.hear::<1>()?;
            }
        }
        other => return Err(proxy.failed(format!("it answered with an unknown address type, {other}"))),
    }
    Ok(())
}

/// RFC 1928 §5.
fn address(proxy: &Proxy, host: &str, port: u16, resolver: &Resolver, until: Until<'_>) -> Result<Vec<u8>, Error> {
    let ip = match host.parse() {
        Ok(ip) => Some(ip),
        Err(_) if proxy.kind == ProxyKind::Socks5h => None,
        Err(_) => resolver.addresses(host, port, until)?.first().map(|address| address.ip()),
    };
    match ip {
        Some(IpAddr::V4(ip)) => Ok([&[1][..], &ip.octets()].concat()),
        Some(IpAddr::V6(ip)) => Ok([&[4][..], &ip.octets()].concat()),
        None => {
            let length = u8::try_from(host.len()).map_err(|_| proxy.failed("the host's name is over 255 bytes"))?;
            Ok([&[3, length], host.as_bytes()].concat())
        }
    }
}

/// RFC 1928 §6.
fn refusal(reply: u8) -> String {
    let words = match reply {
        1 => "general failure",
        2 => "its rules don't allow the connection",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "it does not support CONNECT",
        8 => "it does not support this address type",
        _ => "unknown reply",
    };
    format!("it refused: {words} (reply {reply})")
}

/// A conversation with a proxy.
struct Talk<'a> {
    proxy: &'a Proxy,
    transport: &'a mut Transport,
    buffer: Buffer,
    /// Part of the answer to what was said last has been heard.
    is_answering: bool,
    until: Until<'a>,
}

impl Talk<'_> {
    /// RFC 1928 §3, RFC 1929 §2.
    fn authenticate(&mut self) -> Result<(), Error> {
        let proxy = self.proxy;
        let methods: &[u8] = match proxy.credentials {
            Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD],
            None => &[VERSION, 1, NO_AUTHENTICATION],
        };
        self.say(methods)?;
        let [version, method] = self.hear()?;
        match (version, method, &proxy.credentials) {
            (VERSION, NO_AUTHENTICATION, _) => Ok(()),
            (VERSION, USER_AND_PASSWORD, Some(credentials)) => {
                let too_long = |_| proxy.failed("user and password may have 255 bytes each");
                let user = u8::try_from(credentials.user.len()).map_err(too_long)?;
                let password = u8::try_from(credentials.password.len()).map_err(too_long)?;
                let words = [
                    &[PASSWORD_VERSION, user],
                    credentials.user.as_bytes(),
                    &[password],
                    credentials.password.as_bytes(),
                ]
                .concat();
                self.say(&words)?;
                // Whether it tells the right version of this is of no consequence, and some proxies don't.
                let [_, status] = self.hear()?;
                if status == 0 { Ok(()) } else { Err(proxy.failed("it refused the user and password")) }
            }
            (VERSION, NONE_ACCEPTABLE, Some(_)) => Err(proxy.failed("it requires another authentication method")),
            (VERSION, _, None) => Err(proxy.wants_credentials()),
            _ => Err(proxy.failed("it did not answer with SOCKS 5; is it an HTTP proxy?")),
        }
    }

    fn say(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.is_answering = false;
        self.transport.send_all(bytes, self.until).map_err(|error| self.broken(error))
    }

    fn hear<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        loop {
            if let Some(heard) = self.buffer.unread().first_chunk().copied() {
                self.buffer.consume(N);
                self.is_answering = true;
                return Ok(heard);
            }
            match self.transport.receive_some(&mut self.buffer, self.until).map_err(|error| self.broken(error))? {
                Received::End => return Err(self.proxy.gone(self.is_answering || !self.buffer.unread().is_empty())),
                Received::Bytes | Received::Nothing => {}
            }
        }
    }

    fn broken(&self, error: io::Error) -> Error {
        self.until.failure(Phase::Proxy, &self.proxy.to_string(), error)
    }
}
