//! The connection's side of an inbox.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::{Behaviour, Cause};
use crate::net::{Handler, Outlet};
use crate::server::hub::Member;
use crate::server::inbox::Post;
use crate::ws::{Close, Data, Event, StatusCode};

/// Bytes that may wait for the socket before the rest has to wait in the inbox, where it is counted.
const ENOUGH: usize = 64 * 1024;

/// What is done with what a client of a mailbox says.
pub(crate) trait Ear: fmt::Debug {
    /// The next part of a message from `speaker`.
    fn hear(&mut self, data: &Data<'_>, speaker: &Member);

    /// Nothing is going on; memory that isn't needed can go.
    fn rest(&mut self) {}
}

/// Nothing.
#[derive(Debug)]
pub(crate) struct Deaf;

impl Ear for Deaf {
    fn hear(&mut self, _data: &Data<'_>, _speaker: &Member) {}
}

/// Sends what others post, as the client takes it.
#[derive(Debug)]
pub(crate) struct Mailbox<E> {
    member: Member,
    ear: E,
    /// Something was left for when there is room.
    more: bool,
    cause: Option<Cause>,
}

impl<E: Ear> Mailbox<E> {
    pub(crate) fn new(member: Member, ear: E) -> Self {
        Self { member, ear, more: false, cause: None }
    }
}

impl<E: Ear> Handler for Mailbox<E> {
    fn event(&mut self, event: Event<'_>, _outlet: &mut Outlet<'_>) {
        if let Event::Data(data) = event {
            self.ear.hear(&data, &self.member);
        }
    }

    /// Sends what there is room for.
    fn settled(&mut self, _now: Instant, outlet: &mut Outlet<'_>) {
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

    fn has_more(&self) -> bool {
        self.more
    }

    /// The inbox is the source, so that it is heard at once, and the waker too, so that it is heard even while nothing
    /// more can be sent.
    fn source(&self) -> Option<BorrowedFd<'_>> {
        self.waker()
    }

    fn waker(&self) -> Option<BorrowedFd<'_>> {
        Some(self.member.inbox.as_fd())
    }

    fn woken(&mut self, outlet: &mut Outlet<'_>) {
        self.member.inbox.heard();
        if self.member.inbox.has_overflowed() && self.cause.is_none() {
            self.cause = Some(Cause::Limit("it reads too slowly".into()));
            // Refused when the connection is closing already.
            let _ = outlet.close(&Close::new(StatusCode::POLICY_VIOLATION, "reading too slowly"));
        }
    }

    fn idle(&mut self) {
        self.ear.rest();
    }
}

impl<E: Ear> Behaviour for Mailbox<E> {
    fn cause(&self) -> Option<Cause> {
        self.cause.clone()
    }

    fn remark(&self) -> Option<String> {
        match self.member.inbox.dropped() {
            0 => None,
            dropped => Some(format!("{dropped} messages for it dropped")),
        }
    }
}
