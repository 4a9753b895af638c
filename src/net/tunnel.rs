//! Bytes of any kind both ways between a client and a server, as they come.
//!
//! Invariants:
//! - What one side has said and the other hasn't taken is bounded by [`ROOM`] and a read: whoever is slow slows the other down.
//! - The end of what one side says is that on the other, behind all that was said; a reset is a reset, and comes behind that as
//!   well: servers answer, and reset the connection over the rest of a request that they don't want.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::accept::{Incoming, LINGER, discard, refuse};
use super::dial::Reached;
use super::far_end::FarEnd;
use super::in_flight::wait_until_left;
use super::interrupt::Interrupt;
use super::poll::{READABLE, wait_on};
use super::process_end::peers_end;
use super::socket::is_behind_end;
use super::transport::{PATIENCE, Received, Transport, Wait};
use super::until::{Until, was_stopped};
use crate::http::{HttpStatus, ResponseProgress};
use crate::ws::Buffer;
use crate::ws::handshake::{MalformedChunk, Refusal, RequestBody};

/// As many bytes may wait for a side before the other isn't read from.
const ROOM: usize = 32 * 1024;

/// How long a side may take nothing of what the other has left that is gone.
const UNTAKEN: Duration = Duration::from_secs(10);

/// How long a side may go on taking what its kernel has left of what was said, however slowly.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// Two sides that say something to each other.
#[derive(Debug)]
pub(crate) struct Tunnel {
    /// The client and the server.
    sides: [TunnelSide; 2],
    /// When the last byte came.
    last: Instant,
    /// Something has come since memory was given back.
    is_hot: bool,
    /// Which side is the first that is gone, and since when.
    broken: Option<(usize, Instant)>,
}

/// How a tunnel has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TunnelEnd {
    /// Bytes that went on.
    pub(crate) to_server: u64,
    pub(crate) to_client: u64,
    /// What a request was answered with, where that is known.
    pub(crate) status: Option<HttpStatus>,
    pub(crate) why: &'static str,
}

impl TunnelEnd {
    /// Why, where both sides have said all that they had to say.
    pub(crate) const ORDERLY: &'static str = "ended";
}

#[derive(Debug)]
struct TunnelSide {
    transport: Transport,
    /// What it has said and the other side hasn't taken.
    buffer: Buffer,
    /// What it may say: what comes behind that goes nowhere.
    body: Option<RequestBody>,
    /// It has said more than that: another request, which goes nowhere.
    asks_again: bool,
    /// Of one that answers a request.
    answer: Option<ResponseProgress>,
    far_end: FarEnd,
    /// It says nothing more.
    has_ended: bool,
    /// It takes nothing more: what is meant for it goes nowhere.
    is_deaf: bool,
    /// That isn't behind an end of what it says.
    was_reset: bool,
    /// It was told that nothing more comes.
    is_told_the_end: bool,
    /// Bytes that it was given, and when the last of them.
    given: u64,
    given_at: Option<Instant>,
}

impl TunnelSide {
    fn new(transport: Transport, buffer: Buffer) -> Self {
        transport.probe();
        Self {
            transport,
            buffer,
            body: None,
            asks_again: false,
            answer: None,
            far_end: FarEnd::default(),
            has_ended: false,
            is_deaf: false,
            was_reset: false,
            is_told_the_end: false,
            given: 0,
            given_at: None,
        }
    }

    /// Whether it may be read from.
    fn has_room(&self) -> bool {
        !self.has_ended && self.buffer.unread().len() < ROOM
    }

    /// Gives `other` what it has said, as far as that takes it.
    fn pass_on(&mut self, other: &mut Self) {
        if !other.is_deaf
            && let Err(error) = self.give(other)
        {
            other.is_deaf = true;
            other.was_reset |= !is_behind_end(&error);
        }
        if other.is_deaf {
            self.buffer = Buffer::default();
        }
    }

