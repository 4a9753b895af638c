//! `wscli diff`: two recordings, message by message.

mod alignment;
mod said;

use std::collections::BTreeMap;
use std::path::PathBuf;

use self::alignment::{Difference, differences};
use self::said::{SaidContent, SaidMessages};
use super::finish::print_all;
use super::interrupt::{catch_signals_for_sure, exit_of};
use crate::error::Error;
use crate::exit::Exit;
use crate::stdio::console::Console;
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::BadLines;
use crate::trace::message_match::MessageMatch;
use crate::trace::recorded_connection::ConnectionStart;
use crate::view::amount::Count;
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
        let open = |path| RecordingFile::open(path, bad_lines, Console::stderr());
        let files = [open(&paths[0])?, open(&paths[1])?];
        Comparison { files, matching, lines: Vec::new(), shown: 0, differences: 0, messages: [0; 2] }.of(connection)
    })?;
    let text = compared.report();
    if !print_all(text.as_bytes(), &signals)? {
        return Ok(exit_of(&signals));
    }
    Ok(if compared.differences == 0 { Exit::Done } else { Exit::No })
}

struct Comparison {
    files: [RecordingFile; 2],
    matching: MessageMatch,
    lines: Vec<String>,
    shown: usize,
    differences: u64,
    messages: [u64; 2],
}

impl Comparison {
    fn of(mut self, connection: Option<usize>) -> Result<Self, Error> {
        if let Some(number) = connection {
            let starts = [self.files[0].connection(Some(number))?, self.files[1].connection(Some(number))?];
            self.connection(number, &starts)?;
            return Ok(self);
        }
        let [first, second] = [self.files[0].contents()?.connections, self.files[1].contents()?.connections];
        let count = first.len().max(second.len());
        for at in 0..count {
            match (first.get(at), second.get(at)) {
                (Some(one), Some(other)) => self.connection(at + 1, &[one.clone(), other.clone()])?,
                (one, _) => {
                    let path = self.files[usize::from(one.is_none())].path().display().to_string();
                    self.add(vec![format!("connection {}: only in {path}", at + 1)]);
                }
            }
        }
        Ok(self)
    }

    fn connection(&mut self, number: usize, starts: &[ConnectionStart; 2]) -> Result<(), Error> {
        for (role, name) in [(Role::Client, "client"), (Role::Server, "server")] {
            let place = format!("connection {number}, {name}");
            let mut said =
                [0, 1].map(|at: usize| SaidMessages::new(&self.files[at], &starts[at], role, &self.matching));
            let (mut shown, mut count, most) = (Vec::new(), 0, SHOWN - self.shown);
            differences(&mut said, &mut |difference| {
                count += 1;
                if shown.len() < most {
                    shown.push(difference);
                }
            })?;
            for (sum, said) in self.messages.iter_mut().zip(&said) {
                *sum += said.messages;
            }
            let lines = |file| shown.iter().filter_map(|difference| difference.line(file)).collect::<Vec<_>>();
            let said = |file: usize| SaidContent::read(&self.files[file], &starts[file], &lines(file));
            let said = [said(0)?, said(1)?];
            let told: Vec<_> = shown.iter().map(|difference| self.told(&place, *difference, &said)).collect();
            self.differences += count - told.len() as u64;
            told.into_iter().for_each(|told| self.add(told));
        }
        Ok(())
    }

    fn told(&self, place: &str, difference: Difference, said: &[BTreeMap<u64, SaidContent>; 2]) -> Vec<String> {
        match difference {
            Difference::Pair(lines) => {
                let mut told = vec![format!("{place}, lines {} and {}:", lines[0], lines[1])];
                if let Some((one, other)) = said[0].get(&lines[0]).zip(said[1].get(&lines[1])) {
                    told.extend(one.difference(other, &self.matching));
                }
                told
            }
            Difference::Only(file, line) => {
                let path = self.files[file].path().display();
                let said = said[file].get(&line).map(SaidContent::excerpt).unwrap_or_default();
                vec![format!("{place}, line {line}: only in {path}: {said}")]
            }
        }
    }

    fn add(&mut self, lines: Vec<String>) {
        self.differences += 1;
        if self.shown < SHOWN {
            self.shown += 1;
            self.lines.extend(lines);
        }
    }

    fn report(&self) -> String {
        let mut text = self.lines.join("\n");
        let [one, other] = self.messages;
        let hidden = self.differences - self.shown as u64;
        if !text.is_empty() {
            text.push('\n');
        }
        if hidden > 0 {
            text.push_str(&format!("… and {hidden} more\n"));
        }
        let count = Count(self.differences, "difference");
        text + &format!("{count}; {} and {other}\n", Count(one, "message"))
    }
}
