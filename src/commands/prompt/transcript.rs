//! What came and went, to be looked at again and saved: the latest of it, in bounded memory. Messages have numbers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::command::Which;
use crate::trace::record::Record;
use crate::view::amount::Count;
use crate::ws::Direction;

/// Bytes that are kept, of all connections together. The latest message is kept however large it is.
const LIMIT: usize = 32 * 1024 * 1024;

/// Clones are the same one: the thread of a connection fills it, and the editor's looks at it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transcript(Arc<Mutex<Kept>>);

/// Those that share [`LIMIT`].
#[derive(Debug, Default)]
struct Sharers(Mutex<Vec<Weak<Mutex<Kept>>>>);

#[derive(Debug, Default)]
struct Kept {
    /// Whoever has it shares [`LIMIT`] with the others who have.
    sharers: Arc<Sharers>,
    messages: VecDeque<Arc<Record<'static>>>,
    /// The numbers of those that were received.
    received: VecDeque<u64>,
    /// What else there was, each with the number of messages before it.
    others: VecDeque<(u64, Other)>,
    bytes: usize,
    /// Messages that were forgotten.
    forgotten: u64,
    /// Of each connection, as its records name it, the number of the first message of ours that the system hasn't taken: it and those
    /// behind it wait.
    first_untaken: BTreeMap<Option<u64>, u64>,
}

/// What is no message.
#[derive(Debug, Clone)]
pub(crate) enum Other {
    Record(Arc<Record<'static>>),
    /// A line about a connection.
    Line(Arc<str>),
}

/// One of what is kept.
#[derive(Debug, Clone)]
pub(crate) enum KeptEvent {
    Message(Arc<Record<'static>>),
    Other(Other),
}

impl Transcript {
    /// Another one, which shares with this one what may be kept.
    pub(super) fn beside(&self) -> Self {
        let sharers = Arc::clone(&self.lock().sharers);
        let another = Self(Arc::new(Mutex::new(Kept { sharers: Arc::clone(&sharers), ..Kept::default() })));
        sharers.join(&[self, &another]);
        another
    }

    /// The number of the message that is kept next; the first one has 1.
    pub(crate) fn next_number(&self) -> u64 {
        self.lock().next_number()
    }

    /// Keeps a message, under the number that it has from now on.
    pub(crate) fn add(&self, message: Record<'_>) -> (u64, Arc<Record<'static>>) {
        let message = Arc::new(message.into_owned());
        (self.lock().add(Arc::clone(&message)), message)
    }

    /// From that number on messages of ours wait, on a connection as its records name it, until the system takes them.
    pub(crate) fn set_first_untaken(&self, connection: Option<u64>, number: Option<u64>) {
        let mut kept = self.lock();
        match number {
            Some(number) => kept.first_untaken.insert(connection, number),
            None => kept.first_untaken.remove(&connection),
        };
    }

    /// Whether the message with that number waits.
    pub(super) fn is_untaken(&self, number: u64, message: &Record<'_>) -> bool {
        self.lock().is_untaken(number, message)
    }

    /// The message with that number was never sent, or not all of it.
    pub(crate) fn mark_unsent(&self, number: u64) {
        let mut kept = self.lock();
        let at = number.checked_sub(kept.forgotten + 1).and_then(|at| usize::try_from(at).ok());
        if let Some(message) = at.and_then(|at| kept.messages.get_mut(at)) {
            Arc::make_mut(message).unsent = true;
        }
    }

    /// Keeps what has no number.
    pub(crate) fn add_other(&self, other: Other) {
        self.lock().add_other(other);
    }

    /// Everything that is still there, in order. What waits is marked as what was never sent.
    pub(crate) fn entries(&self) -> Vec<KeptEvent> {
        self.lock().entries().collect()
    }

    /// The message with that number, if it is still there.
    pub(crate) fn get(&self, number: u64) -> Option<Arc<Record<'static>>> {
        self.lock().get(number)
    }

