//! The connection's side of an inbox.

use std::os::fd::{AsFd, BorrowedFd};

use super::Cause;
use crate::inbox::Post;
use crate::net::Outlet;
use crate::room::Member;
use crate::ws::{Close, StatusCode};

/// Bytes that may wait for the socket before the rest has to wait in the inbox, where it is counted.
const ENOUGH: usize = 64 * 1024;

/// Sends what others post, as the client takes it.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) member: Member,
    more: bool,
    cause: Option<Cause>,
}

impl Mailbox {
    pub(crate) fn new(member: Member) -> Self {
        Self { member, more: false, cause: None }
    }

    /// Readable when there is something new. A handler gives it both as its source, so that it is heard at once,
    /// and as its waker, so that it is heard even while nothing more can be sent.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.member.inbox.as_fd()
    }

    /// The descriptor is readable.
    pub(crate) fn heard(&mut self, outlet: &mut Outlet<'_>) {
        self.member.inbox.heard();
        if self.member.inbox.has_overflowed() && self.cause.is_none() {
            self.cause = Some(Cause::Limit("it reads too slowly".into()));
            // Refused when the connection is closing already.
            let _ = outlet.close(&Close::new(StatusCode::POLICY_VIOLATION, "reading too slowly"));
        }
    }

    /// Sends what there is room for.
    pub(crate) fn deliver(&mut self, outlet: &mut Outlet<'_>) {
        self.more = true;
        while outlet.backlog() < ENOUGH && !outlet.is_closing() {
            // Refused only after a Close, and there was none.
            let _ = match self.member.inbox.next() {
                Some(Post::Message(message)) => outlet.data(message.kind, &message.content, true),
                Some(Post::Close(close)) => {
                    self.cause = Some(Cause::Finished("we had nothing more to send".into()));
                    outlet.close(&close)
                }
                None => {
                    self.more = false;
                    return;
                }
            };
        }
    }

    /// Something was left for when there is room.
    pub(crate) fn has_more(&self) -> bool {
        self.more
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.cause.clone()
    }

    pub(crate) fn remark(&self) -> Option<String> {
        match self.member.inbox.dropped() {
            0 => None,
            dropped => Some(format!("{dropped} messages for it dropped")),
        }
    }
}
