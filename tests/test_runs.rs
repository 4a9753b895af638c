//! How `wscli test` runs its files, and what it tells of that.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;

use rustix::process::Signal;
use tungstenite::Message;

use crate::support::files::Folder;
use crate::support::peer::{opened, raw, tungstenite};
use crate::support::program::{Running, Serving, run};

/// A file that never ends by itself, where `${url}` is of a server that reads nothing.
const STUCK: &str = "connect ${url}\nfile large.bin\ndelay 1000s\n";

#[test]
fn results_that_can_not_be_written_are_noticed_before_the_run() {
    let server = Serving::start(&[]);
    let folder = Folder::new();
    let file = folder.file("a.wst", "connect ${url}\nsend x\n");
    for path in [folder.path("nowhere/x.xml"), folder.path("")] {
        let outcome = run(&["test", "--var", &format!("url={}", server.url), "--junit", &path, &file], b"");
        outcome.assert("", 2, "can't write ");
    }
    assert!(!folder.path("nowhere").is_empty() && fs::read_dir(folder.path("")).unwrap().count() == 1);
}

#[test]
fn a_dry_run_lists_in_the_format_that_was_asked_for() {
    let folder = Folder::new();
    let file = folder.file("a#.wst", "repeat 2 {\n  delay 1s\n}\n");
    let outcome = run(&["test", "--dry-run", "--json", &file], b"");
    let listed: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!((&listed["schema"], &listed["files"][0]["steps"]), (&1.into(), &2.into()));
    assert_eq!((&listed["files"][0]["file"], outcome.code), (&file.as_str().into(), Some(0)));
    let outcome = run(&["test", "--dry-run", "--tap", &file], b"");
    assert_eq!(outcome.stdout(), format!("TAP version 13\n1..1\nok 1 - {} # SKIP dry run\n", file.replace('#', "\\#")));
}

#[test]
fn files_that_did_not_run_are_told_as_skipped() {
    let folder = Folder::new();
    folder.file("a.wst", "skip if ${a} = 1\ninclude c.inc\n");
    folder.file("c.inc", "connect ws://127.0.0.1:1/\n");
    folder.file("b.wst", "delay 1s\n");
    let (all, junit) = (folder.path(""), folder.path("x.xml"));
    let run = |flags: &[&str]| {
        run(&[&["test", "--var", "a=2", "-j", "1", "--fail-fast", "--junit", &junit], flags, &[&all]].concat(), b"")
    };
    let outcome = run(&["--tap"]);
    let last = outcome.stdout().lines().last().unwrap().to_owned();
    assert_eq!(last, format!("ok 2 - {} # SKIP not run", folder.path("b.wst")));
    // What couldn't be reached has its code, whatever has not run.
    assert_eq!(outcome.code, Some(3), "{outcome:#?}");
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"1\""), "{xml}");
    assert!(xml.contains("<skipped message=\"not run\"/>"), "{xml}");
    let report: serde_json::Value = serde_json::from_slice(&run(&["--json"]).stdout).unwrap();
    assert_eq!((&report["files"][1]["outcome"], &report["not_run"]), (&"not_run".into(), &1.into()));
}

#[test]
fn a_file_with_a_fault_is_an_error_in_the_xml_and_the_others_are_not_run() {
    let folder = Folder::new();
    let (bad, good) = (folder.file("a.wst", "conect ws://a/\n"), folder.file("b.wst", "delay 0s\n"));
    let junit = folder.file("x.xml", "what an earlier run has left");
    let outcome = run(&["test", "--junit", &junit, &bad, &good], b"");
    assert_eq!((outcome.code, outcome.stdout()), (Some(2), ""));
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"1\""), "{xml}");
    let fault = outcome.stderr.lines().next().unwrap().replace('"', "&quot;");
    assert!(
        xml.contains(&format!("<error message=\"{fault}\" type=\"error\">1 | conect ws://a/&#10;  | ^</error>")),
        "{xml}"
    );
    // A file that is included has no case of its own, and one that isn't there is an error.
    folder.file("c.inc", "conect\n");
    let outer = folder.file("d.wst", "include c.inc\n");
    assert_eq!(run(&["test", "--junit", &junit, &outer], b"").code, Some(2));
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("d.wst\" classname") && !xml.contains("c.inc\" classname"), "{xml}");
    assert_eq!(run(&["test", "--junit", &junit, &folder.path("missing.wst")], b"").code, Some(2));
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("errors=\"1\"") && xml.contains("missing.wst: No such file"), "{xml}");
    // Nothing is written where nothing would be run.
    let junit = folder.path("y.xml");
    assert_eq!(run(&["test", "--dry-run", "--junit", &junit, &bad], b"").code, Some(2));
    assert!(fs::metadata(&junit).is_err());
}