    /// The one that was received last but `back` others, if it is still there.
    pub(super) fn received(&self, back: usize) -> Option<Arc<Record<'static>>> {
        let kept = self.lock();
        kept.get(*kept.received.iter().nth_back(back)?)
    }

    /// The message that is meant, and its number.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn find(&self, which: Which) -> Result<(u64, Arc<Record<'static>>), String> {
        let kept = self.lock();
        let (last, first) = (kept.next_number() - 1, kept.forgotten + 1);
        let number = match which {
            Which::Number(number) => Some(number),
            Which::FromEnd(back) => (last + 1).checked_sub(back).filter(|number| *number > 0),
        };
        let found = number.and_then(|number| Some((number, kept.get(number)?)));
        found.ok_or_else(|| match number {
            _ if last == 0 => "there is no message yet".to_owned(),
            Some(number) if number < first => {
                format!("message {number} is no longer kept; the first that is has the number {first}")
            }
            Some(number) => format!("there is no message {number} yet; the last has the number {last}"),
            None => format!("only {} so far", Count(last, "message")),
        })
    }

    /// Those that are still there, each with its number.
    pub(crate) fn messages(&self) -> Vec<(u64, Arc<Record<'static>>)> {
        self.latest(usize::MAX)
    }

    /// The last of them, so many at most: to look at all takes a moment in which none can be added.
    pub(crate) fn latest(&self, count: usize) -> Vec<(u64, Arc<Record<'static>>)> {
        let kept = self.lock();
        let skipped = kept.messages.len().saturating_sub(count);
        (kept.forgotten + skipped as u64 + 1..).zip(kept.messages.range(skipped..).cloned()).collect()
    }

    pub(crate) fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sharers {
    /// What each may keep, in bytes.
    fn share(&self) -> usize {
        let present = self.lock().iter().filter(|member| member.strong_count() > 0).count();
        LIMIT / present.max(1)
    }

    /// Takes in those that aren't there yet. Each has less room from now on, and one that nothing is added to keeps no more than
    /// that either.
    fn join(&self, more: &[&Transcript]) {
        let mut members = self.lock();
        members.retain(|member| member.strong_count() > 0);
        for Transcript(kept) in more {
            if !members.iter().any(|member| member.as_ptr() == Arc::as_ptr(kept)) {
                members.push(Arc::downgrade(kept));
            }
        }
        let all: Vec<_> = members.iter().filter_map(Weak::upgrade).map(Transcript).collect();
        drop(members);
        all.iter().for_each(|transcript| transcript.lock().forget());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Mutex<Kept>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_untaken(&self, number: u64, message: &Record<'_>) -> bool {
        let is_sent = message.direction == Some(Direction::Sent);
        is_sent && self.first_untaken.get(&message.connection).is_some_and(|first| *first <= number)
    }

    fn get(&self, number: u64) -> Option<Arc<Record<'static>>> {
        let at = number.checked_sub(self.forgotten + 1)?;
        self.messages.get(usize::try_from(at).ok()?).cloned()
    }

    fn next_number(&self) -> u64 {
        self.forgotten + self.messages.len() as u64 + 1
    }

    fn add(&mut self, message: Arc<Record<'static>>) -> u64 {
        let number = self.next_number();
        self.bytes += size(&message);
        if message.direction == Some(Direction::Received) {
            self.received.push_back(number);
        }
        self.messages.push_back(message);
        self.forget();
        number
    }

    fn add_other(&mut self, other: Other) {
        self.bytes += other.size();
        self.others.push_back((self.next_number() - 1, other));
        self.forget();
    }

    /// Forgets the oldest, but for the latest message: what it takes over half of the room leaves the other half to what follows it.
    fn forget(&mut self) {
        let limit = self.sharers.share();
        let latest = self.messages.back().map_or(0, |latest| size(latest));
        let most = limit + latest.saturating_sub(limit / 2);
        while self.bytes > most {
            let is_alone = self.messages.len() <= 1;
            let is_other = is_alone || self.others.front().is_some_and(|(before, _)| *before <= self.forgotten);
            if is_other {
                let Some((_, other)) = self.others.pop_front() else { break };
                self.bytes -= other.size();
            } else if let Some(oldest) = self.messages.pop_front() {
                self.bytes -= size(&oldest);
                self.forgotten += 1;
                if self.received.front().is_some_and(|number| *number <= self.forgotten) {
                    self.received.pop_front();
                }
            }
        }
    }

    fn entries(&self) -> impl Iterator<Item = KeptEvent> {
        let mut others = self.others.iter().peekable();
        let mut messages = (self.forgotten..).zip(&self.messages);
        let mut next = messages.next();
        std::iter::from_fn(move || {
            let before = next.map_or(u64::MAX, |(before, _)| before);
            if let Some((_, other)) = others.next_if(|(behind, _)| *behind <= before) {
                return Some(KeptEvent::Other(other.clone()));
            }
            let (before, message) = std::mem::replace(&mut next, messages.next())?;
            let mut message = Arc::clone(message);
            if self.is_untaken(before + 1, &message) {
                Arc::make_mut(&mut message).unsent = true;
            }
            Some(KeptEvent::Message(message))
        })
    }
}

