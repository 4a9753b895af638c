//! One of the connections of a thread.

use std::io;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::PollFlags;

use super::OwnedHandler;
use crate::net::end::{End, Summary};
use crate::net::engine::Engine;
use crate::net::poll_set::{PollSet, WatchedFd};
use crate::net::settings::Timing;
use crate::net::transport::PATIENCE;
use crate::net::websocket::WebSocket;

pub(super) struct LoopMember<'a> {
    engine: Engine<'a, Box<OwnedHandler<'a>>>,
    began: Instant,
    /// For what its socket is waited for.
    watched: Option<PollFlags>,
}

impl<'a> LoopMember<'a> {
    pub(super) fn new(websocket: WebSocket, timing: Timing, handler: Box<OwnedHandler<'a>>) -> Self {
        Self { engine: Engine::new(websocket, timing, None, handler), began: Instant::now(), watched: None }
    }

    /// Does all that there is to do without waiting. Returns the end, once there is nothing left to wait for.
    pub(super) fn turn(&mut self) -> Option<End> {
        loop {
            let now = match self.engine.turn() {
                ControlFlow::Continue(now) => now,
                ControlFlow::Break(end) => return Some(end),
            };
            // What TLS holds no socket announces.
            if !self.engine.may_read() || !self.engine.transport.holds_unread() {
                return None;
            }
            if let Some(end) = self.engine.receive_now(now) {
                return Some(end);
            }
        }
    }

    /// Heeds what its socket is ready for. Returns the end, if that was it.
    pub(super) fn polled(&mut self, ready: PollFlags, now: Instant) -> Option<End> {
        if self.engine.polled(ready) { self.engine.receive_now(now) } else { None }
    }

    /// Gives memory back, where nothing has come for a while, or thousands are there that would each keep theirs until then.
    pub(super) fn rest(&mut self) {
        self.engine.connection.rest_if_crowded();
        if self.rests_at() <= self.engine.turned {
            self.engine.hot = false;
        }
        if !self.engine.hot {
            self.engine.give_memory_back();
        }
    }

    fn rests_at(&self) -> Instant {
        self.engine.heard.unwrap_or(self.began) + PATIENCE
    }

    /// When it is to have a turn at the latest.
    pub(super) fn deadline(&mut self) -> Option<Instant> {
        let rests_at = self.engine.hot.then(|| self.rests_at());
        let compressor_rests_at = self.engine.rest_compressor();
        self.engine.deadline().into_iter().chain(rests_at).chain(compressor_rests_at).min()
    }

    /// Has its socket waited for, for what there is to wait for now.
    ///
    /// # Errors
    /// When the kernel has no room for more.
    pub(super) fn watch(&mut self, key: usize, set: &mut PollSet) -> io::Result<()> {
        let flags = self.engine.socket_flags();
        let watched = self.engine.watches(flags).then_some(flags);
        if watched != self.watched {
            set.change((key, self.engine.transport.as_fd()), self.watched, watched)?;
            self.watched = watched;
        }
        Ok(())
    }

    pub(super) fn watched(&self, key: usize) -> Option<WatchedFd<'_>> {
        self.watched.map(|flags| (key, self.engine.transport.as_fd(), flags))
    }

    pub(super) fn begin_to_stop(&mut self) {
        self.engine.begin_to_stop();
    }

    /// The end of one whose socket can't be waited for.
    pub(super) fn failure(&self, error: &io::Error) -> End {
        self.engine.failure(error)
    }

    /// Closes the socket. Gives what is to be told to its handler, and that.
    pub(super) fn end(self, key: usize, end: End, set: &mut PollSet) -> (Summary, Box<OwnedHandler<'a>>) {
        // One that is closed is waited for no more, unless another process has it too.
        let _ = set.change((key, self.engine.transport.as_fd()), self.watched, None);
        self.engine.finish(end)
    }
}
