//! What a front end does with one connection.

use std::os::fd::BorrowedFd;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::end::{End, UnansweredPing};
use super::sender::Sender;
use crate::ws::{Close, Event, Observe, StatusCode};

/// What is done with a connection, on its thread.
pub(crate) trait Handler {
    /// The next thing that was received.
    fn event(&mut self, event: Event<'_>, sender: &mut Sender<'_>);

    /// The next thing that was sent, where that is observed: a frame, or content of a message.
    fn sent(&mut self, _event: &Event<'_>) {}

    /// Everything that was received has been dispatched, or a deadline is reached.
    fn after_turn(&mut self, _now: Instant, _sender: &mut Sender<'_>) {}

    /// Nothing more is told before the thread waits: what was gathered of it goes out now, or with something that wakes.
    fn all_told(&mut self) {}

    /// Whether events can be taken. While they can't, nothing is received.
    fn has_room(&self) -> bool {
        true
    }

    /// Whether it has room again only once more of its source is taken: a command that waits for somebody to take its output
    /// reads nothing meanwhile.
    fn waits_for_source(&self) -> bool {
        false
    }

    /// Whether what the peer has said is wanted even once the peer is gone. Then the connection lives until there was
    /// room for all of it, however long that takes.
    fn outlives_peer(&self) -> bool {
        false
    }

    /// Whether what was sent can be told. While it can't, the source waits.
    fn has_room_for_sent(&self) -> bool {
        true
    }

    /// What is waited on beside the socket.
    fn watched(&self) -> Watched<'_> {
        Watched::default()
    }

    /// Where what arrives is written to, for as long as somebody reads it: polled for nothing but the end of that.
    fn sink(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// The sink has lost its reader.
    fn sink_closed(&mut self, _sender: &mut Sender<'_>) {}

    /// The source is readable.
    fn source_ready(&mut self, _sender: &mut Sender<'_>) {}

    /// The waker is readable.
    fn woken(&mut self, _sender: &mut Sender<'_>) {}

    /// Whether something was left to send for when all before it is written: then there is another turn.
    fn has_more(&self) -> bool {
        false
    }

    /// When there is to be a turn at the latest. One that the turn leaves in the past has had it: what is still missing
    /// isn't time, and no further turn comes for its sake.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// The stop descriptor is readable. Returns whether it is to be watched further.
    fn stop(&mut self, sender: &mut Sender<'_>) -> bool {
        // Refused only when the connection is closing already.
        let _ = sender.close(Close::new(StatusCode::GOING_AWAY, ""));
        false
    }

    /// The closing handshake is done, and the connection ends so; the peer may still leave the transport open for a while.
    fn closed(&mut self, _end: &End) {}

    /// A Ping has gone unanswered, but the peer goes on sending, so the connection is kept. This is told once.
    fn kept_without_pong(&mut self, _ping: &UnansweredPing) {}

    /// Nothing is going on; memory that isn't needed can go.
    fn idle(&mut self) {}

    /// Whether to end at once, without the rest of the closing handshake.
    fn wants_abort(&self) -> bool {
        false
    }
}

/// Descriptors that are readable when a handler has something to do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Watched<'a> {
    /// Where more to send comes from. It is waited on while there is room for what it brings.
    pub(crate) source: Option<BorrowedFd<'a>>,
    /// Another thread has something to tell, such as room for events. While traffic is hot this may be
    /// noticed late.
    pub(crate) waker: Option<BorrowedFd<'a>>,
}

/// Sees every event before the handler does.
pub(crate) trait Tap {
    fn event(&mut self, event: &Event<'_>);

    /// All that has happened is told, and none of it is sent or shown yet.
    fn all_told(&mut self) {}

    /// At the end of each turn: the system has taken so many bytes, of all that there are to be sent, from the beginning.
    fn taken(&mut self, _bytes: u64, _of: u64) {}
}

/// Somebody who may begin to look on while the connection is open.
pub(crate) struct LateTap<'a> {
    /// Set once they are looked at. It is looked at before whatever is received or sent next.
    pub(crate) on: &'a AtomicBool,
    /// What of the connection is told from then on.
    pub(crate) observe: Observe,
    /// From then on the tap, where another has none from the beginning.
    pub(crate) tap: Option<&'a mut dyn Tap>,
}