    fn give(&mut self, other: &mut Self) -> io::Result<()> {
        while !self.buffer.unread().is_empty() {
            match other.transport.send(self.buffer.unread(), &[])? {
                0 => break,
                count => {
                    self.buffer.consume(count);
                    other.given += count as u64;
                    other.given_at = Some(Instant::now());
                }
            }
        }
        other.transport.flush()?;
        // Of one that is gone, the end may be a reset.
        let is_end = self.has_said_all() && !self.is_deaf;
        if is_end && !other.is_told_the_end && !other.transport.holds_unsent() {
            other.transport.finish_sending();
            other.is_told_the_end = true;
        }
        Ok(())
    }

    /// Whether all of its answer has gone on.
    fn has_answered(&self) -> bool {
        self.answer.as_ref().is_some_and(ResponseProgress::is_whole) && self.buffer.unread().is_empty()
    }

    fn has_said_all(&self) -> bool {
        self.has_ended && self.buffer.unread().is_empty()
    }

    /// Receives what is there. Returns whether something was.
    ///
    /// # Errors
    /// A body that isn't what was announced.
    fn receive(&mut self) -> Result<bool, MalformedChunk> {
        let before = self.buffer.unread().len();
        match self.transport.receive(&mut self.buffer, Wait::No) {
            Ok(Received::Nothing) => return Ok(false),
            Ok(Received::Bytes) => {
                if let Some(answer) = &mut self.answer {
                    answer.take(&self.buffer.unread()[before..]);
                }
                self.cut_behind_body(before)?;
            }
            Ok(Received::End) => {
                self.has_ended = true;
                self.far_end.has_ended();
            }
            Err(_) => (self.has_ended, self.is_deaf, self.was_reset) = (true, true, true),
        }
        Ok(true)
    }

    /// Leaves out what is behind the body that it may send; `before` bytes were looked at already.
    fn cut_behind_body(&mut self, before: usize) -> Result<(), MalformedChunk> {
        let Some(body) = &mut self.body else { return Ok(()) };
        let arrived = &self.buffer.unread()[before..];
        let taken = body.take(arrived)?;
        if taken < arrived.len() {
            self.asks_again |= is_request(&arrived[taken..]);
            let kept = self.buffer.unread()[..before + taken].to_vec();
            self.buffer = Buffer::default();
            self.buffer.extend(&kept);
        }
        Ok(())
    }

    fn give_memory_back(&mut self) {
        self.buffer.shrink();
        self.transport.shrink();
    }

    /// What is waited for of its socket; `other_waits` says that there is something for it.
    fn watched(&self, other_waits: bool) -> (Option<BorrowedFd<'_>>, PollFlags) {
        let read = if self.has_room() { PollFlags::IN } else { self.far_end.watched() };
        let sends = !self.is_deaf && (other_waits || self.transport.holds_unsent());
        let flags = if sends { read | PollFlags::OUT } else { read };
        let is_watched = !flags.is_empty() || !self.far_end.is_gone();
        (is_watched.then(|| self.transport.as_fd()), flags)
    }
}

/// Whether what stands behind a body is another request: some clients have an empty line there (RFC 9112 §2.2).
fn is_request(behind: &[u8]) -> bool {
    behind.iter().any(|byte| !b"\r\n".contains(byte))
}

/// Why nothing goes on any more.
enum Broken {
    /// At this side, which is the client where it is 0.
    At(usize),
    /// The client's body isn't what it has announced.
    Malformed,
    Idle,
    Stopped,
}

impl Tunnel {
    /// Between a client and a server, which gets what the client has said already. Where that is nothing, neither has said
    /// anything since `silent_since`.
    pub(crate) fn new(incoming: Incoming<'_>, reached: Reached, silent_since: Instant) -> Self {
        let (transport, buffer) = incoming.into_parts();
        let last = if buffer.unread().is_empty() { silent_since } else { Instant::now() };
        let client = TunnelSide::new(transport, buffer);
        let server = TunnelSide::new(reached.transport, Buffer::default());
        Self { sides: [client, server], last, is_hot: true, broken: None }
    }

