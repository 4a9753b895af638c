//! Actions: what is done about a message.

use std::sync::Arc;
use std::time::Duration;

use super::condition::{Condition, Found};
use super::document_value::DocumentValue;
use super::fault::Fault;
use super::generated::GeneratedVariable;
use super::reply::{Part, Reply};
use super::state;
use super::syntax_error::PieceError;
use super::template::Template;
use super::word::{Word, WordArgument};
use crate::values::{close_or_normal, duration, hex};
use crate::view::json_pointer::Pointer;
use crate::ws::{Close, Kind};

/// What is to be done next, with everything filled in. Whoever owns a connection performs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send this message.
    Send(Reply),
    /// Let time pass before the next action.
    Wait(Duration),
    /// Begin the closing handshake.
    Close(Close),
    /// Send the message on to the peer that it is for, or this in its place. Only a proxy's rules have it.
    Pass(Option<Reply>),
    /// Send this to that peer too. Only a proxy's rules have it.
    Inject(Reply),
    /// Break something on purpose.
    Fault(Arc<Fault>),
}

impl Action {
    /// Bytes of content that it holds, without the message that it quotes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Send(reply) | Self::Pass(Some(reply)) | Self::Inject(reply) => reply.size(),
            Self::Wait(_) | Self::Close(_) | Self::Pass(None) | Self::Fault(_) => 0,
        }
    }

    /// Bytes of the messages that come of it, at the most.
    pub(crate) fn makes(&self) -> usize {
        match self {
            Self::Send(reply) | Self::Pass(Some(reply)) | Self::Inject(reply) => reply.most(),
            Self::Wait(_) | Self::Close(_) | Self::Pass(None) | Self::Fault(_) => 0,
        }
    }

    /// Whether the message that it answers has to be kept for it.
    pub(crate) fn quotes(&self) -> bool {
        matches!(self, Self::Send(reply) if reply.quotes())
    }
}

/// An action as rules have it, before a message has filled it in. Several may come to the same [`Action`].
#[derive(Debug)]
pub(super) enum Instruction {
    Reply(Composed),
    Echo,
    Delay(Duration),
    Close(Close),
    /// To a state that the rule has; it is there from the next message on.
    Goto,
    Nothing,
    Fault(Arc<Fault>),
    /// What a proxy does with a message that it passes on.
    Alteration(Alteration),
}

/// What a proxy does with a message. Unless a rule says where, it goes on behind all else that the rule does.
#[derive(Debug)]
pub(super) enum Alteration {
    Pass,
    Drop,
    /// It goes on twice.
    Duplicate,
    /// This goes on in its place.
    Replace(Composed),
    /// It goes on with another value in it.
    ReplaceValue(DocumentValue),
    /// The peer that it is for gets this too.
    Inject(Composed),
}

/// A message as rules have it, before it is filled in.
#[derive(Debug)]
pub(super) enum Composed {
    Text(Template),
    Binary(Arc<[u8]>),
}

impl Composed {
    /// # Errors
    /// What is wrong with a place for something.
    fn text(text: &str) -> Result<Self, PieceError> {
        Template::parse(text).map(Self::Text)
    }

    /// # Errors
    /// That it isn't hexadecimal.
    fn binary(text: &str) -> Result<Self, PieceError> {
        let bytes = hex(text.as_bytes()).map_err(|why| PieceError::at(0, why))?;
        Ok(Self::Binary(bytes.into()))
    }

    /// `binary HEX`, or text.
    ///
    /// # Errors
    /// As those of either.
    fn parse(text: &str) -> Result<Self, PieceError> {
        match behind_word(text, "binary") {
            Some(bytes) => Self::binary(bytes).map_err(|error| error.behind(text.len() - bytes.len())),
            None => Self::text(text),
        }
    }

    fn template(&self) -> Option<&Template> {
        match self {
            Self::Text(template) => Some(template),
            Self::Binary(_) => None,
        }
    }

    fn fill(&self, found: &Found<'_, '_>) -> Reply {
        match self {
            Self::Text(template) => Reply::new(Kind::Text, template.fill(found)),
            Self::Binary(bytes) => Reply::new(Kind::Binary, vec![Part::Literal(Arc::clone(bytes))]),
        }
    }
}

