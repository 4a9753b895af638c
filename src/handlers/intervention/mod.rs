//! What a person in the middle does to one connection of a client and the one behind: messages that are held, and what is sent
//! beside them. The person's thread and that of the connections share it, and the latter is woken for what the former decides.
//!
//! What is held of a direction stands in a queue with what came behind it, in the order in which it came: a message that is let go
//! waits for those before it. Control frames pass the queue; a Close, the end of the transport and the end of the proxy let all of
//! it go before them. Over a limit of bytes or messages, and after a time, what is held passes by itself.

mod held_way;
mod hold_limits;
mod hold_news;
mod intervening;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use self::held_way::{BegunMessage, HeldWay, MessageFate, WaitingMessage};
pub(crate) use self::hold_limits::HoldLimits;
use self::hold_limits::{HoldExcess, Holder};
pub(crate) use self::hold_news::{HoldNews, HoldWitness, PassedBecause};
pub(super) use self::intervening::{Intervening, LastWord};
pub(crate) use self::intervening::{OnIntervened, RelayPerson};
use crate::net::{Waker, Woken};
use crate::script::RuleSpeaker;
use crate::ws::{Close, Kind, Message, OwnedItem};

/// Bytes that wait to be sent beside what a peer says, for each direction. One message always may.
const MOST_INJECTED: usize = 1 << 20;

/// What becomes of something that a person sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Injection {
    /// It is sent now.
    Now,
    /// What is under way to the same peer goes before it.
    Later,
    /// Nobody is there any more to have it.
    Refused,
}

/// One direction's message, for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeldEntry {
    pub(crate) speaker: RuleSpeaker,
    /// One that isn't whole yet has none.
    pub(crate) number: Option<u64>,
    pub(crate) state: HeldState,
    pub(crate) since: Instant,
    pub(crate) kind: Kind,
    /// Bytes of content.
    pub(crate) size: usize,
}

/// Why a message doesn't go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeldState {
    Held,
    /// It waits only for those before it.
    Waits,
    /// It isn't known yet whether it is held: not all of it has come.
    Gathers,
}

/// What became of what a person has decided about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) speaker: RuleSpeaker,
    pub(crate) number: u64,
    /// The message that it waits for, if it does.
    pub(crate) behind: Option<u64>,
}

/// What is shared by the two threads.
#[derive(Debug)]
pub(crate) struct Interventions {
    state: Mutex<State>,
    limits: Arc<HoldLimits>,
    waker: Waker,
    woken: Woken,
}

#[derive(Debug, Default)]
struct State {
    /// Of what the client says, and of what the server does.
    ways: [HeldWay; 2],
    /// Both sides are closed with it, once all has gone that was held; and when that was asked for.
    close: Option<(Close, Instant)>,
    /// Both sides were.
    closed: Option<Close>,
}

impl Interventions {
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn new(limits: Arc<HoldLimits>) -> io::Result<Arc<Self>> {
        let (waker, woken) = Waker::pair()?;
        let interventions = Arc::new(Self { state: Mutex::default(), limits, waker, woken });
        let holder: Weak<Self> = Arc::downgrade(&interventions);
        interventions.limits.enter(holder);
        Ok(interventions)
    }

    /// What wakes the thread of the connections.
    pub(crate) fn woken(&self) -> &Woken {
        &self.woken
    }

    /// Takes a place for so many bytes to be [injected](Self::inject) where this peer's messages go. Returns whether there is one.
    pub(crate) fn take_place(&self, speaker: RuleSpeaker, size: usize) -> bool {
        let mut state = self.lock();
        let way = state.way(speaker);
        let has_room = way.injected.is_empty() || way.injected_bytes + size <= MOST_INJECTED;
        way.injected_bytes += if has_room { size } else { 0 };
        has_room && !way.is_gone
    }

    /// Sends something that has a place, as soon as that doesn't split a message. `number` is its own, if it is one.
    pub(crate) fn inject(&self, speaker: RuleSpeaker, item: OwnedItem, number: Option<u64>) -> Injection {
        let mut state = self.lock();
        let way = state.way(speaker);
        if way.is_gone {
            return Injection::Refused;
        }
        let waits = way.is_busy || !way.injected.is_empty();
        way.injected.push_back((item, number));
        self.waker.wake();
        if waits { Injection::Later } else { Injection::Now }
    }

