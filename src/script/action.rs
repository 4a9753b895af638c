//! Actions: what is done about a message.

use std::time::Duration;

use super::condition::Found;
use super::template::Template;
use super::word::{Argument, Word};
use crate::values::{close, duration, hex};
use crate::ws::{Close, Kind, StatusCode};

/// What is to be done next, with everything filled in. Whoever owns a connection performs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send this message.
    Send(Kind, Vec<u8>),
    /// Let time pass before the next action.
    Wait(Duration),
    /// Begin the closing handshake.
    Close(Close),
}

impl Action {
    /// Bytes of content that it holds.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Send(_, bytes) => bytes.len(),
            Self::Wait(_) | Self::Close(_) => 0,
        }
    }
}

/// An action as a rules file has it, before a message has filled it in. Several may come to the same [`Action`].
#[derive(Debug)]
pub(super) enum Instruction {
    Reply(Template),
    Binary(Vec<u8>),
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
        parse: |text| hex(text.as_bytes()).map(Instruction::Binary),
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
            Self::Reply(template) => Action::Send(Kind::Text, template.fill(found).into_bytes()),
            Self::Binary(bytes) => Action::Send(Kind::Binary, bytes.clone()),
            Self::Delay(time) => Action::Wait(*time),
            Self::Close(close) => Action::Close(close.clone()),
            Self::Nothing => return None,
        })
    }
}

/// Nothing, a code, or a code and a reason.
fn close_or_normal(text: &str) -> Result<Close, String> {
    if text.is_empty() { Ok(Close::new(StatusCode::NORMAL, "")) } else { close(text) }
}
