//! What a handler sends through.

use std::io;

use super::masking_keys;
use super::transport::Transport;
use crate::ws::{Close, Counters, FrameHeader, Kind, Masking, Outgoing, Refused};

/// Parts of at least this size, in bytes, go to the socket at once instead of being gathered:
/// copying them would cost more than the system call that gathering saves.
const WRITE_THROUGH: usize = 24 * 1024;

/// The sending half of a connection, and the socket for what is too large to copy.
#[derive(Debug)]
pub(crate) struct Sender<'a> {
    pub(super) outgoing: &'a mut Outgoing,
    pub(super) transport: &'a mut Transport,
    pub(super) failure: &'a mut Option<io::Error>,
}

impl Sender<'_> {
    /// Sends the next part of a message.
    ///
    /// # Errors
    /// [`Refused::CloseSent`].
    pub(crate) fn data(&mut self, kind: Kind, part: &[u8], last: bool) -> Result<(), Refused> {
        if part.len() < WRITE_THROUGH || !self.outgoing.announce(kind, part.len(), last)? {
            return self.outgoing.data(kind, part, last);
        }
        let head = self.outgoing.pending().len();
        let sent = self.transport.send(self.outgoing.pending(), part).unwrap_or_else(|error| {
            *self.failure = Some(error);
            0
        });
        self.outgoing.wrote(sent.min(head));
        self.outgoing.append_payload(&part[sent.saturating_sub(head)..]);
        Ok(())
    }

    /// Sends a whole message as exactly `count` fragments.
    ///
    /// # Errors
    /// [`Refused::CloseSent`].
    pub(crate) fn fragments(&mut self, kind: Kind, content: &[u8], count: usize) -> Result<(), Refused> {
        self.outgoing.fragments(kind, content, count)
    }

    /// # Errors
    /// [`Refused`]: too long, or our Close is out.
    pub(crate) fn ping(&mut self, payload: &[u8]) -> Result<(), Refused> {
        self.outgoing.ping(payload)
    }

    /// # Errors
    /// [`Refused`]: too long, or our Close is out.
    pub(crate) fn pong(&mut self, payload: &[u8]) -> Result<(), Refused> {
        self.outgoing.pong(payload)
    }

    /// Sends a frame as it is asked for, legal or not.
    pub(crate) fn inject(&mut self, header: &FrameHeader, payload: &[u8], masking: Masking) {
        self.outgoing.inject(header, payload, masking);
    }

    /// Whether messages from the next on are compressed, where that was negotiated.
    pub(crate) fn compress(&mut self, on: bool) {
        self.outgoing.compress(on);
    }

    /// Whether pings are answered.
    pub(crate) fn answer_pings(&mut self, on: bool) {
        self.outgoing.answer_pings(on);
    }

    /// Masks every frame with this key; `None` draws one for each again.
    pub(crate) fn mask_with(&mut self, key: Option<[u8; 4]>) {
        self.outgoing.mask_with(match key {
            Some(key) => Box::new(move || key),
            None => masking_keys(),
        });
    }

    /// # Errors
    /// [`Refused`]; the Close may be on its way already.
    pub(crate) fn close(&mut self, close: &Close) -> Result<(), Refused> {
        self.outgoing.close(close)
    }

    /// Bytes that have been given to the socket, and those that are still to be: from the beginning.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let written = self.outgoing.written_in_all();
        (written, written + self.outgoing.pending().len() as u64)
    }

    /// Whether the socket has taken everything.
    pub(crate) fn all_written(&self) -> bool {
        self.outgoing.pending().is_empty() && !self.transport.holds_unsent()
    }

    /// Bytes that are encoded and that the socket hasn't taken.
    pub(crate) fn backlog(&self) -> usize {
        self.outgoing.pending().len()
    }

    /// What has been sent so far.
    pub(crate) fn sent(&self) -> Counters {
        self.outgoing.sent()
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.outgoing.close_sent()
    }
}
