//! A recording that is read from several places at once: where its connections begin, and each from there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memmem;

use super::console::Console;
use super::file::to_read;
use super::recording_lines::RecordingLines;
use super::recording_reader::{BadLines, PassedOver, RecordingReader};
use crate::advice;
use crate::error::{Error, named};
use crate::handlers::replay::Recorded;
use crate::trace::connection_lines::{Milestone, OpenedLine};
use crate::trace::recorded_connection::{ConnectionLines, ConnectionRecords, ConnectionStart, NumberedLines};
use crate::trace::recording_line::RecordingLine;
use crate::view::amount::Count;
use crate::ws::Role;

/// A recording, open. Its readers share one descriptor.
#[derive(Debug, Clone)]
pub(crate) struct RecordingFile {
    file: Arc<File>,
    path: PathBuf,
    /// What was there when it was opened: somebody may be writing on.
    length: u64,
    bad_lines: BadLines,
    console: Console,
    /// Of all its readers.
    passed_over: PassedOver,
}

/// What there is in a recording.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) connections: Vec<ConnectionStart>,
    /// Lines that could not be written when it was recorded.
    pub(crate) missing: u64,
}

impl RecordingFile {
    /// Opens a recording; what can be read only once, as `-`, which is stdin, is copied first. What is passed over is told
    /// through `console`.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn open(path: &Path, bad_lines: BadLines, console: Console) -> Result<Self, Error> {
        let is_stdin = path == Path::new("-");
        let path = to_read(path);
        let opened = if is_stdin { copied(io::stdin()) } else { File::open(path).and_then(rereadable) };
        let file = opened.map_err(|why| Error::unreadable(path, &why))?;
        let length = file.metadata().map_err(|why| Error::unreadable(path, &why))?.len();
        let passed_over = PassedOver::through(console.clone());
        Ok(Self { file: Arc::new(file), path: path.to_owned(), length, bad_lines, console, passed_over })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Looks for the connections, of which there is one at least. Only lines that may be about one are taken apart.
    ///
    /// # Errors
    /// [`Error::File`]; a file in which there is none.
    pub(crate) fn contents(&self) -> Result<Contents, Error> {
        let mut contents = Contents::default();
        let mut lines = self.lines(0, 1);
        let (mut has_records, mut unclaimed, mut begin) = (false, None, 0);
        while lines.advance()? {
            // Nobody may come so far any more: what is played ends with its Close.
            if !lines.line().ends_with(b"\n") && lines.is_cut_off() {
                self.passed_over.cut_off(lines.number());
            }
            let line = if is_about_connection(lines.line()) || !has_records {
                lines.take().unwrap_or(RecordingLine::Comment)
            } else {
                RecordingLine::Comment
            };
            match line {
                RecordingLine::Connection(about) => match about.milestone {
                    Milestone::Opened(opened) => contents.connections.push(ConnectionStart {
                        opened_at: Some(begin),
                        offset: lines.offset(),
                        line: lines.number() + 1,
                        number: about.connection,
                        role: opened.handshake.role,
                    }),
                    Milestone::Dropped { events } => contents.missing = contents.missing.saturating_add(events),
                    Milestone::NotOpened(_) | Milestone::Closed(_) | Milestone::Rule(_) | Milestone::Injected(_) => {}
                },
                RecordingLine::Record(record) if !has_records => (has_records, unclaimed) = (true, record.connection),
                RecordingLine::Record(_) | RecordingLine::Comment => {}
            }
            begin = lines.offset();
        }
        if contents.connections.is_empty() && has_records {
            let start = ConnectionStart { opened_at: None, offset: 0, line: 1, number: unclaimed, role: None };
            contents.connections.push(start);
        }
        if contents.connections.is_empty() {
            return Err(Error::file(&self.path, "no connection is recorded in it"));
        }
        Ok(contents)
    }

    /// The connection that is meant, by its number in the file; the only one, where none is said, and then the error says where one
    /// is chosen. Lines that are missing are told.
    ///
    /// # Errors
    /// There is none, or several, or what [`contents`](Self::contents) finds.
    pub(crate) fn connection(&self, number: Option<usize>) -> Result<ConnectionStart, Error> {
        let Contents { mut connections, missing } = self.contents()?;
        if missing > 0 {
            let missing = Count(missing, "line");
            self.console
                .line(format_args!("{}: {missing} could not be written when it was recorded", named(&self.path)));
        }
        let numbers = numbers(&connections);
        let Some(number) = number else {
            if connections.len() == 1 {
                return Ok(connections.remove(0));
            }
            let listed = numbers.into_iter().zip(connections.iter().map(|start| self.in_words(start)));
            return Err(advice::several_connections(&self.path, listed.collect()));
        };
        match numbers.iter().position(|it| *it == number as u64) {
            Some(at) => Ok(connections.remove(at)),
            None => {
                const LISTED: usize = 10;
                let there = Count(numbers.len() as u64, "connection");
                let listed: Vec<_> = numbers.iter().take(LISTED).map(u64::to_string).collect();
                let more = if numbers.len() > LISTED { ", …" } else { "" };
                let listed = format!("{}{more}", listed.join(", "));
                Err(Error::file(&self.path, format!("there is no connection {number} in it, but {there}: {listed}")))
            }
        }
    }

