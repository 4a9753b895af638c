//! zsh: clap's script, mended where zsh would trip over it.

use clap::{Arg, Command, ValueHint};

use super::{CompletionFacts, is_file_behind_at};

/// What completes a URL, a value that may be @FILE, a route and what help is asked about, in place of zsh's own functions for
/// URLs, hosts, addresses of mail and users.
const FUNCTIONS: &str = "\
_wscli_urls() {
    local -a used
    used=(${(u)${(M)${(Q)${(z)history}}:#(ws|wss)://*}})
    compadd -S '' -- ws:// wss://
    compadd -- $used
    [[ $PREFIX == @* ]] && compadd -- ${(f)\"$(wscli config targets 2>/dev/null)\"}
    [[ $PREFIX == ws* ]] && compadd -S '' -- ${(f)\"$(wscli config targets --servers 2>/dev/null)\"}
    compset -P '(ws|wss)://' && _hosts
}
_wscli_at_file() {
    compset -P '@' && _files
}
_wscli_route() {
    compset -P '*=' || return 1
    if compset -P '(push|reply|script|replay):'; then
        _files
    else
        local -a modes=(MODES)
        compadd -S '' -- ${(M)modes:#*:}
        compadd -- ${modes:#*:}
    fi
}
_wscli_topics() {
    (( CURRENT == 2 )) && { _wscli_commands; return }
    case $words[2] in
TOPICS    esac
}
";

/// Where the completion begins: `wscli URL` is `wscli connect URL`, also while the URL is typed.
const WITHOUT_SUBCOMMAND: &str = "\
_wscli() {
    if [[ $words[2] != (SUBCOMMANDS|-h|-V|--help|--version) ]] &&
        { (( CURRENT > 2 )) || [[ $words[2] == (w|@)* ]] }; then
        words=($words[1] connect \"${(@)words[2,-1]}\")
        (( CURRENT += 1 ))
    fi
";

/// Hints for which no value of ours is: one marks those that may be @FILE, the others routes and what help is asked about.
pub(super) fn marked(arg: Arg) -> Arg {
    match arg.get_id().as_str() {
        _ if is_file_behind_at(&arg) => arg.value_hint(ValueHint::Hostname),
        "routes" => arg.value_hint(ValueHint::EmailAddress),
        "subcommand" | "topic" => arg.value_hint(ValueHint::Username),
        _ => arg,
    }
}

/// With what wscli knows about its own values, in a script for the command with [`marked`] arguments.
pub(super) fn mended(script: String, marked: &Command, known: &CompletionFacts) -> String {
    let mut script = with_silent_places(with_colons_escaped(script, marked));
    for (theirs, ours) in [
        (":_urls'", ":_wscli_urls'"),
        (":_hosts'", ":_wscli_at_file'"),
        (":_email_addresses'", ":_wscli_route'"),
        (":_users'", ":_wscli_topics'"),
    ] {
        assert!(script.contains(theirs), "clap's script has {theirs:?}");
        script = script.replace(theirs, ours);
    }
    // clap's specification would take the topic for another command line.
    script = script.replacen("'*::topic", "'*:topic", 1);
    let mut cases = String::new();
    for (name, topics) in &known.topics {
        cases.push_str(&format!("        ({name}) compadd -- {} ;;\n", topics.join(" ")));
    }
    let functions = FUNCTIONS.replace("MODES", &known.modes().join(" ")).replace("TOPICS", &cases);
    let subcommands: Vec<_> = known.topics.iter().map(|(name, _)| *name).collect();
    let begins = WITHOUT_SUBCOMMAND.replace("SUBCOMMANDS", &subcommands.join("|"));
    script.replacen("\n_wscli() {\n", &format!("\n{functions}\n{begins}"), 1)
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