    /// The same for one request: the server gets `head`, and behind it the client's body alone, of which `begun` bytes are
    /// what the client has said already.
    pub(crate) fn for_request(mut self, head: &[u8], body: RequestBody, begun: usize) -> Self {
        let client = &mut self.sides[0];
        let (begun, behind) = client.buffer.unread().split_at(begun);
        client.asks_again = is_request(behind);
        let request = [head, begun].concat();
        client.body = Some(body);
        client.buffer = Buffer::default();
        client.buffer.extend(&request);
        self.sides[1].answer = Some(ResponseProgress::to(head));
        self
    }

    /// Passes on what comes until both have ended, nothing has come for `idle_timeout`, or `stop` is readable.
    pub(crate) fn run(mut self, idle_timeout: Option<Duration>, stop: BorrowedFd<'_>) -> TunnelEnd {
        let why = loop {
            match self.turn(idle_timeout, stop) {
                Ok(false) => {}
                Ok(true) => break TunnelEnd::ORDERLY,
                Err(Broken::Idle) => break self.cut("idle for too long", stop),
                Err(Broken::Stopped) => break self.cut("the proxy is stopping", stop),
                Err(Broken::Malformed) => break self.refuse_body(stop),
                Err(Broken::At(side)) => {
                    self.reset_behind(side, stop);
                    break if side == 0 { "reset by the client" } else { "reset by the server" };
                }
            }
        };
        let [client, server] = &self.sides;
        let status = server.answer.as_ref().and_then(ResponseProgress::status);
        TunnelEnd { to_server: server.given, to_client: client.given, status, why }
    }

