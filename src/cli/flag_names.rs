//! What flags are called on a command line.

use clap::{Arg, Command};

/// Whether a word is the name of a flag: `--long`, or `-s`.
pub(super) fn is_name_of(arg: &Arg, word: &str) -> bool {
    match word.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => {
            arg.get_short().is_some_and(|short| word.strip_prefix('-').is_some_and(|word| word.chars().eq([short])))
        }
    }
}

/// The flag of a subcommand that a word names.
pub(super) fn named<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| is_name_of(arg, word))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::CommandLine;
    use super::*;
    use crate::advice::secret_flags::{mistyped, with_secret_values, written};

    #[test]
    fn a_flag_is_named_by_its_long_name_and_its_letter() {
        let arg = Arg::new("user").short('u').long("user");
        for (word, is_name) in [("--user", true), ("-u", true), ("user", false), ("-user", false), ("--u", false)] {
            assert_eq!(is_name_of(&arg, word), is_name, "{word}");
        }
    }

    #[test]
    fn the_flags_with_secrets_exist() {
        let command = CommandLine::command();
        for secret in with_secret_values() {
            let is_there = |arg: &Arg| {
                let aliases = arg.get_all_aliases().unwrap_or_default();
                let is_long = arg.get_long() == Some(secret.long) || aliases.contains(&secret.long);
                is_long && secret.short.is_none_or(|short| arg.get_short() == Some(short))
            };
            let found = command.get_subcommands().flat_map(Command::get_arguments).any(is_there);
            assert!(found, "{secret:?}");
        }
    }

    #[test]
    fn no_flag_is_taken_for_a_mistyped_one() {
        let command = CommandLine::command();
        let connect = command.find_subcommand("connect").unwrap();
        let long = connect.get_arguments().filter_map(Arg::get_long).map(|long| format!("--{long}"));
        let taken: Vec<_> = long.filter(|flag| written(flag).is_none() && mistyped(flag).is_some()).collect();
        assert_eq!(taken, [""; 0]);
    }
}
