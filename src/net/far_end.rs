//! What can be known of a peer without reading from it.
//!
//! While there is no room for what it sends, its end doesn't come out of the socket. But the kernel tells of it: that the
//! peer sends nothing more, and that it is gone.

use rustix::event::PollFlags;

use super::poll::GONE;

/// A peer that sends nothing more. It may still read.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(super) const ENDED: PollFlags = PollFlags::RDHUP;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(super) const ENDED: PollFlags = PollFlags::empty();

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum FarEnd {
    #[default]
    Open,
    /// Its direction has ended: it has nothing more to say, and may go on to read.
    HalfClosed,
    /// It neither sends nor reads.
    Gone,
}

impl FarEnd {
    /// What to watch the socket for while it isn't read from: what has been told is ready from then on.
    pub(super) fn watched(self) -> PollFlags {
        if self == Self::Open { ENDED } else { PollFlags::empty() }
    }

    /// What a poll has told.
    pub(super) fn polled(&mut self, ready: PollFlags) {
        if ready.intersects(GONE) {
            *self = Self::Gone;
        } else if ready.intersects(ENDED) {
            self.has_ended();
        }
    }

    /// The end of what it says has been read, or told.
    pub(super) fn has_ended(&mut self) {
        if *self == Self::Open {
            *self = Self::HalfClosed;
        }
    }

    /// The socket needs no watching any more, for it would be ready for ever.
    pub(super) fn is_gone(self) -> bool {
        self == Self::Gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_once_and_does_not_come_back() {
        let mut far_end = FarEnd::default();
        assert_eq!(far_end.watched(), ENDED);
        far_end.polled(PollFlags::OUT);
        assert_eq!(far_end, FarEnd::Open);
        far_end.polled(ENDED);
        assert_eq!((far_end, far_end.watched()), (FarEnd::HalfClosed, PollFlags::empty()));
        far_end.polled(GONE);
        far_end.has_ended();
        assert!(far_end.is_gone());
    }
}
