//! What becomes of messages that a person might hold, in words.

use std::fmt;
use std::time::Duration;

use super::hold_limits::HoldLimits;
use crate::handlers::held_message::MOST_HELD;
use crate::script::RuleSpeaker;
use crate::view::amount::Count;
use crate::ws::Message;

/// Who decides what is held, and is told what becomes of it by itself.
pub(crate) trait HoldWitness: fmt::Debug + Send + Sync {
    /// Whether messages of this peer may be held.
    fn holds(&self, speaker: RuleSpeaker) -> bool;

    /// The number of a message that has just come whole, and whether it is held.
    fn judge(&self, speaker: RuleSpeaker, message: Message<'_>) -> (u64, bool);

    fn tell(&self, speaker: RuleSpeaker, news: &HoldNews);
}

/// What becomes of messages without anybody's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldNews {
    /// It is held from now on.
    Held { number: u64, size: usize },
    /// So many go on, the first with this number.
    Passed { count: usize, first: u64, why: PassedBecause },
    /// So many go nowhere: nobody is there any more who could have them. A part of a long message has no number.
    Lost { count: usize, first: Option<u64> },
    /// One is too long to be held.
    TooLong,
    /// So many that a person wanted to send were not, the first message of them with this number.
    NotInjected { count: usize, first: Option<u64> },
}

/// Why messages are held no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PassedBecause {
    /// They have been held for so long.
    Time(Duration),
    /// There is no room for more.
    NoRoom,
    /// What came behind them is too long to be held, and can't go before them.
    LongMessage,
    /// Their peer says nothing more.
    End,
}

impl fmt::Display for PassedBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => write!(f, "held for {time:?}"),
            Self::NoRoom => {
                let most = Count(HoldLimits::MESSAGES as u64, "message");
                write!(f, "over {most} or {} MiB held", HoldLimits::BYTES >> 20)
            }
            Self::LongMessage => write!(f, "a message over {} MiB comes behind", MOST_HELD >> 20),
            Self::End => f.write_str("the connection ends"),
        }
    }
}
