//! RFC 6455 and RFC 7692 as state machines: bytes in, events out.
//!
//! ```text
//!  received ─▶ Buffer ─▶ Head::parse ─▶ Event::Frame ─▶ judge ─▶ unmask, inflate, UTF-8 ─▶ Event::Data …
//!                                                         │
//!                                              Pong, Close │ (the answers that the protocol itself gives)
//!                                                         ▼
//!  data, ping, close ─▶ deflate ─▶ fragment ─▶ mask ─▶ Outgoing::pending ─▶ to be written
//! ```
//!
//! A connection is two halves, [`Incoming`] and [`SendHalf`]; they are apart so that what an event
//! borrows from the one can be sent through the other. Nothing here knows a socket, a thread or a
//! clock, nothing prints, and randomness comes in as a parameter. What holds throughout:
//!
//! - Content is told as it arrives; nothing waits for a whole frame but control frames, which are
//!   short. Memory doesn't depend on any length that a header claims.
//! - A frame is shown before it is judged.
//! - [`Violation`] is the peer's fault, [`SendError`] is ours.

mod buffer;
mod close;
mod connection;
mod deflate;
mod event;
pub mod extension;
mod frame;
pub mod handshake;
mod incoming;
mod item;
mod message;
pub mod negotiation;
mod opcode;
mod outbox;
mod role;
mod send_half;
mod status_code;
mod utf8;
mod violation;

#[cfg(test)]
mod tests;

pub use buffer::Buffer;
pub use close::Close;
pub use connection::Connection;
pub use deflate::{Deflater, Inflated, Inflater};
pub use event::{Data, Direction, Event, Frame, Kind};
pub use frame::{FrameHeader, Head, apply_mask};
pub use item::{Item, Masking};
pub use message::{Assembler, Counters, Message};
pub use opcode::OpCode;
pub use role::Role;
pub use send_half::{MaskingKeys, Observe, SendError, SendHalf};
pub use status_code::StatusCode;
pub use utf8::{NotUtf8, Utf8, is_ascii};
pub use violation::Violation;
