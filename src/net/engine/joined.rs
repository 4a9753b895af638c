//! Two connections on one thread, each of whose peers gets what the other's says.
//!
//! ```text
//!        ┌──────────────────────────── wait ◀───────────────────────────┐
//!        ▼                                                              │
//!     receive ─▶ what the one says, to the other ─▶ and the other way ─▶ flush ─▶ deadlines ─▶ ends
//! ```
//!
//! Behind what both say in a turn, each handler may do what another thread has asked it for (`JoinedHandler::after_turn`).
//!
//! Invariants, beside the engine's:
//! - What one peer says waits in the outbox of the other's connection alone. Over [`RELAY_LIMIT`] there, its own connection isn't
//!   read from: whoever is slow slows the other down.
//! - The end of one connection is the end of the other, in its own kind: after a Close the other's handshake goes on, the end of
//!   the transport ends our direction of the other's, a reset resets it.
//! - What a peer has said before its end reaches the other before that end does: a peer that is gone is read to the end of what
//!   its kernel left here, and a reset is none where it would destroy what is still on its way ([`InFlight`]). There our
//!   direction ends behind it, and the reset is the answer to whatever is said to nobody, as TCP has it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::Engine;
use crate::net::end::{End, Summary};
use crate::net::handler::{Handler, LateTap, Tap};
use crate::net::in_flight::InFlight;
use crate::net::poll::{READABLE, wait_on};
use crate::net::process_end::peers_end;
use crate::net::sender::Sender;
use crate::net::settings::Timing;
use crate::net::transport::{PATIENCE, Received, Wait};
use crate::net::waker::Woken;
use crate::net::websocket::WebSocket;
use crate::ws::{Close, Connection, Event, Item};

/// Bytes that may wait for one peer before the other isn't heard any more.
pub(crate) const RELAY_LIMIT: usize = 128 * 1024;

/// What is done with what one of two peers says.
pub(crate) trait JoinedHandler {
    /// The next thing that was received. `own` sends to whom it came from, `other` to the other peer.
    fn event(&mut self, event: Event<'_>, own: &mut Sender<'_>, other: &mut Sender<'_>);

    /// Goes on with what it has put off, as far as there is room. `own` is gone once its peer has. Returns whether anything has
    /// gone on.
    fn go_on(&mut self, _own: Option<&mut Sender<'_>>, _other: &mut Sender<'_>) -> bool {
        false
    }

    /// Whether it has put something off. While it has, nothing else of its peer is received.
    fn is_waiting(&self) -> bool {
        false
    }

    /// When it can go on, if that is a matter of time.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// What it has put off has nowhere to go any more.
    fn give_up(&mut self) {}

    /// Does what is no answer to anything received, behind all events of a turn. `own` and `other` are there as far as something
    /// can be sent to them; `is_over`: its peer says nothing more.
    fn after_turn(
        &mut self,
        _now: Instant,
        _own: Option<&mut Sender<'_>>,
        _other: Option<&mut Sender<'_>>,
        _is_over: bool,
    ) {
    }

    /// Whether a person holds back what its peer has said, so that it isn't for either peer to go on.
    fn holds_back(&self) -> bool {
        false
    }

    /// What the other peer is told where this connection is closed by us, with `ours`.
    fn close_of_other(&self, ours: &Close) -> Close;

    /// Nothing is going on; memory that isn't needed can go.
    fn idle(&mut self) {}
}

/// One of two connections that are to be joined.
pub(crate) struct JoinedConnection<'a, H> {
    pub(crate) websocket: WebSocket,
    pub(crate) timing: Timing,
    /// Sees every event before the handler does.
    pub(crate) tap: Option<&'a mut dyn Tap>,
    /// Somebody who may begin to look later.
    pub(crate) late_tap: Option<LateTap<'a>>,
    /// What is done with what its peer says.
    pub(crate) handler: H,
    /// What of that breaks the protocol goes on as it came.
    pub(crate) is_lenient: bool,
}

