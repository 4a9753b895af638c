//! What steps wait for on a connection that is open.

use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;

use super::branch::{ScenarioBranch, Stepped};
use super::excerpt::SaidWords;
use super::handler::closed;
use super::line::{ScenarioLine, SharedLine, Waited};
use super::report::{Halt, difference};
use super::step_patience::StepPatience;
use super::unordered::Matching;
use super::values::{MatchedMessage, StepValues};
use crate::net::End;
use crate::peer_text::Escaped;
use crate::script::LineValue;
use crate::script::scenario::{
    CaptureSource, Expectation, FilledCheck, MessageCheck, ReceivedMessage, ScenarioCapture, ScenarioStep,
    ScenarioTemplate,
};
use crate::view::amount::{Count, GivenTime};
use crate::ws::{Kind, StatusCode};

/// The next thing that a step may look at.
enum AwaitedMessage {
    Message(ReceivedMessage),
    /// Nothing more comes.
    Ended(Arc<End>),
    /// A step before couldn't send.
    Refused(String),
}

/// What ends a wait in which nothing should come.
enum SilenceEnd {
    Message(ReceivedMessage),
    Connection(Arc<End>),
}

impl ScenarioBranch<'_> {
    pub(super) fn expect(&mut self, step: &ScenarioStep, name: &str, expectation: &Expectation) -> Stepped {
        if let Expectation::Handshake(check) = expectation {
            return self.expect_handshake(step, name, check);
        }
        let line = self.line(step, name)?;
        let within = expectation.within().map(|within| self.late(step, within)).transpose()?;
        match expectation {
            Expectation::Messages { count, checks, captures, .. } => {
                let checks = self.filled(step, |values| filled(checks, values))?;
                (0..*count).try_for_each(|had| {
                    let wanted = wanted_messages(&checks, *count, had);
                    let message = self.expect_message(step, &line, &checks, within, wanted)?;
                    self.keep(step, &checks, captures, message)
                })
            }
            Expectation::Unordered { sets, .. } => self.expect_unordered(step, &line, sets, within),
            Expectation::NoMessage { checks, .. } => self.expect_none(step, &line, checks, within.unwrap_or_default()),
            Expectation::Closed { code, reason, .. } => {
                let code = code.as_ref().map(|code| self.late(step, code)).transpose()?;
                self.expect_closed(step, &line, code, reason.as_ref(), within)
            }
            Expectation::Dropped { .. } => self.expect_dropped(step, &line, within),
            Expectation::Ping { payload, .. } => {
                self.expect_control(step, &line, "ping", payload.as_ref(), within, |state| state.pings.pop_front())
            }
            Expectation::Pong { payload, .. } => {
                self.expect_control(step, &line, "pong", payload.as_ref(), within, |state| state.pongs.pop_front())
            }
            Expectation::Handshake(_) => Ok(()),
        }
    }

    /// The next message that is so, or with `within` the first of those that come.
    fn expect_message(
        &self,
        step: &ScenarioStep,
        line: &ScenarioLine,
        checks: &[FilledCheck],
        within: Option<Duration>,
        wanted: String,
    ) -> Stepped<ReceivedMessage> {
        let patience = self.patience(within);
        let (mut passed, mut last) = (0_u64, None);
        loop {
            let why = match line.wait(patience.ends, next) {
                Waited::Found(AwaitedMessage::Message(message)) => {
                    let Some(unmet) = checks.iter().find(|check| !check.is_met(&message)) else { return Ok(message) };
                    if within.is_none() {
                        return Err(self.unmet(step, wanted, unmet, &message));
                    }
                    passed += 1;
                    last = Some(message);
                    continue;
                }
                Waited::Found(AwaitedMessage::Ended(end)) => format!("the connection has ended: {end}"),
                Waited::Found(AwaitedMessage::Refused(why)) => format!("what was to be sent before was not: {why}"),
                Waited::Interrupted => return Err(Halt::Interrupted),
                Waited::TimedOut => {
                    let other = if passed == 0 { "nothing" } else { "nothing else" };
                    format!("{other} came within {patience}")
                }
            };
            return Err(
                match last.as_ref().and_then(|last| Some((last, checks.iter().find(|check| !check.is_met(last))?))) {
                    Some((message, unmet)) => {
                        let Halt::Failed(mut failure) = self.unmet(step, wanted, unmet, message) else {
                            return Err(Halt::Interrupted);
                        };
                        failure.found.insert(0, format!("{why}; {}", came_in_vain(passed)));
                        Halt::Failed(failure)
                    }
                    None => self.failed(step, wanted, vec![why]),
                },
            );
        }
    }

    /// That a message is another one.
    fn unmet(&self, step: &ScenarioStep, wanted: String, unmet: &FilledCheck, message: &ReceivedMessage) -> Halt {
        let mut found = vec![SaidWords::of(message.message()).to_string()];
        found.extend(unmet.found(message).map(|found| Escaped(&found).to_string()));
        let mut failure = self.failure(step, wanted, found);
        failure.difference = difference(unmet, message, &self.shared.run.secrets);
        Halt::Failed(failure)
    }

    /// Keeps what has come, and what of it has a name.
    fn keep(
        &mut self,
        step: &ScenarioStep,
        checks: &[FilledCheck],
        captures: &[ScenarioCapture],
        message: ReceivedMessage,
    ) -> Stepped {
        for regex in checks.iter().filter_map(FilledCheck::expression) {
            self.keep_named_groups(regex, &message);
        }
        let groups = match checks.iter().find_map(FilledCheck::expression) {
            Some(regex) => groups(regex, &message).unwrap_or_default(),
            None => vec![Some(String::from_utf8_lossy(&message.content).into_owned())],
        };
        let matched = MatchedMessage { message, groups };
        for capture in captures {
            let value = captured(&capture.source, &matched).map_err(|why| {
                let expected = format!("a value for {} at {}", capture.name, capture.source);
                self.failed(step, expected, vec![why, SaidWords::of(matched.message.message()).to_string()])
            })?;
            self.values.named.insert(capture.name.clone(), value);
        }
        self.values.last = Some(matched);
        Ok(())
    }

    /// Gives the named groups of a match their names; one that isn't part of it has none.
    fn keep_named_groups(&mut self, regex: &Regex, message: &ReceivedMessage) {
        let Some(captures) = regex.captures(&message.content) else { return };
        for name in regex.capture_names().flatten() {
            match captures.name(name) {
                Some(group) => {
                    let text = String::from_utf8_lossy(group.as_bytes()).into_owned();
                    self.values.named.insert(name.to_owned(), LineValue::Text(text));
                }
                None => drop(self.values.named.remove(name)),
            }
        }
    }

    fn expect_unordered(
        &mut self,
        step: &ScenarioStep,
        line: &ScenarioLine,
        sets: &[Vec<MessageCheck>],
        within: Option<Duration>,
    ) -> Stepped {
        let sets = self
            .filled(step, |values| sets.iter().map(|checks| filled(checks, values)).collect::<Result<Vec<_>, _>>())?;
        let patience = self.patience(within);
        let mut matching = Matching::new(sets.len());
        // Those that stand for no set, how many, and the last.
        let (mut others, mut last) = (0_u64, None);
        while !matching.is_whole() {
            let why = match line.wait(patience.ends, next) {
                Waited::Found(AwaitedMessage::Message(message)) => {
                    let met =
                        sets.iter().enumerate().filter(|(_, checks)| checks.iter().all(|check| check.is_met(&message)));
                    if matching.add(met.map(|(set, _)| set).collect()) {
                        continue;
                    }
                    (others, last) = (others + 1, Some(message));
                    if within.is_some() {
                        continue;
                    }
                    "the next message is none of them".to_owned()
                }
                Waited::Found(AwaitedMessage::Ended(end)) => format!("the connection has ended: {end}"),
                Waited::Found(AwaitedMessage::Refused(why)) => format!("what was to be sent before was not: {why}"),
                Waited::Interrupted => return Err(Halt::Interrupted),
                Waited::TimedOut => format!("nothing else came within {patience}"),
            };
            let missing: Vec<&Vec<FilledCheck>> = matching.missing().map(|set| &sets[set]).collect();
            let expected: Vec<String> = missing.iter().map(|checks| joined(checks)).collect();
            let mut found = vec![why];
            if let Some(last) = &last {
                if within.is_some() {
                    found[0].push_str(&format!("; {}", came_in_vain(others)));
                }
                found.push(SaidWords::of(last.message()).to_string());
                let unmet = missing.iter().filter_map(|checks| checks.iter().find(|check| !check.is_met(last)));
                found.extend(unmet.filter_map(|unmet| unmet.found(last)).map(|found| Escaped(&found).to_string()));
            }
            return Err(self.failed(step, format!("in any order: {}", expected.join("; ")), found));
        }
        Ok(())
    }

    /// What doesn't meet the conditions stays for the next step.
    fn expect_none(
        &self,
        step: &ScenarioStep,
        line: &ScenarioLine,
        checks: &[MessageCheck],
        within: Duration,
    ) -> Stepped {
        let checks = self.filled(step, |values| filled(checks, values))?;
        let mut looked = 0;
        let found = line.wait(self.patience(Some(within)).ends, |state| {
            let found =
                state.messages.iter().skip(looked).find(|message| checks.iter().all(|check| check.is_met(message)));
            looked = state.messages.len();
            match (found, &state.end) {
                (Some(message), _) => Some(SilenceEnd::Message(message.clone())),
                (None, Some(end)) => Some(SilenceEnd::Connection(Arc::clone(end))),
                (None, None) => None,
            }
        });
        let found = match found {
            Waited::Interrupted => return Err(Halt::Interrupted),
            Waited::TimedOut => return Ok(()),
            // Nothing more comes, and that is how it should be.
            Waited::Found(SilenceEnd::Connection(end)) if end.close().is_some() => return Ok(()),
            Waited::Found(SilenceEnd::Connection(end)) => format!("the connection has ended: {end}"),
            Waited::Found(SilenceEnd::Message(message)) => SaidWords::of(message.message()).to_string(),
        };
        let what = match checks.is_empty() {
            true => "no message".to_owned(),
            false => format!("no message that is {}", joined(&checks)),
        };
        Err(self.failed(step, format!("{what} within {}", GivenTime(within)), vec![found]))
    }

    /// The end of the connection, which passes over what came before it.
    fn end(&self, line: &ScenarioLine, patience: StepPatience) -> Waited<Arc<End>> {
        line.wait(patience.ends, |state| {
            state.pass_over();
            state.is_end_expected = true;
            state.end.clone()
        })
    }

    fn expect_closed(
        &self,
        step: &ScenarioStep,
        line: &ScenarioLine,
        code: Option<u16>,
        reason: Option<&ScenarioTemplate>,
        within: Option<Duration>,
    ) -> Stepped {
        let reason = self.filled(step, |values| reason.map(|reason| values.fill(reason)).transpose())?;
        let code_text = code.map(|code| format!(" with {code}")).unwrap_or_default();
        let reason_text = reason.as_ref().map(|reason| format!(" {reason:?}")).unwrap_or_default();
        let expected = format!("the connection to be closed{code_text}{reason_text}");
        // The closing handshake decides it; the peer may leave TCP open for a while.
        let patience = self.patience(within);
        let ended = line.wait(patience.ends, |state| {
            state.pass_over();
            state.is_end_expected = true;
            state.closed.clone().or_else(|| state.end.as_deref().map(closed))
        });
        let (close, end) = match ended {
            Waited::Found(ended) => ended,
            Waited::Interrupted => return Err(Halt::Interrupted),
            Waited::TimedOut => {
                let found = format!("it is still open after {patience}");
                return Err(self.failed(step, expected, vec![found]));
            }
        };
        let is_met = close.as_ref().is_some_and(|close| {
            let found = close.code.unwrap_or(StatusCode::NO_STATUS).0;
            code.is_none_or(|code| code == found) && reason.as_ref().is_none_or(|reason| *reason == close.reason)
        });
        if is_met {
            return Ok(());
        }
        let mut found = vec![end];
        if close.is_none()
            && let Waited::Found(end) = self.end(line, patience)
            && has_no_handshake(&end)
        {
            found.push("expect dropped is the step for an end without a closing handshake".to_owned());
        }
        Err(self.failed(step, expected, found))
    }

    fn expect_dropped(&self, step: &ScenarioStep, line: &ScenarioLine, within: Option<Duration>) -> Stepped {
        let expected = "the connection to end without a closing handshake";
        let patience = self.patience(within);
        match self.end(line, patience) {
            Waited::Found(end) if has_no_handshake(&end) => Ok(()),
            Waited::Found(end) => Err(self.failed(step, expected, vec![end.to_string()])),
            Waited::Interrupted => Err(Halt::Interrupted),
            Waited::TimedOut => {
                let found = format!("it is still open after {patience}");
                Err(self.failed(step, expected, vec![found]))
            }
        }
    }

    fn expect_control(
        &self,
        step: &ScenarioStep,
        line: &ScenarioLine,
        name: &str,
        payload: Option<&ScenarioTemplate>,
        within: Option<Duration>,
        take: impl Fn(&mut SharedLine) -> Option<Vec<u8>>,
    ) -> Stepped {
        let payload = self.filled(step, |values| payload.map(|payload| values.fill(payload)).transpose())?;
        let expected = format!("a {}", SaidWords::control(name, payload.as_deref().unwrap_or_default().as_bytes()));
        let patience = self.patience(within);
        let found = line.wait(patience.ends, |state| {
            take(state)
                .map(Ok)
                .or_else(|| state.end.as_ref().map(|end| Err(format!("the connection has ended: {end}"))))
        });
        match found {
            Waited::Found(Ok(found)) if payload.as_ref().is_none_or(|payload| payload.as_bytes() == found) => Ok(()),
            Waited::Found(Ok(found)) => {
                Err(self.failed(step, expected, vec![SaidWords::control(name, &found).to_string()]))
            }
            Waited::Found(Err(why)) => Err(self.failed(step, expected, vec![why])),
            Waited::Interrupted => Err(Halt::Interrupted),
            Waited::TimedOut => Err(self.failed(step, expected, vec![format!("none came within {patience}")])),
        }
    }
}

