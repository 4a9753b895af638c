//! `wscli test`: docs/test-files.md.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use tungstenite::handshake::client::Response;
use tungstenite::protocol::CloseFrame;
use tungstenite::{ClientRequestBuilder, Message, WebSocket};

use crate::support::files::Folder;
use crate::support::peer::{Peer, acceptance, connect, opened, raw, read_frame, read_head, tungstenite};
use crate::support::program::{Outcome, Running, Serving, run, run_with};

/// Runs a file with these steps, where `${url}` is the server's.
fn test(url: &str, steps: &str) -> Outcome {
    test_with(url, steps, &[])
}

fn test_with(url: &str, steps: &str, flags: &[&str]) -> Outcome {
    let folder = Folder::new();
    let file = folder.file("a.wst", steps);
    run(&[&["test", "--var", &format!("url={url}"), &file], flags].concat(), b"")
}

/// stdout without what differs from run to run: the folder, and times.
fn told(outcome: &Outcome) -> String {
    let plain = |line: &str| {
        let name = line.rfind("/a.wst").map(|at| {
            let begin = line[..at].rfind(' ').map_or(0, |blank| blank + 1);
            format!("{}{}", &line[..begin], &line[at + 1..])
        });
        let line = name.unwrap_or_else(|| line.to_owned());
        match line.rfind(" (") {
            Some(at) if line.ends_with("s)") => line[..at].to_owned(),
            _ => line,
        }
    };
    outcome.stdout().lines().map(plain).collect::<Vec<_>>().join("\n")
}

fn passes(url: &str, steps: &str) {
    let outcome = test(url, steps);
    assert!(outcome.code == Some(0), "{outcome:#?}");
    assert_eq!(told(&outcome), "PASS  a.wst\n1 passed, 0 failed");
}

/// Fails with this code, and says this.
fn fails(url: &str, steps: &str, code: i32, says: &[&str]) {
    let outcome = test(url, steps);
    let told = told(&outcome);
    assert!(outcome.code == Some(code) && says.iter().all(|says| told.contains(says)), "{outcome:#?}");
}

#[test]
fn two_clients_talk_through_a_server() {
    let serving = Serving::with(&["--broadcast"]);
    passes(
        &serving.url,
        "let room = ${uuid}\n\
         connect alice ${url}?room=${room}\n  expect status 101\n  expect subprotocol none\n\
         connect bob ${url}\n\
         alice send {\"op\":\"say\",\"text\":\"hi\",\"id\":\"${room}\"}\n\
         bob expect json /op = \"say\" and /text = \"hi\" within 5s\n  capture id = /id\n\
         bob send json {\n  \"ack\": ${id},\n  \"n\": [1, 2.0]\n}\n\
         expect alice json {\"ack\": \"${room}\"} within 5s\n\
         alice expect none within 50ms\n\
         bob close 4000 bye\nbob expect closed 4000 bye\n\
         alice drop\nalice expect dropped",
    );
}

#[test]
fn places_are_filled_in_wherever_something_is_sent() {
    let serving = Serving::start(&[]);
    passes(
        &serving.url,
        "let h = 00ff\nlet s = 0x00 $$5\nlet n = 2\nlet t = 0ms\nlet op = 0x2\nlet code = 4001\nconnect ${url}\n\
         send binary ${h} ${h}\nexpect binary 00ff00ff\n\
         base64 AA${n}4\nexpect binary 000db8\n\
         frame opcode=text payload=${s}\nexpect equals ${s}\n\
         frame opcode=${op} payload=0x${h}\nexpect binary 00ff\n\
         frame payload=$$5\nexpect equals $$5\n\
         fragments ${n} abc\nexpect equals abc\n\
         raw 8${n}8100000000ff\nexpect binary ff\nclose\nexpect closed 1000",
    );
    passes(
        &serving.url,
        "let n = 2\nlet t = 0ms\nlet code = 4001\nconnect ${url}\n\
         repeat ${n} {\n  delay ${t}\n  send ${index}\n  expect equals ${index}\n}\nsend ${index}\nexpect equals 2\n\
         parallel ${n} {\n  delay ${t}\n}\ntimeout 1${n}s\nclose ${code} ${n}\nexpect closed 4001 2",
    );
    for (steps, says) in [
        (
            "let n = x\nconnect ${url}\nsend binary ${n}",
            "got:      ${n} is filled in as \"x\": 'x' is not a hexadecimal digit",
        ),
        (
            "let n = 0\nrepeat ${n} {\n}",
            "got:      line 2, column 8: ${n} is filled in as \"0\": a number of times from 1 to 1000000",
        ),
        ("let n = 999\nconnect ${url}\nclose ${n}", "got:      ${n} is filled in as \"999\": "),
    ] {
        fails(&serving.url, steps, 2, &["expected: values that the step can use", says]);
    }
}

#[test]
fn named_groups_of_a_match_are_variables() {
    let serving = Serving::start(&[]);
    passes(
        &serving.url,
        "connect ${url}\nsend hello 7 and\n\
         expect match hello (?<n>\\d) (?<uuid>\\w+)( (?<rest>.*))?\n  capture m = $1\n\
         send {\"n\":${n},\"m\":\"${m}\",\"id\":\"${uuid}\"}\nexpect equals {\"n\":7,\"m\":\"7\",\"id\":\"and\"}",
    );
    let says = ["a.wst:4: send ${rest}", "got:      ${rest} has no value here"];
    fails(&serving.url, "connect ${url}\nsend hello\nexpect match hello( (?<rest>.*))?\nsend ${rest}", 1, &says);
}

