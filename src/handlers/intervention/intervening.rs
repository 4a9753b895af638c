//! The side of the connections' thread of what a person does, for what one peer says.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Interventions;
use super::held_way::{BegunMessage, HeldWay, MessageFate, WaitingMessage};
use super::hold_limits::HoldShare;
use super::hold_news::{HoldNews, HoldWitness, PassedBecause};
use crate::handlers::held_message::{HeldMessage, HeldPlace, MOST_HELD};
use crate::net::{RELAY_LIMIT, Sender};
use crate::script::RuleSpeaker;
use crate::ws::{Close, Data, Message, OwnedItem, ViolatingFrame};

/// Bytes of a message that is let go that are sent before it is looked again whether there is room for more.
const FREE_PIECE: usize = 64 * 1024;

/// Why something is done that a person does.
const BY_HAND: &str = "by hand";

/// Who is told what was done to a held message, or with one of a person's, when that is done, and why.
pub(crate) type OnIntervened<'a> = Box<dyn FnMut(&dyn fmt::Display, &[&'static str]) + 'a>;

/// What a person decides about one direction, and who is told.
pub(crate) struct RelayPerson<'a> {
    pub(crate) shared: Arc<Interventions>,
    pub(crate) witness: Arc<dyn HoldWitness>,
    pub(crate) on_intervened: OnIntervened<'a>,
    /// How long a Close that the person has asked for waits for what is to go before it.
    pub(crate) close_timeout: Duration,
}

/// What a peer says behind all else.
#[derive(Debug)]
pub(in crate::handlers) enum LastWord {
    Close(Close),
    Violation(Box<ViolatingFrame>),
}

/// A message that nothing holds any more, on its way. It has its part of what may be held until all of it is sent.
#[derive(Debug)]
pub(in crate::handlers) struct FreeMessage {
    number: Option<u64>,
    message: HeldMessage,
    told: HeldPlace,
    _share: HoldShare,
}

impl FreeMessage {
    /// Tells the next piece.
    pub(in crate::handlers) fn tell_piece(&mut self, mut tell: impl FnMut(&Data<'_>)) {
        self.message.piece(&mut self.told, FREE_PIECE).iter().for_each(&mut tell);
    }
}

/// What a person does to what one peer says.
pub(in crate::handlers) struct Intervening<'a> {
    shared: Arc<Interventions>,
    witness: Arc<dyn HoldWitness>,
    speaker: RuleSpeaker,
    on_intervened: OnIntervened<'a>,
    close_timeout: Duration,
    /// A message of which not all is there, and since when there is some of it.
    gathered: HeldMessage,
    gathers_since: Instant,
    /// What comes of the message that has begun is gathered.
    gathers: bool,
    /// What is on its way, as far as there was room for it.
    free: Option<FreeMessage>,
    /// Behind all that is still to go before it.
    pub(in crate::handlers) last: Option<LastWord>,
}

impl<'a> Intervening<'a> {
    pub(in crate::handlers) fn new(person: RelayPerson<'a>, speaker: RuleSpeaker) -> Self {
        let RelayPerson { shared, witness, on_intervened, close_timeout } = person;
        Self {
            shared,
            witness,
            speaker,
            on_intervened,
            close_timeout,
            gathered: HeldMessage::default(),
            gathers_since: Instant::now(),
            gathers: false,
            free: None,
            last: None,
        }
    }

    /// Takes part of a message, unless it goes on as it comes.
    pub(in crate::handlers) fn take(&mut self, data: &Data<'_>) -> bool {
        if data.first {
            self.gathers = self.takes_messages();
            self.gathers_since = Instant::now();
        }
        if !self.gathers {
            return false;
        }
        self.gathered.push(data);
        if data.last {
            self.queue_gathered();
        } else if self.gathered.size() > MOST_HELD {
            self.witness.tell(self.speaker, &HoldNews::TooLong);
            self.let_go(None, PassedBecause::LongMessage);
            self.let_gathered_go();
        } else {
            let Message { kind, content } = self.gathered.message();
            let gathering = BegunMessage { kind, size: content.len(), since: self.gathers_since };
            self.shared.lock().way(self.speaker).gathering = Some(gathering);
        }
        true
    }

    /// Whether messages that begin now are held, or wait for one that is.
    fn takes_messages(&self) -> bool {
        let mut state = self.shared.lock();
        let is_closing = state.close.is_some();
        let way = state.way(self.speaker);
        !way.queue.is_empty() || (!way.is_over && !is_closing && self.witness.holds(self.speaker))
    }

