//! What a record is about, and what that is called in JSON.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de};

use crate::values;
use crate::ws::OpCode;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordType {
    Text,
    Binary,
    Ping,
    Pong,
    Close,
    /// One that is sent as it is given.
    Frame,
    /// Of the protocol, by the peer.
    Violation,
}

impl RecordType {
    const NAMES: [(&'static str, Self); 7] = [
        ("text", Self::Text),
        ("binary", Self::Binary),
        ("ping", Self::Ping),
        ("pong", Self::Pong),
        ("close", Self::Close),
        ("frame", Self::Frame),
        ("violation", Self::Violation),
    ];

    pub(crate) fn name(self) -> &'static str {
        values::name_of(&Self::NAMES, &self)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        values::named(&Self::NAMES, name)
    }

    /// The opcode that frames of this type begin with, where there is only one.
    pub(crate) fn opcode(self) -> Option<OpCode> {
        Some(match self {
            Self::Text => OpCode::Text,
            Self::Binary => OpCode::Binary,
            Self::Ping => OpCode::Ping,
            Self::Pong => OpCode::Pong,
            Self::Close => OpCode::Close,
            Self::Frame | Self::Violation => return None,
        })
    }
}

impl<'de> Deserialize<'de> for RecordType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| de::Error::custom(format_args!("its \"type\" is {name:?}")))
    }
}
