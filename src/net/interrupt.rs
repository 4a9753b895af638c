//! What ends a wait before its deadline.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags};

use super::far_end::ENDED;
use super::poll::{GONE, READABLE};
use crate::error::Error;

/// Descriptors that end every wait, and the one more that does where somebody reads what we write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interrupt<'a> {
    stop: BorrowedFd<'a>,
    sink: Option<(BorrowedFd<'a>, PollFlags)>,
}

/// Which it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interrupted {
    Told,
    NobodyReads,
}

impl<'a> Interrupt<'a> {
    /// Once `stop` is readable.
    pub(crate) fn by(stop: &'a impl AsFd) -> Self {
        stop.as_fd().into()
    }

    /// Also once nobody reads any more what is written to `sink`.
    pub(crate) fn or_unread(self, sink: Option<BorrowedFd<'a>>) -> Self {
        Self { sink: sink.map(|sink| (sink, PollFlags::empty())), ..self }
    }

    /// Also once the peer of this socket, for which all of it is done, sends nothing more.
    pub(super) fn or_ended(self, socket: BorrowedFd<'a>) -> Self {
        Self { sink: Some((socket, ENDED)), ..self }
    }

    pub(super) fn watched(self) -> impl Iterator<Item = PollFd<'a>> {
        let sink = self.sink.map(|(sink, flags)| PollFd::from_borrowed_fd(sink, flags));
        [PollFd::from_borrowed_fd(self.stop, PollFlags::IN)].into_iter().chain(sink)
    }

    /// What has come of those that are [`watched`](Self::watched).
    pub(super) fn of(polled: &[PollFd<'_>]) -> Option<Interrupted> {
        let [stop, sink @ ..] = polled else { return None };
        if stop.revents().intersects(READABLE) {
            return Some(Interrupted::Told);
        }
        sink.iter().any(|sink| sink.revents().intersects(GONE.union(ENDED))).then_some(Interrupted::NobodyReads)
    }
}

impl<'a> From<BorrowedFd<'a>> for Interrupt<'a> {
    fn from(stop: BorrowedFd<'a>) -> Self {
        Self { stop, sink: None }
    }
}

impl Interrupted {
    pub(super) fn error(self) -> Error {
        match self {
            Self::Told => Error::Interrupted,
            Self::NobodyReads => Error::Unread,
        }
    }
}