#[test]
fn the_xml_may_have_stdout() {
    let folder = Folder::new();
    let (good, bad) = (folder.file("a.wst", "delay 0s\n"), folder.file("b.wst", "conect ws://a/\n"));
    let outcome = run(&["test", "--junit", "-", &good], b"");
    let (begin, end) = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"1\"", "</testsuites>\n");
    assert!(outcome.stdout().starts_with(begin) && outcome.stdout().ends_with(end), "{outcome:?}");
    assert_eq!((outcome.code, fs::metadata("-").is_err()), (Some(0), true), "{outcome:?}");
    for file in [&bad, &folder.path("missing.wst")] {
        let faulty = run(&["test", "--junit", "-", file], b"");
        assert!(faulty.stdout().contains("errors=\"1\"") && faulty.stdout().ends_with(end), "{faulty:?}");
    }
    assert!(run(&["test", "--dry-run", "--junit", "-", &good], b"").stdout().ends_with("a.wst: 1 step\n"));
    for flag in ["--tap", "--json"] {
        run(&["test", flag, "--junit", "-", &good], b"").assert(
            "",
            2,
            "--junit - writes to stdout, and so do --tap and --json",
        );
    }
    let nowhere = folder.path("missing/x.xml");
    let unwritable = run(&["test", "--junit", &nowhere, &bad], b"").stderr;
    assert!(unwritable.contains(&format!("wscli: can't write {nowhere}: ")), "{unwritable}");
}

#[test]
fn what_does_not_end_in_time_is_told_with_all_the_rest() {
    let (done, ended) = std::sync::mpsc::channel::<()>();
    let server = opened("", move |_| ended.recv().ok());
    let folder = Folder::new();
    folder.file("large.bin", vec![0; 40 << 20]);
    let (stuck, good) = (folder.file("stuck.wst", STUCK), folder.file("a.wst", "delay 0s\n"));
    let junit = folder.path("x.xml");
    let url = format!("url={}", server.url);
    let args = ["test", "-m", "3s", "--ping-interval", "0", "--var", &url, "--junit", &junit, &good, &stuck];
    let outcome = run(&args, b"");
    let told = outcome.stdout();
    assert!(outcome.code == Some(1) && told.contains("1 passed, 1 failed"), "{outcome:#?}");
    assert!(told.contains(&format!("{stuck}:3: delay 1000s")), "{told}");
    assert!(outcome.stderr.contains("stopped by --max-time 3s"), "{outcome:#?}");
    assert!(fs::read_to_string(&junit).unwrap().contains("tests=\"2\" failures=\"1\""));
    drop(done);
    server.join();
}

#[test]
fn the_last_steps_are_taken_when_a_signal_or_the_time_ends_the_run() {
    let steps =
        "connect ${url}\nsend x\ndelay 100s\nfinally {\n  send bye\n  expect equals done\n  connect other ${url}\n}";
    for (flags, signal, code) in [(&[][..], Some(Signal::TERM), 143), (&["-m", "2s"][..], None, 1)] {
        let (heard, has_heard) = std::sync::mpsc::channel();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("url=ws://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let mut websocket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            heard.send(websocket.read().unwrap()).unwrap();
            let last = websocket.read().unwrap();
            websocket.send(Message::text("done")).unwrap();
            // Whoever says goodbye may do so anew.
            let other = tungstenite::accept(listener.accept().unwrap().0).is_ok();
            (last, other)
        });
        let folder = Folder::new();
        let file = folder.file("a.wst", steps);
        let running = Running::start(&[&["test", "--var", &url, &file], flags].concat());
        assert_eq!(has_heard.recv().unwrap(), Message::text("x"));
        if let Some(signal) = signal {
            running.signal(signal);
        }
        let outcome = running.finish();
        assert_eq!(outcome.code, Some(code), "{outcome:#?}");
        assert_eq!(server.join().unwrap(), (Message::text("bye"), true));
    }
}

