//! One connection on one thread: its socket, its deadlines and its handler's other sources. Where two or many share a thread,
//! their turns are the same, and one wait is for all of them (`joined/`, `event_loop/`).
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
//!   end of that message all the same: it may be one that reads only once it has sent all of it. So is
//!   a source without which there is no room for the rest of the message. The limit on the message's
//!   size bounds what that takes; without a limit such a peer waits.
//! - What was sent is told like what was received, and in the turn in which it was sent. What can't be told yet
//!   holds the source back as what can't be written does.
//! - A connection on which traffic is hot waits inside the receive itself; it polls only once it
//!   is idle, has something else to wait for, or has a deadline that is near.

mod compressor_rest;
mod deadlines;
mod ending;
mod event_loop;
mod joined;
mod spare;
mod waiting;

pub(crate) use self::event_loop::{EventLoop, EventLoopSender, LoopHandler};
pub(crate) use self::joined::{JoinedConnection, JoinedHandler, RELAY_LIMIT, run_joined};

use std::io;
use std::ops::{ControlFlow, DerefMut};
use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use self::compressor_rest::CompressorRest;
use super::closing::Closing;
use super::end::{End, Summary, WireBytes};
use super::end_state::EndState;
use super::far_end::FarEnd;
use super::handler::{Handler, LateTap, Tap};
use super::idle_timeout::IdleTimeout;
use super::keepalive::Keepalive;
use super::outward::Outward;
use super::sender::Sender;
use super::settings::Timing;
use super::transport::{Received, Transport};
use super::websocket::WebSocket;
use super::yield_backoff::YieldBackoff;
use crate::ws::{Connection, Counters, Event};

/// Bytes that may wait to be written or told before the handler's source has to wait.
const SOURCE_LIMIT: usize = 256 * 1024;

/// Bytes that may wait to be written before the peer has to: more than a source fills by itself.
const OUTBOX_LIMIT: usize = 1024 * 1024;

/// A peer that takes nothing for so long, while we have [`OUTBOX_LIMIT`] for it and it is inside a
/// message, isn't reading before it has sent the message.
const STALL: Duration = Duration::from_millis(100);

/// How long our Pings and Pongs wait for the end of a compressed message that is being sent in fragments: less than the
/// timeouts of those who await them.
const CONTROLS_WAIT: Duration = Duration::from_secs(5);

/// Runs one connection until it ends. `P` points to its handler, which is another's or the engine's own.
pub(crate) struct Engine<'a, P> {
    transport: Transport,
    connection: Connection,
    received: Counters,
    /// Bytes of frames that have come.
    received_on_wire: u64,
    handler: P,
    tap: Option<&'a mut dyn Tap>,
    late_tap: Option<LateTap<'a>>,
    stop: Option<BorrowedFd<'a>>,
    keepalive: Keepalive,
    /// When the first Ping was sent, by whomever.
    first_ping: Option<Instant>,
    idle_timeout: Option<IdleTimeout>,
    closing: Closing,
    far_end: FarEnd,
    /// There was no room to hear the peer when it was last waited for: the kernel looks whether the other end is still there.
    is_deaf: bool,
    /// The peer has taken bytes since the deadlines were last looked at.
    progressed: bool,
    /// While the outbox is full: since when the peer has taken nothing of it.
    stalled_since: Option<Instant>,
    /// Since when Pings or Pongs of ours wait for the end of a message.
    controls_wait_since: Option<Instant>,
    /// Where our direction has failed, what the peer said before may still be read.
    outward: Outward,
    end_state: EndState,
    /// Our direction stays open when the peer's has ended, until [`hang_up`](Self::hang_up).
    stays_open: bool,
    /// Pongs to the keepalive's Pings are told to whoever looks on, and not to the handler.
    keeps_own_pongs: bool,
    /// The process is stopping: from here on nothing makes a deadline later.
    stopping: bool,
    /// When the peer was last heard, and whether it has been since then.
    heard: Option<Instant>,
    hears: bool,
    opened: Instant,
    /// When either side last sent something that went its way; before that, when the connection was opened.
    moved: Instant,
    /// When the handler had its last turn.
    turned: Instant,
    hot: bool,
    compressor_rest: CompressorRest,
    yield_backoff: YieldBackoff,
    /// When the stop descriptor was last looked at.
    polled: Instant,
}

