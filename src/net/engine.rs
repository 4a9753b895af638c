//! One connection on one thread: its socket, its deadlines and its handler's other sources.
//!
//! ```text
//!       ┌──────────── wait ◀───────────┐
//!       ▼                              │
//!    receive ─▶ events ─▶ handler ─▶ flush ─▶ deadlines
//! ```
//!
//! Invariants:
//! - The thread of a connection is the only one that touches its socket and its state.
//! - Writes never wait. While the peer doesn't take what we have, the handler's source waits from
//!   [`SOURCE_LIMIT`] on and we go on reading, so that a peer which sends while it isn't reading
//!   can't deadlock us; only from [`OUTBOX_LIMIT`] on, which takes answers to what we read, does
//!   the peer wait too.
//! - A connection on which traffic is brisk waits inside the receive itself; it polls only once it
//!   is idle, has something else to wait for, or has a deadline that is near.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::keepalive::{Due, Keepalive};
use super::poll::wait_on;
use super::sender::Sender;
use super::transport::{PATIENCE, Received, Transport, Wait};
use super::yield_backoff::YieldBackoff;
use crate::ws::{Buffer, Close, Counters, Event, Incoming, Outgoing, Role, StatusCode, Violation};

/// Bytes that may wait to be written before the handler's source has to wait.
const SOURCE_LIMIT: usize = 256 * 1024;

/// Bytes that may wait to be written before the peer has to: more than a source fills by itself.
const OUTBOX_LIMIT: usize = 1024 * 1024;

/// Deadline for the peer's side of the closing handshake when the process is stopping: inside the
/// two seconds that a server has, with the time to tell how it ended.
const STOP_TIMEOUT: Duration = Duration::from_millis(1500);

/// After a finished closing handshake, how long a client leaves it to the server to close the TCP
/// connection first, as §7.1.1 wants it. Some servers wait for the client.
const SERVER_FIRST: Duration = Duration::from_millis(250);

/// After our end of the TCP connection, how long the peer's is awaited.
const LINGER: Duration = Duration::from_secs(1);

/// The deadlines of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Between a Ping and the next; `None` sends none.
    pub(crate) ping_interval: Option<Duration>,
    /// For the Pong.
    pub(crate) ping_timeout: Duration,
    /// For the other side of the opening handshake.
    pub(crate) handshake_timeout: Duration,
    /// For the other side of the closing handshake.
    pub(crate) close_timeout: Duration,
}

/// An open connection, fresh from its opening handshake.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(super) transport: Transport,
    pub(super) buffer: Buffer,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
}

/// What is done with a connection.
pub(crate) trait Handler {
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>);

    /// Everything that was received has been told.
    fn after_turn(&mut self, _now: Instant, _outlet: &mut Sender<'_>) {}

    /// Whether events can be taken. While they can't, nothing is received.
    fn has_room(&self) -> bool {
        true
    }

    /// Where more to send comes from. It is waited on while there is room for what it brings.
    fn source(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// The source is readable.
    fn source_ready(&mut self, _outlet: &mut Sender<'_>) {}

    /// Whether something was left to send for when all before it is written: then the handler is settled again.
    fn has_more(&self) -> bool {
        false
    }

    /// Readable when another thread has something to tell the handler, such as room for events.
    /// While traffic is brisk this may be noticed late.
    fn waker(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// The waker is readable.
    fn woken(&mut self, _outlet: &mut Sender<'_>) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn deadline_reached(&mut self, _outlet: &mut Sender<'_>) {}

    /// The stop descriptor is readable. Returns whether it is to be watched further.
    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        // Refused only when the connection is closing already.
        let _ = sender.close(&Close::new(StatusCode::GOING_AWAY, ""));
        false
    }

    /// Nothing is going on; memory that isn't needed can go.
    fn idle(&mut self) {}

    /// Whether to end at once, without the rest of the closing handshake.
    fn wants_abort(&self) -> bool {
        false
    }
}

/// How a connection ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The closing handshake finished. The Close is the peer's; `by_peer` tells whether it was first.
    Closed {
        close: Close,
        by_peer: bool,
    },
    /// The peer didn't answer our Close in time.
    CloseUnanswered,
    /// The peer ended the TCP connection without a Close frame.
    Dropped,
    ReadFailed(io::Error),
    WriteFailed(io::Error),
    /// A Ping went unanswered for so long.
    KeepaliveFailed(Duration),
    /// The peer broke the protocol; every fault of the frame in which it did.
    Violation(Vec<Violation>),
    /// We left without waiting.
    Abandoned,
}

/// A connection from its opening to its end.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) ending: End,
    pub(crate) received: Counters,
    pub(crate) sent: Counters,
    /// It was the process that had to stop.
    pub(crate) stopped: bool,
}

