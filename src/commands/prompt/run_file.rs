//! `/run`: the lines of a file, as if each were typed, on the thread that reads it; or the steps of a test.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::command::{Command, NamedRecording, NamedSteps, Operation, Outgoing};
use super::command_queue::{CommandSender, Input};
use super::command_table::{self, Entry};
use super::file_reader::{FileReader, read_file_unless};
use super::interpreter::Interpreter;
use super::reading::{QueryResult, TranscriptReader};
use super::saved_lines::SavedLines;
use super::screen::Screen;
use super::{continuation, manual, playing, terminal};
use crate::error::Error;
use crate::net::Woken;
use crate::peer_text::Escaped;
use crate::script::scenario::ScenarioSource;
use crate::stdio::file;
use crate::stdio::scenario_files::steps_on_connection;
use crate::trace::recording_line::RecordingLine;
use crate::view::amount::Count;
use crate::ws::OwnedItem;

/// How the name of a test ends.
const STEPS: &str = "wst";

/// What a file may have, in bytes.
const LARGEST: u64 = 1 << 20;

/// Does the lines of files. Clones do the same.
#[derive(Debug, Clone)]
pub(super) struct FileRunner {
    pub(super) interpreter: Interpreter,
    pub(super) saved: SavedLines,
    pub(super) sender: CommandSender,
    pub(super) screen: Screen,
    pub(super) reader: TranscriptReader,
}

/// Why a line isn't done that would be sent between the messages of another.
const BEHIND_REPEAT: &str = "/repeat with \"every\" goes on, and no line waits for its end: it has to be the last";

/// Why a file isn't done to its end.
enum RunStopped {
    Cancelled,
    Failed(String),
}

/// Whether there is more to do.
#[derive(PartialEq, Eq)]
enum RunOn {
    Line,
    /// A message is sent again and again from now on, and nothing tells when that is over.
    Repeats,
    /// The program ends.
    Stop,
}

/// Whether a file is one that was written by `--record`, `/log` or `/save`: those begin with a connection.
fn is_recording(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    matches!(RecordingLine::read(first.as_bytes()), Ok(RecordingLine::Connection(_)))
}

impl FileRunner {
    /// Begins to do the lines of a file.
    ///
    /// # Errors
    /// Why it can't be begun.
    pub(super) fn begin(&self, files: &FileReader, path: PathBuf) -> Result<(), String> {
        let runner = self.clone();
        files.begin("running", &path.clone(), move |cancelled| {
            let content = file::bytes_unless(&path, LARGEST, cancelled);
            match content {
                Err(Error::Interrupted) => runner.screen.note(format_args!("{} was stopped", path.display())),
                Err(why) => runner.screen.fault(why),
                Ok(None) => runner.screen.fault(format_args!("{} is larger than 1 MiB", path.display())),
                Ok(Some(content)) => runner.run(&path, &content, cancelled),
            }
            || {}
        })
    }

