//! Reads the steps of a test. docs/test-files.md has the grammar.

use std::sync::Arc;
use std::time::Duration;

use super::super::syntax_error::PieceError;
use super::check;
use super::clauses::{self, JoinedText, LinePiece};
use super::expectation::{self, Expectation, check_name, is_expectation};
use super::http_file;
use super::json_schema::JsonSchema;
use super::known_names::{KnownNames, is_verb};
use super::late_value::{FILES, LateValue, no_places};
use super::layout::{Statement, layout};
use super::operator::Relation;
use super::sending;
use super::source::{LineError, ScenarioError, ScenarioFiles, ScenarioSource, StepPlace};
use super::step::{Scenario, ScenarioStep, SkipCondition, StepAction};
use super::table;
use super::template::ScenarioTemplate;
use crate::values::duration;

/// Files that include each other.
const DEEPEST_INCLUDE: usize = 16;

/// Times that a block is repeated at most, and copies of one that run at once.
const MOST_TIMES: u64 = 1_000_000;
const MOST_COPIES: usize = 1000;

/// The number of a repetition or a copy, from 1.
pub(super) const INDEX: &str = "index";

/// Reads a test. `variables` are the names that are given from outside.
///
/// # Errors
/// The first thing that is wrong, and where.
pub(crate) fn parse(
    source: &ScenarioSource,
    variables: impl IntoIterator<Item = String>,
    files: &mut dyn ScenarioFiles,
) -> Result<Scenario, Box<ScenarioError>> {
    if http_file::is_one(&source.name) {
        return http_file::parse(source, variables, files);
    }
    let known = KnownNames { variables: variables.into_iter().collect(), ..KnownNames::default() };
    ScenarioParser { known, files, last_steps: Vec::new(), is_on_one_connection: false }.whole(source)
}

/// Reads a test whatever variables and connections there are where it is included.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_with_any(
    source: &ScenarioSource,
    files: &mut dyn ScenarioFiles,
) -> Result<Scenario, Box<ScenarioError>> {
    // Where no step opens the connection without a name, it is one of `serve --script`.
    let known = KnownNames { connections: [String::new()].into(), are_any: true, ..KnownNames::default() };
    ScenarioParser { known, files, last_steps: Vec::new(), is_on_one_connection: false }.whole(source)
}

/// Reads steps that are taken on a connection which is open and has no name.
///
/// # Errors
/// As [`parse`], and of a step or a file that opens a connection.
pub(crate) fn parse_on_connection(
    source: &ScenarioSource,
    files: &mut dyn ScenarioFiles,
) -> Result<Scenario, Box<ScenarioError>> {
    if http_file::is_one(&source.name) {
        let why = "a file of requests opens connections of its own, and wscli test runs it; steps are taken here on the \
                   connection that is open";
        return Err(LineError::at(0, 0, why).of(source));
    }
    let known = KnownNames { connections: [String::new()].into(), ..KnownNames::default() };
    ScenarioParser { known, files, last_steps: Vec::new(), is_on_one_connection: true }.whole(source)
}

pub(super) struct ScenarioParser<'p> {
    pub(super) known: KnownNames,
    files: &'p mut dyn ScenarioFiles,
    last_steps: Vec<ScenarioStep>,
    /// There is one already, and no step opens another.
    is_on_one_connection: bool,
}

/// Where a statement is: in which file, and how deep in blocks and includes.
#[derive(Clone, Copy)]
pub(super) struct Within<'s> {
    pub(super) source: &'s ScenarioSource,
    blocks: usize,
    includes: usize,
}

impl<'s> Within<'s> {
    fn block(self) -> Self {
        Self { blocks: self.blocks + 1, ..self }
    }
}

/// What is wrong: in the file at hand, or in one that it includes.
pub(super) enum Wrong {
    Here(LineError),
    Elsewhere(Box<ScenarioError>),
}

impl From<LineError> for Wrong {
    fn from(error: LineError) -> Self {
        Self::Here(error)
    }
}

pub(super) type ParsedStep<T> = Result<T, Wrong>;

