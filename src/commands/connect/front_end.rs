//! Who talks with the peer, and what that takes.

use super::config::{Exchange, FrontEnd};
use super::prompt;
use crate::ws::Observe;

impl FrontEnd {
    /// The one that is meant, on the terminals and files that this process has.
    pub(crate) fn of(exchange: &Exchange) -> Self {
        if exchange.echo {
            Self::Echo
        } else if exchange.suits_a_prompt() && prompt::is_capable() {
            Self::Prompt
        } else {
            Self::Pipe
        }
    }

    /// What it has to be told of the connection beside what is received.
    pub(crate) fn observes(self, exchange: &Exchange) -> Observe {
        let own = if self == Self::Prompt { Observe::FramesAndContent } else { Observe::Nothing };
        own.max(exchange.observes())
    }
}