    fn queue_gathered(&mut self) {
        let size = self.gathered.message().content.len();
        let (number, is_wanted) = self.witness.judge(self.speaker, self.gathered.message());
        let mut queued = self.queued(Some(number));
        let is_held = {
            let mut state = self.shared.lock();
            // What was held when the message was judged may have been let go meanwhile.
            let is_wanted = is_wanted && self.witness.holds(self.speaker);
            let is_held = is_wanted && state.close.is_none() && !state.way(self.speaker).is_over;
            (queued.was_held, queued.fate) = (is_held, if is_held { MessageFate::Held } else { MessageFate::Pass });
            state.way(self.speaker).push(queued);
            is_held
        };
        if is_held {
            self.witness.tell(self.speaker, &HoldNews::Held { number, size });
        }
        self.shared.limits.relieve();
    }

    fn queued(&mut self, number: Option<u64>) -> WaitingMessage {
        let message = std::mem::take(&mut self.gathered);
        let share = self.shared.limits.add(message.size() + size_of::<WaitingMessage>());
        WaitingMessage { number, message, since: Instant::now(), fate: MessageFate::Pass, was_held: false, share }
    }

    /// What was gathered goes behind all that is in the queue; the rest of the message goes on as it comes.
    fn let_gathered_go(&mut self) {
        self.gathers = false;
        if self.gathered.size() > 0 {
            let queued = self.queued(None);
            self.shared.lock().way(self.speaker).push(queued);
        }
    }

    /// What there still is of the message that is on its way, or else the next one that isn't held, nor waits for one that is.
    pub(in crate::handlers) fn next(&mut self) -> Option<FreeMessage> {
        if self.free.is_some() {
            return self.free.take();
        }
        loop {
            let mut state = self.shared.lock();
            let queue = &mut state.way(self.speaker).queue;
            queue.front().filter(|queued| !queued.is_held())?;
            let WaitingMessage { number, message, fate, was_held, share, .. } = queue.pop_front()?;
            drop(state);
            if was_held {
                let why: &dyn fmt::Display = if let MessageFate::Released(why) = &fate { why } else { &BY_HAND };
                (self.on_intervened)(why, &[MessageFate::Held.name(), fate.name()]);
            }
            if fate != MessageFate::Drop {
                return Some(FreeMessage { number, message, told: HeldPlace::default(), _share: share });
            }
        }
    }

    /// Keeps what hasn't gone of a message, if there is anything.
    pub(in crate::handlers) fn keep_rest(&mut self, free: FreeMessage) {
        self.free = Some(free).filter(|free| !free.message.ends_at(&free.told));
    }

    /// Whether there is a message that may go, or something behind all of them.
    pub(in crate::handlers) fn has_more(&self) -> bool {
        self.last.is_some()
            || self.free.is_some()
            || self.shared.lock().way(self.speaker).queue.front().is_some_and(|queued| !queued.is_held())
    }

    /// Its peer says nothing more, or something that stands behind the rest: all that it has said goes on.
    pub(in crate::handlers) fn release(&mut self) {
        self.shared.lock().way(self.speaker).is_over = true;
        self.let_go(None, PassedBecause::End);
        self.let_gathered_go();
    }

    /// Lets go of what the other peer has said before a rule closes both sides. Returns whether all of it has gone on. What its own
    /// peer has said behind comes too late.
    pub(in crate::handlers) fn makes_way_for_close(&mut self) -> bool {
        let (other, why) = (self.speaker.other(), PassedBecause::End);
        let (released, waits) = {
            let mut state = self.shared.lock();
            let way = state.way(other);
            way.is_over = true;
            let released = way.release(None, MessageFate::Released(why));
            (released, !way.queue.is_empty() || way.is_under_way)
        };
        if let (count @ 1.., first) = released {
            self.witness.tell(other, &HoldNews::Passed { count, first, why });
        }
        !waits
    }

    /// Lets go all that is held, or what was held `since` this time at least, and tells why.
    fn let_go(&self, since: Option<Instant>, why: PassedBecause) {
        let (count, first) = self.shared.lock().way(self.speaker).release(since, MessageFate::Released(why));
        if count > 0 {
            self.witness.tell(self.speaker, &HoldNews::Passed { count, first, why });
        }
    }

    /// Lets go what has been held for too long, and the beginning of a message where nothing is held any more.
    pub(in crate::handlers) fn expire(&mut self, now: Instant) {
        let released = self.shared.lock().way(self.speaker).released_for_room.take();
        if let Some((count, first)) = released {
            let why = PassedBecause::NoRoom;
            self.witness.tell(self.speaker, &HoldNews::Passed { count, first, why });
        }
        let time = self.shared.limits.time();
        let latest = time.and_then(|time| Some((now.checked_sub(time)?, PassedBecause::Time(time))));
        if let Some((latest, why)) = latest {
            self.let_go(Some(latest), why);
        }
        let is_late = latest.is_some_and(|(latest, _)| self.gathers_since <= latest);
        if self.gathers && self.gathered.size() > 0 && (is_late || !self.takes_messages()) {
            self.let_gathered_go();
        }
    }

