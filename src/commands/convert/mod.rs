//! `wscli convert`: a recording in the format of another tool, and back.
//!
//! ```text
//!  recording ─▶ RecordingReader ─┐                  ┌─▶ NDJSON
//!                                ├─▶ RecordingLine ─┼─▶ HAR
//!        HAR ─▶ HarReader ───────┘                  ├─▶ pcapng
//!                                                   ├─▶ transcript
//!                                                   └─▶ test
//! ```
//!
//! Both ends work line by line. What has to wait for something that comes later waits on disk.

mod format;
mod har;
mod output;
mod pcapng;
mod test_steps;
mod transcript;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(crate) use self::format::{SourceFormat, TargetFormat};
use self::har::{HarReader, HarWriter};
use self::output::OutputFile;
use self::pcapng::PcapngWriter;
use self::test_steps::TestWriter;
use self::transcript::{Markup, TranscriptWriter};
use super::recording::CopyError;
use crate::commands::interrupt::{catch_signals_for_sure, exit_of};
use crate::error::Error;
use crate::exit::Exit;
use crate::net::Signals;
use crate::stdio::console::Console;
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::{BadLines, RecordingReader};
use crate::trace::recording_line::RecordingLine;

/// What `convert` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// `-` is stdin.
    pub(crate) source: PathBuf,
    pub(crate) from: SourceFormat,
    /// `-` is stdout.
    pub(crate) target: PathBuf,
    pub(crate) to: TargetFormat,
    pub(crate) bad_lines: BadLines,
    /// Only this one of a recording's connections, by its number there.
    pub(crate) connection: Option<usize>,
    /// Pings, pongs and closes go into a HAR too.
    pub(crate) har_control: bool,
}

/// Where the lines of a recording go.
trait RecordingTarget {
    fn line(&mut self, line: RecordingLine) -> io::Result<()>;

    /// There are no more.
    fn finish(&mut self) -> io::Result<()>;
}

/// Converts the file.
///
/// # Errors
/// When it can't be read or understood, or what it becomes can't be written; a closed pipe is no error.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let console = Console::stderr();
    let signals = catch_signals_for_sure()?;
    let mut output = OutputFile::create(&config.target, &config.source, config.to.is_exact())?;
    let is_file = output.is_file();
    let mut work = || convert(&config, &mut output, &console, &signals);
    // Of a file that isn't whole nothing is to be left.
    let converted = if is_file { work() } else { signals.released(work) };
    if signals.have_come() {
        return Ok(exit_of(&signals));
    }
    match converted.and_then(|()| output.finish().map_err(CopyError::Writing)) {
        Ok(()) => Ok(Exit::Done),
        Err(CopyError::Reading(error)) => Err(error),
        Err(CopyError::Writing(why)) if config.target == Path::new("-") => match why.kind() {
            io::ErrorKind::BrokenPipe => Ok(Exit::Done),
            _ => Err(Error::Stdout(why)),
        },
        Err(CopyError::Writing(why)) => Err(Error::unwritable(&config.target, &why)),
    }
}

fn convert(config: &Config, out: &mut impl Write, console: &Console, signals: &Signals) -> Result<(), CopyError> {
    // Before anything is written: what can't be read leaves no beginning.
    let recorded = (config.from == SourceFormat::Recording).then(|| recorded(config, console)).transpose()?;
    let target: Box<dyn RecordingTarget + '_> = match config.to {
        TargetFormat::Recording => Box::new(LineTarget(out)),
        TargetFormat::Har => Box::new(HarWriter::new(out, config.har_control, console.clone())),
        TargetFormat::Pcapng => Box::new(PcapngWriter::new(out, console.clone())?),
        TargetFormat::Text => Box::new(TranscriptWriter::new(out, Markup::None)),
        TargetFormat::Test => Box::new(TestWriter::new(out, console.clone())?),
        TargetFormat::Markdown => Box::new(TranscriptWriter::new(out, Markup::Markdown)),
    };
    let mut target = UntilSignal { target, signals };
    match recorded {
        Some(lines) => {
            for line in lines {
                target.line(line?)?;
            }
        }
        None => HarReader::open(&config.source, config.bad_lines, console.clone())?.read(&mut target)?,
    }
    Ok(target.finish()?)
}

/// The lines of a recording that are converted.
fn recorded(
    config: &Config,
    console: &Console,
) -> Result<Box<dyn Iterator<Item = Result<RecordingLine, Error>>>, Error> {
    let Config { source, bad_lines, connection, .. } = config;
    if connection.is_none() {
        return Ok(Box::new(RecordingReader::open(source, *bad_lines, console.clone())?.into_lines()));
    }
    let file = RecordingFile::open(source, *bad_lines, console.clone())?;
    let start = file.connection(*connection)?;
    Ok(Box::new(file.lines_of(&start)))
}

/// Takes no line any more once a signal has come.
struct UntilSignal<'a> {
    target: Box<dyn RecordingTarget + 'a>,
    signals: &'a Signals,
}

impl RecordingTarget for UntilSignal<'_> {
    fn line(&mut self, line: RecordingLine) -> io::Result<()> {
        match self.signals.have_come() {
            true => Err(io::Error::other("a signal has come")),
            false => self.target.line(line),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.target.finish()
    }
}

/// The lines as they are.
struct LineTarget<W>(W);

impl<W: Write> RecordingTarget for LineTarget<W> {
    fn line(&mut self, line: RecordingLine) -> io::Result<()> {
        match line {
            RecordingLine::Record(record) => record.write_to(&mut self.0),
            RecordingLine::Connection(line) => self.0.write_all(line.line().as_bytes()),
            RecordingLine::Comment => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
