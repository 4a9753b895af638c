//! Actions: what is done about a message.

use std::sync::Arc;
use std::time::Duration;

use super::condition::{Condition, Found};
use super::fault::Fault;
use super::reply::{Part, Reply};
use super::state;
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
}

impl Action {
    /// Bytes of content that it holds, without the message that it quotes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Send(reply) => reply.size(),
            Self::Wait(_) | Self::Close(_) => 0,
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
    Reply(Template),
    Binary(Arc<[u8]>),
    Echo,
    Delay(Duration),
    Close(Close),
    /// To a state that the rule has; it is there from the next message on.
    Goto,
    Nothing,
}

/// The actions of a rules file.
pub(super) static ACTIONS: &[Word<Instruction>] = &[
    Word {
        name: "reply",
        argument: WordArgument::Optional("TEXT"),
        parse: |text| Template::parse(text).map(Instruction::Reply),
    },
    Word {
        name: "binary",
        argument: WordArgument::Required("HEX"),
        parse: |text| {
            let bytes = hex(text.as_bytes()).map_err(|why| Fault::at(0, why))?;
            Ok(Instruction::Binary(bytes.into()))
        },
    },
    Word { name: "echo", argument: WordArgument::None, parse: |_| Ok(Instruction::Echo) },
    Word {
        name: "delay",
        argument: WordArgument::Required("DURATION"),
        parse: |text| duration(text).map(Instruction::Delay).map_err(|why| Fault::at(0, why)),
    },
    Word {
        name: "close",
        argument: WordArgument::Optional("CODE [REASON]"),
        parse: |text| close_or_normal(text).map(Instruction::Close).map_err(|why| Fault::at(0, why)),
    },
    Word {
        name: "goto",
        argument: WordArgument::Required("STATE"),
        parse: |text| state::check(text).map(|()| Instruction::Goto),
    },
    Word { name: "nothing", argument: WordArgument::None, parse: |_| Ok(Instruction::Nothing) },
];

impl Instruction {
    /// # Errors
    /// What asks of the message something that one which meets the condition doesn't have.
    pub(super) fn check(&self, condition: &Condition) -> Result<(), Fault> {
        match self {
            Self::Reply(template) => template.check(condition),
            Self::Echo if !condition.has_message() => {
                Err(Fault::at(0, format!("echo has no message to send back: {condition}")))
            }
            Self::Echo | Self::Binary(_) | Self::Delay(_) | Self::Close(_) | Self::Goto | Self::Nothing => Ok(()),
        }
    }

    /// Whether the other can't be done any more, or is at odds with this.
    pub(super) fn excludes(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Close(_), _) => true,
            (Self::Nothing, next) => next.answers(),
            (before, Self::Nothing) => before.answers(),
            _ => false,
        }
    }

    /// Whether the other side gets something by it.
    fn answers(&self) -> bool {
        match self {
            Self::Reply(_) | Self::Binary(_) | Self::Echo | Self::Close(_) => true,
            Self::Delay(_) | Self::Goto | Self::Nothing => false,
        }
    }

    /// Its word in a rule.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Reply(_) => "reply",
            Self::Binary(_) => "binary",
            Self::Echo => "echo",
            Self::Delay(_) => "delay",
            Self::Close(_) => "close",
            Self::Goto => "goto",
            Self::Nothing => "nothing",
        }
    }

    pub(super) fn action(&self, found: &Found<'_>) -> Option<Action> {
        Some(match self {
            Self::Reply(template) => Action::Send(Reply::new(Kind::Text, template.fill(found))),
            Self::Binary(bytes) => Action::Send(Reply::new(Kind::Binary, vec![Part::Literal(Arc::clone(bytes))])),
            Self::Echo => {
                let message = found.message()?;
                Action::Send(Reply::echo(message.kind, message.content))
            }
            Self::Delay(time) => Action::Wait(*time),
            Self::Close(close) => Action::Close(close.clone()),
            Self::Goto | Self::Nothing => return None,
        })
    }

    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        let template = match self {
            Self::Reply(template) => Some(template),
            Self::Binary(_) | Self::Echo | Self::Delay(_) | Self::Close(_) | Self::Goto | Self::Nothing => None,
        };
        template.into_iter().flat_map(Template::pointers)
    }
}
