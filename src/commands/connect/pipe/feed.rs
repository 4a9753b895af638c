//! What a pipe sends: the messages of `-d`, then stdin, at its pace.

use std::collections::VecDeque;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use super::resend_buffer::{Part, Unwritten};
use crate::net::Outlet;
use crate::stdio::input::{Fault, Item, Source};
use crate::stdio::output::Format;
use crate::ws::{Kind, Tally};

/// How messages are sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Between the beginnings of two messages.
    pub(super) interval: Option<Duration>,
    /// Messages under so many bytes go uncompressed.
    pub(super) compress_from: usize,
    /// Fragments of this size, in bytes.
    pub(super) part: usize,
}

#[derive(Debug)]
pub(super) struct Feed {
    opening: Vec<(Kind, Vec<u8>)>,
    /// Those of `opening` that this connection hasn't seen.
    due: VecDeque<(Kind, Vec<u8>)>,
    source: Option<Box<dyn Source>>,
    manner: Manner,
    /// Nothing is sent before this.
    next: Option<Instant>,
    /// With `--reconnect`.
    pub(super) unwritten: Option<Unwritten>,
    inside: bool,
    /// Nothing is read: we stay for what arrives.
    pub(super) listens: bool,
    /// What the last connection didn't take.
    leftover: VecDeque<Part>,
    /// Messages and bytes that were sent.
    pub(super) sent: Tally,
}

impl Feed {
    pub(super) fn new(opening: Vec<(Kind, Vec<u8>)>, source: Option<Box<dyn Source>>, manner: Manner) -> Self {
        let source_is_none = source.is_none();
        Self {
            due: opening.iter().cloned().collect(),
            opening,
            source,
            manner,
            next: None,
            listens: source_is_none,
            unwritten: None,
            inside: false,
            leftover: VecDeque::new(),
            sent: Tally::default(),
        }
    }

    /// A new connection: the messages of `-d` are sent again, and what the last one didn't take.
    pub(super) fn begin_again(&mut self) {
        self.due = self.opening.iter().cloned().collect();
        self.next = None;
        self.leftover = self.unwritten.as_mut().map(Unwritten::take).unwrap_or_default();
        // What was begun is begun again.
        self.inside = false;
    }

    /// Something is due that isn't waited for on a descriptor.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        (!self.leftover.is_empty() || !self.due.is_empty()) && self.next.is_none_or(|next| now >= next)
    }

    /// Nothing more will ever be sent.
    pub(super) fn is_finished(&self) -> bool {
        self.source.is_none() && self.due.is_empty() && self.leftover.is_empty()
    }

    pub(super) fn stop(&mut self) {
        self.source = None;
        self.next = None;
        self.leftover.clear();
        self.due.clear();
    }

    /// What is to be read, while it is time to.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.source.as_ref().filter(|_| self.next.is_none()).map(|source| source.as_fd())
    }

    /// When the next message is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next
    }

    /// # Errors
    /// What the system says.
    pub(super) fn read(&mut self) -> io::Result<()> {
        self.source.as_mut().map_or(Ok(()), |source| source.read())
    }

    /// Sends what is ready and due. Returns whether the input has closed the connection.
    ///
    /// # Errors
    /// What can't be sent.
    pub(super) fn send(
        &mut self,
        now: Instant,
        outlet: &mut Outlet<'_>,
        format: &mut dyn Format,
    ) -> Result<bool, Fault> {
        let frames = format.wants_frames();
        let Self { due, source, manner, next, unwritten, inside, leftover, sent, .. } = self;
        if next.is_some_and(|next| now < next) {
            return Ok(false);
        }
        *next = None;
        let later = manner.interval.map(|interval| now + interval);
        let mut sending = Sending { outlet, manner, unwritten, inside, sent, format: frames.then_some(format) };
        while let Some((kind, content)) = due.pop_front() {
            sending.opening(kind, &content);
            if later.is_some() {
                *next = later;
                return Ok(false);
            }
        }
        while let Some(Part { kind, bytes, last, .. }) = leftover.pop_front() {
            sending.part(kind, &bytes, last);
            if later.is_some() && last {
                *next = later;
                return Ok(false);
            }
        }
        let Some(input) = source else { return Ok(false) };
        while let Some(item) = input.next()? {
            match item {
                Item::Part { kind, bytes, last } => {
                    sending.part(kind, bytes, last);
                    if later.is_some() && last {
                        *next = later;
                        break;
                    }
                }
                Item::Wait(time) => {
                    *next = Some(now + time);
                    break;
                }
                // Refused when the connection is closing already.
                Item::Ping(payload) => drop(sending.outlet.ping(&payload)),
                Item::Pong(payload) => drop(sending.outlet.pong(&payload)),
                Item::Close(close) => {
                    drop(sending.outlet.close(&close));
                    return Ok(true);
                }
            }
        }
        if input.is_finished() {
            *source = None;
        }
        Ok(false)
    }
}

/// One round of sending.
struct Sending<'a, 'b> {
    outlet: &'a mut Outlet<'b>,
    manner: &'a Manner,
    unwritten: &'a mut Option<Unwritten>,
    inside: &'a mut bool,
    sent: &'a mut Tally,
    /// Where it has to be told.
    format: Option<&'a mut dyn Format>,
}

impl Sending<'_, '_> {
    /// A message of `-d`. It is sent again on every connection anyway, so nobody keeps it.
    fn opening(&mut self, kind: Kind, content: &[u8]) {
        let unwritten = self.unwritten.take();
        let mut parts = content.chunks(self.manner.part).peekable();
        if content.is_empty() {
            self.part(kind, b"", true);
        }
        while let Some(part) = parts.next() {
            self.part(kind, part, parts.peek().is_none());
        }
        *self.unwritten = unwritten;
    }

    fn part(&mut self, kind: Kind, bytes: &[u8], last: bool) {
        let begins = !std::mem::replace(self.inside, !last);
        if begins && self.manner.compress_from > 0 {
            self.outlet.compress(!last || bytes.len() >= self.manner.compress_from);
        }
        if let Some(format) = &mut self.format {
            format.sent(kind, bytes, last);
        }
        // Refused after our Close; nobody asks for more by then.
        let _ = self.outlet.data(kind, bytes, last);
        self.sent.add(bytes.len(), last);
        if let Some(unwritten) = self.unwritten {
            unwritten.sent(kind, bytes, last, self.outlet);
        }
    }
}
