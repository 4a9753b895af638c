//! One of two connections that are joined: what its peer says, given to the other, and how it ends with that.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::{JoinedConnection, JoinedHandler, RELAY_LIMIT};
use crate::net::end::{End, Summary};
use crate::net::engine::{Engine, spare};
use crate::net::handler::{Handler, LateTap, Tap};
use crate::net::in_flight::{InFlight, SentData};
use crate::net::sender::Sender;
use crate::net::transport::{Received, Wait};
use crate::ws::{Close, Connection, Event, Item};

/// What the other still says to a peer that has broken the protocol may be so long in coming.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// The engine of a side asks it, and never tells it anything: its events go to the [`JoinedHandler`].
#[derive(Debug, Default)]
pub(super) struct RelayGate {
    /// The other peer's outbox has room.
    pub(super) is_open: bool,
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

/// Whether a connection is to be reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DueReset {
    None,
    /// Once its peer has what was sent, which is looked at again then.
    Awaited(Instant),
    Now,
}

pub(super) struct JoinedSide<'a, H> {
    /// Until it has ended. In a box, as both are large, and a stack keeps what it has ever touched.
    pub(super) engine: Option<Box<Engine<'a, &'a mut RelayGate>>>,
    pub(super) handler: H,
    close_timeout: Duration,
    /// Something that has arrived waits for room on the other side.
    pub(super) holds_undelivered: bool,
    /// How it ended, and when.
    pub(super) summary: Option<(Summary, Instant)>,
    /// Its peer neither speaks nor hears any more, though nobody has ended our direction.
    was_reset: bool,
    /// Since when its peer is known to be gone, while what it left is still read.
    gone_since: Option<Instant>,
    /// Since when its peer, which has broken the protocol, only gets what the other still says, and until when.
    failed_since: Option<Instant>,
    pub(super) fails_at: Option<Instant>,
    /// Since when nothing but what its handler has put off keeps the other side from ending.
    drains_since: Option<Instant>,
    /// When something of that has last gone on.
    went_on: Option<Instant>,
    /// What was sent to its peer before the other's was reset.
    in_flight: InFlight,
    /// When that is looked at again, while it goes before a reset.
    pub(super) looks_again: Option<Instant>,
}