/// Whether a connection ended as `expect dropped` has it.
fn has_no_handshake(end: &End) -> bool {
    matches!(end, End::Dropped(_) | End::ReadFailed(..) | End::WriteFailed(..) | End::Abandoned)
}

/// What a step that waits for a message finds.
fn next(state: &mut SharedLine) -> Option<AwaitedMessage> {
    if let Some(message) = state.take() {
        return Some(AwaitedMessage::Message(message));
    }
    if let Some(end) = &state.end {
        return Some(AwaitedMessage::Ended(Arc::clone(end)));
    }
    state.refused.clone().map(AwaitedMessage::Refused)
}

pub(super) fn filled(checks: &[MessageCheck], values: &StepValues<'_>) -> Result<Vec<FilledCheck>, String> {
    checks.iter().map(|check| check.fill(&mut |variable| values.get(variable))).collect()
}

/// Conditions as they are written.
pub(super) fn joined(checks: &[FilledCheck]) -> String {
    checks.iter().map(FilledCheck::to_string).collect::<Vec<_>>().join(" and ")
}

fn wanted_messages(checks: &[FilledCheck], count: u64, had: u64) -> String {
    match count {
        1 => joined(checks),
        count => format!("{count} messages, each {}; message {}", joined(checks), had + 1),
    }
}