#[test]
fn a_report_says_what_went_wrong() {
    let server = tungstenite(|websocket| {
        websocket.read().unwrap();
        websocket.send(Message::text(r#"{"op":"error","more":{"a":1}}"#)).unwrap();
    });
    let outcome =
        test(&server.url, "connect bob ${url}\nbob send hello\nbob expect json {\"op\":\"said\",\"more\":{}}\n");
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(
        told(&outcome),
        "FAIL  a.wst\n  a.wst:3: bob expect json {\"op\":\"said\",\"more\":{}}\n    \
         expected: json {\"more\":{},\"op\":\"said\"}\n    \
         got:      {\"op\":\"error\",\"more\":{\"a\":1}}\n    \
         difference (- expected, + got):\n        {\n          \"more\": {}\n      -   \"op\": \"said\"\n      +   \"op\": \"error\"\n        }\n    \
         bob, last of all:\n      > hello\n      < {\"op\":\"error\",\"more\":{\"a\":1}}\n\
         0 passed, 1 failed"
    );
    server.join();
}

#[test]
fn a_report_shows_where_a_text_differs() {
    let serving = Serving::start(&[]);
    let difference = |lines: &str| format!("    difference (- expected, + got):\n{lines}\n    the connection");
    let says = difference("      - hello world\n      + hello wurld\n               ^ character 8");
    fails(&serving.url, "connect ${url}\nsend hello wurld\nexpect equals hello world", 1, &[&says]);
    let words = |odd: &str| format!("{}{odd}{}", "word ".repeat(300), " word".repeat(300));
    let steps = format!("connect ${{url}}\nsend {}\nexpect equals {}", words("mord"), words("word"));
    let before = "word ".repeat(8);
    let behind = " word".repeat(12);
    let says = difference(&format!(
        "      - …{before}word{}…\n      + …{before}mord{}…\n        {:41}^ character 1501",
        &behind[..56],
        &behind[..56],
        ""
    ));
    fails(&serving.url, &steps, 1, &[&says]);
    // What is written like a control character is none.
    let steps = "connect ${url}\nsend frame opcode=text payload=0x2201\nexpect equals \"\\x01";
    let says = difference("      - \"\\\\x01\n      + \"\\x01\n         ^ character 2: U+0001, not U+005C");
    fails(&serving.url, steps, 1, &[&says]);
    let outcome = test_with(
        &serving.url,
        "connect ${url}\nsend ${s}a\nexpect equals ${s}b",
        &["--secret", &format!("s={}", "secret".repeat(20))],
    );
    assert!(outcome.code == Some(1) && !outcome.stdout().contains("secret"), "{outcome:#?}");
    // The middle of a secret is no more shown than the whole.
    let secret: String = (100..200).map(|number| number.to_string()).collect();
    let other = format!("{}x{}", &secret[..150], &secret[151..]);
    let steps = format!("connect ${{url}}\nsend {other}\nexpect equals ${{s}}");
    let outcome = test_with(&serving.url, &steps, &["--secret", &format!("s={secret}")]);
    let expected = outcome.stdout().lines().find(|line| line.trim_start().starts_with("- "));
    assert!(expected.is_some_and(|line| !line.contains(&secret[150..160])), "{outcome:#?}");
    // A comma says nothing of the value before it.
    let json = "connect ${url}\nsend {\"a\":{\"b\":1},\"y\":1}\nexpect json exactly {\"a\":{\"b\":1},\"x\":2,\"y\":1}";
    let says = difference(
        "        … 1 line\n          \"a\": {\n            \"b\": 1\n          }\n      -   \"x\": 2\n          \"y\": 1\n        }",
    );
    fails(&serving.url, json, 1, &[&says]);
    let says = ["expected: json = 2\n", "it is 1\n"];
    fails(&serving.url, "connect ${url}\nsend 1\nexpect json = 2", 1, &says);
}

/// Also where the name of its connection is used again.
#[test]
fn a_violation_in_a_branch_is_not_forgotten() {
    let server = raw(move |socket, head| {
        socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
        socket.write_all(b"\x81\x01\xff").unwrap();
    });
    let other = Serving::start(&[]);
    let steps = "parallel {\n  do {\n    connect ${url}\n    delay 500ms\n    connect ${other}\n  }\n}\nsend a\nexpect equals a";
    let outcome = test_with(&server.url, steps, &["--var", &format!("other={}", other.url)]);
    assert_eq!(outcome.code, Some(6), "{outcome:#?}");
    server.join();
}

#[test]
fn an_end_that_no_step_looks_at_has_the_exit_code_of_its_kind() {
    let says = [
        "expected: the connection to stay open, or a step that says how it ends",
        "got:      the connection has ended: ",
    ];
    for (frames, code) in [(&b"\x81\x01\xff"[..], 6), (b"", 7)] {
        for steps in ["connect ${url}\ndelay 300ms", "connect bob ${url}\nparallel 1 {\n  delay 300ms\n}"] {
            let server = raw(move |socket, head| {
                socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
                socket.write_all(frames).unwrap();
            });
            let outcome = test(&server.url, steps);
            let told = told(&outcome);
            let says = says.map(|says| {
                if steps.contains("bob") {
                    says.replace("expected: the connection", "expected: bob")
                } else {
                    says.to_owned()
                }
            });
            assert!(outcome.code == Some(code) && says.iter().all(|says| told.contains(says)), "{outcome:#?}");
            server.join();
        }
    }
    let server = raw(|socket, head| {
        socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
        socket.write_all(b"\x81\x03abc").unwrap();
        read_frame(socket);
    });
    let outcome = test_with(&server.url, "connect ${url}\ndelay 300ms", &["--max-message-size", "2"]);
    assert_eq!(outcome.code, Some(6), "{outcome:#?}");
    server.join();
    // Where a step says so it is no failure, nor where it comes behind the last step.
    for steps in ["connect ${url}\nexpect dropped\ndelay 1ms", "connect ${url}\nexpect any"] {
        let server = raw(|socket, head| {
            socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
            socket.write_all(b"\x81\x01a").unwrap();
        });
        passes(&server.url, steps);
        server.join();
    }
}

#[test]
fn waits_have_an_end_and_say_what_came_meanwhile() {
    let serving = Serving::start(&[]);
    let says = [
        "expected: equals b",
        "nothing else came within 1s; 2 messages came that were not it, the last:",
        "         a2",
    ];
    fails(&serving.url, "connect ${url}\nsend a1\nsend a2\nexpect equals b within 1s", 1, &says);
    fails(&serving.url, "connect ${url}\ntimeout 50ms\nexpect any", 1, &["nothing came within 50ms"]);
    fails(&serving.url, "deadline 2s\nconnect ${url}\nexpect any", 1, &["nothing came within"]);
    fails(&serving.url, "connect ${url}\nsend x\nexpect none within 10s", 1, &["expected: no message within 10s", "x"]);
    fails(&serving.url, "connect ${url}\nclose\nexpect any", 1, &["the connection has ended: closed by us: 1000"]);
    fails(&serving.url, "connect ${url}\nclose 4001\nexpect closed 4002", 1, &["closed with 4002", "4001"]);
    let drops = opened("", |_| ());
    let says = ["dropped: the peer ended", "expect dropped is the step for an end without a closing handshake"];
    fails(&drops.url, "connect ${url}\nexpect closed", 1, &says);
    passes(&serving.url, "connect ${url}\nsend a\nexpect none equals b within 20ms\nexpect equals a");
    let twice = "connect ${url}\nrepeat 2 {\n  send ${index}\n  expect equals 1\n}";
    fails(&serving.url, twice, 1, &["a.wst:4: expect equals 1 (pass 2)\n"]);
}

#[test]
fn a_step_that_the_end_of_the_time_cuts_short_has_failed() {
    let serving = Serving::start(&[]);
    let late = &["to be done within the time of the file"][..];
    fails(&serving.url, "connect ${url}\ndeadline 50ms\nexpect none within 30s", 1, late);
    fails(&serving.url, "deadline 50ms\ndelay 30s", 1, late);
    let outcome = test_with(&serving.url, "delay 300s", &["-m", "2s"]);
    assert!(outcome.code == Some(1) && outcome.stdout().contains(late[0]), "{outcome:#?}");
    // A limit that isn't reached shortens nothing.
    let begun = std::time::Instant::now();
    let outcome = test_with(&serving.url, "delay 300ms", &["-m", "100s"]);
    assert!(outcome.code == Some(0) && begun.elapsed() >= Duration::from_millis(300), "{outcome:#?}");
}

#[test]
fn the_closing_handshake_decides_whether_a_connection_is_closed() {
    // TCP stays open until the test has ended.
    let (done, ended) = std::sync::mpsc::channel::<()>();
    let server = raw(move |socket, head| {
        socket.write_all(acceptance(&head, "").as_bytes()).unwrap();
        socket.write_all(b"\x88\x02\x0f\xa1").unwrap();
        read_frame(socket);
        ended.recv().ok();
    });
    passes(&server.url, "connect ${url}\nexpect closed 4001 within 20s");
    drop(done);
    server.join();
}

#[test]
fn what_is_skipped_is_compared_with_the_empty_text_where_nothing_follows() {
    let url = "ws://127.0.0.1:1/";
    let outcome = |steps: &str| told(&test_with(url, steps, &["--var", "token=abc", "--var", "none="]));
    assert!(outcome("skip if ${token} =\ndelay 1ms").contains("1 passed"));
    assert!(outcome("skip if ${none} =\ndelay 1ms").contains("1 skipped"));
    assert!(outcome("skip if ${token} !=\ndelay 1ms").contains("1 skipped"));
    assert!(outcome("skip if ${none} !=\ndelay 1ms").contains("1 passed"));
    // What was never begun has nothing to be put in order.
    let outcome = outcome("skip if 1\nconnect a ${url}\nfinally {\n  a send x\n}");
    assert!(outcome.contains("1 skipped") && !outcome.contains("1 failed"), "{outcome}");
}

#[test]
fn a_101_with_a_fault_in_it_is_no_refusal() {
    let server = raw(|socket, head| {
        let answer = acceptance(&head, "").replace("Upgrade: websocket\r\n", "");
        socket.write_all(answer.as_bytes()).unwrap();
    });
    fails(&server.url, "connect ${url}\n  expect status 101", 5, &["Upgrade"]);
    server.join();
}

#[test]
fn what_can_not_be_reached_has_the_code_of_that() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);
    fails(&url, "connect ${url}\n", 3, &["expected: a connection to ws://", "refused"]);
    let refusal = |status: &'static str| {
        raw(move |socket, _| {
            let body = r#"{"error":"no token"}"#;
            let head = format!("HTTP/1.1 {status}\r\nServer: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            socket.write_all(head.as_bytes()).unwrap();
        })
    };
    let server = refusal("401 Unauthorized");
    fails(&server.url, "connect a ${url}\ndelay 0s", 5, &["a.wst:1: connect a ${url}", "401"]);
    let server = refusal("401 Unauthorized");
    fails(&server.url, "connect a ${url}", 5, &["401"]);
    let server = refusal("401 Unauthorized");
    fails(
        &server.url,
        "connect a ${url}\n  expect subprotocol chat",
        1,
        &["it is none", "the handshake was refused with 401", "token"],
    );
    let server = refusal("401 Unauthorized");
    passes(
        &server.url,
        "connect a ${url}\n  expect refused 401 body json /error matches token\na expect status 401\na expect header server = x",
    );
    let server = refusal("403 Forbidden");
    fails(&server.url, "connect a ${url}\n  expect refused 401", 1, &["refused with 401", "it was refused with 403"]);
    let server = refusal("401 Unauthorized");
    fails(
        &server.url,
        "connect a ${url}\n  expect refused 401 body contains xyz",
        1,
        &["a body that is contains xyz", "no token"],
    );
}

