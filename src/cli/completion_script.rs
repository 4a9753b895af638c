//! The completion scripts: clap's, mended where zsh would trip over them, and with what wscli knows about its own values.

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

/// The flags whose value may be @FILE.
const FILE_BEHIND_AT: [&str; 5] = ["data", "headers", "user", "bearer", "auth"];

/// What zsh completes a URL and such a value with, in place of its own functions for URLs and hosts.
const ZSH_FUNCTIONS: &str = "\
_wscli_urls() {
    local -a used
    used=(${(u)${(M)${(Q)${(z)history}}:#(ws|wss)://*}})
    compadd -S '' -- ws:// wss://
    compadd -- $used
    compset -P '(ws|wss)://' && _hosts
}
_wscli_at_file() {
    compset -P '@' && _files
}
";

/// The shell's completion script.
pub(super) fn generate(shell: Shell, command: Command) -> Vec<u8> {
    let hinted = command.mut_subcommands(|subcommand| subcommand.mut_args(no_files_by_default));
    if shell != Shell::Zsh {
        return written(shell, &mut { hinted });
    }
    let mut marked = hinted.mut_subcommands(|subcommand| subcommand.mut_args(marked_for_zsh));
    let script = String::from_utf8(written(shell, &mut marked)).expect("clap writes text");
    let script = with_colons_escaped(script, &marked);
    let script = script.replace(":_urls'", ":_wscli_urls'").replace(":_hosts'", ":_wscli_at_file'");
    script.replacen("\n_wscli() {", &format!("\n{ZSH_FUNCTIONS}\n_wscli() {{"), 1).into_bytes()
}

fn written(shell: Shell, command: &mut Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "wscli", &mut script);
    script
}

/// A shell offers files for a value about which nothing is said.
fn no_files_by_default(arg: Arg) -> Arg {
    let is_free = arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
    if is_free { arg.value_hint(ValueHint::Other) } else { arg }
}

/// No value of ours is a host alone: the hint marks those that may be @FILE.
fn marked_for_zsh(arg: Arg) -> Arg {
    if FILE_BEHIND_AT.iter().any(|id| arg.get_id() == id) { arg.value_hint(ValueHint::Hostname) } else { arg }
}

/// A colon ends a field of zsh's specifications, and clap doesn't escape those in the names of values.
fn with_colons_escaped(mut script: String, command: &Command) -> String {
    let args = command.get_subcommands().flat_map(Command::get_arguments);
    for name in args.filter_map(Arg::get_value_names).flatten().filter(|name| name.contains(':')) {
        script = script.replace(&format!("]:{name}:"), &format!("]:{}:", name.replace(':', "\\:")));
    }
    script
}
