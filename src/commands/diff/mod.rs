//! `wscli diff`: two recordings, message by message.

mod alignment;
mod said;

use std::collections::BTreeMap;
use std::path::PathBuf;

use self::alignment::{Difference, differences};
use self::said::{SaidContent, SaidInRecording};
use super::finish::print_all;
use super::interrupt::{catch_signals_for_sure, exit_of};
use crate::error::{Error, named};
use crate::exit::Exit;
use crate::stdio::console::Console;
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::BadLines;
use crate::trace::message_match::MessageMatch;
use crate::view::amount::{Count, Grouped};
use crate::ws::Role;

/// Differences that are shown; the rest is counted.
const SHOWN: usize = 100;

/// What `diff` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// At most one is `-`, which is stdin.
    pub(crate) paths: [PathBuf; 2],
    pub(crate) bad_lines: BadLines,
    /// Which connection of both, from 1; all, where none is said.
    pub(crate) connection: Option<usize>,
    pub(crate) matching: MessageMatch,
}

/// Shows on stdout what differs.
///
/// # Errors
/// What can't be read, or written.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let Config { paths, bad_lines, connection, matching } = config;
    let signals = catch_signals_for_sure()?;
    let compared = signals.released(|| {
        let read = |path| {
            let file = RecordingFile::open(path, bad_lines, Console::stderr())?;
            SaidInRecording::read(file, connection, &matching)
        };
        let recordings = [read(&paths[0])?, read(&paths[1])?];
        let in_part = recordings.iter().map(|recording| recording.in_part).sum();
        if in_part > 0 {
            let in_part = Count(in_part, "message");
            Console::stderr().line(format_args!("compared by length and beginning (up to 64 MiB): {in_part}"));
        }
        let first = connection.unwrap_or(1);
        Comparison { recordings, first, matching, found: Vec::new(), differences: 0, messages: [0; 2] }.run()
    })?;
    let text = compared.report();
    if !print_all(text.as_bytes(), &signals)? {
        return Ok(exit_of(&signals));
    }
    Ok(if compared.differences == 0 { Exit::Done } else { Exit::No })
}

struct Comparison {
    recordings: [SaidInRecording; 2],
    /// The number of the first connection that is compared.
    first: usize,
    matching: MessageMatch,
    /// The differences that are shown.
    found: Vec<FoundDifference>,
    differences: u64,
    messages: [u64; 2],
}

/// A difference that is shown.
enum FoundDifference {
    /// A connection with this number is only in one of both.
    Connection(usize, usize),
    /// What is said on a connection with this number.
    Said(usize, Role, Difference),
}

/// What has come of it.
struct Compared {
    lines: Vec<String>,
    shown: u64,
    differences: u64,
    messages: [u64; 2],
}

impl Comparison {
    fn run(mut self) -> Result<Compared, Error> {
        let [one, other] = self.recordings.each_ref().map(|recording| recording.starts.len());
        for at in 0..one.max(other) {
            if at >= one.min(other) {
                self.add(FoundDifference::Connection(self.first + at, usize::from(at >= one)));
                continue;
            }
            for role in [Role::Client, Role::Server] {
                self.side(at, role)?;
            }
        }
        let content = [self.content(0)?, self.content(1)?];
        let lines = self.found.iter().flat_map(|found| self.told(found, &content)).collect();
        let Self { found, differences, messages, .. } = self;
        Ok(Compared { lines, shown: found.len() as u64, differences, messages })
    }

    /// Compares what one side says on the connections in this place.
    fn side(&mut self, at: usize, role: Role) -> Result<(), Error> {
        let Self { recordings: [one, other], first, found, differences: count, messages, .. } = self;
        let mut said = [one.messages(at, role)?, other.messages(at, role)?];
        for (sum, said) in messages.iter_mut().zip(&said) {
            *sum += said.count;
        }
        differences(&mut said, &mut |difference| {
            *count += 1;
            if found.len() < SHOWN {
                found.push(FoundDifference::Said(*first + at, role, difference));
            }
        })
    }

    fn add(&mut self, difference: FoundDifference) {
        self.differences += 1;
        if self.found.len() < SHOWN {
            self.found.push(difference);
        }
    }

    /// What stands in the lines of one recording that are shown.
    fn content(&self, file: usize) -> Result<BTreeMap<u64, SaidContent>, Error> {
        let line = |found: &FoundDifference| match found {
            FoundDifference::Connection(..) => None,
            FoundDifference::Said(_, _, difference) => difference.line(file),
        };
        self.recordings[file].content(&self.found.iter().filter_map(line).collect())
    }

    fn told(&self, found: &FoundDifference, content: &[BTreeMap<u64, SaidContent>; 2]) -> Vec<String> {
        let path = |file: usize| named(self.recordings[file].path());
        let (number, role, difference) = match *found {
            FoundDifference::Connection(number, file) => {
                return vec![format!("connection {number}: only in {}", path(file))];
            }
            FoundDifference::Said(number, role, difference) => (number, role, difference),
        };
        let side = if role == Role::Client { "client" } else { "server" };
        match difference {
            Difference::Pair(lines) => {
                let mut told = vec![format!("connection {number}, {side}, lines {} and {}:", lines[0], lines[1])];
                if let Some((one, other)) = content[0].get(&lines[0]).zip(content[1].get(&lines[1])) {
                    told.extend(one.difference(other, &self.matching));
                }
                told
            }
            Difference::Only(file, line) => {
                let said = content[file].get(&line).map(SaidContent::excerpt).unwrap_or_default();
                vec![format!("connection {number}, {side}, line {line}: only in {}: {said}", path(file))]
            }
        }
    }
}

impl Compared {
    fn report(&self) -> String {
        let mut text = self.lines.join("\n");
        let [one, other] = self.messages;
        let hidden = self.differences - self.shown;
        if !text.is_empty() {
            text.push('\n');
        }
        if hidden > 0 {
            text.push_str(&format!("… and {hidden} more\n"));
        }
        let count = Count(self.differences, "difference");
        text + &format!("{count}; {} and {}\n", Count(one, "message"), Grouped(other))
    }
}