#[test]
fn what_can_not_be_parsed_is_shown_with_a_caret_and_nothing_runs() {
    let folder = Folder::new();
    let (wrong, right) = (folder.file("b.wst", "connect ws://x/\n  expct any\n"), folder.file("a.wst", "delay 1s\n"));
    let outcome = run(&["test", &right, &wrong], b"");
    assert_eq!((outcome.code, outcome.stdout()), (Some(2), ""), "{outcome:#?}");
    let begins = format!("{wrong}:2:3: \"expct\" says nothing about a connection");
    assert!(
        outcome.stderr.starts_with(&begins) && outcome.stderr.ends_with("  2 |   expct any\n    |   ^\n"),
        "{}",
        outcome.stderr
    );
    for (path, says) in [(folder.path("nowhere.wst"), "No such file"), (folder.path(""), "")] {
        let outcome = run(&["test", &path], b"");
        assert!(outcome.code == Some(2) && outcome.stderr.contains(says), "{outcome:#?}");
    }
    let empty = Folder::new();
    run(&["test", &empty.path("")], b"").assert("", 2, "has no test, whose name ends in .wst");
}

#[test]
fn what_is_wrong_whatever_is_filled_in_is_known_before_the_first_step() {
    let ping = format!("connect ws://x/\nping {}", "x".repeat(126));
    for (steps, says) in [
        ("connect ws://h:99999/", "a.wst:1:9: \"ws://h:99999/\" is not a WebSocket URL: "),
        ("do {\n  connect bob ftp://x/\n}", "a.wst:2:15: \"ftp://x/\" is not a WebSocket URL: "),
        ("connect ws://x/\n  cacert nofile.pem", "a.wst:2:10: can't read "),
        (&ping, "a.wst:2:6: a control frame"),
    ] {
        let folder = Folder::new();
        let outcome = run(&["test", "--dry-run", &folder.file("a.wst", steps)], b"");
        assert!(
            outcome.code == Some(2) && outcome.stdout().is_empty() && outcome.stderr.contains(says),
            "{outcome:#?}"
        );
    }
    let folder = Folder::new();
    fs::write(folder.path("a.wst"), b"delay 0\n# \xc3\xa9\xff\n").unwrap();
    let outcome = run(&["test", &folder.path("a.wst")], b"");
    outcome.assert("", 2, "it is not UTF-8: line 2, column 4");
    let (test, vars) = (folder.file("b.wst", "delay 0\n"), folder.file("v.toml", "a = 1\nb = \n"));
    run(&["test", "--vars", &vars, &test], b"").assert("", 2, "at line 2 column 5");
}