/// Runs both to their ends, until `stop` is readable: then both are closed with 1001. What wakes `woken` begins a turn.
pub(crate) fn run_joined<H: JoinedHandler>(
    both: [JoinedConnection<'_, H>; 2],
    stop: BorrowedFd<'_>,
    woken: Option<&Woken>,
) -> ([Summary; 2], Option<usize>) {
    let mut gates = [RelayGate::default(), RelayGate::default()];
    let [first_gate, second_gate] = &mut gates;
    let [first, second] = both;
    let joined = Joined {
        sides: [JoinedSide::new(first, first_gate), JoinedSide::new(second, second_gate)],
        cause: EndCause::default(),
        stop: Some(stop),
        stops_by: None,
        woken,
    };
    joined.run()
}

/// The engine of a side asks it, and never tells it anything: its events go to the [`JoinedHandler`].
#[derive(Debug, Default)]
struct RelayGate {
    /// The other peer's outbox has room.
    is_open: bool,
}

impl Handler for RelayGate {
    fn event(&mut self, _event: Event<'_>, _sender: &mut Sender<'_>) {}

    fn has_room(&self) -> bool {
        self.is_open
    }

    /// What a peer that is gone has said is still the other's.
    fn outlives_peer(&self) -> bool {
        true
    }
}

struct JoinedSide<'a, H> {
    /// Until it has ended.
    engine: Option<Engine<'a, RelayGate>>,
    handler: H,
    close_timeout: Duration,
    /// Something that has arrived waits for room on the other side.
    holds_undelivered: bool,
    /// How it ended, and when.
    summary: Option<(Summary, Instant)>,
    /// Its peer neither speaks nor hears any more, though nobody has ended our direction.
    was_reset: bool,
    /// Since when its peer is known to be gone, while what it left is still read.
    gone_since: Option<Instant>,
    /// Until when its peer, which has broken the protocol, gets what the other says.
    fails_at: Option<Instant>,
    /// Since when nothing but what its handler has put off keeps the other side from ending.
    drains_since: Option<Instant>,
    /// When something of that has last gone on.
    went_on: Option<Instant>,
    in_flight: InFlight,
}

