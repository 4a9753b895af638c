//! What the steps of a test may name, and what is wrong with a name that they may not.

use std::collections::BTreeSet;

use super::check;
use super::sending;
use super::template::{ScenarioVariable, is_name};
use crate::advice::flag::VAR;
use crate::values::nearest;
use crate::view::enumeration::enumeration;

/// The words that steps begin with, and those that may stand behind the name of a connection.
const STEPS: [&str; 14] = [
    "let",
    "connect",
    "connection",
    "accept",
    "delay",
    "timeout",
    "deadline",
    "repeat",
    "for",
    "parallel",
    "do",
    "finally",
    "include",
    "skip",
];
const VERBS: [&str; 3] = ["send", "expect", "drop"];

/// What other languages call our words.
const OTHER_WORDS: [(&[&str], &str); 7] = [
    (&["wait", "sleep", "pause"], "delay"),
    (&["set", "var", "const", "variable"], "let"),
    (&["open", "dial"], "connect"),
    (&["listen", "serve", "server", "bind"], "accept"),
    (&["assert", "receive", "recv", "should", "await"], "expect"),
    (&["loop", "times"], "repeat"),
    (&["disconnect", "abort", "kill"], "drop"),
];

/// What there is at a place of a test.
#[derive(Debug, Default)]
pub(super) struct KnownNames {
    pub(super) variables: BTreeSet<String>,
    /// The one without a name has the empty one.
    pub(super) connections: BTreeSet<String>,
    /// Variables and connections may come from elsewhere, as those of a file that is included.
    pub(super) are_any: bool,
    /// A message has been expected.
    pub(super) has_expected: bool,
}

/// Whether a word says what is done with a connection.
pub(super) fn is_verb(word: &str) -> bool {
    VERBS.contains(&word) || sending::is_sent(word)
}

/// Whether a word begins a step.
pub(super) fn is_step(word: &str) -> bool {
    STEPS.contains(&word) || is_verb(word)
}

impl KnownNames {
    /// # Errors
    /// In words, that nothing has a value for this.
    pub(super) fn check(&self, variable: &ScenarioVariable) -> Result<(), String> {
        match variable {
            ScenarioVariable::Named(name) if !self.are_any && !self.variables.contains(name) => {
                Err(format!("{variable} has no value here{}", self.what_has_one(name)))
            }
            ScenarioVariable::Group(_) if !self.are_any && !self.has_expected => Err(format!(
                "{variable} is of the message that was expected last, and none was yet; a dollar sign is written $$"
            )),
            ScenarioVariable::Pointer(_) if !self.are_any && !self.has_expected => {
                Err(format!("{variable} is of the message that was expected last, and none was yet"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a word is the name of a connection, where what follows `is_said` of one.
    pub(super) fn has_connection(&self, name: &str, is_said: bool) -> bool {
        self.connections.contains(name) || (self.are_any && is_said && is_name(name) && !is_step(name))
    }

    fn what_has_one(&self, name: &str) -> String {
        if let Some(near) = nearest(self.variables.iter().map(String::as_str), name) {
            return format!("; did you mean ${{{near}}}?");
        }
        let Some((row, _)) = name.split_once('.') else {
            return format!("; let {name} = …, capture {name} = … or {VAR} {name}=… gives it one");
        };
        let columns = self.variables.iter().filter_map(|known| known.strip_prefix(row)?.strip_prefix('.'));
        match enumeration(columns, "and") {
            columns if columns.is_empty() => String::new(),
            columns => format!("; {row} has {columns}"),
        }
    }

    /// # Errors
    /// In words, that nothing has opened the connection without a name.
    pub(super) fn check_unnamed(&self) -> Result<(), String> {
        if self.connections.contains("") {
            return Ok(());
        }
        Err(match enumeration(self.connections.iter().map(|name| format!("{name} …")), "or") {
            names if names.is_empty() => "no connection is open here; connect URL opens one".to_owned(),
            names => format!("on which connection? {names} says it"),
        })
    }

    /// What is wrong with the first word of a step, behind which there is one for connections or not.
    pub(super) fn unknown(&self, word: &str, acts: bool) -> String {
        if acts {
            let near = nearest(self.connections.iter().map(String::as_str), word);
            let meant = near.map(|near| format!("; did you mean {near}?"));
            let meant = meant.unwrap_or_else(|| format!("; connect {word} URL opens one"));
            return format!("there is no connection {word:?}{meant}");
        }
        let ours = OTHER_WORDS.iter().find(|(theirs, _)| theirs.contains(&word)).map(|(_, ours)| *ours);
        let known = || STEPS.into_iter().chain(VERBS);
        let meant = ours.or_else(|| nearest(known(), word));
        let meant = match meant {
            Some(meant) => format!("; did you mean {meant}?"),
            None if check::is_check(word) => format!("; did you mean expect {word}?"),
            None => String::new(),
        };
        format!("{word:?} is neither a step ({}) nor the name of a connection{meant}", enumeration(known(), "or"))
    }
}