#[test]
fn blocks_tables_and_includes_are_steps_too() {
    let serving = Serving::start(&[]);
    let folder = Folder::new();
    folder.file("login.wst", "connect ${url}\nlet word = open\n");
    folder.file("users.csv", "name,pin\nann,1\nbob,2\n");
    folder.file("a.bin", b"\xff\x00");
    let steps = "include login.wst\n\
        repeat 3 {\n  send ${index} ${word}\n  expect match ^(\\d) (open)$\n    capture last = $1\n}\n\
        send ${last} $2\nexpect equals 3 open\n\
        for user in users.csv {\n  send ${user.name}:${user.pin}\n  expect match ^(ann:1|bob:2)$\n}\n\
        for x in [7, {\"a\": \"b\"}] {\n  send ${x}\n  expect any\n}\nexpect none within 10ms\n\
        parallel {\n  do {\n    connect one ${url}\n    one send 1\n    one expect equals 1\n      capture first = $0\n  }\n  connect two ${url}\n}\n\
        two send ${first}\ntwo expect equals 1\none close\none expect closed 1000\n\
        parallel 20 {\n  connect mine ${url}\n  mine send ${index}\n  mine expect equals ${index}\n}\n\
        file a.bin\nexpect binary ff00 and size = 2\nbinary 01 02\nexpect binary starts 01\n\
        fragments 3 abcdef\nexpect equals abcdef\n  and fragments >= 1\n\
        ping now\nexpect pong now\n\
        send b\nsend a\nexpect unordered within 5s {\n  equals a\n  text\n}\n\
        finally {\n  send bye\n  expect equals bye\n}\n";
    let file = folder.file("a.wst", steps);
    let outcome = run(&["test", "--var", &format!("url={}", serving.url), &file], b"");
    assert!(outcome.code == Some(0), "{outcome:#?}");
}

