//! What a client speaks that doesn't speak what we expected, by its first bytes.

use super::proxy_header;
use crate::advice;
use crate::http::Method;
use crate::net::protocol_guess::{TLS_HANDSHAKE, is_frame};
use crate::ws::handshake::Refusal;

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientProtocol {
    Tls,
    /// With prior knowledge (RFC 9113 §3.3).
    Http2,
    Http1,
    /// Another version of it, by its digits.
    HttpVersion(char, char),
    /// As if this were a proxy (RFC 9110 §9.3.6).
    Connect,
    /// Of this version, in front of something else.
    ProxyHeader(u8),
    Other(&'static str),
}

/// RFC 9113 §3.4.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";

/// Beginnings of others that are told from their first bytes.
const OTHERS: [(&[u8], &str); 14] = [
    (b"SSH-", "SSH"),
    (b"\x05\x01", "SOCKS 5"),
    (b"\x05\x02", "SOCKS 5"),
    (b"\x04\x01", "SOCKS 4"),
    (b"EHLO ", "SMTP"),
    (b"HELO ", "SMTP"),
    (b"PING\r\n", "Redis"),
    (b"STOMP\n", STOMP),
    (b"STOMP\r\n", STOMP),
    (b"CONNECT\n", STOMP),
    (b"CONNECT\r\n", STOMP),
    (b"{", JSON),
    (b"[", JSON),
    (b"AMQP", "AMQP"),
];

const STOMP: &str = "STOMP without WebSocket";
const JSON: &str = "JSON without HTTP";

impl ClientProtocol {
    /// What it is whose client begins with `bytes`, where that can be told.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let other = OTHERS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
        match bytes {
            [TLS_HANDSHAKE, ..] => Some(Self::Tls),
            _ if bytes.starts_with(HTTP2_PREFACE) => Some(Self::Http2),
            _ if proxy_header::version(bytes).is_some() => proxy_header::version(bytes).map(Self::ProxyHeader),
            _ if is_mqtt(bytes) => Some(Self::Other("MQTT without WebSocket")),
            _ if is_redis(bytes) => Some(Self::Other("Redis")),
            // A TPKT header (RFC 1006 §6) with a connection request of X.224 in it.
            [3, 0, _, _, _, 0xe0, ..] => Some(Self::Other("RDP")),
            [first, _, 1, 0 | 3, ..] if first & 0x80 != 0 => Some(Self::Other("SSL 2.0")),
            _ if is_frame(bytes, true) => Some(Self::Other("WebSocket without an opening handshake")),
            _ if version(bytes).is_some() => Self::of_version(bytes),
            _ => other.map(|(_, name)| Self::Other(name)),
        }
    }

    /// What a request line is, by the version at its end.
    fn of_version(bytes: &[u8]) -> Option<Self> {
        Some(match version(bytes)? {
            ("HTTP", '1', '0' | '1') if bytes.starts_with(b"CONNECT ") => Self::Connect,
            ("HTTP", '1', '0' | '1') => Self::Http1,
            ("HTTP", major, minor) => Self::HttpVersion(major, minor),
            ("RTSP", ..) => Self::Other("RTSP"),
            ("SIP", ..) => Self::Other("SIP"),
            _ => return None,
        })
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Tls => "TLS".into(),
            Self::Http2 => "HTTP/2".into(),
            Self::Http1 | Self::Connect => "plain HTTP".into(),
            Self::HttpVersion(major, minor) => format!("HTTP/{major}.{minor}"),
            Self::ProxyHeader(version) => format!("the PROXY protocol (version {version})"),
            Self::Other(name) => name.into(),
        }
    }

    /// Whether what was said begins with a head of HTTP, of whatever version.
    pub(super) fn is_http(self) -> bool {
        match self {
            Self::Http1 | Self::Http2 | Self::HttpVersion(..) | Self::Connect => true,
            Self::Tls | Self::ProxyHeader(_) | Self::Other(_) => false,
        }
    }

    /// What its client is told where HTTP/1.1 was expected.
    pub(super) fn refusal(self) -> Option<Refusal> {
        Some(match self {
            Self::Tls => Refusal::bad_request(&advice::tls_on_a_plain_port()),
            Self::Http2 | Self::HttpVersion(..) => {
                Refusal::version_not_supported(&format!("the client speaks {}, and this server HTTP/1.1", self.name()))
            }
            Self::Connect => Refusal::method_not_allowed(Method::ALL, advice::NOT_A_PROXY),
            Self::ProxyHeader(version) => Refusal::bad_request(&advice::proxy_header(version)),
            Self::Other(name) => {
                Refusal::bad_request(&format!("the client speaks {name}, and this is a WebSocket server"))
            }
            Self::Http1 => return None,
        })
    }
}

