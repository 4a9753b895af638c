//! Values of flags, each read without the rest of the command line: a configuration file may have as many as it has lines.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::builder::Resettable;
use clap::{Arg, Command, Id};

use super::usage_error;

/// Commands that have one flag each.
#[derive(Debug, Default)]
pub(super) struct FlagValues(BTreeMap<Id, Command>);

impl FlagValues {
    /// The values of the flag in these words.
    ///
    /// # Errors
    /// Why it doesn't take them.
    pub(super) fn read(&mut self, arg: &Arg, words: &[String]) -> Result<Vec<OsString>, String> {
        let id = arg.get_id();
        let command = self.0.entry(id.clone()).or_insert_with(|| alone(arg));
        let line = ["wscli"].into_iter().chain(words.iter().map(String::as_str));
        match command.try_get_matches_from_mut(line) {
            Ok(matches) => Ok(matches.get_raw(id.as_str()).into_iter().flatten().map(ToOwned::to_owned).collect()),
            Err(error) => Err(usage_error::reason(&usage_error::without_secrets(error, words))),
        }
    }
}

/// A command that has only this flag: those that it needs, and those that it contradicts, are looked for elsewhere.
fn alone(arg: &Arg) -> Command {
    let arg =
        arg.clone().requires(Resettable::Reset).conflicts_with(Resettable::Reset).overrides_with(Resettable::Reset);
    Command::new("wscli").disable_help_flag(true).disable_version_flag(true).arg(arg)
}