#[test]
fn the_last_steps_are_taken_whatever_has_failed() {
    let server = tungstenite(|websocket| websocket.read().unwrap().into_text().unwrap().to_string());
    let says = ["a.wst:2: expect any", "nothing came within 20ms"];
    fails(&server.url, "connect ${url}\nexpect any within 20ms\nfinally {\n  send bye\n}", 1, &says);
    assert_eq!(server.join(), "bye");
}

#[test]
fn secrets_are_shown_nowhere() {
    let serving = Serving::start(&[]);
    let steps = "connect ${url}?token=${token}\nsend {\"t\":\"${token}\"}\nexpect equals ${token}!\n";
    let folder = Folder::new();
    let file = folder.file("a.wst", steps);
    let args = ["test", "--var", &format!("url={}", serving.url), "--secret", "token=s3cr\"et", &file];
    let outcome = run(&args, b"");
    assert!(outcome.code == Some(1) && outcome.stdout().contains("expected: equals (masked)!"), "{outcome:#?}");
    assert!(!format!("{outcome:?}").contains("cr"), "{outcome:#?}");
    run(&["test", "--secret", "s3cret", &file], b"").assert("", 2, "a secret has to be NAME=VALUE");
}

#[test]
fn variables_come_from_flags_files_and_environments() {
    let serving = Serving::start(&[]);
    let folder = Folder::new();
    let steps =
        "connect ${url}\nsend ${a} ${b} ${c} ${env.D}\nexpect equals 1 2 3 4\nskip if ${env.NOWHERE} = \nexpect any";
    let file = folder.file("a.wst", steps);
    let vars = folder.file("vars.toml", "a = 0\nb = 2\n[staging]\na = 1\nc = \"x\"\n");
    let url = format!("url={}", serving.url);
    let args = ["test", "--var", &url, "--var", "c=3", "--vars", &vars, "--env", "staging", &file];
    let outcome = run_with(&[("D", "4")], &args, b"");
    assert!(outcome.code == Some(0) && outcome.stdout().contains("0 passed, 0 failed, 1 skipped"), "{outcome:#?}");
    let args = ["test", "--vars", &vars, "--env", "prod", &file];
    run(&args, b"").assert("", 2, "no file of variables has the environment \"prod\"; there is: staging");
}

#[test]
fn files_are_chosen_listed_and_run_again() {
    let serving = Serving::start(&[]);
    let folder = Folder::new();
    let url = format!("url={}", serving.url);
    fs::create_dir(folder.path("in")).unwrap();
    for name in ["in/a.wst", "b.wst", "c.txt"] {
        folder.file(name, "connect ${url}\nrepeat 2 {\n  send x\n}\n");
    }
    let outcome = run(&["test", "--dry-run", "--var", &url, &folder.path("")], b"");
    let list = format!("{}: 3 steps\n{}: 3 steps\n", folder.path("b.wst"), folder.path("in/a.wst"));
    assert_eq!((outcome.stdout(), outcome.code), (&*list, Some(0)));
    let outcome = run(&["test", "--dry-run", "--only", "in/", "--var", &url, &folder.path("")], b"");
    assert_eq!(outcome.stdout(), format!("{}: 3 steps\n", folder.path("in/a.wst")));
    folder.file("b.wst", "connect ${url}\nexpect any within 1ms\n");
    let outcome = run(&["test", "-j", "1", "--fail-fast", "--retry", "2", "--var", &url, &folder.path("")], b"");
    assert!(outcome.code == Some(1) && outcome.stdout().contains(" ms, run 3 times)"), "{outcome:#?}");
    assert!(outcome.stdout().contains("0 passed, 1 failed, 1 not run"), "{outcome:#?}");
}

#[test]
fn as_many_files_run_at_once_as_are_wanted() {
    const FILES: usize = 50;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("url=ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut all: Vec<_> = (0..FILES).map(|_| tungstenite::accept(listener.accept().unwrap().0).unwrap()).collect();
        // Only now, so that all of them have to be there.
        all.iter_mut().for_each(|websocket| websocket.send(Message::text("go")).unwrap());
        all.iter_mut().for_each(|websocket| while websocket.read().is_ok() {});
    });
    let folder = Folder::new();
    for number in 0..FILES {
        folder.file(&format!("{number}.wst"), "connect ${url}\nexpect equals go within 60s\n");
    }
    let outcome = run(&["test", "--jobs", "50", "--var", &url, &folder.path("")], b"");
    assert!(outcome.code == Some(0) && outcome.stdout().contains("50 passed, 0 failed"), "{outcome:#?}");
    server.join().unwrap();
}