impl<'a, H: JoinedHandler> JoinedSide<'a, H> {
    fn new<'t: 'a>(joined: JoinedConnection<'t, H>, gate: &'a mut RelayGate) -> Self {
        let JoinedConnection { mut websocket, timing, tap, late_tap, handler, is_lenient } = joined;
        websocket.connection.set_yield_raw(is_lenient);
        // What a peer says is answered by the other one, and stands where the other has put it.
        let half = websocket.connection.send_half();
        half.set_answer_pings(false);
        half.set_answer_closes(false);
        half.set_hold_failure(true);
        half.set_hold_controls(false);
        let mut engine = Engine::new(websocket, timing, None, gate).tapped(tap.map(|tap| -> &'a mut dyn Tap { tap }));
        engine.late_tap =
            late_tap.map(|LateTap { on, tap }| LateTap { on, tap: tap.map(|tap| -> &'a mut dyn Tap { tap }) });
        engine.stays_open = true;
        // Pongs to our own Pings are nothing that the other peer has asked for.
        engine.keeps_own_pongs = true;
        engine.keepalive.count_from(rand::random());
        let close_timeout = timing.close_timeout;
        Self {
            engine: Some(engine),
            handler,
            close_timeout,
            holds_undelivered: false,
            summary: None,
            was_reset: false,
            gone_since: None,
            fails_at: None,
            drains_since: None,
            went_on: None,
            in_flight: InFlight::default(),
        }
    }

    /// Whether there is room for more of what the other peer says. Where nobody takes it any more it goes nowhere.
    fn takes_more(&self) -> bool {
        self.open().is_none_or(|engine| engine.connection.backlog() < RELAY_LIMIT)
    }

    /// The engine, for as long as something can be sent.
    fn open(&self) -> Option<&Engine<'a, RelayGate>> {
        self.engine.as_ref().filter(|engine| engine.outward.works())
    }

    /// Goes on with what was put off of what its peer has said. Returns whether something has gone on, or that is done now.
    fn go_on(&mut self, other: &mut Self) -> bool {
        if !self.handler.is_waiting() {
            return false;
        }
        let Some(there) = other.engine.as_mut().filter(|engine| engine.outward.works()) else {
            self.handler.give_up();
            return true;
        };
        let mut own = self.engine.as_mut().map(Engine::sender);
        let has_gone = self.handler.go_on(own.as_mut(), &mut there.sender());
        if has_gone {
            self.went_on = Some(Instant::now());
        }
        has_gone || !self.handler.is_waiting()
    }

    /// Whether what its peer has said is still on its way to the other, though nothing else keeps that from ending. Where that takes
    /// nothing for the time of a closing handshake, the rest is given up.
    fn drains(&mut self, now: Instant) -> bool {
        if !self.handler.is_waiting() {
            self.drains_since = None;
            return false;
        }
        self.drains_since.get_or_insert(now);
        let is_over = self.drains_until().is_some_and(|until| now >= until);
        if is_over {
            self.handler.give_up();
        }
        !is_over
    }

    fn drains_until(&self) -> Option<Instant> {
        let since = self.drains_since.filter(|_| self.handler.is_waiting());
        since.map(|since| self.went_on.map_or(since, |went_on| went_on.max(since)) + self.close_timeout)
    }

    /// Gives all that has arrived to `other`, as far as that has room.
    fn dispatch_to(&mut self, other: &mut Self) {
        self.go_on(other);
        let Some(engine) = &mut self.engine else { return };
        engine.begin_to_observe();
        self.holds_undelivered = true;
        loop {
            engine.handler.is_open = other.takes_more() && !self.handler.is_waiting();
            engine.dispatch_sent();
            if !engine.may_dispatch() {
                return;
            }
            let handler = &mut self.handler;
            // With nobody there the taps see it, and it goes nowhere.
            let mut there = other.engine.as_mut().filter(|engine| engine.outward.works());
            let mut relay = |event: Event<'_>, own: &mut Sender<'_>| {
                if let Some(there) = &mut there {
                    handler.event(event, own, &mut there.sender());
                }
            };
            if !engine.dispatch_message(|_, event, own| relay(event, own))
                && !engine.dispatch_event(|_, event, own| relay(event, own))
            {
                self.holds_undelivered = false;
                return;
            }
        }
    }

    /// Has the handler do what is no answer to anything.
    fn after_turn(&mut self, other: &mut Self, now: Instant, stops: bool) {
        let is_over = stops || self.says_no_more();
        let mut there = other.engine.as_mut().filter(|engine| engine.outward.works()).map(Engine::sender);
        let mut own = self.engine.as_mut().filter(|engine| engine.outward.works()).map(Engine::sender);
        self.handler.after_turn(now, own.as_mut(), there.as_mut(), is_over);
    }

    /// Whether all has been told that its peer says.
    fn says_no_more(&self) -> bool {
        self.engine.as_ref().is_none_or(|engine| {
            let connection = &engine.connection;
            // Where we close it, the other side is to end too.
            let is_over = connection.eof_received() || connection.held_failure().is_some();
            engine.is_closing() || (is_over && !self.holds_undelivered)
        })
    }

    /// What comes behind all events of a turn.
    fn finish_turn(&mut self, now: Instant) {
        let Some(engine) = &mut self.engine else { return };
        engine.flush();
        let end = engine.finish_turn(now);
        let half = engine.connection.send_half();
        // What passes by the outbox is counted as content alone.
        let sent = half.sent().bytes.max(half.written_in_all());
        self.in_flight.note(sent, engine.all_written());
        if !engine.outward.works() && engine.stays_open {
            // What its peer has said before is read on.
            engine.hang_up(self.close_timeout);
        }
        let end = end.or_else(|| self.end_of_gone(now));
        self.end(end);
    }

    /// The end of a connection whose peer is gone, once all is read that it left, or nobody takes that any more.
    fn end_of_gone(&mut self, now: Instant) -> Option<End> {
        let engine = self.engine.as_mut()?;
        if !engine.far_end.is_gone() {
            return None;
        }
        self.gone_since.get_or_insert(now);
        let is_over = if engine.connection.eof_received() {
            !engine.closing.has_half_closed()
        } else {
            self.gone_until().is_some_and(|until| now >= until)
        };
        let engine = self.engine.as_mut().filter(|_| is_over)?;
        let breakage = engine.breakage();
        Some(engine.end_state.take(End::Dropped(breakage)))
    }

    /// How long a peer that is gone is read, unless more of what it left is taken meanwhile.
    fn gone_until(&self) -> Option<Instant> {
        let engine = self.engine.as_ref().filter(|engine| !engine.connection.eof_received())?;
        let taken = self.gone_since.max(engine.heard.max(self.went_on).filter(|_| self.gone_since.is_some()));
        taken.map(|since| since + self.close_timeout)
    }

    /// Receives what is there.
    fn receive(&mut self, now: Instant) {
        let Some(engine) = &mut self.engine else { return };
        let received = engine.receive(Wait::No);
        engine.hot = matches!(received, Ok(Received::Bytes));
        if engine.hot {
            self.in_flight.heard();
        }
        self.was_reset |= received.as_ref().is_err_and(is_reset);
        let end = engine.heed(received, now);
        self.end(end);
    }

    /// Closes its socket, if this is the end.
    fn end(&mut self, end: Option<End>) {
        if let Some(end) = end
            && let Some(engine) = self.engine.take()
        {
            // Both directions of a connection have ended too where we have ended ours.
            let is_gone = engine.far_end.is_gone() && !engine.closing.has_half_closed();
            self.was_reset |= is_gone || !engine.outward.works();
            self.summary = Some((engine.summary(end), Instant::now()));
        }
    }

    /// Whether its peer has begun to end the connection, or has broken it.
    fn is_ended_by_peer(&self) -> bool {
        match (&self.engine, &self.summary) {
            (Some(engine), _) => engine.end_state.is_by_peer(),
            (None, Some((summary, _))) => summary.ending.is_by_peer(),
            (None, None) => false,
        }
    }

    /// Whether it is ending.
    fn is_ending(&self) -> bool {
        self.engine.as_ref().is_none_or(|engine| engine.is_closing())
    }

    /// Whether it is to be reset, since nobody hears its peer any more. What was sent to that has to have left.
    fn is_to_be_reset(&self, other: &Self) -> bool {
        let Some(engine) = self.engine.as_ref().filter(|engine| engine.all_written()) else { return false };
        let Some((_, ended)) = &other.summary else { return false };
        if other.handler.is_waiting() {
            return false;
        }
        // TCP answers with a reset what is said to nobody.
        let speaks_to_nobody = engine.heard.is_some_and(|heard| heard > *ended);
        speaks_to_nobody || (other.was_reset && self.in_flight.has_left())
    }

    /// Fails the connection to a peer that has broken the protocol, once the other has nothing more to say to it, or has had the
    /// time for that. Returns whether that is now.
    fn fail_when_due(&mut self, other: &Self, now: Instant) -> bool {
        let Some(engine) = self.engine.as_mut().filter(|engine| engine.connection.held_failure().is_some()) else {
            self.fails_at = None;
            return false;
        };
        let fails_at = *self.fails_at.get_or_insert(now + self.close_timeout);
        // One to which no Close could be said doesn't know that it is to end.
        let may_say_more = other
            .open()
            .is_some_and(|there| there.stays_open && (!there.connection.close_expected() || other.holds_undelivered));
        let fails = now >= fails_at || !may_say_more;
        if fails {
            engine.connection.send_half().release_failure();
        }
        fails
    }

    /// Heeds what has become of the other side. Returns whether that has begun to end this one.
    fn follow(&mut self, other: &mut Self, now: Instant) -> bool {
        let is_to_be_reset = self.is_to_be_reset(other);
        let Some(engine) = &mut self.engine else { return false };
        if other.engine.is_none() {
            engine.closing.go_unheard();
        }
        let own = &engine.connection;
        if own.close_sent() || own.held_failure().is_some() {
            return false;
        }
        let is_closed_by_us = |there: &Engine<'_, _>| ours(&there.connection).is_some() && !own.close_received();
        if other.engine.as_ref().is_none_or(is_closed_by_us) && other.drains(now) {
            return false;
        }
        if is_to_be_reset {
            engine.transport.reset();
            let end = engine.end_state.take(End::Abandoned);
            self.end(Some(end));
            return true;
        }
        let hangs_up = match &other.engine {
            None => true,
            Some(there) => match ours(&there.connection).filter(|_| !own.close_received()) {
                // It was closed by us, for a reason of its own. Inside a frame there is no place for a Close.
                Some(ours) => {
                    let close = other.handler.close_of_other(ours);
                    engine.connection.send(Item::Close(close)).is_err()
                }
                None => there.connection.eof_received() && !other.holds_undelivered && !other.handler.is_waiting(),
            },
        };
        let begins = hangs_up && engine.stays_open;
        if begins {
            engine.hang_up(self.close_timeout);
        }
        begins
    }

    /// Heeds what a poll has told of its socket.
    fn polled(&mut self, ready: PollFlags, now: Instant) {
        let Some(engine) = &mut self.engine else { return };
        engine.hot = false;
        if !engine.may_read() {
            engine.far_end.polled(ready);
        } else if ready.intersects(READABLE) {
            self.receive(now);
        }
    }

    /// Ends, since nothing can be waited for any more.
    fn fail(&mut self, error: &io::Error) {
        let breakage = self.engine.as_ref().map(Engine::breakage).unwrap_or_default();
        let same = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
        self.end(Some(End::ReadFailed(same, breakage)));
    }

    fn stop(&mut self) {
        let Some(engine) = &mut self.engine else { return };
        engine.begin_to_stop();
        engine.connection.send_half().release_failure();
        if !engine.connection.close_sent() {
            engine.hang_up(self.close_timeout);
        }
    }

    /// What is waited for of its socket.
    fn watched(&mut self) -> (Option<BorrowedFd<'_>>, PollFlags) {
        match &mut self.engine {
            Some(engine) => engine.watched(),
            None => (None, PollFlags::empty()),
        }
    }

    fn give_memory_back(&mut self) {
        self.engine.iter_mut().for_each(Engine::give_memory_back);
        self.handler.idle();
    }
}

/// The Close by which we end a connection ourselves.
fn ours(connection: &Connection) -> Option<&Close> {
    connection.our_close().or_else(|| connection.held_failure())
}

/// Whether nobody is at the other end any more, who didn't say so.
fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::TimedOut)
}

/// Why two connections end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum EndCause {
    #[default]
    Unknown,
    /// The peer of the one at this place began.
    Peer(usize),
    /// We did.
    Ours,
}

struct Joined<'a, H> {
    sides: [JoinedSide<'a, H>; 2],
    cause: EndCause,
    stop: Option<BorrowedFd<'a>>,
    /// When both are closed, once that descriptor was readable, whatever is still on its way.
    stops_by: Option<Instant>,
    woken: Option<&'a Woken>,
}

impl<'a, H: JoinedHandler> Joined<'a, H> {
    fn run(mut self) -> ([Summary; 2], Option<usize>) {
        loop {
            let [one, other] = &mut self.sides;
            one.dispatch_to(other);
            other.dispatch_to(one);
            let now = Instant::now();
            self.after_turn(now);
            // What one peer says is sent on the other's connection.
            self.sides.iter_mut().filter_map(|side| side.engine.as_mut()).for_each(Engine::tell_all);
            if self.sides.iter().any(|side| side.handler.holds_back()) {
                let idle = self.sides.iter_mut().filter_map(|side| side.engine.as_mut()?.idle_timeout.as_mut());
                idle.for_each(|idle| idle.postpone(now));
            }
            self.sides.iter_mut().for_each(|side| side.finish_turn(now));
            self.find_cause();
            if self.cause != EndCause::Unknown {
                // What a person holds goes before an end of ours, too.
                self.after_turn(now);
            }
            self.stop_when_drained(now);
            let [one, other] = &mut self.sides;
            let has_failed = one.fail_when_due(other, now) | other.fail_when_due(one, now);
            let has_changed = one.follow(other, now) | other.follow(one, now) | has_failed;
            if one.engine.is_none()
                && other.engine.is_none()
                && let (Some((one, _)), Some((other, _))) = (one.summary.take(), other.summary.take())
            {
                let first = if let EndCause::Peer(first) = self.cause { Some(first) } else { None };
                return ([one, other], first);
            }
            if !has_changed && !self.has_room_again() {
                self.wait_and_receive(now);
            }
        }
    }