/// Sees every event before the handler does.
pub(crate) type Tap<'a> = &'a mut dyn FnMut(&Event<'_>);

/// Runs one connection until it ends.
pub(crate) struct Engine<'a, H: ?Sized> {
    transport: Transport,
    buffer: Buffer,
    incoming: Incoming,
    outgoing: Outgoing,
    received: Counters,
    handler: &'a mut H,
    keepalive: Keepalive,
    timing: Timing,
    stop: Option<BorrowedFd<'a>>,
    tap: Option<Tap<'a>>,
    /// The peer has taken bytes since the deadlines were last looked at.
    progressed: bool,
    /// Our direction has failed; what the peer said before may still be read.
    write_failure: Option<io::Error>,
    peer_close: Option<(Close, bool)>,
    ending: Option<End>,
    close_deadline: Option<Instant>,
    /// When our direction ends, once there is nothing left to say.
    finish_at: Option<Instant>,
    sending_finished: bool,
    /// The peer has ended its direction; what we hold for it is still written.
    read_ended: bool,
    /// The process is stopping: from here on nothing makes a deadline later.
    stopping: bool,
    hot: bool,
    yield_backoff: YieldBackoff,
    /// When the stop descriptor was last looked at.
    polled: Instant,
}

impl<'a, H: Handler + ?Sized> Engine<'a, H> {
    pub(crate) fn new(
        connection: Connection,
        timing: Timing,
        stop: Option<BorrowedFd<'a>>,
        handler: &'a mut H,
    ) -> Self {
        let Connection { transport, buffer, incoming, outgoing } = connection;
        Self {
            transport,
            buffer,
            incoming,
            outgoing,
            received: Counters::default(),
            handler,
            keepalive: Keepalive::new(timing.ping_interval, timing.ping_timeout, Instant::now()),
            timing,
            stop,
            tap: None,
            progressed: false,
            write_failure: None,
            peer_close: None,
            ending: None,
            close_deadline: None,
            finish_at: None,
            sending_finished: false,
            read_ended: false,
            stopping: false,
            hot: true,
            yield_backoff: YieldBackoff::default(),
            polled: Instant::now(),
        }
    }

    pub(crate) fn tapped(mut self, tap: Option<Tap<'a>>) -> Self {
        self.tap = tap;
        self
    }

    pub(crate) fn run(self) -> End {
        self.run_counting().ending
    }

    /// Runs to the end, and tells what went both ways.
    pub(crate) fn run_counting(mut self) -> Summary {
        let ending = self.run_to_end();
        Summary { ending, received: self.received, sent: self.outgoing.sent(), stopped: self.stopping }
    }

    fn run_to_end(&mut self) -> End {
        loop {
            let dispatched_all = self.dispatch();
            self.flush();
            let now = Instant::now();
            self.after_turn(now);
            let progressed = std::mem::take(&mut self.progressed);
            self.check_deadlines(now, progressed);
            if let Some(ending) = self.end(now, progressed) {
                return ending;
            }
            if !dispatched_all && self.may_dispatch() {
                // There is room again for what has arrived already, which no socket would announce.
                continue;
            }
            match self.wait_and_receive(now) {
                Ok(Received::End) => {
                    self.read_ended = true;
                    self.ending.get_or_insert(End::Dropped);
                }
                Ok(Received::Bytes) if self.incoming.is_inside_frame() => self.keepalive.postpone(now),
                Ok(Received::Bytes | Received::Nothing) => {}
                Err(error) => return self.ended_by(End::ReadFailed(error)),
            }
        }
    }