#[test]
fn what_has_no_time_any_more_is_not_run() {
    let folder = Folder::new();
    folder.file("a.wst", "delay 100s\n");
    folder.file("b.wst", "delay 0s\n");
    let all = folder.path("");
    let outcome = run(&["test", "-j", "1", "--retry", "3", "-m", "200ms", &all], b"");
    assert!(outcome.code == Some(1) && outcome.stdout().contains("0 passed, 1 failed, 1 not run"), "{outcome:#?}");
    assert!(!outcome.stdout().contains("times"), "{outcome:#?}");
}

#[test]
fn advice_is_in_the_words_of_steps() {
    let refusal = |head: &'static str| {
        raw(move |socket, _| std::io::Write::write_all(socket, head.as_bytes()).unwrap_or_default())
    };
    let folder = Folder::new();
    let file = folder.file("a.wst", "connect ${url}\n  header X-A: ${h}\n");
    let told = |url: &str, header: &str| {
        let outcome = run(&["test", "--var", &format!("url={url}"), "--var", &format!("h={header}"), &file], b"");
        outcome.stdout().to_owned()
    };
    let server = refusal("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    let said = told(&server.url, "a");
    assert!(said.contains("user NAME:PASSWORD or bearer TOKEN send credentials\n"), "{said}");
    assert!(said.lines().all(|line| !line.trim().is_empty()), "{said}");
    server.join();
    let server = refusal("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n");
    let said = told(&server.url, "a");
    assert!(said.contains("opening handshake") && !said.contains("--no-check"), "{said}");
    server.join();
    let said = told("ws://127.0.0.1:1/", "a\u{1}b");
    assert!(said.contains("header: the value of the header X-A"), "{said}");
}

#[test]
fn files_are_formatted_in_place() {
    let folder = Folder::new();
    let wild = "repeat   2 {\n# twice\n      delay 0s\n\n\n}\n";
    let file = folder.file("a.wst", wild);
    let all = folder.path("");
    let outcome = run(&["test", "--fmt", "--dry-run", &all], b"");
    assert_eq!((outcome.stdout(), outcome.code), (&*format!("{file}\n"), Some(1)), "{outcome:#?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), wild);
    let outcome = run(&["test", "--fmt", &all], b"");
    assert_eq!((outcome.stdout(), outcome.code), (&*format!("{file}\n"), Some(0)), "{outcome:#?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "repeat 2 {\n  # twice\n  delay 0s\n}\n");
    let outcome = run(&["test", "--fmt", "--dry-run", &all], b"");
    assert_eq!((outcome.stdout(), outcome.code), ("", Some(0)), "{outcome:#?}");
    folder.file("b.wst", "do {\n");
    let outcome = run(&["test", "--fmt", &all], b"");
    outcome.assert("", 2, "b.wst:1:1: the block has no }");
    // What is no test is left as it is; one that is included may say what others have opened and given names.
    let wrong = "connect ws://x/\n      expct   x\n";
    let file = folder.file("b.wst", wrong);
    run(&["test", "--fmt", &all], b"").assert("", 2, "b.wst:2:7: \"expct\" says nothing about a connection");
    assert_eq!(fs::read_to_string(&file).unwrap(), wrong);
    folder.file("b.wst", "bob  send   ${id} ${/a}\nexpect  bob equals $1\n");
    let outcome = run(&["test", "--fmt", &all], b"");
    assert_eq!((outcome.stdout(), outcome.code), (&*format!("{file}\n"), Some(0)), "{outcome:#?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "bob send ${id} ${/a}\nexpect bob equals $1\n");
}

#[test]
fn a_connection_that_is_declared_opens_when_it_is_used() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("url=ws://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let paths = (0..3).map(|_| {
            let (mut socket, _) = listener.accept().unwrap();
            let head = crate::support::peer::read_head(&mut socket);
            let answer = crate::support::peer::acceptance(&head, "");
            std::io::Write::write_all(&mut socket, answer.as_bytes()).unwrap();
            std::thread::spawn(move || while socket.read(&mut [0; 64]).is_ok_and(|count| count > 0) {});
            head.split(' ').nth(1).unwrap().to_owned()
        });
        paths.collect::<Vec<_>>()
    });
    let steps = "connection unused ${url}unused\nconnection later ${url}${n}\n  expect status 101\nlet n = late\n\
                 connection ${url}third\nconnect first ${url}first\nlater ping\nping\nlater send x\n";
    let folder = Folder::new();
    let file = folder.file("a.wst", steps);
    let outcome = run(&["test", "--close-timeout", "1s", "--var", &url, "--var", "n=early", &file], b"");
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(server.join().unwrap(), ["/first", "/late", "/third"]);
}

