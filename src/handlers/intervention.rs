//! What a person in the middle does to one connection of a client and the one behind: messages that are held, and what is sent
//! beside them. The person's thread and that of the connections share it, and the latter is woken for what the former decides.
//!
//! What is held of a direction stands in a queue with what came behind it, in the order in which it came: a message that is let go
//! waits for those before it. Control frames pass the queue; a Close, the end of the transport and the end of the proxy let all of
//! it go before them. Over a limit of bytes or messages, and after a time, what is held passes by itself.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::held_message::{HeldMessage, HeldPlace, MOST_HELD};
use crate::net::{RELAY_LIMIT, Sender, Waker, Woken};
use crate::script::RuleSpeaker;
use crate::view::amount::Count;
use crate::ws::{Close, Data, Kind, Message, OwnedItem, ViolatingFrame};

/// Bytes that wait to be sent beside what a peer says, for each direction. One message always may.
const MOST_INJECTED: usize = 1 << 20;

/// Bytes of a message that is let go that are sent before it is looked again whether there is room for more.
const FREE_PIECE: usize = 64 * 1024;

/// How much may be held, of all connections together, and for how long.
#[derive(Debug)]
pub(crate) struct HoldLimits {
    /// `None` without end.
    time: Option<Duration>,
    bytes: AtomicUsize,
    messages: AtomicUsize,
    /// What holds some of it, or may.
    holders: Mutex<Vec<Weak<Interventions>>>,
}

/// Of what there is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HoldExcess {
    Messages,
    Bytes,
}

impl HoldLimits {
    /// Messages, those behind one that is held included.
    pub(crate) const MESSAGES: usize = 1000;

    /// Bytes of their content, and what they take besides. One message is held however large it is.
    pub(crate) const BYTES: usize = 64 << 20;

    pub(crate) fn new(time: Option<Duration>) -> Self {
        Self { time, bytes: AtomicUsize::new(0), messages: AtomicUsize::new(0), holders: Mutex::default() }
    }

    pub(crate) fn time(&self) -> Option<Duration> {
        self.time
    }

    fn add(self: &Arc<Self>, size: usize) -> HoldShare {
        self.bytes.fetch_add(size, Ordering::Relaxed);
        self.messages.fetch_add(1, Ordering::Relaxed);
        HoldShare { limits: Arc::clone(self), size }
    }

    fn excess(&self) -> Option<HoldExcess> {
        match self.messages.load(Ordering::Relaxed) {
            messages if messages > Self::MESSAGES => Some(HoldExcess::Messages),
            messages if messages > 1 && self.bytes.load(Ordering::Relaxed) > Self::BYTES => Some(HoldExcess::Bytes),
            _ => None,
        }
    }

    /// Over a limit, lets go what is held of whoever holds the most: nobody's messages pass because others hold so many.
    fn relieve(&self) {
        let Some(excess) = self.excess() else { return };
        let holders: Vec<_> = {
            let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
            holders.retain(|holder| holder.strong_count() > 0);
            holders.iter().filter_map(Weak::upgrade).collect()
        };
        if let Some(most) = holders.iter().max_by_key(|holder| holder.holds(excess)) {
            most.release_for_room();
        }
    }
}

/// A message's part of what may be held, free again when this is dropped.
#[derive(Debug)]
struct HoldShare {
    limits: Arc<HoldLimits>,
    size: usize,
}

