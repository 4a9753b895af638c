//! zsh: clap's script, mended where zsh would trip over it.

use clap::{Arg, Command, ValueHint};

/// The flags whose value may be @FILE.
const FILE_BEHIND_AT: [&str; 5] = ["data", "headers", "user", "bearer", "auth"];

/// What completes a URL and such a value, in place of zsh's own functions for URLs and hosts.
const FUNCTIONS: &str = "\
_wscli_urls() {
    local -a used
    used=(${(u)${(M)${(Q)${(z)history}}:#(ws|wss)://*}})
    compadd -S '' -- ws:// wss://
    compadd -- $used
    [[ $PREFIX == @* ]] && compadd -- ${(f)\"$(wscli config targets 2>/dev/null)\"}
    compset -P '(ws|wss)://' && _hosts
}
_wscli_at_file() {
    compset -P '@' && _files
}
";

/// No value of ours is a host alone: the hint marks those that may be @FILE.
pub(super) fn marked(arg: Arg) -> Arg {
    if FILE_BEHIND_AT.iter().any(|id| arg.get_id() == id) { arg.value_hint(ValueHint::Hostname) } else { arg }
}

/// With what wscli knows about its own values, in a script for the command with [`marked`] arguments.
pub(super) fn mended(script: String, marked: &Command) -> String {
    let script = with_silent_places(with_colons_escaped(script, marked));
    let script = script.replace(":_urls'", ":_wscli_urls'").replace(":_hosts'", ":_wscli_at_file'");
    script.replacen("\n_wscli() {", &format!("\n{FUNCTIONS}\n_wscli() {{"), 1)
}

/// In a place for which there is nothing to offer, zsh says what it is for, and inserts no flag that is completed there. And
/// clap's specification of a place that takes several words (`*::`) ends all flags behind the first of them.
fn with_silent_places(script: String) -> String {
    let line = |line: &str| match line.strip_prefix("'*::").or_else(|| line.strip_prefix("'::")) {
        Some(place) if line.ends_with(":' \\") => {
            let several = if line.starts_with("'*") { "*:" } else { "::" };
            format!("'{several}{}( )' \\\n", place.trim_end_matches("' \\"))
        }
        _ => format!("{line}\n"),
    };
    script.lines().map(line).collect()
}

/// A colon ends a field of zsh's specifications, and clap doesn't escape those in the names of values.
fn with_colons_escaped(mut script: String, command: &Command) -> String {
    let args = command.get_subcommands().flat_map(Command::get_arguments);
    for name in args.filter_map(Arg::get_value_names).flatten().filter(|name| name.contains(':')) {
        script = script.replace(&format!("]:{name}:"), &format!("]:{}:", name.replace(':', "\\:")));
    }
    script
}
