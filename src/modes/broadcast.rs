//! Each message to every other client.

use std::os::fd::BorrowedFd;
use std::time::Instant;

use super::{Behaviour, Cause, Mailbox};
use crate::net::{Handler, Outlet};
use crate::room::Member;
use crate::ws::{Assembler, Event};

#[derive(Debug)]
pub(super) struct Broadcast {
    mailbox: Mailbox,
    assembler: Assembler,
    include_sender: bool,
}

impl Broadcast {
    pub(super) fn new(member: Member, include_sender: bool) -> Self {
        Self { mailbox: Mailbox::new(member), assembler: Assembler::default(), include_sender }
    }
}

impl Handler for Broadcast {
    fn event(&mut self, event: Event<'_>, _outlet: &mut Outlet<'_>) {
        if let Event::Data(data) = event
            && let Some(message) = self.assembler.push(&data)
        {
            let member = &self.mailbox.member;
            member.room.post(&message.into(), (!self.include_sender).then_some(member.number));
        }
    }

    fn settled(&mut self, _now: Instant, outlet: &mut Outlet<'_>) {
        self.mailbox.deliver(outlet);
    }

    fn source(&self) -> Option<BorrowedFd<'_>> {
        Some(self.mailbox.fd())
    }

    fn has_more(&self) -> bool {
        self.mailbox.has_more()
    }

    fn waker(&self) -> Option<BorrowedFd<'_>> {
        Some(self.mailbox.fd())
    }

    fn woken(&mut self, outlet: &mut Outlet<'_>) {
        self.mailbox.heard(outlet);
    }

    fn idle(&mut self) {
        self.assembler.shrink();
    }
}

impl Behaviour for Broadcast {
    fn cause(&self) -> Option<Cause> {
        self.mailbox.cause()
    }

    fn remark(&self) -> Option<String> {
        self.mailbox.remark()
    }
}
