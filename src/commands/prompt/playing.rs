//! `/replay`: a recording is opened and looked through by the thread that reads files; it is played by the connection's.

use std::path::Path;

use super::command::Operation;
use super::command_queue::{CommandSender, Input};
use super::file_reader::FileReader;
use super::recording_to_play::RecordingToPlay;
use super::screen::Screen;
use crate::stdio::recording_file::{Contents, RecordingFile};
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
pub(super) fn open(path: &Path, number: Option<usize>, screen: &Screen) -> Result<RecordingToPlay, String> {
    // What can be read only once would be copied, however long it is.
    if path.exists() && !path.is_file() {
        return Err(format!("{} is not a regular file", path.display()));
    }
    let console = screen.console(|screen, line| screen.noted(line));
    let file = RecordingFile::open(path, BadLines::Refuse, console).map_err(|why| why.to_string())?;
    let Contents { mut connections, .. } = file.contents().map_err(|why| why.to_string())?;
    let count = connections.len();
    let at = match number {
        _ if count == 0 => return Err(format!("{}: no connection is recorded in it", path.display())),
        None if count > 1 => {
            return Err(format!("{} holds {count} connections: /replay FILE 1 to {count} plays one", path.display()));
        }
        None => 0,
        Some(number) if (1..=count).contains(&number) => number - 1,
        Some(number) => return Err(format!("{}: there is no connection {number} in it, but {count}", path.display())),
    };
    Ok(RecordingToPlay { recorded: file.recorded(&connections.swap_remove(at), Role::Client) })
}

/// `FILE [N]`.
pub(super) fn arguments(word: &str) -> (&str, Option<usize>) {
    let numbered = word.rsplit_once(char::is_whitespace).and_then(|(path, number)| Some((path, number.parse().ok()?)));
    numbered.map_or((word, None), |(path, number)| (path.trim_end(), Some(number)))
}