    /// For a list in which one is to be chosen.
    fn in_words(&self, start: &ConnectionStart) -> String {
        match self.opened(start) {
            Ok(Some(opened)) => format!("line {}, {opened}", start.line - 1),
            _ => "events without a connection's lines".to_owned(),
        }
    }

    /// The line with which a connection was opened, if there is one.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn opened(&self, start: &ConnectionStart) -> Result<Option<OpenedLine>, Error> {
        let Some(offset) = start.opened_at else { return Ok(None) };
        let mut lines = self.lines(offset, start.line - 1);
        lines.advance()?;
        Ok(match RecordingLine::read(lines.line()) {
            Ok(RecordingLine::Connection(line)) => match line.milestone {
                Milestone::Opened(opened) => Some(*opened),
                _ => None,
            },
            _ => None,
        })
    }

    /// A connection from the side of whoever plays `role`.
    pub(crate) fn recorded(&self, start: &ConnectionStart, role: Role) -> Recorded {
        let (file, from) = (self.clone(), start.clone());
        let records = Arc::new(move || file.records(&from));
        Recorded { path: self.path.clone(), records, ours: start.direction_of(role), side: role, role }
    }

    /// The records of a connection.
    pub(crate) fn records(&self, start: &ConnectionStart) -> ConnectionRecords {
        ConnectionRecords::new(self.numbered_lines(start.offset, start.line), start.number)
    }

    /// The same, and the lines about it.
    pub(crate) fn lines_of(&self, start: &ConnectionStart) -> ConnectionLines {
        let (offset, line) = start.opened_at.map_or((start.offset, start.line), |opened| (opened, start.line - 1));
        ConnectionLines::new(self.numbered_lines(offset, line), start.number)
    }

    /// All lines.
    pub(crate) fn every_line(&self) -> NumberedLines {
        self.numbered_lines(0, 1)
    }

    fn numbered_lines(&self, offset: u64, first: u64) -> NumberedLines {
        let source = self.from(offset);
        let mut reader =
            RecordingReader::from_line(source, &self.path, first, self.bad_lines, self.passed_over.clone());
        Box::new(std::iter::from_fn(move || {
            let next = reader.next().transpose()?;
            Some(next.map(|line| (reader.number(), line)))
        }))
    }

    /// The same, of which nothing is told that has been told already.
    pub(crate) fn silent(&self) -> Self {
        let passed_over = PassedOver::through(Console::nowhere());
        Self { console: Console::nowhere(), passed_over, ..self.clone() }
    }

    /// The lines from the one on that begins at `offset`, which is the one with the number `first`.
    fn lines(&self, offset: u64, first: u64) -> RecordingLines {
        RecordingLines::new(self.from(offset), &self.path, first)
    }

    fn from(&self, offset: u64) -> Box<dyn BufRead + Send> {
        let file = ReadAt { file: Arc::clone(&self.file), at: offset, end: self.length };
        Box::new(BufReader::with_capacity(1 << 16, file))
    }
}

/// By which numbers connections are chosen: those in their lines, as others show them. Where several runs have been appended, they
/// repeat, and connections are counted from 1.
fn numbers(connections: &[ConnectionStart]) -> Vec<u64> {
    let recorded: Vec<u64> = connections.iter().filter_map(|start| start.number).collect();
    let distinct: BTreeSet<_> = recorded.iter().collect();
    if distinct.len() == connections.len() { recorded } else { (1..=connections.len() as u64).collect() }
}

/// Whether a line may be about a connection as a whole. In content quotes are escaped.
fn is_about_connection(line: &[u8]) -> bool {
    [&b"\"opened\""[..], b"\"dropped\""].iter().any(|name| memmem::find(line, name).is_some())
}

/// Reads a file from a place of its own.
#[derive(Debug)]
struct ReadAt {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for ReadAt {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
        let count = self.file.read_at(&mut buffer[..room], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// The file itself, or a copy of what can be read only once.
fn rereadable(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { copied(file) }
}

/// A file without a name, which is gone with its last reader.
fn copied(mut from: impl Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut from, &mut copy)?;
    copy.flush()?;
    copy.rewind()?;
    Ok(copy)
}
