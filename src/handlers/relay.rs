//! What one of two peers says, sent to the other as it is: the half of a proxy that is one direction.
//!
//! A frame goes on as it arrives, with its length and its FIN, where neither side compresses, and where the other can inflate what
//! this one has compressed: then it is inflated here only to be checked. Where one compresses otherwise than the other, the length of
//! a frame is another on the other side: it is gathered before it goes on, up to [`ONE_FRAME`], and ends there as it ended here.
//! What is longer goes on in frames of our own, in bounded memory.

use std::time::Instant;

use super::changing::{Changing, PassesOn, are_between_frames, close_both};
use super::fragments::ONE_FRAME;
use super::intervention::{Intervening, LastWord, RelayPerson};
use crate::net::{JoinedHandler, RELAY_LIMIT, Sender};
use crate::script::RuleSpeaker;
use crate::ws::negotiation::DeflateParams;
use crate::ws::{Close, Data, Event, Item, MAX_CLOSE_REASON, OwnedItem, StatusCode, ViolatingFrame, prefix};

/// The peer that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelayFrom {
    Client,
    Server,
}

impl RelayFrom {
    /// As rules know it.
    pub(crate) fn speaker(self) -> RuleSpeaker {
        match self {
            Self::Client => RuleSpeaker::Client,
            Self::Server => RuleSpeaker::Server,
        }
    }

    /// As the log and a Close name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The way that what it says takes.
    pub(crate) fn way(self) -> &'static str {
        self.speaker().way()
    }
}

/// Who is told of a frame that breaks the protocol.
pub(crate) type OnViolation<'a> = Box<dyn FnMut(RelayFrom, &ViolatingFrame) + 'a>;

/// What is done with what one peer says.
pub(crate) struct Relay<'a> {
    from: RelayFrom,
    on_violation: OnViolation<'a>,
    /// Compression was agreed with the peer: a message that it doesn't compress isn't compressed for the other either.
    may_compress: bool,
    /// Messages go on as the peer has compressed them. Once one has gone through our own compressor, none does: it isn't in what the
    /// peer refers back to.
    passes_packed: bool,
    /// The frame that goes on so has begun on the other side.
    has_begun_packed: bool,
    /// The beginning of a frame of which not all is there.
    gathered: Vec<u8>,
    /// Bytes that it inflates to, where it goes on as it was compressed.
    inflated: usize,
    /// In a box, since most have none.
    changing: Option<Box<Changing<'a>>>,
    /// What a person does, before the rules.
    intervening: Option<Box<Intervening<'a>>>,
}

impl<'a> Relay<'a> {
    /// `agreed` is what was negotiated with the peer.
    pub(crate) fn new(from: RelayFrom, agreed: Option<DeflateParams>, on_violation: OnViolation<'a>) -> Self {
        Self {
            from,
            on_violation,
            may_compress: agreed.is_some(),
            passes_packed: false,
            has_begun_packed: false,
            gathered: Vec::new(),
            inflated: 0,
            changing: None,
            intervening: None,
        }
    }

    /// Gives messages on as the peer has compressed them, until somebody looks at what goes out. Only where the other can inflate
    /// them, and where nobody changes or adds any, in either direction.
    pub(crate) fn packed(self, passes_packed: bool) -> Self {
        Self { passes_packed, ..self }
    }

    /// Changes what goes on.
    pub(crate) fn changed(self, changing: Option<Changing<'a>>) -> Self {
        Self { changing: changing.map(Box::new), ..self }
    }

    /// Has a person hold messages and add some.
    pub(crate) fn intervened(self, person: Option<RelayPerson<'a>>) -> Self {
        let speaker = self.from.speaker();
        Self { intervening: person.map(|person| Box::new(Intervening::new(person, speaker))), ..self }
    }

    /// Part of a message, which the rules may change.
    fn change(&mut self, data: &Data<'_>, own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) {
        if !self.with_changing(|changing, relay| changing.data(data, relay, own, other)) {
            self.data(data, other);
        }
    }

    fn rules_wait(&self) -> bool {
        self.changing.as_ref().is_some_and(|changing| changing.is_waiting())
    }

    /// Sends on what a person holds no more, as far as there is room for it on the other side, and then what has to stand behind
    /// all of it. Returns whether there was anything.
    fn send_free(&mut self, mut own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) -> bool {
        let mut has_gone = false;
        // Behind a Close of ours nothing can be sent: who was to have it is told so when the turn is over.
        while !self.rules_wait() && !other.is_closing() && other.backlog() < RELAY_LIMIT {
            let Some(mut free) = self.intervening.as_mut().and_then(|intervening| intervening.next()) else {
                return self.send_last(own, other) || has_gone;
            };
            free.tell_piece(|data| self.change(data, own.as_deref_mut(), other));
            if let Some(intervening) = &mut self.intervening {
                intervening.keep_rest(free);
            }
            has_gone = true;
        }
        has_gone
    }

