//! Where a value comes from: it stands in the file, or in the environment, or a command prints it, so that secrets needn't
//! stand in the file.

use std::env;
use std::process::{Command, Stdio};

/// A value, or where it is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ConfigSource {
    /// What stands before it in what a flag is given: the name of a header.
    pub(super) before: String,
    pub(super) origin: ValueOrigin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum ValueOrigin {
    Given(String),
    /// A variable of the environment.
    Variable(String),
    /// A command for the shell, which prints it on its first line.
    Command(String),
}

impl ConfigSource {
    pub(in crate::cli) fn given(text: impl Into<String>) -> Self {
        Self { before: String::new(), origin: ValueOrigin::Given(text.into()) }
    }

    /// Whether it is known without asking anybody.
    pub(in crate::cli) fn is_given(&self) -> bool {
        matches!(self.origin, ValueOrigin::Given(_))
    }

    /// What stands in the file, where it does.
    pub(in crate::cli) fn text(&self) -> Option<&str> {
        match &self.origin {
            ValueOrigin::Given(text) => Some(text),
            ValueOrigin::Variable(_) | ValueOrigin::Command(_) => None,
        }
    }

    /// The value.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(in crate::cli) fn resolve(&self) -> Result<String, String> {
        let value = match &self.origin {
            ValueOrigin::Given(text) => text.clone(),
            ValueOrigin::Variable(name) => env::var(name).map_err(|error| match error {
                env::VarError::NotPresent => format!("{name} is not in the environment"),
                env::VarError::NotUnicode(_) => format!("{name} in the environment is not UTF-8"),
            })?,
            ValueOrigin::Command(command) => first_line(command)?,
        };
        Ok(format!("{}{value}", self.before))
    }
}

/// The first line that a command prints. It may ask on the terminal, and stderr is its own.
fn first_line(command: &str) -> Result<String, String> {
    let run = Command::new("sh").args(["-c", command]).stdin(Stdio::inherit()).stderr(Stdio::inherit()).output();
    let output = run.map_err(|error| format!("the command couldn't be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("the command ended with {}", output.status));
    }
    let printed = String::from_utf8(output.stdout).map_err(|_| "the command printed what is not UTF-8".to_owned())?;
    match printed.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err("the command printed nothing".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Result<String, String> {
        ConfigSource { before: "X: ".into(), origin: ValueOrigin::Command(text.into()) }.resolve()
    }

    #[test]
    fn a_command_prints_the_value_on_its_first_line() {
        assert_eq!(command("echo secret; echo more"), Ok("X: secret".into()));
        assert_eq!(command("printf secret"), Ok("X: secret".into()));
        assert_eq!(command("true"), Err("the command printed nothing".into()));
        assert_eq!(command("exit 3"), Err("the command ended with exit status: 3".into()));
        assert_eq!(command("printf '\\377'"), Err("the command printed what is not UTF-8".into()));
    }
}