#[test]
fn a_signal_ends_every_wait() {
    for (wait, signal, code) in [
        ("delay 100s", Signal::INT, 130),
        ("expect any within 100s", Signal::TERM, 143),
        ("expect none within 100s", Signal::TERM, 143),
    ] {
        let (heard, has_heard) = std::sync::mpsc::channel();
        let server = tungstenite(move |websocket| heard.send(websocket.read().unwrap()).unwrap());
        let folder = Folder::new();
        let file = folder.file("a.wst", format!("connect ${{url}}\nsend x\n{wait}"));
        let url = format!("url={}", server.url);
        let running = Running::start(&["test", "--var", &url, &file]);
        assert_eq!(has_heard.recv().unwrap(), Message::text("x"));
        running.signal(signal);
        let outcome = running.finish();
        assert_eq!(outcome.code, Some(code), "{wait}: {outcome:#?}");
        let told = told(&outcome);
        assert_eq!(told, "STOP  a.wst: interrupted\n0 passed, 0 failed, 1 interrupted", "{wait}");
        server.join();
    }
}

/// Sends what there is room for, and returns how much that was.
fn floods() -> Peer<usize> {
    opened("", |socket| {
        socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let frame = [&b"\x82\x7f\0\0\0\0\0\x10\0\0"[..], &[0; 1 << 20]].concat();
        let mut sent = 0;
        while sent < 512 << 20 && socket.write_all(&frame).is_ok() {
            sent += frame.len();
        }
        sent
    })
}

#[test]
fn a_peer_that_floods_is_not_read_from_and_memory_is_bounded() {
    let server = floods();
    let folder = Folder::new();
    let file = folder.file("a.wst", "connect ${url}\nexpect pong within 5s\n");
    let outcome = run(&["test", "--var", &format!("url={}", server.url), &file], b"");
    let sent = server.join();
    assert!(sent < 64 << 20, "{sent} bytes were taken");
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
}

#[test]
fn frames_are_sent_and_seen_as_they_are() {
    let server = opened("", |socket| {
        let sent = [read_frame(socket), read_frame(socket), read_frame(socket)];
        socket.write_all(b"\x01\x01a\x80\x02bc\x89\x02hi").unwrap();
        let pong = read_frame(socket);
        socket.write_all(b"\x88\x06\x0f\xa0done").unwrap();
        let _ = socket.read(&mut [0; 64]);
        (sent, pong)
    });
    let steps = "connect ${url}\nfragments 2 ab\nframe opcode=ping payload=x\n\
                 expect equals abc\n  and fragments 2 and uncompressed and wire 3 and took < 100s\nexpect ping hi\n\
                 expect closed 4000 done";
    let outcome = test(&server.url, steps);
    assert!(outcome.code == Some(0), "{outcome:#?}");
    let (sent, pong) = server.join();
    assert_eq!(sent[..2], [(0x01, b"a".to_vec()), (0x80, b"b".to_vec())]);
    assert_eq!((sent[2].0, pong.0), (0x89, 0x8a));
}

#[test]
fn results_are_told_to_programs_too() {
    let serving = Serving::start(&[]);
    let folder = Folder::new();
    let url = format!("url={}", serving.url);
    folder.file("a.wst", "connect ${url}\nsend <\\#&\u{1}>\nexpect equals x\n");
    folder.file("b.wst", "connect ${url}\n");
    folder.file("c.wst", "skip if 1\n");
    let junit = folder.path("junit.xml");
    let run = |flags: &[&str]| {
        let all = folder.path("");
        let args = [&["test", "-j", "1", "--var", &url, "--junit", &junit], flags, &[&all]].concat();
        run_with(&[("GITHUB_ACTIONS", "true")], &args, b"")
    };
    let outcome = run(&[]);
    let annotation = format!("::error file={},line=3,title=expect equals x::", folder.path("a.wst"));
    assert!(
        outcome.code == Some(1) && outcome.stdout().lines().any(|line| line.starts_with(&annotation)),
        "{outcome:#?}"
    );
    let xml = fs::read_to_string(&junit).unwrap();
    let counts = "<testsuite name=\"wscli test\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=";
    assert!(xml.contains(counts) && xml.contains("&lt;\\#&amp;\\x01&gt;"), "{xml}");
    assert!(xml.chars().all(|c| c == '\n' || !c.is_control()), "{xml}");
    let outcome = run(&["--tap"]);
    let lines: Vec<&str> = outcome.stdout().lines().collect();
    assert_eq!(lines[..2], ["TAP version 13", "1..3"]);
    assert_eq!(lines[2], format!("not ok 1 - {}", folder.path("a.wst")));
    assert!(lines[lines.len() - 2].starts_with("ok 2 - "), "{lines:?}");
    assert_eq!(lines[lines.len() - 1], format!("ok 3 - {} # SKIP skip if 1", folder.path("c.wst")));
    let outcome = run(&["--json"]);
    let report: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    let counts = ["passed", "failed", "skipped", "not_run"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1, 0]);
    let failure = &report["files"][0]["failure"];
    assert_eq!((&failure["line"], &failure["expected"], &failure["exit"]), (&3.into(), &"equals x".into(), &1.into()));
}

