//! `--reconnect`: the next connection, after the last one was lost.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::client::backoff::Backoff;
use crate::error::Error;
use crate::net::{Dialed, Signals, pause};
use crate::stdio::console::Console;

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

    /// Tries until there is a connection, after one that has `lived` for so long; `None` when no attempt is left, or no time. What makes no sense, or
    /// what trying again can't mend, is no reason to stop: the server may be coming back in parts.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(crate) fn client(
        &mut self,
        lived: Duration,
        client: &mut Client,
        signals: &Signals,
        console: &Console,
    ) -> Result<Option<Dialed>, Error> {
        if lived >= LONG_ENOUGH {
            self.backoff = Backoff::new(None);
        }
        while self.left > 0 {
            self.left -= 1;
            self.done += 1;
            let delay = self.backoff.delay();
            if self.latest.is_some_and(|latest| Instant::now() + delay > latest) {
                return Ok(None);
            }
            console.line(format_args!("reconnecting in {delay:.1?} (attempt {})", self.done));
            pause(delay, Some(signals.as_fd()))?;
            match client.connect(Some(signals.as_fd()), &mut |_| {}) {
                Ok(dialed) => {
                    console.line("connected again");
                    return Ok(Some(dialed));
                }
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                Err(error) => console.line(format_args!("attempt {} failed: {error}", self.done)),
            }
        }
        Ok(None)
    }
}
