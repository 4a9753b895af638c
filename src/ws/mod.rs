//! RFC 6455 and RFC 7692 as state machines: bytes in, events out.
//!
//! ```text
//!  received ─▶ Buffer ─▶ Head::parse ─▶ Event::Frame ─▶ judge ─▶ unmask, inflate, UTF-8 ─▶ Event::Data …
//!                                                         │
//!                                              Pong, Close │ (the answers that the protocol itself gives)
//!                                                         ▼
//!  Item ─▶ deflate ─▶ fragment ─▶ mask ─▶ Connection::pending ─▶ to be written
//! ```
//!
//! A [`Connection`] has two halves, one that receives and a [`SendHalf`]; they are apart so that what an
//! event borrows from the one can be answered through the other. Nothing here knows a socket, a thread or a
//! clock, nothing prints, and randomness comes in as a parameter. What holds throughout:
//!
//! - Content is told as it arrives; nothing waits for a whole frame but control frames, which are
//!   short. Memory doesn't depend on any length that a header claims.
//! - A frame is shown before it is judged.
//! - [`Violation`] is the peer's fault, [`SendError`] is ours.
//!
//! # A conversation
//!
//! A client and a server, each with its opening handshake, one message and its echo, and the closing
//! handshake. Whoever uses this moves the bytes: here they go from one to the other.
//!
//! ```
//! use wscli::http::Response;
//! use wscli::ws::handshake::{AcceptOptions, ClientRequest, Request};
//! use wscli::ws::negotiation::DeflateOptions;
//! use wscli::ws::{Close, Connection, Event, Item, Kind, StatusCode};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The client asks (RFC 6455 §4.1). The key has to be 16 bytes that nobody can predict.
//! let asked = ClientRequest {
//!     host: "example.com".into(),
//!     resource: "/chat".into(),
//!     key: "dGhlIHNhbXBsZSBub25jZQ==".into(),
//!     subprotocols: vec![],
//!     deflate: Some(DeflateOptions::default()),
//!     headers: vec![],
//! };
//! let on_the_wire = asked.request();
//!
//! // The server reads it and accepts (§4.2).
//! let request = Request::parse(&on_the_wire)?.expect("the whole head is there");
//! let accepted = request.accept(&AcceptOptions { deflate: Some(DeflateOptions::default()), ..Default::default() })?;
//! let mut server = Connection::server(accepted.deflate);
//!
//! // The client holds the response against its request; every fault is named.
//! let response = Response::parse(&accepted.response)?.expect("the whole head is there");
//! let (negotiated, faults) = asked.validate(&response);
//! assert!(faults.is_empty());
//! let mut client = Connection::client(Box::new(|| [0x37, 0xfa, 0x21, 0x3d]), negotiated.deflate);
//!
//! // A message is sent, and what is pending goes to the peer.
//! client.send(Item::message(Kind::Text, "hello".as_bytes()))?;
//! let bytes = client.pending().to_vec();
//! client.wrote(bytes.len());
//! server.receive(&bytes);
//!
//! // The server answers while it looks at the event.
//! while let Some((event, half)) = server.poll_received() {
//!     if let Event::Data(data) = event {
//!         half.send(Item::Part { kind: data.kind, bytes: data.bytes, last: data.last })?;
//!     }
//! }
//! server.send(Item::Close(Close::new(StatusCode::NORMAL, "that was all")))?;
//! let bytes = server.pending().to_vec();
//! server.wrote(bytes.len());
//!
//! // The client sees the echo and the Close, and has answered the Close by itself (§5.5.1).
//! client.receive(&bytes);
//! let mut told = Vec::new();
//! while let Some(event) = client.poll() {
//!     match event {
//!         Event::Data(data) => told.push(String::from_utf8_lossy(data.bytes).into_owned()),
//!         Event::Close(close) => told.push(close.reason),
//!         _ => {}
//!     }
//! }
//! assert_eq!(told, ["hello", "that was all"]);
//! server.receive(client.pending());
//! while server.poll().is_some() {}
//! assert!(server.close_sent() && server.close_received() && server.close_expected());
//! # Ok(())
//! # }
//! ```

mod buffer;
mod close;
mod connection;
mod deflate;
mod event;
pub mod extension;
mod frame;
mod frame_lengths;
mod frame_rules;
mod frame_writer;
pub mod handshake;
mod held_controls;
mod item;
mod message;
pub mod negotiation;
mod opcode;
mod open_message;
mod outbox;
mod plain_text;
mod receive_half;
mod role;
mod send_error;
mod send_half;
mod sent_events;
mod status_code;
mod utf8;
mod violating_frame;
mod violation;

#[cfg(test)]
mod tests;

pub use buffer::Buffer;
pub(crate) use buffer::COPIED_AT_ONCE;
pub use close::{Close, MAX_CLOSE_REASON};
pub use connection::Connection;
pub use deflate::{DeflatePool, DeflateState, Deflater, InflatePool, InflateState, Inflated, Inflater};
pub use event::{Data, Direction, Event, Frame, Incomplete, Kind};
pub use frame::{FrameHeader, Head, MAX_CONTROL_PAYLOAD, apply_mask};
pub use frame_lengths::FrameLengths;
pub use frame_writer::MaskingKeys;
pub use item::{Item, MAX_FRAGMENTS, Masking, OwnedItem};
pub use message::{Assembler, Beginning, Counters, Message};
pub use opcode::OpCode;
pub use role::Role;
pub use send_error::SendError;
pub use send_half::SendHalf;
pub use sent_events::Observe;
pub use status_code::StatusCode;
pub use utf8::{NotUtf8, Utf8, is_ascii, prefix};
pub use violating_frame::{Excerpt, ExcerptOf, ViolatingFrame};
pub use violation::Violation;