#[test]
fn the_examples_pass() {
    let (room, echo) = (Serving::with(&["--broadcast"]), Serving::start(&[]));
    for (name, server) in [("chat", &room), ("binary", &echo), ("compression", &echo), ("clients", &echo)] {
        let file = format!("{}/tests/examples/{name}.wst", env!("CARGO_MANIFEST_DIR"));
        let outcome = run(&["test", "--var", &format!("base={}", server.url), &file], b"");
        assert!(outcome.code == Some(0), "{outcome:#?}");
    }
}

#[test]
fn each_example_can_be_read_and_is_formatted() {
    let all = format!("{}/tests/examples", env!("CARGO_MANIFEST_DIR"));
    let outcome = run(&["test", "--dry-run", "--var", "base=ws://a/", "--var", "token=x", &all], b"");
    assert!(outcome.code == Some(0) && outcome.stdout().lines().count() == 10, "{outcome:#?}");
    let outcome = run(&["test", "--fmt", "--dry-run", &all], b"");
    assert_eq!((outcome.stdout(), outcome.stderr.as_str(), outcome.code), ("", "", Some(0)));
}

/// A file that waits for a client, and where.
struct Awaiting {
    running: Running,
    address: String,
    _folder: Folder,
}

impl Awaiting {
    fn start(steps: &str) -> Self {
        let folder = Folder::new();
        let mut running = Running::start(&["test", &folder.file("a.wst", steps)]);
        let line = running.line_with("listening on ws://");
        let address = line.split("ws://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Self { running, address, _folder: folder }
    }

    /// A client with this path and these headers.
    fn client(&self, path: &str, headers: &[(&str, &str)]) -> (WebSocket<TcpStream>, Response) {
        let mut request = ClientRequestBuilder::new(format!("ws://{}{path}", self.address).parse().unwrap());
        for (name, value) in headers {
            request = request.with_header(*name, *value);
        }
        tungstenite::client(request, connect(&self.address)).unwrap()
    }
}

#[test]
fn a_client_is_tested_by_the_server_s_side() {
    let awaiting = Awaiting::start(
        "accept phone 127.0.0.1:0\n  subprotocol chat.v2, chat.v1\n  header X-Server: wscli ${phone}\n  no-compress\n  \
         expect path /chat?room=5\n\
         phone expect path match ^/chat\nphone expect header X-Token = abc\n\
         phone expect subprotocol chat.v1\nphone expect status 101\nphone expect extension none\n\
         phone expect match hello (.*)\n  capture word = $1\nphone send text ${word}, from port ${phone.port}\n\
         phone ping there?\nphone expect pong there?\nphone expect closed 4000 bye"
            .replace("${phone}", "$$")
            .as_str(),
    );
    let headers = [("X-Token", "abc"), ("Sec-WebSocket-Protocol", "chat.v1, chat.v2")];
    let (mut client, response) = awaiting.client("/chat?room=5", &headers);
    assert_eq!(response.headers()["x-server"], "wscli $");
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat.v1");
    client.send(Message::text("hello world")).unwrap();
    let port = awaiting.address.rsplit(':').next().unwrap();
    assert_eq!(client.read().unwrap(), Message::text(format!("world, from port {port}")));
    assert_eq!(client.read().unwrap(), Message::Ping("there?".into()));
    client.flush().unwrap();
    client.close(Some(CloseFrame { code: 4000.into(), reason: "bye".into() })).unwrap();
    while client.read().is_ok() {}
    drop(client);
    let outcome = awaiting.running.finish();
    assert!(outcome.code == Some(0), "{outcome:#?}");
    assert_eq!(outcome.stderr, format!("listening on ws://{}/ for phone\n", awaiting.address));
}

#[test]
fn what_a_client_does_wrong_is_told() {
    let wrong = |steps: &str, said: &str| {
        let awaiting = Awaiting::start(&format!("accept 127.0.0.1:0\n{steps}\n"));
        let (mut client, _) = awaiting.client("/a", &[]);
        client.send(Message::text("hello")).unwrap();
        while client.read().is_ok() {}
        drop(client);
        let outcome = awaiting.running.finish();
        assert!(outcome.code == Some(1) && outcome.stdout().contains(said), "{outcome:#?}");
    };
    wrong("expect path = /b", "expected: a path that equals /b\n    got:      /a\n");
    wrong("expect header X-Token", "expected: a header X-Token\n    got:      there is none of that name\n");
    wrong("expect equals bye", "got:      hello\n");
    wrong("expect refused", "got:      it was accepted, with 101\n");
    // What went over the connection is told with it.
    wrong("expect equals bye", "the connection, last of all:\n      < hello\n");
}

#[test]
fn both_sides_may_be_of_one_file() {
    passes(
        "",
        "accept server 127.0.0.1:0\n\
         connect client ws://127.0.0.1:${server.port}/a?b\n  expect status 101\n\
         server expect path = /a?b\nclient send hi\nserver expect equals hi\nserver drop\nclient expect dropped\n\
         # The port is free again, and so is the name.\n\
         accept server 127.0.0.1:${server.port}\n\
         connect client ws://127.0.0.1:${server.port}/\n\
         server close 4001 enough\nclient expect closed 4001 enough\n\
         # At the end nobody is waited for who hasn't been spoken of.\n\
         accept other 127.0.0.1:0\n\
         parallel 3 {\n  accept :0\n  connect mine ws://localhost:${port}/\n  mine send ${index}\n  \
         expect equals ${index}\n}",
    );
}

#[test]
fn a_client_that_does_not_come_is_a_failure() {
    fails(
        "",
        "accept phone 127.0.0.1:0\n  within 20ms\nphone send hi",
        1,
        &["expected: a client at 127.0.0.1:", "none came within 20ms"],
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    fails("", &format!("accept {address}\n"), 3, &[&format!("expected: to listen on {address}"), "in use"]);
    let echo = Serving::start(&[]);
    fails(
        &echo.url,
        "connect ${url}\n  expect path /",
        1,
        &["the connection is not a client: it was opened from here"],
    );
    // Whoever asks for something else is answered, and the wait goes on.
    let awaiting = Awaiting::start("accept 127.0.0.1:0\n  within 2s\nexpect any");
    drop(connect(&awaiting.address));
    let mut socket = connect(&awaiting.address);
    socket.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(read_head(&mut socket).starts_with("HTTP/1.1 426 "));
    let outcome = awaiting.running.finish();
    let said = "none came within 2s\n              the last one that came: refused with 426 Upgrade Required: ";
    assert!(outcome.code == Some(1) && outcome.stdout().contains(said), "{outcome:#?}");
}

#[test]
fn a_wait_for_a_client_ends_with_a_signal() {
    let awaiting = Awaiting::start("accept 127.0.0.1:0\n  within 10m\nexpect any");
    awaiting.running.signal(Signal::TERM);
    let outcome = awaiting.running.finish();
    assert_eq!(outcome.code, Some(143), "{outcome:#?}");
}

#[test]
fn files_of_editors_run_too() {
    let server = tungstenite(|websocket| {
        let first = websocket.read().unwrap();
        websocket.send(Message::text("go on")).unwrap();
        [first, websocket.read().unwrap(), websocket.read().unwrap()]
    });
    let folder = Folder::new();
    folder.file("a.bin", b"hi");
    let file = folder.file(
        "a.http",
        "@id = 7\n### chat\nWEBSOCKET {{url}}\nX-A: b\n\n{\"id\":{{id}}}\n=== wait-for-server\n< a.bin\n",
    );
    let outcome = run(&["test", "--var", &format!("url={}", server.url), &file], b"");
    assert!(outcome.code == Some(0), "{outcome:#?}");
    let [first, second, last] = server.join();
    assert_eq!((first, second), (Message::text("{\"id\":7}"), Message::binary(&b"hi"[..])));
    assert!(last.is_close());
}

#[test]
fn durations_and_codes_are_filled_in() {
    let serving = Serving::with(&["--echo"]);
    passes(
        &serving.url,
        "let t = 5\nlet c = 4000\nconnect ${url}\n  within ${t}s\nsend a\nexpect equals a within ${t}s\nexpect none within ${t}ms\n\
         send b\nexpect equals b\n  within ${t}s\nclose ${c}\nexpect closed ${c} within ${t}s",
    );
    for (steps, says) in [
        ("expect any within ${t}s", &["a.wst:3: ", "line 3, column 19: ${t}s is filled in as \"xs\": "][..]),
        ("expect any\n    within ${t}s", &["a.wst:3: ", "line 4, column 12: ${t}s is filled in as \"xs\": "]),
        (
            "expect closed ${t}",
            &["a.wst:3: ", "line 3, column 15: ${t} is filled in as \"x\": \"x\" is not a status code"],
        ),
        ("delay ${t}", &["a.wst:3: ", "line 3, column 7: ${t} is filled in as \"x\": "]),
    ] {
        fails(&serving.url, &format!("let t = x\nconnect ${{url}}\n{steps}"), 2, says);
    }
    fails(
        &serving.url,
        "let t = x\nconnect ${url}\n  within ${t}\nsend a",
        2,
        &["a.wst:2: ", "line 3, column 10: ${t} is"],
    );
}

#[test]
fn what_can_not_be_sent_fails_where_it_stands() {
    let serving = Serving::with(&["--echo"]);
    let long = "x".repeat(126);
    fails(&serving.url, &format!("let p = {long}\nconnect ${{url}}\nping ${{p}}"), 2, &["a.wst:3: ping", "125"]);
    // The peer has closed, and its end of the transport is still there.
    let server = opened("", |socket| {
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        while read_frame(socket).0 != 0x88 {}
        let _ = socket.read(&mut [0]);
    });
    fails(
        &server.url,
        "connect ${url}\nexpect closed 1000\nsend x",
        1,
        &["a.wst:3: send x", "the connection to be open", "closed: 1000"],
    );
    server.join();
}

#[test]
fn silence_is_not_what_a_connection_that_broke_has() {
    let server = opened("", |_| ());
    fails(
        &server.url,
        "connect ${url}\nexpect none within 1h",
        1,
        &["a.wst:2: expect none", "the connection has ended"],
    );
    server.join();
    let server = opened("", |socket| {
        socket.write_all(b"\x81\x01\xff").unwrap();
        while read_frame(socket).0 != 0x88 {}
    });
    fails(&server.url, "connect ${url}\nexpect none within 1h", 1, &["the connection has ended", "UTF-8"]);
    server.join();
    // A Close says that there is nothing more.
    let server = tungstenite(|websocket| {
        websocket.close(None).unwrap();
        while websocket.read().is_ok() {}
    });
    passes(&server.url, "connect ${url}\nexpect none within 1h\nexpect closed");
    server.join();
}