impl Other {
    fn size(&self) -> usize {
        match self {
            Self::Record(record) => size(record),
            Self::Line(line) => size_of::<Self>() + line.len(),
        }
    }
}

/// What a record takes, in bytes: itself, what counts who holds it, and its content.
fn size(record: &Record<'_>) -> usize {
    let lengths = record.fragment_lengths.as_ref().map_or(0, |lengths| size_of_val(lengths.as_slice()));
    size_of::<Record<'_>>() + 4 * size_of::<usize>() + record.content().len() + lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::record::Extent;
    use crate::ws::Kind;

    #[test]
    fn the_latest_messages_are_kept_under_their_numbers() {
        let transcript = Transcript::default();
        let large = vec![0; LIMIT / 3];
        let message = |content: &'static [u8]| {
            let length = content.len() as u64;
            Record::message(Direction::Sent, Kind::Binary, content.into(), length, Extent::default())
        };
        assert_eq!(transcript.next_number(), 1);
        transcript.add(message(b"first"));
        let large = Record::message(Direction::Received, Kind::Binary, large.into(), 1, Extent::default());
        for number in 2..=4 {
            assert_eq!(transcript.next_number(), number);
            transcript.add(large.clone());
        }
        assert!(transcript.get(0).is_none() && transcript.get(1).is_none() && transcript.get(5).is_none());
        assert_eq!(transcript.get(4).as_deref(), Some(&large));
        assert_eq!(transcript.forgotten() + transcript.messages().len() as u64, 4);
        assert_eq!(transcript.messages().last().map(|(number, _)| *number), Some(4));
    }

    #[test]
    fn a_message_that_is_not_there_is_told() {
        let transcript = Transcript::default();
        let why = |which| transcript.find(which).unwrap_err();
        assert_eq!(why(Which::Number(1)), "there is no message yet");
        let message = |size: usize| {
            Record::message(Direction::Received, Kind::Binary, vec![0; size].into(), size as u64, Extent::default())
        };
        transcript.add(message(1));
        assert_eq!(why(Which::Number(2)), "there is no message 2 yet; the last has the number 1");
        assert_eq!(why(Which::FromEnd(2)), "only 1 message so far");
        assert_eq!(transcript.find(Which::FromEnd(1)).unwrap().0, 1);
        (0..2).for_each(|_| drop(transcript.add(message(LIMIT))));
        assert_eq!(why(Which::FromEnd(3)), "message 1 is no longer kept; the first that is has the number 3");
    }

    #[test]
    fn a_message_of_any_size_is_kept_until_the_next() {
        let transcript = Transcript::default();
        let message = |length: usize| {
            Record::message(Direction::Received, Kind::Binary, vec![0; length].into(), 1, Extent::default())
        };
        transcript.add(message(LIMIT + 1));
        (0..100_000).for_each(|_| transcript.add_other(Other::Line("a Ping and its Pong".into())));
        assert_eq!(transcript.get(1).map(|kept| kept.content().len()), Some(LIMIT + 1));
        (0..100_000).for_each(|_| transcript.add_other(Other::Line("x".repeat(1000).into())));
        assert!(transcript.get(1).is_some() && transcript.lock().bytes < 2 * LIMIT);
        transcript.add(message(1));
        assert!(transcript.get(1).is_none() && transcript.get(2).is_some());
    }

    #[test]
    fn what_waits_is_marked_on_its_connection_alone() {
        let transcript = Transcript::default();
        for (connection, direction) in [
            (Some(1), Direction::Sent),
            (Some(1), Direction::Sent),
            (Some(2), Direction::Sent),
            (Some(1), Direction::Received),
            (Some(1), Direction::Sent),
        ] {
            let message = Record::message(direction, Kind::Text, b"a"[..].into(), 1, Extent::default());
            transcript.add(Record { connection, ..message });
        }
        let marked = || -> Vec<bool> {
            let is_marked = |entry: &KeptEvent| matches!(entry, KeptEvent::Message(message) if message.unsent);
            transcript.entries().iter().map(is_marked).collect()
        };
        transcript.set_first_untaken(Some(1), Some(2));
        assert_eq!(marked(), [false, true, false, false, true]);
        assert_eq!(
            (1..=5).map(|number| transcript.is_untaken(number, &transcript.get(number).unwrap())).collect::<Vec<_>>(),
            marked()
        );
        transcript.set_first_untaken(Some(1), None);
        assert_eq!(marked(), [false; 5]);
    }

    #[test]
    fn several_share_what_may_be_kept() {
        let first = Transcript::default();
        let message = || {
            let content = vec![0; LIMIT / 4];
            Record::message(Direction::Received, Kind::Binary, content.into(), 1, Extent::default())
        };
        (0..3).for_each(|_| drop(first.add(message())));
        assert_eq!(first.messages().len(), 3);
        let second = first.beside();
        // Before anything more is added to it.
        assert_eq!(first.messages().len(), 1);
        first.add(message());
        (0..3).for_each(|_| drop(second.add(message())));
        assert_eq!((first.messages().len(), second.messages().len()), (1, 1));
        drop(second);
        (0..3).for_each(|_| drop(first.add(message())));
        assert_eq!(first.messages().len(), 3);
    }

    #[test]
    fn what_is_no_message_stands_between_them() {
        let transcript = Transcript::default();
        let line = |text: &str| Other::Line(text.into());
        let message = |content: &'static [u8]| {
            Record::message(Direction::Sent, Kind::Binary, content.into(), content.len() as u64, Extent::default())
        };
        transcript.add_other(line("opened"));
        transcript.add(message(b"1"));
        transcript.add_other(line("between"));
        transcript.add(message(b"2"));
        transcript.add_other(line("closed"));
        let words = |entry| match entry {
            KeptEvent::Message(message) => String::from_utf8_lossy(message.content()).into_owned(),
            KeptEvent::Other(Other::Line(line)) => line.to_string(),
            KeptEvent::Other(Other::Record(record)) => panic!("{record:?}"),
        };
        let words: Vec<String> = transcript.entries().into_iter().map(words).collect();
        assert_eq!(words, ["opened", "1", "between", "2", "closed"]);
        assert_eq!((transcript.next_number(), transcript.get(2).unwrap().content()), (3, &b"2"[..]));
        // What is old goes first, whichever it is.
        for _ in 0..2 {
            transcript.add(Record::message(Direction::Sent, Kind::Binary, vec![0; LIMIT].into(), 1, Extent::default()));
        }
        assert_eq!((transcript.entries().len(), transcript.forgotten()), (1, 3));
    }
}
