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
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::{BadLines, RecordingReader};
use crate::stdio::terminal;
use crate::trace::connection_lines::Milestone;
use crate::trace::message_joiner::MessageJoiner;
use crate::trace::record::Record;
use crate::trace::recorded_connection::ConnectionStart;
use crate::trace::recording_line::RecordingLine;
use crate::view::amount::Count;
use crate::view::spans::{Line, Paint};

/// What `show` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// The recording; `-` is stdin.
    pub(crate) path: PathBuf,
    pub(crate) bad_lines: BadLines,
    /// Only this one of its connections, by its number there.
    pub(crate) connection: Option<usize>,
    pub(crate) selection: Selection,
    /// Frames too that another line tells of.
    pub(crate) frames: bool,
    /// Nothing but what it comes to.
    pub(crate) sums_up: bool,
    /// On a terminal.
    pub(crate) paint: Paint,
}

impl Config {
    /// The connection that is chosen, if one is.
    fn chosen(&self) -> Result<Option<ChosenConnection>, Error> {
        let Some(number) = self.connection else { return Ok(None) };
        let file = RecordingFile::open(&self.path, self.bad_lines, Console::stderr())?;
        let start = file.connection(Some(number))?;
        Ok(Some(ChosenConnection { file, start }))
    }

    /// What is to be shown, from its beginning.
    fn lines(&self, chosen: Option<&ChosenConnection>) -> Result<ShownLines, Error> {
        if let Some(ChosenConnection { file, start }) = chosen {
            return Ok(Box::new(file.lines_of(start)));
        }
        let reader = RecordingReader::open(&self.path, self.bad_lines, Console::stderr())?;
        Ok(Box::new(reader.into_lines()))
    }

    /// Whether what is shown depends on the content of a message with such a record.
    fn reads_content_of(&self, record: &Record<'_>) -> bool {
        self.selection.is_this_way(record) && (!self.sums_up || self.selection.is_of_messages())
    }

    fn lines_over(&self, source: Box<dyn BufRead + Send>) -> ShownLines {
        Box::new(RecordingReader::over(source, &self.path, self.bad_lines, Console::stderr()).into_lines())
    }
}

type ShownLines = Box<dyn Iterator<Item = Result<RecordingLine, Error>>>;

/// One connection of a recording with several.
struct ChosenConnection {
    file: RecordingFile,
    start: ConnectionStart,
}

/// Shows the recording on stdout: on a terminal through a pager.
///
/// # Errors
/// When it can't be read or understood, or stdout can't be written to; a closed pipe is no error.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let columns = terminal::columns(io::stdout());
    let paint = if columns.is_some() { config.paint } else { Paint::Plain };
    let chosen = config.chosen()?;
    let recorded = match columns {
        // What is short needs no pager.
        Some(columns) if !config.sums_up => match page(&config, chosen.as_ref(), columns)? {
            Paged::Seen => return Ok(Exit::Done),
            Paged::Unseen(recorded) => recorded,
        },
        _ => config.lines(chosen.as_ref())?,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let shown = Show::new(&config, columns.unwrap_or(UNFOLDED), paint).show(recorded, &mut out);
    outcome(shown.and_then(|()| out.flush().map_err(CopyError::Writing)))
}

/// What has come of a pager.
enum Paged {
    Seen,
    /// There is none: the recording from its beginning.
    Unseen(ShownLines),
}

/// Lets the person page through it.
fn page(config: &Config, chosen: Option<&ChosenConnection>, columns: usize) -> Result<Paged, Error> {
    let complain = |why: String| Console::stderr().line(why);
    // Ctrl-C is the pager's.
    let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
    let started = Pager::start(Stdio::inherit()).unwrap_or_else(|why| {
        complain(why);
        None
    });
    let Some(mut pager) = started else { return config.lines(chosen).map(Paged::Unseen) };
    let unkept = |why| Error::unreadable(to_read(&config.path), &why);
    // A chosen connection can be read again by itself.
    let is_stdin = config.path == Path::new("-") && chosen.is_none();
    let stdin = is_stdin.then(KeptStdin::new).transpose().map_err(unkept)?;
    let recorded = match &stdin {
        Some(stdin) => config.lines_over(stdin.first().map_err(unkept)?),
        None => config.lines(chosen)?,
    };
    let shown = Show::new(config, columns, config.paint).show(recorded, &mut pager);
    let shown = shown.and_then(|()| pager.flush().map_err(CopyError::Writing));
    let was_seen = pager.finish().unwrap_or_else(|why| {
        complain(why);
        false
    });
    match (was_seen, stdin) {
        (true, _) => outcome(shown).map(|_| Paged::Seen),
        (false, Some(stdin)) => Ok(Paged::Unseen(config.lines_over(stdin.again().map_err(unkept)?))),
        (false, None) => config.lines(chosen).map(Paged::Unseen),
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
    /// Messages in whose beginning alone something was looked for.
    in_part: u64,
}

impl<'a> Show<'a> {
    fn new(config: &'a Config, columns: usize, paint: Paint) -> Self {
        let (view, joiner) = (RecordingView::new(columns), MessageJoiner::default());
        Self { config, paint, view, joiner, statistics: Statistics::default(), has_frames: false, in_part: 0 }
    }

    fn show(mut self, recorded: ShownLines, out: &mut impl Write) -> Result<(), CopyError> {
        for line in recorded {
            let lines = self.lines(line?);
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
        if self.in_part > 0 {
            let in_part = Count(self.in_part, "message");
            Console::stderr().line(format_args!("searched only in the beginning (up to 64 MiB): {in_part}"));
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
        if is_hidden {
            return Vec::new();
        }
        if !selection.has(record) {
            self.in_part += u64::from(record.truncated && selection.is_looked_at(record));
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