impl ClientProtocol {
    /// What its client is told by a proxy.
    pub(super) fn refusal_of_proxy(self) -> Option<Refusal> {
        match self {
            Self::Connect | Self::Http1 => None,
            Self::Tls | Self::Http2 | Self::HttpVersion(..) | Self::ProxyHeader(_) => self.refusal(),
            Self::Other(name) => {
                let why = format!("the client speaks {name}, and this is a proxy for HTTP and SOCKS 5");
                Some(Refusal::bad_request(&why))
            }
        }
    }
}

/// A CONNECT packet (MQTT 5.0 §3.1): its type, its length, and the name of the protocol.
fn is_mqtt(bytes: &[u8]) -> bool {
    matches!(bytes, [0x10, rest @ ..] if rest.windows(6).take(4).any(|six| six == b"\0\x04MQTT"))
}

/// A command in RESP: an array of so many strings.
fn is_redis(bytes: &[u8]) -> bool {
    matches!(bytes, [b'*', b'1'..=b'9', rest @ ..] if rest.trim_ascii_start().starts_with(b"$"))
}

/// The name and the digits of the version at the end of a request line (RFC 9112 §3).
fn version(bytes: &[u8]) -> Option<(&str, char, char)> {
    let line = bytes.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    let is_method = line.first().is_some_and(u8::is_ascii_uppercase);
    let (_, last) = str::from_utf8(line).ok().filter(|_| is_method)?.trim_end().rsplit_once(' ')?;
    let (name, numbers) = last.split_once('/')?;
    let (major, minor) = numbers.split_once('.')?;
    let digit = |text: &str| text.parse().ok().filter(char::is_ascii_digit);
    Some((name, digit(major)?, digit(minor)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_known_by_their_first_bytes() {
        for (bytes, protocol) in [
            (&b"\x16\x03\x01\x02\x00\x01"[..], Some(ClientProtocol::Tls)),
            (b"\x16", Some(ClientProtocol::Tls)),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Some(ClientProtocol::Http2)),
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 1111 80\r\nGET / HTTP/1.1\r\n", Some(ClientProtocol::ProxyHeader(1))),
            (b"PROXY UNKNOWN\r\n", Some(ClientProtocol::ProxyHeader(1))),
            (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", Some(ClientProtocol::ProxyHeader(2))),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Some(ClientProtocol::Other("SSH"))),
            (b"\x10\x10\0\x04MQTT\x04\x02", Some(ClientProtocol::Other("MQTT without WebSocket"))),
            (b"GET / HTTP/1.1\r\n", Some(ClientProtocol::Http1)),
            (b"CONNECT a:443 HTTP/1.1\r\n", Some(ClientProtocol::Connect)),
            (b"GET / HTTP/1.2\r\n", Some(ClientProtocol::HttpVersion('1', '2'))),
            (b"GET / HTTP/2.0\r\n", Some(ClientProtocol::HttpVersion('2', '0'))),
            (b"OPTIONS rtsp://a/ RTSP/1.0\r\n", Some(ClientProtocol::Other("RTSP"))),
            (b"REGISTER sip:a SIP/2.0\r\n", Some(ClientProtocol::Other("SIP"))),
            (b"*1\r\n$4\r\nPING\r\n", Some(ClientProtocol::Other("Redis"))),
            (b"\x03\0\0\x13\x0e\xe0\0\0", Some(ClientProtocol::Other("RDP"))),
            (b"\x80\x2e\x01\0\x02", Some(ClientProtocol::Other("SSL 2.0"))),
            (b"\x81\x82\x01\x02\x03\x04hi", Some(ClientProtocol::Other("WebSocket without an opening handshake"))),
            (b"CONNECT\naccept-version:1.2\n", Some(ClientProtocol::Other("STOMP without WebSocket"))),
            (b"{\"a\":1}", Some(ClientProtocol::Other("JSON without HTTP"))),
            (b"nonsense\r\n\r\n", None),
            (b"", None),
        ] {
            assert_eq!(ClientProtocol::of(bytes), protocol, "{}", bytes.escape_ascii());
        }
    }
}
