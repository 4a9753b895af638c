//! What a peer speaks that doesn't speak what we expected, by its first bytes.

use std::fmt;

use crate::peer_text::{PeerText, Quoted};

/// TLS records: an alert, and a handshake message (RFC 8446 §5.1).
const TLS_ALERT: u8 = 21;
pub(super) const TLS_HANDSHAKE: u8 = 22;

/// Greetings of text protocols.
const BANNERS: [(&str, &str); 8] = [
    ("SSH-", "an SSH server"),
    ("220 ", "an SMTP or FTP server"),
    ("220-", "an SMTP or FTP server"),
    ("+OK", "a POP3 server"),
    ("* OK", "an IMAP server"),
    ("RFB ", "a VNC server"),
    ("-ERR", "a Redis server"),
    ("HTTP/", "a server of plain HTTP"),
];

/// Who a peer is, and its first words where they are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Speaker {
    name: &'static str,
    words: Option<PeerText>,
    pub(super) protocol: Protocol,
}

/// Those that there is something to do about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// It would speak with us over wss.
    Tls,
    Http2,
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
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line = String::from_utf8_lossy(line);
    let (_, name) = BANNERS.iter().find(|(banner, _)| line.starts_with(banner))?;
    let words = PeerText::new(line.chars().take(SHOWN).collect::<String>());
    Some(Speaker { name, words: Some(words), protocol: Protocol::Other })
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
        assert_eq!(speaker(b"garbage"), None);
        assert_eq!(speaker(b""), None);
    }
}
