//! What a pipe sends: the messages of `-d`, then stdin, at its pace, and no more at once than the peer takes.

use std::collections::VecDeque;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use super::gate::Gate;
use super::request_feed::RequestFeed;
use super::resend_buffer::{ResendBuffer, SentPart};
use super::rest::{Rest, has_end};
use super::send_round::SendRound;
use crate::advice;
use crate::commands::connect::config::SendOptions;
use crate::net::{Schedule, Sender, is_readable};
use crate::script::Condition;
use crate::stdio::input::{InputFault, Source, Step};
use crate::view::amount::Count;
use crate::ws::{Counters, Item, Kind};

#[derive(Debug)]
pub(super) struct StdinFeed {
    request: RequestFeed,
    source: Option<Box<dyn Source>>,
    options: SendOptions,
    /// `--rate` or `--delay`.
    schedule: Schedule,
    /// The input says to wait until then.
    pause: Option<Instant>,
    /// With `--reconnect`.
    pub(super) resend_buffer: Option<ResendBuffer>,
    /// A message has begun and not ended.
    inside: bool,
    /// A message of stdin that is to be filled in, as far as it has been read.
    unfilled: Vec<u8>,
    pub(super) gate: Gate,
    /// The source has been read, and may have more that isn't due yet.
    holds_back: bool,
    /// Nothing is read: we stay for what arrives.
    pub(super) listens: bool,
    /// The source has ended, and nothing at all was in it.
    pub(super) source_was_empty: bool,
    /// What was not all sent when it was stopped, in words.
    left: Option<&'static str>,
    /// What the last connection didn't take.
    leftover: VecDeque<SentPart>,
    /// Messages and bytes that were sent.
    pub(super) sent: Counters,
}

impl StdinFeed {
    /// Without a `source` only the messages of `request` are sent, and then we `listen`, or are finished.
    pub(super) fn new(
        request: Vec<(Kind, Vec<u8>)>,
        source: Option<Box<dyn Source>>,
        listens: bool,
        options: SendOptions,
        gate: Gate,
    ) -> Self {
        Self {
            request: RequestFeed::new(request),
            schedule: Schedule::new(options.interval),
            options,
            pause: None,
            listens,
            source_was_empty: false,
            source,
            resend_buffer: None,
            inside: false,
            unfilled: Vec::new(),
            gate,
            holds_back: false,
            left: None,
            leftover: VecDeque::new(),
            sent: Counters::default(),
        }
    }

    /// A new connection: the messages of `-d` are sent again, and what the last one didn't take.
    pub(super) fn begin_again(&mut self) {
        self.request.begin_again();
        self.schedule.reset();
        self.pause = None;
        self.leftover = self.resend_buffer.as_mut().map(ResendBuffer::take).unwrap_or_default();
        self.gate.begin_again();
        // What was begun is begun again.
        self.inside = false;
    }

    /// Something is due that isn't waited for on a descriptor.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.has_something() && self.may_send(now)
    }

    /// Something is there that waits for nothing but the peer to take what was sent before it.
    pub(super) fn has_more(&self) -> bool {
        let waits = if self.request.is_finished() {
            !self.leftover.is_empty() && self.gate.lets_stdin()
        } else {
            self.gate.lets_request()
        };
        waits && self.may_send(Instant::now())
    }

    /// Nothing more will ever be sent.
    pub(super) fn is_finished(&self) -> bool {
        self.source.is_none() && self.request.is_finished() && self.leftover.is_empty()
    }

    /// What had to come before stdin was sent, and hasn't.
    pub(super) fn unmet(&self) -> Option<&Condition> {
        self.gate.unmet().filter(|_| !self.listens)
    }

    /// Whether a message has begun whose rest isn't sent where it stops here.
    pub(super) fn stops_inside_message(&self) -> bool {
        self.inside
    }

    /// What is there and isn't all sent, in words. Where it isn't stopped yet, it is over all the same.
    pub(super) fn left(&mut self) -> Option<&'static str> {
        if self.left.is_none() {
            let of_request = (!self.request.is_finished()).then_some(advice::REST_OF_REQUEST);
            self.left = of_request.or_else(|| self.holds_something().then_some(advice::REST_OF_STDIN));
        }
        self.left
    }

    /// Looks for something that was read, or can be. What it finds is lost.
    fn holds_something(&mut self) -> bool {
        let Some(source) = self.source.as_mut() else { return false };
        let has_more = |source: &mut dyn Source| matches!(source.next(), Ok(Some(_)));
        has_more(&mut **source) || (is_readable(source.as_fd()) && source.read().is_ok() && has_more(&mut **source))
    }

    /// What the end of the time has kept from being sent, where it was expected to be. What it looks at is lost.
    ///
    /// Whoever writes without end, as `yes` and `tail -f` do, expects no end of it: what is there of their lines at that
    /// moment is chance. What waits here because of a flag is another matter, and so is all of an input that has an end.
    pub(super) fn expected(&mut self) -> Option<String> {
        let of_request = self.request.left();
        let held = self.leftover.iter().filter(|part| part.last).count() as u64;
        let is_held_back = self.holds_back || !self.gate.lets_stdin() || held > 0 || of_request > 0 || self.inside;
        let rest = match &mut self.source {
            Some(source) if is_held_back || has_end(source.as_fd()) => Rest::of(&mut **source),
            Some(_) | None => Rest::NONE,
        };
        self.left = (of_request > 0).then_some(advice::REST_OF_REQUEST);
        let of_stdin = Rest { messages: rest.messages + held, ..rest };
        if of_stdin.is_any() {
            self.left = self.left.or(Some(advice::REST_OF_STDIN));
        }
        let of_request = (of_request > 0).then(|| advice::of_request(Count(of_request, "message")));
        let left: Vec<_> = [of_request, of_stdin.words()].into_iter().flatten().collect();
        (!left.is_empty()).then(|| format!("not sent: {}", left.join(", ")))
    }

    pub(super) fn stop(&mut self) {
        self.left();
        self.source = None;
        self.schedule.reset();
        self.pause = None;
        self.holds_back = false;
        self.leftover.clear();
        self.request.stop();
    }

    /// What is to be read, once all that was read before is sent.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.source.as_ref().filter(|_| !self.holds_back && self.gate.lets_stdin()).map(|source| source.as_fd())
    }

    /// When the next message is due, where one waits for it.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.schedule.next().max(self.pause).filter(|_| self.has_something())
    }

    /// There is something to send without reading more.
    fn has_something(&self) -> bool {
        if self.request.is_finished() {
            (self.holds_back || !self.leftover.is_empty()) && self.gate.lets_stdin()
        } else {
            self.gate.lets_request()
        }
    }

    /// What has begun goes on at any time.
    fn may_send(&self, now: Instant) -> bool {
        self.inside || (self.schedule.is_due(now) && self.pause.is_none_or(|pause| now >= pause))
    }

    /// Whether the source began with a byte order mark, which is not sent; true once.
    pub(super) fn take_byte_order_mark(&mut self) -> bool {
        self.source.as_mut().is_some_and(|source| source.reader_mut().take_passed_over())
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
    pub(super) fn send(&mut self, now: Instant, sender: &mut Sender<'_>) -> Result<bool, InputFault> {
        if !self.may_send(now) {
            return Ok(false);
        }
        self.pause = None;
        // What follows may come to the source, or end before it.
        self.holds_back = self.source.is_some();
        let Self { request, source, unfilled, options, schedule, resend_buffer, inside, gate, leftover, sent, .. } =
            self;
        let mut sending = SendRound { sender, options, resend_buffer, inside, sent, now, schedule, gate };
        if !request.send(&mut sending)? || !send_leftover(leftover, &mut sending) || !sending.gate.lets_stdin() {
            return Ok(false);
        }
        self.holds_back = false;
        let Some(input) = source else { return Ok(false) };
        match send_source(&mut **input, unfilled, &mut sending)? {
            Stopped::Drained => {}
            Stopped::HoldsBack => self.holds_back = true,
            Stopped::Pauses(time) => (self.holds_back, self.pause) = (true, Some(now + time)),
            Stopped::Closed => return Ok(true),
        }
        if input.is_finished() {
            self.source_was_empty = input.reader().is_empty();
            *source = None;
        }
        Ok(false)
    }
}

