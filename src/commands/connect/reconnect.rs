//! `--reconnect`: the next connection, after the last one was lost.

use std::fmt;
use std::time::{Duration, Instant};

use crate::advice;
use crate::client::Client;
use crate::client::attempts::{Attempt, Attempts};
use crate::error::Error;
use crate::net::{ConnectEvent, Dialed, End, Interrupt};
use crate::stdio::console::Console;
use crate::view::amount::Delay;
use crate::ws::StatusCode;

/// The attempts that are left.
#[derive(Debug)]
pub(crate) struct Reconnects(Attempts);

/// A connection that has lived for so long was worth having: delays begin anew.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

impl Reconnects {
    /// Without a number there are none; without a delay it doubles with jitter; none begins after `latest`.
    pub(crate) fn new(most: Option<u32>, delay: Option<Duration>, latest: Option<Instant>) -> Self {
        Self(Attempts::new(most.unwrap_or(0), delay, latest))
    }

    pub(crate) fn are_left(&self) -> bool {
        self.0.are_left()
    }

    /// A connection has ended after it `lived` for so long.
    pub(crate) fn lost_after(&mut self, lived: Duration) {
        if lived >= LONG_ENOUGH {
            self.0.begin_again();
        }
    }

    /// The next attempt; `None` when there is none left, or no time.
    pub(crate) fn next_attempt(&mut self) -> Option<Attempt> {
        self.0.next(None)
    }

    /// Tries until there is a connection; `None` when no attempt is left, or no time. What makes no sense, or
    /// what trying again can't mend, is no reason to stop: the server may be coming back in parts.
    ///
    /// # Errors
    /// [`Error::Interrupted`], [`Error::Unread`].
    pub(crate) fn client(
        &mut self,
        client: &mut Client,
        interrupt: Interrupt<'_>,
        console: &Console,
        observer: &mut dyn FnMut(AttemptEvent<'_>),
    ) -> Result<Option<Dialed>, Error> {
        while let Some(attempt) = self.next_attempt() {
            console.line(attempt);
            attempt.wait(Some(interrupt))?;
            match client.connect(Some(interrupt), &mut |step| observer(AttemptEvent::Step(step))) {
                Ok(dialed) => {
                    console.line("reconnected");
                    return Ok(Some(dialed));
                }
                Err(error @ (Error::Interrupted | Error::Unread)) => return Err(error),
                Err(error) => {
                    console.line(format_args!("attempt {} failed: {error}", attempt.number));
                    observer(AttemptEvent::Failed { url: client.last_target().url(), why: &error });
                }
            }
        }
        if self.0.are_out_of_time() {
            console.line(advice::no_time_for_a_retry(false));
        }
        Ok(None)
    }
}

/// What comes of attempts, for whoever takes note of it.
pub(crate) enum AttemptEvent<'a> {
    Step(&'a ConnectEvent),
    Failed { url: String, why: &'a Error },
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reconnecting in {} (attempt {})", Delay(self.delay), self.number)
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
