//! Reads the steps that open connections, or say how one is to be opened.

use std::path::Path;
use std::sync::Arc;

use super::super::syntax_error::PieceError;
use super::clauses::{LinePiece, clauses};
use super::expectation::{self, check_name, is_expectation};
use super::known_names::is_step;
use super::late_value::LateValue;
use super::layout::Statement;
use super::opening_clauses::{self, OpeningStep, OpeningWord};
use super::parser::{ParsedStep, ScenarioParser, Within, step};
use super::source::{LineError, ScenarioSource, StepPlace};
use super::step::{AcceptStep, ConnectStep, ScenarioStep, StepAction};
use super::template::{ScenarioTemplate, is_name};

impl ScenarioParser<'_> {
    /// `connect [NAME] URL`, with clauses.
    pub(super) fn connect(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
        steps: &mut Vec<ScenarioStep>,
    ) -> ParsedStep<()> {
        let opening = self.connecting(statement, rest, place, "connect")?;
        steps.extend(opening.steps);
        self.known.connections.insert(opening.name);
        Ok(())
    }

    /// `connection [NAME] URL`: the same for when the connection is first used.
    pub(super) fn connection(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<StepAction> {
        let OpeningSteps { name, steps } = self.connecting(statement, rest, place, "connection")?;
        self.known.connections.insert(name.clone());
        Ok(StepAction::Declare { name, steps })
    }

    fn connecting(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
        word: &str,
    ) -> ParsedStep<OpeningSteps> {
        let (name, url) = named(rest, word, "a URL", "ws://localhost:8080/")?;
        let mut connect = ConnectStep::new(name, url);
        let expected = expected(statement, place, name, opening_clauses::CONNECT, &mut connect)?;
        self.check(statement, connect.templates())?;
        self.opening(statement, place, name, StepAction::Connect(Box::new(connect)), expected)
    }

    /// `accept [NAME] ADDRESS`, with clauses.
    pub(super) fn accept(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
        steps: &mut Vec<ScenarioStep>,
    ) -> ParsedStep<()> {
        let (name, address) = named(rest, "accept", "an address", "127.0.0.1:8080")?;
        check_port(rest, &address)?;
        let mut accept = AcceptStep::new(name, address);
        let expected = expected(statement, place, name, opening_clauses::ACCEPT, &mut accept)?;
        self.check(statement, accept.templates())?;
        self.known.variables.insert(accept.port_name());
        let opening = self.opening(statement, place, name, StepAction::Accept(Box::new(accept)), expected)?;
        steps.extend(opening.steps);
        self.known.connections.insert(opening.name);
        Ok(())
    }

    /// A step that opens a connection, with what is expected of it on lines below.
    fn opening(
        &mut self,
        statement: &Statement<'_>,
        place: Within<'_>,
        name: &str,
        action: StepAction,
        mut expected: Vec<ScenarioStep>,
    ) -> ParsedStep<OpeningSteps> {
        for step in &mut expected {
            if let StepAction::Expect { expectation, .. } = &mut step.action {
                self.read_schemas(statement, place, expectation)?;
                self.check(statement, expectation.templates())?;
            }
        }
        let steps = [step(statement, place, action)].into_iter().chain(expected).collect();
        Ok(OpeningSteps { name: name.to_owned(), steps })
    }
}

/// # Errors
/// An address whose port is none, where it is written.
fn check_port(rest: LinePiece<'_>, address: &ScenarioTemplate) -> Result<(), LineError> {
    let text = address.to_string();
    let port = text.rsplit_once(':').map_or(text.as_str(), |(_, port)| port);
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || port.is_empty() || port.parse::<u16>().is_ok() {
        return Ok(());
    }
    Err(rest.error(PieceError::at(rest.text.len() - port.len(), format!("{port:?} is not a port from 0 to 65535"))))
}

/// What opening a connection comes to.
struct OpeningSteps {
    name: String,
    steps: Vec<ScenarioStep>,
}

/// `[NAME] WHERE`: the name that a connection is given, and what follows it.
fn named<'s>(
    rest: LinePiece<'s>,
    word: &str,
    what: &str,
    example: &str,
) -> Result<(&'s str, ScenarioTemplate), LineError> {
    let (first, behind) = rest.first_word();
    let (name, there) = if behind.text.is_empty() && !is_name(first) { ("", rest) } else { (first, behind) };
    if there.text.is_empty() {
        let name = if first.is_empty() { "alice" } else { first };
        return Err(there.fault(format!("{what} has to follow, as in {word} {name} {example}")));
    }
    let is_where = |text: &str| text.contains("${") || text.contains("://");
    if let Some(at) = there.text.find(char::is_whitespace).or_else(|| is_where(name).then_some(0)) {
        let why = format!("it is too much here: {word} takes a name and {what}, and the rest on lines below");
        let at = if is_where(name) { 0 } else { at + 1 };
        return Err(there.error(PieceError::at(at, why)));
    }
    if !name.is_empty() {
        check_name(name).map_err(|error| rest.error(error))?;
        if is_step(name) || is_expectation(name) {
            return Err(rest.fault(format!("a connection can't be called {name:?}, which is a word of steps")));
        }
    }
    let template = ScenarioTemplate::parse(there.text).map_err(|error| there.error(error))?;
    Ok((name, template))
}

/// The lines below a step that opens a connection: what they say of it, and what they expect, as steps of their own.
fn expected<S: OpeningStep>(
    statement: &Statement<'_>,
    place: Within<'_>,
    name: &str,
    words: &[OpeningWord<S>],
    opened: &mut S,
) -> Result<Vec<ScenarioStep>, LineError> {
    let folder = folder(place.source);
    let mut expected = Vec::new();
    for clause in clauses(statement) {
        let (word, rest) = clause.first_word();
        if word != "expect" {
            opening_clauses::add(words, opened, clause.text, &folder).map_err(|error| clause.error(error))?;
            opened.within().into_iter().for_each(|within| within.settle(|at| rest.place(at)));
            continue;
        }
        let mut expectation = expectation::parse(rest.text).map_err(|error| rest.error(error))?;
        expectation.settle(|at| rest.place(at));
        let action = StepAction::Expect { connection: name.to_owned(), expectation };
        let place = StepPlace { file: Arc::clone(&place.source.name), line: clause.line.number + 1 };
        expected.push(ScenarioStep { place, text: clause.text.to_owned(), action });
    }
    Ok(expected)
}

/// Where a file is, for those that it names.
fn folder(source: &ScenarioSource) -> String {
    Path::new(&*source.name).parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default()
}

impl ConnectStep {
    /// The texts in it that are filled in.
    fn templates(&self) -> impl Iterator<Item = &ScenarioTemplate> {
        let lists = [&self.headers, &self.subprotocols, &self.cookies].into_iter().flatten();
        let within = self.within.as_ref().and_then(LateValue::template);
        [&self.url].into_iter().chain(lists).chain(&self.user).chain(&self.bearer).chain(&self.origin).chain(within)
    }
}

impl AcceptStep {
    /// The texts in it that are filled in.
    fn templates(&self) -> impl Iterator<Item = &ScenarioTemplate> {
        let within = self.within.as_ref().and_then(LateValue::template);
        [&self.address].into_iter().chain(&self.headers).chain(&self.subprotocols).chain(within)
    }
}
