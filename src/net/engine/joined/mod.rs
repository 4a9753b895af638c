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
//!   its kernel left here, and a reset waits for what is still on its way ([`InFlight`](crate::net::in_flight)). A peer that takes
//!   none of that for the time of a closing handshake sees our direction end behind it, and the reset is the answer to whatever is
//!   said to nobody, as TCP has it.

mod pair_count;
mod side;

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use rustix::event::PollFlags;

use self::pair_count::CountedPair;
use self::side::{JoinedSide, RelayGate};
use super::Engine;
use crate::net::end::Summary;
use crate::net::handler::{LateTap, Tap};
use crate::net::poll::{READABLE, wait_on};
use crate::net::process_end::peers_end;
use crate::net::sender::Sender;
use crate::net::settings::Timing;
use crate::net::transport::PATIENCE;
use crate::net::waker::Woken;
use crate::net::websocket::WebSocket;
use crate::ws::{Close, Event};

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

    /// Whether it has put something off until a message or a frame ends that goes to one of both peers.
    fn waits_for_place(&self) -> bool {
        false
    }

    /// Does that, if there is a place for it now: between two events. `own` is gone once its peer has.
    fn take_place(&mut self, _own: Option<&mut Sender<'_>>, _other: &mut Sender<'_>) {}

    /// When it can go on, if that is a matter of time.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Both connections are to end soon: what it has put off for a time goes on now.
    fn hurry(&mut self) {}

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
    pub(crate) websocket: Box<WebSocket>,
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
        counted: CountedPair::new(),
    };
    joined.run()
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
    counted: CountedPair,
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
            self.sides.iter_mut().filter_map(|side| side.engine.as_deref_mut()).for_each(Engine::tell_all);
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
        self.sides.iter_mut().for_each(|side| side.handler.hurry());
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
        let may_dispatch = |side: &JoinedSide<'_, H>| side.engine.as_deref().is_some_and(Engine::may_dispatch);
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
        let holds_unread = |engine: &Engine<'_, &mut RelayGate>| engine.may_read() && engine.transport.holds_unread();
        let [one, other] = &self.sides;
        let have_unread = [one, other].map(|side| side.engine.as_deref().is_some_and(holds_unread));
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
        // Of thousands of pairs each would keep what a message takes until it is idle.
        let is_in_a_crowd = self.counted.is_in_a_crowd();
        self.sides.iter_mut().for_each(|side| side.rest(is_in_a_crowd));
        // What is idle for so long gives memory back.
        let patience = is_hot.then(|| now + PATIENCE);
        if !is_hot {
            self.sides.iter_mut().for_each(JoinedSide::give_memory_back);
        }
        let rests = self.sides.iter_mut().filter_map(|side| side.engine.as_mut()?.rest_compressor()).min();
        let gone = self.sides.iter().filter_map(JoinedSide::gone_until);
        let put_off = self.sides.iter().filter_map(|side| side.handler.deadline());
        let fails = self.sides.iter().filter_map(|side| side.fails_at);
        let waits = self.engines().filter_map(Engine::deadline).chain(put_off).chain(fails);
        let looks = self.sides.iter().filter_map(|side| side.looks_again);
        let drains = self.sides.iter().filter_map(JoinedSide::drains_until);
        let deadline =
            waits.chain(patience).chain(gone).chain(drains).chain(looks).chain(self.stops_by).chain(rests).min();
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

    fn engines(&self) -> impl Iterator<Item = &Engine<'a, &'a mut RelayGate>> {
        self.sides.iter().filter_map(|side| side.engine.as_deref())
    }
}
