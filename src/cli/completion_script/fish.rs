//! fish: clap's script, which offers files in the place of a URL, with URLs there.

use std::fmt::Write;

/// Those of the history, and the hosts that fish knows from /etc/hosts and ssh.
const FUNCTION: &str = r#"
function __wscli_urls
    printf '%s\n' ws:// wss://
    string match -q '@*' -- (commandline -ct); and wscli config targets 2>/dev/null
    history search --contains :// | string match -ra 'wss?://[^\s"\']+' | sort -u
    set -l scheme (string match -r '^wss?://' -- (commandline -ct))
    and __fish_print_hostnames | string replace -r '^' $scheme
end
"#;

/// With URLs for wscli itself, once one is begun, and for these subcommands.
pub(super) fn mended(mut script: String, with_urls: &[&str]) -> String {
    script.push_str(FUNCTION);
    // Writing to a String can't fail.
    let _ = writeln!(
        script,
        "complete -c wscli -n \"__fish_wscli_needs_command; and string match -qr '^(ws|@)' -- (commandline -ct)\" -f -a \
         \"(__wscli_urls)\""
    );
    for name in with_urls {
        let _ =
            writeln!(script, "complete -c wscli -n \"__fish_wscli_using_subcommand {name}\" -f -a \"(__wscli_urls)\"");
    }
    script
}
