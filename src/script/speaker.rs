//! Which of two peers has said what a proxy passes on.

use super::word::{Word, WordArgument};

/// Whose messages a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RuleSpeaker {
    Client,
    Server,
}

impl RuleSpeaker {
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
