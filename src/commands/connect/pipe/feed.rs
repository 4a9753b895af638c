//! What a pipe sends: the messages of `-d`, then stdin, at its pace.

use std::collections::VecDeque;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Instant;

use super::resend_buffer::{Part, ResendBuffer};
use crate::commands::connect::config::SendOptions;
use crate::net::{Schedule, Sender};
use crate::stdio::input::{Fault, Source, Step};
use crate::ws::{Counters, Item, Kind};

#[derive(Debug)]
pub(super) struct StdinFeed {
    request: Vec<(Kind, Vec<u8>)>,
    /// Those of `request` that this connection hasn't seen.
    due: VecDeque<(Kind, Vec<u8>)>,
    source: Option<Box<dyn Source>>,
    options: SendOptions,
    /// `--rate` or `--delay`.
    schedule: Schedule,
    /// The input says to wait until then.
    pause: Option<Instant>,
    /// With `--reconnect`.
    pub(super) resend_buffer: Option<ResendBuffer>,
    inside: bool,
    /// The source has been read, and may have more that isn't due yet.
    holds_back: bool,
    /// Nothing is read: we stay for what arrives.
    pub(super) listens: bool,
    /// What the last connection didn't take.
    leftover: VecDeque<Part>,
    /// Messages and bytes that were sent.
    pub(super) sent: Counters,
}

impl StdinFeed {
    pub(super) fn new(request: Vec<(Kind, Vec<u8>)>, source: Option<Box<dyn Source>>, options: SendOptions) -> Self {
        let source_is_none = source.is_none();
        Self {
            due: request.iter().cloned().collect(),
            request,
            source,
            schedule: Schedule::new(options.interval),
            options,
            pause: None,
            listens: source_is_none,
            resend_buffer: None,
            inside: false,
            holds_back: false,
            leftover: VecDeque::new(),
            sent: Counters::default(),
        }
    }

    /// A new connection: the messages of `-d` are sent again, and what the last one didn't take.
    pub(super) fn begin_again(&mut self) {
        self.due = self.request.iter().cloned().collect();
        self.schedule.reset();
        self.pause = None;
        self.leftover = self.resend_buffer.as_mut().map(ResendBuffer::take).unwrap_or_default();
        // What was begun is begun again.
        self.inside = false;
    }

    /// Something is due that isn't waited for on a descriptor.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.has_something() && self.may_send(now)
    }

    /// Nothing more will ever be sent.
    pub(super) fn is_finished(&self) -> bool {
        self.source.is_none() && self.due.is_empty() && self.leftover.is_empty()
    }

    pub(super) fn stop(&mut self) {
        self.source = None;
        self.schedule.reset();
        self.pause = None;
        self.holds_back = false;
        self.leftover.clear();
        self.due.clear();
    }

    /// What is to be read, once all that was read before is sent.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.source.as_ref().filter(|_| !self.holds_back).map(|source| source.as_fd())
    }

    /// When the next message is due, where one waits for it.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.schedule.next().max(self.pause).filter(|_| self.has_something())
    }

    /// There is something to send without reading more.
    fn has_something(&self) -> bool {
        self.holds_back || !self.due.is_empty() || !self.leftover.is_empty()
    }

    fn may_send(&self, now: Instant) -> bool {
        self.schedule.is_due(now) && self.pause.is_none_or(|pause| now >= pause)
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
    pub(super) fn send(&mut self, now: Instant, sender: &mut Sender<'_>) -> Result<bool, Fault> {
        if !self.may_send(now) {
            return Ok(false);
        }
        self.pause = None;
        // What follows may come to the source, or end before it.
        self.holds_back = self.source.is_some();
        let Self { due, source, options, schedule, resend_buffer, inside, leftover, sent, .. } = self;
        let mut sending = Sending { sender, options, resend_buffer, inside, sent };
        while let Some((kind, content)) = due.pop_front() {
            sending.request(kind, &content);
            schedule.begun(now);
            if !schedule.is_due(now) {
                return Ok(false);
            }
        }
        while let Some(Part { kind, bytes, last, .. }) = leftover.pop_front() {
            sending.part(kind, &bytes, last);
            if last {
                schedule.begun(now);
                if !schedule.is_due(now) {
                    return Ok(false);
                }
            }
        }
        self.holds_back = false;
        let Some(input) = source else { return Ok(false) };
        while let Some(step) = input.next()? {
            match step {
                Step::Send(Item::Part { kind, bytes, last }) => {
                    sending.part(kind, bytes, last);
                    if last {
                        schedule.begun(now);
                        if !schedule.is_due(now) {
                            self.holds_back = true;
                            break;
                        }
                    }
                }
                Step::Send(item) => {
                    let closes = matches!(item, Item::Close(_));
                    // Refused when the connection is closing already.
                    let _ = sending.sender.send(item);
                    if closes {
                        return Ok(true);
                    }
                }
                Step::Wait(time) => {
                    self.pause = Some(now + time);
                    self.holds_back = true;
                    break;
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
    sender: &'a mut Sender<'b>,
    options: &'a SendOptions,
    resend_buffer: &'a mut Option<ResendBuffer>,
    inside: &'a mut bool,
    sent: &'a mut Counters,
}

impl Sending<'_, '_> {
    /// A message of `-d`. It is sent again on every connection anyway, so nobody keeps it.
    fn request(&mut self, kind: Kind, content: &[u8]) {
        let resend_buffer = self.resend_buffer.take();
        let mut parts = content.chunks(self.options.part()).peekable();
        if content.is_empty() {
            self.part(kind, b"", true);
        }
        while let Some(part) = parts.next() {
            self.part(kind, part, parts.peek().is_none());
        }
        *self.resend_buffer = resend_buffer;
    }

    fn part(&mut self, kind: Kind, bytes: &[u8], last: bool) {
        let begins = !std::mem::replace(self.inside, !last);
        if begins && self.options.compress_from > 0 {
            self.sender.set_compress(!last || bytes.len() >= self.options.compress_from);
        }
        // Refused after our Close; nobody asks for more by then.
        let _ = self.sender.data(kind, bytes, last);
        self.sent.add(bytes.len(), last);
        if let Some(resend_buffer) = self.resend_buffer {
            resend_buffer.sent(kind, bytes, last, self.sender);
        }
    }
}
