//! The completion scripts in the repository are those that the binary prints.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::files::Folder;
use crate::support::program::{run, run_with};

/// What a shell says, or nothing where it isn't there, which is told though the test passes.
fn said(shell: &mut Command) -> Option<String> {
    match shell.output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let name = shell.get_program().display();
            // Not by a macro, whose words the test harness would keep to itself.
            let _ = writeln!(io::stderr(), "SKIPPED: there is no {name} to try its completions with");
            None
        }
        output => Some(String::from_utf8(output.unwrap().stdout).unwrap()),
    }
}

/// A script of the repository.
fn script(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name);
    path.to_str().unwrap().to_owned()
}

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
    let script = script("wscli.bash");
    let remembered: String = history.iter().map(|line| format!("history -s {}\n", quoted(line))).collect();
    let quoted_words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    let program = format!(
        "wscli() {{ case $* in 'config targets') printf '%s\\n' @dev @prod;; *--servers) printf '%s\\n' wss://feed.example;; esac; }}\n\
         set -o history\n{remembered}set +o history\nHOSTFILE={hosts}\nsource {}\nCOMP_LINE={}\nCOMP_POINT=${{#COMP_LINE}}\n\
         COMP_WORDS=({})\n[[ \" ${{COMP_WORDS[*]}}\" == *[![:blank:]]@* ]] && COMP_WORDBREAKS=\"${{COMP_WORDBREAKS//@}}\"\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _wscli wscli \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\" 2>&-\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        quoted(&script),
        quoted(line),
        quoted_words.join(" "),
    );
    let output = said(Command::new("bash").args(["--norc", "--noprofile", "-c", &program]))?;
    Some(output.lines().map(str::to_owned).collect())
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
        (&["wscli", "connect", "wss", ":", "//f"], "wscli connect wss://f", &["//feed.example"]),
        // And at the @ of a target.
        (&["wscli", "connect", "@", "p"], "wscli connect @p", &["@prod"]),
        (&["wscli", "@"], "wscli @", &["@dev", "@prod"]),
        (&["wscli", "co"], "wscli co", &["connect", "convert", "config", "completions"]),
        (&["wscli", "connect", "--in", "h"], "wscli connect --in h", &["hex"]),
        (&["wscli", "connect", "--hos"], "wscli connect --hos", &["--host"]),
        (&["wscli", "serve", "--sin"], "wscli serve --sin", &["--sink"]),
        // A URL, or a flag of its, stands for connect.
        (&["wscli", "ws", ":", "//a/", "--hos"], "wscli ws://a/ --hos", &["--host"]),
        (&["wscli", "-k", "--in", "h"], "wscli -k --in h", &["hex"]),
        (&["wscli", "connect", "--color", "=", "a"], "wscli connect --color=a", &["auto", "always"]),
        (&["wscli", "connect", "--color", "="], "wscli connect --color=", &["auto", "always", "never"]),
        (&["wscli", "connect", "-d", "@", "Cargo.t"], "wscli connect -d @Cargo.t", &["@Cargo.toml"]),
        (&["wscli", "ws", ":", "//a/", "-H", "@", "Cargo.t"], "wscli ws://a/ -H@Cargo.t", &["@Cargo.toml"]),
        // As where hostcomplete is off.
        (&["wscli", "ws", ":", "//a/", "-H@Cargo.t"], "wscli ws://a/ -H@Cargo.t", &["-H@Cargo.toml"]),
        (&["wscli", "serve", "--auth", "=", "@", "Cargo.t"], "wscli serve --auth=@Cargo.t", &["@Cargo.toml"]),
        (&["wscli", "serve", "--route", "/x", "=", "re"], "wscli serve --route /x=re", &["reply:", "replay:"]),
        (
            &["wscli", "serve", "--route", "/x", "=", "push", ":", "Cargo.t"],
            "wscli serve --route /x=push:Cargo.t",
            &["Cargo.toml"],
        ),
        (&["wscli", "help", "con"], "wscli help con", &["connect", "convert", "config"]),
        (&["wscli", "help", "connect", "d"], "wscli help connect d", &["deadlines"]),
        (&["wscli", "help", "serve", "--ro"], "wscli help serve --ro", &["--route"]),
        (&["wscli", "man", "ru"], "wscli man ru", &["rules.5"]),
    ] {
        let Some(offered) = offered_by_bash(&history, hosts, words, line) else { return };
        assert_eq!(offered, expected, "{line}");
    }
}

