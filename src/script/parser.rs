//! Reads rules, line by line. docs/rules.md has the grammar.

use std::collections::HashMap;

use super::action::{ACTIONS, CHANGES, INJECTIONS, Instruction};
use super::condition::{CONDITIONS, Condition};
use super::generated::GeneratedVariable;
use super::rule::Rule;
use super::selector::{Selector, SelectorParser, is_selector};
use super::slip;
use super::speaker::{RuleSpeaker, SPEAKERS};
use super::state;
use super::syntax_error::{PieceError, SyntaxError, offset};
use super::word::{ARROW, Word, WordArgument, find, first_word, names};
use crate::ws::OpCode;

/// The actions whose text may have an arrow in it.
const REPLY: &str = "reply";
const REPLACE: &str = "replace";
const INJECT: &str = "inject";

/// Values of a document that a rule may set: each is compared with all before it.
const MOST_VALUES: usize = 64;

/// The word that begins the rules of a state.
const STATE: &str = "state";

/// What stands for every state in the place of a name.
const EVERY: &str = "*";

/// A line, by the text and the number in it, both from 0, and what the text is beside.
#[derive(Debug, Clone, Copy)]
struct At {
    text: usize,
    layer: usize,
    line: usize,
}

/// Rules in a text of their own, and how far they belong together: a rule may hide those of another layer, as one that was
/// given on the command line does those of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleText<'a> {
    pub(crate) layer: usize,
    pub(crate) content: &'a str,
}

/// A name where it was written: for what is known only once all has been read.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    at: At,
    column: usize,
}

#[derive(Debug)]
struct Unfinished {
    rule: Rule,
    goto: Option<Named>,
    /// Which of its instructions are the first of their kind.
    first_of_kind: Vec<usize>,
    /// Where its condition is, and the column of that.
    at: At,
    column: usize,
}

/// What a rule takes all of: which messages, by the condition as it is written, whose, and where.
#[derive(PartialEq, Eq, Hash)]
struct TakenMessages {
    layer: usize,
    state: Option<usize>,
    speaker: Option<RuleSpeaker>,
    condition: String,
}

#[derive(Debug)]
pub(super) struct RulesParser<'a> {
    rules: Vec<Unfinished>,
    /// Without the first.
    states: Vec<Named>,
    /// Their numbers, which the first has too.
    numbers: HashMap<String, usize>,
    /// Whose rules are being read; `None` for those of every state.
    state: Option<usize>,
    at: At,
    line: &'a str,
    /// The rules are those of a proxy.
    is_for_proxy: bool,
    /// They are those of a proxy or a server, which may break something on purpose.
    may_inject: bool,
    /// What they are filled in with of the environment.
    environment: Vec<Named>,
}

impl<'a> RulesParser<'a> {
    pub(super) fn new() -> Self {
        let numbers = HashMap::from([(state::START.to_owned(), 0)]);
        let at = At { text: 0, layer: 0, line: 0 };
        Self {
            rules: Vec::new(),
            states: Vec::new(),
            numbers,
            state: None,
            at,
            line: "",
            is_for_proxy: false,
            may_inject: false,
            environment: Vec::new(),
        }
    }

    /// For the rules of what stands between two peers.
    pub(super) fn for_proxy() -> Self {
        Self { is_for_proxy: true, ..Self::for_server() }
    }

    /// For the rules of a server.
    pub(super) fn for_server() -> Self {
        Self { may_inject: true, ..Self::new() }
    }

