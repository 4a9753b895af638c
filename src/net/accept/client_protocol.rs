//! What a client speaks that doesn't speak what we expected, by its first bytes.

use super::proxy_header;
use crate::advice;
use crate::net::protocol_guess::TLS_HANDSHAKE;
use crate::ws::handshake::Refusal;

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientProtocol {
    Tls,
    /// With prior knowledge (RFC 9113 §3.3).
    Http2,
    Http1,
    /// Of this version, in front of something else.
    ProxyHeader(u8),
    Other(&'static str),
}

/// RFC 9113 §3.4.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";

/// Beginnings of others that are told from their first bytes.
const OTHERS: [(&[u8], &str); 4] =
    [(b"SSH-", "SSH"), (b"\x05\x01", "SOCKS 5"), (b"\x04\x01", "SOCKS 4"), (b"EHLO ", "SMTP")];

impl ClientProtocol {
    /// What it is whose client begins with `bytes`, where that can be told.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let other = OTHERS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
        match bytes {
            [TLS_HANDSHAKE, ..] => Some(Self::Tls),
            _ if bytes.starts_with(HTTP2_PREFACE) => Some(Self::Http2),
            _ if proxy_header::version(bytes).is_some() => proxy_header::version(bytes).map(Self::ProxyHeader),
            _ if is_mqtt(bytes) => Some(Self::Other("MQTT without WebSocket")),
            _ if is_request_line(bytes) => Some(Self::Http1),
            _ => other.map(|(_, name)| Self::Other(name)),
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Tls => "TLS".into(),
            Self::Http2 => "HTTP/2".into(),
            Self::Http1 => "plain HTTP".into(),
            Self::ProxyHeader(version) => format!("the PROXY protocol (version {version})"),
            Self::Other(name) => name.into(),
        }
    }

    /// What its client is told where HTTP/1.1 was expected.
    pub(super) fn refusal(self) -> Option<Refusal> {
        Some(match self {
            Self::Tls => Refusal::bad_request(&advice::tls_on_a_plain_port()),
            Self::Http2 => Refusal::version_not_supported("the client speaks HTTP/2, and this server HTTP/1.1"),
            Self::ProxyHeader(version) => Refusal::bad_request(&advice::proxy_header(version)),
            Self::Other(name) => {
                Refusal::bad_request(&format!("the client speaks {name}, and this is a WebSocket server"))
            }
            Self::Http1 => return None,
        })
    }
}

/// A CONNECT packet (MQTT 5.0 §3.1): its type, its length, and the name of the protocol.
fn is_mqtt(bytes: &[u8]) -> bool {
    matches!(bytes, [0x10, rest @ ..] if rest.windows(6).take(4).any(|six| six == b"\0\x04MQTT"))
}

/// RFC 9112 §3.
fn is_request_line(bytes: &[u8]) -> bool {
    let line = bytes.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    let is_method = line.first().is_some_and(u8::is_ascii_uppercase);
    is_method && memchr::memmem::find(line, b" HTTP/1.").is_some()
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
            (b"nonsense\r\n\r\n", None),
            (b"", None),
        ] {
            assert_eq!(ClientProtocol::of(bytes), protocol, "{}", bytes.escape_ascii());
        }
    }
}