    /// When something has been held for too long, or a Close has waited for too long.
    pub(in crate::handlers) fn deadline(&self) -> Option<Instant> {
        let mut state = self.shared.lock();
        let close = state.close.as_ref().map(|(_, since)| *since + self.close_timeout);
        let held = state.way(self.speaker).queue.iter().find(|queued| queued.is_held()).map(|queued| queued.since);
        let gathered = (self.gathers && self.gathered.size() > 0).then_some(self.gathers_since);
        let held = held.into_iter().chain(gathered).min();
        let passes = held.and_then(|since| Some(since + self.shared.limits.time()?));
        passes.into_iter().chain(close).min()
    }

    /// Whether something of its peer's waits for a person.
    pub(in crate::handlers) fn holds_back(&self) -> bool {
        self.shared.lock().way(self.speaker).queue.front().is_some_and(WaitingMessage::is_held)
    }

    /// Sends what is to be sent beside messages, where it splits none.
    pub(in crate::handlers) fn inject(&mut self, to: &mut Sender<'_>) {
        while to.backlog() < RELAY_LIMIT && !to.is_inside_message() && !to.is_inside_frame() {
            let Some((item, number)) = self.take_injected() else { break };
            match to.send(item.as_item()) {
                Ok(()) => (self.on_intervened)(&BY_HAND, &["inject"]),
                Err(_) => self.witness.tell(self.speaker, &HoldNews::NotInjected { count: 1, first: number }),
            }
        }
        let is_busy = to.backlog() >= RELAY_LIMIT || to.is_inside_message() || to.is_inside_frame();
        self.shared.lock().way(self.speaker).is_busy = is_busy;
    }

    /// Whether something is to be done between two messages or frames.
    pub(in crate::handlers) fn waits_for_place(&self) -> bool {
        let mut state = self.shared.lock();
        state.close.is_some() || !state.way(self.speaker).injected.is_empty()
    }

    fn take_injected(&self) -> Option<(OwnedItem, Option<u64>)> {
        let mut state = self.shared.lock();
        let way = state.way(self.speaker);
        let (item, number) = way.injected.pop_front()?;
        way.injected_bytes = way.injected_bytes.saturating_sub(item.size());
        Some((item, number))
    }

    /// Notes whether something that isn't in the queue any more hasn't gone yet; `rules_wait` with some of it.
    pub(in crate::handlers) fn note_under_way(&self, rules_wait: bool) {
        let is_under_way = rules_wait || self.free.is_some() || self.last.is_some();
        self.shared.lock().way(self.speaker).is_under_way = is_under_way;
    }

    /// The Close that a person has asked for, once all that was held has gone and both sides are between two frames, or after the
    /// time of a closing handshake.
    pub(in crate::handlers) fn take_persons_close(&self, now: Instant, are_between_frames: bool) -> Option<Close> {
        let mut state = self.shared.lock();
        let has_gone = |way: &HeldWay| way.queue.is_empty() && !way.is_under_way && way.injected.is_empty();
        let may_go = are_between_frames && state.ways.iter().all(has_gone);
        let (close, _) = state.close.take_if(|(_, since)| may_go || now >= *since + self.close_timeout)?;
        state.closed = Some(close.clone());
        Some(close)
    }

    /// Nobody is there any more to whom anything could go on. Returns what was to stand behind all of it.
    pub(in crate::handlers) fn give_up(&mut self) -> Option<LastWord> {
        let (lost, injected) = {
            let mut state = self.shared.lock();
            let way = state.way(self.speaker);
            (way.is_over, way.is_gone) = (true, true);
            way.is_under_way = false;
            way.gathering = None;
            way.injected_bytes = 0;
            // Both sides end without it.
            state.close = None;
            let way = state.way(self.speaker);
            (std::mem::take(&mut way.queue), std::mem::take(&mut way.injected))
        };
        for _ in lost.iter().filter(|queued| queued.was_held && queued.fate != MessageFate::Drop) {
            (self.on_intervened)(&"nobody is there to have it", &[MessageFate::Held.name(), "lost"]);
        }
        let lost = lost.iter().filter(|queued| queued.fate != MessageFate::Drop).map(|queued| queued.number);
        // Of a message that isn't whole, the rest goes nowhere either.
        let gathered = std::mem::take(&mut self.gathered);
        self.gathers &= gathered.size() == 0;
        let mut lost = self.free.take().map(|free| free.number).into_iter().chain(lost).collect::<Vec<_>>();
        lost.extend((gathered.size() > 0).then_some(None));
        if let Some(first) = lost.first() {
            self.witness.tell(self.speaker, &HoldNews::Lost { count: lost.len(), first: *first });
        }
        if !injected.is_empty() {
            let first = injected.iter().find_map(|(_, number)| *number);
            self.witness.tell(self.speaker, &HoldNews::NotInjected { count: injected.len(), first });
        }
        self.last.take()
    }
}

impl Drop for Intervening<'_> {
    fn drop(&mut self) {
        self.give_up();
    }
}
