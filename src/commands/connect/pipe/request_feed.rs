//! The messages of `-d`, which every connection gets first: held once, and sent as the peer takes them.

use super::send_round::SendRound;
use crate::stdio::input::InputFault;
use crate::ws::Kind;

#[derive(Debug)]
pub(super) struct RequestFeed {
    messages: Vec<(Kind, Vec<u8>)>,
    /// So many of them has this connection seen, …
    seen: usize,
    /// … and so many bytes of the next.
    offset: usize,
    /// The next, where it is filled in.
    filled: Option<Vec<u8>>,
}

impl RequestFeed {
    pub(super) fn new(messages: Vec<(Kind, Vec<u8>)>) -> Self {
        Self { messages, seen: 0, offset: 0, filled: None }
    }

    /// A new connection.
    pub(super) fn begin_again(&mut self) {
        (self.seen, self.offset, self.filled) = (0, 0, None);
    }

    /// Nothing of it is sent any more.
    pub(super) fn stop(&mut self) {
        (self.seen, self.offset, self.filled) = (self.messages.len(), 0, None);
    }

    pub(super) fn is_finished(&self) -> bool {
        self.seen == self.messages.len()
    }

    /// So many messages haven't been sent whole.
    pub(super) fn left(&self) -> u64 {
        (self.messages.len() - self.seen) as u64
    }

    /// Sends as much as there is room and time for. Returns whether that is all, and what follows may be sent.
    ///
    /// # Errors
    /// What can't be filled in.
    pub(super) fn send(&mut self, sending: &mut SendRound<'_, '_>) -> Result<bool, InputFault> {
        while let Some((kind, content)) = self.messages.get(self.seen) {
            let may_begin = self.offset > 0 || sending.gate.lets_request();
            if !may_begin || !sending.goes_on_or_is_due() || !sending.has_room() {
                return Ok(false);
            }
            if self.offset == 0 && sending.gate.fills() && *kind == Kind::Text {
                self.filled = Some(sending.gate.fill(content)?);
            }
            let content = self.filled.as_ref().unwrap_or(content);
            let end = content.len().min(self.offset + sending.options.part());
            let last = end == content.len();
            sending.request(*kind, &content[self.offset..end], last, content.len());
            (self.seen, self.offset) = if last { (self.seen + 1, 0) } else { (self.seen, end) };
            if last {
                self.filled = None;
                sending.gate.sent();
            }
        }
        Ok(sending.goes_on_or_is_due())
    }
}
