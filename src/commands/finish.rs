//! The end of a subcommand's output.

use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::error::Error;
use crate::net::{Signals, wait_either, wait_end, wait_readable_until};
use crate::stdio::stderr;
use crate::stdio::terminal;
use crate::stdio::writer::Output;
use crate::view::json_text;

/// How long after a terminal has failed its SIGHUP may come, on a machine that does much else.
const HANG_UP: Duration = Duration::from_millis(500);

/// Writes out what `output` still holds. Its reader may be as slow as it likes, unless a signal has come: then the rest is
/// written as far as that goes before the process has to end. One that comes meanwhile ends the wait, and so does `latest`.
/// `None` where it was a signal.
pub(crate) fn finish(output: &mut Output, signals: &Signals, latest: Option<Instant>) -> Option<io::Result<()>> {
    output.begin_finish();
    let begun = Instant::now();
    loop {
        if let Some(written) = output.finished() {
            return (!is_hang_up(&written, signals)).then_some(written);
        }
        if signals.take() {
            return None;
        }
        let (now, end) = (Instant::now(), wait_end(begun));
        if latest.is_some_and(|latest| now >= latest) {
            return Some(Ok(()));
        }
        if end.is_some_and(|end| now >= end) {
            return (!signals.have_come()).then_some(Ok(()));
        }
        wait_either(&*output, signals, [latest, end].into_iter().flatten().min());
        output.woken();
    }
}

/// Whether what couldn't be written couldn't because our terminal is gone, which its SIGHUP says: a write may find that first.
fn is_hang_up(written: &io::Result<()>, signals: &Signals) -> bool {
    let is_io_error = |why: &io::Error| rustix::io::Errno::from_io_error(why) == Some(rustix::io::Errno::IO);
    if !written.as_ref().is_err_and(is_io_error) {
        return false;
    }
    if !signals.have_come() {
        wait_readable_until(signals, Some(Instant::now() + HANG_UP));
    }
    signals.take();
    signals.have_come()
}

/// A report as one object of JSON, folded where stdout is a terminal.
pub(crate) fn json_page(report: &impl Serialize) -> String {
    // Strings and numbers can always be written as JSON.
    let json = serde_json::to_string_pretty(report).unwrap_or_default() + "\n";
    terminal::columns(io::stdout()).map_or(json.clone(), |columns| json_text::folded(&json, columns))
}

/// Prints all there is to say, behind what was told on stderr before. A closed pipe is no error. Returns whether no signal came in
/// between.
///
/// # Errors
/// When stdout can't be written to.
pub(crate) fn print_all(text: &[u8], signals: &Signals) -> Result<bool, Error> {
    stderr::flush_briefly();
    let failed = |why| Error::System { doing: "setting up stdout", why };
    let mut output = Output::to_stdout().map_err(failed)?;
    output.write(|out| out.extend_from_slice(text));
    match finish(&mut output, signals, None) {
        Some(Err(why)) if why.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(why)),
        written => Ok(written.is_some()),
    }
}