    /// The action of that name, where it can be done.
    fn find_action(&self, name: &str) -> Option<&'static Word<Instruction>> {
        let injection = || find(INJECTIONS, name).filter(|_| self.may_inject);
        find(ACTIONS, name).or_else(|| find(CHANGES, name).filter(|_| self.is_for_proxy)).or_else(injection)
    }

    /// That the word is no action here, nor what else it could be.
    fn unknown(&self, name: &str, is_condition: bool) -> PieceError {
        let is_of_proxy = find(CHANGES, name).is_some() || find(SPEAKERS, name).is_some();
        if is_of_proxy && !self.is_for_proxy {
            return PieceError::at(0, format!("{name} is for the rules of a proxy, which passes messages on"));
        }
        if find(INJECTIONS, name).is_some() && !self.may_inject {
            return PieceError::at(0, format!("{name} is for the rules of a server or a proxy"));
        }
        let mut actions = names(ACTIONS);
        if self.may_inject {
            actions = format!("{actions}; {}", names(INJECTIONS));
        }
        if self.is_for_proxy {
            actions = format!("{actions}; {}", names(CHANGES));
        }
        unknown(name, is_condition, &actions)
    }

    /// Reads the next text. What a rule does goes on in no other text.
    ///
    /// # Errors
    /// The first line that is not part of a rule, and the first rule that does nothing.
    pub(super) fn text(&mut self, RuleText { layer, content: text }: RuleText<'a>) -> Result<(), SyntaxError> {
        (self.state, self.at.layer) = (None, layer);
        let count = self.rules.len();
        for (number, line) in text.lines().enumerate() {
            (self.at.line, self.line) = (number, line);
            let statement = line.trim();
            if statement.is_empty() || statement.starts_with('#') {
                continue;
            }
            self.statement(statement, count).map_err(|error| {
                let error = error.behind(offset(line, statement));
                SyntaxError { line: number + 1, column: error.column(line), why: error.why }
            })?;
        }
        let lines: Vec<&str> = text.lines().collect();
        if let Some(rule) = self.rules[count..].iter().find(|rule| rule.rule.instructions.is_empty()) {
            let line = lines[rule.at.line].trim();
            return Err(SyntaxError { line: rule.at.line + 1, column: rule.column, why: slip::without_actions(line) });
        }
        if self.rules.len() == count {
            return Err(SyntaxError { line: 1, column: 1, why: "there are no rules, such as: any => echo".into() });
        }
        self.at.text += 1;
        Ok(())
    }

    /// The variables of the environment that the rules are filled in with, wherever they stand.
    pub(super) fn take_environment(&mut self) -> Vec<Named> {
        std::mem::take(&mut self.environment)
    }

    /// # Errors
    /// The number of the text, from 0, and what in it makes no sense with the rest.
    pub(super) fn finish(self) -> Result<Vec<Rule>, (usize, SyntaxError)> {
        self.check_reach()?;
        let mut rules = Vec::new();
        let mut entered = vec![false; 1 + self.states.len()];
        entered[0] = true;
        for Unfinished { mut rule, goto, .. } in self.rules {
            if let Some(goto) = goto {
                let Some(index) = self.numbers.get(&goto.name).copied() else {
                    let names: Vec<&str> =
                        [state::START].into_iter().chain(self.states.iter().map(|state| &*state.name)).collect();
                    return Err(goto.error(format!("there is no state {:?}, only {}", goto.name, names.join(", "))));
                };
                entered[index] = true;
                rule.goto = Some(index);
            }
            rules.push(rule);
        }
        let lost = self.states.iter().zip(&entered[1..]).find(|(_, entered)| !**entered);
        if let Some((state, _)) = lost {
            return Err(state.error(format!(
                "no rule goes to the state {name}, as goto {name} does; a connection begins in the state {}",
                state::START,
                name = state.name
            )));
        }
        Ok(rules)
    }

    /// # Errors
    /// A rule that gets no message, since one before it in its layer takes all that it could.
    fn check_reach(&self) -> Result<(), (usize, SyntaxError)> {
        // The first rule that takes all that meets a condition, by its layer, its state and how the condition is written.
        let mut takers: HashMap<TakenMessages, &Unfinished> = HashMap::new();
        for hidden in &self.rules {
            let Rule { state, speaker, .. } = hidden.rule;
            let layer = hidden.at.layer;
            let covering = hidden.rule.condition.covering();
            let above = covering
                .into_iter()
                .flat_map(|condition| [(None, condition.clone()), (state, condition)])
                .flat_map(|(state, condition)| [(None, state, condition.clone()), (speaker, state, condition)])
                .map(|(speaker, state, condition)| TakenMessages { layer, state, speaker, condition });
            let above = above.filter_map(|key| takers.get(&key)).min_by_key(|above| (above.at.text, above.at.line));
            if let Some(above) = above {
                let place = match above.at.text == hidden.at.text {
                    true => format!("in line {} ", above.at.line + 1),
                    false => String::new(),
                };
                let why = format!(
                    "this rule never answers: {} {place}before it takes every message that it could",
                    above.rule.condition
                );
                return Err((hidden.at.text, SyntaxError { line: hidden.at.line + 1, column: hidden.column, why }));
            }
            if hidden.rule.selector == Selector::default() {
                let condition = hidden.rule.condition.to_string();
                takers.entry(TakenMessages { layer, state, speaker, condition }).or_insert(hidden);
            }
        }
        Ok(())
    }

    /// `first` is the number of the text's first rule.
    fn statement(&mut self, statement: &str, first: usize) -> Result<(), PieceError> {
        let (name, argument) = first_word(statement);
        let has_arrow = statement.split_whitespace().any(|word| word == ARROW);
        // `binary` alone is a condition, and with bytes an action.
        let is_condition = find(CONDITIONS, name).is_some()
            && (name != "binary" || argument.is_empty() || {
                argument.starts_with(ARROW) || is_selector(first_word(argument).0)
            });
        let is_speaker = self.is_for_proxy && find(SPEAKERS, name).is_some();
        if is_condition || is_speaker || is_selector(name) {
            return self.rule(statement);
        }
        if name == STATE {
            return self.begin_state(argument).map_err(|error| error.behind(offset(statement, argument)));
        }
        let has_rule = self.rules.len() > first;
        let is_action = self.find_action(name).is_some();
        let has_text = [REPLY, REPLACE, INJECT].contains(&name);
        if is_action && !has_text && pieces(statement).len() > 1 {
            return Err(PieceError::at(0, slip::begins_with_an_action(name)));
        }
        if is_action && !has_rule {
            return Err(PieceError::at(
                0,
                format!("an action has to follow a condition, as in: any {ARROW} {statement}"),
            ));
        }
        if !is_action && has_arrow {
            return Err(self.unknown(name, false));
        }
        self.action(statement)
    }

    /// The rules of a state follow.
    fn begin_state(&mut self, argument: &str) -> Result<(), PieceError> {
        if argument.is_empty() {
            return Err(PieceError::at(0, format!("{STATE} needs a name: {STATE} NAME")));
        }
        if argument == EVERY {
            self.state = None;
            return Ok(());
        }
        state::check(argument)?;
        if !self.numbers.contains_key(argument) {
            self.states.push(self.named(argument));
            self.numbers.insert(argument.to_owned(), self.states.len());
        }
        self.state = self.numbers.get(argument).copied();
        Ok(())
    }

    /// A condition, perhaps with a counter before it and actions behind it.
    fn rule(&mut self, statement: &str) -> Result<(), PieceError> {
        let mut pieces = pieces(statement).into_iter();
        let head = pieces.next().unwrap_or_default();
        let (speaker, selector, text) = self.selected(head)?;
        let begins = offset(statement, text);
        let condition = condition(text).map_err(|error| match slip::meant(statement) {
            // With another arrow all of the line is the expression.
            Some(_) if pieces.len() == 0 => PieceError::at(0, slip::without_actions(statement)),
            _ => error.behind(begins),
        })?;
        if matches!(condition, Condition::Control(_)) && !self.is_for_proxy {
            let why = format!("{condition} is for the rules of a proxy, which passes control frames on");
            return Err(PieceError::at(begins, why));
        }
        if matches!(condition, Condition::Open) {
            if self.is_for_proxy {
                return Err(PieceError::at(begins, "open is not a message that a proxy can pass on"));
            }
            if selector != Selector::default() {
                return Err(PieceError::at(0, "open takes no counter, time or probability: a connection opens once"));
            }
            if self.state.is_some_and(|state| state > 0) {
                return Err(PieceError::at(begins, format!("a connection opens in the state {}", state::START)));
            }
        }
        let rule = Rule { state: self.state, speaker, selector, condition, instructions: Vec::new(), goto: None };
        let column = PieceError::at(offset(self.line, statement), "").column(self.line);
        self.rules.push(Unfinished { rule, goto: None, first_of_kind: Vec::new(), at: self.at, column });
        for piece in pieces {
            if piece.is_empty() {
                return Err(PieceError::at(offset(statement, piece), format!("an action has to follow {ARROW}")));
            }
            self.action(piece).map_err(|error| error.behind(offset(statement, piece)))?;
        }
        Ok(())
    }

    /// Whose messages a rule of a proxy is for, which of them, and the condition that follows.
    fn selected<'t>(&self, text: &'t str) -> Result<(Option<RuleSpeaker>, Selector, &'t str), PieceError> {
        let (mut selectors, mut rest) = (SelectorParser::default(), text);
        loop {
            let begins = offset(text, rest);
            let (name, _) = first_word(rest);
            if find(SPEAKERS, name).is_some() && !self.is_for_proxy {
                return Err(self.unknown(name, false).behind(begins));
            }
            match selectors.take(rest).map_err(|error| error.behind(begins))? {
                Some("") => return Err(PieceError::at(0, format!("a condition has to follow, as in: {text} any"))),
                Some(behind) => rest = behind,
                None => break,
            }
        }
        let (speaker, selector) = selectors.finish();
        Ok((speaker, selector, rest))
    }

    /// A name, which stands in the line.
    fn named(&self, name: &str) -> Named {
        let column = PieceError::at(offset(self.line, name), "").column(self.line);
        Named { name: name.to_owned(), at: self.at, column }
    }

    /// What the last rule does next.
    fn action(&mut self, text: &str) -> Result<(), PieceError> {
        let (name, argument) = first_word(text);
        let Some(word) = self.find_action(name) else {
            return Err(self.unknown(name, find(CONDITIONS, name).is_some()));
        };
        let begins = offset(text, argument);
        let named = self.named(argument);
        let Some(Unfinished { rule, goto, first_of_kind, .. }) = self.rules.last_mut() else { return Ok(()) };
        let mut instruction = word.read(argument).map_err(|error| error.behind(begins))?;
        if let Instruction::Fault(fault) = &instruction
            && fault.kind.is_of_frames()
            && fault.speaker == Some(RuleSpeaker::Client)
            && !self.is_for_proxy
        {
            return Err(PieceError::at(begins, "a server sends no client frames"));
        }
        instruction.check(&rule.condition).map_err(|error| error.behind(begins))?;
        // Which instruction excludes which depends on their kinds alone.
        let mut before = first_of_kind.iter().map(|at| &rule.instructions[*at]);
        if let Some(before) = before.clone().find(|before| before.excludes(&instruction)) {
            return Err(PieceError::at(0, format!("{name} can't follow {}", before.name())));
        }
        let is_value = instruction.document_value().is_some();
        if is_value && first_of_kind.len() >= MOST_VALUES {
            return Err(PieceError::at(0, format!("a rule sets at most {MOST_VALUES} values of a document")));
        }
        // Of values of a document each has a place of its own.
        if is_value || before.all(|before| before.name() != instruction.name()) {
            first_of_kind.push(rule.instructions.len());
        }
        if matches!(instruction, Instruction::Goto) {
            *goto = Some(named);
        }
        let variables = instruction.generated().filter_map(|variable| match variable {
            GeneratedVariable::Environment(name) => Some((name.clone(), variable.to_string())),
            _ => None,
        });
        let (line, at) = (self.line, self.at);
        let place = |(name, written): (String, String)| {
            let column = PieceError::at(line.find(&written).unwrap_or_default(), "").column(line);
            Named { name, at, column }
        };
        self.environment.extend(variables.map(place));
        rule.instructions.push(instruction);
        Ok(())
    }
}

