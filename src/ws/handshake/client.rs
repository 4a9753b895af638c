//! The client's side (RFC 6455 §4.1): the request, and what the response must be.

use std::fmt;

use tungstenite::handshake::derive_accept_key;

use super::VERSION;
use crate::http::{
    AgreedSubprotocol, Header, Headers, HttpStatus, LineFault, Response, Secrets, field_line, list_elements,
};
use crate::ws::extension::{self, Extension};
use crate::ws::negotiation::{self, DeflateOptions, DeflateParams, NegotiationError};

/// What the request asks for; the response is held against it.
#[derive(Debug, Clone)]
pub struct ClientRequest {
    /// The `Host` header: the host, and the port unless it is the scheme's default.
    pub host: String,
    /// Path and query, never empty (§3).
    pub resource: String,
    /// A nonce of 16 bytes in base64 (§4.1 point 7).
    pub key: String,
    pub subprotocols: Vec<String>,
    /// What permessage-deflate is offered with, if it is.
    pub deflate: Option<DeflateOptions>,
    /// Sent besides the headers above, and instead of those of the same name.
    pub headers: Vec<Header>,
}

impl ClientRequest {
    /// The request's head, as it goes on the wire.
    pub fn request(&self) -> Vec<u8> {
        let mut head = format!("GET {} HTTP/1.1\r\n", self.resource).into_bytes();
        for header in self.all_headers() {
            head.extend(header.bytes().map(|value| field_line(&header.name, value)).unwrap_or_default());
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Ours in their order, each with what the user puts in its place; then the rest of the user's.
    fn all_headers(&self) -> Vec<Header> {
        let mut added = self.headers.clone();
        let mut all = Vec::new();
        for ours in self.own_headers() {
            let (instead, rest): (Vec<_>, _) = added.into_iter().partition(|header| header.is(&ours.name));
            added = rest;
            if instead.is_empty() { all.push(ours) } else { all.extend(instead) }
        }
        all.extend(added);
        all
    }

    fn own_headers(&self) -> Vec<Header> {
        let mut own = vec![
            Header::new("Host", self.host.as_str()),
            Header::new("Upgrade", "websocket"),
            Header::new("Connection", "Upgrade"),
            Header::new("Sec-WebSocket-Key", self.key.as_str()),
            Header::new("Sec-WebSocket-Version", VERSION),
        ];
        if !self.subprotocols.is_empty() {
            own.push(Header::new("Sec-WebSocket-Protocol", self.subprotocols.join(", ")));
        }
        if let Some(options) = self.deflate {
            own.push(Header::new("Sec-WebSocket-Extensions", negotiation::offer(options).to_string()));
        }
        own
    }

    /// The names of all headers that are sent, in lower case.
    pub fn header_names(&self) -> Vec<String> {
        let sent = self.all_headers().into_iter().filter(|header| header.value.is_some());
        sent.map(|header| header.name.to_ascii_lowercase()).collect()
    }

    /// The values of the headers of one name, as they were sent.
    pub fn sent(&self, name: &str) -> Vec<String> {
        let sent = self.all_headers().into_iter().filter(|header| header.is(name) && header.value.is_some());
        sent.map(|header| header.text().into_owned()).collect()
    }

    /// The subprotocols that are requested, in whichever of our headers or the user's that is.
    pub fn requested_subprotocols(&self) -> Vec<String> {
        let sent = self.sent("sec-websocket-protocol").join(",");
        list_elements(&sent).map(str::to_owned).collect()
    }

    /// Holds a response against the request (§4.1, second list): gives what can be used, and
    /// every fault of the response, not only the first. Without faults the connection is open; in spite of them, what can
    /// be used is the best guess at what the server does.
    pub fn validate(&self, response: &Response) -> (Negotiated, Vec<ResponseFault>) {
        let headers = &response.headers;
        let malformed = response.line_faults.iter().cloned().map(ResponseFault::Line);
        if response.status != HttpStatus::SWITCHING_PROTOCOLS {
            return (
                Negotiated::default(),
                [ResponseFault::Status(response.status)].into_iter().chain(malformed).collect(),
            );
        }
        let mut faults: Vec<_> = malformed.collect();
        if !response.is_http_1_1 {
            faults.push(ResponseFault::Version);
        }
        faults.extend(framing_faults(headers));
        // §4.1: the value is this and nothing else, where Connection is a list.
        let upgrade: Vec<_> = headers.all_shown("upgrade").collect();
        if !upgrade.join(", ").eq_ignore_ascii_case("websocket") {
            faults.push(ResponseFault::Upgrade((!upgrade.is_empty()).then(|| upgrade.join(", "))));
        }
        if !headers.has_token("connection", "upgrade") {
            faults.push(ResponseFault::Connection(headers.shown("connection")));
        }
        faults.extend(headers.is_twice("sec-websocket-accept").then_some(ResponseFault::Twice("Sec-WebSocket-Accept")));
        let key = self.sent("sec-websocket-key").into_iter().next().unwrap_or_default();
        let (expected, got) = (derive_accept_key(key.as_bytes()), headers.shown("sec-websocket-accept"));
        if got.as_ref() != Some(&expected) {
            faults.push(ResponseFault::Accept { expected, got });
        }
        let subprotocol = self.accept_subprotocol(headers, &mut faults);
        let deflate = self.accept_extensions(headers, &mut faults);
        (Negotiated { subprotocol, deflate }, faults)
    }

    fn accept_subprotocol(&self, headers: &Headers, faults: &mut Vec<ResponseFault>) -> Option<AgreedSubprotocol> {
        const NAME: &str = "sec-websocket-protocol";
        // §11.3.4.
        faults.extend(headers.is_twice(NAME).then_some(ResponseFault::Twice("Sec-WebSocket-Protocol")));
        let requested = self.requested_subprotocols();
        let agreed = |name: &str| AgreedSubprotocol::new(name, &requested.join(","));
        let other = headers.all_shown(NAME).find(|name| !requested.contains(name));
        faults.extend(other.map(|name| ResponseFault::Subprotocol(agreed(&name).shown(Secrets::Masked).to_owned())));
        headers.get(NAME).map(agreed)
    }

    /// §9.1: what is in use is what the answer lists, and that may only be what was offered.
    fn accept_extensions(&self, headers: &Headers, faults: &mut Vec<ResponseFault>) -> Option<DeflateParams> {
        let (answers, malformed) = extension::named_in(headers);
        faults.extend(malformed.into_iter().map(ResponseFault::MalformedExtensions));
        let mut agreement = None;
        let offered = self.offered();
        for answer in answers {
            // Names differ by their case (RFC 6455 §9.1): another spelling is an extension that nobody offered.
            let (is_ours, is_meant) =
                (answer.name == negotiation::NAME, answer.name.eq_ignore_ascii_case(negotiation::NAME));
            match offered.filter(|_| is_ours) {
                Some(_) if agreement.is_some() => {
                    faults.push(ResponseFault::Deflate(NegotiationError::AnsweredTwice));
                }
                Some(options) => match negotiation::accept(&answer, options) {
                    Ok(agreed) => agreement = Some(agreed),
                    Err(why) => {
                        agreement = Some(negotiation::assume(&answer, options));
                        faults.push(ResponseFault::Deflate(why));
                    }
                },
                None => {
                    // Whoever goes on all the same meets a server that compresses.
                    if is_meant && agreement.is_none() {
                        agreement = Some(negotiation::assume(&answer, offered.unwrap_or_default()));
                    }
                    faults.push(ResponseFault::Extension(answer));
                }
            }
        }
        // So does who goes on after an answer that can't be read and names it all the same.
        let meant = extension::meant_by(headers, negotiation::NAME);
        let assumed = meant.map(|meant| negotiation::assume(&meant, offered.unwrap_or_default()));
        agreement = agreement.or(assumed);
        agreement
    }

    /// What permessage-deflate was offered with. An offer that the user wrote is one of anything.
    fn offered(&self) -> Option<DeflateOptions> {
        let by_user = self.headers.iter().any(|header| header.is("sec-websocket-extensions"));
        let named = |value: &String| value.contains(negotiation::NAME);
        if by_user {
            return self.sent("sec-websocket-extensions").iter().any(named).then(DeflateOptions::default);
        }
        self.deflate
    }
}

/// What the server agreed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Negotiated {
    pub subprotocol: Option<AgreedSubprotocol>,
    pub deflate: Option<DeflateParams>,
}

/// A 101 has no body, and may not announce one: whoever believes it takes the first frames for that.
fn framing_faults(headers: &Headers) -> impl Iterator<Item = ResponseFault> {
    let forbidden = [("Content-Length", "RFC 9110 §8.6"), ("Transfer-Encoding", "RFC 9112 §6.1")];
    forbidden
        .into_iter()
        .filter(|(name, _)| headers.contains(name))
        .map(|(name, section)| ResponseFault::Framing { name, section })
}

/// One thing wrong with a response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseFault {
    /// Anything but 101.
    Status(HttpStatus),
    /// A line of the head that isn't HTTP's grammar.
    Line(LineFault),
    /// HTTP/1.0, which has no upgrades (RFC 9110 §7.8).
    Version,
    Upgrade(Option<String>),
    Connection(Option<String>),
    Accept {
        expected: String,
        got: Option<String>,
    },
    /// More than one line of a header that may have one only (§11.3.3, §11.3.4).
    Twice(&'static str),
    /// A header that a 101 may not have.
    Framing {
        name: &'static str,
        section: &'static str,
    },
    /// A subprotocol that the request didn't name, as it may be shown.
    Subprotocol(String),
    MalformedExtensions(String),
    /// An extension that the request didn't offer, or the same one twice.
    Extension(Extension),
    /// Parameters of permessage-deflate that can't be used.
    Deflate(NegotiationError),
}

impl ResponseFault {
    /// Whether it is about permessage-deflate, however that is spelt.
    pub fn is_about_compression(&self) -> bool {
        match self {
            Self::Deflate(_) => true,
            Self::Extension(extension) => extension.name.eq_ignore_ascii_case(negotiation::NAME),
            Self::MalformedExtensions(why) => why.to_ascii_lowercase().contains(negotiation::NAME),
            _ => false,
        }
    }
}

impl std::error::Error for ResponseFault {}

impl fmt::Display for ResponseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = |f: &mut fmt::Formatter<'_>, name: &str, wanted: &str, got: &Option<String>| match got {
            Some(got) => write!(f, "{name} is {got:?} instead of {wanted:?}"),
            None => write!(f, "{name} is missing"),
        };
        match self {
            Self::Status(status) => write!(f, "the server answered {status}"),
            Self::Line(fault) => fault.fmt(f),
            Self::Version => f.write_str("the answer is HTTP/1.0, which can't be upgraded"),
            Self::Upgrade(got) => wrong(f, "Upgrade", "websocket", got),
            Self::Connection(got) => wrong(f, "Connection", "Upgrade", got),
            Self::Accept { expected, got } => wrong(f, "Sec-WebSocket-Accept", expected, got),
            Self::Twice(name) => write!(f, "{name} appears twice"),
            Self::Framing { name, section } => write!(f, "{name} may not be in a 101 ({section})"),
            Self::Subprotocol(name) => write!(f, "the subprotocol {name:?} was not requested"),
            Self::MalformedExtensions(why) => write!(f, "Sec-WebSocket-Extensions is malformed: {why}"),
            Self::Extension(extension) => write!(f, "the extension \"{extension}\" was not offered"),
            Self::Deflate(why) => why.fmt(f),
        }
    }
}