    /// What is no answer to anything received.
    fn after_turn(&mut self, now: Instant) {
        let stops = self.stops_by.is_some();
        let [one, other] = &mut self.sides;
        one.after_turn(other, now, stops);
        other.after_turn(one, now, stops);
    }

    /// Begins to stop: what is put off has half of the time that both have for their ends.
    fn begin_to_stop(&mut self, now: Instant) {
        self.stop = None;
        self.find_cause();
        if self.cause == EndCause::Unknown {
            self.cause = EndCause::Ours;
        }
        self.stops_by = Some(now + peers_end().saturating_duration_since(now) / 2);
        self.after_turn(now);
        self.stop_when_drained(now);
    }

    /// Closes both sides where they are to be stopped, once what was put off has gone.
    fn stop_when_drained(&mut self, now: Instant) {
        let is_drained = || self.sides.iter().all(|side| !side.handler.is_waiting());
        if self.stops_by.take_if(|by| now >= *by || is_drained()).is_some() {
            self.sides.iter_mut().for_each(JoinedSide::stop);
        }
    }

    /// Takes note of who has begun to end both, where somebody has.
    fn find_cause(&mut self) {
        if self.cause != EndCause::Unknown {
            return;
        }
        let peer = self.sides.iter().position(JoinedSide::is_ended_by_peer).map(EndCause::Peer);
        let ours = self.sides.iter().any(JoinedSide::is_ending).then_some(EndCause::Ours);
        self.cause = peer.or(ours).unwrap_or_default();
    }

