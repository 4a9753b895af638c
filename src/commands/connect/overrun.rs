//! What is said, and with which exit code the process ends, where `--max-time` is over and nobody has heeded it: in the middle
//! of one long step, such as the search of a large message, or while a file is being opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::config::Exchange;
use crate::advice;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::end_process_by;
use crate::stdio::console::Console;
use crate::stdio::stderr;
use crate::values::end_after;

/// When the run has to have ended, and whether there has been a connection.
#[derive(Debug)]
pub(super) struct RunLimit {
    pub(super) latest: Option<Instant>,
    is_open: Arc<AtomicBool>,
}

impl RunLimit {
    /// Counts from now on, and has the process end soon after the limit, whatever its threads are doing then.
    ///
    /// # Errors
    /// When there are no threads left.
    pub(super) fn begin(exchange: &Exchange, console: &Console) -> Result<Self, Error> {
        let limit = Self { latest: end_after(exchange.ending.max_time), is_open: Arc::default() };
        if let (Some(latest), Some(time)) = (limit.latest, exchange.ending.max_time) {
            let last_words = limit.last_words(time, exchange.goals.are_any(), console.clone());
            end_process_by(latest, last_words).map_err(|why| Error::System { doing: "limiting the time", why })?;
        }
        Ok(limit)
    }

    pub(super) fn opened(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    fn last_words(&self, time: Duration, has_goals: bool, console: Console) -> impl FnOnce() -> Exit + Send + use<> {
        let is_open = Arc::clone(&self.is_open);
        move || {
            tell(time, &console);
            let exit = exit(is_open.load(Ordering::Relaxed), has_goals);
            if exit == Exit::No {
                console.line("wscli: a message was still being searched");
            }
            stderr::flush_briefly();
            exit
        }
    }
}

/// Says that the time is up, once in a run.
pub(super) fn tell(time: Duration, console: &Console) {
    static IS_TOLD: AtomicBool = AtomicBool::new(false);
    if !IS_TOLD.swap(true, Ordering::Relaxed) {
        console.line(advice::stopped_by_max_time(time));
    }
}

/// As in order: without goals it is enough to have been connected. What was looked for isn't known to be there, nor to be
/// absent.
fn exit(is_open: bool, has_goals: bool) -> Exit {
    match (is_open, has_goals) {
        (false, _) => Exit::NotReached,
        (true, true) => Exit::No,
        (true, false) => Exit::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_no_success() {
        assert_eq!(exit(false, false), Exit::NotReached);
        assert_eq!(exit(true, true), Exit::No);
        assert_eq!(exit(true, false), Exit::Done);
    }
}