impl<'a, H: JoinedHandler> JoinedSide<'a, H> {
    pub(super) fn new<'t: 'a>(joined: JoinedConnection<'t, H>, gate: &'a mut RelayGate) -> Self {
        let JoinedConnection { mut websocket, timing, tap, late_tap, handler, is_lenient } = joined;
        websocket.connection.set_yield_raw(is_lenient);
        // What a peer says is answered by the other one, and stands where the other has put it.
        let half = websocket.connection.send_half();
        half.set_answer_pings(false);
        half.set_answer_closes(false);
        half.set_hold_failure(true);
        half.set_hold_controls(false);
        let mut engine = Engine::new(*websocket, timing, None, gate).tapped(tap.map(|tap| -> &'a mut dyn Tap { tap }));
        spare::share(&mut engine.connection, true);
        engine.late_tap = late_tap.map(|LateTap { on, observe, tap }| LateTap {
            on,
            observe,
            tap: tap.map(|tap| -> &'a mut dyn Tap { tap }),
        });
        engine.stays_open = true;
        // Pongs to our own Pings are nothing that the other peer has asked for.
        engine.keeps_own_pongs = true;
        engine.keepalive.count_from(rand::random());
        let close_timeout = timing.close_timeout;
        Self {
            engine: Some(Box::new(engine)),
            handler,
            close_timeout,
            holds_undelivered: false,
            summary: None,
            was_reset: false,
            gone_since: None,
            failed_since: None,
            fails_at: None,
            drains_since: None,
            went_on: None,
            in_flight: InFlight::default(),
            looks_again: None,
        }
    }

    /// Whether there is room for more of what the other peer says. Where nobody takes it any more it goes nowhere.
    pub(super) fn takes_more(&self) -> bool {
        self.open().is_none_or(|engine| engine.connection.backlog() < RELAY_LIMIT)
    }

    /// The engine, for as long as something can be sent.
    fn open(&self) -> Option<&Engine<'a, &'a mut RelayGate>> {
        self.engine.as_deref().filter(|engine| engine.outward.works())
    }

    fn open_mut(&mut self) -> Option<&mut Engine<'a, &'a mut RelayGate>> {
        self.engine.as_deref_mut().filter(|engine| engine.outward.works())
    }

    /// Goes on with what was put off of what its peer has said. Returns whether something has gone on, or that is done now.
    pub(super) fn go_on(&mut self, other: &mut Self) -> bool {
        if !self.handler.is_waiting() {
            return false;
        }
        let Some(there) = other.open_mut() else {
            self.handler.give_up();
            return true;
        };
        let mut own = self.engine.as_deref_mut().map(Engine::sender);
        let has_gone = self.handler.go_on(own.as_mut(), &mut there.sender());
        if has_gone {
            self.went_on = Some(Instant::now());
        }
        has_gone || !self.handler.is_waiting()
    }

    /// Has its handler do what was put off until a message or a frame has ended, where it has. Peers that never pause end most of
    /// theirs in the middle of what is received at once.
    fn take_place(&mut self, other: &mut Self) {
        if self.handler.waits_for_place()
            && let Some(there) = other.open_mut()
        {
            let mut own = self.engine.as_deref_mut().filter(|engine| engine.outward.works()).map(Engine::sender);
            self.handler.take_place(own.as_mut(), &mut there.sender());
        }
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

    pub(super) fn drains_until(&self) -> Option<Instant> {
        let since = self.drains_since.filter(|_| self.handler.is_waiting());
        since.map(|since| self.went_on.map_or(since, |went_on| went_on.max(since)) + self.close_timeout)
    }

    /// Gives all that has arrived to `other`, as far as that has room.
    pub(super) fn dispatch_to(&mut self, other: &mut Self) {
        self.go_on(other);
        if let Some(engine) = &mut self.engine {
            engine.begin_to_observe();
            self.holds_undelivered = true;
        }
        loop {
            self.take_place(other);
            other.take_place(self);
            let Some(engine) = &mut self.engine else { return };
            engine.handler.is_open = other.takes_more() && !self.handler.is_waiting();
            engine.dispatch_sent();
            // What was made of one event is told before the next.
            other.engine.iter_mut().for_each(|there| there.dispatch_sent());
            if !engine.may_dispatch() {
                return;
            }
            let handler = &mut self.handler;
            // With nobody there the taps see it, and it goes nowhere.
            let mut there = other.open_mut();
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
    pub(super) fn after_turn(&mut self, other: &mut Self, now: Instant, stops: bool) {
        let is_over = stops || self.says_no_more();
        let mut there = other.open_mut().map(Engine::sender);
        let mut own = self.engine.as_deref_mut().filter(|engine| engine.outward.works()).map(Engine::sender);
        self.handler.after_turn(now, own.as_mut(), there.as_mut(), is_over);
    }

    /// Whether all has been told that its peer says.
    fn says_no_more(&self) -> bool {
        self.engine.as_deref().is_none_or(|engine| {
            let connection = &engine.connection;
            // Where we close it, the other side is to end too.
            let is_over = connection.eof_received() || connection.held_failure().is_some();
            engine.is_closing() || (is_over && !self.holds_undelivered)
        })
    }

    /// What comes behind all events of a turn.
    pub(super) fn finish_turn(&mut self, now: Instant) {
        let Some(engine) = &mut self.engine else { return };
        engine.flush();
        let end = engine.finish_turn(now);
        if !engine.outward.works() && engine.stays_open {
            // What its peer has said before is read on.
            self.hang_up();
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
    pub(super) fn gone_until(&self) -> Option<Instant> {
        let engine = self.engine.as_deref().filter(|engine| !engine.connection.eof_received())?;
        let taken = self.gone_since.max(engine.heard.max(self.went_on).filter(|_| self.gone_since.is_some()));
        taken.map(|since| since + self.close_timeout)
    }

    /// Receives what is there.
    pub(super) fn receive(&mut self, now: Instant) {
        let Some(engine) = &mut self.engine else { return };
        // A message of 64 KiB, which many programs send, goes on in one write. What is in the middle of a longer one would only be cut
        // into more segments.
        let begins = !engine.connection.is_inside_frame();
        engine.connection.receive_buffer().set_reads(begins);
        let received = engine.receive(Wait::No);
        engine.hot = matches!(received, Ok(Received::Bytes));
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
            self.summary = Some((engine.finish(end).0, Instant::now()));
        }
    }

    /// Whether its peer has begun to end the connection, or has broken it.
    pub(super) fn is_ended_by_peer(&self) -> bool {
        match (&self.engine, &self.summary) {
            (Some(engine), _) => engine.end_state.is_by_peer(),
            (None, Some((summary, _))) => summary.ending.is_by_peer(),
            (None, None) => false,
        }
    }

    /// Whether it is ending.
    pub(super) fn is_ending(&self) -> bool {
        self.engine.as_deref().is_none_or(|engine| engine.is_closing())
    }

    /// Whether it is to be reset, since nobody hears its peer any more. What was sent to that goes before.
    fn due_reset(&mut self, other: &Self, now: Instant) -> DueReset {
        let (Some(engine), Some((_, ended))) = (self.engine.as_deref(), &other.summary) else { return DueReset::None };
        if other.handler.is_waiting() {
            return DueReset::None;
        }
        // TCP answers with a reset what is said to nobody.
        let speaks_to_nobody = engine.all_written() && engine.heard.is_some_and(|heard| heard > *ended);
        if !other.was_reset && !speaks_to_nobody {
            return DueReset::None;
        }
        match self.in_flight.look(&engine.transport, engine.unwritten(), self.close_timeout, now) {
            SentData::Arrived => DueReset::Now,
            SentData::Awaited(until) => DueReset::Awaited(until),
            SentData::Overdue if speaks_to_nobody => DueReset::Now,
            SentData::Overdue => DueReset::None,
        }
    }

    /// Fails the connection to a peer that has broken the protocol, once the other has nothing more to say to it, or has had the
    /// time for that. Returns whether that is now.
    pub(super) fn fail_when_due(&mut self, other: &Self, now: Instant) -> bool {
        let Some(engine) = self.engine.as_mut().filter(|engine| engine.connection.held_failure().is_some()) else {
            (self.failed_since, self.fails_at) = (None, None);
            return false;
        };
        let since = *self.failed_since.get_or_insert(now);
        // The answers to what was said before come soon, or one behind the other.
        let heard = other.engine.as_deref().and_then(|there| there.heard).map_or(since, |heard| heard.max(since));
        let fails_at = (since + self.close_timeout).min(heard + LAST_ANSWERS);
        self.fails_at = Some(fails_at);
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

    /// Whether its peer, which has begun the closing handshake, has ended its direction before the answer to its Close.
    fn has_ended_behind_its_close(&self) -> bool {
        self.engine.as_deref().is_some_and(|engine| {
            let connection = &engine.connection;
            connection.close_received() && !connection.close_sent() && connection.eof_received()
        })
    }

    /// Whether its peer has begun the closing handshake, and was gone before the answer: nobody waits for that.
    fn was_reset_behind_its_close(&self) -> bool {
        let has_closed = |summary: &Summary| matches!(summary.ending, End::Closed { ours: None, .. });
        self.was_reset && self.summary.as_ref().is_some_and(|(summary, _)| has_closed(summary))
    }

    /// Heeds what has become of the other side. Returns whether that has begun to end this one.
    pub(super) fn follow(&mut self, other: &mut Self, now: Instant) -> bool {
        let due_reset = self.due_reset(other, now);
        self.looks_again = if let DueReset::Awaited(until) = due_reset { Some(until) } else { None };
        let Some(engine) = &mut self.engine else { return false };
        if other.engine.is_none() {
            engine.closing.go_unheard();
        }
        let own = &engine.connection;
        let waits_for_answer = own.close_sent() && !own.close_received();
        if waits_for_answer && due_reset == DueReset::Now && other.was_reset_behind_its_close() {
            return self.reset();
        }
        if waits_for_answer && engine.stays_open && other.has_ended_behind_its_close() {
            self.hang_up();
            return true;
        }
        if own.close_sent() || own.held_failure().is_some() {
            return false;
        }
        let is_closed_by_us = |there: &Engine<'_, _>| ours(&there.connection).is_some() && !own.close_received();
        if other.engine.as_deref().is_none_or(is_closed_by_us) && other.drains(now) {
            return false;
        }
        match due_reset {
            DueReset::Now => return self.reset(),
            DueReset::Awaited(_) if other.was_reset => return false,
            DueReset::Awaited(_) | DueReset::None => {}
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
            self.hang_up();
        }
        begins
    }

    /// Ends our direction of it, and waits for the end of its peer's.
    fn hang_up(&mut self) {
        if let Some(engine) = &mut self.engine {
            self.in_flight.end(&engine.transport, engine.unwritten());
            engine.hang_up(self.close_timeout);
        }
    }

    /// Resets its connection. Returns that this has changed it.
    fn reset(&mut self) -> bool {
        let Some(engine) = &mut self.engine else { return false };
        engine.transport.reset();
        let end = engine.end_state.take(End::Abandoned);
        self.end(Some(end));
        true
    }

    /// Heeds what a poll has told of its socket.
    pub(super) fn polled(&mut self, ready: PollFlags, now: Instant) {
        if self.engine.as_mut().is_some_and(|engine| engine.polled(ready)) {
            self.receive(now);
        }
    }

    /// Ends, since nothing can be waited for any more.
    pub(super) fn fail(&mut self, error: &io::Error) {
        self.end(self.engine.as_deref().map(|engine| engine.failure(error)));
    }

    pub(super) fn stop(&mut self) {
        let Some(engine) = &mut self.engine else { return };
        engine.begin_to_stop();
        engine.connection.send_half().release_failure();
        if !engine.connection.close_sent() {
            self.hang_up();
        }
    }

    /// What is waited for of its socket.
    pub(super) fn watched(&mut self) -> (Option<BorrowedFd<'_>>, PollFlags) {
        let Some(engine) = &mut self.engine else { return (None, PollFlags::empty()) };
        engine.watched()
    }

    /// Gives back what a message has taken where others need it, and all of that in a crowd.
    pub(super) fn rest(&mut self, is_in_a_crowd: bool) {
        match self.engine.as_deref_mut() {
            Some(engine) if is_in_a_crowd => engine.connection.rest(),
            Some(engine) => engine.connection.rest_if_crowded(),
            None => {}
        }
        if is_in_a_crowd {
            self.handler.idle();
        }
    }

    pub(super) fn give_memory_back(&mut self) {
        self.engine.as_deref_mut().into_iter().for_each(Engine::give_memory_back);
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
