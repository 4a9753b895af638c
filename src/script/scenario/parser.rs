//! Reads the steps of a test. docs/test-files.md has the grammar.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::super::syntax_error::PieceError;
use super::check;
use super::clauses::{self, JoinedText, LinePiece, clauses};
use super::expectation::{self, Expectation, check_name};
use super::http_file;
use super::layout::{Statement, layout};
use super::opening_clauses::{self, OpeningWord};
use super::operator::Relation;
use super::sending;
use super::source::{LineError, ScenarioError, ScenarioFiles, ScenarioSource, StepPlace};
use super::step::{AcceptStep, ConnectStep, Scenario, ScenarioStep, SkipCondition, StepAction};
use super::table;
use super::template::{ScenarioTemplate, ScenarioVariable};
use crate::advice::flag::VAR;
use crate::values::duration;
use crate::view::enumeration::enumeration;

/// Files that include each other.
const DEEPEST_INCLUDE: usize = 16;

/// Times that a block is repeated at most, and copies of one that run at once.
const MOST_TIMES: u64 = 1_000_000;
const MOST_COPIES: usize = 1000;

/// The number of a repetition or a copy, from 1.
pub(super) const INDEX: &str = "index";

/// The words that steps begin with, and those that may stand behind the name of a connection.
const STEPS: [&str; 13] = [
    "let", "connect", "accept", "delay", "timeout", "deadline", "repeat", "for", "parallel", "do", "finally",
    "include", "skip",
];
const VERBS: [&str; 3] = ["send", "expect", "drop"];

/// What other languages call our words.
const OTHER_WORDS: [(&[&str], &str); 7] = [
    (&["wait", "sleep", "pause"], "delay"),
    (&["set", "var", "const", "variable"], "let"),
    (&["open", "dial"], "connect"),
    (&["listen", "serve", "server", "bind"], "accept"),
    (&["assert", "receive", "recv", "should", "await"], "expect"),
    (&["loop", "times"], "repeat"),
    (&["disconnect", "abort", "kill"], "drop"),
];

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
    let known = KnownNames { variables: variables.into_iter().collect(), connections: BTreeSet::new() };
    let mut parser = ScenarioParser { known, files, last_steps: Vec::new() };
    let steps = parser.file(source, 0)?;
    if steps.is_empty() && parser.last_steps.is_empty() {
        let why = "there are no steps, such as: connect ws://localhost:8080/";
        return Err(LineError::at(0, 0, why).of(source));
    }
    Ok(Scenario { steps, last_steps: parser.last_steps })
}

/// What steps may name.
#[derive(Debug)]
struct KnownNames {
    variables: BTreeSet<String>,
    /// Without the one that has no name.
    connections: BTreeSet<String>,
}

struct ScenarioParser<'p> {
    known: KnownNames,
    files: &'p mut dyn ScenarioFiles,
    last_steps: Vec<ScenarioStep>,
}

/// Where a statement is: in which file, and how deep in blocks and includes.
#[derive(Clone, Copy)]
struct Within<'s> {
    source: &'s ScenarioSource,
    blocks: usize,
    includes: usize,
}

impl<'s> Within<'s> {
    fn block(self) -> Self {
        Self { blocks: self.blocks + 1, ..self }
    }
}

/// What is wrong: in the file at hand, or in one that it includes.
enum Wrong {
    Here(LineError),
    Elsewhere(Box<ScenarioError>),
}

impl From<LineError> for Wrong {
    fn from(error: LineError) -> Self {
        Self::Here(error)
    }
}

type ParsedStep<T> = Result<T, Wrong>;

