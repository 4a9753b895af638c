//! Actions: what is done about a message.

use std::sync::Arc;
use std::time::Duration;

use super::condition::Found;
use super::reply::{Part, Reply};
use super::template::Template;
use super::word::{Argument, Word};
use crate::values::{close_or_normal, duration, hex};
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

/// An action as a rules file has it, before a message has filled it in. Several may come to the same [`Action`].
#[derive(Debug)]
pub(super) enum Instruction {
    Reply(Template),
    Binary(Arc<[u8]>),
    Delay(Duration),
    Close(Close),
    Nothing,
}

/// The actions of a rules file.
pub(super) static ACTIONS: &[Word<Instruction>] = &[
    Word {
        name: "reply",
        argument: Argument::Optional("TEXT"),
        help: "a text message; $1 or ${name} is a group of the match, $0 all of it,\n\
               ${/pointer} a value of the JSON message, $$ a dollar sign",
        parse: |text| Template::parse(text).map(Instruction::Reply),
    },
    Word {
        name: "binary",
        argument: Argument::Required("HEX"),
        help: "a binary message",
        parse: |text| hex(text.as_bytes()).map(|bytes| Instruction::Binary(bytes.into())),
    },
    Word {
        name: "delay",
        argument: Argument::Required("DURATION"),
        help: "wait before the actions that follow",
        parse: |text| duration(text).map(Instruction::Delay),
    },
    Word {
        name: "close",
        argument: Argument::Optional("CODE [REASON]"),
        help: "begin the closing handshake",
        parse: |text| close_or_normal(text).map(Instruction::Close),
    },
    Word { name: "nothing", argument: Argument::None, help: "no answer", parse: |_| Ok(Instruction::Nothing) },
];

impl Instruction {
    pub(super) fn action(&self, found: &Found<'_>) -> Option<Action> {
        Some(match self {
            Self::Reply(template) => Action::Send(Reply::new(Kind::Text, template.fill(found))),
            Self::Binary(bytes) => Action::Send(Reply::new(Kind::Binary, vec![Part::Literal(Arc::clone(bytes))])),
            Self::Delay(time) => Action::Wait(*time),
            Self::Close(close) => Action::Close(close.clone()),
            Self::Nothing => return None,
        })
    }

    pub(super) fn pointers(&self) -> impl Iterator<Item = &str> {
        let template = if let Self::Reply(template) = self { Some(template) } else { None };
        template.into_iter().flat_map(Template::pointers)
    }
}
