//! Requests that were sent, until the reply comes that has the same value in it: `id`, as JSON-RPC has it, or another.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::script;
use crate::trace::latencies::Latencies;
use crate::view::amount::{Age, Count};
use crate::view::json_pointer::Pointer;
use crate::ws::{Direction, Message};

/// By what a reply is paired with its request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Correlation {
    /// `id`, which requests of the peer's and replies to them have too (JSON-RPC 2.0).
    #[default]
    Id,
    /// Whatever is there.
    Pointer(Pointer),
}

/// Requests that are waited for, at the most, and the longest value that pairs them, in bytes.
const WAITING: usize = 1000;
const LONGEST: usize = 256;

/// Longer messages aren't looked at, in bytes.
const LOOKED_AT: usize = 1 << 20;

/// Unanswered ones that are named.
const NAMED: usize = 5;

/// Those of all connections, by the client where there are several.
#[derive(Debug, Default)]
pub(super) struct PendingRequests {
    waiting: BTreeMap<(Option<u64>, String), Instant>,
    latencies: Latencies,
    /// Those that have been given up for newer ones.
    forgotten: u64,
}

impl PendingRequests {
    /// Takes a message into account. How long a reply took is told.
    pub(super) fn message(
        &mut self,
        correlation: &Correlation,
        (client, direction): (Option<u64>, Direction),
        message: Message<'_>,
        now: Instant,
    ) -> Option<Duration> {
        // Most of what comes is no reply, and isn't looked at while nobody waits for one.
        let is_nothing = self.waiting.is_empty() && direction == Direction::Received;
        if is_nothing || message.content.len() > LOOKED_AT || !message.content.trim_ascii_start().starts_with(b"{") {
            return None;
        }
        let id = id(correlation, direction, message).filter(|id| id.len() <= LONGEST)?;
        match direction {
            Direction::Sent => {
                self.waiting.insert((client, id), now);
                if self.waiting.len() > WAITING {
                    self.forget_oldest();
                }
                None
            }
            Direction::Received => {
                let took = now.saturating_duration_since(self.waiting.remove(&(client, id))?);
                self.latencies.add(took);
                Some(took)
            }
        }
    }

    /// Nobody of a connection that has ended answers any more.
    pub(super) fn begin_again(&mut self) {
        *self = Self::default();
    }

    /// What `/stats` says: nothing where there were none.
    pub(super) fn line(&self, now: Instant) -> Option<String> {
        let none = self.latencies.is_empty() && self.waiting.is_empty();
        (!none).then(|| format!("requests  {}{}", self.latencies, self.unanswered(now)))
    }

    fn unanswered(&self, now: Instant) -> String {
        let mut waiting: Vec<_> = self.waiting.iter().collect();
        waiting.sort_by_key(|(_, sent)| **sent);
        let named: Vec<String> = waiting
            .iter()
            .take(NAMED)
            .map(|((client, id), sent)| {
                let client = client.map(|client| format!("[{client}] ")).unwrap_or_default();
                format!("{client}{id} for {}", Age(now.saturating_duration_since(**sent)))
            })
            .collect();
        let more = if waiting.len() > NAMED { ", …" } else { "" };
        let forgotten = match self.forgotten {
            0 => String::new(),
            count => format!("; {} no longer waited for", Count(count, "older request")),
        };
        match named.is_empty() {
            true => forgotten,
            false => format!("; {} unanswered: {}{more}{forgotten}", waiting.len(), named.join(", ")),
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.waiting.iter().min_by_key(|(_, sent)| **sent).map(|(key, _)| key.clone());
        if let Some(oldest) = oldest {
            self.waiting.remove(&oldest);
            self.forgotten += 1;
        }
    }
}

/// What pairs a request of ours, or a reply to one.
fn id(correlation: &Correlation, direction: Direction, message: Message<'_>) -> Option<String> {
    match correlation {
        Correlation::Pointer(pointer) => script::value(message, pointer).map(str::to_owned),
        Correlation::Id => {
            let id = script::value(message, &Pointer::to_member("id")).filter(|id| *id != "null")?;
            let has = |name| script::value(message, &Pointer::to_member(name)).is_some();
            let is_meant = match direction {
                Direction::Sent => !has("result") && !has("error"),
                Direction::Received => !has("method"),
            };
            is_meant.then(|| id.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::Kind;

    fn message(content: &str) -> Message<'_> {
        Message { kind: Kind::Text, content: content.as_bytes() }
    }

    #[test]
    fn a_reply_is_paired_with_the_request_of_its_id() {
        let (start, mut requests) = (Instant::now(), PendingRequests::default());
        let mut seen = |direction, content: &str, seconds| {
            let now = start + Duration::from_secs(seconds);
            requests.message(&Correlation::Id, (None, direction), message(content), now)
        };
        let (sent, received) = (Direction::Sent, Direction::Received);
        let second = |count| Some(Duration::from_secs(count));
        assert_eq!(seen(sent, r#"{"id":1,"method":"a"}"#, 0), None);
        assert_eq!(seen(sent, r#"{"id":"x","method":"b"}"#, 1), None);
        // The peer's own request, and what answers it.
        assert_eq!(seen(received, r#"{"id":1,"method":"c"}"#, 2), None);
        assert_eq!(seen(sent, r#"{"id":7,"result":null}"#, 2), None);
        assert_eq!(seen(received, "text", 3), None);
        assert_eq!(seen(received, r#"{"result":{},"id":1}"#, 3), second(3));
        assert_eq!(seen(received, r#"{"result":{},"id":1}"#, 4), None);
        let told = requests.line(start + Duration::from_secs(35)).unwrap();
        let latencies = "1 answered: min 3000 ms, mean 3000 ms, max 3000 ms, p99 3000 ms";
        assert_eq!(told, format!("requests  {latencies}; 1 unanswered: \"x\" for 34.0 s"));
        requests.begin_again();
        assert_eq!(requests.line(start), None);
    }

    #[test]
    fn another_value_may_pair_them_and_those_that_wait_are_bounded() {
        let (now, mut requests) = (Instant::now(), PendingRequests::default());
        let by = Correlation::Pointer(Pointer::parse("/meta/ref").unwrap());
        let line = |requests: &PendingRequests| requests.line(now + Duration::from_secs(2000)).unwrap();
        for number in 0..WAITING + 3 {
            if let Some(1 | 2) = number.checked_sub(WAITING) {
                let count = if number == WAITING + 1 { "1 older request" } else { "2 older requests" };
                assert!(
                    line(&requests).ends_with(&format!(", …; {count} no longer waited for")),
                    "{}",
                    line(&requests)
                );
            }
            let content = format!(r#"{{"meta":{{"ref":{number}}}}}"#);
            requests.message(
                &by,
                (Some(1), Direction::Sent),
                message(&content),
                now + Duration::from_secs(number as u64),
            );
        }
        let later = now + Duration::from_secs(2000);
        let mut reply = |client, number: usize| {
            let content = format!(r#"{{"meta":{{"ref":{number}}}}}"#);
            requests.message(&by, (Some(client), Direction::Received), message(&content), later).is_some()
        };
        assert!(!reply(1, 2) && !reply(2, 3) && reply(1, 3));
        assert!(requests.line(later).unwrap().contains("; 999 unanswered: [1] 4 for 33 min 16 s, [1] 5 for "));
    }
}
