//! What was read from stdin and has not been given to the socket yet: sent again when a connection is lost.

use std::collections::VecDeque;

use crate::net::Sender;
use crate::ws::Kind;

/// As much is kept, in bytes, with what it takes to keep it. The outbox alone is smaller; only a message in many fragments may
/// be larger.
const KEPT: usize = 64 << 20;

/// What a part takes besides its content, in bytes: its place in the queue, and the allocator's own.
const PLACE: usize = size_of::<(SentPart, u64)>() + 16;

/// Part of a message.
#[derive(Debug)]
pub(super) struct SentPart {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    pub(super) last: bool,
    /// Its message is compressed, where that was negotiated.
    pub(super) compresses: bool,
}

/// Messages in their order, each kept until its last byte is written.
#[derive(Debug, Default)]
pub(super) struct ResendBuffer {
    /// Each with where it ends in the stream of bytes to the socket.
    parts: VecDeque<(SentPart, u64)>,
    /// Bytes of all of them.
    size: usize,
    /// Messages of which all parts are there.
    whole: usize,
    /// Up to here it was too much to be kept: until that is written, it can't be sent again.
    lost_to: Option<u64>,
    /// A message that is too large goes on.
    overflows: bool,
}

impl ResendBuffer {
    /// Takes note of what has just been sent.
    pub(super) fn sent(&mut self, part: SentPart, sender: &Sender<'_>) {
        let (_, end) = sender.progress();
        if self.overflows || self.size + taken(&part) > KEPT {
            self.parts.clear();
            (self.size, self.whole) = (0, 0);
            (self.overflows, self.lost_to) = (!part.last, Some(end));
            return;
        }
        self.size += taken(&part);
        self.whole += usize::from(part.last);
        self.parts.push_back((part, end));
    }

    /// Forgets the messages that are written whole.
    pub(super) fn settle(&mut self, sender: &Sender<'_>) {
        let (written, _) = sender.progress();
        self.lost_to = self.lost_to.filter(|end| *end > written || self.overflows);
        while self.whole > 0
            && let Some(last) = self.parts.iter().position(|(part, _)| part.last)
        {
            if self.parts[last].1 > written {
                return;
            }
            let gone: usize = self.parts.drain(..=last).map(|(part, _)| taken(&part)).sum();
            self.size -= gone;
            self.whole -= 1;
        }
    }

    /// Whether everything that is missing can be sent again.
    pub(super) fn is_complete(&self) -> bool {
        self.lost_to.is_none()
    }

    /// Gives away what is left, to be sent on the next connection.
    pub(super) fn take(&mut self) -> VecDeque<SentPart> {
        (self.size, self.whole) = (0, 0);
        self.parts.drain(..).map(|(part, _)| part).collect()
    }
}

/// What a part takes, in bytes.
fn taken(part: &SentPart) -> usize {
    part.bytes.len() + PLACE
}
