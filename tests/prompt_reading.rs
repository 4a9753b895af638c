//! Messages that are kept are looked at again: listed, shown, searched, compared, copied, and given to a command.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};
use tungstenite::Message;

use crate::prompt::{AtTheTerminal, EDITING, until_closed};
use crate::support::files::Folder;
use crate::support::peer::{self, Peer};
use crate::support::timing::look_again;

/// What lines begin with that go on below the time, the number and the size.
const BELOW: &str = "                          ";

/// A server that sends these, and returns the code of the Close.
fn sending(messages: Vec<Message>) -> Peer<Option<u16>> {
    peer::tungstenite(move |socket| {
        messages.into_iter().for_each(|message| socket.send(message).unwrap());
        until_closed(socket)
    })
}

fn texts(texts: &[&str]) -> Vec<Message> {
    texts.iter().map(|text| Message::text(*text)).collect()
}

/// A prompt that has been sent all of them, the last of which is told so.
fn prompt(server: &Peer<Option<u16>>, environment: &[(&str, &str)], last: &str) -> AtTheTerminal {
    let mut prompt = AtTheTerminal::start_in(environment, &["--no-compress", &server.url]);
    prompt.wait_for(last);
    prompt
}

fn leave(mut prompt: AtTheTerminal, server: Peer<Option<u16>>) {
    prompt.type_keys("\x04");
    assert_eq!(server.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn messages_are_listed_shown_and_searched() {
    let server =
        sending(texts(&["{\n  \"price\": 1\n}", "two\nlines", "the needle is here", "{\"last\":true}", "listed"]));
    let mut prompt = prompt(&server, &[], "< listed");
    prompt.type_keys("/list\r");
    prompt.wait_for("  2      9 B < two\\nlines\r\n");
    prompt.wait_for_each("  5      6 B < listed\r\n", 2);
    prompt.type_keys("/list 1\r/list x\r");
    prompt.wait_for("! /list: \"x\" is not a number of messages; usage: /list [N]");
    prompt.wait_for_each("  5      6 B < listed\r\n", 3);
    prompt.type_keys("/show -2 json\r");
    prompt.wait_for(&format!("  4     13 B < {{\r\n{BELOW}    \"last\": true\r\n{BELOW}  }}\r\n"));
    prompt.type_keys("/show 1 raw\r");
    prompt.wait_for("{\r\n  \"price\": 1\r\n}\r\n");
    prompt.type_keys("/show 3 hex\r");
    prompt.wait_for("  00000000  74 68 65 20 6e 65 65 64 6c 65 20 69 73 20 68 65  |the needle is he|\r\n");
    prompt.type_keys("/show\r/show 9\r/show -9\r/show 1 xml\r");
    prompt.wait_for_each("  5      6 B < listed\r\n", 4);
    prompt.wait_for("! there is no message 9 yet; the last has the number 5");
    prompt.wait_for("! only 5 messages so far");
    prompt.wait_for("! /show: \"xml\" is not a format; usage: /show [N|-1] [raw|hex|json|/POINTER …]");
    prompt.type_keys("/show 4 /last\r/show 1 /price /none\r/show 1 /none\r");
    prompt.wait_for("  4     13 B < true\r\n");
    prompt.wait_for("! message 1 has no value at /none");
    prompt.type_keys("/grep n.edle\r");
    prompt.wait_for("  3     18 B < the needle is here\r\n* 1 of 5 messages matches n.edle\r\n");
    leave(prompt, server);
}

#[test]
fn two_messages_are_compared_by_what_is_in_them() {
    let server =
        sending(texts(&[r#"{"a":1,"b":{"c":[1,2]}}"#, "{\n\"a\": 1, \"b\": {\"c\": [1,3]}}", "\u{9b}2J", "end"]));
    let mut prompt = prompt(&server, &[], "< end");
    prompt.type_keys("/diff 2\r");
    prompt.wait_for("* from message 1 to message 2\r\n");
    prompt.wait_for("        \"c\": [\r\n          1,\r\n  -       2\r\n  +       3\r\n        ]\r\n");
    prompt.type_keys("/diff 3 3\r/diff 1\r/diff 4 3\r");
    prompt.wait_for("* messages 3 and 3 are the same");
    prompt.wait_for("! no message went the same way before message 1;");
    prompt.wait_for("  - end\r\n  + \\x9b2J\r\n");
    leave(prompt, server);
}

#[test]
fn the_order_of_keys_is_no_difference() {
    let texts = texts(&[
        r#"{"a":1,"b":[1,2,3],"c":"x"}"#,
        r#"{"c":"x", "b":[1,2,3],"a":1}"#,
        r#"{"b":[1,2,3],"a":2,"c":"x"}"#,
        "end",
    ]);
    let server = sending(texts);
    let mut prompt = prompt(&server, &[], "< end");
    prompt.type_keys("/diff 1 2\r/diff 2 3\r");
    prompt.wait_for("* messages 1 and 2 are the same but for how they are written\r\n");
    prompt.wait_for("* from message 2 to message 3\r\n    {\r\n  -   \"a\": 1,\r\n  +   \"a\": 2,\r\n      \"b\": [");
    leave(prompt, server);
}

#[test]
fn a_message_is_copied_by_the_terminal() {
    let json = Message::text(r#"{"token":"a\"b","n":[1, 2]}"#);
    let server = sending(vec![Message::text("copied"), Message::binary(&b"\x00\xff"[..]), json]);
    let mut prompt = prompt(&server, &[], "\"n\":");
    prompt.type_keys("/copy 1\r/copy 2\r");
    prompt.wait_for("\x1b]52;c;Y29waWVk\x07");
    prompt.wait_for("* message 1, 6 B, was given to the terminal's clipboard by OSC 52");
    prompt.wait_for("\x1b]52;c;MDBmZg==\x07");
    prompt.wait_for("* message 2, 2 B as hex digits, was given");
    prompt.type_keys("/copy 3 /token\r/copy 3 /n\r/copy 3 /none\r/copy x\r");
    prompt.wait_for("\x1b]52;c;YSJi\x07");
    prompt.wait_for("* message 3, 3 B at /token, was given");
    prompt.wait_for("\x1b]52;c;WzEsIDJd\x07");
    prompt.wait_for("! message 3 has no value at /none");
    prompt.wait_for("! /copy: \"x\" is not the number of a message");
    leave(prompt, server);
}

#[test]
fn a_command_gets_a_message_and_what_it_prints_is_shown() {
    let server = sending(texts(&["one\u{1b}[2J two"]));
    let mut prompt = prompt(&server, &[], "two");
    prompt.type_keys("/pipe 1 cat; echo done >&2; exit 3\r");
    prompt.wait_for("  one\\x1b[2J twodone\r\n");
    prompt.wait_for("exit 3: exit status: 3");
    prompt.type_keys("/pipe 1 echo begun; exec sleep 3600\r");
    prompt.wait_for_each(EDITING, 3);
    prompt.type_keys("\x03");
    prompt.wait_for("* echo begun; exec sleep 3600 was stopped");
    prompt.type_keys("/pipe 1\r/pipe wc -c\r");
    prompt.wait_for("! /pipe: a command is missing; usage: /pipe [N] COMMAND");
    prompt.wait_for("  11\r\n");
    leave(prompt, server);
}

#[test]
fn a_command_that_runs_ends_with_us() {
    let folder = Folder::new();
    let file = folder.path("pid");
    for (ends, code) in [(None, 0), (Some(Signal::TERM), 143), (Some(Signal::KILL), -1)] {
        let server = sending(texts(&["one"]));
        let mut prompt = prompt(&server, &[], "one");
        prompt.type_keys(&format!("/pipe 1 echo $$ > {file}; sleep 3600; true\r"));
        let pid = until(|| fs::read_to_string(&file).ok().filter(|pid| pid.ends_with('\n')));
        fs::remove_file(&file).unwrap();
        match ends {
            None => prompt.type_keys("\x04"),
            Some(signal) => kill_process(Pid::from_child(&prompt.child), signal).unwrap(),
        }
        if code >= 0 {
            prompt.left(code);
        }
        until(|| {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim_end())).unwrap_or_default();
            (stat.is_empty() || stat.contains(") Z ")).then_some(())
        });
    }
}

/// Waits for something to come.
fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    loop {
        match found() {
            Some(found) => return found,
            None => look_again(),
        }
    }
}

#[test]
fn what_is_longer_than_the_screen_goes_through_the_pager() {
    let folder = Folder::new();
    let paged = folder.path("paged");
    let long: Vec<String> = (0..40).map(|number| format!("line {number}")).collect();
    let server = sending(texts(&[&long.join("\n"), "short"]));
    let pager = format!("cat > {}; echo paged", paged);
    let mut prompt = prompt(&server, &[("PAGER", &pager)], "< short");
    prompt.type_keys("/show 2\r/show 1\r");
    prompt.wait_for("paged\r\n");
    let shown = std::fs::read_to_string(&paged).unwrap();
    assert_eq!(shown.lines().count(), 40);
    assert!(shown.contains(&format!("  1    309 B < line 0\n{BELOW}| line 1\n")), "{shown}");
    assert!(!prompt.seen().contains("| line 30"), "{}", prompt.seen());
    prompt.type_keys("/help\r");
    prompt.wait_for_each("paged\r\n", 2);
    assert!(std::fs::read_to_string(&paged).unwrap().contains("  /fragment N TEXT "));
    leave(prompt, server);
    // Without one it is printed.
    for pager in ["", "/nowhere/at/all 2>/dev/null"] {
        let server = sending(texts(&[&long.join("\n"), "short"]));
        let mut prompt = self::prompt(&server, &[("PAGER", pager)], "< short");
        prompt.type_keys("/show 1\r");
        prompt.wait_for("| line 39\r\n");
        leave(prompt, server);
    }
}

#[test]
fn what_is_left_out_of_a_message_is_told_above_it_too() {
    let folder = Folder::new();
    let paged = folder.path("paged");
    let server = sending(texts(&[&"x\n".repeat(60_000), "short"]));
    let mut prompt = prompt(&server, &[("PAGER", &format!("cat > {paged}; echo paged"))], "< short");
    prompt.type_keys("/show 1\r");
    prompt.wait_for("paged\r\n");
    let shown = std::fs::read_to_string(&paged).unwrap();
    let (first, last) = (shown.lines().next().unwrap(), shown.lines().last().unwrap());
    assert_eq!(first, "* the first 50,000 lines of it; /pipe 1 COMMAND has all of it");
    assert_eq!(last, "* … and more than that: /pipe 1 COMMAND has all of it");
    leave(prompt, server);
}

#[test]
fn messages_are_filtered_and_counted() {
    let server = peer::tungstenite(|socket| {
        let asked = socket.read().unwrap();
        for text in [r#"{"op":"trade"}"#, r#"{"op":"ping"}"#, "last"] {
            socket.send(Message::text(text)).unwrap();
        }
        (asked, until_closed(socket))
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("/filter received !/op = \"ping\"\r");
    prompt.wait_for("[filter received !/op = \"ping\"]");
    prompt.type_keys("go\r");
    prompt.wait_for("  4      4 B < last");
    prompt.type_keys("/filter off\r");
    prompt.wait_for("* 1 message not shown so far");
    assert!(prompt.seen().contains("< {\"op\":\"trade\"}") && !prompt.seen().contains("< {\"op\":\"ping\"}"));
    prompt.type_keys("\x04");
    assert_eq!(server.join(), (Message::text("go"), Some(1000)));
    prompt.left(0);
}

/// A server that sends so much for each message that it gets.
fn answering(answers: Vec<Vec<Message>>) -> Peer<Option<u16>> {
    peer::tungstenite(move |socket| {
        for messages in answers {
            if let Message::Close(frame) = socket.read().unwrap() {
                return frame.map(|frame| frame.code.into());
            }
            messages.into_iter().for_each(|message| socket.send(message).unwrap());
        }
        until_closed(socket)
    })
}

#[test]
fn of_messages_are_shown_the_values_that_are_picked_and_what_has_changed() {
    let ticks = [
        r#"{"s":"a","p":{"bid":1.50,"ask":2}}"#,
        r#"{"s":"a","p":{"bid":1.50,"ask":3}}"#,
        "pong",
        r#"{"s":"a","p":{"bid":1.50,"ask":3}}"#,
        r#"{"s":"a","p":{"bid":1.55}}"#,
    ];
    let server = answering(vec![texts(&ticks), texts(&ticks), texts(&["end"])]);
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("/pick /p/bid /p/ask\r");
    prompt.wait_for("[pick /p/bid /p/ask]");
    prompt.type_keys("go\r");
    prompt.wait_for("  2     34 B < {\"/p/bid\":1.50,\"/p/ask\":2}\r\n");
    prompt.wait_for("  6     26 B < {\"/p/bid\":1.55}\r\n");
    prompt.wait_for("[hidden     1] > ");
    prompt.type_keys("/pick /p/nope /p/ask /nope\r");
    prompt.wait_for("* none of the last 6 messages has a value at /p/nope /nope\r\n");
    prompt.type_keys("/show 2 /p/ask /nope\r");
    prompt.wait_for("* message 2 has no value at /nope\r\n");
    prompt.type_keys("/pick off\r");
    prompt.wait_for("* 1 message not shown so far");
    prompt.type_keys("/watch /p by /s\r");
    prompt.wait_for("[watch /p by /s]");
    prompt.type_keys("go\r");
    prompt.wait_for("  8     34 B < {\"s\":\"a\",\"p\":{\"bid\":1.50,\"ask\":2}}\r\n");
    prompt.wait_for("  9     34 B < \"a\" /p/ask 2 → 3\r\n");
    prompt.wait_for(" 12     26 B < \"a\" /p/bid 1.50 → 1.55\r\n               /p/ask is gone\r\n");
    prompt.wait_for("[hidden     1] > ");
    prompt.type_keys("/watch off\r/pick x\r/show 11\r");
    prompt.wait_for("! /pick: \"x\" is not a JSON pointer");
    prompt.wait_for(" 11     34 B < {\"s\":\"a\",\"p\":{\"bid\":1.50,\"ask\":3}}\r\n");
    prompt.type_keys("go\r");
    prompt.wait_for("< end");
    prompt.type_keys("\x04");
    assert_eq!(server.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn a_paused_screen_holds_and_counts_what_comes_until_it_is_resumed() {
    let many: Vec<String> = (0..2500).map(|number| format!("message {number}")).collect();
    let server = answering(vec![texts(&many.iter().map(String::as_str).collect::<Vec<_>>())]);
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("/pause\r");
    prompt.wait_for("[paused]");
    prompt.wait_for("[paused     0] > ");
    prompt.type_keys("go\rhalf a line");
    prompt.wait_for("[paused  2500] > half a line");
    assert!(!prompt.seen().contains("< message"), "{}", prompt.seen());
    // What is asked for is shown all the same.
    prompt.type_keys("\x03/show 1\r");
    prompt.wait_for("  1      2 B > go");
    prompt.type_keys("/resume\r");
    prompt.wait_for("< message 0\r\n");
    prompt.wait_for("* 400 messages not shown: no more room at the pause (/list, /show)");
    prompt.wait_for("2501     12 B < message 2499\r\n");
    prompt.type_keys("\x04");
    assert_eq!(server.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn a_reply_tells_how_long_it_took_and_stats_what_is_unanswered() {
    let server = peer::tungstenite(|socket| {
        while let Ok(message) = socket.read() {
            match message {
                Message::Text(text) if text.contains("\"id\":1") => {
                    socket.send(Message::text(r#"{"method":"other","id":1}"#)).unwrap();
                    socket.send(Message::text(r#"{"result":"first","id":1}"#)).unwrap();
                }
                Message::Text(text) if text.contains("ref") => {
                    socket.send(Message::text(r#"{"to":{"ref":"a"}}"#)).unwrap();
                }
                Message::Close(_) => return,
                _ => {}
            }
        }
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("{\"id\":1,\"method\":\"a\"}\r{\"id\":2,\"method\":\"b\"}\r");
    prompt.wait_for(" B < {\"method\":\"other\",\"id\":1}");
    prompt.wait_for(" ms < {\"result\":\"first\",\"id\":1}");
    prompt.type_keys("/correlate /to/ref\r");
    prompt.wait_for("[correlate /to/ref]");
    prompt.type_keys("{\"to\":{\"ref\":\"a\"}}\r");
    prompt.wait_for(" ms < {\"to\":{\"ref\":\"a\"}}");
    prompt.type_keys("/stats\r");
    prompt.wait_for("  requests  2 answered: min ");
    prompt.wait_for("  received  last message ");
    prompt.wait_for("1 unanswered: 2 for ");
    prompt.type_keys("\x04");
    server.join();
    prompt.left(0);
}

#[test]
fn a_bell_rings_for_what_is_wanted_and_not_often() {
    let burst: Vec<String> = (0..50).map(|number| format!("error {number}")).collect();
    let burst = texts(&burst.iter().map(String::as_str).collect::<Vec<_>>());
    let server = answering([vec![texts(&["fine"]), burst], vec![texts(&["fatal \u{1b}[2J"]); 9]].concat());
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("/bell error\r");
    prompt.wait_for("[bell error]");
    prompt.type_keys("go\r");
    prompt.wait_for("< fine");
    assert!(!prompt.seen().contains('\x07'));
    prompt.type_keys("go\r");
    prompt.wait_for("< error 49");
    prompt.wait_for("\x07");
    assert_eq!(prompt.seen().matches('\x07').count(), 1);
    prompt.type_keys("/bell notify fatal\r");
    prompt.wait_for("[bell notify fatal]");
    // One that comes too soon behind the last doesn't ring.
    let rings = (0..9).any(|_| {
        prompt.type_keys("go\r");
        prompt.shows("\x1b]9;wscli: fatal \\x1b[2J\x07")
    });
    assert!(rings, "{}", prompt.seen());
    prompt.type_keys("\x04");
    assert_eq!(server.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn frames_are_shown_with_their_payload() {
    let server = answering(vec![texts(&["hello"])]);
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("/frames payload\r");
    prompt.wait_for("[frames payload]");
    prompt.type_keys("go\r");
    prompt.wait_for("< text FIN length=5 \"hello\"");
    prompt.type_keys("/frames maybe\r");
    prompt.wait_for("! /frames: \"maybe\" is none of on, payload and off");
    prompt.type_keys("\x04");
    assert_eq!(server.join(), Some(1000));
    prompt.left(0);
}