    /// Ends it for a reason of ours, `why`. Of an answer that isn't whole the client is to see that (RFC 9112 §8).
    fn cut(&mut self, why: &'static str, stop: BorrowedFd<'_>) -> &'static str {
        let answer = self.sides[1].answer.as_ref();
        if answer.is_some_and(|answer| answer.has_begun() && !answer.is_whole()) {
            self.reset_behind(1, stop);
        }
        why
    }

    /// Has the other side learn, where it may still be told, that not all has come. It has the time first to read what it was
    /// given last: a reset would throw that away while it is sending. What it takes longer for than [`UNTAKEN`], or than other peers
    /// have where the proxy stops, is lost.
    fn reset_behind(&mut self, side: usize, stop: BorrowedFd<'_>) {
        let has_said_all = self.sides[side].has_said_all() && !self.sides[side].was_reset;
        let is_late = self.is_untaken();
        let other = &mut self.sides[1 - side];
        if let Some(given_at) = other.given_at.filter(|_| !is_late && !other.is_deaf) {
            if has_said_all && !other.is_told_the_end {
                other.transport.finish_sending();
                other.is_told_the_end = true;
            }
            let until = Until::after(LINGER.saturating_sub(given_at.elapsed()), Some(stop));
            discard(&mut other.transport, &mut other.buffer, until);
            if !other.is_told_the_end {
                let waited = wait_until_left(&other.transport, UNTAKEN, Until::after(LONGEST_REST, Some(stop)));
                if waited.is_err_and(|error| was_stopped(&error)) {
                    // What can't be waited for is lost, as where the time is over.
                    let rest = peers_end().saturating_duration_since(Instant::now());
                    let _ = wait_until_left(&other.transport, rest, Until::after(rest, None::<Interrupt<'_>>));
                }
            }
        }
        // Of what comes before an end that was told, nobody knows whether it has left.
        let to_reset = self.sides.iter().filter(|side| side.is_deaf || !side.is_told_the_end);
        to_reset.for_each(|side| side.transport.reset());
    }

    /// Tells a client why the rest of its request goes nowhere, unless it has an answer already.
    fn refuse_body(&mut self, stop: BorrowedFd<'_>) -> &'static str {
        let [client, server] = &mut self.sides;
        if server.answer.as_ref().is_some_and(ResponseProgress::has_begun) {
            server.pass_on(client);
            self.reset_behind(1, stop);
        } else {
            server.transport.reset();
            let refusal = Refusal::bad_request(MalformedChunk::WHY);
            refuse(&mut client.transport, &mut client.buffer, stop, None, refusal);
        }
        MalformedChunk::WHY
    }

    /// Returns whether both have ended.
    fn turn(&mut self, idle_timeout: Option<Duration>, stop: BorrowedFd<'_>) -> Result<bool, Broken> {
        let [client, server] = &mut self.sides;
        client.pass_on(server);
        server.pass_on(client);
        if client.asks_again && server.has_answered() && !server.has_ended {
            // The server has left the connection open, although it was told otherwise. By the end a client knows that it has to
            // connect anew for what it asks then. It is read on to its own end: over unread bytes the answer would be lost.
            server.has_ended = true;
            server.transport.finish_sending();
            server.is_told_the_end = true;
            return Ok(false);
        }
        self.give_up_broken()?;
        let are_told = self.sides.iter().all(|side| side.is_told_the_end && !side.transport.holds_unsent());
        if are_told && self.sides.iter().all(|side| side.has_ended) {
            return Ok(true);
        }
        let mut held = [false; 2];
        for (at, side) in self.sides.iter_mut().enumerate() {
            if side.has_room() && side.transport.holds_unread() {
                held[at] = side.receive().map_err(|MalformedChunk| Broken::Malformed)?;
            }
        }
        if held == [false; 2] {
            self.wait_and_receive(idle_timeout, stop)?;
        }
        Ok(false)
    }

    /// Ends a tunnel of which a side is gone, once the other has all that it had said, or takes nothing more.
    fn give_up_broken(&mut self) -> Result<(), Broken> {
        let Some(at) = self.sides.iter().position(|side| side.is_deaf) else { return Ok(()) };
        let (at, _) = *self.broken.get_or_insert((at, Instant::now()));
        let (gone, other) = (&self.sides[at], &self.sides[1 - at]);
        let has_all = gone.has_said_all() && !other.transport.holds_unsent();
        if has_all || other.is_deaf || self.is_untaken() { Err(Broken::At(at)) } else { Ok(()) }
    }

    /// Whether the other side has taken nothing for too long of what one has left that is gone.
    fn is_untaken(&self) -> bool {
        self.untaken_until().is_some_and(|until| Instant::now() >= until)
    }

    fn untaken_until(&self) -> Option<Instant> {
        self.broken.map(|(at, since)| self.sides[1 - at].given_at.map_or(since, |given| given.max(since)) + UNTAKEN)
    }

    fn wait_and_receive(&mut self, idle_timeout: Option<Duration>, stop: BorrowedFd<'_>) -> Result<(), Broken> {
        let [client, server] = &self.sides;
        let waits = |side: &TunnelSide| !side.buffer.unread().is_empty();
        let watched = [(Some(stop), PollFlags::IN), client.watched(waits(server)), server.watched(waits(client))];
        let idle = idle_timeout.map(|timeout| self.last + timeout);
        let rest = self.is_hot.then(|| Instant::now() + PATIENCE);
        let deadline = idle.into_iter().chain(rest).chain(self.untaken_until()).min();
        let ready = wait_on(watched, deadline).map_err(|_| Broken::At(0))?;
        let now = Instant::now();
        let is_quiet = ready.iter().all(|ready| ready.is_empty());
        let [stopped, ready @ ..] = ready;
        if stopped.intersects(READABLE) {
            return Err(Broken::Stopped);
        }
        if is_quiet && idle.is_some_and(|idle| now >= idle) {
            return Err(Broken::Idle);
        }
        if is_quiet && rest.is_some_and(|rest| now >= rest) {
            self.is_hot = false;
            self.sides.iter_mut().for_each(TunnelSide::give_memory_back);
            return Ok(());
        }
        (self.last, self.is_hot) = (now, true);
        for (side, ready) in self.sides.iter_mut().zip(ready) {
            if side.has_room() && ready.intersects(READABLE) {
                side.receive().map_err(|MalformedChunk| Broken::Malformed)?;
            } else {
                side.is_deaf |= ready.contains(PollFlags::ERR);
                side.far_end.polled(ready);
            }
        }
        Ok(())
    }
}
