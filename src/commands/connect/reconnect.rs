//! `--reconnect`: the next connection, after the last one was lost.

use std::fmt;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::client::backoff::Backoff;
use crate::error::Error;
use crate::net::{Dialed, End, Signals, pause};
use crate::stdio::console::Console;
use crate::ws::StatusCode;

/// The attempts that are left.
#[derive(Debug)]
pub(crate) struct Reconnects {
    /// The end of the whole run.
    latest: Option<Instant>,
    left: u32,
    done: u32,
    backoff: Backoff,
}

/// A connection that has lived for so long was worth having: delays begin anew.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

impl Reconnects {
    /// Without a number there are none; none begins after `latest`.
    pub(crate) fn new(most: Option<u32>, latest: Option<Instant>) -> Self {
        Self { latest, left: most.unwrap_or(0), done: 0, backoff: Backoff::new(None) }
    }

    pub(crate) fn are_left(&self) -> bool {
        self.left > 0
    }

    /// A connection has ended after it `lived` for so long.
    pub(crate) fn lost_after(&mut self, lived: Duration) {
        if lived >= LONG_ENOUGH {
            self.backoff = Backoff::new(None);
        }
    }

    /// The next attempt; `None` when there is none left, or no time.
    pub(crate) fn next_attempt(&mut self) -> Option<Attempt> {
        self.left = self.left.checked_sub(1)?;
        self.done += 1;
        let delay = self.backoff.delay();
        let in_time = self.latest.is_none_or(|latest| Instant::now() + delay <= latest);
        in_time.then_some(Attempt { number: self.done, delay })
    }

    /// Tries until there is a connection; `None` when no attempt is left, or no time. What makes no sense, or
    /// what trying again can't mend, is no reason to stop: the server may be coming back in parts.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(crate) fn client(
        &mut self,
        client: &mut Client,
        signals: &Signals,
        console: &Console,
    ) -> Result<Option<Dialed>, Error> {
        while let Some(attempt) = self.next_attempt() {
            console.line(attempt);
            pause(attempt.delay, Some(signals.as_fd()))?;
            match client.connect(Some(signals.as_fd()), &mut |_| {}) {
                Ok(dialed) => {
                    console.line("reconnected");
                    return Ok(Some(dialed));
                }
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                Err(error) => console.line(format_args!("attempt {} failed: {error}", attempt.number)),
            }
        }
        Ok(None)
    }
}

/// One attempt, and how long to wait before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) delay: Duration,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reconnecting in {:.1?} (attempt {})", self.delay, self.number)
    }
}

/// Whether a connection that ended so was lost, and not ended by us or with 1000 by the peer.
pub(crate) fn is_lost(ending: &End) -> bool {
    match ending {
        End::Closed { close, ours } => ours.is_none() && close.code != Some(StatusCode::NORMAL),
        End::Violation(_) | End::Abandoned => false,
        _ => true,
    }
}
