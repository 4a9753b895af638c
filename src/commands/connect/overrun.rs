//! What is said, and with which exit code the process ends, where `--max-time` is over and nobody has heeded it: in the middle
//! of one long step, such as the search of a large message, or while a file is being opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::config::Exchange;
use crate::advice;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::end_process_by;
use crate::stdio::console::Console;
use crate::stdio::stderr;

/// Whether there has been a connection.
#[derive(Debug, Default)]
pub(super) struct FirstConnection {
    is_open: Arc<AtomicBool>,
}

impl FirstConnection {
    pub(super) fn opened(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }
}

/// Has the process end soon after `latest`, whatever its threads are doing then.
///
/// # Errors
/// When there are no threads left.
pub(super) fn end_process(latest: Instant, exchange: &Exchange, console: &Console) -> Result<FirstConnection, Error> {
    let connection = FirstConnection::default();
    let (is_open, has_goals) = (Arc::clone(&connection.is_open), exchange.goals.are_any());
    let (time, console) = (exchange.ending.max_time, console.clone());
    let last_words = move || {
        if let Some(time) = time {
            console.line(advice::stopped_by_max_time(time));
        }
        let exit = exit(is_open.load(Ordering::Relaxed), has_goals);
        if exit == Exit::No {
            console.line("wscli: a message was still being searched");
        }
        stderr::flush_briefly();
        exit
    };
    end_process_by(latest, last_words).map_err(|why| Error::System { doing: "limiting the time", why })?;
    Ok(connection)
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
