//! Steps one after the other, and beside each other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::ScenarioShared;
use super::awaited_client::NamedConnection;
use super::line::{LineOrder, ScenarioLine, Waited, WhenStopped};
use super::opening::{OpenRequest, ScenarioConnection, ScenarioHandshake, title};
use super::report::{ConnectionExcerpt, Halt, ScenarioFailure};
use super::step_patience::StepPatience;
use super::values::{ScenarioValues, StepValues};
use crate::advice::Dialect;
use crate::error::Error;
use crate::exit::Exit;
use crate::http::{Secrets, shown_url};
use crate::net::{End, Interrupt, Stop};
use crate::script::LineValue;
use crate::script::raw_frame::RawFrame;
use crate::script::scenario::{
    ConnectStep, Expectation, FillFault, LateValue, Relation, ScenarioStep, ScenarioTemplate, SentContent,
    SkipCondition, StepAction,
};
use crate::view::amount::Elapsed;
use crate::ws::{Close, Kind, OwnedItem};

/// What a step needs.
const PLACES: &str = "a value for every ${…} of the step";

/// The number of a repetition or a copy.
const INDEX: &str = "index";

/// The status of an answer that opens a connection (RFC 6455 §4.2.2).
const SWITCHING_PROTOCOLS: u16 = 101;

/// How long the steps at the end may take, where the file has no time left.
const LAST_STEPS: Duration = Duration::from_secs(10);

/// The same where the process is to end: less than it then waits for its peers.
const LAST_STEPS_OF_RUN: Duration = Duration::from_millis(700);

/// Steps in a row, with what they know.
pub(super) struct ScenarioBranch<'a> {
    pub(super) shared: &'a ScenarioShared<'a>,
    pub(super) values: ScenarioValues,
    connections: BTreeMap<String, NamedConnection>,
    /// Those that have been opened here, under whatever name they go now.
    opened: Vec<NamedConnection>,
    timeout: Duration,
    /// When all steps have to be over.
    deadline: Option<Instant>,
    /// A refusal that no step has spoken of: by whom, and what it comes to.
    refusal: Option<(String, Box<ScenarioFailure>)>,
    /// What opens a connection that hasn't been used yet, by its name.
    declared: BTreeMap<String, &'a [ScenarioStep]>,
    /// The steps are those of the end, which are taken even where the process is to end.
    are_last: bool,
    /// The step that was taken last.
    latest: Option<&'a ScenarioStep>,
    /// The first violation that no step has looked at, of a connection that is forgotten, and that connection.
    violation: Option<(String, Arc<End>)>,
}

/// What a step has come to.
pub(super) type Stepped<T = ()> = Result<T, Halt>;

impl<'a> ScenarioBranch<'a> {
    pub(super) fn new(shared: &'a ScenarioShared<'a>) -> Self {
        let run = shared.run;
        let named = run.variables.iter().map(|(name, value)| (name.clone(), LineValue::Text(value.clone())));
        Self {
            shared,
            values: ScenarioValues { named: named.collect(), last: None },
            connections: BTreeMap::new(),
            opened: Vec::new(),
            timeout: run.timeout,
            deadline: run.latest,
            refusal: None,
            declared: BTreeMap::new(),
            are_last: false,
            latest: None,
            violation: None,
        }
    }

    /// A branch beside this one, which knows what this one does.
    fn beside(&self) -> Self {
        Self {
            shared: self.shared,
            values: self.values.clone(),
            connections: self.connections.clone(),
            opened: Vec::new(),
            timeout: self.timeout,
            deadline: self.deadline,
            refusal: None,
            declared: self.declared.clone(),
            are_last: self.are_last,
            latest: None,
            violation: None,
        }
    }

    /// Closes what has been opened here, and waits for the end of it.
    pub(super) fn leave(&mut self) {
        self.opened.iter().for_each(|connection| connection.close());
        let begun = Instant::now();
        self.opened.drain(..).for_each(|connection| connection.join(begun));
    }

    /// Whether any connection has been opened, or refused.
    pub(super) fn has_connected(&self) -> bool {
        self.shared.has_connected.load(Ordering::Relaxed)
    }

