//! `wscli man`: pages of the manual, shown by `man` or written to where it finds them.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGINT;

use super::print;
use crate::error::Error;
use crate::exit::Exit;
use crate::stdio::console::Console;
use crate::stdio::pager::Pager;
use crate::stdio::replaced_file::{AS_USUAL, replace};

/// A page.
#[derive(Debug)]
pub(crate) struct ManualPage {
    /// With "wscli-" in front.
    pub(crate) name: String,
    pub(crate) section: u8,
    /// In the macros of man(7).
    pub(crate) roff: String,
    /// What there is to read where nothing formats those.
    pub(crate) text: String,
}

impl ManualPage {
    fn file_name(&self) -> String {
        format!("{}.{}", self.name, self.section)
    }
}

/// What `man` is asked to do.
#[derive(Debug)]
pub(crate) enum Config {
    Show(ManualPage),
    /// Below `man1` and `man5` of the directory, which is made.
    Write {
        directory: PathBuf,
        pages: Vec<ManualPage>,
    },
}

/// Does it.
///
/// # Errors
/// What can't be written; a closed pipe is no error.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    match config {
        Config::Show(page) if !io::stdout().is_terminal() => print::run(page.roff.as_bytes()),
        Config::Show(page) => show(&page),
        Config::Write { directory, pages } => write(&directory, &pages),
    }
}

fn write(directory: &Path, pages: &[ManualPage]) -> Result<Exit, Error> {
    for page in pages {
        let section = directory.join(format!("man{}", page.section));
        fs::create_dir_all(&section).map_err(|why| Error::unwritable(&section, &why))?;
        let path = section.join(page.file_name());
        replace(&path, page.roff.as_bytes(), AS_USUAL).map_err(|why| Error::unwritable(&path, &why))?;
    }
    Console::stderr().line(format_args!("wrote {} pages to {}", pages.len(), directory.display()));
    Ok(Exit::Done)
}

/// Shows a page on the terminal.
fn show(page: &ManualPage) -> Result<Exit, Error> {
    // Ctrl-C is the pager's.
    let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
    // Where there is no man, or no place for a file, the text is there still.
    if shown_by_man(page).unwrap_or(false) {
        return Ok(Exit::Done);
    }
    let complain = |why: String| Console::stderr().line(why);
    let seen = match Pager::start(Stdio::inherit()) {
        Ok(Some(mut pager)) => {
            // One that is left early takes no more.
            let _ = pager.write_all(page.text.as_bytes()).and_then(|()| pager.flush());
            pager.finish()
        }
        other => other.map(|_| false),
    };
    match seen.map_err(complain) {
        Ok(true) => Ok(Exit::Done),
        _ => print::run(page.text.as_bytes()),
    }
}

/// Has `man` show it. Returns whether it did.
///
/// A path is what every `man` takes for a file, where only some read stdin.
fn shown_by_man(page: &ManualPage) -> io::Result<bool> {
    let folder = tempfile::Builder::new().prefix("wscli-man-").tempdir()?;
    let path = folder.path().join(page.file_name());
    fs::write(&path, &page.roff)?;
    // Where manual pages are left out of a system, what stands there for man says so and fails.
    Ok(Command::new("man").arg(&path).status()?.success())
}
