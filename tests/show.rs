//! `wscli show`: a recording as a person reads it.

use crate::support::files::Folder;
use crate::support::peer::{opened, read_frame};
use crate::support::program::{Outcome, run};

use std::io::Write;

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
[1] 0.000 opened ws://localhost/\\x1b[2J permessage-deflate
[1] 0.002 > {\"price\": 7}
[1] 0.003 < ping \"p\"
[1] 0.003 < two parts\\x1b[
[1] 0.004 < binary, 1 byte
00000000  ff                                               |.|
[1] 0.005 < close 4000 \"done\"
3 lines could not be written here
[1] 0.006 closed: peer closed: 4000 \"done\"; received 2 messages (12 bytes); sent 1 message (12 bytes)
";

fn show(flags: &[&str], recording: &str) -> Outcome {
    let folder = Folder::new();
    let file = folder.file("a.ndjson", recording);
    run(&[&["show"], flags, &[&file]].concat(), b"")
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
        (&["--only", "received"], lines(&[2, 3, 4, 5, 6])),
        (&["--grep", "^two p"], lines(&[3])),
        (&["--grep", r"(?-u:\xff)"], lines(&[4, 5])),
        (&["--json", "/price"], "[1] 0.002 7\n".to_owned()),
        (&["--json", "/price", "--only", "received"], String::new()),
    ] {
        let outcome = show(flags, RECORDING);
        assert_eq!((outcome.stdout(), outcome.code), (shown.as_str(), Some(0)), "{flags:?}");
    }
    for (flags, why) in [
        (&["--grep", "("][..], "unclosed group"),
        (&["--json", "price"], "a JSON pointer begins with /"),
        (&["--only", "both"], "sent"),
    ] {
        show(flags, RECORDING).assert("", 2, why);
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
        ("nonsense", "line 2 is no line of a recording: it is not JSON: expected ident"),
        (r#"{"type":"moon"}"#, "line 2 is no line of a recording: its \"type\" is \"moon\""),
        (r#"{"schema":2,"type":"text"}"#, "its \"schema\" is 2, and this version reads 1"),
    ] {
        let recording = format!("{text}\n{line}\n{text}\n");
        show(&[], &recording).assert("> a\n", 2, why);
        let outcome = show(&["--lenient"], &recording);
        outcome.assert("> a\n> a\n", 0, "line 2 is passed over: ");
    }
    run(&["show", "/nonexistent/a"], b"").assert("", 2, "can't read /nonexistent/a: No such file or directory");
}

#[test]
fn what_was_cut_off_is_passed_over_with_a_note() {
    let text = r#"{"type":"text","direction":"sent","text":"a"}"#;
    for recording in [format!("{text}\n{}", &text[..20]), format!("{}\n{text}\n", &text[..20])] {
        show(&[], &recording).assert("> a\n", 0, "was cut off, and is passed over");
    }
    let outcome = show(&[], text);
    assert_eq!((outcome.stdout(), outcome.stderr.as_str()), ("> a\n", ""));
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
    let shown: Vec<_> = outcome.stdout().lines().map(|line| line.splitn(3, ' ').nth(2).unwrap()).collect();
    assert_eq!(shown, ["> question", "< answer"]);
}