    /// The steps at the end have time of their own.
    pub(super) fn begin_last_steps(&mut self) {
        let run = self.shared.run;
        let now = Instant::now();
        // After the time of the run, and after a signal, there is some for them.
        let latest = run.latest.map(|latest| latest.max(now) + LAST_STEPS_OF_RUN);
        let stopped = self.is_stopped().then_some(now + LAST_STEPS_OF_RUN);
        self.deadline = [Some(now + LAST_STEPS), latest, stopped].into_iter().flatten().min();
        self.refusal = None;
        self.are_last = true;
        self.opened.iter().filter_map(NamedConnection::now).for_each(|connection| connection.resume());
    }

    pub(super) fn take(&mut self, steps: &'a [ScenarioStep]) -> Stepped {
        steps.iter().try_for_each(|step| {
            self.check_time(step)?;
            self.open_declared(step)?;
            self.shared.run.current.set(step);
            let heeds = match &step.action {
                StepAction::Expect { connection, expectation: Expectation::Handshake(_) } => Some(connection.as_str()),
                _ => None,
            };
            self.check_refusal(heeds)?;
            // Those of a block that is taken here come after it.
            self.latest = Some(step);
            self.step(step).map_err(|halt| self.with_excerpts(halt))?;
            // What the end of the time has cut short hasn't been done.
            self.check_time(step)
        })
    }

    /// Opens the connection of the step, if this is the first that uses it.
    fn open_declared(&mut self, step: &ScenarioStep) -> Stepped {
        match step.connection().and_then(|name| self.declared.remove(name)) {
            Some(steps) => self.take(steps),
            None => Ok(()),
        }
    }

    /// Looks, behind the last step, at what no step has looked at.
    ///
    /// # Errors
    /// A refusal that no step has spoken of; a connection opened here that the peer has ended against the protocol or without a
    /// Close, where no step said that it would end.
    pub(super) fn check_ends(&mut self) -> Stepped {
        self.check_refusal(None)?;
        let Some(latest) = self.latest else { return Ok(()) };
        // What comes behind the last step on a connection comes behind the test, if that is its last one.
        let is_meant = |connection: &ScenarioConnection, end: &End| {
            matches!(end, End::Violation(_)) || !latest.uses(&connection.name)
        };
        let ended = self.violation.take().or_else(|| self.unexpected_end(is_meant));
        let Some((title, end)) = ended else { return Ok(()) };
        let expected = format!("{title} to stay open, or a step that says how it ends");
        let mut failure = self.failure(latest, expected, vec![format!("the connection has ended: {end}")]);
        failure.exit = end.exit();
        Err(self.with_excerpts(Halt::Failed(failure)))
    }

    /// The first connection opened here whose end no step has looked at, as a report calls it, and that end.
    fn unexpected_end(&self, is_meant: impl Fn(&ScenarioConnection, &End) -> bool) -> Option<(String, Arc<End>)> {
        let mut ended = self.opened.iter().filter_map(NamedConnection::now).filter_map(|connection| {
            let end = connection.line.as_ref()?.unexpected_end()?;
            is_meant(connection, &end).then(|| (connection.title().to_owned(), end))
        });
        ended.next()
    }

    /// # Errors
    /// A refusal that no step has spoken of, unless the next one does, of this connection.
    pub(super) fn check_refusal(&mut self, heeds: Option<&str>) -> Stepped {
        match &self.refusal {
            Some((name, _)) if heeds != Some(name) => {
                self.refusal.take().map_or(Ok(()), |(_, failure)| Err(Halt::Failed(failure)))
            }
            _ => Ok(()),
        }
    }

    /// The step that is looked at speaks of the refusal.
    pub(super) fn heed_refusal(&mut self) {
        self.refusal = None;
    }

