//! Whether all that was written to a peer has left for it, as far as that shows from outside of the kernel.

/// So few bytes leave at once: less than the first flight of TCP (RFC 6928).
const AT_ONCE: u64 = 8 * 1024;

/// What may still wait in the socket of a peer.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    total: u64,
    /// Of that, when the peer was last heard.
    before: u64,
    /// The socket was full: nobody knows how far the peer has come since then.
    was_full: bool,
}

impl InFlight {
    /// Takes note of how much has been sent in all, and whether the socket took all of it.
    pub(super) fn note(&mut self, total: u64, all_written: bool) {
        self.total = total;
        self.was_full |= !all_written;
    }

    /// The peer is heard, and so it is there.
    pub(super) fn heard(&mut self) {
        self.before = self.total;
    }

    /// Whether the socket holds nothing any more that was sent.
    pub(super) fn has_left(&self) -> bool {
        !self.was_full && self.total - self.before <= AT_ONCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_leaves_at_once_and_of_much_the_peer_has_to_be_heard() {
        let mut in_flight = InFlight::default();
        in_flight.note(AT_ONCE, true);
        assert!(in_flight.has_left());
        in_flight.note(AT_ONCE + 1, true);
        assert!(!in_flight.has_left());
        in_flight.heard();
        assert!(in_flight.has_left());
    }

    #[test]
    fn what_a_full_socket_holds_is_not_known() {
        let mut in_flight = InFlight::default();
        in_flight.note(1, false);
        in_flight.note(1, true);
        in_flight.heard();
        assert!(!in_flight.has_left());
    }
}
