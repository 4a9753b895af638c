//! `wscli show`: a recording as a person reads it.

use crate::support::files::Folder;
use crate::support::peer::{opened, read_frame};
use crate::support::program::{NO_CONFIG, Outcome, Running, run};
use crate::support::terminal::Terminal;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

const RECORDING: &str = r##"# of a Tuesday
{"connection":1,"schema":1,"time":"2026-01-01T12:00:00Z","type":"opened","role":"client","url":"ws://localhost/\u001b[2J","request":"","response":"","extension":"permessage-deflate","moon":"full"}
{"connection":1,"schema":1,"elapsed_ms":1.5,"direction":"sent","type":"text","opcode":1,"length":12,"text":"{\"price\": 7}"}

{"connection":1,"schema":1,"elapsed_ms":2,"direction":"received","type":"text","opcode":1,"length":3,"text":"two","part":1,"more":true}
{"connection":1,"schema":1,"elapsed_ms":2.5,"direction":"received","type":"ping","opcode":9,"length":1,"text":"p","moon":[1]}
{"connection":1,"schema":1,"elapsed_ms":3,"direction":"received","type":"text","opcode":1,"length":11,"wire_length":11,"fragments":2,"compressed":false,"text":" parts\u001b[","part":2}
{"connection":1,"schema":1,"elapsed_ms":4,"direction":"received","type":"binary","opcode":2,"length":1,"base64":"/w=="}
{"connection":1,"schema":1,"elapsed_ms":5,"direction":"received","type":"close","opcode":8,"length":6,"code":4000,"reason":"done"}
{"schema":1,"time":"2026-01-01T12:00:01Z","type":"dropped","events":3}
{"connection":1,"schema":1,"type":"closed","kind":"peer_closed","code":4000,"why":"peer closed: 4000 \"done\"","received":{"messages":2,"bytes":12},"sent":{"messages":1,"bytes":12},"elapsed_ms":6}
"##;