    /// What stands behind everything that a person holds. Returns whether there was anything.
    fn send_last(&mut self, own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) -> bool {
        let Some(last) = self.intervening.as_mut().and_then(|intervening| intervening.last.take()) else {
            return false;
        };
        match last {
            LastWord::Close(close) => self.control(Item::Close(close), own, other),
            LastWord::Violation(frame) => self.violation(&frame, other),
        }
        true
    }

    /// Says it behind all that a person holds of what the peer has said before.
    fn say_last(&mut self, last: LastWord, own: &mut Sender<'_>, other: &mut Sender<'_>) {
        match (&mut self.intervening, last) {
            (Some(intervening), last) => {
                intervening.release();
                intervening.last = Some(last);
                self.send_free(Some(own), other);
            }
            (None, LastWord::Close(close)) => self.control(Item::Close(close), Some(own), other),
            (None, LastWord::Violation(frame)) => self.violation(&frame, other),
        }
    }

    /// Does what a person wants between two messages or frames.
    fn take_persons_place(&mut self, now: Instant, own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) {
        let rules_wait = self.rules_wait();
        let Some(intervening) = &mut self.intervening else { return };
        intervening.inject(other);
        intervening.note_under_way(rules_wait);
        if let Some(close) = intervening.take_persons_close(now, are_between_frames(own.as_deref(), other)) {
            close_both(&close, own, other);
        }
    }

    /// What breaks the protocol stands where it stood.
    fn violation(&mut self, frame: &ViolatingFrame, other: &mut Sender<'_>) {
        self.with_changing(|changing, relay| changing.release(relay, other));
        (self.on_violation)(self.from, frame);
    }

    /// Does something by the rules, if there are any, which send through here.
    fn with_changing(&mut self, act: impl FnOnce(&mut Changing<'a>, &mut Self)) -> bool {
        let Some(mut changing) = self.changing.take() else { return false };
        act(&mut changing, self);
        self.changing = Some(changing);
        true
    }

    fn control(&mut self, frame: Item<'_>, own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) {
        let held = match (&frame, &self.changing) {
            (Item::Ping(payload), Some(_)) => OwnedItem::Ping(payload.to_vec()),
            (Item::Pong(payload), Some(_)) => OwnedItem::Pong(payload.to_vec()),
            (Item::Close(close), Some(_)) => OwnedItem::Close(close.clone()),
            _ => {
                // Refused behind a Close that was sent already.
                let _ = other.send(frame);
                return;
            }
        };
        self.with_changing(|changing, relay| changing.control(held, relay, own, other));
    }

    // What is refused in here has nowhere to go: the other side is closing.
    fn data(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        if data.first {
            self.passes_packed &= other.takes_packed();
            if self.may_compress {
                other.set_compress(data.compressed && !self.passes_packed);
            }
        }
        if data.compressed && self.passes_packed {
            self.packed_part(data, other);
        } else if other.compresses() || data.compressed {
            self.frame_part(data, other);
        } else if other.is_inside_frame() {
            other.frame_part(data.bytes);
        } else if data.ends_frame {
            let _ = other.data(data.kind, data.bytes, data.last);
        } else {
            begin_frame(data, other);
        }
    }

    /// Part of a frame that goes on as it was compressed: at once where it is longer than [`ONE_FRAME`], and its end, as all of a
    /// shorter one, only once what is in it has been checked.
    fn packed_part(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        let Data { bytes, packed, ends_frame, to_come, .. } = *data;
        let length = (self.gathered.len() + packed.len()) as u64 + to_come;
        let is_short = !self.has_begun_packed && length <= ONE_FRAME as u64;
        self.inflated += bytes.len();
        if !ends_frame && (is_short || to_come == 0) {
            self.gathered.extend_from_slice(packed);
            return;
        }
        if !self.has_begun_packed {
            // Refused behind a Close that was sent already, and then no part goes out either.
            let _ = other.begin_packed_frame(data.kind, usize::try_from(length).unwrap_or(usize::MAX), data.is_final);
        }
        self.has_begun_packed = !ends_frame;
        let (mut gathered, inflated) = (std::mem::take(&mut self.gathered), std::mem::take(&mut self.inflated));
        if gathered.is_empty() {
            other.packed_part(packed, inflated);
        } else {
            gathered.extend_from_slice(packed);
            other.packed_part(&gathered, inflated);
        }
    }

    /// Part of a frame that has another length on the other side.
    fn frame_part(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        let mut content = data.bytes;
        if !self.gathered.is_empty() || !data.ends_frame {
            self.gathered.extend_from_slice(content);
            content = &self.gathered;
        }
        if data.ends_frame && !data.last {
            let _ = other.data_to_end_of_frame(data.kind, content);
        } else if data.ends_frame || content.len() >= ONE_FRAME {
            let _ = other.data(data.kind, content, data.last);
        } else {
            return;
        }
        self.gathered.clear();
    }
}

/// Begins a frame of which only a part is there, and the length is known.
fn begin_frame(data: &Data<'_>, other: &mut Sender<'_>) {
    let length = usize::try_from(data.bytes.len() as u64 + data.to_come).unwrap_or(usize::MAX);
    if other.begin_frame(data.kind, length, data.is_final) == Ok(true) {
        other.frame_part(data.bytes);
    }
}

impl PassesOn for Relay<'_> {
    fn pass_on(&mut self, data: &Data<'_>, other: &mut Sender<'_>) {
        self.data(data, other);
    }