impl Drop for HoldShare {
    fn drop(&mut self) {
        self.limits.bytes.fetch_sub(self.size, Ordering::Relaxed);
        self.limits.messages.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Who decides what is held, and is told what becomes of it by itself.
pub(crate) trait HoldWitness: fmt::Debug + Send + Sync {
    /// Whether messages of this peer may be held.
    fn holds(&self, speaker: RuleSpeaker) -> bool;

    /// The number of a message that has just come whole, and whether it is held.
    fn judge(&self, speaker: RuleSpeaker, message: Message<'_>) -> (u64, bool);

    fn tell(&self, speaker: RuleSpeaker, news: &HoldNews);
}

/// What becomes of messages without anybody's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldNews {
    /// It is held from now on.
    Held { number: u64, size: usize },
    /// So many go on, the first with this number.
    Passed { count: usize, first: u64, why: PassedBecause },
    /// So many go nowhere: nobody is there any more who could have them. A part of a long message has no number.
    Lost { count: usize, first: Option<u64> },
    /// One is too long to be held.
    TooLong,
    /// So many that a person wanted to send were not, the first message of them with this number.
    NotInjected { count: usize, first: Option<u64> },
}

/// Why messages are held no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PassedBecause {
    /// They have been held for so long.
    Time(Duration),
    /// There is no room for more.
    NoRoom,
    /// What came behind them is too long to be held, and can't go before them.
    LongMessage,
    /// Their peer says nothing more.
    End,
}

impl fmt::Display for PassedBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => write!(f, "held for {time:?}"),
            Self::NoRoom => {
                let most = Count(HoldLimits::MESSAGES as u64, "message");
                write!(f, "over {most} or {} MiB held", HoldLimits::BYTES >> 20)
            }
            Self::LongMessage => write!(f, "a message over {} MiB comes behind", MOST_HELD >> 20),
            Self::End => f.write_str("the connection ends"),
        }
    }
}

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
    pub(crate) number: u64,
    /// It waits only for those before it.
    pub(crate) is_free: bool,
    pub(crate) since: Instant,
    pub(crate) kind: Kind,
    /// Bytes of content.
    pub(crate) size: usize,
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

#[derive(Debug, Default)]
struct HeldWay {
    queue: VecDeque<WaitingMessage>,
    /// With the numbers of those that are messages.
    injected: VecDeque<(OwnedItem, Option<u64>)>,
    /// Bytes of them, and of one for which there is a place.
    injected_bytes: usize,
    /// Nothing can be injected for the moment.
    is_busy: bool,
    /// Nobody is there any more to whom anything could go on.
    is_gone: bool,
    /// Nothing is held any more.
    is_over: bool,
    /// Something that isn't in the queue any more hasn't gone yet.
    is_under_way: bool,
    /// So many were let go for want of room, the first with this number, which is still to be told.
    released_for_room: Option<(usize, u64)>,
}

#[derive(Debug)]
struct WaitingMessage {
    /// Only a whole message has one.
    number: Option<u64>,
    message: HeldMessage,
    since: Instant,
    fate: MessageFate,
    /// It was held, and didn't only wait for one that is.
    was_held: bool,
    share: HoldShare,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MessageFate {
    /// Nobody has decided.
    Held,
    Pass,
    /// It passes, though nobody has decided so.
    Released(PassedBecause),
    Drop,
    /// Another one has taken its place.
    Replaced,
}

impl MessageFate {
    /// As rules call it.
    fn name(self) -> &'static str {
        match self {
            Self::Held => "hold",
            Self::Pass | Self::Released(_) => "pass",
            Self::Drop => "drop",
            Self::Replaced => "replace",
        }
    }
}

impl WaitingMessage {
    fn is_held(&self) -> bool {
        self.fate == MessageFate::Held
    }
}

/// Why something is done that a person does.
const BY_HAND: &str = "by hand";

/// Who is told what was done to a held message, or with one of a person's, when that is done, and why.
pub(crate) type OnIntervened<'a> = Box<dyn FnMut(&dyn fmt::Display, &[&'static str]) + 'a>;

impl Interventions {
    /// # Errors
    /// When there are no file descriptors left.
    pub(crate) fn new(limits: Arc<HoldLimits>) -> io::Result<Arc<Self>> {
        let (waker, woken) = Waker::pair()?;
        let interventions = Arc::new(Self { state: Mutex::default(), limits, waker, woken });
        let mut holders = interventions.limits.holders.lock().unwrap_or_else(PoisonError::into_inner);
        holders.retain(|holder| holder.strong_count() > 0);
        holders.push(Arc::downgrade(&interventions));
        drop(holders);
        Ok(interventions)
    }

