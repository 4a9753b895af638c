//! `--send-after`, `--pace` and `--fill`: what arrives lets the next message out, and gives it values.

use crate::commands::connect::config::Answering;
use crate::handlers::generated::ConnectionValues;
use crate::script::{Captured, Condition, fill};
use crate::stdio::input::InputFault;
use crate::ws::Message;

/// The largest message that is kept for its values, in bytes.
const CAPTURED: usize = 1 << 20;

/// Characters that are shown of a message that can't be filled in.
const SHOWN: usize = 80;

/// Stands before what is to be sent.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// stdin waits for this.
    after: Option<Condition>,
    /// Each message waits for the answer to the one before it.
    paced: bool,
    fills: bool,
    /// What `after` says has come.
    opened: bool,
    came_late: bool,
    /// A message was sent, and its answer hasn't come.
    awaits: bool,
    captured: Option<Captured>,
    /// The last that matched was over [`CAPTURED`].
    too_large: bool,
    /// What no message has.
    values: ConnectionValues,
}

impl Gate {
    pub(super) fn new(answering: &Answering) -> Self {
        let Answering { send_after, paced, fills, .. } = answering;
        Self { after: send_after.clone(), paced: *paced, fills: *fills, ..Self::default() }
    }

    /// A new connection: what came on the last one says nothing about it.
    pub(super) fn begin_again(&mut self) {
        (self.opened, self.awaits, self.captured, self.too_large) = (false, false, None, false);
    }

    /// Whether it wants to hear of messages.
    pub(super) fn listens(&self) -> bool {
        self.after.is_some() || self.paced || self.fills
    }

    pub(super) fn fills(&self) -> bool {
        self.fills
    }

    /// Whether a message of `-d` may go out.
    pub(super) fn lets_request(&self) -> bool {
        !self.awaits
    }

    /// Whether a message of stdin may.
    pub(super) fn lets_stdin(&self) -> bool {
        !self.awaits && (self.opened || self.after.is_none())
    }

    /// Whether an answer is still to come.
    pub(super) fn awaits(&self) -> bool {
        self.awaits
    }

    /// What has to come before stdin is sent, and hasn't.
    pub(super) fn unmet(&self) -> Option<&Condition> {
        self.after.as_ref().filter(|_| !self.opened)
    }

    /// A message has come when nothing is sent any more.
    pub(super) fn hear_too_late(&mut self, message: Message<'_>) {
        self.came_late |= self.after.as_ref().is_some_and(|condition| condition.is_met_by(message));
    }

    /// Whether what has to come before stdin is sent has come when that couldn't be sent any more.
    pub(super) fn came_late(&self) -> bool {
        self.came_late
    }

    /// A message has been sent.
    pub(super) fn sent(&mut self) {
        self.awaits = self.paced;
    }

    /// A message has come; with the condition by which a rule answers it.
    pub(super) fn hear(&mut self, message: Message<'_>, answered: Option<&Condition>) {
        let opens = self.after.as_ref().is_some_and(|condition| condition.is_met_by(message));
        // What a rule answers is no answer, such as a Ping of the application's.
        let answers = opens || (self.after.is_none() && answered.is_none());
        self.opened |= opens;
        self.awaits &= !answers;
        let capturing = match &self.after {
            Some(condition) => Some(condition).filter(|_| opens),
            None if self.paced => Some(&Condition::Any).filter(|_| answers),
            None => answered,
        };
        if let Some(condition) = capturing.filter(|_| self.fills) {
            self.too_large = message.content.len() > CAPTURED;
            self.captured = (!self.too_large).then(|| Captured::new(condition, message));
        }
    }

    /// Fills in a message of ours.
    ///
    /// # Errors
    /// What there is nothing for.
    pub(super) fn fill(&mut self, text: &[u8]) -> Result<Vec<u8>, InputFault> {
        let failed = |why| {
            let beginning: String = String::from_utf8_lossy(text).chars().take(SHOWN).collect();
            InputFault::Other(format!("{beginning:?} can't be filled in: {why}"))
        };
        let Ok(template) = str::from_utf8(text) else { return Err(failed("it is not UTF-8".into())) };
        if self.too_large {
            return Err(failed("the last message that matched is over 1 MiB".into()));
        }
        fill(template, self.captured.as_ref(), &mut self.values).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::regex;
    use crate::ws::Kind;

    fn hear(gate: &mut Gate, text: &str, answered: Option<&Condition>) {
        gate.hear(Message { kind: Kind::Text, content: text.as_bytes() }, answered);
    }

    #[test]
    fn stdin_waits_for_a_match_and_a_paced_message_for_an_answer() {
        let mut gate = Gate { after: Some(regex("ack").unwrap()), ..Gate::default() };
        assert!(gate.lets_request() && !gate.lets_stdin());
        hear(&mut gate, "no", None);
        assert!(!gate.lets_stdin() && gate.unmet().is_some());
        hear(&mut gate, "ack", None);
        gate.sent();
        assert!(gate.lets_stdin() && gate.unmet().is_none());
        let mut gate = Gate { paced: true, ..Gate::default() };
        assert!(gate.lets_stdin());
        gate.sent();
        hear(&mut gate, "ping", Some(&Condition::Any));
        assert!(!gate.lets_stdin() && !gate.lets_request());
        hear(&mut gate, "answer", None);
        assert!(gate.lets_stdin());
        let mut gate = Gate { after: Some(regex("ack").unwrap()), paced: true, ..Gate::default() };
        for _ in 0..2 {
            hear(&mut gate, "ack", None);
            assert!(gate.lets_stdin());
            gate.sent();
            hear(&mut gate, "else", None);
            assert!(!gate.lets_stdin());
        }
    }

    #[test]
    fn the_last_match_is_what_is_filled_in() {
        let mut gate = Gate { fills: true, ..Gate::default() };
        for number in ["[1]", "[2]"] {
            hear(&mut gate, number, Some(&Condition::Any));
            hear(&mut gate, "[3]", None);
        }
        assert_eq!(gate.fill(b"${/0} $0").unwrap(), b"2 [2]");
        // A Ping of the application's that a rule answers takes the place of nothing that was waited for.
        for after in [None, Some(regex("1").unwrap())] {
            let mut gate = Gate { after, paced: true, fills: true, ..Gate::default() };
            hear(&mut gate, "[1]", None);
            hear(&mut gate, "[2]", Some(&Condition::Any));
            assert_eq!(gate.fill(b"${/0}").unwrap(), b"1");
        }
        let mut gate = Gate { paced: true, fills: true, ..Gate::default() };
        hear(&mut gate, &"x".repeat(CAPTURED + 1), None);
        assert_eq!(
            gate.fill(b"$0").unwrap_err().into_words(),
            "\"$0\" can't be filled in: the last message that matched is over 1 MiB"
        );
        gate.begin_again();
        assert!(
            gate.fill(b"$0")
                .unwrap_err()
                .into_words()
                .ends_with("no message has matched yet that $0 could be taken from")
        );
    }
}
