//! What is given where a recording is read, and is none, or none that can be used.

use crate::support::files::Folder;
use crate::support::program::{Outcome, run};

use std::fs;

const RECORDING: &str = r#"{"connection":1,"schema":1,"type":"opened","role":"client","url":"ws://127.0.0.1:1/"}
{"connection":1,"schema":1,"elapsed_ms":1,"direction":"sent","type":"text","text":"hi"}
{"connection":1,"schema":1,"type":"closed","code":1000,"why":"closed by us: 1000","elapsed_ms":2}
"#;

/// What every command that reads recordings does with this one.
fn read_by_all(content: impl AsRef<[u8]>) -> Vec<(&'static str, Outcome)> {
    let folder = Folder::new();
    let good = folder.file("good.ndjson", RECORDING);
    let (bad, har) = (folder.file("bad.ndjson", content), folder.path("a.har"));
    let commands = [
        ("show", vec!["show", &bad]),
        ("convert", vec!["convert", &bad, "-o", &har]),
        ("diff", vec!["diff", &good, &bad]),
        ("replay", vec!["replay", &bad]),
        ("serve", vec!["serve", "--replay", &bad, "127.0.0.1:0"]),
    ];
    let outcomes = commands.map(|(name, args)| (name, run(&args, b""))).into();
    assert!(fs::metadata(&har).is_err(), "a HAR is left");
    outcomes
}

#[test]
fn what_holds_no_record_is_named() {
    let cut_off = &RECORDING[..40];
    for content in ["", "\n\n", "# a comment\n", "\u{feff}", "\u{feff}# a comment", cut_off] {
        for (name, outcome) in read_by_all(content) {
            let told = outcome.stderr.lines().last().unwrap_or_default();
            let is_told = told.starts_with("wscli: can't read /") && told.ends_with("/bad.ndjson: it holds no record");
            assert!(is_told && outcome.code == Some(2), "{content:?}, {name}: {outcome:?}");
            assert_eq!(outcome.stdout(), "", "{content:?}, {name}");
        }
    }
    // What can't be parsed is passed over, and then there is nothing.
    let folder = Folder::new();
    let file = folder.file("a.ndjson", "text\n");
    for args in [&["show", "--lenient", &file][..], &["diff", "--lenient", &file, &file]] {
        run(args, b"").assert("", 2, "line 1 is not a line of a recording: it is not JSON: expected ident");
    }
    let har = folder.file("a.har", "");
    run(&["convert", &har, "-o", &folder.path("b.ndjson")], b"").assert("", 2, "a.har: it is empty");
}

