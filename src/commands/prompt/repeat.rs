//! `/repeat`: a message, until it has been sent often enough.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::net::{Interval, Schedule};
use crate::view::amount::Count;
use crate::ws::Counters;

/// Messages that are sent before the keyboard and the peer are heard again.
const AT_ONCE: u64 = 64;

/// The same in bytes of content, but for what the last message has over that.
const BYTES_AT_ONCE: u64 = 256 * 1024;

/// A message again and again.
#[derive(Debug, Clone)]
pub(crate) struct Repetition {
    pub(super) times: u64,
    /// From one to the next; `None` sends as fast as the peer takes them.
    pub(super) every: Option<Duration>,
    pub(super) text: String,
    /// Where its places are filled in: what makes the text of each time after the first.
    pub(super) anew: Option<Refill>,
}

/// Fills a text in once more.
#[derive(Clone)]
pub(super) struct Refill(Arc<dyn Fn() -> Result<String, String> + Send + Sync>);

impl Refill {
    /// `fill` says what there is nothing for.
    pub(super) fn new(fill: impl Fn() -> Result<String, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }
}

impl fmt::Debug for Refill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refill")
    }
}

impl Repetition {
    /// Bytes that it holds while it waits.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }

    /// Whether it goes on after its first message, for a time.
    pub(super) fn takes_time(&self) -> bool {
        self.times > 1 && self.every.is_some()
    }
}

/// A repetition under way.
#[derive(Debug)]
pub(crate) struct Repeating {
    repetition: Repetition,
    schedule: Schedule,
    sent: u64,
    /// What was sent in this turn.
    in_turn: Counters,
    /// When messages were last taken, or when it began.
    taken: Instant,
    /// The peer has taken everything so far.
    ready: bool,
}

impl Repeating {
    /// No faster than `pace`.
    pub(crate) fn new(repetition: Repetition, pace: Option<Interval>, now: Instant) -> Self {
        let every = repetition.every.filter(|every| !every.is_zero());
        let interval = match (pace.filter(|pace| !pace.time().is_zero()), every) {
            (Some(pace), every) => Some(pace.at_least(every.unwrap_or_default())),
            (None, every) => every.map(Interval::Rate),
        };
        Self {
            repetition,
            schedule: Schedule::new(interval),
            sent: 0,
            in_turn: Counters::default(),
            taken: now,
            ready: true,
        }
    }

    /// Another turn, in which so much may be sent as is sent at once.
    pub(crate) fn begin_turn(&mut self, now: Instant) {
        if self.ready {
            self.taken = now;
        }
        self.in_turn = Counters::default();
    }

    /// What is sent next in this turn, which counts as sent; `None` where nothing more is.
    ///
    /// # Errors
    /// What there is nothing to fill in for.
    pub(crate) fn next_due(&mut self, now: Instant) -> Option<Result<&str, String>> {
        let is_over = self.in_turn.messages == AT_ONCE || self.in_turn.bytes >= BYTES_AT_ONCE;
        if !self.ready || is_over || self.is_done() || !self.schedule.is_due(now) {
            return None;
        }
        if let Some(Refill(fill)) = self.repetition.anew.as_ref().filter(|_| self.sent > 0) {
            match fill() {
                Ok(text) => self.repetition.text = text,
                Err(why) => return Some(Err(why)),
            }
        }
        self.schedule.begun(now);
        self.sent += 1;
        self.in_turn.add(self.repetition.text.len(), true);
        Some(Ok(&self.repetition.text))
    }

    /// How often it was sent.
    pub(crate) fn times(&self) -> Count {
        Count(self.sent, "time")
    }

    /// Nothing is due while the peer hasn't taken what was sent.
    pub(crate) fn set_ready(&mut self, ready: bool) {
        self.ready = ready;
    }

    /// When messages are due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.ready.then(|| self.schedule.next().map_or(self.taken, |next| next.max(self.taken)))
    }

    pub(crate) fn is_done(&self) -> bool {
        self.sent == self.repetition.times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repetition(times: u64, every: Option<Duration>, text: String) -> Repetition {
        Repetition { times, every, text, anew: None }
    }

    /// What is sent in a turn.
    fn sent(repeating: &mut Repeating, now: Instant) -> Vec<String> {
        repeating.begin_turn(now);
        std::iter::from_fn(|| repeating.next_due(now).map(|text| text.unwrap().to_owned())).collect()
    }

    #[test]
    fn each_time_its_places_are_filled_in() {
        let count = std::sync::atomic::AtomicU64::new(1);
        let anew = Refill::new(move || match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            3 => Err("no more".to_owned()),
            number => Ok(format!("again {number}")),
        });
        let mut repeating = Repeating::new(
            Repetition { anew: Some(anew), ..repetition(9, None, "first".into()) },
            None,
            Instant::now(),
        );
        let now = Instant::now();
        let texts: Vec<_> = (0..4).map(|_| repeating.next_due(now).unwrap().map(str::to_owned)).collect();
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(texts, [ok("first"), ok("again 1"), ok("again 2"), Err("no more".to_owned())]);
        assert_eq!(repeating.times().to_string(), "3 times");
    }

    /// What is filled in may be what a peer has said, and much longer than before.
    #[test]
    fn a_turn_is_over_by_what_was_filled_in() {
        let now = Instant::now();
        let anew = Refill::new(|| Ok("x".repeat(BYTES_AT_ONCE as usize)));
        let small = Repetition { anew: Some(anew), ..repetition(9, None, "small".into()) };
        let mut repeating = Repeating::new(small, None, now);
        assert_eq!([(); 3].map(|()| sent(&mut repeating, now).len()), [2, 1, 1]);
    }

    #[test]
    fn as_many_as_were_asked_for_are_sent_in_time() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut repeating = Repeating::new(repetition(2, Some(second), String::new()), None, start);
        assert_eq!((sent(&mut repeating, start).len(), sent(&mut repeating, start).len()), (1, 0));
        assert_eq!((sent(&mut repeating, start + second).len(), repeating.is_done()), (1, true));
        let at_once = |bytes: u64| {
            let large = repetition(9, None, "x".repeat(bytes as usize));
            sent(&mut Repeating::new(large, None, start), start).len()
        };
        assert_eq!((at_once(BYTES_AT_ONCE / 2), at_once(BYTES_AT_ONCE + 1)), (2, 1));
        let mut repeating = Repeating::new(repetition(AT_ONCE + 1, None, String::new()), None, start);
        assert_eq!(sent(&mut repeating, start).len() as u64, AT_ONCE);
        repeating.set_ready(false);
        assert_eq!((repeating.deadline(), sent(&mut repeating, start).len()), (None, 0));
        repeating.set_ready(true);
        assert_eq!((sent(&mut repeating, start).len(), repeating.is_done()), (1, true));
    }
}