/// What fish offers behind a line, without descriptions, with a history and a host that ssh knows.
fn offered_by_fish(line: &str) -> Option<Vec<String>> {
    let folder = Folder::new();
    for (name, content) in [
        ("fish/fish_history", "- cmd: wscli 'wss://echo.example/chat?a=b&c'\n  when: 1700000000\n"),
        (".ssh/config", "Host known.example\n"),
        ("key.pem", ""),
    ] {
        fs::create_dir_all(Path::new(&folder.path(name)).parent().unwrap()).unwrap();
        folder.file(name, content);
    }
    let targets = "function wscli; printf '%s\\n' @dev @prod; end";
    let program = format!("{targets}; source {}; cd; complete -C {}", quoted(&script("wscli.fish")), quoted(line));
    let home = folder.path("");
    let mut fish = Command::new("fish");
    fish.args(["-c", &program]).env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        fish.env(name, &home);
    }
    let offered = said(&mut fish)?;
    Some(offered.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect())
}

#[test]
fn fish_completes_urls_flags_and_values() {
    for (line, expected) in [
        ("wscli connect ", &["ws://", "wss://", "wss://echo.example/chat?a=b&c"][..]),
        ("wscli connect wss://e", &["wss://echo.example/chat?a=b&c"]),
        ("wscli wss://e", &["wss://echo.example/chat?a=b&c"]),
        ("wscli inspect -v ws://k", &["ws://known.example"]),
        ("wscli connect @p", &["@prod"]),
        ("wscli @", &["@dev", "@prod"]),
        ("wscli co", &["completions", "config", "connect", "convert"]),
        ("wscli connect --in h", &["hex"]),
        ("wscli connect --in=b", &["--in=base64"]),
        ("wscli connect --tls-min ", &["1.2", "1.3"]),
        ("wscli connect --hos", &["--host"]),
        ("wscli connect --close ", &[]),
        ("wscli connect --cacert ke", &["key.pem"]),
        ("wscli serve --sin", &["--sink"]),
        ("wscli serve :8080 --sin", &["--sink"]),
        ("wscli ws://a/ --hos", &["--host"]),
        ("wscli -k --in h", &["hex"]),
        ("wscli connect -d @ke", &["@key.pem"]),
        ("wscli serve --route /x=re", &["/x=replay:", "/x=reply:"]),
        ("wscli help con", &["config", "connect", "convert"]),
        ("wscli help connect d", &["deadlines"]),
        ("wscli help serve --ro", &["--route"]),
        ("wscli man ru", &["rules.5"]),
    ] {
        let Some(offered) = offered_by_fish(line) else { return };
        assert_eq!(offered, expected, "{line}");
    }
}

