//! The connections of a thread, by their places.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::PollFlags;

use super::OwnedHandler;
use super::member::LoopMember;
use super::sender::{NewMember, Newcomers};
use super::timers::Timers;
use crate::net::end::{End, Summary};
use crate::net::poll_set::{PollSet, WatchedFd};
use crate::net::stop::Stop;

pub(super) struct LoopMembers<'a> {
    /// None at places of those that have ended.
    members: Vec<Option<Box<LoopMember<'a>>>>,
    free: Vec<usize>,
    set: PollSet,
    timers: Timers,
    /// Of which it is still to be told. Where many end at once, all are gone before anything is done about the first.
    ended: Vec<(Summary, Box<OwnedHandler<'a>>)>,
    stopping: bool,
}

impl<'a> LoopMembers<'a> {
    /// None yet, that are waited for by `set`.
    pub(super) fn new(set: PollSet) -> Self {
        Self {
            members: Vec::new(),
            free: Vec::new(),
            set,
            timers: Timers::default(),
            ended: Vec::new(),
            stopping: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.members.len()
    }

    /// Waits for all, and for what the loop has beside them.
    ///
    /// # Errors
    /// When the kernel can't wait.
    pub(super) fn wait<'b>(&'b mut self, own: impl Iterator<Item = WatchedFd<'b>>) -> io::Result<()> {
        let Self { members, set, timers, .. } = self;
        let members = members.iter().enumerate().filter_map(|(key, member)| member.as_ref()?.watched(key));
        set.wait(own.chain(members), timers.first())
    }

    /// Has each that is ready or due do what there is to do. Returns what else is ready.
    pub(super) fn heed_all(&mut self) -> Vec<usize> {
        let (mut others, now) = (Vec::new(), Instant::now());
        for at in 0.. {
            let Some((key, flags)) = self.set.ready(at) else { break };
            let Some(Some(member)) = self.members.get_mut(key) else {
                others.push(key);
                continue;
            };
            match member.polled(flags, now) {
                Some(end) => self.end(key, end),
                None => self.turn(key),
            }
        }
        let now = Instant::now();
        while let Some(key) = self.timers.take_due(now) {
            self.turn(key);
        }
        others
    }

    /// Takes in those that have come. Returns whether more can come.
    pub(super) fn take_in(&mut self, newcomers: &Newcomers<'a>) -> bool {
        let (new, is_open) = newcomers.take();
        for NewMember { websocket, timing, handler } in new {
            let key = self.free.pop().unwrap_or(self.members.len());
            if key == self.members.len() {
                self.members.push(None);
            }
            let mut member = LoopMember::new(websocket, timing, handler);
            if self.stopping {
                member.begin_to_stop();
            }
            self.members[key] = Some(Box::new(member));
            self.turn(key);
        }
        is_open
    }

    /// Has all stop, and those that are taken in from now on. What said so isn't waited for any more.
    pub(super) fn begin_to_stop(&mut self, stop: (usize, Option<Stop>)) {
        self.stopping = true;
        self.members.iter_mut().flatten().for_each(|member| member.begin_to_stop());
        self.call(stop);
    }

    /// Has all have a turn. What said so isn't waited for any more.
    pub(super) fn call(&mut self, (key, call): (usize, Option<Stop>)) {
        if let Some(call) = call {
            // What is closed is waited for no more.
            let _ = self.set.change((key, call.as_fd()), Some(PollFlags::IN), None);
        }
        (0..self.members.len()).for_each(|key| self.turn(key));
    }

    /// Ends all, since nothing can be waited for any more.
    pub(super) fn fail_all(&mut self, error: &io::Error) {
        (0..self.members.len()).for_each(|key| self.fail(key, error));
        self.tell_ended();
    }

    /// Tells the handlers of those that have ended since.
    pub(super) fn tell_ended(&mut self) {
        std::mem::take(&mut self.ended).into_iter().for_each(|(summary, handler)| handler.ended(summary));
    }

    /// Has a connection do all that there is to do, and waits for it again, or tells its end.
    fn turn(&mut self, key: usize) {
        let Some(member) = &mut self.members[key] else { return };
        if let Some(end) = member.turn() {
            return self.end(key, end);
        }
        member.rest();
        match member.watch(key, &mut self.set) {
            Ok(()) => self.timers.set(key, member.deadline()),
            Err(error) => self.fail(key, &error),
        }
    }

    fn fail(&mut self, key: usize, error: &io::Error) {
        if let Some(member) = &self.members[key] {
            let end = member.failure(error);
            self.end(key, end);
        }
    }

    fn end(&mut self, key: usize, end: End) {
        if let Some(member) = self.members[key].take() {
            self.timers.forget(key);
            self.free.push(key);
            self.ended.push(member.end(key, end, &mut self.set));
        }
    }
}
