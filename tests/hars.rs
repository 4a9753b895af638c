//! HARs as other tools write them (`tests/hars`): what is converted of them, and replayed.

use std::path::Path;

use crate::support::files::Folder;
use crate::support::program::{Serving, run};

/// Each is of a client that sends four messages to an echo, and closes.
const WRITERS: [&str; 3] = ["chrome", "mitmproxy", "httptoolkit"];

#[test]
fn what_other_tools_have_seen_is_replayed_to_the_server() {
    let serving = Serving::start(&["--subprotocol", "chat"]);
    for writer in WRITERS {
        let har = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hars").join(writer).with_extension("har");
        let folder = Folder::new();
        let recording = folder.path("a.ndjson");
        let converted = run(&["convert", har.to_str().unwrap(), "-o", &recording], b"");
        assert_eq!((converted.code, converted.stdout()), (Some(0), ""), "{writer}: {}", converted.stderr);
        let replayed = run(&["replay", &recording, &serving.url], b"");
        let closed = if writer == "httptoolkit" { "closed by us: 4000 \"enough\"" } else { "closed by us: 1000" };
        replayed.assert("sent 4 messages, received 4, 4 as recorded\n", 0, closed);
        let shown = run(&["show", &recording], b"");
        let lines: Vec<_> = shown.stdout().lines().map(|line| line.split_once("[1]").unwrap().1.trim_start()).collect();
        let opened = "opened ws://a.example/a?b=c subprotocol=chat permessage-deflate";
        let sent = ["1     25 B > {\"op\":\"subscribe\",\"id\":7}", "3      3 B > binary 00 ff 07  |...|"];
        let more = ["5     12 B > Grüße 🦀", "7      0 B > empty ", "8      0 B < empty "];
        for line in [&[opened][..], &sent, &more].concat() {
            assert!(lines.contains(&line), "{writer}: no {line:?} in {lines:#?}");
        }
        let closes = lines.last().unwrap().starts_with("closed: closed: 4000 \"enough\"");
        assert_eq!(closes, writer == "httptoolkit", "{writer}: {lines:#?}");
    }
}

#[test]
fn a_har_is_no_recording() {
    let folder = Folder::new();
    for (name, text) in [("a.har", "{\"log\":{\"entries\":[]}}"), ("b.har", "{\r\n  \"log\": {}\r\n}")] {
        let har = folder.file(name, text);
        for args in [&["show", &har][..], &["diff", &har, &har], &["replay", &har], &["serve", "--replay", &har]] {
            let outcome = run(args, b"");
            outcome.assert("", 2, "is a HAR, not a recording");
        }
    }
    let other = folder.file("c.txt", "text\n");
    run(&["diff", &other, &other], b"").assert("", 2, "line 1 is not a line of a recording");
}
