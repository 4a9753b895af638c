//! The server's side (RFC 6455 §4.2): the answer that a request gets.

use tungstenite::handshake::derive_accept_key;

use super::VERSION;
use super::refusal::Refusal;
use super::request::{Method, Request};
use crate::ws::extension;
use crate::ws::negotiation::{self, DeflateOptions, DeflateParams};

/// What a connection is opened with, as far as that is the server's to say.
#[derive(Debug, Clone, Copy, Default)]
pub struct AcceptOptions<'a> {
    /// What permessage-deflate is accepted with, if it is.
    pub deflate: Option<DeflateOptions>,
    /// One of those that the client would speak.
    pub subprotocol: Option<&'a str>,
    /// More lines of the head, each ended by CRLF.
    pub headers: &'a str,
}

impl Request {
    /// Checks the request and writes the answer (§4.2.1, §4.2.2).
    ///
    /// # Errors
    /// The refusal, with every fault of the request in its reason.
    pub fn accept(&self, options: &AcceptOptions<'_>) -> Result<ServerResponse, Refusal> {
        if !self.wants_upgrade() {
            return Err(Refusal::upgrade_required("this is a WebSocket server: the request has no Upgrade header"));
        }
        let key = self.check()?;
        let mut head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            derive_accept_key(key.as_bytes())
        );
        if let Some(name) = options.subprotocol {
            head.push_str(&format!("Sec-WebSocket-Protocol: {name}\r\n"));
        }
        let agreed = options.deflate.and_then(|deflate| negotiation::answer(&self.offers(), deflate));
        if let Some((answer, _)) = &agreed {
            head.push_str(&format!("Sec-WebSocket-Extensions: {answer}\r\n"));
        }
        head.push_str(options.headers);
        head.push_str("\r\n");
        Ok(ServerResponse { response: head.into_bytes(), deflate: agreed.map(|(_, agreed)| agreed) })
    }

    /// Every offer that can be read; a header that can't be is declined whole.
    fn offers(&self) -> Vec<extension::Extension> {
        let headers = self.headers.all("sec-websocket-extensions");
        headers.filter_map(|value| extension::parse(value).ok()).flatten().collect()
    }

    /// Returns the key of a request that may be answered with 101.
    fn check(&self) -> Result<&str, Refusal> {
        let headers = &self.headers;
        let mut faults = Vec::new();
        if self.method != Method::Get {
            faults.push("the opening handshake is a GET request".to_owned());
        }
        if !headers.contains("host") {
            faults.push("Host is missing".to_owned());
        }
        if !headers.has_token("upgrade", "websocket") {
            faults.push("Upgrade does not name websocket".to_owned());
        }
        if !headers.has_token("connection", "upgrade") {
            faults.push("Connection does not name Upgrade".to_owned());
        }
        let mut keys = headers.all("sec-websocket-key");
        let key = keys.next().map(str::trim);
        match key {
            None => faults.push("Sec-WebSocket-Key is missing".to_owned()),
            Some(_) if keys.next().is_some() => faults.push("Sec-WebSocket-Key is there twice".to_owned()),
            Some(key) if !is_nonce(key) => faults.push("Sec-WebSocket-Key is not 16 bytes in base64".to_owned()),
            Some(_) => {}
        }
        let version = headers.shown("sec-websocket-version");
        match version.as_deref().map(str::trim) {
            Some(VERSION) => {}
            None => faults.push("Sec-WebSocket-Version is missing".to_owned()),
            Some(other) => {
                faults.push(format!("Sec-WebSocket-Version is {other:?}, and this server speaks {VERSION}"));
                return Err(Refusal::upgrade_required(&faults.join("; ")));
            }
        }
        match key {
            Some(key) if faults.is_empty() => Ok(key),
            _ => Err(Refusal::bad_request(&faults.join("; "))),
        }
    }
}

/// §4.1 point 7: 16 bytes in base64 are 22 characters, of which the last carries two bits, and "==".
fn is_nonce(key: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    key.len() == 24 && key.ends_with("==") && key.bytes().take(22).all(is_base64)
}

/// The answer that opens the connection, and what was agreed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerResponse {
    pub response: Vec<u8>,
    pub deflate: Option<DeflateParams>,
}