#[test]
fn stdin_and_stdout_are_called_so() {
    for args in [&["show", "-"][..], &["convert", "-", "--to", "har"], &["diff", "-", "-"], &["replay", "-"]] {
        let outcome = run(args, b"");
        outcome.assert("", 2, "wscli: can't read stdin: it holds no record");
    }
    run(&["show", "/dev/stdin"], b"text\n").assert(
        "",
        2,
        "wscli: can't read stdin: line 1 is not a line of a recording",
    );
    run(&["show", "-"], br#"{"log":{}}"#).assert("", 2, "wscli: stdin is a HAR, not a recording");
    run(&["convert", "--from", "har", "-", "--to", "recording"], b"{}").assert(
        "",
        2,
        "wscli: can't read stdin: it is not",
    );
    let twice = RECORDING.repeat(2);
    run(&["replay", "-"], twice.as_bytes()).assert("", 2, "wscli: stdin holds 2 connections");
}

#[test]
fn packed_files_are_named_with_what_unpacks_them() {
    for (beginning, packer, unpack) in [
        (&b"\x1f\x8b\x08\0\n"[..], "gzip", "gzip -dc"),
        (b"\x28\xb5\x2f\xfd\x04\0\n", "zstd", "zstd -dc"),
        (b"\xfd7zXZ\0\0\n", "xz", "xz -dc"),
        (b"BZh91AY\n", "bzip2", "bzip2 -dc"),
        (b"\x04\x22\x4d\x18\n", "lz4", "lz4 -dc"),
        (b"PK\x03\x04\n", "zip", "unzip -p"),
    ] {
        for (name, outcome) in read_by_all(beginning) {
            let expected = [
                format!("/bad.ndjson is compressed with {packer}"),
                format!("unpack it first, as with '{unpack} FILE | wscli show -'"),
            ];
            let told: Vec<_> = outcome.stderr.lines().collect();
            assert!(
                told.len() == 2 && told[0].ends_with(&expected[0]) && told[1].ends_with(&expected[1]),
                "{name}: {told:?}"
            );
            assert_eq!((outcome.code, outcome.stdout()), (Some(2), ""));
        }
    }
    for (beginning, told) in [
        (&b"\x78\x9c\x01\n"[..], "is compressed with zlib, as some HARs are"),
        (b"\x0a\x0d\x0d\x0a\x1c\0\0\0", "is a pcapng, not a recording"),
        (b"\xff\xfe{\0\"\0\n\0", "it begins with the byte order mark of UTF-16"),
    ] {
        for (name, outcome) in read_by_all(beginning) {
            assert!(outcome.stderr.contains(told) && outcome.code == Some(2), "{name}: {outcome:?}");
        }
    }
    let folder = Folder::new();
    let har = folder.file("a.har", b"\x28\xb5\x2f\xfd\x04\0");
    let hint = "unpack it first, as with 'zstd -dc FILE | wscli convert --from har - -o FILE.ndjson'";
    run(&["convert", &har, "-o", &folder.path("a.ndjson")], b"").assert("", 2, hint);
}

#[test]
fn the_field_that_cannot_be_read_is_named() {
    let record = |fields: &str| format!(r#"{{"direction":"sent","type":"text","text":"hi",{fields}}}"#);
    let opened = |fields: &str| format!(r#"{{"schema":1,"type":"opened",{fields}}}"#);
    let long = format!(r#""length":-3,"moon":"{}""#, "x".repeat(2 << 20));
    for (line, why) in [
        (record(r#""connection":1e999"#), r#"its "connection": number out of range"#),
        (record(r#""elapsed_ms":1e999"#), r#"its "elapsed_ms": number out of range"#),
        (record(r#""moon":"full","length":-3"#), r#""length" is integer `-3` instead of a whole number from 0"#),
        (record(&long), r#""length" is integer `-3` instead of a whole number from 0"#),
        (record(r#""wire_length":-3,"length":-3"#), r#""length" is integer `-3` instead of a whole number from 0"#),
        (record(r#""time":"noon""#), r#"its "time": "noon" is not a time such as 2026-01-01T12:00:00Z"#),
        (record(r#""elapsed_ms":-1"#), r#"its "elapsed_ms": a time is negative"#),
        (record(r#""opcode":16"#), r#"its "opcode": "#),
        (record(r#""text":"again""#), "duplicate field `text`"),
        (
            opened(r#""url":"ws://a/","schema":1e999"#).replace("\"schema\":1,", ""),
            r#"its "schema": number out of range"#,
        ),
        (opened(r#""url":7"#), r#""url" is integer `7` instead of a string"#),
        (opened(r#""url":"ws://a/","connection":1e999"#), r#"its "connection": number out of range"#),
        (opened(r#""url":"ws://a/","time":"noon""#), r#"its "time": "noon" is not a time"#),
        (opened(r#""url":"ws://a/","tls":5"#), r#""tls" is integer `5` instead of an object"#),
        (opened(r#""url":"ws://a/","request":{}"#), r#""request" is map instead of a string"#),
        (r#"{"schema":1,"type":"closed","code":100000,"why":""}"#.into(), r#""code" is integer `100000` instead of"#),
        (r#"{"schema":1,"type":"dropped","events":"x"}"#.into(), r#""events" is string "x" instead of"#),
    ] {
        for (name, outcome) in read_by_all(&line) {
            // Where only connections are looked for, other lines aren't read once there is one.
            let told = format!("bad.ndjson: line 1 is not a line of a recording: {why}");
            assert!(outcome.stderr.contains(&told) && outcome.code == Some(2), "{name}, {why}: {outcome:?}");
        }
    }
    // The content of a long line is taken over, which doesn't make it one that was cut off.
    let long = format!(r#"{{"direction":"sent","type":"binary","base64":"{}?"}}"#, "A".repeat(2 << 20));
    let told = "line 1 is not a line of a recording: its \"base64\": not base64";
    for (name, outcome) in read_by_all(format!("{long}\n")) {
        assert!(outcome.stderr.contains(told) && outcome.code == Some(2), "{name}: {outcome:?}");
    }
}

#[test]
fn times_between_which_nothing_can_be_are_refused() {
    let folder = Folder::new();
    let file = folder.file("a.ndjson", RECORDING);
    for (from, to) in [("2s", "1s"), ("2026-01-01T12:00:01Z", "2026-01-01T12:00:00Z")] {
        run(&["show", &file, "--from", from, "--to", to], b"").assert("", 2, "error: --from is after --to");
    }
    assert_eq!(run(&["show", &file, "--from", "1ms", "--to", "1ms"], b"").stdout().lines().count(), 1);
}

#[test]
fn a_connection_is_chosen_by_its_number_in_the_file() {
    let opened = |number: u64, url: &str| {
        format!(r#"{{"connection":{number},"schema":1,"type":"opened","role":"client","url":"{url}"}}"#) + "\n"
    };
    let said = |number: u64, text: &str| {
        format!(r#"{{"connection":{number},"direction":"sent","type":"text","text":"{text}"}}"#) + "\n"
    };
    let folder = Folder::new();
    // The connection to the target is opened first, and is the second by its number.
    let proxied = [opened(2, "ws://b/"), opened(1, "ws://a/"), said(1, "one"), said(2, "two")].concat();
    let other = [opened(7, "ws://a/"), opened(2, "ws://b/"), said(7, "x"), said(2, "two")].concat();
    let (proxied, other) = (folder.file("a.ndjson", proxied), folder.file("b.ndjson", other));
    let same = |one: &str, other: &str| {
        let outcome = run(&["diff", "--connection", "2", one, other], b"");
        assert_eq!((outcome.stdout(), outcome.code), ("0 differences; 1 message and 1\n", Some(0)), "{outcome:?}");
    };
    same(&proxied, &other);
    let shown = run(&["show", "--connection", "2", &proxied], b"").stdout().to_owned();
    assert!(shown.contains("opened ws://b/") && shown.contains("> two") && shown.lines().count() == 2, "{shown}");
    let converted = run(&["convert", "--connection", "2", &proxied, "--to", "recording"], b"").stdout().to_owned();
    let lines: Vec<_> = converted.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("ws://b/") && lines[1].contains("\"two\""), "{converted}");
    for command in [&["show", "--connection", "9"][..], &["convert", "--to", "wst", "--connection", "9"]] {
        run(&[command, &[&proxied]].concat(), b"").assert(
            "",
            2,
            "there is no connection 9 in it, but 2 connections: 2, 1",
        );
    }
    let stdin = run(&["show", "--connection", "1", "-"], &std::fs::read(&proxied).unwrap());
    assert!(stdin.stdout().contains("> one") && !stdin.stdout().contains("two"), "{stdin:?}");
    run(&["convert", "--connection", "1", "--from", "har", "--to", "wst", "-"], b"").assert(
        "",
        2,
        "--connection is for recordings",
    );
    let outcome = run(&["replay", &proxied], b"");
    outcome.assert("", 2, "holds 2 connections: 2 is line 1, opened ws://b/; 1 is line 2, opened ws://a/");
    outcome.assert("", 2, "--connection 1 to 2 chooses one");
    run(&["replay", &other], b"").assert("", 2, "--connection 2, or another of them, chooses one");
    run(&["replay", &other, "--connection", "1"], b"").assert(
        "",
        2,
        "there is no connection 1 in it, but 2 connections: 7, 2",
    );
    // Two runs, one after the other.
    let runs = [opened(1, "ws://a/"), said(1, "one"), opened(1, "ws://b/"), said(1, "two")].concat();
    let runs = folder.file("c.ndjson", runs);
    same(&runs, &proxied);
    let first = run(&["show", "--connection", "1", &runs], b"").stdout().to_owned();
    assert!(first.contains("> one") && !first.contains("two") && !first.contains("ws://b/"), "{first}");
}
