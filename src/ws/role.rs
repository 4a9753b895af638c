//! Which side of the connection we are.

use super::negotiation::{DeflateParams, WindowBits};

/// The endpoint that sent the opening handshake, or the one that answered it (RFC 6455 §1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

impl DeflateParams {
    /// Whether the peer's messages may refer back to its earlier ones (RFC 7692 §7.1.1).
    pub fn peer_takes_context_over(&self, ours: Role) -> bool {
        match ours {
            Role::Client => !self.server_no_context_takeover,
            Role::Server => !self.client_no_context_takeover,
        }
    }

    /// Whether our messages may refer back to our earlier ones.
    pub fn we_take_context_over(&self, ours: Role) -> bool {
        match ours {
            Role::Client => !self.client_no_context_takeover,
            Role::Server => !self.server_no_context_takeover,
        }
    }

    /// Whether what the `sender` of these two compresses, as was agreed here, can be inflated where `there` was agreed: no window is
    /// larger there, and no context shorter (RFC 7692 §7.1).
    pub fn can_be_inflated_as(&self, there: &DeflateParams, sender: Role) -> bool {
        self.our_window_bits(sender) <= there.our_window_bits(sender)
            && (there.we_take_context_over(sender) || !self.we_take_context_over(sender))
    }

    /// The largest window that our messages may need (RFC 7692 §7.1.2).
    pub fn our_window_bits(&self, ours: Role) -> WindowBits {
        match ours {
            Role::Client => self.client_max_window_bits,
            Role::Server => self.server_max_window_bits,
        }
    }
}