impl<'a, P: DerefMut<Target: Handler>> Engine<'a, P> {
    pub(crate) fn new(websocket: WebSocket, timing: Timing, stop: Option<BorrowedFd<'a>>, handler: P) -> Self {
        let WebSocket { transport, mut connection } = websocket;
        spare::share(&mut connection, false);
        // The first frames may have come with the opening handshake.
        let received_on_wire = connection.receive_buffer().unread().len() as u64;
        let hears = received_on_wire > 0;
        let now = Instant::now();
        Self {
            keepalive: Keepalive::new(timing.ping_interval, timing.ping_timeout, now),
            first_ping: None,
            idle_timeout: timing.idle_timeout.map(|timeout| IdleTimeout::new(timeout, now)),
            closing: Closing::new(connection.role(), timing.close_timeout),
            far_end: FarEnd::default(),
            is_deaf: false,
            transport,
            connection,
            received: Counters::default(),
            received_on_wire,
            handler,
            tap: None,
            late_tap: None,
            stop,
            progressed: false,
            stalled_since: None,
            controls_wait_since: None,
            outward: Outward::default(),
            end_state: EndState::default(),
            stays_open: false,
            keeps_own_pongs: false,
            stopping: false,
            heard: None,
            hears,
            opened: now,
            moved: now,
            turned: now,
            hot: true,
            compressor_rest: CompressorRest::default(),
            yield_backoff: YieldBackoff::default(),
            polled: now,
        }
    }

    /// Shows `tap` every event before the handler sees it.
    pub(crate) fn tapped(mut self, tap: Option<&'a mut dyn Tap>) -> Self {
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
        self.finish(ending).0
    }

    /// Closes the socket. Tells what went both ways, and gives the handler back.
    fn finish(mut self, ending: End) -> (Summary, P) {
        self.tell_taken();
        let written = self.connection.send_half().written_in_all();
        let summary = Summary {
            ending,
            received: self.received,
            sent: self.connection.send_half().sent(),
            wire: WireBytes {
                sent: written.saturating_sub(self.transport.held_plaintext() as u64),
                received: self.received_on_wire,
            },
            stopped: self.stopping,
            idle_for: self.idle_timeout.and_then(|idle| idle.expired()),
        };
        (summary, self.handler)
    }

    fn run_to_end(&mut self) -> End {
        loop {
            let now = match self.turn() {
                ControlFlow::Continue(now) => now,
                ControlFlow::Break(ending) => return ending,
            };
            let received = self.wait_and_receive(now);
            if let Some(ending) = self.heed(received, now) {
                return ending;
            }
        }
    }

    /// Does all that there is to do now, without waiting. Returns the end, once there is nothing left to wait for, or the
    /// time for which all was done.
    fn turn(&mut self) -> ControlFlow<End, Instant> {
        loop {
            let dispatched_all = self.dispatch();
            self.tell_all();
            self.flush();
            let now = Instant::now();
            if let Some(ending) = self.finish_turn(now) {
                return ControlFlow::Break(ending);
            }
            if dispatched_all || !self.may_dispatch() {
                return ControlFlow::Continue(now);
            }
            // There is room again for what has arrived already, which no socket would announce.
        }
    }

    /// What comes behind all events of a turn. Returns the end, once there is nothing left to wait for.
    fn finish_turn(&mut self, now: Instant) -> Option<End> {
        let heard = std::mem::take(&mut self.hears);
        if heard {
            self.heard = Some(now);
        }
        self.after_turn(now);
        if let Err(error) = self.transport.tick(now) {
            let breakage = self.breakage();
            self.outward.fail(io::ErrorKind::ConnectionReset.into());
            return Some(self.end_state.take(End::ReadFailed(error, breakage)));
        }
        let progressed = std::mem::take(&mut self.progressed);
        if heard || progressed {
            self.moved = now;
        }
        self.check_deadlines(now, progressed);
        if self.first_ping.is_none() && self.connection.send_half().last_ping().is_some() {
            self.first_ping = Some(now);
        }
        self.dispatch_sent();
        if let Some(end) = self.end_state.news() {
            self.handler.closed(&end);
        }
        self.handler.all_told();
        self.tell_all();
        self.tell_taken();
        self.end(now, progressed, heard)
    }

    /// Takes note of what a receive came to. Returns the end, if it is one.
    fn heed(&mut self, received: io::Result<Received>, now: Instant) -> Option<End> {
        match received {
            Ok(Received::End) => {
                self.connection.receive_eof();
                self.far_end.has_ended();
                let breakage = self.breakage();
                self.end_state.fail(End::Dropped(breakage));
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
                return Some(self.end_state.take(End::ReadFailed(error, breakage)));
            }
        }
        None
    }