/// The actions of a rules file.
pub(super) static ACTIONS: &[Word<Instruction>] = &[
    Word {
        name: "reply",
        argument: WordArgument::Optional("TEXT"),
        parse: |text| Composed::text(text).map(Instruction::Reply),
    },
    Word {
        name: "binary",
        argument: WordArgument::Required("HEX"),
        parse: |text| Composed::binary(text).map(Instruction::Reply),
    },
    Word { name: "echo", argument: WordArgument::None, parse: |_| Ok(Instruction::Echo) },
    Word {
        name: "delay",
        argument: WordArgument::Required("DURATION"),
        parse: |text| duration(text).map(Instruction::Delay).map_err(|why| PieceError::at(0, why)),
    },
    Word {
        name: "close",
        argument: WordArgument::Optional("CODE [REASON]"),
        parse: |text| close_or_normal(text).map(Instruction::Close).map_err(|why| PieceError::at(0, why)),
    },
    Word {
        name: "goto",
        argument: WordArgument::Required("STATE"),
        parse: |text| state::check(text).map(|()| Instruction::Goto),
    },
    Word { name: "nothing", argument: WordArgument::None, parse: |_| Ok(Instruction::Nothing) },
];

/// The actions that only the rules of a server or a proxy have.
pub(super) static INJECTIONS: &[Word<Instruction>] = &[Word {
    name: "fault",
    argument: WordArgument::Required("SPEC"),
    parse: |text| Fault::of_rule(text).map(Arc::new).map(Instruction::Fault),
}];

/// The actions that only the rules of a proxy have.
pub(super) static CHANGES: &[Word<Instruction>] = &[
    Word { name: "pass", argument: WordArgument::None, parse: |_| Ok(Instruction::Alteration(Alteration::Pass)) },
    Word { name: "drop", argument: WordArgument::None, parse: |_| Ok(Instruction::Alteration(Alteration::Drop)) },
    Word {
        name: "duplicate",
        argument: WordArgument::None,
        parse: |_| Ok(Instruction::Alteration(Alteration::Duplicate)),
    },
    Word { name: "replace", argument: WordArgument::Optional("TEXT"), parse: replace },
    Word { name: "fragment", argument: WordArgument::Required("BYTES"), parse: fragment },
    Word {
        name: "inject",
        argument: WordArgument::Optional("TEXT"),
        parse: |text| Composed::parse(text).map(|message| Instruction::Alteration(Alteration::Inject(message))),
    },
];

/// What follows this word and whitespace, which is something at least.
fn behind_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(word).filter(|rest| rest.starts_with(char::is_whitespace))?;
    Some(rest.trim_start()).filter(|rest| !rest.is_empty())
}

/// `json /POINTER VALUE`, or another message.
fn replace(text: &str) -> Result<Instruction, PieceError> {
    let change = match behind_word(text, "json") {
        Some(rest) => {
            let value = DocumentValue::parse(rest).map_err(|error| error.behind(text.len() - rest.len()))?;
            Alteration::ReplaceValue(value)
        }
        None => Alteration::Replace(Composed::parse(text)?),
    };
    Ok(Instruction::Alteration(change))
}

/// As `fault fragment`: its frames may be as the rules want them, too, where nothing is to break.
fn fragment(bytes: &str) -> Result<Instruction, PieceError> {
    const FAULT: &str = "fragment ";
    let fault = Fault::of_rule(&format!("{FAULT}{bytes}"));
    let fault = fault.map_err(|error| PieceError { at: error.at.saturating_sub(FAULT.len()), ..error })?;
    Ok(Instruction::Fault(Arc::new(fault)))
}

impl Instruction {
    /// # Errors
    /// What asks of the message something that one which meets the condition doesn't have.
    pub(super) fn check(&mut self, condition: &Condition) -> Result<(), PieceError> {
        match self {
            Self::Echo if !condition.has_message() => {
                Err(PieceError::at(0, format!("echo has no message to send back: {condition}")))
            }
            Self::Alteration(Alteration::Replace(_) | Alteration::ReplaceValue(_)) if !condition.has_message() => {
                Err(PieceError::at(0, format!("replace has no message to take the place of: {condition}")))
            }
            Self::Alteration(Alteration::ReplaceValue(value)) => value.check(condition),
            Self::Reply(Composed::Text(text))
            | Self::Alteration(Alteration::Replace(Composed::Text(text)) | Alteration::Inject(Composed::Text(text))) => {
                text.check(condition)
            }
            _ => Ok(()),
        }
    }

    /// The message that it sends.
    fn composed(&self) -> Option<&Composed> {
        match self {
            Self::Reply(message) | Self::Alteration(Alteration::Replace(message) | Alteration::Inject(message)) => {
                Some(message)
            }
            Self::Echo
            | Self::Delay(_)
            | Self::Close(_)
            | Self::Goto
            | Self::Nothing
            | Self::Fault(_)
            | Self::Alteration(_) => None,
        }
    }

    /// Whether the peer that the message is for gets one that isn't it.
    pub(super) fn injects(&self) -> bool {
        matches!(self, Self::Alteration(Alteration::Inject(_)))
    }

