//! The completion scripts in the repository are those that the binary prints.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use crate::support::files::Folder;
use crate::support::program::run;

#[test]
fn the_files_are_what_the_binary_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let mut renewals = Vec::new();
    for (shell, file) in [
        ("bash", "wscli.bash"),
        ("zsh", "_wscli"),
        ("fish", "wscli.fish"),
        ("powershell", "_wscli.ps1"),
        ("elvish", "wscli.elv"),
    ] {
        let printed = run(&["completions", shell], b"");
        assert_eq!(printed.code, Some(0));
        let kept = fs::read_to_string(folder.join(file)).unwrap_or_default();
        if printed.stdout() != kept {
            renewals.push(format!("target/debug/wscli completions {shell} > completions/{file}"));
        }
    }
    assert!(renewals.is_empty(), "out of date; renew with:\n{}", renewals.join("\n"));
}

#[test]
fn no_colon_in_the_name_of_a_value_ends_a_field_of_zsh() {
    let script = run(&["completions", "zsh"], b"");
    let script = script.stdout();
    for name in ["CODE[\\:REASON]", "HOST1\\:PORT1\\:HOST2\\:PORT2", "NAME[\\:PASSWORD]"] {
        assert!(script.contains(&format!("]:{name}:")), "no {name} in {script}");
    }
    for action in
        [":_wscli_urls'", ":TEXT:_wscli_at_file'", "\n_wscli_urls() {\n", "\n_wscli_at_file() {\n", ":(1.2 1.3)'"]
    {
        assert!(script.contains(action), "no {action} in {script}");
    }
}

/// What bash offers behind a line, with this history, or nothing where there is no bash.
fn offered_by_bash(history: &[&str], hosts: &str, words: &[&str], line: &str) -> Option<Vec<String>> {
    let folder = Folder::new();
    let hosts = folder.file("hosts", hosts);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/wscli.bash");
    let remembered: String = history.iter().map(|line| format!("history -s {}\n", quoted(line))).collect();
    let quoted_words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    let program = format!(
        "set -o history\n{remembered}set +o history\nHOSTFILE={hosts}\nsource {}\nCOMP_LINE={}\nCOMP_POINT=${{#COMP_LINE}}\n\
         COMP_WORDS=({})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _wscli wscli \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\" 2>&-\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        quoted(script.to_str().unwrap()),
        quoted(line),
        quoted_words.join(" "),
    );
    let output = match Command::new("bash").args(["--norc", "--noprofile", "-c", &program]).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        output => output.unwrap(),
    };
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[test]
fn bash_completes_urls_of_its_history_and_hosts() {
    let history = ["wscli 'wss://echo.example/chat?a=b&c'", "wscli connect -v ws://$(touch.example/x", "ls"];
    let hosts = "10.0.0.1 known.example\n";
    for (words, line, expected) in [
        // bash splits words at colons, and replaces what is behind the last one.
        (
            &["wscli", "connect", ""][..],
            "wscli connect ",
            &["ws://", "wss://", "ws://\\$\\(touch.example/x", "wss://echo.example/chat\\?a=b\\&c"][..],
        ),
        (&["wscli", "connect", "wss", ":", "//e"], "wscli connect wss://e", &["//echo.example/chat\\?a=b\\&c"]),
        (&["wscli", "inspect", "-v", "ws", ":", "//k"], "wscli inspect -v ws://k", &["//known.example"]),
        (&["wscli", "wss", ":", "//e"], "wscli wss://e", &["//echo.example/chat\\?a=b\\&c"]),
        (&["wscli", "co"], "wscli co", &["connect", "config", "completions"]),
        (&["wscli", "connect", "--in", "h"], "wscli connect --in h", &["hex"]),
        (&["wscli", "connect", "--hos"], "wscli connect --hos", &["--host"]),
        (&["wscli", "serve", "--sin"], "wscli serve --sin", &["--sink"]),
    ] {
        let Some(offered) = offered_by_bash(&history, hosts, words, line) else { return };
        assert_eq!(offered, expected, "{line}");
    }
}

#[test]
fn fish_completes_urls() {
    let script = run(&["completions", "fish"], b"");
    for name in ["connect", "inspect"] {
        let line = format!("complete -c wscli -n \"__fish_wscli_using_subcommand {name}\" -f -a \"(__wscli_urls)\"\n");
        assert!(script.stdout().contains(&line), "{line}");
    }
}
