//! `wscli show`: a recording as a person reads it.

mod selection;
mod statistics;

use std::io::{self, BufRead, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGINT;

pub(crate) use self::selection::{Selection, ShowTime};
use self::statistics::Statistics;
use super::recording::{CopyError, RecordingView, UNFOLDED};
use crate::advice;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::is_readable;
use crate::stdio::console::Console;
use crate::stdio::file::to_read;
use crate::stdio::kept_stdin::KeptStdin;
use crate::stdio::pager::Pager;
use crate::stdio::recording_reader::{BadLines, RecordingReader};
use crate::stdio::terminal;
use crate::trace::connection_lines::Milestone;
use crate::trace::message_joiner::MessageJoiner;
use crate::trace::record::Record;
use crate::trace::recording_line::RecordingLine;
use crate::view::spans::{Line, Paint};

/// What `show` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// The recording; `-` is stdin.
    pub(crate) path: PathBuf,
    pub(crate) bad_lines: BadLines,
    pub(crate) selection: Selection,
    /// Frames too that another line tells of.
    pub(crate) frames: bool,
    /// Nothing but what it comes to.
    pub(crate) sums_up: bool,
    /// On a terminal.
    pub(crate) paint: Paint,
}

impl Config {
    fn reader(&self) -> Result<RecordingReader, Error> {
        RecordingReader::open(&self.path, self.bad_lines, Console::stderr())
    }

    /// Whether what is shown depends on the content of a message with such a record.
    fn reads_content_of(&self, record: &Record<'_>) -> bool {
        self.selection.is_this_way(record) && (!self.sums_up || self.selection.is_of_messages())
    }

    fn reader_over(&self, source: Box<dyn BufRead + Send>) -> RecordingReader {
        RecordingReader::over(source, &self.path, self.bad_lines, Console::stderr())
    }
}

/// Shows the recording on stdout: on a terminal through a pager.
///
/// # Errors
/// When it can't be read or understood, or stdout can't be written to; a closed pipe is no error.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let columns = terminal::columns(io::stdout());
    let paint = if columns.is_some() { config.paint } else { Paint::Plain };
    let reader = match columns {
        // What is short needs no pager.
        Some(columns) if !config.sums_up => match page(&config, columns)? {
            Paged::Seen => return Ok(Exit::Done),
            Paged::Unseen(reader) => reader,
        },
        _ => config.reader()?,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let shown = Show::new(&config, columns.unwrap_or(UNFOLDED), paint).show(reader, &mut out);
    outcome(shown.and_then(|()| out.flush().map_err(CopyError::Writing)))
}

/// What has come of a pager.
enum Paged {
    Seen,
    /// There is none: the recording from its beginning.
    Unseen(RecordingReader),
}

/// Lets the person page through it.
fn page(config: &Config, columns: usize) -> Result<Paged, Error> {
    let complain = |why: String| Console::stderr().line(why);
    // Ctrl-C is the pager's.
    let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
    let started = Pager::start(Stdio::inherit()).unwrap_or_else(|why| {
        complain(why);
        None
    });
    let Some(mut pager) = started else { return config.reader().map(Paged::Unseen) };
    let unkept = |why| Error::unreadable(to_read(&config.path), &why);
    let stdin = (config.path == Path::new("-")).then(KeptStdin::new).transpose().map_err(unkept)?;
    let reader = match &stdin {
        Some(stdin) => config.reader_over(stdin.first().map_err(unkept)?),
        None => config.reader()?,
    };
    let shown = Show::new(config, columns, config.paint).show(reader, &mut pager);
    let shown = shown.and_then(|()| pager.flush().map_err(CopyError::Writing));
    let was_seen = pager.finish().unwrap_or_else(|why| {
        complain(why);
        false
    });
    match (was_seen, stdin) {
        (true, _) => outcome(shown).map(|_| Paged::Seen),
        (false, Some(stdin)) => Ok(Paged::Unseen(config.reader_over(stdin.again().map_err(unkept)?))),
        (false, None) => config.reader().map(Paged::Unseen),
    }
}

fn outcome(shown: Result<(), CopyError>) -> Result<Exit, Error> {
    match shown {
        Err(CopyError::Reading(error)) => Err(error),
        Err(CopyError::Writing(why)) if why.kind() != ErrorKind::BrokenPipe => Err(Error::Stdout(why)),
        _ => Ok(Exit::Done),
    }
}

/// One time through the recording.
struct Show<'a> {
    config: &'a Config,
    paint: Paint,
    view: RecordingView,
    joiner: MessageJoiner,
    statistics: Statistics,
    has_frames: bool,
}

impl<'a> Show<'a> {
    fn new(config: &'a Config, columns: usize, paint: Paint) -> Self {
        let (view, joiner) = (RecordingView::new(columns), MessageJoiner::default());
        Self { config, paint, view, joiner, statistics: Statistics::default(), has_frames: false }
    }

    fn show(mut self, mut reader: RecordingReader, out: &mut impl Write) -> Result<(), CopyError> {
        while let Some(line) = reader.next()? {
            let lines = self.lines(line);
            self.write(&lines, out)?;
            // Somebody may look on while it is being recorded.
            if !lines.is_empty() && self.config.path == Path::new("-") && !is_readable(io::stdin()) {
                out.flush()?;
            }
        }
        for record in self.joiner.cut_off_all() {
            let lines = self.record(&record);
            self.write(&lines, out)?;
        }
        if self.config.sums_up {
            self.statistics.lines().iter().try_for_each(|line| writeln!(out, "{line}"))?;
        } else if self.config.frames && !self.has_frames {
            Console::stderr().line(advice::NO_FRAMES_RECORDED);
        }
        Ok(())
    }

    /// What there is to show of a line.
    fn lines(&mut self, line: RecordingLine) -> Vec<Line> {
        match line {
            RecordingLine::Record(record) => {
                let most = if self.config.reads_content_of(&record) { usize::MAX } else { 0 };
                self.joiner.join_up_to(most, *record).map(|record| self.record(&record)).unwrap_or_default()
            }
            RecordingLine::Connection(line) => {
                let mut lines = Vec::new();
                if matches!(line.milestone, Milestone::Opened(_) | Milestone::Closed(_)) {
                    let cut_off = self.joiner.cut_off(line.connection);
                    lines.extend(cut_off.iter().flat_map(|record| self.record(record)));
                }
                if self.config.sums_up {
                    self.statistics.add_milestone(&line.milestone);
                } else if self.config.selection.has_connection_line(&line) {
                    lines.extend(self.view.milestone(&line));
                }
                lines
            }
            RecordingLine::Comment => Vec::new(),
        }
    }

    /// What there is to show of a message or anything else that has happened.
    fn record(&mut self, record: &Record<'static>) -> Vec<Line> {
        let Config { selection, sums_up, frames, .. } = self.config;
        self.view.count(record);
        let is_frame_of_another = record.of.is_some();
        self.has_frames |= is_frame_of_another;
        // A long frame is shown where it begins.
        let is_hidden = is_frame_of_another && (!frames || record.part.is_some_and(|part| part > 1));
        if is_hidden || !selection.has(record) {
            return Vec::new();
        }
        if *sums_up {
            self.statistics.add(record);
            return Vec::new();
        }
        self.view.record(record, selection.value(record).as_deref())
    }

    fn write(&self, lines: &[Line], out: &mut impl Write) -> io::Result<()> {
        lines.iter().try_for_each(|line| writeln!(out, "{}", line.coloured(self.paint)))
    }
}
