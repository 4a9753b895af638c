//! The completion scripts in the repository are those that the binary prints.

use std::fs;
use std::path::Path;

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
    for name in ["CODE[\\:REASON]", "HOST\\:PORT", "NAME[\\:PASSWORD]"] {
        assert!(script.contains(&format!("]:{name}:")), "no {name} in {script}");
    }
    for action in
        [":_wscli_urls'", ":TEXT:_wscli_at_file'", "\n_wscli_urls() {\n", "\n_wscli_at_file() {\n", ":(1.2 1.3)'"]
    {
        assert!(script.contains(action), "no {action} in {script}");
    }
}