    /// Whether there is room again for what has arrived already, which no socket would announce.
    fn has_room_again(&mut self) -> bool {
        let [one, other] = &mut self.sides;
        if one.go_on(other) | other.go_on(one) {
            return true;
        }
        self.look_for_room();
        let may_dispatch = |side: &JoinedSide<'_, H>| side.engine.as_ref().is_some_and(Engine::may_dispatch);
        self.sides.iter().any(|side| side.holds_undelivered && may_dispatch(side))
    }

    /// Looks whether each side has room for what the other's peer says.
    fn look_for_room(&mut self) {
        let has_room = [self.sides[1].takes_more(), self.sides[0].takes_more()];
        for (side, is_open) in self.sides.iter_mut().zip(has_room) {
            let is_open = is_open && !side.handler.is_waiting();
            side.engine.iter_mut().for_each(|engine| engine.handler.is_open = is_open);
        }
    }

    fn wait_and_receive(&mut self, now: Instant) {
        let holds_unread = |engine: &Engine<'_, RelayGate>| engine.may_read() && engine.transport.holds_unread();
        let [one, other] = &self.sides;
        let have_unread = [one, other].map(|side| side.engine.as_ref().is_some_and(holds_unread));
        if have_unread == [false; 2] {
            if let Err(error) = self.poll(now) {
                // Nothing can be waited for any more.
                self.sides.iter_mut().for_each(|side| side.fail(&error));
            }
            return;
        }
        for (side, _) in self.sides.iter_mut().zip(have_unread).filter(|(_, has_unread)| *has_unread) {
            side.receive(now);
        }
    }

