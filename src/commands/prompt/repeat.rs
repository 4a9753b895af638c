//! `/repeat`: a message, until it has been sent often enough.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::net::{Interval, Schedule};
use crate::view::amount::Count;

/// Messages that are sent before the keyboard and the peer are heard again.
const AT_ONCE: u64 = 64;

/// The same in bytes of content, but for one message that has more.
const BYTES_AT_ONCE: usize = 256 * 1024;

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
        Self { repetition, schedule: Schedule::new(interval), sent: 0, taken: now, ready: true }
    }

    /// What is sent next, which counts as sent.
    ///
    /// # Errors
    /// What there is nothing to fill in for.
    pub(crate) fn take_text(&mut self) -> Result<&str, String> {
        if let Some(Refill(fill)) = self.repetition.anew.as_ref().filter(|_| self.sent > 0) {
            self.repetition.text = fill()?;
        }
        self.sent += 1;
        Ok(&self.repetition.text)
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

    /// How many are to be taken now.
    pub(crate) fn take_due(&mut self, now: Instant) -> u64 {
        if !self.ready {
            return 0;
        }
        self.taken = now;
        let most = (BYTES_AT_ONCE / self.repetition.text.len().max(1)).max(1) as u64;
        let mut due = 0;
        while due < most.min(AT_ONCE) && self.schedule.is_due(now) {
            self.schedule.begun(now);
            due += 1;
        }
        due.min(self.repetition.times - self.sent)
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
        let due = repeating.take_due(now);
        (0..due).map(|_| repeating.take_text().unwrap().to_owned()).collect()
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
        let texts: Vec<_> = (0..4).map(|_| repeating.take_text().map(str::to_owned)).collect();
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(texts, [ok("first"), ok("again 1"), ok("again 2"), Err("no more".to_owned())]);
        assert_eq!(repeating.times().to_string(), "3 times");
    }

    #[test]
    fn as_many_as_were_asked_for_are_sent_in_time() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut repeating = Repeating::new(repetition(2, Some(second), String::new()), None, start);
        assert_eq!((sent(&mut repeating, start).len(), sent(&mut repeating, start).len()), (1, 0));
        assert_eq!((sent(&mut repeating, start + second).len(), repeating.is_done()), (1, true));
        let large = repetition(9, None, "x".repeat(BYTES_AT_ONCE / 2));
        assert_eq!(Repeating::new(large, None, start).take_due(start), 2);
        let larger = repetition(9, None, "x".repeat(BYTES_AT_ONCE + 1));
        assert_eq!(Repeating::new(larger, None, start).take_due(start), 1);
        let mut repeating = Repeating::new(repetition(AT_ONCE + 1, None, String::new()), None, start);
        assert_eq!(sent(&mut repeating, start).len() as u64, AT_ONCE);
        repeating.set_ready(false);
        assert_eq!((repeating.deadline(), repeating.take_due(start)), (None, 0));
        repeating.set_ready(true);
        assert_eq!((sent(&mut repeating, start).len(), repeating.is_done()), (1, true));
    }
}