impl ScenarioParser<'_> {
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
            "let" => self.assignment(statement, rest)?,
            "connect" => return self.connect(statement, rest, place, steps),
            "accept" => return self.accept(statement, rest, place, steps),
            "delay" => StepAction::Delay(time(statement, rest)?),
            "timeout" => StepAction::Timeout(time(statement, rest)?),
            "deadline" => StepAction::Deadline(time(statement, rest)?),
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

    /// `connect [NAME] URL`, with clauses.
    fn connect(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
        steps: &mut Vec<ScenarioStep>,
    ) -> ParsedStep<()> {
        let (name, url) = named(rest, "connect", "a URL", "ws://localhost:8080/")?;
        let mut connect = ConnectStep::new(name, url);
        let expected = opening(statement, place, name, opening_clauses::CONNECT, &mut connect)?;
        self.check(statement, connect.templates())?;
        self.opens(statement, place, name, StepAction::Connect(Box::new(connect)), expected, steps)
    }

    /// `accept [NAME] ADDRESS`, with clauses.
    fn accept(
        &mut self,
        statement: &Statement<'_>,
        rest: LinePiece<'_>,
        place: Within<'_>,
        steps: &mut Vec<ScenarioStep>,
    ) -> ParsedStep<()> {
        let (name, address) = named(rest, "accept", "an address", "127.0.0.1:8080")?;
        let mut accept = AcceptStep::new(name, address);
        let expected = opening(statement, place, name, opening_clauses::ACCEPT, &mut accept)?;
        self.check(statement, accept.templates())?;
        self.known.variables.insert(accept.port_name());
        self.opens(statement, place, name, StepAction::Accept(Box::new(accept)), expected, steps)
    }

    /// A step that opens a connection, and what was expected of it on lines below.
    fn opens(
        &mut self,
        statement: &Statement<'_>,
        place: Within<'_>,
        name: &str,
        action: StepAction,
        expected: Vec<ScenarioStep>,
        steps: &mut Vec<ScenarioStep>,
    ) -> ParsedStep<()> {
        for step in &expected {
            if let StepAction::Expect { expectation, .. } = &step.action {
                self.check(statement, expectation.templates())?;
            }
        }
        if !name.is_empty() {
            self.known.connections.insert(name.to_owned());
        }
        steps.push(step(statement, place, action));
        steps.extend(expected);
        Ok(())
    }

    fn repeat(&mut self, statement: &Statement<'_>, rest: LinePiece<'_>, place: Within<'_>) -> ParsedStep<StepAction> {
        let number = rest.text.parse().ok().filter(|count| (1..=MOST_TIMES).contains(count));
        let count = number.ok_or_else(|| {
            rest.fault(format!("a number of times from 1 to {MOST_TIMES} has to follow, as in repeat 3 {{"))
        })?;
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
        let number = rest.text.parse().ok().filter(|count| (1..=MOST_COPIES).contains(count));
        let count = number.ok_or_else(|| {
            rest.fault(format!("a number of copies from 1 to {MOST_COPIES}, or nothing, has to follow parallel"))
        })?;
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
        let is_verb = |word: &str| VERBS.contains(&word) || sending::is_sent(word);
        let (connection, said) = match first {
            "expect" => {
                let (name, expected) = behind.first_word();
                if self.known.connections.contains(name) {
                    return self.expect(statement, name, expected);
                }
                ("", whole)
            }
            word if is_verb(word) => ("", whole),
            name if self.known.connections.contains(name) => (name, behind),
            name => return Err(whole.fault(self.unknown(name, is_verb(behind.first_word().0))).into()),
        };
        let (verb, rest) = said.first_word();
        let connection = connection.to_owned();
        match verb {
            "expect" => self.expect(statement, &connection, rest),
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
        let joined = JoinedText::of(rest, statement);
        let source = place.source;
        let mut read = |path: &str| self.files.read(&source.name, path).map(|(_, content)| content);
        let content = sending::parse(&joined.text, &mut read).map_err(|error| joined.error(error))?;
        self.check(statement, content.template())?;
        Ok(StepAction::Send { connection, content })
    }

    fn expect(&mut self, statement: &Statement<'_>, connection: &str, rest: LinePiece<'_>) -> ParsedStep<StepAction> {
        let expectation = match &statement.block {
            Some(block) => unordered(rest, block)?,
            None => {
                let mut expectation = expectation::parse(rest.text).map_err(|error| rest.error(error))?;
                clauses::of_expectation(statement, &mut expectation)?;
                expectation
            }
        };
        self.check(statement, expectation.templates())?;
        if let Expectation::Messages { captures, .. } = &expectation {
            self.known.variables.extend(captures.iter().map(|capture| capture.name.clone()));
        }
        Ok(StepAction::Expect { connection: connection.to_owned(), expectation })
    }

    /// # Errors
    /// A name that nothing has been given.
    fn check<'t>(
        &self,
        statement: &Statement<'_>,
        templates: impl IntoIterator<Item = &'t ScenarioTemplate>,
    ) -> ParsedStep<()> {
        for (variable, _) in templates.into_iter().flat_map(ScenarioTemplate::places) {
            let ScenarioVariable::Named(name) = variable else { continue };
            if self.known.variables.contains(name) {
                continue;
            }
            let near = crate::values::nearest(self.known.variables.iter().map(String::as_str), name);
            let meant = match near {
                Some(near) => format!("; did you mean ${{{near}}}?"),
                None => format!("; let {name} = …, capture {name} = … or {VAR} {name}=… gives it one"),
            };
            let why = format!("{variable} has no value here{meant}");
            let lines = [statement.line].into_iter().chain(statement.continued.iter().copied());
            let mut places = lines.filter_map(|line| Some((line, line.whole.find(&variable.to_string())?)));
            let (line, at) = places.next().unwrap_or((statement.line, statement.line.indent()));
            return Err(LineError::at(line.number, at, why).into());
        }
        Ok(())
    }

    /// What is wrong with the first word of a step.
    fn unknown(&self, word: &str, acts: bool) -> String {
        if acts {
            let known = &self.known.connections;
            let near = crate::values::nearest(known.iter().map(String::as_str), word);
            let meant = near.map(|near| format!("; did you mean {near}?"));
            let meant = meant.unwrap_or_else(|| format!("; connect {word} URL opens one"));
            return format!("there is no connection {word:?}{meant}");
        }
        let ours = OTHER_WORDS.iter().find(|(theirs, _)| theirs.contains(&word)).map(|(_, ours)| *ours);
        let known = || STEPS.into_iter().chain(VERBS);
        let meant = ours.or_else(|| crate::values::nearest(known(), word));
        let meant = match meant {
            Some(meant) => format!("; did you mean {meant}?"),
            None if check::is_check(word) => format!("; did you mean expect {word}?"),
            None => String::new(),
        };
        format!("{word:?} is neither a step ({}) nor the name of a connection{meant}", enumeration(known(), "or"))
    }
}

