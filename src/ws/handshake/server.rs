//! The server's side (RFC 6455 §4.2): the answer that a request gets.

use tungstenite::handshake::derive_accept_key;

use super::refusal::Refusal;
use super::request::Request;
use super::request_checks::handshake_faults;
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
    pub headers: &'a [u8],
}

impl Request {
    /// Checks the request and writes the answer (§4.2.1, §4.2.2).
    ///
    /// # Errors
    /// The refusal, with every fault of the request in its reason.
    pub fn accept(&self, options: &AcceptOptions<'_>) -> Result<ServerResponse, Refusal> {
        if !self.wants_upgrade() {
            return Err(Refusal::no_upgrade());
        }
        let (key, faults) = handshake_faults(&self.method, self.version, &self.headers);
        let key = key.filter(|_| faults.is_empty()).ok_or_else(|| Refusal::for_faults(&faults))?;
        let mut head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            derive_accept_key(key.as_bytes())
        );
        if let Some(name) = options.subprotocol {
            head.push_str(&format!("Sec-WebSocket-Protocol: {name}\r\n"));
        }
        let agreed =
            options.deflate.and_then(|deflate| negotiation::answer(&extension::named_in(&self.headers).0, deflate));
        if let Some((answer, _)) = &agreed {
            head.push_str(&format!("Sec-WebSocket-Extensions: {answer}\r\n"));
        }
        let response = [head.as_bytes(), options.headers, b"\r\n"].concat();
        Ok(ServerResponse { response, deflate: agreed.map(|(_, agreed)| agreed) })
    }
}

/// The answer that opens the connection, and what was agreed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerResponse {
    pub response: Vec<u8>,
    pub deflate: Option<DeflateParams>,
}