    fn makes_way_for_close(&mut self) -> bool {
        self.intervening.as_mut().is_none_or(|intervening| intervening.makes_way_for_close())
    }
}

impl JoinedHandler for Relay<'_> {
    fn event(&mut self, event: Event<'_>, own: &mut Sender<'_>, other: &mut Sender<'_>) {
        match event {
            Event::Data(data) => {
                let is_taken = self.intervening.as_mut().is_some_and(|intervening| intervening.take(&data));
                if is_taken {
                    self.send_free(Some(own), other);
                } else {
                    self.change(&data, Some(own), other);
                }
            }
            Event::Ping(payload) => self.control(Item::Ping(payload), Some(own), other),
            Event::Pong(payload) => self.control(Item::Pong(payload), Some(own), other),
            Event::Close(close) => self.say_last(LastWord::Close(close), own, other),
            Event::Violation(frame) => self.say_last(LastWord::Violation(frame), own, other),
            Event::Raw(bytes) => other.pass_raw(bytes),
            Event::Frame(_) => {}
        }
    }

    fn go_on(&mut self, mut own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) -> bool {
        let waited = self.rules_wait();
        self.with_changing(|changing, relay| changing.go_on(relay, own.as_deref_mut(), other));
        let is_done = waited && !self.rules_wait();
        self.send_free(own, other) || is_done
    }

    fn is_waiting(&self) -> bool {
        self.rules_wait() || self.intervening.as_ref().is_some_and(|intervening| intervening.has_more())
    }

    fn waits_for_place(&self) -> bool {
        self.changing.as_ref().is_some_and(|changing| changing.waits_for_place())
            || self.intervening.as_ref().is_some_and(|intervening| intervening.waits_for_place())
    }

    fn take_place(&mut self, mut own: Option<&mut Sender<'_>>, other: &mut Sender<'_>) {
        self.with_changing(|changing, relay| changing.take_place(relay, own.as_deref_mut(), other));
        if !other.is_closing() {
            self.take_persons_place(Instant::now(), own, other);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let of_rules = self.changing.as_ref().and_then(|changing| changing.deadline());
        let of_person = self.intervening.as_ref().and_then(|intervening| intervening.deadline());
        of_rules.into_iter().chain(of_person).min()
    }

    fn hurry(&mut self) {
        self.changing.iter_mut().for_each(|changing| changing.hurry());
    }

    fn give_up(&mut self) {
        self.changing.iter_mut().for_each(|changing| changing.give_up());
        let last = self.intervening.as_mut().and_then(|intervening| intervening.give_up());
        if let Some(LastWord::Violation(frame)) = last {
            (self.on_violation)(self.from, &frame);
        }
    }

    fn after_turn(
        &mut self,
        now: Instant,
        mut own: Option<&mut Sender<'_>>,
        other: Option<&mut Sender<'_>>,
        is_over: bool,
    ) {
        self.changing.iter_mut().for_each(|changing| changing.send_put_off(own.as_deref_mut()));
        let Some(intervening) = &mut self.intervening else { return };
        // Behind our Close nothing can be sent any more.
        let Some(other) = other.filter(|other| !other.is_closing()) else { return self.give_up() };
        match is_over {
            true => intervening.release(),
            false => intervening.expire(now),
        }
        self.send_free(own.as_deref_mut(), other);
        self.take_persons_place(now, own, other);
    }

    fn holds_back(&self) -> bool {
        self.intervening.as_ref().is_some_and(|intervening| intervening.holds_back())
    }

    fn close_of_other(&self, ours: &Close) -> Close {
        // Who is told is no less able to go on than before: it is its peer that isn't there any more.
        let why = format!("{}: {}", self.from.name(), ours.reason);
        Close { code: Some(StatusCode::GOING_AWAY), reason: prefix(&why, MAX_CLOSE_REASON).to_owned() }
    }

    fn idle(&mut self) {
        if self.gathered.is_empty() {
            self.gathered = Vec::new();
        }
    }
}