impl Named {
    pub(super) fn error(&self, why: String) -> (usize, SyntaxError) {
        (self.at.text, SyntaxError { line: self.at.line + 1, column: self.column, why })
    }
}

/// A line at its arrows, each with a blank before it and behind it.
fn pieces(statement: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    for (at, _) in statement.match_indices(ARROW) {
        let (before, behind) = (&statement[..at], &statement[at + ARROW.len()..]);
        let is_apart =
            before.ends_with(char::is_whitespace) && (behind.is_empty() || behind.starts_with(char::is_whitespace));
        if is_apart {
            pieces.push(statement[begin..at].trim());
            begin = at + ARROW.len();
        }
    }
    pieces.push(statement[begin..].trim());
    pieces
}

fn condition(text: &str) -> Result<Condition, PieceError> {
    let (name, argument) = first_word(text);
    let Some(known) = find(CONDITIONS, name) else {
        let meant = match OpCode::named(name).filter(|opcode| opcode.is_control()) {
            Some(_) => format!("; did you mean opcode {name}?"),
            None => String::new(),
        };
        let why = format!("{name:?} is not a condition ({}){meant}", names(CONDITIONS));
        return Err(PieceError::at(0, why));
    };
    let begins = offset(text, argument);
    if matches!(known.argument, WordArgument::None) && is_selector(first_word(argument).0) {
        return Err(PieceError::at(begins, format!("a counter stands before its condition: {argument} {name}")));
    }
    known.read(argument).map_err(|error| error.behind(begins))
}

fn unknown(name: &str, is_condition: bool, actions: &str) -> PieceError {
    let conditions = names(CONDITIONS);
    PieceError::at(
        0,
        match is_condition {
            true => format!("{name:?} is a condition, and not an action ({actions})"),
            false => {
                let ours = slip::our_word(name).map(|ours| format!("; here it is called {ours}")).unwrap_or_default();
                format!("{name:?} is neither a condition ({conditions}) nor an action ({actions}){ours}")
            }
        },
    )
}
