//! One connection on one thread: its socket, its deadlines and its handler's other sources.
//!
//! ```text
//!       ┌──────────── wait ◀────────────┐
//!       ▼                               │
//!    receive ─▶ dispatch ─▶ flush ─▶ after_turn ─▶ deadlines
//! ```
//!
//! Invariants:
//! - The thread of a connection is the only one that touches its socket and its state.
//! - Writes never wait. While the peer doesn't take what we have, the handler's source waits from
//!   [`SOURCE_LIMIT`] on and we go on reading, so that a peer which sends while it isn't reading
//!   can't deadlock us; only from [`OUTBOX_LIMIT`] on, which takes answers to what we read, does
//!   the peer wait too. A peer that then takes nothing while it is inside a message is read to the
//!   end of that message all the same: it may be one that reads only once it has sent all of it. The
//!   limit on the message's size bounds what that takes; without a limit such a peer waits.
//! - What was sent is told like what was received, and in the turn in which it was sent. What can't be told yet
//!   holds the source back as what can't be written does.
//! - A connection on which traffic is hot waits inside the receive itself; it polls only once it
//!   is idle, has something else to wait for, or has a deadline that is near.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::closing::{Closing, ClosingProgress, ClosingStep};
use super::end::{Breakage, End, Summary};
use super::far_end::FarEnd;
use super::handler::{Handler, LateTap, Tap, Watched};
use super::idle_timeout::IdleTimeout;
use super::keepalive::{Keepalive, KeepaliveStep};
use super::outward::Outward;
use super::poll::{GONE, READABLE, wait_on};
use super::process_end::process_end;
use super::sender::Sender;
use super::settings::Timing;
use super::transport::{PATIENCE, Received, Transport, Wait};
use super::websocket::WebSocket;
use super::yield_backoff::YieldBackoff;
use crate::ws::{Close, Connection, Counters, Event, Item, Observe, StatusCode};

/// Bytes that may wait to be written or told before the handler's source has to wait.
const SOURCE_LIMIT: usize = 256 * 1024;

/// Bytes that may wait to be written before the peer has to: more than a source fills by itself.
const OUTBOX_LIMIT: usize = 1024 * 1024;

/// A peer that takes nothing for so long, while we have [`OUTBOX_LIMIT`] for it and it is inside a
/// message, isn't reading before it has sent the message.
const STALL: Duration = Duration::from_millis(100);

/// Deadline for the peer's side of the closing handshake when the process is stopping: inside the
/// two seconds that a server has, with the time to tell how it ended.
const STOP_TIMEOUT: Duration = Duration::from_millis(1500);

/// How long our Pings and Pongs wait for the end of a compressed message that is being sent in fragments: less than the
/// timeouts of those who await them.
const CONTROLS_WAIT: Duration = Duration::from_secs(5);

/// How long after a turn a deadline that has passed and that the turn did nothing about is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Runs one connection until it ends.
pub(crate) struct Engine<'a, H: ?Sized> {
    transport: Transport,
    connection: Connection,
    received: Counters,
    handler: &'a mut H,
    tap: Option<Tap<'a>>,
    late_tap: Option<LateTap<'a>>,
    stop: Option<BorrowedFd<'a>>,
    keepalive: Keepalive,
    idle_timeout: Option<IdleTimeout>,
    closing: Closing,
    far_end: FarEnd,
    /// The other end is asked whether it is still there, since there was no room to hear it.
    probes: bool,
    /// The peer has taken bytes since the deadlines were last looked at.
    progressed: bool,
    /// While the outbox is full: since when the peer has taken nothing of it.
    stalled_since: Option<Instant>,
    /// Since when Pings or Pongs of ours wait for the end of a message.
    controls_wait_since: Option<Instant>,
    /// Where our direction has failed, what the peer said before may still be read.
    outward: Outward,
    peer_close: Option<(Close, Option<Close>)>,
    ending: Option<End>,
    /// The process is stopping: from here on nothing makes a deadline later.
    stopping: bool,
    /// When the peer was last heard, and whether it has been since then.
    heard: Option<Instant>,
    hears: bool,
    /// When the handler had its last turn.
    turned: Instant,
    hot: bool,
    yield_backoff: YieldBackoff,
    /// When the stop descriptor was last looked at.
    polled: Instant,
}

