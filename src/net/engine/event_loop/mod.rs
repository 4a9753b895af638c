//! Many connections on one thread: each has its turns as its socket is ready and its deadlines come.
//!
//! ```text
//!       ┌──────────────────── wait for all ◀────────────────────┐
//!       ▼                                                       │
//!    those that are ready: receive, turn ─▶ those that are due: turn ─▶ those that are new
//! ```
//!
//! A turn is the engine's own, and nothing in it waits. The loop waits where an engine on a thread of its own would.

mod member;
mod members;
mod sender;
mod timers;

pub(crate) use self::sender::EventLoopSender;

use std::io;
use std::os::fd::AsFd;

use rustix::event::PollFlags;

use self::members::LoopMembers;
use self::sender::Newcomers;
use crate::net::end::Summary;
use crate::net::handler::Handler;
use crate::net::poll_set::PollSet;
use crate::net::stop::Stop;

/// What the loop's own descriptors are known by. Connections are known by their places.
const NEW: usize = usize::MAX;
const STOP: usize = usize::MAX - 1;
const CALL: usize = usize::MAX - 2;

/// What is done with a connection that is given away with it. It watches nothing but the socket.
pub(crate) trait LoopHandler: Handler {
    /// The connection has ended, and its socket is closed.
    fn ended(self: Box<Self>, summary: Summary);
}

/// One that may go to another thread.
pub(crate) type OwnedHandler<'a> = dyn LoopHandler + Send + 'a;

/// Drives connections until there are none, and nobody is left who could bring more.
pub(crate) struct EventLoop<'a> {
    set: PollSet,
    newcomers: Newcomers<'a>,
    /// Once it is readable, all connections are told to stop, and those that come later.
    stop: Option<Stop>,
    /// Once it is readable, all connections have a turn.
    call: Option<Stop>,
}

impl<'a> EventLoop<'a> {
    /// One whose connections stop by `stop`, and all have a turn by `call`.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn new(stop: Stop, call: Stop) -> io::Result<(Self, EventLoopSender<'a>)> {
        let (sender, newcomers) = sender::pair()?;
        let mut set = PollSet::new()?;
        for (key, fd) in [(NEW, newcomers.as_fd()), (STOP, stop.as_fd()), (CALL, call.as_fd())] {
            set.change((key, fd), None, Some(PollFlags::IN))?;
        }
        Ok((Self { set, newcomers, stop: Some(stop), call: Some(call) }, sender))
    }

    pub(crate) fn run(self) {
        let Self { set, newcomers, mut stop, mut call } = self;
        let (mut members, mut is_open) = (LoopMembers::new(set), true);
        while is_open || !members.is_empty() {
            let own = [
                (NEW, Some(newcomers.as_fd())),
                (STOP, stop.as_ref().map(AsFd::as_fd)),
                (CALL, call.as_ref().map(AsFd::as_fd)),
            ];
            let own = own.into_iter().filter_map(|(key, fd)| Some((key, fd?, PollFlags::IN)));
            if let Err(error) = members.wait(own) {
                // Nothing can be waited for any more.
                return members.fail_all(&error);
            }
            // What is new may take the place of one that was ready, so it comes last.
            for key in members.heed_all() {
                match key {
                    STOP => members.begin_to_stop((key, stop.take())),
                    CALL => members.call((key, call.take())),
                    _ => is_open = members.take_in(&newcomers),
                }
            }
            members.tell_ended();
        }
    }
}