const SHOWN: &str = "\
* 0.000 [1] opened ws://localhost/\\x1b[2J permessage-deflate
0.002 [1]   1     12 B > {\"price\": 7}
0.003 [1]          1 B < ping \"p\"
0.003 [1]   2     11 B < two parts\\x1b[
0.004 [1]   3      1 B < binary ff  |.|
0.005 [1]          6 B < close 4000 \"done\"
* 3 lines could not be written here
* 0.006 [1] closed: peer closed: 4000 \"done\"; received 2 messages (12 bytes); sent 1 message (12 bytes)
";

#[test]
fn what_is_being_recorded_is_shown_as_it_comes() {
    let mut running = Running::start_unread(&["show", "-"]);
    let mut shown = BufReader::new(running.take_stdout()).lines();
    for (line, expected) in RECORDING.lines().skip(1).zip(SHOWN.lines()).take(2) {
        running.write(format!("{line}\n").as_bytes());
        assert_eq!(shown.next().unwrap().unwrap(), expected);
    }
    assert_eq!(running.finish().code, Some(0));
}

fn show(flags: &[&str], recording: &str) -> Outcome {
    let folder = Folder::new();
    let file = folder.file("a.ndjson", recording);
    run(&[&["show"], flags, &[&file]].concat(), b"")
}

/// Two messages that never ended: one whose connection has, and one where its recorder was killed.
const CUT_OFF: &str = r#"{"connection":1,"schema":1,"type":"opened","role":"client","url":"ws://a/"}
{"connection":1,"schema":1,"elapsed_ms":1,"direction":"sent","type":"text","opcode":1,"length":3,"text":"one","part":1,"more":true}
{"connection":1,"schema":1,"type":"closed","kind":"read_failed","code":1006,"why":"dropped","elapsed_ms":2}
{"connection":2,"schema":1,"type":"opened","role":"client","url":"ws://a/"}
{"connection":2,"schema":1,"elapsed_ms":3,"direction":"sent","type":"text","opcode":1,"length":3,"text":"two","part":1,"more":true}
"#;

#[test]
fn a_message_that_never_ended_is_there_as_far_as_it_came() {
    let outcome = show(&[], CUT_OFF);
    let lines: Vec<_> = String::from_utf8(outcome.stdout).unwrap().lines().map(str::to_owned).collect();
    let shown = |at: usize| (lines[at].rsplit("B ").next().unwrap().to_owned(), lines[at + 1].trim().to_owned());
    assert_eq!(shown(1), ("> one".to_owned(), "… and the message never ended".to_owned()), "{lines:#?}");
    assert_eq!(shown(5), ("> two".to_owned(), "… and the message never ended".to_owned()), "{lines:#?}");
    assert_eq!((lines.len(), outcome.code), (7, Some(0)), "{lines:#?}");
    let folder = Folder::new();
    let file = folder.file("a.ndjson", CUT_OFF);
    for (name, told) in [
        ("a.har", "2 messages left out that never ended\n"),
        ("a.wst", "2 messages left out that the test would have to send: too long, or never ended\n"),
        ("a.txt", ""),
    ] {
        let outcome = run(&["convert", &file, "-o", &folder.path(name)], b"");
        assert_eq!((outcome.stderr.as_str(), outcome.code), (told, Some(0)), "{name}");
    }
    assert!(fs::read_to_string(folder.path("a.txt")).unwrap().contains("… and the message never ended"));
    assert!(fs::read_to_string(folder.path("a.wst")).unwrap().contains("# a message that never ended"));
}

#[test]
fn each_line_is_shown_and_none_acts_on_the_terminal() {
    let outcome = show(&[], RECORDING);
    assert_eq!(outcome.stdout(), SHOWN);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let outcome = run(&["show", "-"], RECORDING.as_bytes());
    assert_eq!(outcome.stdout(), SHOWN);
}

#[test]
fn a_part_of_it_can_be_chosen() {
    let lines = |numbers: &[usize]| {
        let lines: Vec<_> = SHOWN.lines().collect();
        numbers.iter().map(|number| format!("{}\n", lines[*number])).collect::<String>()
    };
    for (flags, shown) in [
        (&["--only", "sent"][..], lines(&[1])),
        (&["--only", "received"], lines(&[2, 3, 4, 5])),
        (&["--grep", "^two p"], lines(&[3])),
        (&["--grep", r"(?-u:\xff)"], lines(&[4])),
        (&["--json", "/price"], "0.002 [1]   1     12 B > 7\n".to_owned()),
        (&["--json", "/price", "--only", "received"], String::new()),
        (&["--from", "3ms", "--to", "0.004s"], lines(&[3, 4])),
        (&["--to", "2.5ms"], lines(&[0, 1, 2])),
        (&["--from", "2026-01-01T12:00:01Z"], lines(&[6])),
    ] {
        let outcome = show(flags, RECORDING);
        assert_eq!((outcome.stdout(), outcome.code), (shown.as_str(), Some(0)), "{flags:?}");
    }
    for (flags, why) in [
        (&["--grep", "("][..], "unclosed group"),
        (&["--json", "price"], "\"price\" is not a JSON pointer"),
        (&["--only", "both"], "sent"),
        (&["--from", "noon"], "\"noon\" is not a time such as 2026-01-01T12:00:00Z, or a duration such as 1.5s"),
    ] {
        show(flags, RECORDING).assert("", 2, why);
    }
}

#[test]
fn what_is_searched_only_in_part_is_told() {
    let line = r#"{"direction":"sent","type":"text","text":"a","length":9,"truncated":true}"#;
    let outcome = show(&["--grep", "b"], line);
    assert_eq!((outcome.stdout(), outcome.code), ("", Some(0)));
    assert_eq!(outcome.stderr, "searched only in the beginning (up to 64 MiB): 1 message\n");
    for flags in [&["--grep", "a"][..], &["--grep", "b", "--only", "received"], &["--grep", "b", "--from", "1h"], &[]] {
        assert_eq!(show(flags, line).stderr, "", "{flags:?}");
    }
}

#[test]
fn statistics_are_those_of_the_recording() {
    let expected = "\
connections  1, the longest 0.006 s
sent         1 message (12 bytes), the largest 12 bytes; 12 bytes on the wire; 0 control frames
received     2 messages (12 bytes), the largest 11 bytes; 12 bytes on the wire; 2 control frames
missing      3
";
    assert_eq!(show(&["--stats"], RECORDING).stdout(), expected);
}

#[test]
fn a_line_that_is_none_is_named_with_what_is_wrong() {
    let text = r#"{"type":"text","direction":"sent","text":"a"}"#;
    for (line, why) in [
        ("nonsense", "line 2 is not a line of a recording: it is not JSON: expected ident"),
        (r#"{"type":"moon"}"#, "line 2 is not a line of a recording: its \"type\" is \"moon\""),
        (r#"{"schema":2,"type":"text"}"#, "its \"schema\" is 2, and this version reads 1"),
    ] {
        let recording = format!("{text}\n{line}\n{text}\n");
        show(&[], &recording).assert("  1      1 B > a\n", 2, why);
        let outcome = show(&["--lenient"], &recording);
        outcome.assert("  1      1 B > a\n  2      1 B > a\n", 0, "line 2 skipped: ");
    }
    run(&["show", "/nonexistent/a"], b"").assert("", 2, "can't read /nonexistent/a: No such file or directory");
}

#[test]
fn types_that_a_later_version_has_added_are_passed_over() {
    let opened = r#"{"connection":1,"schema":1,"type":"opened","role":"client","url":"ws://a/"}"#;
    let text = r#"{"connection":1,"type":"text","direction":"sent","text":"a"}"#;
    let note = r#"{"connection":1,"type":"note","text":"x"}"#;
    let outcome = show(&[], &format!("{opened}\n{note}\n{text}\n{note}\n{text}\n"));
    assert_eq!(outcome.stdout().lines().filter(|line| line.ends_with("> a")).count(), 2, "{outcome:?}");
    assert_eq!(outcome.stderr, "line 2 skipped, and others like it: this version knows no type \"note\"\n");
    // What isn't a recording is no recording with types that nobody knows; another schema means something else.
    show(&[], &format!("{note}\n{opened}\n")).assert(
        "",
        2,
        "line 1 is not a line of a recording: its \"type\" is \"note\"",
    );
    let other = note.replace("\"type\"", "\"schema\":2,\"type\"");
    assert_eq!(show(&[], &format!("{opened}\n{other}\n")).code, Some(2));
    let nobodys = show(&[], &format!("{opened}\n{{\"connection\":1,\"type\":\"text\",\"text\":\"a\"}}\n"));
    assert_eq!(nobodys.code, Some(2));
    assert!(nobodys.stderr.contains("line 2 is not a line of a recording: it has no \"direction\""), "{nobodys:?}");
}

#[test]
fn what_was_cut_off_is_passed_over_with_a_note() {
    let text = r#"{"type":"text","direction":"sent","text":"a"}"#;
    for recording in [format!("{text}\n{}", &text[..20]), format!("{}\n{text}\n", &text[..20])] {
        show(&[], &recording).assert("  1      1 B > a\n", 0, "was cut off and is skipped");
    }
    let outcome = show(&[], text);
    assert_eq!((outcome.stdout(), outcome.stderr.as_str()), ("  1      1 B > a\n", ""));
}

#[test]
fn what_is_recorded_is_shown() {
    let folder = Folder::new();
    let file = folder.path("a.ndjson");
    let server = opened("", |socket| {
        assert_eq!(read_frame(socket), (0x81, b"question".to_vec()));
        socket.write_all(b"\x81\x06answer\x88\x02\x03\xe8").unwrap();
        while read_frame(socket).0 != 0x88 {}
    });
    run(&["connect", "--record", &file, &server.url], b"question\n").assert("answer\n", 0, "");
    server.join();
    let outcome = run(&["show", "--grep", "", &file], b"");
    let shown: Vec<_> = outcome.stdout().lines().map(|line| line.split_once("[1]").unwrap().1).collect();
    assert_eq!(shown, ["   1      8 B > question", "   2      6 B < answer"]);
}

#[test]
fn frames_are_shown_where_they_are_recorded() {
    let frame = |more: &str| {
        format!(
            "{{\"schema\":1,\"elapsed_ms\":1,\"direction\":\"sent\",\"type\":\"frame\",\"length\":3,\"fin\":true,\"mask\":\"01020304\",\"text\":\"abc\"{more}}}\n"
        )
    };
    let of_a_message = frame(",\"opcode\":1,\"rsv\":\"100\",\"of\":\"text\"");
    let recording = of_a_message.clone() + &frame(",\"opcode\":11,\"rsv\":\"010\"");
    let stray = "0.001          3 B > frame opcode=0xb FIN RSV2 mask=01020304 length=3 \"abc\"\n";
    assert_eq!(show(&[], &recording).stdout(), stray);
    let both = format!("0.001          3 B > frame text FIN RSV1 mask=01020304 length=3\n{stray}");
    let outcome = show(&["--frames"], &recording);
    assert_eq!((outcome.stdout(), outcome.stderr.as_str()), (both.as_str(), ""));
    show(&["--frames"], &frame(",\"opcode\":11,\"rsv\":\"010\"")).assert(stray, 0, "--record-frames records them");
}

#[test]
fn on_a_terminal_it_is_paged() {
    let folder = Folder::new();
    let (file, seen) = (folder.file("a.ndjson", RECORDING), folder.path("seen"));
    let pagers = [(format!("cat > {seen}"), false), (String::new(), true), ("/nonexistent/pager".into(), true)];
    for ((pager, shown_there), from) in pagers.iter().flat_map(|pager| [(pager, &*file), (pager, "-")]) {
        let mut terminal = Terminal::open();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wscli"));
        command.args(["show", from]).envs([NO_CONFIG, ("PAGER", pager), ("NO_COLOR", "1")]);
        let stdin = if from == "-" { fs::File::open(&file).unwrap().into() } else { Stdio::null() };
        let status = command.stdin(stdin).stdout(terminal.end()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(0), "{pager} {from}");
        let lines = ["* 0.000 [1] opened ws://localhost/", "0.002 [1]   1     12 B > {\"price\": 7}"];
        match shown_there {
            true => lines.iter().for_each(|line| terminal.wait_for(line)),
            false => {
                let seen = std::mem::take(&mut fs::read_to_string(&seen).unwrap());
                assert!(lines.iter().all(|line| seen.contains(line)), "{from}: {seen}");
            }
        }
        let _ = fs::remove_file(&seen);
    }
}

#[test]
fn lengths_that_no_recording_can_have_are_counted_as_far_as_they_go() {
    let text = r#"{"type":"text","direction":"received","text":"a","length":18446744073709551615}"#;
    let dropped = r#"{"schema":1,"type":"dropped","events":18446744073709551615,"time":"2026-01-01T00:00:00Z"}"#;
    let outcome = show(&["--stats"], &[text, text, dropped, dropped].join("\n"));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert!(outcome.stdout().contains("missing      18446744073709551615"), "{}", outcome.stdout());
}

/// The peak of memory that a line takes which is shown or converted; behind it come as many others as fill every buffer, so
/// that it was dealt with.
fn peak_of_a_line(command: &[&str], line: &str) -> usize {
    let mut running = Running::start(&[command, &["-"]].concat());
    let mut stdin = running.hold_stdin().unwrap();
    stdin.write_all(line.as_bytes()).unwrap();
    stdin.write_all("\n# behind it".repeat(64 << 10).as_bytes()).unwrap();
    let peak = running.peak();
    drop(stdin);
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    peak
}

#[test]
fn a_message_takes_no_more_than_thrice_its_line_whatever_is_in_it() {
    const SIZE: usize = 384 << 10;
    let of = |text: &str| {
        let before = r#"{"schema":1,"elapsed_ms":1,"direction":"sent","type":"text","opcode":1,"length":1,"text":""#;
        format!("{before}{text}\"}}")
    };
    let commands = [(&["show"][..], 3), (&["convert", "--to", "md"], 5)];
    // What each takes beside the line, and a little more.
    let rest = commands.map(|(command, _)| peak_of_a_line(command, &of("short")) + (1 << 20));
    for text in [
        "\u{7f}".repeat(SIZE),
        "\u{9b}".repeat(SIZE / 2),
        "\u{7f}a".repeat(SIZE / 2),
        "\u{202e}".repeat(SIZE / 3),
        "\\u0001".repeat(SIZE / 6),
        "[".repeat(SIZE / 2) + &"]".repeat(SIZE / 2),
        "{\\\"\\\":".repeat(SIZE / 5) + "1" + &"}".repeat(SIZE / 5),
        "[".to_owned() + &"{},".repeat(SIZE / 4) + "1]",
    ] {
        let line = of(&text);
        for ((command, times), rest) in commands.into_iter().zip(rest) {
            let (peak, begin) = (peak_of_a_line(command, &line), &text[..text.floor_char_boundary(12)]);
            assert!(peak < times * line.len() + rest, "{begin:?} {command:?}: {} of {}", peak, line.len());
        }
    }
}
