//! What one of two peers says, sent to the other as it is: the half of a proxy that is one direction.
//!
//! A frame goes on as it arrives, with its length and its FIN, where neither side compresses. Where one does, the length of a
//! frame is another on the other side: a frame is gathered before it goes on, up to [`ONE_FRAME`], and a message before it is
//! compressed, so that it has as many frames as it had. What is longer goes on in frames of our own, in bounded memory.

use super::fragments::ONE_FRAME;
use crate::net::{JoinedHandler, Sender};
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Close, Data, Event, Item, MAX_CLOSE_REASON, StatusCode, ViolatingFrame, prefix};

/// As many frames of a message are gathered at most, to be as many again.
const MOST_FRAMES: usize = 1024;

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelayFrom {
    Client,
    Server,
}

impl RelayFrom {
    /// As the log and a Close name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The way that what it says takes.
    pub(crate) fn way(self) -> &'static str {
        match self {
            Self::Client => "client→server",
            Self::Server => "server→client",
        }
    }
}

/// Who is told of a frame that breaks the protocol.
pub(crate) type OnViolation<'a> = Box<dyn FnMut(RelayFrom, &ViolatingFrame) + 'a>;

/// What is done with what one peer says.
pub(crate) struct Relay<'a> {
    from: RelayFrom,
    on_violation: OnViolation<'a>,
    /// It may compress, and where it doesn't, that is its choice.
    may_compress: bool,
    gathered: Vec<u8>,
    /// Bytes of content in each frame of the message that is gathered.
    lengths: Vec<u64>,
    /// The message is too long to be gathered.
    is_long: bool,
}

impl<'a> Relay<'a> {
    /// `agreed` is what was negotiated with the peer.
    pub(crate) fn new(from: RelayFrom, agreed: Option<DeflateParams>, on_violation: OnViolation<'a>) -> Self {
        let (gathered, lengths) = (Vec::new(), Vec::new());
        Self { from, on_violation, may_compress: agreed.is_some(), gathered, lengths, is_long: false }
    }

    // What is refused in here has nowhere to go: the other side is closing.
    fn data(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        if data.first {
            self.begin(data, other);
        }
        if other.compresses() {
            self.message_part(data, other);
        } else if data.compressed {
            self.frame_part(data, other);
        } else if other.is_inside_frame() {
            other.frame_part(data.bytes);
        } else if data.ends_frame {
            let _ = other.data(data.kind, data.bytes, data.last);
        } else {
            begin_frame(data, other);
        }
    }

    fn begin(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        self.gathered.clear();
        self.lengths.clear();
        self.is_long = false;
        if self.may_compress {
            other.set_compress(data.compressed);
        }
    }

    /// Part of a frame that arrives compressed, and goes on uncompressed.
    fn frame_part(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        if self.gathered.is_empty() && data.ends_frame {
            let _ = other.data(data.kind, data.bytes, data.last);
            return;
        }
        self.gathered.extend_from_slice(data.bytes);
        if data.ends_frame || self.gathered.len() >= ONE_FRAME {
            let _ = other.data(data.kind, &self.gathered, data.last);
            self.gathered.clear();
        }
    }

    /// Part of a message that goes on compressed.
    fn message_part(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        if self.is_long || (data.first && data.last) {
            let _ = other.data(data.kind, data.bytes, data.last);
            return;
        }
        self.count(data);
        self.gathered.extend_from_slice(data.bytes);
        self.is_long = self.gathered.len() >= ONE_FRAME || self.lengths.len() > MOST_FRAMES;
        if data.last {
            let (kind, content, lengths) = (data.kind, self.gathered.as_slice(), self.lengths.as_slice());
            let _ = other.send(Item::FragmentedAs { kind, content, lengths });
        } else if self.is_long {
            let _ = other.data(data.kind, &self.gathered, false);
        } else {
            return;
        }
        self.gathered.clear();
        self.lengths.clear();
    }

    /// Counts content to its frame.
    fn count(&mut self, data: &Data<'_>) {
        if data.first {
            self.lengths.push(0);
        }
        if let Some(last) = self.lengths.last_mut() {
            *last += data.bytes.len() as u64;
        }
        if data.ends_frame && !data.last {
            self.lengths.push(0);
        }
    }
}

/// Only part of it is there, and how long it is is known.
fn begin_frame(data: &Data<'_>, other: &mut Sender<'_>) {
    let length = usize::try_from(data.bytes.len() as u64 + data.to_come).unwrap_or(usize::MAX);
    if other.begin_frame(data.kind, length, data.is_final) == Ok(true) {
        other.frame_part(data.bytes);
    }
}

impl JoinedHandler for Relay<'_> {
    fn event(&mut self, event: Event<'_>, _own: &mut Sender<'_>, other: &mut Sender<'_>) {
        // What is refused comes behind a Close that was sent already.
        let _ = match event {
            Event::Data(data) => {
                self.data(&data, other);
                Ok(())
            }
            Event::Ping(payload) => other.send(Item::Ping(payload)),
            Event::Pong(payload) => other.send(Item::Pong(payload)),
            Event::Close(close) => other.close(close),
            Event::Violation(frame) => {
                (self.on_violation)(self.from, &frame);
                Ok(())
            }
            Event::Raw(bytes) => {
                other.pass_raw(bytes);
                Ok(())
            }
            Event::Frame(_) => Ok(()),
        };
    }

    fn close_of_other(&self, ours: &Close) -> Close {
        // Who is told is no less able to go on than before: it is its peer that isn't there any more.
        let why = format!("{}: {}", self.from.name(), ours.reason);
        Close { code: Some(StatusCode::GOING_AWAY), reason: prefix(&why, MAX_CLOSE_REASON).to_owned() }
    }

    fn idle(&mut self) {
        if self.gathered.is_empty() {
            self.gathered = Vec::new();
        }
        if self.lengths.is_empty() {
            self.lengths = Vec::new();
        }
    }
}