fn step(statement: &Statement<'_>, place: Within<'_>, action: StepAction) -> ScenarioStep {
    let place = StepPlace { file: Arc::clone(&place.source.name), line: statement.line.number + 1 };
    ScenarioStep { place, text: statement.text.to_owned(), action }
}

/// `[NAME] WHERE`: the name that a connection is given, and what follows it.
fn named<'s>(
    rest: LinePiece<'s>,
    word: &str,
    what: &str,
    example: &str,
) -> Result<(&'s str, ScenarioTemplate), LineError> {
    let (first, behind) = rest.first_word();
    let (name, there) = if behind.text.is_empty() { ("", rest) } else { (first, behind) };
    if there.text.is_empty() {
        return Err(there.fault(format!("{what} has to follow, as in {word} alice {example}")));
    }
    if let Some(at) = there.text.find(char::is_whitespace) {
        let why = format!("it is too much here: {word} takes a name and {what}, and the rest on lines below");
        return Err(there.error(PieceError::at(at + 1, why)));
    }
    if !name.is_empty() {
        check_name(name).map_err(|error| rest.error(error))?;
        let is_taken = STEPS.contains(&name) || VERBS.contains(&name);
        if is_taken || sending::is_sent(name) || expectation::is_expectation(name) {
            return Err(rest.fault(format!("a connection can't be called {name:?}, which is a word of steps")));
        }
    }
    let template = ScenarioTemplate::parse(there.text).map_err(|error| there.error(error))?;
    Ok((name, template))
}

/// The lines below a step that opens a connection: what they say of it, and what they expect, as steps of their own.
fn opening<S>(
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
            continue;
        }
        let expectation = expectation::parse(rest.text).map_err(|error| rest.error(error))?;
        let action = StepAction::Expect { connection: name.to_owned(), expectation };
        let place = StepPlace { file: Arc::clone(&place.source.name), line: clause.line.number + 1 };
        expected.push(ScenarioStep { place, text: clause.text.to_owned(), action });
    }
    Ok(expected)
}

fn time(statement: &Statement<'_>, rest: LinePiece<'_>) -> ParsedStep<std::time::Duration> {
    clauses::none(statement)?;
    duration(rest.text).map_err(|why| rest.fault(why).into())
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
    Ok(Expectation::Unordered { sets, within })
}

/// Where a file is, for those that it names.
fn folder(source: &ScenarioSource) -> String {
    Path::new(&*source.name).parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default()
}

impl ConnectStep {
    /// The texts in it that are filled in.
    fn templates(&self) -> impl Iterator<Item = &ScenarioTemplate> {
        let lists = [&self.headers, &self.subprotocols, &self.cookies].into_iter().flatten();
        [&self.url].into_iter().chain(lists).chain(&self.user).chain(&self.bearer).chain(&self.origin)
    }
}

impl AcceptStep {
    /// The texts in it that are filled in.
    fn templates(&self) -> impl Iterator<Item = &ScenarioTemplate> {
        [&self.address].into_iter().chain(&self.headers).chain(&self.subprotocols)
    }
}