    /// Whether the other can't be done any more, or is at odds with this.
    pub(super) fn excludes(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Close(_), _) => true,
            (Self::Alteration(Alteration::Drop), Self::Alteration(next)) => next.passes(),
            (Self::Alteration(before), Self::Alteration(Alteration::Drop)) => before.passes(),
            // They go on in one message.
            (Self::Alteration(Alteration::ReplaceValue(before)), Self::Alteration(Alteration::ReplaceValue(next))) => {
                before.overlaps(next)
            }
            // Each would go on as a message of its own, and that is not what is meant by another value.
            (Self::Alteration(Alteration::ReplaceValue(_)), Self::Alteration(other))
            | (Self::Alteration(other), Self::Alteration(Alteration::ReplaceValue(_))) => other.passes(),
            (Self::Nothing, next) => next.answers(),
            (before, Self::Nothing) => before.answers(),
            _ => false,
        }
    }

    /// Whether the other side gets something by it.
    fn answers(&self) -> bool {
        match self {
            Self::Reply(_) | Self::Echo | Self::Close(_) | Self::Alteration(_) => true,
            Self::Delay(_) | Self::Goto | Self::Nothing | Self::Fault(_) => false,
        }
    }

    /// What it sets in a document.
    pub(super) fn document_value(&self) -> Option<&DocumentValue> {
        match self {
            Self::Alteration(Alteration::ReplaceValue(value)) => Some(value),
            _ => None,
        }
    }

    /// Its word in a rule.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Reply(Composed::Text(_)) => "reply",
            Self::Reply(Composed::Binary(_)) => "binary",
            Self::Echo => "echo",
            Self::Delay(_) => "delay",
            Self::Close(_) => "close",
            Self::Goto => "goto",
            Self::Nothing => "nothing",
            Self::Fault(_) => "fault",
            Self::Alteration(change) => change.name(),
        }
    }

    pub(super) fn action(&self, found: &Found<'_, '_>) -> Option<Action> {
        Some(match self {
            Self::Reply(message) => Action::Send(message.fill(found)),
            Self::Echo => {
                let message = found.message()?;
                Action::Send(Reply::echo(message.kind, message.content))
            }
            Self::Delay(time) => Action::Wait(*time),
            Self::Close(close) => Action::Close(close.clone()),
            Self::Fault(fault) => Action::Fault(Arc::clone(fault)),
            Self::Alteration(Alteration::Pass | Alteration::Duplicate) => Action::Pass(None),
            Self::Alteration(Alteration::Replace(message)) => Action::Pass(Some(message.fill(found))),
            Self::Alteration(Alteration::ReplaceValue(value)) => Action::Pass(DocumentValue::set_in(&[value], found)),
            Self::Alteration(Alteration::Inject(message)) => Action::Inject(message.fill(found)),
            Self::Goto | Self::Nothing | Self::Alteration(Alteration::Drop) => return None,
        })
    }

    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        let pointer = self.document_value().map(DocumentValue::pointer);
        self.template().into_iter().flat_map(Template::pointers).chain(pointer)
    }

    /// What it is filled in with that no message has.
    pub(super) fn generated(&self) -> impl Iterator<Item = &GeneratedVariable> {
        self.template().into_iter().flat_map(Template::generated)
    }

    /// The text that is filled in.
    fn template(&self) -> Option<&Template> {
        match self.document_value() {
            Some(value) => Some(value.value()),
            None => self.composed().and_then(Composed::template),
        }
    }
}

impl Alteration {
    /// Whether the message, or what is in its place, goes on by it.
    fn passes(&self) -> bool {
        !matches!(self, Self::Drop | Self::Inject(_))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Drop => "drop",
            Self::Duplicate => "duplicate",
            Self::Replace(_) | Self::ReplaceValue(_) => "replace",
            Self::Inject(_) => "inject",
        }
    }
}

/// What a proxy does by the instructions of a rule, and where in that the message goes on: behind all of it, unless it is
/// said where, or the message is answered, dropped, or closes the connection.
pub(super) fn in_passing(instructions: &[Instruction], found: &Found<'_, '_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let values: Vec<_> = instructions.iter().filter_map(Instruction::document_value).collect();
    let mut values_left = values.len();
    for instruction in instructions {
        if instruction.document_value().is_some() {
            // With all of its values the message goes on once.
            values_left -= 1;
            if values_left == 0 {
                actions.push(Action::Pass(DocumentValue::set_in(&values, found)));
            }
            continue;
        }
        // What goes on twice is the message as it came.
        let times = if matches!(instruction, Instruction::Alteration(Alteration::Duplicate)) { 2 } else { 1 };
        actions.extend((0..times).filter_map(|_| instruction.action(found)));
    }
    let settles = |instruction: &Instruction| instruction.answers() && !instruction.injects();
    if !instructions.iter().any(settles) {
        actions.push(Action::Pass(None));
    }
    actions
}
