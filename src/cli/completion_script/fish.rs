//! fish: clap's script, which offers files in the place of a URL, with URLs there, and with the values that only wscli knows.

use std::fmt::Write;

use super::CompletionFacts;

/// URLs of the history, and the hosts that fish knows from /etc/hosts and ssh; a file behind an @; the modes behind the path of
/// a route. And what clap writes, in whose place it comes: a URL stands for `connect` and itself.
const FUNCTIONS: &str = r#"
function __wscli_urls
    printf '%s\n' ws:// wss://
    string match -q '@*' -- (commandline -ct); and wscli config targets 2>/dev/null
    history search --contains :// | string match -ra 'wss?://[^\s"\']+' | sort -u
    set -l scheme (string match -r '^wss?://' -- (commandline -ct))
    and __fish_print_hostnames | string replace -r '^' $scheme
end

function __wscli_at_file
    set -l file (commandline -ct | string replace -r '^(--[a-z-]+=|-[A-Za-z])' '' | string match -r '^@(.*)')
    and __fish_complete_path "$file[2]" | string replace -r '^' '@'
end

function __wscli_routes
    set -l path (commandline -ct | string replace -r '^--route=' '' | string match -r '^[^=]*=')
    and printf "$path%s\n" MODES
end

function __fish_wscli_using_subcommand
    set -l cmd (commandline -opc)
    set -e cmd[1]
    test -n "$cmd[1]"; or return 1
    contains -- $cmd[1] SUBCOMMANDS -h -V --help --version; or set cmd connect
    contains -- $cmd[1] $argv
end

function __wscli_arguments_are
    set -l cmd (commandline -opc)
    test "$cmd[2..3]" = "$argv"
end
"#;

/// With what is known, and with URLs for wscli itself, once one is begun, and for the subcommands that take one.
pub(super) fn mended(mut script: String, known: &CompletionFacts) -> String {
    let subcommands: Vec<_> = known.topics.iter().map(|(name, _)| *name).collect();
    script
        .push_str(&FUNCTIONS.replace("MODES", &known.modes().join(" ")).replace("SUBCOMMANDS", &subcommands.join(" ")));
    let mut add = |condition: &str, rest: &str| {
        // Writing to a String can't fail.
        let _ = writeln!(script, "complete -c wscli -n \"{condition}\" {rest}");
    };
    add("__fish_wscli_needs_command; and string match -qr '^(ws|@)' -- (commandline -ct)", "-f -a \"(__wscli_urls)\"");
    for name in &known.with_urls {
        add(&format!("__fish_wscli_using_subcommand {name}"), "-f -a \"(__wscli_urls)\"");
    }
    for flag in &known.files_behind_at {
        let name = if flag.starts_with("--") { "-l" } else { "-s" };
        let rest = format!("{name} {} -r -f -a \"(__wscli_at_file)\"", flag.trim_start_matches('-'));
        add(&format!("__fish_wscli_using_subcommand {}", known.with_urls.join(" ")), &rest);
        add("__fish_wscli_using_subcommand serve", &rest);
    }
    add("__fish_wscli_using_subcommand serve", "-l route -r -f -a \"(__wscli_routes)\"");
    add("__wscli_arguments_are man", &format!("-f -a \"{}\"", known.pages.join(" ")));
    add("__wscli_arguments_are help", &format!("-f -a \"{}\"", subcommands.join(" ")));
    for (name, topics) in &known.topics {
        add(&format!("__wscli_arguments_are help {name}"), &format!("-f -a \"{}\"", topics.join(" ")));
    }
    script
}