    /// What is in both queues, and what of messages behind them isn't whole yet.
    pub(crate) fn held(&self) -> Vec<HeldEntry> {
        let mut state = self.lock();
        let mut of = |speaker| {
            let way = state.way(speaker);
            let kept = way.queue.iter().filter(|queued| queued.fate != MessageFate::Drop);
            let entries = kept.map(|queued| {
                let Message { kind, content } = queued.message.message();
                let state = if queued.is_held() { HeldState::Held } else { HeldState::Waits };
                HeldEntry { speaker, number: queued.number, state, since: queued.since, kind, size: content.len() }
            });
            let gathering = way.gathering.map(|BegunMessage { kind, size, since }| {
                let state = HeldState::Gathers;
                HeldEntry { speaker, number: None, state, since, kind, size }
            });
            entries.chain(gathering).collect::<Vec<_>>()
        };
        RuleSpeaker::BOTH.map(&mut of).concat()
    }

    /// Lets a message go. `None` where it isn't held.
    pub(crate) fn pass(&self, number: u64) -> Option<Decided> {
        self.decide(number, |queued| queued.fate = MessageFate::Pass)
    }

    /// Lets everything go. Returns how many messages that are.
    pub(crate) fn pass_all(&self) -> usize {
        let passed = self.lock().ways.iter_mut().map(|way| way.release(None, MessageFate::Pass).0).sum();
        self.waker.wake();
        passed
    }

    /// Forgets a message. `None` where it isn't held.
    pub(crate) fn drop_held(&self, number: u64) -> Option<Decided> {
        self.decide(number, |queued| {
            queued.fate = MessageFate::Drop;
            queued.message.clear();
            queued.share = self.limits.add(size_of::<WaitingMessage>());
        })
    }

    /// Lets another message go in the place of one. `None` where that isn't held.
    pub(crate) fn replace(&self, number: u64, kind: Kind, content: &[u8]) -> Option<Decided> {
        self.decide(number, |queued| {
            queued.fate = MessageFate::Replaced;
            queued.message = queued.message.replaced(kind, content);
            queued.share = self.limits.add(content.len() + size_of::<WaitingMessage>());
        })
    }

    /// Closes both sides, behind all that is held.
    pub(crate) fn close(&self, close: Close) {
        let mut state = self.lock();
        for way in &mut state.ways {
            way.release(None, MessageFate::Pass);
        }
        state.close = Some((close, Instant::now()));
        self.waker.wake();
    }

    /// With what both sides were closed for the person.
    pub(crate) fn closed(&self) -> Option<Close> {
        self.lock().closed.clone()
    }

    fn decide(&self, number: u64, decide: impl FnOnce(&mut WaitingMessage)) -> Option<Decided> {
        let mut state = self.lock();
        let (speaker, at) = RuleSpeaker::BOTH.into_iter().find_map(|speaker| {
            let is_it = |queued: &WaitingMessage| queued.number == Some(number) && queued.is_held();
            state.way(speaker).queue.iter().position(is_it).map(|at| (speaker, at))
        })?;
        let queue = &mut state.way(speaker).queue;
        let behind = queue.iter().take(at).find(|queued| queued.is_held()).and_then(|queued| queued.number);
        decide(&mut queue[at]);
        self.waker.wake();
        Some(Decided { speaker, number, behind })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder for Interventions {
    fn holds(&self, excess: HoldExcess) -> usize {
        let state = self.lock();
        let held = state.ways.iter().flat_map(|way| &way.queue).filter(|queued| queued.is_held());
        held.map(|queued| if excess == HoldExcess::Messages { 1 } else { queued.share.size }).sum()
    }

    /// The thread of the connections tells it.
    fn release_for_room(&self) {
        for way in &mut self.lock().ways {
            let released = way.release(None, MessageFate::Released(PassedBecause::NoRoom));
            if released.0 > 0 {
                way.released_for_room = Some(released);
            }
        }
        self.waker.wake();
    }
}

impl State {
    fn way(&mut self, speaker: RuleSpeaker) -> &mut HeldWay {
        &mut self.ways[speaker.place()]
    }
}