    fn sender<'b>(
        outgoing: &'b mut Outgoing,
        transport: &'b mut Transport,
        failure: &'b mut Option<io::Error>,
    ) -> Sender<'b> {
        Sender { outgoing, transport, failure }
    }

    /// Calls the handler with the outlet beside it.
    fn with_handler<T>(&mut self, call: impl FnOnce(&mut H, &mut Sender<'_>) -> T) -> T {
        let mut sender = Self::sender(&mut self.outgoing, &mut self.transport, &mut self.write_failure);
        call(self.handler, &mut sender)
    }

    /// Whether what we hold for the peer and for the handler leaves room for more events.
    fn may_dispatch(&self) -> bool {
        self.outgoing.pending().len() < OUTBOX_LIMIT && self.handler.has_room()
    }

    fn may_read(&self) -> bool {
        self.may_dispatch() && !self.read_ended
    }

    fn all_written(&self) -> bool {
        self.outgoing.pending().is_empty() && !self.transport.holds_unsent()
    }

    /// Returns whether that was all, and not just all that there was room for.
    fn dispatch(&mut self) -> bool {
        while self.may_dispatch() {
            if self.dispatch_message() {
                continue;
            }
            let close_was_sent = self.outgoing.close_sent();
            let Some(event) = self.incoming.poll(&mut self.buffer, &mut self.outgoing) else { return true };
            if let Some(tap) = &mut self.tap {
                tap(&event);
            }
            match &event {
                Event::Pong(payload) => self.keepalive.pong(payload),
                Event::Close(close) => self.peer_close = Some((close.clone(), !close_was_sent)),
                Event::Violation(faults) => self.ending = Some(End::Violation(faults.clone())),
                Event::Data(data) => self.received.add(data.bytes.len(), data.last),
                Event::Frame(_) | Event::Ping(_) => {}
            }
            let mut sender = Self::sender(&mut self.outgoing, &mut self.transport, &mut self.write_failure);
            self.handler.event(event, &mut sender);
        }
        false
    }

    /// Tells the next message if it is of the common case.
    #[inline(always)]
    fn dispatch_message(&mut self) -> bool {
        let Some(data) = self.incoming.take_message(&mut self.buffer) else { return false };
        if let Some(tap) = &mut self.tap {
            tap(&Event::Data(data));
        }
        self.received.add(data.bytes.len(), true);
        let mut sender = Self::sender(&mut self.outgoing, &mut self.transport, &mut self.write_failure);
        self.handler.event(Event::Data(data), &mut sender);
        true
    }

    fn flush(&mut self) {
        if self.all_written() || self.write_failure.is_some() {
            return;
        }
        let flushed = match self.outgoing.pending() {
            [] => self.transport.flush().map(|()| 0),
            pending => self.transport.send(pending, &[]),
        };
        match flushed {
            Ok(count) => {
                self.outgoing.wrote(count);
                self.progressed |= count > 0;
            }
            Err(error) => self.write_failure = Some(error),
        }
    }

    fn after_turn(&mut self, now: Instant) {
        if let Some(error) = &self.write_failure {
            // What can't be written any more is dropped; reading goes on, for the peer may have
            // said why before it went away.
            self.outgoing.discard();
            let why = || io::Error::new(error.kind(), error.to_string());
            self.ending.get_or_insert_with(|| End::WriteFailed(why()));
        }
        self.with_handler(|handler, sender| handler.after_turn(now, sender));
        self.flush();
    }

    fn check_deadlines(&mut self, now: Instant, progressed: bool) {
        if self.handler.deadline().is_some_and(|deadline| now >= deadline) {
            self.with_handler(|handler, sender| handler.deadline_reached(sender));
        }
        // A Pong can't be seen while we don't read, nor before what the peer has yet to take of ours.
        if !self.handler.has_room() || (progressed && !self.all_written()) {
            self.keepalive.postpone(now);
        }
        if !self.outgoing.close_sent() && self.ending.is_none() {
            match self.keepalive.due(now) {
                Due::Nothing => {}
                // Refused only after a Close, and there was none.
                Due::Ping(payload) => {
                    let _ = self.outgoing.ping(&payload);
                }
                Due::Failure => {
                    let close = Close::new(StatusCode::INTERNAL_ERROR, "a Ping went unanswered");
                    let _ = self.outgoing.close(&close);
                    self.ending = Some(End::KeepaliveFailed(self.timing.ping_timeout));
                }
            }
        }
        self.flush();
    }

    /// The end, once there is nothing left to wait for.
    fn end(&mut self, now: Instant, progressed: bool) -> Option<End> {
        if self.handler.wants_abort() {
            return Some(self.ended_by(End::Abandoned));
        }
        let closing = self.outgoing.close_sent() || self.ending.is_some();
        if !closing {
            return None;
        }
        // The peer's time begins once it has taken all we have to say, and while our own reader
        // leaves us room to hear it.
        let waits_for_us = !self.handler.has_room() || progressed;
        if waits_for_us && !self.stopping && !self.sending_finished {
            self.close_deadline = None;
        }
        let deadline = *self.close_deadline.get_or_insert(now + self.timing.close_timeout);
        let all_written = self.all_written();
        if all_written {
            self.finish_sending(now, deadline);
        }
        if self.read_ended && (all_written || self.write_failure.is_some()) {
            return Some(self.ended_by(End::Dropped));
        }
        if now < deadline {
            return None;
        }
        if !all_written && matches!(self.ending, None | Some(End::Dropped)) {
            return Some(End::WriteFailed(io::Error::other("the peer did not take what was sent")));
        }
        Some(self.ended_by(End::CloseUnanswered))
    }

    /// Ends our direction when it is time to.
    fn finish_sending(&mut self, now: Instant, deadline: Instant) {
        let closed = self.incoming.close_received();
        if self.sending_finished || !(closed || self.ending.is_some()) {
            return;
        }
        let theirs_to_close = closed && self.incoming.role() == Role::Client;
        let patience = if theirs_to_close { SERVER_FIRST } else { Duration::ZERO };
        if now >= *self.finish_at.get_or_insert(now + patience) {
            // Then the peer's end of the connection is awaited: closing over bytes that we haven't
            // read would reset the connection, and could take our Close frame with it.
            self.transport.finish_sending();
            self.sending_finished = true;
            self.close_deadline = Some(deadline.min(now + LINGER));
        }
    }

    /// The ending that counts: what was decided before, or a finished closing handshake, or `otherwise`.
    fn ended_by(&mut self, otherwise: End) -> End {
        match (self.ending.take(), self.peer_close.take()) {
            (Some(End::WriteFailed(_) | End::Dropped) | None, Some((close, by_peer))) => End::Closed { close, by_peer },
            (Some(ending), _) => ending,
            (None, None) => otherwise,
        }
    }

    fn wait_and_receive(&mut self, now: Instant) -> io::Result<Received> {
        let may_read = self.may_read();
        let received = if may_read && self.transport.holds_unread() {
            self.transport.receive(&mut self.buffer, Wait::No)?
        } else if may_read && self.may_block(now) {
            self.yield_and_receive()?
        } else if self.poll()? && may_read {
            self.transport.receive(&mut self.buffer, Wait::No)?
        } else {
            return Ok(Received::Nothing);
        };
        self.hot = received == Received::Bytes;
        Ok(received)
    }

    fn yield_and_receive(&mut self) -> io::Result<Received> {
        if !self.buffer.is_filled() && self.yield_backoff.is_due() {
            thread::yield_now();
            let received = self.transport.receive(&mut self.buffer, Wait::No)?;
            if received != Received::Nothing {
                self.yield_backoff.paid_off();
                return Ok(received);
            }
            self.yield_backoff.was_in_vain();
        }
        self.transport.receive(&mut self.buffer, Wait::Briefly)
    }

    /// Whether the thread may wait inside the receive, deaf to all else for [`PATIENCE`].
    fn may_block(&self, now: Instant) -> bool {
        self.hot
            && now < self.polled + PATIENCE
            && self.handler.source().is_none()
            && self.all_written()
            && self.deadline().is_none_or(|deadline| deadline > now + PATIENCE)
    }

    fn deadline(&self) -> Option<Instant> {
        let ending = self.outgoing.close_sent() || self.ending.is_some();
        let keepalive = if ending { None } else { self.keepalive.deadline() };
        let at_once = self.handler.has_more() && !ending && self.all_written();
        let finish = self.finish_at.filter(|_| !self.sending_finished && self.all_written());
        [at_once.then(Instant::now), self.handler.deadline(), keepalive, self.close_deadline, finish]
            .into_iter()
            .flatten()
            .min()
    }

    /// Waits for the socket, the stop descriptor, the handler's source and the next deadline.
    /// Returns whether the socket can be read.
    fn poll(&mut self) -> io::Result<bool> {
        if !self.hot {
            self.give_memory_back();
        }
        let deadline = self.deadline();
        let source = if self.takes_more() { self.handler.source() } else { None };
        let mut socket = PollFlags::empty();
        socket.set(PollFlags::IN, self.may_read());
        socket.set(PollFlags::OUT, !self.all_written() && self.write_failure.is_none());
        // A socket that has hung up is always ready: where nothing is wanted of it, it isn't watched.
        let transport = (!socket.is_empty()).then(|| self.transport.as_fd());
        let others = [self.stop, source, self.handler.waker()].map(|fd| (fd, PollFlags::IN));
        let watched = [(transport, socket), others[0], others[1], others[2]];
        let ready = wait_on(watched, deadline)?;
        self.polled = Instant::now();
        let [can_read, stopped, more, woken] = ready;
        if stopped {
            let watch_on = self.with_handler(|handler, sender| handler.stop(sender));
            self.stop = self.stop.filter(|_| watch_on);
            self.stopping = true;
            self.timing.close_timeout = self.timing.close_timeout.min(STOP_TIMEOUT);
            let latest = Instant::now() + self.timing.close_timeout;
            self.close_deadline = self.close_deadline.map(|deadline| deadline.min(latest));
        }
        if woken {
            self.with_handler(|handler, sender| handler.woken(sender));
        }
        if more {
            self.with_handler(|handler, sender| handler.source_ready(sender));
        }
        Ok(can_read)
    }

    /// Whether the handler's source may make more output.
    fn takes_more(&self) -> bool {
        self.outgoing.pending().len() < SOURCE_LIMIT && !self.outgoing.close_sent() && self.ending.is_none()
    }

    fn give_memory_back(&mut self) {
        self.buffer.shrink();
        self.outgoing.shrink();
        self.transport.shrink();
        self.handler.idle();
    }
}