    /// Does lines up to the first that can't be done.
    fn run(&self, path: &Path, content: &[u8], cancelled: &Woken) {
        let lines = match str::from_utf8(content) {
            Ok(text) if path.extension() == Some(OsStr::new(STEPS)) => return self.steps(path, text),
            Ok(text) if is_recording(text) => {
                let path = path.display();
                return self.screen.fault(format_args!("{path} is a recording; /replay {path} replays it"));
            }
            Ok(text) => joined(text),
            Err(error) => {
                let line = 1 + content[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
                return self.screen.fault(format_args!("{}:{line}: not UTF-8", path.display()));
            }
        };
        let mut lines = lines.into_iter();
        while let Some((number, line)) = lines.next() {
            match self.line(&line, cancelled) {
                Ok(RunOn::Line) => {}
                Ok(RunOn::Stop) => return,
                Ok(RunOn::Repeats) => {
                    if let Some((next, _)) = lines.next() {
                        self.screen.fault(format_args!("{}:{next}: {BEHIND_REPEAT}", path.display()));
                        self.note_rest(next, lines);
                    }
                    return;
                }
                Err(RunStopped::Cancelled) => {
                    return self.screen.note(format_args!("{} was stopped before line {number}", path.display()));
                }
                Err(RunStopped::Failed(why)) => {
                    self.screen.fault(format_args!("{}:{number}: {}", path.display(), Escaped(&why)));
                    if let Some((next, _)) = lines.next() {
                        self.note_rest(next, lines);
                    }
                    return;
                }
            }
        }
    }

    /// Has steps taken on the connection.
    fn steps(&self, path: &Path, text: &str) {
        let name: Arc<str> = path.display().to_string().into();
        match steps_on_connection(&ScenarioSource { name: Arc::clone(&name), text: text.to_owned() }) {
            Ok(scenario) => {
                let steps = NamedSteps { name, scenario: Arc::new(scenario) };
                self.sender.send(Input::Operation(Box::new(Operation::Steps(steps))));
            }
            Err(why) => {
                self.screen.fault(&why);
                why.excerpt().into_iter().flatten().for_each(|line| self.screen.note(Escaped(line)));
            }
        }
    }

    /// Says what isn't done: the line `next`, and those behind it.
    fn note_rest(&self, next: usize, behind: impl Iterator) {
        let rest = Count(1 + behind.count() as u64, "line");
        self.screen.note(format_args!("stopped there: {rest} from line {next} on not done"));
    }

    fn line(&self, line: &str, cancelled: &Woken) -> Result<RunOn, RunStopped> {
        if cancelled.is_raised() {
            return Err(RunStopped::Cancelled);
        }
        if continuation::is_unfinished(line) {
            return Err(RunStopped::Failed("the file ends before this is complete".to_owned()));
        }
        let interpreted =
            self.interpreter.interpret(&continuation::message(line, false)).map_err(RunStopped::Failed)?;
        self.screen.entered(interpreted.became.as_deref().unwrap_or(line));
        interpreted.advice.iter().for_each(|advice| self.screen.note(advice));
        match interpreted.command {
            Command::Operation(operation) => self.operation(operation),
            Command::File(path, kind) => {
                let read = read_file_unless(&path, kind, cancelled);
                if cancelled.is_raised() {
                    return Err(RunStopped::Cancelled);
                }
                let (kind, content) = read.map_err(RunStopped::Failed)?;
                self.operation(Operation::Send(Outgoing::Item(OwnedItem::Message { kind, content })))
            }
            Command::Query(query) => {
                match self.reader.find(query).map_err(RunStopped::Failed)? {
                    QueryResult::Listing(listing) => self.screen.list(listing),
                    QueryResult::Copy { content, told } => self.screen.say(self.screen.noted(told).copying(&content)),
                    QueryResult::Pipe { .. } => return Err(of_the_keyboard("/pipe")),
                }
                Ok(RunOn::Line)
            }
            Command::ShowSetting(name) => {
                self.show_setting(name);
                Ok(RunOn::Line)
            }
            Command::Saved(change) => self.saved.change(change).map(|()| RunOn::Line).map_err(RunStopped::Failed),
            Command::Help(name) => {
                let lines = manual::help(self.interpreter.role, name.as_deref(), terminal::columns())
                    .map_err(RunStopped::Failed)?;
                self.screen.say(self.screen.plain(&lines));
                Ok(RunOn::Line)
            }
            Command::Replay(NamedRecording { path, number }) => {
                let recording = playing::open(&path, number, &self.screen).map_err(RunStopped::Failed)?;
                self.operation(Operation::Replay(recording))
            }
            Command::Last(_) => Err(of_the_keyboard("/last")),
            Command::Edit(_) | Command::EditHeld(_) => Err(of_the_keyboard("/edit")),
            Command::Clear => Err(of_the_keyboard("/clear")),
            Command::Run(_) => Err(of_the_keyboard("/run")),
            Command::Authenticate(_) => Err(of_the_keyboard("/auth")),
            Command::Connections(_) => Err(of_the_keyboard("what is about several connections")),
        }
    }

    /// Says how something is set, and what else it could be.
    pub(super) fn show_setting(&self, name: &str) {
        let told = self.interpreter.status.settings(|settings| settings.told(name));
        let usage = command_table::named(self.interpreter.role, name).map(Entry::usage);
        if let (Some(told), Some(usage)) = (told, usage) {
            self.screen.note(format_args!("{told}; usage: {usage}"));
        }
    }

    fn operation(&self, operation: Operation) -> Result<RunOn, RunStopped> {
        if let Operation::Save { path, .. } = &operation
            && path.is_file()
        {
            return Err(RunStopped::Failed(format!("{} exists, and is not overwritten unasked", path.display())));
        }
        let is_last = matches!(operation, Operation::Quit);
        let repeats = matches!(&operation, Operation::Send(Outgoing::Repeat(repetition)) if repetition.takes_time());
        self.sender.send(Input::Operation(Box::new(operation)));
        match self.sender.wait() {
            true => Err(RunStopped::Failed("it can't be sent".to_owned())),
            false if is_last => Ok(RunOn::Stop),
            false if repeats => Ok(RunOn::Repeats),
            false => Ok(RunOn::Line),
        }
    }
}

fn of_the_keyboard(command: &str) -> RunStopped {
    RunStopped::Failed(format!("{command} is for the keyboard alone"))
}

/// Whether a line is for who reads the file: `#` and a blank, or nothing but `#` and what has one behind it at the first line of
/// a script. `#name` is a message.
fn is_comment(line: &str) -> bool {
    let behind = line.trim_start_matches('#');
    behind.len() < line.len() && (behind.is_empty() || behind.starts_with([' ', '\t', '!']))
}

/// Lines as Enter would send them, each with its number: what is unfinished goes on in the next line. Those with nothing in
/// them, and comments, are left out.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in (1..).zip(text.lines()) {
        match lines.last_mut().filter(|_| goes_on) {
            Some((_, begun)) => {
                begun.push('\n');
                begun.push_str(line);
            }
            None if line.trim().is_empty() || is_comment(line) => continue,
            None => lines.push((number, line.to_owned())),
        }
        goes_on = lines.last().is_some_and(|(_, line)| continuation::is_unfinished(line));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unfinished_goes_on_in_the_next_line() {
        let text = "one\r\n\n{\n  \"a\": [\n1]}\ntwo\\\nlines\n/ping x\n# a comment\n#\n## x\n#chan\ntwo\\\n# of it\n[";
        let expected = [
            (1, "one"),
            (3, "{\n  \"a\": [\n1]}"),
            (6, "two\\\nlines"),
            (8, "/ping x"),
            (12, "#chan"),
            (13, "two\\\n# of it"),
            (15, "["),
        ];
        assert_eq!(joined(text), expected.map(|(number, line)| (number, line.to_owned())));
    }
}