/// Why no more of the source is sent now.
enum Stopped {
    /// Nothing is left of what was read.
    Drained,
    /// The next message isn't due, or waits for an answer.
    HoldsBack,
    /// The input says to wait for so long.
    Pauses(Duration),
    /// The input has closed the connection.
    Closed,
}

/// Sends what was read of the source, as far as it is due.
///
/// # Errors
/// What can't be sent.
fn send_source(
    source: &mut dyn Source,
    unfilled: &mut Vec<u8>,
    sending: &mut SendRound<'_, '_>,
) -> Result<Stopped, InputFault> {
    loop {
        // Taken apart where it lies: a step that is moved out first costs a stall with every line.
        match source.next() {
            Ok(Some(Step::Send(Item::Part { kind, bytes, last }))) => {
                send_part(kind, bytes, last, unfilled, sending)?;
                if last && !(sending.is_due() && sending.gate.lets_stdin()) {
                    return Ok(Stopped::HoldsBack);
                }
            }
            Ok(Some(Step::Send(item))) => {
                let closes = item.is_close();
                // Refused when the connection is closing already.
                let _ = sending.sender.send(item);
                if closes {
                    return Ok(Stopped::Closed);
                }
            }
            Ok(Some(Step::Wait(time))) => return Ok(Stopped::Pauses(time)),
            Ok(None) => return Ok(Stopped::Drained),
            Err(fault) => return Err(fault),
        }
    }
}

/// Sends the next part of a message of the source; of one that is to be filled in, all of it with the last.
fn send_part(
    kind: Kind,
    bytes: &[u8],
    last: bool,
    unfilled: &mut Vec<u8>,
    sending: &mut SendRound<'_, '_>,
) -> Result<(), InputFault> {
    if sending.gate.fills() && kind == Kind::Text {
        gather(unfilled, bytes)?;
        if last {
            let filled = sending.gate.fill(&std::mem::take(unfilled))?;
            sending.piece(kind, &filled, true);
        }
    } else {
        sending.piece(kind, bytes, last);
    }
    if last {
        sending.ended();
    }
    Ok(())
}

/// The longest message that can be filled in, in bytes.
const FILLED: usize = 16 << 20;

fn gather(message: &mut Vec<u8>, part: &[u8]) -> Result<(), InputFault> {
    if message.len() + part.len() > FILLED {
        return Err(InputFault::Other("a message of stdin is over 16 MiB, and no longer one can be filled in".into()));
    }
    message.extend_from_slice(part);
    Ok(())
}

/// Returns whether all of it is sent, and what follows may be.
fn send_leftover(leftover: &mut VecDeque<SentPart>, sending: &mut SendRound<'_, '_>) -> bool {
    while let Some(part) = leftover.front() {
        let may_begin = *sending.inside || sending.gate.lets_stdin();
        if !may_begin || !sending.goes_on_or_is_due() || !sending.has_room() {
            return false;
        }
        let last = part.last;
        if let Some(part) = leftover.pop_front() {
            sending.again(&part);
        }
        if last {
            sending.ended();
        }
    }
    sending.goes_on_or_is_due()
}
