//! What a connection's thread waits for between two turns, and how.

use std::io;
use std::ops::DerefMut;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::{CONTROLS_WAIT, Engine, SOURCE_LIMIT, STALL};
use crate::net::end::End;
use crate::net::handler::{Handler, Watched};
use crate::net::idle_timeout::IdleTimeout;
use crate::net::poll::{GONE, READABLE, wait_on};
use crate::net::process_end::peers_end;
use crate::net::transport::{PATIENCE, Received, Wait};

/// How long after a turn a deadline that has passed and that the turn did nothing about is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl<P: DerefMut<Target: Handler>> Engine<'_, P> {
    pub(super) fn wait_and_receive(&mut self, now: Instant) -> io::Result<Received> {
        let may_read = self.may_read();
        if may_read && self.transport.holds_unread() {
            let received = self.receive(Wait::No)?;
            self.hot = received == Received::Bytes;
            return Ok(received);
        }
        // Of thousands of connections each would keep what a message takes until it is idle.
        self.connection.rest_if_crowded();
        let received = if may_read && self.may_block(now) {
            self.yield_and_receive()?
        } else if self.poll()? && may_read {
            self.receive(Wait::No)?
        } else {
            return Ok(Received::Nothing);
        };
        self.hot = received == Received::Bytes;
        Ok(received)
    }

    pub(super) fn receive(&mut self, wait: Wait) -> io::Result<Received> {
        let buffer = self.connection.receive_buffer();
        let before = buffer.unread().len();
        let received = self.transport.receive(buffer, wait);
        self.received_on_wire += (buffer.unread().len() - before) as u64;
        received
    }

    fn yield_and_receive(&mut self) -> io::Result<Received> {
        let more_is_there = self.connection.is_buffer_filled() || self.transport.stopped_short();
        if !more_is_there && self.yield_backoff.is_due() {
            thread::yield_now();
            let received = self.receive(Wait::No)?;
            if received != Received::Nothing {
                self.yield_backoff.paid_off();
                return Ok(received);
            }
            self.yield_backoff.was_in_vain();
        }
        self.receive(Wait::Briefly)
    }

    /// Whether the thread may wait inside the receive, deaf to all else for [`PATIENCE`].
    fn may_block(&self, now: Instant) -> bool {
        self.hot
            && now < self.polled + PATIENCE
            && self.handler.watched().source.is_none()
            && self.all_written()
            && self.deadline().is_none_or(|deadline| deadline > now + PATIENCE)
    }

    /// One that a turn has left where it was: what the handler waits for now isn't the time, and other things may be due
    /// behind it.
    fn not_passed(&self, deadline: Instant) -> Instant {
        if deadline < self.turned { self.turned + LOOK_AGAIN } else { deadline }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let closing = self.is_closing();
        let all_written = self.all_written();
        let keepalive = if closing { None } else { self.keepalive.deadline(self.asks_again()) };
        let idle = if closing { None } else { self.idle_timeout.as_ref().map(IdleTimeout::deadline) };
        let at_once = self.handler.has_more() && !closing && all_written;
        let stall = self.stalled_since.map(|since| since + STALL).filter(|_| !self.reads_on());
        [
            at_once.then(Instant::now),
            self.handler.deadline().map(|deadline| self.not_passed(deadline)),
            keepalive,
            idle,
            self.controls_wait_since.map(|since| since + CONTROLS_WAIT),
            stall.filter(|_| self.may_read_on()),
            self.closing.deadline(all_written),
            self.transport.deadline(self.may_read()),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Waits for the socket, the stop descriptor, the handler's descriptors and the next deadline.
    /// Returns whether the socket can be read.
    fn poll(&mut self) -> io::Result<bool> {
        if !self.hot {
            self.give_memory_back();
        }
        let deadline = self.deadline().into_iter().chain(self.rest_compressor()).min();
        let may_read = self.may_read();
        let socket = self.socket_flags();
        let Watched { source, waker } = self.handler.watched();
        let source = source.filter(|_| self.takes_more());
        let transport = self.watches(socket).then(|| self.transport.as_fd());
        let [stop, source, waker] = [self.stop, source, waker].map(|fd| (fd, PollFlags::IN));
        // That nobody reads any more is told whether or not it is asked for.
        let sink = (self.handler.sink(), PollFlags::empty());
        let [socket, stop, source, waker, sink] = wait_on([(transport, socket), stop, source, waker, sink], deadline)?;
        self.polled = Instant::now();
        self.begin_to_observe();
        if !may_read {
            self.far_end.polled(socket);
        }
        if stop.intersects(READABLE) {
            self.begin_to_stop();
        }
        if waker.intersects(READABLE) {
            self.with_handler(|handler, sender| handler.woken(sender));
        }
        if source.intersects(READABLE) {
            self.with_handler(|handler, sender| handler.source_ready(sender));
        }
        if sink.intersects(GONE) {
            self.with_handler(|handler, sender| handler.sink_closed(sender));
        }
        Ok(socket.intersects(READABLE))
    }

    /// What of the socket is waited for.
    pub(super) fn socket_flags(&mut self) -> PollFlags {
        self.have_kernel_look();
        let mut socket = match self.may_read() {
            true if self.transport.takes_input() => PollFlags::IN,
            true => PollFlags::empty(),
            false => self.far_end.watched(),
        };
        let sends = !self.all_written() && self.outward.works() && self.transport.awaits_room();
        socket.set(PollFlags::OUT, sends);
        socket
    }

    /// While there is no room to hear the peer, its Pongs can't be heard either: that the other end has taken the Ping is as much
    /// as can be known, and the kernel knows it.
    fn have_kernel_look(&mut self) {
        let is_deaf = !self.handler.has_room();
        if std::mem::replace(&mut self.is_deaf, is_deaf) == is_deaf {
            return;
        }
        if is_deaf {
            self.transport.probe();
        }
        self.transport.set_untaken_timeout(self.keepalive.timeout().filter(|_| is_deaf));
    }

    /// Whether the socket is looked at, for `flags` and its end: who is gone, and whose end has to wait, would be ready for ever.
    pub(super) fn watches(&self, flags: PollFlags) -> bool {
        !flags.is_empty() || (!self.far_end.is_gone() && (!self.may_read() || self.transport.takes_input()))
    }

    /// Heeds what another has been told of the socket. Returns whether something is to be received.
    pub(super) fn polled(&mut self, ready: PollFlags) -> bool {
        self.hot = false;
        let may_read = self.may_read();
        if !may_read {
            self.far_end.polled(ready);
        }
        may_read && ready.intersects(READABLE)
    }

    /// Receives what is there, without waiting. Returns the end, if that was it.
    pub(super) fn receive_now(&mut self, now: Instant) -> Option<End> {
        let received = self.receive(Wait::No);
        self.hot = matches!(received, Ok(Received::Bytes));
        self.heed(received, now)
    }

    /// What is waited for of the socket, where another waits for it.
    pub(super) fn watched(&mut self) -> (Option<BorrowedFd<'_>>, PollFlags) {
        let flags = self.socket_flags();
        (self.watches(flags).then(|| self.transport.as_fd()), flags)
    }

    pub(super) fn begin_to_stop(&mut self) {
        let watch_on = self.with_handler(|handler, sender| handler.stop(sender));
        self.stop = self.stop.filter(|_| watch_on);
        self.stopping = true;
        // From here on the time counts for whoever waits after us too.
        self.closing.hurry(peers_end());
    }

    /// Whether the handler's source may make more output.
    fn takes_more(&self) -> bool {
        let backlog = self.connection.backlog();
        let most = self.connection.max_message_size().filter(|_| self.handler.waits_for_source() && self.reads_on());
        (backlog < SOURCE_LIMIT || most.is_some_and(|most| (backlog as u64) < most)) && !self.is_closing()
    }

    /// Has the compressor rest, once nothing was sent for a while. Returns when that will be.
    pub(super) fn rest_compressor(&mut self) -> Option<Instant> {
        let half = self.connection.send_half();
        if !half.may_rest() {
            return None;
        }
        if self.compressor_rest.is_due(half.sent().messages, Instant::now()) {
            half.rest();
        }
        self.compressor_rest.deadline()
    }

    pub(super) fn give_memory_back(&mut self) {
        self.connection.shrink();
        self.transport.shrink();
        self.handler.idle();
    }
}
