//! A large message on its way out, as fragments (RFC 6455 §5.4), while the client takes them: what of it waits for the socket
//! is bounded, however large it is and whoever else still has it to send.

pub(crate) use super::echo::ONE_FRAME;
use crate::net::Sender;
use crate::ws::Kind;

/// Bytes that may wait for the socket before the rest has to wait here.
pub(crate) const ENOUGH: usize = 64 * 1024;

/// How far a content is sent.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    sent: usize,
}

impl Fragments {
    /// Bytes of the content that are sent.
    pub(crate) fn sent(&self) -> usize {
        self.sent
    }

    /// Sends what there is room for. Returns whether that was all, and is ready for another content then. With `ends` the
    /// message ends with the content.
    pub(crate) fn send(&mut self, kind: Kind, content: &[u8], ends: bool, sender: &mut Sender<'_>) -> bool {
        while sender.backlog() < ENOUGH {
            let end = content.len().min(self.sent + ONE_FRAME);
            let is_last = end == content.len();
            // Refused after a Close, and then the rest has nowhere to go.
            let refused = sender.data(kind, &content[self.sent..end], ends && is_last).is_err();
            self.sent = end;
            if is_last || refused {
                *self = Self::default();
                return true;
            }
        }
        false
    }
}
