//! What a peer speaks that doesn't speak what we expected, by its first bytes.

use std::fmt;

use crate::peer_text::{PeerText, Quoted};

/// TLS records: an alert, and a handshake message (RFC 8446 §5.1).
const TLS_ALERT: u8 = 21;
pub(super) const TLS_HANDSHAKE: u8 = 22;

/// How text protocols begin, the special before the general, and without regard to case.
const BANNERS: &[(&str, &str)] = &[
    ("SSH-", "an SSH server"),
    ("220 ", "an SMTP or FTP server"),
    ("220-", "an SMTP or FTP server"),
    ("421 ", "an SMTP or FTP server"),
    ("530 ", "an FTP server"),
    ("554 ", "an SMTP server"),
    ("554-", "an SMTP server"),
    ("200 ", "an NNTP server"),
    ("+OK", "a POP3 server"),
    ("* OK", "an IMAP server"),
    ("* BYE", "an IMAP server"),
    ("* PREAUTH", "an IMAP server"),
    ("* BAD", "an IMAP server"),
    ("RFB ", "a VNC server"),
    ("-ERR unknown command", "a Redis or POP3 server"),
    ("-ERR wrong number", "a Redis server"),
    ("-ERR", "a Redis or POP3 server"),
    ("-NOAUTH", "a Redis server"),
    ("-DENIED", "a Redis server"),
    ("-LOADING", "a Redis server"),
    ("-NOPERM", "a Redis server"),
    ("INFO {", "a NATS server"),
    ("-ERR 'Unknown Protocol", "a NATS server"),
    ("ERROR :", "an IRC server"),
    ("NOTICE ", "an IRC server"),
    ("ERROR", "a memcached or STOMP server"),
    ("CLIENT_ERROR", "a memcached server"),
    ("AMQP", "an AMQP server"),
    ("RTSP/", "an RTSP server"),
    ("SIP/", "a SIP server"),
    ("ICAP/", "an ICAP server"),
    ("ICY ", "a SHOUTcast server"),
    ("@RSYNCD:", "an rsync server"),
    ("<stream:", "an XMPP server"),
    ("<?xml", "a server of XML"),
    ("<!DOCTYPE", "a server of HTTP/0.9"),
    ("<html", "a server of HTTP/0.9"),
    ("HTTP/", "a server of plain HTTP"),
];

/// Of binary protocols: whether these bytes are a server's first ones.
type Signature = fn(&[u8]) -> bool;

/// MySQL's greeting (protocol 10) or refusal; PostgreSQL's ErrorResponse; Telnet's negotiation (RFC 854); SOCKS's answers (RFC
/// 1928 §3); MQTT's CONNACK; RDP's TPKT (RFC 1006 §6).
const SIGNATURES: &[(Signature, &str)] = &[
    (|bytes| matches!(bytes, [_, _, 0, 0, 10, b'0'..=b'9', ..] | [_, _, 0, 0, 0xff, _, _, ..]), "a MySQL server"),
    (|bytes| matches!(bytes, [b'E', 0, 0, _, _, b'S', b'A'..=b'Z', ..]), "a PostgreSQL server"),
    (|bytes| matches!(bytes, [0xff, 0xfb..=0xfe, _, ..]), "a Telnet server"),
    (|bytes| matches!(bytes, [5, 0..=9 | 0xff]), "a SOCKS 5 proxy"),
    (|bytes| matches!(bytes, [0, 0x5a..=0x5d, _, _, _, _, _, _]), "a SOCKS 4 proxy"),
    (|bytes| matches!(bytes, [0x20, 2, 0 | 1, 0..=5]), "an MQTT server"),
    (|bytes| matches!(bytes, [3, 0, 0, _, _, 0xd0, ..]), "an RDP server"),
    (|bytes| is_frame(bytes, false), "a peer that sends WebSocket frames without an opening handshake"),
];

/// Whether a data or control frame begins here (RFC 6455 §5.2), of a client where it is masked: a whole one that is shorter than
/// 126 bytes, or the head of a longer one. Any first fragment of a server could be something else.
pub(super) fn is_frame(bytes: &[u8], masked: bool) -> bool {
    let [first, second, rest @ ..] = bytes else { return false };
    let is_known = matches!(first & 0x0f, 1 | 2 | 8 | 9 | 10) && first & 0x70 == 0 && (masked || first & 0x80 != 0);
    let key = if masked { 4 } else { 0 };
    let is_there = match usize::from(second & 0x7f) {
        length @ 0..=125 => rest.len() >= key + length,
        length => rest.len() >= key + if length == 126 { 2 } else { 8 },
    };
    is_known && (second & 0x80 != 0) == masked && is_there
}

/// Who a peer is, and its first words where they are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Speaker {
    name: &'static str,
    words: Option<PeerText>,
    pub(super) protocol: Protocol,
}

/// Those that what can be done depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// It would speak with us over wss.
    Tls,
    Http2,
    /// It would speak with us over ws.
    Http,
    Other,
}

