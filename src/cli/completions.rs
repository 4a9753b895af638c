//! The flags of `wscli completions`.

use clap::{Args, Command};
use clap_complete::Shell;

use super::completion_script;
use crate::commands::completions::{CompletedShell, Config};

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Which shell
    shell: Shell,

    /// Install the script where the shell looks for it, and print what was done
    #[arg(long)]
    install: bool,
}

impl CompletionsArgs {
    pub(super) fn config(self, definition: Command) -> Config {
        let script = completion_script::generate(self.shell, definition);
        Config { script, installed_for: self.install.then(|| completed(self.shell)) }
    }
}

fn completed(shell: Shell) -> CompletedShell {
    match shell {
        Shell::Zsh => CompletedShell::Zsh,
        Shell::Fish => CompletedShell::Fish,
        Shell::Elvish => CompletedShell::Elvish,
        Shell::PowerShell => CompletedShell::PowerShell,
        // Of those that clap writes for today, this is the other one.
        _ => CompletedShell::Bash,
    }
}