    /// Whether the process is to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.shared.run.stop.has_come(self.are_last)
    }

    /// What ends a wait before its time.
    pub(super) fn stop(&self) -> Option<&'a Stop> {
        self.shared.run.stop.of_opened().filter(|_| !self.are_last)
    }

    /// What a connection does that is opened now, once the process is to end.
    pub(super) fn when_stopped(&self) -> WhenStopped {
        let is_for_last_steps = self.shared.has_last_steps;
        let stop = self.shared.run.stop.of_opened().cloned();
        WhenStopped { stop, is_for_last_steps, is_of_last_steps: self.are_last }
    }

    fn check_time(&self, step: &ScenarioStep) -> Stepped {
        if self.is_stopped() {
            return Err(Halt::Interrupted);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                let took = self.shared.begun.elapsed();
                Err(self.failed(
                    step,
                    "to be done within the time of the file",
                    vec![format!("{} have passed", Elapsed(took))],
                ))
            }
            _ => Ok(()),
        }
    }

    fn step(&mut self, step: &'a ScenarioStep) -> Stepped {
        match &step.action {
            StepAction::Let { name, value } => {
                let value = self.fill(step, value)?;
                self.values.named.insert(name.clone(), LineValue::Text(value));
                Ok(())
            }
            StepAction::Connect(connect) => self.connect(step, connect),
            StepAction::Declare { name, steps } => {
                self.forget(name);
                self.declared.insert(name.clone(), steps);
                Ok(())
            }
            StepAction::Accept(accept) => self.accept(step, accept),
            StepAction::Send { connection, content } => self.send(step, connection, content),
            StepAction::Expect { connection, expectation } => self.expect(step, connection, expectation),
            StepAction::Drop { connection } => {
                let line = self.line(step, connection)?;
                line.hand_over(LineOrder::Drop);
                self.wait_for_end(step, &line)
            }
            StepAction::Delay(time) => self.delay(self.late(step, time)?),
            StepAction::Timeout(time) => {
                self.timeout = self.late(step, time)?;
                Ok(())
            }
            StepAction::Deadline(time) => {
                let ends = self.shared.begun + self.late(step, time)?;
                self.deadline = Some(self.deadline.map_or(ends, |deadline| deadline.min(ends)));
                Ok(())
            }
            StepAction::Repeat { count, steps } => (1..=self.late(step, count)?).try_for_each(|number| {
                self.values.named.insert(INDEX.to_owned(), LineValue::Text(number.to_string()));
                self.take(steps).map_err(|halt| halt.within(format_args!("pass {number}")))
            }),
            StepAction::For { rows, steps } => (1..).zip(rows.iter()).try_for_each(|(number, row)| {
                let row = row.iter().map(|(name, value)| (name.clone(), LineValue::Text(value.clone())));
                self.values.named.extend(row);
                self.take(steps).map_err(|halt| halt.within(format_args!("row {number}")))
            }),
            StepAction::Sequence { steps } => self.take(steps),
            StepAction::Parallel { branches } => self.parallel(branches),
            StepAction::Copies { count, steps } => self.copies(self.late(step, count)?, steps),
            StepAction::SkipIf(condition) => self.skip(step, condition),
        }
    }

    /// How long a step waits from now on.
    pub(super) fn patience(&self, within: Option<Duration>) -> StepPatience {
        StepPatience::new(within.unwrap_or(self.timeout), self.deadline)
    }

    fn step_values(&self) -> StepValues<'_> {
        StepValues::new(&self.values, &self.shared.counter)
    }

    /// Fills in what a step says.
    pub(super) fn filled<T, E: Into<FillFault>>(
        &self,
        step: &ScenarioStep,
        fill: impl FnOnce(&StepValues<'_>) -> Result<T, E>,
    ) -> Stepped<T> {
        fill(&self.step_values()).map_err(|fault| match fault.into() {
            FillFault::Missing(why) => self.failed(step, PLACES, vec![why]),
            FillFault::Unusable(why) => self.unusable(step, why),
        })
    }

    fn fill(&self, step: &ScenarioStep, template: &ScenarioTemplate) -> Stepped<String> {
        self.filled(step, |values| values.fill(template))
    }

    /// A value that may have to be filled in before it is one.
    pub(super) fn late<V: Clone>(&self, step: &ScenarioStep, value: &LateValue<V>) -> Stepped<V> {
        self.filled(step, |values| values.late(value))
    }

    /// That a step hasn't come to what it says.
    pub(super) fn failed(&self, step: &ScenarioStep, expected: impl Into<String>, found: Vec<String>) -> Halt {
        Halt::Failed(self.failure(step, expected.into(), found))
    }

    /// That what is filled in can't be used, by which the service has failed in nothing.
    fn unusable(&self, step: &ScenarioStep, why: String) -> Halt {
        let mut failure = self.failure(step, "values that the step can use".to_owned(), vec![why]);
        failure.exit = Exit::Usage;
        Halt::Failed(failure)
    }

    pub(super) fn failure(&self, step: &ScenarioStep, expected: String, found: Vec<String>) -> Box<ScenarioFailure> {
        let (place, step) = (step.place.clone(), step.text.clone());
        let (difference, connections) = (Vec::new(), Vec::new());
        Box::new(ScenarioFailure { place, step, expected, found, difference, connections, exit: Exit::No })
    }

    /// With what went over the connections last.
    fn with_excerpts(&self, halt: Halt) -> Halt {
        let Halt::Failed(mut failure) = halt else { return halt };
        if failure.connections.is_empty() {
            let excerpt = |connection: &NamedConnection| {
                let connection = connection.now()?;
                let lines = connection.line.as_ref()?.shown();
                let (name, recording) = (connection.title().to_owned(), connection.recording.clone());
                Some(ConnectionExcerpt { name, lines, recording })
            };
            failure.connections = self.connections.values().filter_map(excerpt).collect();
        }
        Halt::Failed(failure.masked(&self.shared.run.secrets))
    }

    /// The connection of a step.
    pub(super) fn connection(&self, step: &ScenarioStep, name: &str) -> Stepped<Arc<ScenarioConnection>> {
        match self.connections.get(name) {
            Some(NamedConnection::Open(connection)) => Ok(Arc::clone(connection)),
            Some(NamedConnection::Awaited(client)) => self.client(step, client),
            None => Err(self.failed(step, format!("{} to be open", title(name)), vec!["it was never opened".into()])),
        }
    }

    /// Closes what has had the name.
    pub(super) fn forget(&mut self, name: &str) {
        self.declared.remove(name);
        if let Some(before) = self.connections.remove(name) {
            before.close();
        }
    }

    /// Gives a connection its name that stays open when the steps are done.
    pub(super) fn borrow(&mut self, name: String, connection: NamedConnection) {
        self.shared.has_connected.store(true, Ordering::Relaxed);
        self.connections.insert(name, connection);
    }

    /// Gives a connection its name.
    pub(super) fn remember(&mut self, name: String, connection: NamedConnection) {
        let is_violation = |_: &ScenarioConnection, end: &End| matches!(end, End::Violation(_));
        self.violation = self.violation.take().or_else(|| self.unexpected_end(is_violation));
        // A file may open any number, one after the other.
        self.opened.retain(|before| !before.is_over());
        self.opened.push(connection.clone());
        self.shared.has_connected.store(true, Ordering::Relaxed);
        if let Some(before) = self.connections.insert(name, connection) {
            before.close();
        }
    }

    pub(super) fn line(&self, step: &ScenarioStep, name: &str) -> Stepped<Arc<ScenarioLine>> {
        let connection = self.connection(step, name)?;
        let refused = || self.failed(step, format!("{} to be open", title(name)), vec!["it was refused".into()]);
        connection.line.clone().ok_or_else(refused)
    }

    fn connect(&mut self, step: &ScenarioStep, connect: &ConnectStep) -> Stepped {
        let request = self.filled(step, |values| open_request(connect, values))?;
        let url = request.url.clone();
        let within = connect.within.as_ref().map(|within| self.late(step, within)).transpose()?;
        let begun = Instant::now();
        let run = self.shared.run;
        let interrupt = self.stop().map(Interrupt::by);
        let opened = run.opener.open(run.name, request, self.patience(within).ends, interrupt);
        let took = begun.elapsed();
        let name = connect.name.clone();
        let connection = match opened {
            Ok(opened) => {
                let handshake = ScenarioHandshake::of_head(&opened.response, took);
                let begun = ScenarioConnection::begin(name.clone(), handshake, opened, self.when_stopped());
                begun.map_err(|why| self.unopened(step, &url, &Error::System { doing: "starting a thread", why }))?
            }
            Err(Error::Interrupted) => return Err(Halt::Interrupted),
            Err(error) => {
                let failure = self.unopened_failure(step, &url, &error);
                let refusal = match &error {
                    // A 101 with a fault in it is no refusal.
                    Error::Refused(refusal) if refusal.answer.response.status.0 != SWITCHING_PROTOCOLS => refusal,
                    _ => return Err(Halt::Failed(failure)),
                };
                // A step may say that this is what has to happen.
                self.refusal = Some((name.clone(), failure));
                ScenarioConnection::refused(name.clone(), ScenarioHandshake::of_refusal(&refusal.answer, took))
            }
        };
        self.remember(name, NamedConnection::Open(Arc::new(connection)));
        Ok(())
    }

    fn unopened(&self, step: &ScenarioStep, url: &str, error: &Error) -> Halt {
        Halt::Failed(self.unopened_failure(step, url, error))
    }

    fn unopened_failure(&self, step: &ScenarioStep, url: &str, error: &Error) -> Box<ScenarioFailure> {
        let hint = error.hint_in(Dialect::TestFile);
        let mut found: Vec<String> = [error.said_in(Dialect::TestFile)].into_iter().chain(hint).collect();
        if let Some(answer) = error.answer() {
            let mut tell = |line: &str| found.extend((!line.is_empty()).then(|| line.to_owned()));
            crate::view::refusal::each_line(answer, false, Dialect::TestFile, &mut tell);
        }
        let mut failure = self.failure(step, format!("a connection to {}", shown_url(url, Secrets::Masked)), found);
        failure.exit = error.exit();
        failure.masked(&self.shared.run.secrets)
    }

    fn send(&mut self, step: &ScenarioStep, name: &str, content: &SentContent) -> Stepped {
        let order = self.filled(step, |values| line_order(content, values))?;
        let line = self.line(step, name)?;
        if let LineOrder::Send(item) = &order
            && let Err(why) = item.as_item().check()
        {
            return Err(self.unusable(step, why.to_string()));
        }
        // RFC 6455 §5.5.1: nothing is sent behind a Close, and the answer to the peer's has gone out by then.
        let closes = order.is_close();
        let ended = line.wait(Instant::now(), |state| {
            let closed = state.closed.as_ref().filter(|_| !closes).map(|(_, words)| words.clone());
            state.end.as_ref().map(ToString::to_string).or(closed)
        });
        if let Waited::Found(end) = ended {
            return Err(self.failed(step, format!("{} to be open", title(name)), vec![end]));
        }
        let patience = self.patience(None);
        match line.order(order, patience.ends) {
            Waited::Found(()) => Ok(()),
            Waited::Interrupted => Err(Halt::Interrupted),
            Waited::TimedOut => {
                let found = format!("the peer has taken nothing for {patience}");
                Err(self.failed(step, "the peer to take what is sent", vec![found]))
            }
        }
    }

    fn wait_for_end(&self, step: &ScenarioStep, line: &ScenarioLine) -> Stepped {
        let ended = line.wait(self.patience(None).ends, |state| {
            state.is_end_expected = true;
            state.end.as_ref().map(drop)
        });
        match ended {
            Waited::Found(()) => Ok(()),
            Waited::Interrupted => Err(Halt::Interrupted),
            Waited::TimedOut => Err(self.failed(step, "the connection to end", vec!["it is still open".into()])),
        }
    }

    fn delay(&self, time: Duration) -> Stepped {
        self.shared.run.stop.delay(self.are_last, self.patience(Some(time)).ends);
        if self.is_stopped() { Err(Halt::Interrupted) } else { Ok(()) }
    }

    fn skip(&self, step: &ScenarioStep, condition: &SkipCondition) -> Stepped {
        let filled = |template: &ScenarioTemplate| {
            let text = self.step_values().lenient().fill(template);
            text.map_err(|why| self.failed(step, PLACES, vec![why]))
        };
        let one = filled(&condition.one)?;
        let is_met = match &condition.other {
            Some((relation, other)) => (one == filled(other)?) == (*relation == Relation::Equal),
            None => !matches!(one.as_str(), "" | "0" | "false"),
        };
        if is_met { Err(Halt::Skipped(self.shared.run.secrets.masked(&step.text))) } else { Ok(()) }
    }

    /// Each of the steps on a thread of its own. What they have opened and given names is known afterwards.
    fn parallel(&mut self, branches: &'a [ScenarioStep]) -> Stepped {
        let before = self.values.named.clone();
        let known = self.connections.clone();
        let taken: Vec<(ScenarioBranch<'a>, Stepped)> = thread::scope(|scope| {
            let threads: Vec<_> = branches
                .iter()
                .map(|step| {
                    let mut branch = self.beside();
                    scope.spawn(move || {
                        let outcome = branch.take(std::slice::from_ref(step)).and_then(|()| branch.check_refusal(None));
                        (branch, outcome)
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        let mut outcome = Ok(());
        for (branch, taken) in taken {
            let ScenarioBranch { values, connections, opened, declared, violation, .. } = branch;
            self.violation = self.violation.take().or(violation);
            // What a branch has used is open now, and what it has declared isn't.
            self.declared.retain(|name, _| declared.contains_key(name));
            let is_new = |(name, value): &(String, LineValue)| before.get(name) != Some(value);
            self.values.named.extend(values.named.into_iter().filter(is_new));
            let is_ours = |(name, connection): &(String, NamedConnection)| {
                known.get(name).is_none_or(|known| !known.is(connection))
            };
            self.connections.extend(connections.into_iter().filter(is_ours));
            self.opened.extend(opened);
            outcome = outcome.and(taken);
        }
        outcome
    }

    /// All of the steps so many times at once; what a copy has opened ends with it.
    fn copies(&mut self, count: usize, steps: &'a [ScenarioStep]) -> Stepped {
        let outcomes: Vec<Stepped> = thread::scope(|scope| {
            let threads: Vec<_> = (1..=count)
                .map(|number| {
                    let mut branch = self.beside();
                    branch.values.named.insert(INDEX.to_owned(), LineValue::Text(number.to_string()));
                    scope.spawn(move || {
                        let outcome = branch.take(steps).and_then(|()| branch.check_ends());
                        branch.leave();
                        outcome.map_err(|halt| halt.within(format_args!("copy {number}")))
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        outcomes.into_iter().collect()
    }
}

fn open_request(connect: &ConnectStep, values: &StepValues<'_>) -> Result<OpenRequest, String> {
    let all = |templates: &[ScenarioTemplate]| templates.iter().map(|text| values.fill(text)).collect::<Result<_, _>>();
    let one = |template: &Option<ScenarioTemplate>| template.as_ref().map(|text| values.fill(text)).transpose();
    Ok(OpenRequest {
        name: connect.name.clone(),
        url: values.fill(&connect.url)?,
        headers: all(&connect.headers)?,
        subprotocols: all(&connect.subprotocols)?,
        cookies: all(&connect.cookies)?,
        user: one(&connect.user)?,
        bearer: one(&connect.bearer)?,
        origin: one(&connect.origin)?,
        insecure: connect.insecure,
        cacert: connect.cacert.clone(),
        cert: connect.cert.clone(),
        key: connect.key.clone(),
        compress: connect.compress,
    })
}

fn line_order(content: &SentContent, values: &StepValues<'_>) -> Result<LineOrder, FillFault> {
    let message = |kind, content| OwnedItem::Message { kind, content };
    Ok(LineOrder::Send(match content {
        SentContent::Text(text) => message(Kind::Text, values.fill(text)?.into_bytes()),
        SentContent::Json(json) => {
            let text = values.fill(json)?;
            if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err() {
                return Err(FillFault::Unusable(format!("{text} is not JSON")));
            }
            message(Kind::Text, text.into_bytes())
        }
        SentContent::Bytes(bytes) => message(Kind::Binary, values.late(bytes)?.to_vec()),
        SentContent::File { kind, content } => message(*kind, content.to_vec()),
        SentContent::Ping(text) => OwnedItem::Ping(values.fill(text)?.into_bytes()),
        SentContent::Pong(text) => OwnedItem::Pong(values.fill(text)?.into_bytes()),
        SentContent::Close { close, reason } => {
            let close = Close { reason: values.fill(reason)?, ..values.late(close)? };
            crate::ws::Item::Close(close.clone()).check().map_err(|why| FillFault::Unusable(why.to_string()))?;
            OwnedItem::Close(close)
        }
        SentContent::Fragments { count, text } => {
            let fragments = values.late(count)?;
            OwnedItem::Fragmented { kind: Kind::Text, content: values.fill(text)?.into_bytes(), fragments }
        }
        SentContent::Frame { frame, payload } => {
            RawFrame { payload: values.late(payload)?.to_vec(), ..values.late(frame)? }.into()
        }
        SentContent::Raw(bytes) => return Ok(LineOrder::Raw(values.late(bytes)?.to_vec())),
    }))
}
