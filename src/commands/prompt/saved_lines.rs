//! `/def` and `/undef`, told on the screen.

use super::command::SavedChange;
use super::command_table;
use super::saved_messages::{SavedFor, SavedMessages};
use super::screen::Screen;
use super::status::Status;
use crate::view::spans::Style;

/// Lines that have a name, for the target that is talked with. Clones are the same ones.
#[derive(Debug, Clone)]
pub(super) struct SavedLines {
    saved: SavedMessages,
    status: Status,
    screen: Screen,
}

impl SavedLines {
    pub(super) fn new(saved: SavedMessages, status: Status, screen: Screen) -> Self {
        Self { saved, status, screen }
    }

    /// Their names, as completion has them.
    pub(super) fn names(&self) -> Vec<String> {
        self.saved.all(&self.status.target()).into_keys().collect()
    }

    /// # Errors
    /// Why it can't be done, in words.
    pub(super) fn change(&self, change: SavedChange) -> Result<(), String> {
        let target = self.status.target();
        match change {
            SavedChange::List => self.list(&target),
            SavedChange::Show(name) => match self.saved.get(&target, &name) {
                Some(text) => self.tell(&name, &text),
                None => return Err(format!("there is no saved message {name:?}; /def {name} TEXT makes one")),
            },
            SavedChange::Define { name, text } => {
                if command_table::is_taken(&name) {
                    return Err(format!("/def: /{name} is a command; a saved message needs another name"));
                }
                let kept = self.saved.define(&target, &name, &text).map_err(|why| format!("/def: {why}"))?;
                match kept {
                    SavedFor::InFile => self.screen.note(format_args!("/{name} sends it from now on")),
                    SavedFor::ForThisRun(why) => {
                        self.screen.note(format_args!("/{name} sends it in this run, and is not kept: {why}"));
                    }
                }
            }
            SavedChange::Remove(name) => match self.saved.remove(&target, &name) {
                Ok(true) => self.screen.note(format_args!("/{name} is forgotten")),
                Ok(false) => return Err(format!("there is no saved message {name:?}; /def lists them")),
                Err(why) => return Err(format!("/undef: {why}")),
            },
        }
        Ok(())
    }

    fn list(&self, target: &str) {
        let all = self.saved.all(target);
        if all.is_empty() {
            return self.screen.note(format_args!("nothing is saved for {target}; /def NAME TEXT saves a line"));
        }
        self.screen.note(format_args!("saved for {target}:"));
        all.iter().for_each(|(name, text)| self.tell(name, text));
    }

    fn tell(&self, name: &str, text: &str) {
        self.screen.say(self.screen.wrapped(Style::Plain, &format!("  /{name}  {text}")));
    }
}
