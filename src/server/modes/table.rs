//! The modes, each an entry that its own file has. The flags and their help, the completions, `--route` and its errors,
//! the page and the log read this table.

use std::ffi::OsString;

use super::entry::{Argument, ModeEntry, Setup, When};
use super::{NamedMode, broadcast, echo, exec, operator, push, replay, reply, script, sink};
use crate::error::Error;
use crate::view::enumeration::enumeration;

/// Every mode, in the order of `--help`. The first is the default.
pub(crate) static MODES: &[&ModeEntry] = &[
    &echo::ENTRY,
    &broadcast::ENTRY,
    &sink::ENTRY,
    &push::ENTRY,
    &reply::ENTRY,
    &script::ENTRY,
    &replay::ENTRY,
    &exec::ENTRY,
    &operator::ENTRY,
];

/// A mode, as it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct ModeSpec {
    pub(crate) entry: &'static ModeEntry,
    /// Empty where it takes none.
    pub(crate) argument: OsString,
}

impl Default for ModeSpec {
    fn default() -> Self {
        Self { entry: MODES[0], argument: OsString::new() }
    }
}

impl ModeSpec {
    /// Reads `MODE` or `MODE:ARG`.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let Some(entry) = MODES.iter().find(|entry| entry.name == name) else {
            let names = enumeration(MODES.iter().map(|entry| entry.name), "or");
            return Err(format!("{name:?} is not a mode: expected {names}"));
        };
        match (entry.argument, argument) {
            (None, Some(_)) => Err(format!("{name} takes no argument")),
            (Some(needed), None) => {
                let value = needed.value_name();
                Err(format!("{name} needs a {}: {name}:{value}", value.to_lowercase()))
            }
            (_, argument) => Ok(Self { entry, argument: argument.unwrap_or_default().into() }),
        }
    }

    /// Begins it, before there are clients.
    ///
    /// # Errors
    /// When its argument is of no use.
    pub(crate) fn open(&self, setup: Setup<'_>) -> Result<NamedMode, Error> {
        let mode = (self.entry.open)(&self.argument, setup)?;
        Ok(NamedMode { name: self.entry.name, protected: self.is(self.entry.protected), mode })
    }

    /// Whether a client can run a command.
    pub(crate) fn runs_commands(&self) -> bool {
        self.entry.argument == Some(Argument::Command)
    }

    /// Whether it takes stdin for itself.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.is(self.entry.stdin)
    }

    fn is(&self, when: When) -> bool {
        match when {
            When::Never => false,
            When::ForDash => self.argument == "-",
            When::Always => true,
        }
    }
}

/// The flags with which a mode takes stdin for itself, in words.
pub(super) fn flags_that_read_stdin() -> String {
    let flag = |entry: &&ModeEntry| match entry.stdin {
        When::Never => None,
        When::ForDash => Some(format!("--{} -", entry.name)),
        When::Always => Some(format!("--{}", entry.name)),
    };
    enumeration(MODES.iter().copied().filter_map(|entry| flag(&entry)), "and")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_mode_gets_the_list() {
        let says = |text| ModeSpec::parse(text).unwrap_err();
        let list = "expected echo, broadcast, sink, push, reply, script, replay, exec or prompt";
        assert_eq!(says("what"), format!("\"what\" is not a mode: {list}"));
        assert_eq!(says("echo:x"), "echo takes no argument");
        assert_eq!(says("push"), "push needs a file: push:FILE");
        assert_eq!(says("exec"), "exec needs a command: exec:COMMAND");
        assert_eq!(flags_that_read_stdin(), "--push -, --replay - and --prompt");
    }

    #[test]
    fn each_entry_can_be_asked_for() {
        for entry in MODES {
            let argument = if entry.argument.is_some() { ":a:b" } else { "" };
            let spec = ModeSpec::parse(&format!("{}{argument}", entry.name)).unwrap();
            assert_eq!((spec.entry.name, spec.argument.to_str()), (entry.name, Some(argument.trim_start_matches(':'))));
        }
    }

    #[test]
    fn what_is_more_than_anybody_s_is_protected() {
        let is_protected = |text| {
            let spec = ModeSpec::parse(text).unwrap();
            spec.is(spec.entry.protected)
        };
        let protected =
            ["broadcast", "exec:cat", "prompt", "push:-", "echo", "sink", "push:a", "reply:a"].map(is_protected);
        assert_eq!(protected, [true, true, true, true, false, false, false, false]);
    }

    #[test]
    fn stdin_is_taken_by_the_prompt_and_by_a_push_of_it() {
        let reads = |text| ModeSpec::parse(text).unwrap().reads_stdin();
        assert_eq!(["prompt", "push:-", "push:a", "reply:-", "echo"].map(reads), [true, true, false, false, false]);
    }
}
