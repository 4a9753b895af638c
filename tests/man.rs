//! The manual: the pages in the repository are those that the binary writes, and `man` shows them without a complaint.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::files::Folder;
use crate::support::program::{NO_CONFIG, run};
use crate::support::terminal::Terminal;

/// Pages below a directory of sections, by their file names.
fn pages(directory: &Path) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for section in ["man1", "man5"] {
        let Ok(entries) = fs::read_dir(directory.join(section)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = format!("{section}/{}", path.file_name().unwrap().to_str().unwrap());
            pages.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    pages
}

fn kept() -> BTreeMap<String, String> {
    pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("man"))
}

#[test]
fn the_pages_are_what_the_binary_writes() {
    let folder = Folder::new();
    let written = run(&["man", "--write", &folder.path("man")], b"");
    assert_eq!((written.code, written.stdout()), (Some(0), ""), "{}", written.stderr);
    let (written, kept) = (pages(Path::new(&folder.path("man"))), kept());
    assert!(written.len() > 20, "{:?}", written.keys());
    let names = written.keys().chain(kept.keys());
    let outdated: Vec<_> = names.filter(|name| written.get(*name) != kept.get(*name)).collect();
    assert!(
        outdated.is_empty(),
        "out of date: {outdated:?}; renew with:\nrm -r man; target/debug/wscli man --write man"
    );
}

#[test]
fn a_topic_is_a_subcommand_or_a_format() {
    let kept = kept();
    for (topic, file) in [
        (None, "man1/wscli.1"),
        (Some("connect"), "man1/wscli-connect.1"),
        (Some("wscli-connect"), "man1/wscli-connect.1"),
        (Some("wscli-connect.1"), "man1/wscli-connect.1"),
        (Some("rules"), "man5/wscli-rules.5"),
        (Some("wscli-rules(5)"), "man5/wscli-rules.5"),
        (Some("test"), "man1/wscli-test.1"),
        (Some("test.5"), "man5/wscli-test.5"),
    ] {
        let shown = run(&[&["man"][..], topic.as_slice()].concat(), b"");
        assert_eq!((shown.code, shown.stdout()), (Some(0), kept[file].as_str()), "{topic:?}");
    }
    run(&["man", "recordings"], b"").assert("", 2, "\"recordings\" has no page; recording.5 has. The topics are");
    run(&["man", "connect.5"], b"").assert("", 2, "\"connect.5\" has no page");
}

#[test]
fn a_page_that_cannot_be_written_is_named() {
    run(&["man", "--write", "/dev/null"], b"").assert("", 2, "/dev/null/man1");
}

/// What a terminal shows of a page, where these are the programs that there are.
fn shown_on_a_terminal(programs: &str, pager: &str, topic: &str, last: &str) -> String {
    let mut terminal = Terminal::open();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
    command.args(["man", topic]).envs([NO_CONFIG, ("PATH", programs), ("PAGER", pager)]);
    let mut child = command.stdin(terminal.end()).stdout(terminal.end()).stderr(terminal.end()).spawn().unwrap();
    terminal.wait_for(last);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    terminal.seen.clone()
}

#[test]
fn a_terminal_gets_the_page_by_man_or_as_text() {
    let folder = Folder::new();
    let program = |name: &str, script: &str| {
        fs::create_dir_all(folder.path(name)).unwrap();
        let path = folder.file(&format!("{name}/man"), format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        folder.path(name)
    };
    let works = program("works", "read -r first <\"$1\"; echo \"${1##*/} $first\"");
    let shown = shown_on_a_terminal(&works, "", "rules", "manual\"");
    assert!(shown.starts_with("wscli-rules.5 .TH \"WSCLI\\-RULES\" \"5\""), "{shown}");
    // A system without manual pages has something else in the place of man.
    let fails = program("fails", "exit 1");
    for programs in ["/nonexistent", &fails] {
        let shown = shown_on_a_terminal(programs, "", "rules", "# graphql-ws's");
        assert!(shown.starts_with("# Rules\r\n"), "{shown}");
        let shown = shown_on_a_terminal(programs, "", "show", "--stats session.ndjson");
        assert!(shown.starts_with("Show a recording: "), "{shown}");
    }
}

#[test]
fn man_has_nothing_to_say_against_the_pages_and_they_fit_80_columns() {
    let folder = Folder::new();
    for (name, page) in kept() {
        let path = folder.file(name.rsplit('/').next().unwrap(), &page);
        let mut man = Command::new("man");
        man.args(["--warnings", "-E", "UTF-8", "-l", "-P", "cat", &path]);
        // MANROFFOPT in the environment of whoever runs the tests is for their own pages.
        man.env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8").env_remove("MANROFFOPT");
        let output = match man.output() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Not by a macro, whose words the test harness would keep to itself.
                let _ = writeln!(io::stderr(), "SKIPPED: there is no man to show the pages with");
                return;
            }
            output => output.unwrap(),
        };
        let (shown, warnings) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success() && warnings.is_empty(), "{name}: {warnings}");
        let wide: Vec<_> = shown.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty() && shown.contains("NAME\n"), "{name}: {wide:#?}");
    }
}