    /// What sends on this connection.
    fn sender(&mut self) -> Sender<'_> {
        let (ended, pings_answered) = (self.end_state.is_known(), self.keepalive.is_answered());
        let Self { connection, transport, outward, .. } = self;
        Sender { half: connection.send_half(), transport, outward, ended, pings_answered }
    }

    /// Calls the handler with the sender beside it.
    fn with_handler<T>(&mut self, call: impl FnOnce(&mut P::Target, &mut Sender<'_>) -> T) -> T {
        let (ended, pings_answered) = (self.end_state.is_known(), self.keepalive.is_answered());
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
        self.unwritten() == 0
    }

    /// Bytes that the socket hasn't taken yet; of those that TLS or a fault holds, 1.
    fn unwritten(&self) -> usize {
        self.connection.pending().len() + usize::from(self.transport.holds_unsent())
    }

    fn is_closing(&self) -> bool {
        self.connection.close_sent() || self.end_state.has_failed()
    }

    /// Begins to observe where somebody looks now who didn't before. It isn't ended again: the tap knows who looks.
    fn begin_to_observe(&mut self) {
        if let Some(late) = self.late_tap.take_if(|late| late.on.load(Ordering::Relaxed)) {
            self.connection.set_observe(self.connection.observe().max(late.observe));
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
            let tell =
                |handler: &mut P::Target, event: Event<'_>, sender: &mut Sender<'_>| handler.event(event, sender);
            if !self.dispatch_message(tell) && !self.dispatch_event(tell) {
                return true;
            }
        }
    }

    /// Tells what was sent and is observed, as far as there is room.
    fn dispatch_sent(&mut self) {
        while self.connection.has_sent_events() && self.handler.has_room_for_sent() {
            let Some(event) = self.connection.poll_sent() else { return };
            if let Some(tap) = &mut self.tap {
                tap.event(&event);
            }
            self.handler.sent(&event);
        }
    }

    fn tell_all(&mut self) {
        if let Some(tap) = &mut self.tap {
            tap.all_told();
        }
    }

    fn tell_taken(&mut self) {
        if self.tap.is_some() {
            let (taken, all) = self.sender().progress();
            self.tap.iter_mut().for_each(|tap| tap.taken(taken, all));
        }
    }

    /// Tells the next message if it is of the common case.
    #[inline(always)]
    fn dispatch_message(&mut self, tell: impl FnOnce(&mut P::Target, Event<'_>, &mut Sender<'_>)) -> bool {
        let Some((data, half)) = self.connection.take_message() else { return false };
        if let Some(tap) = &mut self.tap {
            tap.event(&Event::Data(data));
        }
        self.received.add(data.bytes.len(), true);
        // Nothing follows the peer's Close.
        let (ended, pings_answered) = (self.end_state.has_failed(), self.keepalive.is_answered());
        let (transport, outward) = (&mut self.transport, &mut self.outward);
        let mut sender = Sender { half, transport, outward, ended, pings_answered };
        tell(&mut self.handler, Event::Data(data), &mut sender);
        true
    }

    /// Tells the next event of what was received, if there is one.
    fn dispatch_event(&mut self, tell: impl FnOnce(&mut P::Target, Event<'_>, &mut Sender<'_>)) -> bool {
        let ours = self.connection.our_close().cloned();
        let Some((event, half)) = self.connection.poll_received() else { return false };
        if let Some(tap) = &mut self.tap {
            tap.event(&event);
        }
        match &event {
            Event::Pong(payload) => {
                let is_own = self.keepalive.pong(payload, half.last_ping() == Some(payload));
                if is_own && self.keeps_own_pongs {
                    return true;
                }
            }
            Event::Close(close) => self.end_state.close(close.clone(), ours),
            Event::Violation(frame) if frame.tolerated => {}
            Event::Violation(frame) => self.end_state.fail_by_us(End::Violation(frame.clone())),
            Event::Data(data) => self.received.add(data.bytes.len(), data.last),
            Event::Ping(_) => {
                self.keepalive.pinged();
                if let Some(idle) = &mut self.idle_timeout {
                    idle.pinged();
                }
            }
            Event::Frame(_) | Event::Raw(_) => {}
        }
        let (ended, pings_answered) = (self.end_state.is_known(), self.keepalive.is_answered());
        let (transport, outward) = (&mut self.transport, &mut self.outward);
        tell(&mut self.handler, event, &mut Sender { half, transport, outward, ended, pings_answered });
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
            self.end_state.fail(End::WriteFailed(error, breakage));
        }
        self.with_handler(|handler, sender| handler.after_turn(now, sender));
        self.turned = now;
        self.flush();
    }
}