#[test]
fn what_came_instead_is_told() {
    let server = || {
        tungstenite(|websocket| {
            ["hello and size > 3", "{\"a\":1}", "zzz"]
                .iter()
                .for_each(|text| websocket.send(Message::text(*text)).unwrap());
            while websocket.read().is_ok() {}
        })
    };
    for (steps, says) in [
        (
            "expect unordered within 300ms {\n  equals hello and size > 3\n  json /a = 2\n}",
            &[
                "in any order: json /a = 2",
                "nothing else came within 300ms; 2 messages came that were not it, the last:",
                "zzz",
                "it is not JSON",
            ][..],
        ),
        (
            "expect unordered {\n  text and size > 100\n}",
            &["the next message is none of them", "hello and size > 3", "its size is 18"],
        ),
        ("expect equals hi and size > 3", &["equals takes the rest of its line, and so \"and size > 3\""]),
        ("expect binary", &["it is a text message"]),
        ("deadline 1s\nexpect equals never within 20s", &["all that the file had left; 3 messages"]),
        (
            "expect any within 300ms\n  and size > 1\nexpect match /zzz/ within 300ms",
            &["the slashes are part of what match looks for"],
        ),
    ] {
        let server = server();
        let folder = Folder::new();
        let file = folder.file("a.wst", format!("connect ${{url}}\n{steps}"));
        let outcome = run(&["test", "--var", &format!("url={}", server.url), &file], b"");
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        says.iter().for_each(|says| assert!(outcome.stdout().contains(says), "{says}: {outcome:#?}"));
        server.join();
    }
}

#[test]
fn each_connection_is_recorded_and_a_recording_is_a_test() {
    let server = Serving::start(&[]);
    let folder = Folder::new();
    let texts = [
        "{\"a\": \"$$1 within 5s\"}",
        "{\n    \"b\": [\n      1\n    ]\n  }",
        "text",
        "text wait within 5s",
        "text é [x] do {",
    ];
    let sent: String = texts.iter().map(|text| format!("a send {text}\na expect any\n")).collect();
    let steps = format!(
        "connect a ${{url}}?q=$$$$1\n  header X-A: $$$$5\n{sent}a binary 00ff\na frame opcode=text payload=0x200d0a\n\
         a frame opcode=binary\na expect 3 any\naccept b :0\nconnect b2 ws://localhost:${{b.port}}/x\nb2 send hi\n\
         b expect equals hi\nb close 4001 bye\nb2 expect closed 4001\nb2 expect any"
    );
    let file = folder.file("t.wst", steps.replace("$$$$", "$$"));
    let (recordings, url) = (folder.path("r"), format!("url={}", server.url));
    let args = ["test", "--record-dir", &recordings, "--var", &url, &file];
    let outcome = run(&args, b"");
    let test = folder.path("t").trim_start_matches('/').replace('/', "-");
    let recorded = |name: &str| format!("{recordings}/{test}.{name}.ndjson");
    let says = format!("    a, last of all (all of it is in {}):", recorded("a"));
    assert!(outcome.code == Some(1) && outcome.stdout().contains(&says), "{outcome:#?}");
    // Those of another run give way.
    let outcome = run(&[&args[..], &["--json"]].concat(), b"");
    let report: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(report["files"][0]["failure"]["connections"][0]["recording"], recorded("a"));
    assert_eq!(fs::read_dir(&recordings).unwrap().count(), 3);
    let written = folder.path("a.wst");
    assert_eq!(run(&["convert", &recorded("a"), "-o", &written], b"").code, Some(0));
    let outcome = run(&["test", &written], b"");
    let text = fs::read_to_string(&written).unwrap();
    assert!(outcome.code == Some(0), "{outcome:#?}\n{text}");
    assert!(text.contains("  header X-A: $$5\n") && text.contains("c1 expect text and size = 0\n"), "{text}");
    assert!(text.contains("c1 expect json {\"b\":[1]}\n") && text.ends_with("c1 close 1000\nc1 expect closed 1000\n"));
    let outcome = run(&["convert", &recorded("b"), "--to", "wst"], b"");
    let steps = "accept c1 127.0.0.1:0\nc1 expect equals hi\nc1 close 4001 bye\nc1 expect closed 4001\n";
    assert!(outcome.stdout().ends_with(steps), "{outcome:#?}");
}