    /// How much of what there is too much of is held here.
    fn holds(&self, excess: HoldExcess) -> usize {
        let state = self.lock();
        let held = state.ways.iter().flat_map(|way| &way.queue).filter(|queued| queued.is_held());
        held.map(|queued| if excess == HoldExcess::Messages { 1 } else { queued.share.size }).sum()
    }

    /// Lets everything go, since there is no room for more. The thread of the connections tells it.
    fn release_for_room(&self) {
        for way in &mut self.lock().ways {
            let released = way.release(None, MessageFate::Released(PassedBecause::NoRoom));
            if released.0 > 0 {
                way.released_for_room = Some(released);
            }
        }
        self.waker.wake();
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

    /// What is in both queues.
    pub(crate) fn held(&self) -> Vec<HeldEntry> {
        let mut state = self.lock();
        let mut of = |speaker| {
            let kept = state.way(speaker).queue.iter().filter(|queued| queued.fate != MessageFate::Drop);
            let entries = kept.filter_map(move |queued| {
                let message = queued.message.message();
                let (number, since, is_free) = (queued.number?, queued.since, !queued.is_held());
                Some(HeldEntry { speaker, number, is_free, since, kind: message.kind, size: message.content.len() })
            });
            entries.collect::<Vec<_>>()
        };
        [of(RuleSpeaker::Client), of(RuleSpeaker::Server)].concat()
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
        let (speaker, at) = [RuleSpeaker::Client, RuleSpeaker::Server].into_iter().find_map(|speaker| {
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

impl State {
    fn way(&mut self, speaker: RuleSpeaker) -> &mut HeldWay {
        &mut self.ways[match speaker {
            RuleSpeaker::Client => 0,
            RuleSpeaker::Server => 1,
        }]
    }
}

impl HeldWay {
    /// Lets go all that is held, or what was held `since` this time at least. Returns how many messages that are, and the number of
    /// the first of them.
    fn release(&mut self, since: Option<Instant>, fate: MessageFate) -> (usize, u64) {
        let mut released = (0, 0);
        // Those that came later have been held for less.
        let meant = self.queue.iter_mut().take_while(|queued| since.is_none_or(|since| queued.since <= since));
        for queued in meant.filter(|queued| queued.is_held()) {
            queued.fate = fate;
            released = (released.0 + 1, if released.0 == 0 { queued.number.unwrap_or_default() } else { released.1 });
        }
        released
    }
}

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
pub(super) enum LastWord {
    Close(Close),
    Violation(Box<ViolatingFrame>),
}

/// A message that nothing holds any more, on its way. It has its part of what may be held until all of it is sent.
#[derive(Debug)]
pub(super) struct FreeMessage {
    number: Option<u64>,
    message: HeldMessage,
    told: HeldPlace,
    _share: HoldShare,
}

impl FreeMessage {
    /// Tells the next piece.
    pub(super) fn tell_piece(&mut self, mut tell: impl FnMut(&Data<'_>)) {
        self.message.piece(&mut self.told, FREE_PIECE).iter().for_each(&mut tell);
    }
}

/// The side of the connections' thread, for what one peer says.
pub(super) struct Intervening<'a> {
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
    pub(super) last: Option<LastWord>,
}

impl<'a> Intervening<'a> {
    pub(super) fn new(person: RelayPerson<'a>, speaker: RuleSpeaker) -> Self {
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
    pub(super) fn take(&mut self, data: &Data<'_>) -> bool {
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
            state.way(self.speaker).queue.push_back(queued);
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
            self.shared.lock().way(self.speaker).queue.push_back(queued);
        }
    }

    /// What there still is of the message that is on its way, or else the next one that isn't held, nor waits for one that is.
    pub(super) fn next(&mut self) -> Option<FreeMessage> {
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
    pub(super) fn keep_rest(&mut self, free: FreeMessage) {
        self.free = Some(free).filter(|free| !free.message.ends_at(&free.told));
    }

    /// Whether there is a message that may go, or something behind all of them.
    pub(super) fn has_more(&self) -> bool {
        self.last.is_some()
            || self.free.is_some()
            || self.shared.lock().way(self.speaker).queue.front().is_some_and(|queued| !queued.is_held())
    }

    /// Its peer says nothing more, or something that stands behind the rest: all that it has said goes on.
    pub(super) fn release(&mut self) {
        self.shared.lock().way(self.speaker).is_over = true;
        self.let_go(None, PassedBecause::End);
        self.let_gathered_go();
    }

    /// Lets go all that is held, or what was held `since` this time at least, and tells why.
    fn let_go(&self, since: Option<Instant>, why: PassedBecause) {
        let (count, first) = self.shared.lock().way(self.speaker).release(since, MessageFate::Released(why));
        if count > 0 {
            self.witness.tell(self.speaker, &HoldNews::Passed { count, first, why });
        }
    }

    /// Lets go what has been held for too long, and the beginning of a message where nothing is held any more.
    pub(super) fn expire(&mut self, now: Instant) {
        let released = self.shared.lock().way(self.speaker).released_for_room.take();
        if let Some((count, first)) = released {
            let why = PassedBecause::NoRoom;
            self.witness.tell(self.speaker, &HoldNews::Passed { count, first, why });
        }
        let time = self.shared.limits.time;
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
    pub(super) fn deadline(&self) -> Option<Instant> {
        let mut state = self.shared.lock();
        let close = state.close.as_ref().map(|(_, since)| *since + self.close_timeout);
        let held = state.way(self.speaker).queue.iter().find(|queued| queued.is_held()).map(|queued| queued.since);
        let gathered = (self.gathers && self.gathered.size() > 0).then_some(self.gathers_since);
        let held = held.into_iter().chain(gathered).min();
        let passes = held.and_then(|since| Some(since + self.shared.limits.time?));
        passes.into_iter().chain(close).min()
    }

    /// Whether something of its peer's waits for a person.
    pub(super) fn holds_back(&self) -> bool {
        self.shared.lock().way(self.speaker).queue.front().is_some_and(WaitingMessage::is_held)
    }

    /// Sends what is to be sent beside messages, where it splits none.
    pub(super) fn inject(&mut self, to: &mut Sender<'_>) {
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

    fn take_injected(&self) -> Option<(OwnedItem, Option<u64>)> {
        let mut state = self.shared.lock();
        let way = state.way(self.speaker);
        let (item, number) = way.injected.pop_front()?;
        way.injected_bytes = way.injected_bytes.saturating_sub(item.size());
        Some((item, number))
    }

    /// Notes whether something that isn't in the queue any more hasn't gone yet; `rules_wait` with some of it.
    pub(super) fn note_under_way(&self, rules_wait: bool) {
        let is_under_way = rules_wait || self.free.is_some() || self.last.is_some();
        self.shared.lock().way(self.speaker).is_under_way = is_under_way;
    }

    /// The Close that a person has asked for, once all that was held has gone and both sides are between two frames, or after the
    /// time of a closing handshake.
    pub(super) fn take_persons_close(&self, now: Instant, are_between_frames: bool) -> Option<Close> {
        let mut state = self.shared.lock();
        let has_gone = |way: &HeldWay| way.queue.is_empty() && !way.is_under_way && way.injected.is_empty();
        let may_go = are_between_frames && state.ways.iter().all(has_gone);
        let (close, _) = state.close.take_if(|(_, since)| may_go || now >= *since + self.close_timeout)?;
        state.closed = Some(close.clone());
        Some(close)
    }

    /// Nobody is there any more to whom anything could go on. Returns what was to stand behind all of it.
    pub(super) fn give_up(&mut self) -> Option<LastWord> {
        let (lost, injected) = {
            let mut state = self.shared.lock();
            let way = state.way(self.speaker);
            (way.is_over, way.is_gone) = (true, true);
            way.is_under_way = false;
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
