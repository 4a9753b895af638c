//! `wscli show`: a recording as a person reads it.

mod selection;
mod statistics;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

pub(crate) use self::selection::Selection;
use self::statistics::Statistics;
use super::recording::CopyError;
use crate::error::Error;
use crate::exit::Exit;
use crate::stdio::console::Console;
use crate::stdio::recording_reader::{BadLines, RecordingReader};
use crate::trace::connection_lines::Milestone;
use crate::trace::message_joiner::MessageJoiner;
use crate::trace::record::Record;
use crate::trace::record_text::{LineText, RecordText};
use crate::trace::recording_line::RecordingLine;

/// What `show` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// The recording; `-` is stdin.
    pub(crate) path: PathBuf,
    pub(crate) bad_lines: BadLines,
    pub(crate) selection: Selection,
    /// Nothing but what it comes to.
    pub(crate) sums_up: bool,
}

/// Shows the recording on stdout.
///
/// # Errors
/// When it can't be read or understood, or stdout can't be written to; a closed pipe is no error.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let reader = RecordingReader::open(&config.path, config.bad_lines, Console::stderr())?;
    let mut out = BufWriter::new(io::stdout().lock());
    let shown = show(reader, &config, &mut out);
    match (shown, out.flush()) {
        (Err(CopyError::Reading(error)), _) => Err(error),
        (Err(CopyError::Writing(why)), _) | (Ok(()), Err(why)) if why.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Stdout(why))
        }
        _ => Ok(Exit::Done),
    }
}

fn show(mut reader: RecordingReader, config: &Config, out: &mut impl Write) -> Result<(), CopyError> {
    let mut joiner = MessageJoiner::default();
    let mut statistics = Statistics::default();
    while let Some(line) = reader.next()? {
        match line {
            RecordingLine::Record(record) => {
                let Some(record) = joiner.join(*record) else { continue };
                if config.sums_up {
                    if config.selection.has(&record) {
                        statistics.add(&record);
                    }
                } else {
                    show_record(&record, &config.selection, out)?;
                }
            }
            RecordingLine::Connection(line) => {
                if matches!(line.milestone, Milestone::Opened(_) | Milestone::Closed(_)) {
                    joiner.begin_again(line.connection);
                }
                if config.sums_up {
                    statistics.add_milestone(&line.milestone);
                } else if config.selection.has_all() {
                    writeln!(out, "{}", LineText::of_connection(&line))?;
                }
            }
            RecordingLine::Comment => {}
        }
    }
    if config.sums_up {
        statistics.lines().iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

fn show_record(record: &Record<'static>, selection: &Selection, out: &mut impl Write) -> io::Result<()> {
    if !selection.has(record) {
        return Ok(());
    }
    match selection.value(record) {
        Some(value) => writeln!(out, "{}", LineText::new(record, &value)),
        None => writeln!(out, "{}", LineText::new(record, &RecordText(record))),
    }
}
