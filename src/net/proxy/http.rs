//! CONNECT (RFC 9110 §9.3.6).

use super::{ConnectHeaders, Heads, Proxy};
use crate::error::{Error, Phase};
use crate::net::http_response::{ResponseRead, read_answer, with_body};
use crate::net::protocol_guess::{self, Protocol};
use crate::net::target::bracketed;
use crate::net::transport::Transport;
use crate::net::until::Until;
use crate::values::PRODUCT;
use crate::ws::Buffer;

pub(super) const METHOD: &str = "CONNECT";

/// The target of the request.
pub(super) fn place(host: &str, port: u16) -> String {
    format!("{}:{port}", bracketed(host))
}

pub(super) fn tunnel(
    proxy: &Proxy,
    transport: &mut Transport,
    (host, port): (&str, u16),
    more: ConnectHeaders<'_>,
    max_body: usize,
    until: Until<'_>,
) -> Result<Heads, Error> {
    let place = place(host, port);
    let mut request = format!("{METHOD} {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: {PRODUCT}\r\n");
    let ConnectHeaders { authorization, via } = more;
    let authentication = proxy.authentication(authorization.as_ref());
    if let Some(authorization) = authorization {
        request.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
    }
    if let Some(via) = via {
        request.push_str(&format!("Via: {via}\r\n"));
    }
    request.push_str("\r\n");
    let mut buffer = Buffer::default();
    let sent = transport.send_all(request.as_bytes(), until);
    let read = sent.and_then(|()| read_answer(transport, &mut buffer, until));
    match read.map_err(|error| until.failure(Phase::Proxy, &proxy.to_string(), error))? {
        ResponseRead::Answer(response) if response.status.is_success() => Ok((request.into_bytes(), response.raw)),
        ResponseRead::Answer(response) => {
            let answer = with_body(response, request.into_bytes(), transport, &mut buffer, max_body, until)
                .map_err(|error| until.failure(Phase::Proxy, &proxy.to_string(), error))?;
            Err(Error::ProxyRefused { proxy: proxy.with_origin(), authentication, answer: Box::new(answer) })
        }
        ResponseRead::Ended => Err(proxy.gone(!buffer.unread().is_empty())),
        ResponseRead::TooLong => Err(proxy.failed("it sent over 64 KiB of headers")),
        ResponseRead::Malformed(why) => Err(proxy.failed(why)),
        ResponseRead::NotHttp => Err(proxy.failed(match protocol_guess::speaker(buffer.unread()) {
            Some(speaker) if speaker.protocol == Protocol::Tls => {
                format!("it is {speaker}: https:// instead of http:// speaks TLS with it")
            }
            Some(speaker) => format!("it is {speaker}, not an HTTP proxy"),
            None => "it did not answer with HTTP; is it a SOCKS proxy?".to_owned(),
        })),
    }
}