impl<'a, H: Handler + ?Sized> Engine<'a, H> {
    pub(crate) fn new(websocket: WebSocket, timing: Timing, stop: Option<BorrowedFd<'a>>, handler: &'a mut H) -> Self {
        let WebSocket { transport, mut connection } = websocket;
        // The first frames may have come with the opening handshake.
        let hears = !connection.receive_buffer().unread().is_empty();
        let now = Instant::now();
        Self {
            keepalive: Keepalive::new(timing.ping_interval, timing.ping_timeout, now),
            idle_timeout: timing.idle_timeout.map(|timeout| IdleTimeout::new(timeout, now)),
            closing: Closing::new(connection.role(), timing.close_timeout),
            far_end: FarEnd::default(),
            probes: false,
            transport,
            connection,
            received: Counters::default(),
            handler,
            tap: None,
            late_tap: None,
            stop,
            progressed: false,
            stalled_since: None,
            controls_wait_since: None,
            outward: Outward::default(),
            peer_close: None,
            ending: None,
            stopping: false,
            heard: None,
            hears,
            turned: now,
            hot: true,
            yield_backoff: YieldBackoff::default(),
            polled: now,
        }
    }

    /// Shows `tap` every event before the handler sees it.
    pub(crate) fn tapped(mut self, tap: Option<Tap<'a>>) -> Self {
        self.tap = tap;
        self
    }

    /// Lets somebody begin to look later.
    pub(crate) fn tapped_later(self, late_tap: LateTap<'a>) -> Self {
        Self { late_tap: Some(late_tap), ..self }
    }

    pub(crate) fn run(self) -> End {
        self.run_counting().ending
    }

    /// Runs to the end, and tells what went both ways.
    pub(crate) fn run_counting(mut self) -> Summary {
        let ending = self.run_to_end();
        Summary {
            ending,
            received: self.received,
            sent: self.connection.send_half().sent(),
            stopped: self.stopping,
            idle_for: self.idle_timeout.and_then(|idle| idle.expired()),
        }
    }

    fn run_to_end(&mut self) -> End {
        loop {
            let dispatched_all = self.dispatch();
            self.flush();
            let now = Instant::now();
            if std::mem::take(&mut self.hears) {
                self.heard = Some(now);
            }
            self.after_turn(now);
            let progressed = std::mem::take(&mut self.progressed);
            self.check_deadlines(now, progressed);
            self.dispatch_sent();
            if let Some(ending) = self.end(now, progressed) {
                return ending;
            }
            if !dispatched_all && self.may_dispatch() {
                // There is room again for what has arrived already, which no socket would announce.
                continue;
            }
            match self.wait_and_receive(now) {
                Ok(Received::End) => {
                    self.connection.receive_eof();
                    self.far_end.has_ended();
                    let breakage = self.breakage();
                    self.ending.get_or_insert(End::Dropped(breakage));
                }
                Ok(Received::Bytes) => {
                    self.hears = true;
                    if self.connection.is_inside_frame() {
                        self.keepalive.postpone(now);
                    }
                }
                Ok(Received::Nothing) => {}
                Err(error) => {
                    let breakage = self.breakage();
                    return self.ended_by(End::ReadFailed(error, breakage));
                }
            }
        }
    }