/// What zsh makes of each line and Tab, in a terminal: the words that the program would get.
const ASK_ZSH: &str = r#"
zmodload zsh/zpty zsh/zselect || exit 1
zpty shell zsh -f -i
fd=$REPLY
until_shown() {
    local shown= more
    while [[ $shown != $~1 ]]; do
        zselect -t 6000 -r $fd && zpty -r shell more || { print -r -- "no $1 in $shown"; exit 1 }
        shown+=$more
    done
    found=${${shown%:END*}##*WORDS:}
}
zpty -w shell "PS1= ; cd $1; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D
wscli() { [[ \$* == 'config targets' ]] && { print @prod; return }; [[ \$* == *--servers ]] && { print wss://feed.example; return }; print -r -- 'WORDS'\":\$*:END\" }; print -s 'wscli connect wss://echo.example/x'; wscli ready"
until_shown '*WORDS:*:END*'
shift
for line; do
    zpty -w -n shell "$line"$'\t\n'
    until_shown '*WORDS:*:END*'
    print -r -- "$found"
done
"#;

#[test]
fn zsh_completes_urls_flags_and_values() {
    let folder = Folder::new();
    fs::copy(script("_wscli"), folder.path("_wscli")).unwrap();
    folder.file("file.txt", "");
    let home = folder.path("");
    let cases = [
        ("wscli connect wss://ec", "connect wss://echo.example/x"),
        ("wscli connect wss://fe", "connect wss://feed.example"),
        ("wscli connect @p", "connect @prod"),
        ("wscli conn", "connect"),
        ("wscli connect --in h", "connect --in hex"),
        ("wscli connect --tls-min=1.3 --colo", "connect --tls-min=1.3 --color"),
        ("wscli connect --close ", "connect --close"),
        ("wscli connect --connect-to ", "connect --connect-to"),
        ("wscli connect -d @fi", "connect -d @file.txt"),
        ("wscli connect -o fi", "connect -o file.txt"),
        ("wscli connect --hos", "connect --host"),
        ("wscli serve --sin", "serve --sink"),
        ("wscli serve :8080 --tls-n", "serve :8080 --tls-name"),
        ("wscli serve --push fi", "serve --push file.txt"),
        ("wscli wss://ec", "wss://echo.example/x"),
        ("wscli ws://a/ --hos", "ws://a/ --host"),
        ("wscli -k --in h", "-k --in hex"),
        ("wscli connect --color=al", "connect --color=always"),
        ("wscli serve --route /x=bro", "serve --route /x=broadcast"),
        ("wscli serve --route /x=push:fi", "serve --route /x=push:file.txt"),
        ("wscli help conn", "help connect"),
        ("wscli help connect dea", "help connect deadlines"),
        ("wscli help serve --rou", "help serve --route"),
        ("wscli man ru", "man rules.5"),
    ];
    let mut zsh = Command::new("zsh");
    zsh.args(["-f", "-c", ASK_ZSH, "zsh", &home]).args(cases.iter().map(|(line, _)| line));
    let Some(told) = said(&mut zsh) else { return };
    let expected: String = cases.iter().map(|(_, words)| format!("{words}\n")).collect();
    assert_eq!(told, expected);
}

/// Installs the script of a shell for a user whose home this is. Returns where it says that it is, and what remains to be done.
fn installed(shell: &str, home: &str, environment: &[(&str, &str)]) -> (String, String) {
    let own = [("HOME", home), ("XDG_CONFIG_HOME", ""), ("XDG_DATA_HOME", ""), ("BASH_COMPLETION_USER_DIR", "")];
    let outcome = run_with(&[&own, environment].concat(), &["completions", shell, "--install"], b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let (first, remark) = outcome.stdout().split_once('\n').unwrap();
    let path = first.strip_prefix("wrote ").unwrap().to_owned();
    assert_eq!(fs::read(&path).unwrap(), run(&["completions", shell], b"").stdout);
    (path, remark.to_owned())
}

#[test]
fn scripts_are_put_where_shells_look() {
    let folder = Folder::new();
    let home = folder.path("");
    let home = home.trim_end_matches('/');
    // Without a zsh that says where it looks.
    let path = [("PATH", "/nonexistent")];
    for (shell, file, says) in [
        ("bash", ".local/share/bash-completion/completions/wscli", ""),
        ("zsh", ".zfunc/_wscli", "\n\n    fpath=({HOME}/.zfunc $fpath)\n"),
        ("fish", ".config/fish/completions/wscli.fish", "Available in this shell and in new ones.\n"),
        ("elvish", ".config/elvish/lib/wscli.elv", "\n\n    use wscli\n"),
        ("powershell", ".config/powershell/wscli.ps1", "\n\n    . {HOME}/.config/powershell/wscli.ps1\n"),
    ] {
        let (path, remark) = installed(shell, home, &path);
        assert_eq!(path, format!("{home}/{file}"));
        assert!(remark.ends_with(&says.replace("{HOME}", home)), "{remark}");
        // What was there before is replaced.
        installed(shell, home, &[("PATH", "/nonexistent")]);
    }
    let config = folder.path("config");
    let (path, _) = installed("fish", home, &[("XDG_CONFIG_HOME", &config)]);
    assert_eq!(path, format!("{config}/fish/completions/wscli.fish"));
    let lists = format!("{home}/one:{home}/two");
    let (path, _) = installed("bash", home, &[("BASH_COMPLETION_USER_DIR", &lists)]);
    assert_eq!(path, format!("{home}/one/completions/wscli"));
}

#[test]
fn zsh_says_itself_where_it_looks() {
    let folder = Folder::new();
    let home = folder.path("home");
    let (functions, programs) = (folder.path("home/functions"), folder.path("bin"));
    for created in [&functions, &programs] {
        fs::create_dir_all(created).unwrap();
    }
    let zsh =
        folder.file("bin/zsh", format!("#!/bin/sh\nprintf '%s\\n' /nonexistent/site-functions /usr {functions}\n"));
    fs::set_permissions(&zsh, fs::Permissions::from_mode(0o755)).unwrap();
    let (path, remark) = installed("zsh", &home, &[("PATH", &programs)]);
    assert_eq!(
        (path, remark.as_str()),
        (format!("{functions}/_wscli"), "Available in new shells, where compinit runs.\n")
    );
}

#[test]
fn a_script_that_has_no_place_is_not_installed() {
    let nowhere = [("HOME", ""), ("XDG_CONFIG_HOME", ""), ("XDG_DATA_HOME", "relative")];
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let environment =
            [&nowhere[..], &[("PATH", "/nonexistent"), ("BASH_COMPLETION_USER_DIR", "relative")]].concat();
        let outcome = run_with(&environment, &["completions", shell, "--install"], b"");
        outcome.assert("", 2, "the script has no place");
    }
    let unwritable = run_with(&[("XDG_CONFIG_HOME", "/dev/null")], &["completions", "fish", "--install"], b"");
    unwritable.assert("", 2, "/dev/null/fish/completions");
}
