//! What is said, and with which exit code the process ends, where `--max-time` is over and nobody has heeded it: in the middle
//! of one long step, such as the search of a large message, or while a file is being opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::advice;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{end_process_after, is_time_limited};
use crate::stdio::console::Console;
use crate::stdio::stderr;

/// When the run has to have ended, and whether there has been a connection.
#[derive(Debug)]
pub(crate) struct RunLimit {
    pub(crate) latest: Option<Instant>,
    is_open: Arc<AtomicBool>,
}

impl RunLimit {
    /// Counts from the first that was begun in this process, and has it end soon after the limit, whatever its threads are doing
    /// then. `unknown` says, of a run that looks for something, what isn't known then.
    ///
    /// # Errors
    /// When there are no threads left.
    pub(crate) fn begin(
        max_time: Option<Duration>,
        unknown: Option<&'static str>,
        console: &Console,
    ) -> Result<Self, Error> {
        let is_open = Arc::<AtomicBool>::default();
        let Some(time) = max_time.filter(|time| !time.is_zero()) else { return Ok(Self { latest: None, is_open }) };
        let latest = end_process_after(time, last_words(time, unknown, Arc::clone(&is_open), console.clone()));
        Ok(Self { latest: Some(latest.map_err(|why| Error::System { doing: "limiting the time", why })?), is_open })
    }

    /// The same before the rest is known of what the run is to do. A later line of the prompt has no limit of its own.
    ///
    /// # Errors
    /// When there are no threads left.
    pub(crate) fn begin_before_configuration(max_time: Option<Duration>, console: &Console) -> Result<(), Error> {
        if is_time_limited() { Ok(()) } else { Self::begin(max_time, None, console).map(drop) }
    }

    pub(super) fn opened(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }
}

fn last_words(
    time: Duration,
    unknown: Option<&'static str>,
    is_open: Arc<AtomicBool>,
    console: Console,
) -> impl FnOnce() -> Exit + Send {
    move || {
        tell(time, &console);
        let exit = exit(is_open.load(Ordering::Relaxed), unknown.is_some());
        if let (Exit::No, Some(unknown)) = (exit, unknown) {
            console.line(format_args!("wscli: {unknown}"));
        }
        stderr::flush_briefly();
        exit
    }
}

/// Says that the time is up, once in a run.
pub(super) fn tell(time: Duration, console: &Console) {
    static IS_TOLD: AtomicBool = AtomicBool::new(false);
    if !IS_TOLD.swap(true, Ordering::Relaxed) {
        console.line(advice::stopped_by_max_time(time));
    }
}

/// As in order: where nothing is looked for it is enough to have been connected. What was looked for isn't known to be there, nor to be
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
