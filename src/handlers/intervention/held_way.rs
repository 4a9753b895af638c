//! The messages of one peer that a person holds, and what came behind them.

use std::collections::VecDeque;
use std::time::Instant;

use super::hold_limits::HoldShare;
use super::hold_news::PassedBecause;
use crate::handlers::held_message::HeldMessage;
use crate::ws::{Kind, OwnedItem};

#[derive(Debug, Default)]
pub(super) struct HeldWay {
    pub(super) queue: VecDeque<WaitingMessage>,
    /// What there is of a message that isn't whole yet.
    pub(super) gathering: Option<BegunMessage>,
    /// With the numbers of those that are messages.
    pub(super) injected: VecDeque<(OwnedItem, Option<u64>)>,
    /// Bytes of them, and of one for which there is a place.
    pub(super) injected_bytes: usize,
    /// Nothing can be injected for the moment.
    pub(super) is_busy: bool,
    /// Nobody is there any more to whom anything could go on.
    pub(super) is_gone: bool,
    /// Nothing is held any more.
    pub(super) is_over: bool,
    /// Something that isn't in the queue any more hasn't gone yet.
    pub(super) is_under_way: bool,
    /// So many were let go for want of room, the first with this number, which is still to be told.
    pub(super) released_for_room: Option<(usize, u64)>,
}

impl HeldWay {
    /// A message, or what has been gathered of one, comes last.
    pub(super) fn push(&mut self, message: WaitingMessage) {
        self.gathering = None;
        self.queue.push_back(message);
    }

    /// Lets go all that is held, or what was held `since` this time at least. Returns how many messages that are, and the number of
    /// the first of them.
    pub(super) fn release(&mut self, since: Option<Instant>, fate: MessageFate) -> (usize, u64) {
        let mut released = (0, 0);
        // Those that came later have been held for less.
        let meant = self.queue.iter_mut().take_while(|queued| since.is_none_or(|since| queued.since <= since));
        for queued in meant.filter(|queued| queued.is_held()) {
            queued.fate = fate;
            released = (released.0 + 1, if released.0 == 0 { queued.number.unwrap_or_default() } else { released.1 });
        }
        released
    }
}

/// The beginning of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct BegunMessage {
    pub(super) kind: Kind,
    /// Bytes of content.
    pub(super) size: usize,
    pub(super) since: Instant,
}

#[derive(Debug)]
pub(super) struct WaitingMessage {
    /// Only a whole message has one.
    pub(super) number: Option<u64>,
    pub(super) message: HeldMessage,
    pub(super) since: Instant,
    pub(super) fate: MessageFate,
    /// It was held, and didn't only wait for one that is.
    pub(super) was_held: bool,
    pub(super) share: HoldShare,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MessageFate {
    /// Nobody has decided.
    Held,
    Pass,
    /// It passes, though nobody has decided so.
    Released(PassedBecause),
    Drop,
    /// Another one has taken its place.
    Replaced,
}

impl MessageFate {
    /// As rules call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Held => "hold",
            Self::Pass | Self::Released(_) => "pass",
            Self::Drop => "drop",
            Self::Replaced => "replace",
        }
    }
}

impl WaitingMessage {
    pub(super) fn is_held(&self) -> bool {
        self.fate == MessageFate::Held
    }
}