#[test]
fn a_message_is_as_a_schema_says() {
    let server = Serving::start(&[]);
    let folder = Folder::new();
    folder.file(
        "user.json",
        "{\"properties\":{\"id\":{\"type\":\"integer\"},\"name\":{\"type\":\"string\"}},\"required\":[\"id\"]}",
    );
    let outcome = |sent: &str| {
        let steps = format!("connect ${{url}}\nsend text {sent}\nexpect schema user.json and size < 1K\n");
        let file = folder.file("a.wst", steps);
        run(&["test", "--var", &format!("url={}", server.url), &file], b"")
    };
    assert_eq!(outcome("{\"id\":1,\"name\":\"é\"}").code, Some(0));
    let said = outcome("{\"name\":5}");
    let says = "expected: schema user.json and size < 1024\n    got:      {\"name\":5}\n              /name: 5 is not of type \"string\"; the document: id is missing\n";
    assert!(said.code == Some(1) && said.stdout().contains(says), "{said:#?}");
    let said = outcome("hello");
    assert!(said.code == Some(1) && said.stdout().contains("it is not JSON"), "{said:#?}");
}

#[test]
fn numbers_are_compared_by_all_their_digits() {
    let server = Serving::start(&[]);
    let folder = Folder::new();
    let outcome = |sent: &str, expected: &str| {
        let file = folder.file("a.wst", format!("connect ${{url}}\nsend {sent}\nexpect json {expected}\n"));
        run(&["test", "--var", &format!("url={}", server.url), &file], b"")
    };
    assert_eq!(outcome("{\"a\":18446744073709551617}", "/a > 18446744073709551616").code, Some(0));
    assert_eq!(outcome("[1.0,{\"b\":1e2}]", "exactly [1,{\"b\":100}]").code, Some(0));
    let outcome = outcome("18446744073709551617", "exactly 18446744073709551616");
    let says = "expected: json exactly 18446744073709551616\n    got:      18446744073709551617\n";
    assert!(outcome.code == Some(1) && outcome.stdout().contains(says), "{outcome:#?}");
}

#[test]
fn what_can_not_be_asked_for_leaves_no_recording() {
    let folder = Folder::new();
    let (file, recordings) = (folder.file("a.wst", "let url = ws://a/#b\nconnect ${url}\n"), folder.path("recordings"));
    let outcome = run(&["test", "--record-dir", &recordings, &file], b"");
    assert!(outcome.code == Some(2) && outcome.stdout().contains("fragment"), "{outcome:#?}");
    assert_eq!(fs::read_dir(recordings).unwrap().count(), 0);
}

/// Of a connection that is opened, as of one that is accepted.
#[test]
fn a_recording_that_can_not_be_written_is_told_and_fails_no_test() {
    let serving = Serving::with(&[]);
    let folder = Folder::new();
    let file = folder.file("a.wst", "connect a ${url}\na send x\na expect equals x\naccept b :0\nconnect c ws://localhost:${b.port}/\nb send y\nc expect equals y\n");
    let recordings = folder.path("recordings");
    let test = Path::new(&file).with_extension("").to_string_lossy().trim_start_matches('/').replace('/', "-");
    for name in ["a", "b"] {
        fs::create_dir_all(format!("{recordings}/{test}.{name}.ndjson")).unwrap();
    }
    let outcome = run(&["test", "--record-dir", &recordings, "--var", &format!("url={}", serving.url), &file], b"");
    assert!(outcome.code == Some(0), "{outcome:#?}");
    assert_eq!(outcome.stderr.matches("no recording: can't write ").count(), 2, "{outcome:#?}");
}
