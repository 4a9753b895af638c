//! What a handler sends through.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::masking::masking_keys;
use super::outward::Outward;
use super::transport::Transport;
use crate::script::Fault;
use crate::ws::{Close, Item, Kind, SendError, SendHalf};

/// Parts of at least this size, in bytes, go to the socket at once instead of being gathered:
/// copying them would cost more than the system call that gathering saves.
const WRITE_THROUGH: usize = 24 * 1024;

/// The sending half of a connection, and the socket for what is too large to copy.
#[derive(Debug)]
pub(crate) struct Sender<'a> {
    pub(super) half: &'a mut SendHalf,
    pub(super) transport: &'a mut Transport,
    pub(super) outward: &'a mut Outward,
    /// How the connection ends is decided: it has failed, or the peer has closed it.
    pub(super) ended: bool,
    /// The peer has answered a Ping of ours.
    pub(super) pings_answered: bool,
}

impl Sender<'_> {
    /// Sends the item.
    ///
    /// # Errors
    /// [`SendError`]: what the protocol doesn't allow.
    pub(crate) fn send(&mut self, item: Item<'_>) -> Result<(), SendError> {
        match item {
            Item::Part { kind, bytes, last } => self.data(kind, bytes, last),
            item => self.half.send(item),
        }
    }

    /// Sends the next part of a message.
    ///
    /// # Errors
    /// [`SendError::CloseSent`].
    #[inline]
    pub(crate) fn data(&mut self, kind: Kind, part: &[u8], last: bool) -> Result<(), SendError> {
        if part.len() < WRITE_THROUGH { self.half.data(kind, part, last) } else { self.large(kind, part, last) }
    }

    /// The same of a part that is worth a system call of its own, where it may go out as it is.
    #[inline(never)]
    fn large(&mut self, kind: Kind, part: &[u8], last: bool) -> Result<(), SendError> {
        if !self.half.announce(kind, part.len(), last)? {
            return self.half.data(kind, part, last);
        }
        let head = self.half.pending().len();
        let sent = self.transport.send(self.half.pending(), part).unwrap_or_else(|error| {
            self.outward.fail(error);
            0
        });
        self.half.wrote(sent.min(head));
        self.half.append_payload(&part[sent.saturating_sub(head)..]);
        Ok(())
    }

    /// Sends a part of a message that isn't the last, and ends a frame with it.
    ///
    /// # Errors
    /// [`SendError`]: what the protocol doesn't allow.
    pub(crate) fn data_to_end_of_frame(&mut self, kind: Kind, part: &[u8]) -> Result<(), SendError> {
        self.half.data_to_end_of_frame(kind, part)
    }

    /// Begins a frame of a message with `length` bytes of payload; nothing else can be sent before they have followed in
    /// [parts](Self::frame_part). Returns false where the message is compressed: then nobody knows the length.
    ///
    /// # Errors
    /// [`SendError`]: what the protocol doesn't allow.
    pub(crate) fn begin_frame(&mut self, kind: Kind, length: usize, last: bool) -> Result<bool, SendError> {
        self.half.begin_frame(kind, length, last)
    }

    /// Whether a frame has begun and not ended.
    pub(crate) fn is_inside_frame(&self) -> bool {
        self.half.is_inside_frame()
    }

    /// The next part of the frame that has begun, which is no longer than what is missing of it.
    pub(crate) fn frame_part(&mut self, part: &[u8]) {
        let written = self.write_through(part);
        self.half.frame_part(part, written);
    }

    /// Whether messages may be sent as somebody else has compressed them: nobody is told what is in them, and the peer can inflate
    /// them.
    pub(crate) fn takes_packed(&self) -> bool {
        !self.half.tells_frames() && self.half.takes_packed()
    }

    /// Begins a frame of a message that somebody else has compressed, with `length` bytes of payload; nothing else can be sent
    /// before they have followed in [parts](Self::packed_part).
    ///
    /// # Errors
    /// [`SendError`]: what the protocol doesn't allow.
    pub(crate) fn begin_packed_frame(&mut self, kind: Kind, length: usize, last: bool) -> Result<(), SendError> {
        self.half.begin_packed_frame(kind, length, last)
    }

    /// The next part of such a frame, which inflates to so many bytes of `content`.
    pub(crate) fn packed_part(&mut self, part: &[u8], content: usize) {
        let written = self.write_through(part);
        self.half.packed_part(part, content, written);
    }

    /// Writes as much of a part of a frame as the socket takes, if that is worth a system call of its own and the part goes out as it is.
    /// Returns how much that was.
    fn write_through(&mut self, part: &[u8]) -> usize {
        let head = self.half.pending().len();
        let can_go = self.half.is_inside_frame() && self.half.passes_through() && self.outward.works();
        if part.len() < WRITE_THROUGH || !can_go {
            return 0;
        }
        let sent = self.transport.send(self.half.pending(), part).unwrap_or_else(|error| {
            self.outward.fail(error);
            0
        });
        self.half.wrote(sent.min(head));
        sent.saturating_sub(head)
    }

    /// Injects a fault, where the connection was opened for that.
    pub(crate) fn break_on_purpose(&mut self, fault: &Arc<Fault>) {
        // What has been sent before goes before it.
        match self.transport.send(self.half.pending(), &[]) {
            Ok(sent) => self.half.wrote(sent),
            Err(error) => self.outward.fail(error),
        }
        self.transport.inject(fault);
    }

    /// Sends bytes that somebody else has made into frames. Nothing else can be sent behind them.
    pub(crate) fn pass_raw(&mut self, bytes: &[u8]) {
        self.half.pass_raw(bytes);
    }

    /// Begins the closing handshake.
    ///
    /// # Errors
    /// [`SendError`]; a Close may be on its way already.
    pub(crate) fn close(&mut self, close: Close) -> Result<(), SendError> {
        self.half.send(Item::Close(close))
    }

    /// Whether the peer's Close is answered at once. It is, unless turned off: then by [`answer_close`](Self::answer_close), or
    /// another Close.
    pub(crate) fn set_answer_closes(&mut self, on: bool) {
        self.half.set_answer_closes(on);
    }

    /// Answers the peer's Close with the same code, unless ours has gone.
    pub(crate) fn answer_close(&mut self, theirs: &Close) {
        self.half.answer_close_now(theirs);
    }

    /// Gives up our direction, where the protocol leaves no place for a Close.
    pub(crate) fn abandon(&mut self) {
        self.outward.fail(io::ErrorKind::ConnectionAborted.into());
    }

    /// Whether messages from the next on are compressed, where that was negotiated.
    pub(crate) fn set_compress(&mut self, on: bool) {
        self.half.set_compress(on);
    }

    /// Whether messages from the next on are compressed.
    pub(crate) fn compresses(&self) -> bool {
        self.half.compresses()
    }

    /// The largest payload of a frame of a message, in bytes.
    pub(crate) fn set_largest_frame(&mut self, size: usize) {
        self.half.set_largest_frame(NonZeroUsize::new(size));
    }

    /// The payloads of the frames of the next message, if it is compressed and sent in parts, in bytes.
    pub(crate) fn set_frame_lengths(&mut self, lengths: impl IntoIterator<Item = usize>) {
        self.half.set_frame_lengths(lengths);
    }

    /// Whether pings are answered.
    pub(crate) fn set_answer_pings(&mut self, on: bool) {
        self.half.set_answer_pings(on);
    }

    /// Masks every frame with this key; `None` draws one for each again.
    pub(crate) fn set_masking_key(&mut self, key: Option<[u8; 4]>) {
        self.half.set_masking_keys(match key {
            Some(key) => Box::new(move || key),
            None => masking_keys(),
        });
    }

    /// Bytes that the socket has taken, and those that there are to be sent: from the beginning.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let written = self.half.written_in_all();
        (written.saturating_sub(self.transport.held_plaintext() as u64), written + self.half.pending().len() as u64)
    }

    /// Whether the socket has taken everything.
    pub(crate) fn all_written(&self) -> bool {
        self.half.pending().is_empty() && !self.transport.holds_unsent()
    }

    /// Bytes that are encoded and that the socket hasn't taken, or that were sent and aren't told yet.
    pub(crate) fn backlog(&self) -> usize {
        self.half.backlog()
    }

    /// Whether how the connection ends is decided already: it has failed, or the peer has closed it.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether the peer has answered a Ping of ours on this connection.
    pub(crate) fn pings_are_answered(&self) -> bool {
        self.pings_answered
    }

    /// Whether a message has begun and not ended, by parts or by frames as they were given.
    pub(crate) fn is_inside_message(&self) -> bool {
        self.half.is_inside_message()
    }

    /// Whether our Close has been sent.
    pub(crate) fn is_closing(&self) -> bool {
        self.half.close_sent()
    }
}
