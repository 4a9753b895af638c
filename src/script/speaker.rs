//! Which of two peers has said what a proxy passes on.

use super::word::{Word, WordArgument};
use crate::ws::Direction;

/// Whose messages a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RuleSpeaker {
    Client,
    Server,
}

impl RuleSpeaker {
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    /// Where it stands in that.
    pub(crate) fn place(self) -> usize {
        match self {
            Self::Client => 0,
            Self::Server => 1,
        }
    }

    /// As the client's connection has what it says.
    pub(crate) fn direction(self) -> Direction {
        match self {
            Self::Client => Direction::Received,
            Self::Server => Direction::Sent,
        }
    }

    /// Who says what the client's connection has in this direction.
    pub(crate) fn of(direction: Direction) -> Self {
        match direction {
            Direction::Received => Self::Client,
            Direction::Sent => Self::Server,
        }
    }

    /// Who hears it.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// The way that what it says takes, as the log has it.
    pub(crate) fn way(self) -> &'static str {
        match self {
            Self::Client => "client→server",
            Self::Server => "server→client",
        }
    }
}

/// The words for them. Each stands before all else in a rule.
pub(super) static SPEAKERS: &[Word<RuleSpeaker>] = &[
    Word { name: "client", argument: WordArgument::None, parse: |_| Ok(RuleSpeaker::Client) },
    Word { name: "server", argument: WordArgument::None, parse: |_| Ok(RuleSpeaker::Server) },
];
