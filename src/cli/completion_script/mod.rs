//! The completion scripts: clap's, with what wscli knows about its own values.

mod bash;
mod fish;
mod zsh;

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

/// The shell's completion script.
pub(super) fn generate(shell: Shell, command: Command) -> Vec<u8> {
    let hinted = command.mut_subcommands(|subcommand| subcommand.mut_args(no_files_by_default));
    let with_urls: Vec<_> =
        hinted.get_subcommands().filter(|subcommand| takes_a_url(subcommand)).map(Command::get_name).collect();
    let script = match shell {
        Shell::Bash => bash::mended(written(shell, &hinted), &with_urls),
        Shell::Fish => fish::mended(written(shell, &hinted), &with_urls),
        Shell::Zsh => {
            let marked = hinted.mut_subcommands(|subcommand| subcommand.mut_args(zsh::marked));
            zsh::mended(written(shell, &marked), &marked)
        }
        _ => written(shell, &hinted),
    };
    script.into_bytes()
}

fn written(shell: Shell, command: &Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command.clone(), "wscli", &mut script);
    String::from_utf8(script).expect("clap writes text")
}

fn takes_a_url(command: &Command) -> bool {
    command.get_positionals().any(|arg| arg.get_value_hint() == ValueHint::Url)
}

/// A shell offers files for a value about which nothing is said.
fn no_files_by_default(arg: Arg) -> Arg {
    let is_free = arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
    if is_free { arg.value_hint(ValueHint::Other) } else { arg }
}
