//! The server's side (RFC 6455 §4.2): the request, and the answer that it gets.

use tungstenite::error::{Error, ProtocolError};
use tungstenite::handshake::derive_accept_key;
use tungstenite::handshake::machine::TryParse;
use tungstenite::http::{HeaderMap, StatusCode};

use super::{MAX_HEAD, VERSION, has_token, shown, values};
use crate::ws::extension;
use crate::ws::negotiation::{self, Agreement, Wishes};

/// The head of a client's request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path and query, as they were written.
    pub resource: String,
    pub headers: HeaderMap,
    /// The head as it was on the wire, with the empty line.
    pub raw: Vec<u8>,
}

impl Request {
    /// Reads a head from the front of `bytes`: `None` while it is incomplete.
    ///
    /// # Errors
    /// The answer to a request that isn't HTTP/1.1, isn't a GET or is over 64 KiB.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, Refusal> {
        match tungstenite::handshake::server::Request::try_parse(&bytes[..bytes.len().min(MAX_HEAD)]) {
            Ok(Some((used, request))) => Ok(Some(Self {
                resource: request.uri().to_string(),
                headers: request.headers().clone(),
                raw: bytes[..used].to_vec(),
            })),
            Ok(None) if bytes.len() < MAX_HEAD => Ok(None),
            Ok(None) => Err(Refusal::too_large("the head is over 64 KiB")),
            Err(error) => Err(Refusal::from_parser(&error)),
        }
    }

    /// Whether this asks for an upgrade at all, or is plain HTTP.
    pub fn wants_upgrade(&self) -> bool {
        self.headers.contains_key("upgrade")
    }

    /// Checks the request and writes the answer (§4.2.1, §4.2.2). `deflate` is what
    /// permessage-deflate is accepted with, if it is.
    ///
    /// # Errors
    /// The refusal, with every fault of the request in its reason.
    pub fn accept(&self, deflate: Option<Wishes>) -> Result<Acceptance, Refusal> {
        if !self.wants_upgrade() {
            return Err(Refusal::upgrade_required("this is a WebSocket server: the request has no Upgrade header"));
        }
        let key = self.check()?;
        let mut head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            derive_accept_key(key.as_bytes())
        );
        let agreed = deflate.and_then(|wishes| negotiation::answer(&self.offers(), wishes));
        if let Some((answer, _)) = &agreed {
            head.push_str(&format!("Sec-WebSocket-Extensions: {answer}\r\n"));
        }
        head.push_str("\r\n");
        Ok(Acceptance { response: head.into_bytes(), deflate: agreed.map(|(_, agreement)| agreement) })
    }

    /// Every offer that can be read; a header that can't be is declined whole.
    fn offers(&self) -> Vec<extension::Extension> {
        let headers = values(&self.headers, "sec-websocket-extensions");
        headers.filter_map(|value| extension::parse(value).ok()).flatten().collect()
    }

    /// Returns the key of a request that may be answered with 101.
    fn check(&self) -> Result<&str, Refusal> {
        let headers = &self.headers;
        let mut faults = Vec::new();
        if !headers.contains_key("host") {
            faults.push("Host is missing".to_owned());
        }
        if !has_token(headers, "upgrade", "websocket") {
            faults.push("Upgrade does not name websocket".to_owned());
        }
        if !has_token(headers, "connection", "upgrade") {
            faults.push("Connection does not name Upgrade".to_owned());
        }
        let mut keys = values(headers, "sec-websocket-key");
        let key = keys.next().map(str::trim);
        match key {
            None => faults.push("Sec-WebSocket-Key is missing".to_owned()),
            Some(_) if keys.next().is_some() => faults.push("Sec-WebSocket-Key is there twice".to_owned()),
            Some(key) if !is_nonce(key) => faults.push("Sec-WebSocket-Key is not 16 bytes in base64".to_owned()),
            Some(_) => {}
        }
        let version = shown(headers, "sec-websocket-version");
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
pub struct Acceptance {
    pub response: Vec<u8>,
    pub deflate: Option<Agreement>,
}

/// The answer that doesn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    /// What is wrong, for the body and for our log.
    pub reason: String,
    headers: &'static str,
}

impl Refusal {
    fn new(status: StatusCode, headers: &'static str, reason: &str) -> Self {
        Self { status, reason: reason.to_owned(), headers }
    }

    fn bad_request(reason: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "", reason)
    }

    /// RFC 6455 §4.4 and RFC 9110 §15.5.22.
    fn upgrade_required(reason: &str) -> Self {
        let headers = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        Self::new(StatusCode::UPGRADE_REQUIRED, headers, reason)
    }

    fn too_large(reason: &str) -> Self {
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "", reason)
    }

    /// The head didn't arrive in time.
    pub fn timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "", "the head of the request did not arrive in time")
    }

    fn from_parser(error: &Error) -> Self {
        match error {
            Error::Protocol(ProtocolError::WrongHttpMethod) => {
                Self::new(StatusCode::METHOD_NOT_ALLOWED, "Allow: GET\r\n", "the opening handshake is a GET request")
            }
            Error::Protocol(ProtocolError::WrongHttpVersion) => {
                Self::bad_request("the opening handshake needs HTTP/1.1 or later")
            }
            Error::Capacity(_) => Self::too_large("the head has too many headers"),
            error => Self::bad_request(&format!("the request is not HTTP: {error}")),
        }
    }

    /// The whole response: head, and the reason as a line of text.
    pub fn response(&self) -> Vec<u8> {
        let Self { status, reason, headers } = self;
        format!(
            "HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {}\r\n\r\n{reason}\n",
            reason.len() + 1
        )
        .into_bytes()
    }
}