/// How many messages came that were not what was expected, before the last of them.
fn came_in_vain(count: u64) -> String {
    format!("{} came that {} not it, the last:", Count(count, "message"), if count == 1 { "was" } else { "were" })
}

fn groups(regex: &Regex, message: &ReceivedMessage) -> Option<Vec<Option<String>>> {
    let captures = regex.captures(&message.content)?;
    let text = |group: regex::bytes::Match<'_>| String::from_utf8_lossy(group.as_bytes()).into_owned();
    Some(captures.iter().map(|group| group.map(text)).collect())
}

fn captured(source: &CaptureSource, matched: &MatchedMessage) -> Result<LineValue, String> {
    match source {
        CaptureSource::Pointer(pointer) => matched.value(pointer).map_err(|_| format!("the message has no {pointer}")),
        CaptureSource::Group(number) => {
            let group = matched.groups.get(*number).cloned().flatten();
            group.map(LineValue::Text).ok_or_else(|| format!("the match has no ${number}"))
        }
        CaptureSource::Match(regex) => {
            let is_text = matched.message.kind == Kind::Text;
            let groups = groups(regex, &matched.message).filter(|_| is_text).unwrap_or_default();
            let found = groups.get(1).or(groups.first()).cloned().flatten();
            found.map(LineValue::Text).ok_or_else(|| format!("the message doesn't match {regex}"))
        }
    }
}
