//! What one of two peers says, sent to the other as it is: the half of a proxy that is one direction.
//!
//! A frame goes on as it arrives, with its length and its FIN, where neither side compresses. Where one does, the length of a
//! frame is another on the other side: it is gathered before it goes on, up to [`ONE_FRAME`], and ends there as it ended here.
//! What is longer goes on in frames of our own, in bounded memory.

use std::time::Instant;

use super::changing::{Changing, PassesOn};
use super::fragments::ONE_FRAME;
use crate::net::{JoinedHandler, Sender};
use crate::script::RuleSpeaker;
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Close, Data, Event, Item, MAX_CLOSE_REASON, OwnedItem, StatusCode, ViolatingFrame, prefix};

/// The peer that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelayFrom {
    Client,
    Server,
}

impl RelayFrom {
    /// As rules know it.
    pub(crate) fn speaker(self) -> RuleSpeaker {
        match self {
            Self::Client => RuleSpeaker::Client,
            Self::Server => RuleSpeaker::Server,
        }
    }

    /// As the log and a Close name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The way that what it says takes.
    pub(crate) fn way(self) -> &'static str {
        self.speaker().way()
    }
}

/// Who is told of a frame that breaks the protocol.
pub(crate) type OnViolation<'a> = Box<dyn FnMut(RelayFrom, &ViolatingFrame) + 'a>;

/// What is done with what one peer says.
pub(crate) struct Relay<'a> {
    from: RelayFrom,
    on_violation: OnViolation<'a>,
    /// Compression was agreed with the peer: a message that it doesn't compress isn't compressed for the other either.
    may_compress: bool,
    /// The beginning of a frame of which not all is there.
    gathered: Vec<u8>,
    /// In a box, since most have none.
    changing: Option<Box<Changing<'a>>>,
}

impl<'a> Relay<'a> {
    /// `agreed` is what was negotiated with the peer.
    pub(crate) fn new(from: RelayFrom, agreed: Option<DeflateParams>, on_violation: OnViolation<'a>) -> Self {
        Self { from, on_violation, may_compress: agreed.is_some(), gathered: Vec::new(), changing: None }
    }

    /// Changes what goes on.
    pub(crate) fn changed(self, changing: Option<Changing<'a>>) -> Self {
        Self { changing: changing.map(Box::new), ..self }
    }

    /// Does something by the rules, if there are any, which send through here.
    fn with_changing(&mut self, act: impl FnOnce(&mut Changing<'a>, &mut Self)) -> bool {
        let Some(mut changing) = self.changing.take() else { return false };
        act(&mut changing, self);
        self.changing = Some(changing);
        true
    }

    fn control(&mut self, frame: Item<'_>, own: &mut Sender<'_>, other: &mut Sender<'_>) {
        let held = match (&frame, &self.changing) {
            (Item::Ping(payload), Some(_)) => OwnedItem::Ping(payload.to_vec()),
            (Item::Pong(payload), Some(_)) => OwnedItem::Pong(payload.to_vec()),
            (Item::Close(close), Some(_)) => OwnedItem::Close(close.clone()),
            _ => {
                // Refused behind a Close that was sent already.
                let _ = other.send(frame);
                return;
            }
        };
        self.with_changing(|changing, relay| changing.control(held, relay, own, other));
    }

    // What is refused in here has nowhere to go: the other side is closing.
    fn data(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        if data.first && self.may_compress {
            other.set_compress(data.compressed);
        }
        if other.compresses() || data.compressed {
            self.frame_part(data, other);
        } else if other.is_inside_frame() {
            other.frame_part(data.bytes);
        } else if data.ends_frame {
            let _ = other.data(data.kind, data.bytes, data.last);
        } else {
            begin_frame(data, other);
        }
    }

    /// Part of a frame that has another length on the other side.
    fn frame_part(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        let mut content = data.bytes;
        if !self.gathered.is_empty() || !data.ends_frame {
            self.gathered.extend_from_slice(content);
            content = &self.gathered;
        }
        if data.ends_frame && !data.last {
            let _ = other.data_to_end_of_frame(data.kind, content);
        } else if data.ends_frame || content.len() >= ONE_FRAME {
            let _ = other.data(data.kind, content, data.last);
        } else {
            return;
        }
        self.gathered.clear();
    }
}

/// Begins a frame of which only a part is there, and the length is known.
fn begin_frame(data: &Data<'_>, other: &mut Sender<'_>) {
    let length = usize::try_from(data.bytes.len() as u64 + data.to_come).unwrap_or(usize::MAX);
    if other.begin_frame(data.kind, length, data.is_final) == Ok(true) {
        other.frame_part(data.bytes);
    }
}

impl PassesOn for Relay<'_> {
    fn pass_on(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        self.data(data, other);
    }
}

impl JoinedHandler for Relay<'_> {
    fn event(&mut self, event: Event<'_>, own: &mut Sender<'_>, other: &mut Sender<'_>) {
        match event {
            Event::Data(data) => {
                if !self.with_changing(|changing, relay| changing.data(&data, relay, own, other)) {
                    self.data(&data, other);
                }
            }
            Event::Ping(payload) => self.control(Item::Ping(payload), own, other),
            Event::Pong(payload) => self.control(Item::Pong(payload), own, other),
            Event::Close(close) => self.control(Item::Close(close), own, other),
            Event::Violation(frame) => {
                // What breaks the protocol stands where it stood.
                self.with_changing(|changing, relay| changing.release(relay, other));
                (self.on_violation)(self.from, &frame);
            }
            Event::Raw(bytes) => other.pass_raw(bytes),
            Event::Frame(_) => {}
        }
    }

    fn go_on(&mut self, own: &mut Sender<'_>, other: &mut Sender<'_>) {
        self.with_changing(|changing, relay| changing.go_on(relay, own, other));
    }

    fn is_waiting(&self) -> bool {
        self.changing.as_ref().is_some_and(|changing| changing.is_waiting())
    }

    fn deadline(&self) -> Option<Instant> {
        self.changing.as_ref()?.deadline()
    }

    fn give_up(&mut self) {
        self.changing.iter_mut().for_each(|changing| changing.give_up());
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
    }
}