    fn poll(&mut self, now: Instant) -> io::Result<()> {
        let is_hot = self.engines().any(|engine| engine.hot);
        // What is idle for so long gives memory back.
        let patience = is_hot.then(|| now + PATIENCE);
        if !is_hot {
            self.sides.iter_mut().for_each(JoinedSide::give_memory_back);
        }
        let gone = self.sides.iter().filter_map(JoinedSide::gone_until);
        let put_off = self.sides.iter().filter_map(|side| side.handler.deadline());
        let fails = self.sides.iter().filter_map(|side| side.fails_at);
        let waits = self.engines().filter_map(Engine::deadline).chain(put_off).chain(fails);
        let drains = self.sides.iter().filter_map(JoinedSide::drains_until);
        let deadline = waits.chain(patience).chain(gone).chain(drains).chain(self.stops_by).min();
        let [stop, woken] = [self.stop, self.woken.map(AsFd::as_fd)].map(|fd| (fd, PollFlags::IN));
        let [one, other] = &mut self.sides;
        let [stop, woken, ready @ ..] = wait_on([stop, woken, one.watched(), other.watched()], deadline)?;
        let now = Instant::now();
        if woken.intersects(READABLE) {
            self.woken.iter().for_each(|woken| woken.drain());
        }
        if stop.intersects(READABLE) {
            self.begin_to_stop(now);
        }
        for (side, ready) in self.sides.iter_mut().zip(ready) {
            side.polled(ready, now);
        }
        Ok(())
    }

    fn engines(&self) -> impl Iterator<Item = &Engine<'a, RelayGate>> {
        self.sides.iter().filter_map(|side| side.engine.as_ref())
    }
}

impl Engine<'_, RelayGate> {
    /// What is waited for of the socket.
    fn watched(&mut self) -> (Option<BorrowedFd<'_>>, PollFlags) {
        let flags = self.socket_flags();
        (self.watches(flags).then(|| self.transport.as_fd()), flags)
    }
}
