//! Ends a connection on which nothing has happened for a while.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use super::{Behaviour, ModeEnd};
use crate::net::{Handler, Sender};
use crate::ws::{Close, Counters, Event, StatusCode};

/// Another handler with an idle timeout around it. Messages in either direction count, and the client's pings.
pub(crate) struct Idle<'a> {
    inner: &'a mut dyn Behaviour,
    timeout: Duration,
    since: Instant,
    heard: bool,
    sent: Counters,
    /// The time is up; whether it was that which began the closing handshake.
    expired: Option<bool>,
}

impl<'a> Idle<'a> {
    pub(crate) fn new(inner: &'a mut dyn Behaviour, timeout: Duration) -> Self {
        Self { inner, timeout, since: Instant::now(), heard: false, sent: Counters::default(), expired: None }
    }

    fn expiry(&self) -> Option<Instant> {
        self.expired.is_none().then(|| self.since + self.timeout)
    }
}

impl Handler for Idle<'_> {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>) {
        self.heard |= matches!(event, Event::Data(_) | Event::Ping(_));
        self.inner.event(event, sender);
    }

    fn after_turn(&mut self, now: Instant, sender: &mut Sender<'_>) {
        self.inner.after_turn(now, sender);
        let sent = std::mem::replace(&mut self.sent, sender.sent());
        if std::mem::take(&mut self.heard) || sent != self.sent {
            self.since = now;
        }
    }

    fn has_room(&self) -> bool {
        self.inner.has_room()
    }

    fn source(&self) -> Option<BorrowedFd<'_>> {
        self.inner.source()
    }

    fn source_ready(&mut self, sender: &mut Sender<'_>) {
        self.inner.source_ready(sender);
    }

    fn has_more(&self) -> bool {
        self.inner.has_more()
    }

    fn waker(&self) -> Option<BorrowedFd<'_>> {
        self.inner.waker()
    }

    fn woken(&mut self, sender: &mut Sender<'_>) {
        self.inner.woken(sender);
    }

    fn deadline(&self) -> Option<Instant> {
        [self.inner.deadline(), self.expiry()].into_iter().flatten().min()
    }

    fn deadline_reached(&mut self, sender: &mut Sender<'_>) {
        let now = Instant::now();
        if self.inner.deadline().is_some_and(|deadline| now >= deadline) {
            self.inner.deadline_reached(sender);
        }
        if self.expiry().is_some_and(|expiry| now >= expiry) {
            // Refused when the connection is closing already.
            self.expired = Some(sender.close(&Close::new(StatusCode::GOING_AWAY, "idle")).is_ok());
        }
    }

    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        self.inner.stop(sender)
    }

    fn idle(&mut self) {
        self.inner.idle();
    }

    fn wants_abort(&self) -> bool {
        self.inner.wants_abort()
    }
}

impl Behaviour for Idle<'_> {
    fn cause(&self) -> Option<ModeEnd> {
        if self.expired == Some(true) { Some(ModeEnd::Idle(self.timeout)) } else { self.inner.cause() }
    }

    fn remark(&self) -> Option<String> {
        self.inner.remark()
    }
}
