//! `/replay`: a recording is opened and looked through by the thread that reads files; it is played by the connection's.

use std::path::Path;

use super::command::Operation;
use super::command_queue::{CommandSender, Input};
use super::file_reader::FileReader;
use super::screen::Screen;
use crate::advice::Dialect;
use crate::error::Error;
use crate::handlers::replay::Recorded;
use crate::stdio::recording_file::RecordingFile;
use crate::stdio::recording_reader::BadLines;
use crate::ws::Role;

/// Begins to look through a recording, and has it played.
///
/// # Errors
/// Why that can't be begun.
pub(super) fn begin(
    files: &FileReader,
    (sender, screen): (&CommandSender, &Screen),
    path: &Path,
    number: Option<usize>,
) -> Result<(), String> {
    let (sender, screen, read_path) = (sender.alone(), screen.clone(), path.to_owned());
    files.begin("reading", path, move |cancelled| {
        let opened = open(&read_path, number, &screen);
        let is_cancelled = cancelled.is_raised();
        move || match opened {
            _ if is_cancelled => screen.note(format_args!("{} is not played", read_path.display())),
            Ok(recording) => sender.send(Input::Operation(Box::new(Operation::Replay(recording)))),
            Err(why) => screen.fault(why),
        }
    })
}

/// Opens a recording, and looks for the connection in it; the only one, where none is said.
///
/// # Errors
/// Why it can't be played.
pub(super) fn open(path: &Path, number: Option<usize>, screen: &Screen) -> Result<Recorded, String> {
    // What can be read only once would be copied, however long it is.
    if path.exists() && !path.is_file() {
        return Err(format!("{} is not a regular file", path.display()));
    }
    let console = screen.console(|screen, line| screen.noted(line));
    let recorded = RecordingFile::open(path, BadLines::Refuse, console).and_then(|file| {
        let start = file.connection(number)?;
        Ok(file.recorded(&start, Role::Client))
    });
    // What it says holds with and without a connection.
    let hint = |error: &Error| error.hint_in(Dialect::Prompt { connected: true });
    recorded.map_err(|error| hint(&error).map_or_else(|| error.to_string(), |hint| format!("{error}; {hint}")))
}

/// `FILE [N]`.
pub(super) fn arguments(word: &str) -> (&str, Option<usize>) {
    let numbered = word.rsplit_once(char::is_whitespace).and_then(|(path, number)| Some((path, number.parse().ok()?)));
    numbered.map_or((word, None), |(path, number)| (path.trim_end(), Some(number)))
}