impl ScenarioParser<'_> {
    fn whole(mut self, source: &ScenarioSource) -> Result<Scenario, Box<ScenarioError>> {
        let steps = self.file(source, 0)?;
        if steps.is_empty() && self.last_steps.is_empty() {
            let why = "there are no steps, such as: connect ws://localhost:8080/";
            return Err(LineError::at(0, 0, why).of(source));
        }
        Ok(Scenario { steps, last_steps: self.last_steps })
    }

    fn file(&mut self, source: &ScenarioSource, includes: usize) -> Result<Vec<ScenarioStep>, Box<ScenarioError>> {
        let place = Within { source, blocks: 0, includes };
        let steps = layout(&source.text).map_err(Wrong::Here).and_then(|all| self.steps(&all, place));
        steps.map_err(|wrong| match wrong {
            Wrong::Here(error) => error.of(source),
            Wrong::Elsewhere(error) => error,
        })
    }

    fn steps(&mut self, statements: &[Statement<'_>], place: Within<'_>) -> ParsedStep<Vec<ScenarioStep>> {
        let mut steps = Vec::new();
        for statement in statements {
            self.statement(statement, place, &mut steps)?;
        }
        Ok(steps)
    }

    /// The steps that a statement comes to: most often one.
    fn statement(
        &mut self,
        statement: &Statement<'_>,
        place: Within<'_>,
        steps: &mut Vec<ScenarioStep>,
    ) -> ParsedStep<()> {
        let whole = LinePiece::of(statement.line).at(statement.text);
        let (word, rest) = whole.first_word();
        let action = match word {
            "connect" | "connection" | "accept" if self.is_on_one_connection => {
                return Err(whole
                    .fault("no step opens a connection here: all are taken on the one that is open")
                    .into());
            }
            "let" => self.assignment(statement, rest)?,
            "connect" => return self.connect(statement, rest, place, steps),
            "connection" => self.connection(statement, rest, place)?,
            "accept" => return self.accept(statement, rest, place, steps),
            "delay" => StepAction::Delay(self.time(statement, rest)?),
            "timeout" => StepAction::Timeout(self.time(statement, rest)?),
            "deadline" => StepAction::Deadline(self.time(statement, rest)?),
            "repeat" => self.repeat(statement, rest, place)?,
            "for" => self.table(statement, rest, place)?,
            "parallel" => self.parallel(statement, rest, place)?,
            "do" => StepAction::Sequence { steps: self.block(statement, rest, place)? },
            "finally" => return self.last(statement, whole, rest, place),
            "include" => {
                steps.extend(self.include(statement, rest, place)?);
                return Ok(());
            }
            "skip" => self.skip(statement, rest)?,
            _ => self.on_connection(statement, whole, place)?,
        };
        steps.push(step(statement, place, action));
        Ok(())
    }

    fn time(&self, statement: &Statement<'_>, rest: LinePiece<'_>) -> ParsedStep<LateValue<Duration>> {
        clauses::none(statement)?;
        let time = rest.late(duration)?;
        self.check(statement, time.template())?;
        Ok(time)
    }

    /// `let NAME = TEXT`.
    fn assignment(&mut self, statement: &Statement<'_>, rest: LinePiece<'_>) -> ParsedStep<StepAction> {
        let end = rest.text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.text.len());
        let name = &rest.text[..end];
        check_name(name).map_err(|error| rest.error(error))?;
        let behind = rest.at(rest.text[end..].trim_start());
        let Some(value) = behind.text.strip_prefix('=') else {
            return Err(behind.fault("= and a value have to follow, as in let room = ${uuid}").into());
        };
        let joined = JoinedText::of(rest.at(value.trim_start()), statement);
        let value = ScenarioTemplate::parse(&joined.text).map_err(|error| joined.error(error))?;
        self.check(statement, [&value])?;
        self.known.variables.insert(name.to_owned());
        Ok(StepAction::Let { name: name.to_owned(), value })
    }

    fn repeat(&mut self, statement: &Statement<'_>, rest: LinePiece<'_>, place: Within<'_>) -> ParsedStep<StepAction> {
        check_brace(rest)?;
        let count = rest.late(|text| {
            let number = text.parse().ok().filter(|count| (1..=MOST_TIMES).contains(count));
            number.ok_or_else(|| format!("a number of times from 1 to {MOST_TIMES} has to follow, as in repeat 3 {{"))
        });
        let count = count?;
        self.check(statement, count.template())?;
        self.known.variables.insert(INDEX.to_owned());
        Ok(StepAction::Repeat { count, steps: self.block(statement, rest.at(""), place)? })
    }

    /// `for NAME in [JSON]` or `for NAME in FILE`.
    fn table(&mut self, statement: &Statement<'_>, rest: LinePiece<'_>, place: Within<'_>) -> ParsedStep<StepAction> {
        let (name, behind) = rest.first_word();
        check_name(name).map_err(|error| rest.error(error))?;
        let (word, table) = behind.first_word();
        if word != "in" || table.text.is_empty() {
            let why = "in and a table have to follow, as in for user in [\"ann\", \"bob\"] {";
            return Err(behind.fault(why).into());
        }
        let rows = if table.text.starts_with('[') {
            table::of_json(name, table.text).map_err(|error| table.error(error))?
        } else {
            no_places(table.text, FILES).map_err(|error| table.error(error))?;
            let (_, content) = self.read(place.source, table.text).map_err(|why| table.fault(why))?;
            let content = str::from_utf8(&content).map_err(|_| table.fault("it is not UTF-8"))?;
            table::of_file(name, table.text, content).map_err(|why| table.fault(why))?
        };
        self.known.variables.extend(rows.iter().flatten().map(|(name, _)| name.clone()));
        Ok(StepAction::For { rows: rows.into(), steps: self.block(statement, rest.at(""), place)? })
    }

    fn parallel(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<StepAction> {
        if rest.text.is_empty() {
            return Ok(StepAction::Parallel { branches: self.block(statement, rest, place)? });
        }
        check_brace(rest)?;
        let count = rest.late(|text| {
            let number = text.parse().ok().filter(|count| (1..=MOST_COPIES).contains(count));
            number.ok_or_else(|| {
                format!("a number of copies from 1 to {MOST_COPIES}, or nothing, has to follow parallel")
            })
        });
        let count = count?;
        self.check(statement, count.template())?;
        self.known.variables.insert(INDEX.to_owned());
        Ok(StepAction::Copies { count, steps: self.block(statement, rest.at(""), place)? })
    }

    fn last(
        &mut self,
        statement: &Statement<'_>,
        whole: LinePiece<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<()> {
        if place.blocks > 0 {
            return Err(whole.fault("finally stands in no other block: it is the end of the file").into());
        }
        let steps = self.block(statement, rest, place)?;
        self.last_steps.extend(steps);
        Ok(())
    }

    /// The steps between braces.
    fn block(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<Vec<ScenarioStep>> {
        check_brace(rest)?;
        if !rest.text.is_empty() {
            return Err(rest.fault("it is too much here").into());
        }
        let Some(block) = &statement.block else {
            let end = LinePiece::of(statement.line);
            let why = "{ has to follow, the steps on lines of their own, and }";
            return Err(end.error(PieceError::at(end.text.len(), why)).into());
        };
        self.steps(block, place.block())
    }

    fn include(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<Vec<ScenarioStep>> {
        clauses::none(statement)?;
        if rest.text.is_empty() {
            return Err(rest.fault("the path of a file has to follow, as in include login.wst").into());
        }
        no_places(rest.text, FILES).map_err(|error| rest.error(error))?;
        if place.includes == DEEPEST_INCLUDE {
            return Err(rest.fault(format!("files include each other more than {DEEPEST_INCLUDE} deep")).into());
        }
        let (name, content) = self.read(place.source, rest.text).map_err(|why| rest.fault(why))?;
        let text = String::from_utf8(content).map_err(|_| rest.fault("it is not UTF-8"))?;
        self.file(&ScenarioSource { name, text }, place.includes + 1).map_err(Wrong::Elsewhere)
    }

    fn read(&mut self, source: &ScenarioSource, path: &str) -> Result<(Arc<str>, Vec<u8>), String> {
        self.files.read(&source.name, path)
    }

    /// `skip if A = B`.
    fn skip(&mut self, statement: &Statement<'_>, rest: LinePiece<'_>) -> ParsedStep<StepAction> {
        clauses::none(statement)?;
        let (word, text) = rest.first_word();
        if word != "if" || text.text.is_empty() {
            return Err(rest.fault("a condition has to follow, as in skip if ${env.CI} = true").into());
        }
        let signs = [(" ==", Relation::Equal), (" !=", Relation::Different), (" =", Relation::Equal)];
        // Behind a sign there is a blank, or nothing, which is the empty text.
        let is_sign =
            |(at, sign): &(usize, &str)| matches!(text.text[at + sign.len()..].chars().next(), None | Some(' '));
        let found = signs.iter().flat_map(|(sign, relation)| {
            let places = text.text.match_indices(sign).filter(is_sign);
            places.map(move |(at, sign)| (at, sign, *relation))
        });
        let found = found.min_by_key(|found| found.0);
        let read = |piece: LinePiece<'_>| ScenarioTemplate::parse(piece.text).map_err(|error| piece.error(error));
        let condition = match found {
            Some((at, sign, relation)) => {
                let (one, other) = (text.at(text.text[..at].trim()), text.at(text.text[at + sign.len()..].trim()));
                SkipCondition { one: read(one)?, other: Some((relation, read(other)?)) }
            }
            None => SkipCondition { one: read(text)?, other: None },
        };
        self.check(statement, [&condition.one].into_iter().chain(condition.other.as_ref().map(|(_, other)| other)))?;
        Ok(StepAction::SkipIf(condition))
    }

    /// `[NAME] VERB …`, and `expect [NAME] …`.
    fn on_connection(
        &mut self,
        statement: &Statement<'_>,
        whole: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<StepAction> {
        let (first, behind) = whole.first_word();
        let (connection, said) = match first {
            "expect" => {
                let (name, expected) = behind.first_word();
                let is_expected = is_expectation(expected.first_word().0) && !is_expectation(name);
                if self.known.has_connection(name, is_expected) && !name.is_empty() {
                    return self.expect(statement, name, expected, place);
                }
                ("", whole)
            }
            word if is_verb(word) => ("", whole),
            name if self.known.has_connection(name, is_verb(behind.first_word().0)) => (name, behind),
            name => return Err(whole.fault(self.known.unknown(name, is_verb(behind.first_word().0))).into()),
        };
        if connection.is_empty() {
            self.known.check_unnamed().map_err(|why| whole.fault(why))?;
        }
        let (verb, rest) = said.first_word();
        let connection = connection.to_owned();
        match verb {
            "expect" => self.expect(statement, &connection, rest, place),
            "drop" => {
                clauses::none(statement)?;
                match rest.text {
                    "" => Ok(StepAction::Drop { connection }),
                    _ => Err(rest.fault("drop takes no argument: the connection ends without a word").into()),
                }
            }
            "send" => self.send(statement, connection, rest, place),
            verb if sending::is_sent(verb) => self.send(statement, connection, said, place),
            verb => {
                let why = format!("{verb:?} is nothing that a connection does: send, expect, close or drop is");
                Err(said.fault(why).into())
            }
        }
    }

    fn send(
        &mut self,
        statement: &Statement<'_>,
        connection: String,
        rest: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<StepAction> {
        if !sending::is_sent(rest.first_word().0) {
            self.check_no_expectation(statement)?;
        }
        let joined = JoinedText::of(rest, statement);
        let source = place.source;
        let mut read = |path: &str| self.files.read(&source.name, path).map(|(_, content)| content);
        let content = sending::parse(&joined.text, &mut read).map_err(|error| joined.error(error))?;
        self.check(statement, content.templates())?;
        Ok(StepAction::Send { connection, content })
    }

    /// A text of several lines may have any, and would swallow an expectation that is only indented too far.
    fn check_no_expectation(&self, statement: &Statement<'_>) -> Result<(), LineError> {
        let is_name = |word: &str| self.known.has_connection(word, true);
        let is_step = |line: &LinePiece<'_>| {
            let (first, rest) = line.first_word();
            let (second, behind) = rest.first_word();
            let third = behind.first_word().0;
            match (first, second) {
                ("expect", second) => is_expectation(second) || (is_name(second) && is_expectation(third)),
                (first, "expect") => is_name(first) && is_expectation(third),
                _ => false,
            }
        };
        clauses::clauses(statement).find(is_step).map_or(Ok(()), |line| {
            Err(line
                .fault(format!("{}; as a line of the text to send it stands behind send text", clauses::INDENTED_STEP)))
        })
    }

    fn expect(
        &mut self,
        statement: &Statement<'_>,
        connection: &str,
        rest: LinePiece<'_>,
        place: Within<'_>,
    ) -> ParsedStep<StepAction> {
        let mut expectation = match &statement.block {
            Some(block) => unordered(rest, block)?,
            None => {
                let (expected, below) = clauses::expected(rest, &statement.continued);
                let mut expectation = expectation::parse(&expected.text).map_err(|error| expected.error(error))?;
                expectation.settle(|at| expected.place(at));
                clauses::of_expectation(below, &mut expectation)?;
                expectation
            }
        };
        self.read_schemas(statement, place, &mut expectation)?;
        self.check(statement, expectation.templates())?;
        if let Expectation::Messages { captures, .. } = &expectation {
            self.known.has_expected = true;
            self.known.variables.extend(captures.iter().map(|capture| capture.name.clone()));
            self.known.variables.extend(expectation.group_names().map(str::to_owned));
        }
        Ok(StepAction::Expect { connection: connection.to_owned(), expectation })
    }

    /// # Errors
    /// A file that can't be read, or is no schema.
    pub(super) fn read_schemas(
        &mut self,
        statement: &Statement<'_>,
        place: Within<'_>,
        expectation: &mut Expectation,
    ) -> ParsedStep<()> {
        for (path, schema) in expectation.schemas() {
            let read = self.read(place.source, path).and_then(|(_, content)| {
                let text = String::from_utf8(content).map_err(|_| "it is not UTF-8".to_owned())?;
                JsonSchema::parse(&text).map_err(|why| format!("{path}: {why}"))
            });
            *schema = read.map(Arc::new).map_err(|why| fault_of(statement, path, why))?;
        }
        Ok(())
    }

    /// # Errors
    /// What there is no value for.
    pub(super) fn check<'t>(
        &self,
        statement: &Statement<'_>,
        templates: impl IntoIterator<Item = &'t ScenarioTemplate>,
    ) -> ParsedStep<()> {
        for (variable, _) in templates.into_iter().flat_map(ScenarioTemplate::places) {
            self.known.check(variable).map_err(|why| fault_of(statement, &variable.to_string(), why))?;
        }
        Ok(())
    }
}

pub(super) fn step(statement: &Statement<'_>, place: Within<'_>, action: StepAction) -> ScenarioStep {
    let place = StepPlace { file: Arc::clone(&place.source.name), line: statement.line.number + 1 };
    ScenarioStep { place, text: statement.text.to_owned(), action }
}

/// What is wrong with a piece of a statement, by the first of its lines that has it.
fn fault_of(statement: &Statement<'_>, piece: &str, why: String) -> LineError {
    let inner = statement.block.iter().flatten().map(|statement| statement.line);
    let lines = [statement.line].into_iter().chain(statement.continued.iter().copied()).chain(inner);
    let mut places = lines.filter_map(|line| Some((line, line.whole.find(piece)?)));
    let (line, at) = places.next().unwrap_or((statement.line, statement.line.indent()));
    LineError::at(line.number, at, why)
}

/// # Errors
/// A brace that has something behind it.
fn check_brace(rest: LinePiece<'_>) -> Result<(), LineError> {
    let brace = rest.text.match_indices('{').map(|(at, _)| at).find(|at| !rest.text[..*at].ends_with('$'));
    brace.map_or(Ok(()), |at| {
        let why = "{ stands at the end of its line, the steps of the block on lines of their own, and } after them";
        Err(rest.error(PieceError::at(at, why)))
    })
}

/// `unordered [within T]`, with a set of conditions on each line of its block.
fn unordered(rest: LinePiece<'_>, block: &[Statement<'_>]) -> ParsedStep<Expectation> {
    let (text, within) = expectation::within(rest.text).map_err(|error| rest.error(error))?;
    if text != "unordered" {
        return Err(rest.fault("only expect unordered has a block").into());
    }
    if block.is_empty() {
        return Err(rest.fault("the block has no conditions").into());
    }
    let set = |line: &Statement<'_>| {
        let piece = LinePiece::of(line.line).at(line.text);
        clauses::none(line)?;
        check::parse_all(piece.text).map_err(|error| piece.error(error))
    };
    let sets = block.iter().map(set).collect::<Result<Vec<_>, LineError>>()?;
    let mut expectation = Expectation::Unordered { sets, within };
    expectation.settle(|at| rest.place(at));
    Ok(expectation)
}