    /// Calls the handler with the sender beside it.
    fn with_handler<T>(&mut self, call: impl FnOnce(&mut H, &mut Sender<'_>) -> T) -> T {
        let (ended, pings_answered) = (self.has_ended(), self.keepalive.is_answered());
        let Self { connection, transport, outward, handler, .. } = self;
        call(handler, &mut Sender { half: connection.send_half(), transport, outward, ended, pings_answered })
    }

    /// Whether what we hold for the peer and for the handler leaves room for more events.
    fn may_dispatch(&self) -> bool {
        (self.connection.pending().len() < OUTBOX_LIMIT || self.reads_on()) && self.handler.has_room()
    }

    /// Whether the peer is read to the end of its message though it takes nothing.
    fn reads_on(&self) -> bool {
        self.may_read_on() && self.stalled_since.is_some_and(|since| since.elapsed() >= STALL)
    }

    /// Whether the end of the peer's message is near enough to be read to, whatever it takes of ours.
    fn may_read_on(&self) -> bool {
        self.connection.is_inside_message() && self.connection.max_message_size().is_some()
    }

    fn may_read(&self) -> bool {
        self.may_dispatch() && !self.connection.eof_received()
    }

    fn all_written(&self) -> bool {
        self.connection.pending().is_empty() && !self.transport.holds_unsent()
    }

    /// Whether how the connection ends is decided.
    fn has_ended(&self) -> bool {
        self.ending.is_some() || self.peer_close.is_some()
    }

    fn is_closing(&self) -> bool {
        self.connection.close_sent() || self.ending.is_some()
    }

    /// Begins to observe where somebody looks now who didn't before. It isn't ended again: the tap knows who looks.
    fn begin_to_observe(&mut self) {
        if let Some(late) = self.late_tap.take_if(|late| late.on.load(Ordering::Relaxed)) {
            self.connection.set_observe(self.connection.observe().max(Observe::Frames));
            self.tap = self.tap.take().or(late.tap);
        }
    }

    /// Returns whether that was all, and not just all that there was room for.
    fn dispatch(&mut self) -> bool {
        self.begin_to_observe();
        loop {
            self.dispatch_sent();
            if !self.may_dispatch() {
                return false;
            }
            if !self.dispatch_message() && !self.dispatch_event() {
                return true;
            }
        }
    }

    /// Tells what was sent and is observed, as far as there is room.
    fn dispatch_sent(&mut self) {
        while self.connection.has_sent_events() && self.handler.has_room_for_sent() {
            let Some(event) = self.connection.poll_sent() else { return };
            if let Some(tap) = &mut self.tap {
                tap(&event);
            }
            self.handler.sent(&event);
        }
    }

    /// Tells the next message if it is of the common case.
    #[inline(always)]
    fn dispatch_message(&mut self) -> bool {
        let Some((data, half)) = self.connection.take_message() else { return false };
        if let Some(tap) = &mut self.tap {
            tap(&Event::Data(data));
        }
        self.received.add(data.bytes.len(), true);
        // Nothing follows the peer's Close.
        let (ended, pings_answered) = (self.ending.is_some(), self.keepalive.is_answered());
        let (transport, outward) = (&mut self.transport, &mut self.outward);
        let mut sender = Sender { half, transport, outward, ended, pings_answered };
        self.handler.event(Event::Data(data), &mut sender);
        true
    }

    /// Tells the next event of what was received, if there is one.
    fn dispatch_event(&mut self) -> bool {
        let ours = self.connection.our_close().cloned();
        let Some((event, half)) = self.connection.poll_received() else { return false };
        if let Some(tap) = &mut self.tap {
            tap(&event);
        }
        match &event {
            Event::Pong(payload) => self.keepalive.pong(payload, half.last_ping() == Some(payload)),
            Event::Close(close) => self.peer_close = Some((close.clone(), ours)),
            Event::Violation(frame) if frame.tolerated => {}
            Event::Violation(frame) => self.ending = Some(End::Violation(frame.clone())),
            Event::Data(data) => self.received.add(data.bytes.len(), data.last),
            Event::Ping(_) => {
                self.keepalive.pinged();
                if let Some(idle) = &mut self.idle_timeout {
                    idle.pinged();
                }
            }
            Event::Frame(_) => {}
        }
        let (ended, pings_answered) =
            (self.ending.is_some() || self.peer_close.is_some(), self.keepalive.is_answered());
        let (transport, outward) = (&mut self.transport, &mut self.outward);
        self.handler.event(event, &mut Sender { half, transport, outward, ended, pings_answered });
        true
    }

    fn flush(&mut self) {
        if self.all_written() || !self.outward.works() {
            return;
        }
        let flushed = match self.connection.pending() {
            [] => self.transport.flush().map(|()| 0),
            pending => self.transport.send(pending, &[]),
        };
        match flushed {
            Ok(count) => {
                self.connection.wrote(count);
                self.progressed |= count > 0;
            }
            Err(error) => self.outward.fail(error),
        }
    }

    fn after_turn(&mut self, now: Instant) {
        if !self.outward.works() {
            // What can't be written any more is dropped; reading goes on, for the peer may have
            // said why before it went away.
            self.connection.send_half().discard();
        }
        if let Some(error) = self.outward.take_failure() {
            let breakage = self.breakage();
            self.ending.get_or_insert(End::WriteFailed(error, breakage));
        }
        self.with_handler(|handler, sender| handler.after_turn(now, sender));
        self.turned = now;
        self.flush();
    }

    fn check_deadlines(&mut self, now: Instant, progressed: bool) {
        let is_full = self.connection.pending().len() >= OUTBOX_LIMIT;
        let since = self.stalled_since.filter(|_| !progressed).unwrap_or(now);
        self.stalled_since = is_full.then_some(since);
        // A Pong can't be seen while we don't read, nor before what the peer has yet to take of ours.
        if !self.handler.has_room() || (progressed && !self.all_written()) {
            self.keepalive.postpone(now);
        }
        self.release_controls(now);
        if self.asks_again() {
            self.keepalive.ask_again(now);
        }
        if !self.is_closing() {
            self.ping_when_due(now);
        }
        if !self.is_closing() {
            self.close_when_idle(now);
        }
        self.flush();
    }

    /// Lets Pings and Pongs wait for the end of a message for as long as that is reasonable.
    fn release_controls(&mut self, now: Instant) {
        if !self.connection.send_half().holds_controls() {
            self.controls_wait_since = None;
            return;
        }
        // The peer can't answer what it hasn't got.
        self.keepalive.postpone(now);
        if now >= *self.controls_wait_since.get_or_insert(now) + CONTROLS_WAIT {
            self.connection.send_half().release_controls();
            self.controls_wait_since = None;
        }
    }

    /// Whether the peer is to be pinged again though the last Ping may have been answered: as long as we don't read, a
    /// reset is all that tells that it is gone.
    fn asks_again(&self) -> bool {
        !self.handler.has_room() && self.all_written()
    }

    fn ping_when_due(&mut self, now: Instant) {
        match self.keepalive.due(now, self.received) {
            KeepaliveStep::Nothing => {}
            // Refused only after a Close, and there was none.
            KeepaliveStep::Ping(payload) => drop(self.connection.send(Item::Ping(&payload))),
            KeepaliveStep::Notice(ping) => self.handler.kept_without_pong(&ping),
            KeepaliveStep::Failure(ping) => {
                let close = Close::new(StatusCode::INTERNAL_ERROR, "a Ping went unanswered");
                let _ = self.connection.send(Item::Close(close));
                self.ending = Some(End::KeepaliveFailed(ping));
            }
        }
    }

    fn close_when_idle(&mut self, now: Instant) {
        let Some(idle) = &mut self.idle_timeout else { return };
        if idle.is_over(now, self.received, self.connection.send_half().sent()) {
            let _ = self.connection.send(Item::Close(Close::new(StatusCode::GOING_AWAY, "idle")));
        }
    }

    /// The end, once there is nothing left to wait for.
    fn end(&mut self, now: Instant, progressed: bool) -> Option<End> {
        if self.handler.wants_abort() {
            return Some(self.ended_by(End::Abandoned));
        }
        if self.far_end.is_gone() && !self.handler.has_room() && !self.handler.outlives_peer() {
            let breakage = self.breakage();
            return Some(self.ended_by(End::Dropped(breakage)));
        }
        if !self.is_closing() {
            return None;
        }
        let all_written = self.all_written();
        let progress = ClosingProgress {
            is_over: self.connection.close_expected() || self.ending.is_some(),
            has_failed: !self.connection.close_received(),
            all_written,
            progressed,
            has_room: self.handler.has_room() || !self.handler.outlives_peer(),
        };
        let due = self.closing.due(now, progress, self.stopping);
        if due == ClosingStep::HalfClose {
            self.transport.finish_sending();
        }
        if self.connection.eof_received() && (all_written || !self.outward.works()) {
            let breakage = self.breakage();
            return Some(self.ended_by(End::Dropped(breakage)));
        }
        if due != ClosingStep::End {
            return None;
        }
        if !all_written && matches!(self.ending, None | Some(End::Dropped(_))) {
            return Some(End::NotTaken);
        }
        let ours = self.connection.our_close().cloned().unwrap_or_default();
        Some(self.ended_by(End::CloseUnanswered(ours)))
    }

    /// Where the connection is, in case that it breaks here.
    fn breakage(&self) -> Breakage {
        Breakage {
            after_our_close: self.connection.close_sent(),
            quiet_for: self.heard.map(|heard| heard.elapsed()),
            inside: self.connection.unfinished(),
        }
    }

    /// The ending that counts: what was decided before, or a finished closing handshake, or `otherwise`.
    fn ended_by(&mut self, otherwise: End) -> End {
        match (self.ending.take(), self.peer_close.take()) {
            (Some(End::WriteFailed(..) | End::Dropped(_)) | None, Some((close, ours))) => End::Closed { close, ours },
            (Some(ending), _) => ending,
            (None, None) => otherwise,
        }
    }

    fn wait_and_receive(&mut self, now: Instant) -> io::Result<Received> {
        let may_read = self.may_read();
        let received = if may_read && self.transport.holds_unread() {
            self.receive(Wait::No)?
        } else if may_read && self.may_block(now) {
            self.yield_and_receive()?
        } else if self.poll()? && may_read {
            self.receive(Wait::No)?
        } else {
            return Ok(Received::Nothing);
        };
        self.hot = received == Received::Bytes;
        Ok(received)
    }

    fn receive(&mut self, wait: Wait) -> io::Result<Received> {
        self.transport.receive(self.connection.receive_buffer(), wait)
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

    fn deadline(&self) -> Option<Instant> {
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
        let deadline = self.deadline();
        let Watched { source, waker } = self.handler.watched();
        let source = source.filter(|_| self.takes_more());
        let may_read = self.may_read();
        if !self.handler.has_room() && !std::mem::replace(&mut self.probes, true) {
            self.transport.probe();
        }
        let mut socket = if may_read { PollFlags::IN } else { self.far_end.watched() };
        socket.set(PollFlags::OUT, !self.all_written() && self.outward.works());
        let watches = !socket.is_empty() || !self.far_end.is_gone();
        let transport = watches.then(|| self.transport.as_fd());
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

    fn begin_to_stop(&mut self) {
        let watch_on = self.with_handler(|handler, sender| handler.stop(sender));
        self.stop = self.stop.filter(|_| watch_on);
        self.stopping = true;
        // From here on the time counts for whoever waits after us too.
        process_end();
        self.closing.hurry(STOP_TIMEOUT, Instant::now());
    }

    /// Whether the handler's source may make more output.
    fn takes_more(&self) -> bool {
        self.connection.backlog() < SOURCE_LIMIT && !self.is_closing()
    }

    fn give_memory_back(&mut self) {
        self.connection.shrink();
        self.transport.shrink();
        self.handler.idle();
    }
}