/// Characters of a greeting that are shown.
const SHOWN: usize = 80;

/// Whoever said `bytes`, if that can be told.
pub(super) fn speaker(bytes: &[u8]) -> Option<Speaker> {
    match bytes {
        [TLS_ALERT | TLS_HANDSHAKE, 3, 0..=4, ..] => {
            return Some(Speaker { name: "a TLS server", words: None, protocol: Protocol::Tls });
        }
        // RFC 9113 §3.4, §6.5, §6.8: a server's first frame is SETTINGS, on stream 0; of a client that doesn't begin as it
        // should, some only take leave.
        [0, _, _, 4, 0 | 1, 0, 0, 0, 0, ..] | [0, _, _, 7, _, 0, 0, 0, 0, ..] => {
            return Some(Speaker { name: "an HTTP/2 server", words: None, protocol: Protocol::Http2 });
        }
        _ => {}
    }
    if let Some((_, name)) = SIGNATURES.iter().find(|(is_its, _)| is_its(bytes)) {
        return Some(Speaker { name, words: None, protocol: Protocol::Other });
    }
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty())?;
    let line = String::from_utf8_lossy(line);
    let begins = |banner: &str| line.get(..banner.len()).is_some_and(|start| start.eq_ignore_ascii_case(banner));
    let known = BANNERS.iter().find(|(banner, _)| begins(banner)).map(|(_, name)| *name);
    let name = known.or_else(|| (line.starts_with(':') && line.contains(" NOTICE ")).then_some("an IRC server"))?;
    let words = PeerText::new(line.chars().take(SHOWN).collect::<String>());
    let protocol = if begins("HTTP/") { Protocol::Http } else { Protocol::Other };
    Some(Speaker { name, words: Some(words), protocol })
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match &self.words {
            Some(words) => write!(f, " (it says {})", Quoted(words.raw())),
            None => Ok(()),
        }
    }
}

/// The first of `bytes`, readable whatever they are.
pub(super) fn beginning(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(32)];
    let more = if bytes.len() > shown.len() { "…" } else { "" };
    format!("\"{}\"{more}", shown.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speakers_are_known_by_their_first_bytes() {
        for (bytes, who) in [
            (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "an SSH server (it says \"SSH-2.0-OpenSSH_9.2\")"),
            (b"220 mail ESMTP\r\n", "an SMTP or FTP server (it says \"220 mail ESMTP\")"),
            (b"HTTP/1.1 400 Bad Request\r\n", "a server of plain HTTP (it says \"HTTP/1.1 400 Bad Request\")"),
            (b"\x15\x03\x01\x00\x02\x02\x46", "a TLS server"),
            (b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00", "an HTTP/2 server"),
            (b"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", "an HTTP/2 server"),
        ] {
            assert_eq!(speaker(bytes).unwrap().to_string(), who);
        }
        for (bytes, name) in [
            (&b"-NOAUTH Authentication required.\r\n"[..], "a Redis server"),
            (b"-ERR unknown command\r\n", "a Redis or POP3 server"),
            (b"ERROR\r\nERROR\r\n", "a memcached or STOMP server"),
            (b"INFO {\"server_id\":\"x\"}\r\n", "a NATS server"),
            (b"AMQP\x00\x00\x09\x01", "an AMQP server"),
            (b"\x4a\x00\x00\x00\x0a8.0.32\x00", "a MySQL server"),
            (b"E\x00\x00\x00\x5bSFATAL\x00C08P01\x00", "a PostgreSQL server"),
            (b"\xff\xfd\x18\xff\xfd\x20login: ", "a Telnet server"),
            (b"RTSP/1.0 400 Bad Request\r\n", "an RTSP server"),
            (b"SIP/2.0 400 Bad Request\r\n", "a SIP server"),
            (b":irc.example NOTICE * :*** Looking up\r\n", "an IRC server"),
            (b"* BYE bye\r\n", "an IMAP server"),
            (b"421 not available\r\n", "an SMTP or FTP server"),
            (b"554 no SMTP here\r\n", "an SMTP server"),
            (b"\x00\x5b\x00\x00\x00\x00\x00\x00", "a SOCKS 4 proxy"),
            (b"\x05\xff", "a SOCKS 5 proxy"),
            (b"http/1.1 403 Forbidden\r\n", "a server of plain HTTP"),
            (b"\x81\x05hello", "a peer that sends WebSocket frames without an opening handshake"),
        ] {
            assert_eq!(speaker(bytes).unwrap().name, name);
        }
        let long = [&b"\x82\x7e\x10\x00"[..], &[0; 4096]].concat();
        assert_eq!(speaker(&long).unwrap().name, "a peer that sends WebSocket frames without an opening handshake");
        assert_eq!(speaker(b"\x81\x05hell"), None);
        assert_eq!(speaker(b"garbage"), None);
        assert_eq!(speaker(b""), None);
    }
}
