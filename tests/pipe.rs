//! `wscli connect` in a pipe: nothing lost, nothing hung, exact bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Command;
use std::time::Duration;

use tungstenite::Message;

use crate::support::files::Folder;
use crate::support::peer::{self, read_frame, read_to_end};
use crate::support::program::{NO_CONFIG, Outcome, Running, Serving, run};

#[test]
fn without_a_url_it_talks_to_itself() {
    let outcome = run(&["connect"], b"hello\n");
    outcome.assert("hello\n", 0, "no URL given: using a built-in echo server at ws://127.0.0.1:");
    outcome.assert("hello\n", 0, "closed by us: 1000 (normal closure)");
}

#[test]
fn without_a_url_nothing_is_checked() {
    for flags in
        [&["--expect", "hello"][..], &["-1"], &["--until", "hello"], &["--reject", "no"], &["-n", "-d", "hello"]]
    {
        let outcome = run(&[&["connect"], flags].concat(), b"hello\n");
        assert_eq!(outcome.code, Some(2), "{flags:?}");
        assert_eq!((outcome.stdout(), outcome.stderr.lines().next()), ("", Some("wscli: no URL given")), "{flags:?}");
    }
}

#[test]
fn what_is_to_be_sent_is_not_overwritten_with_what_comes() {
    let (folder, server) = (Folder::new(), Serving::start(&[]));
    let file = folder.file("lines", "one\ntwo\n");
    for append in [&[][..], &["--append"]] {
        let command = [&["connect", &server.url, "-o", &file], append].concat();
        let outcome = Command::new(env!("CARGO_BIN_EXE_wscli"))
            .args(command)
            .envs([NO_CONFIG])
            .stdin(std::fs::File::open(&file).unwrap())
            .output()
            .unwrap();
        let told =
            format!("wscli: can't write {file}: it is stdin as well, and what is to be sent would be overwritten\n");
        assert_eq!((String::from_utf8(outcome.stderr).unwrap(), outcome.status.code()), (told, Some(2)));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one\ntwo\n");
    }
}

#[test]
fn lines_are_messages_and_messages_are_lines() {
    let server = peer::tungstenite(|websocket| {
        let mut heard = Vec::new();
        while let Ok(message) = websocket.read() {
            match message {
                Message::Text(text) => heard.push(text.to_string()),
                Message::Close(frame) => return (heard, frame.map(|frame| u16::from(frame.code))),
                Message::Ping(_) => continue,
                other => panic!("{other:?}"),
            }
            if heard.len() == 4 {
                websocket.send(Message::text("one")).unwrap();
                websocket.send(Message::binary(vec![0xff, 0x00])).unwrap();
                websocket.send(Message::text("")).unwrap();
            }
        }
        panic!("no Close frame");
    });
    let outcome = run(&["connect", &server.url], "first\n\nth\u{ef}rd\r\nlast".as_bytes());
    assert_eq!((outcome.stdout.as_slice(), outcome.code), (&b"one\n\xff\x00\n\n"[..], Some(0)));
    let heard = ["first", "", "th\u{ef}rd\r", "last"].map(str::to_owned).to_vec();
    assert_eq!(server.join(), (heard, Some(1000)));
}

#[test]
fn replies_are_waited_for_after_the_end_of_stdin() {
    let server = peer::opened("", |socket| {
        let (_, question) = read_frame(socket);
        // Each reply begins a new second of patience; together they take longer than one.
        for reply in 0..6 {
            std::thread::park_timeout(Duration::from_millis(300));
            socket.write_all(&[0x81, 1, b'0' + reply]).unwrap();
        }
        let ping = read_frame(socket);
        (question, ping, read_frame(socket))
    });
    let outcome = run(&["connect", &server.url, "--linger", "1s"], b"?\n");
    outcome.assert("0\n1\n2\n3\n4\n5\n", 7, "dropped");
    assert_eq!(server.join(), (b"?".to_vec(), (0x89, b"end of input".to_vec()), (0x88, vec![0x03, 0xe8])));
}

#[test]
fn a_line_is_a_message_whatever_its_length() {
    let serving = Serving::start(&[]);
    let mut lines = String::new();
    for length in [65_535, 65_536, 65_537, 1_000_000, 3] {
        lines.push_str(&"x\u{e9}".repeat(length)[..length / 3 * 3]);
        lines.push('\n');
    }
    for flags in [&[][..], &["--no-compress"], &["--no-context-takeover", "--window-bits", "9"]] {
        let outcome = run(&[&["connect", &serving.url], flags].concat(), lines.as_bytes());
        assert!(outcome.stdout == lines.as_bytes() && outcome.code == Some(0), "{:?} {}", outcome.code, outcome.stderr);
    }
}

#[test]
fn a_long_line_is_fragments_of_one_message() {
    let server = peer::tungstenite(|websocket| websocket.read().unwrap().into_text().unwrap().len());
    let outcome = run(&["connect", &server.url], &[&[b'a'; 200_000][..], b"\n"].concat());
    assert_eq!((outcome.code, server.join()), (Some(0), 200_000));
}

#[test]
fn a_peer_that_sends_without_reading_does_not_stall_us() {
    const SIZE: usize = 1 << 20;
    const COUNT: usize = 24;
    let server = peer::opened("", |socket| {
        // More than all the buffers between hold, before a byte is read.
        for _ in 0..COUNT {
            let mut frame = vec![0x81, 127];
            frame.extend_from_slice(&(SIZE as u64).to_be_bytes());
            frame.resize(frame.len() + SIZE, b'd');
            socket.write_all(&frame).unwrap();
        }
        let mut up = 0;
        loop {
            let (first, payload) = read_frame(socket);
            if first == 0x88 {
                socket.write_all(&[0x88, 2, 0x03, 0xe8]).unwrap();
                return up;
            }
            // The Ping behind the last message isn't one.
            up += if first == 0x89 { 0 } else { payload.len() };
        }
    });
    let line = [&vec![b'u'; SIZE][..], b"\n"].concat();
    let outcome = run(&["connect", "--no-compress", &server.url], &line.repeat(COUNT));
    assert_eq!((outcome.stdout.len(), outcome.code), ((SIZE + 1) * COUNT, Some(0)));
    assert_eq!(server.join(), SIZE * COUNT);
}

#[test]
fn text_that_is_not_utf8_is_refused_before_it_is_sent() {
    let server = peer::tungstenite(|websocket| {
        let mut heard = Vec::new();
        while let Ok(message) = websocket.read() {
            heard.push(message);
        }
        heard.into_iter().filter(|message| message.is_text()).collect::<Vec<_>>()
    });
    let outcome = run(&["connect", &server.url], b"good\nbad \xff\nnever\n");
    outcome.assert("", 2, "line 2 of stdin is not UTF-8");
    outcome.assert("", 2, "       --binary sends it as a binary message");
    assert_eq!(server.join(), [Message::text("good")]);
}

#[test]
fn a_reader_who_leaves_ends_it_quietly() {
    let after_the_first_line = |flags: &[&str]| {
        let serving = Serving::start(&[]);
        let mut running = Running::start_unread(&[&["connect"], flags, &[&serving.url]].concat());
        let mut stdout = BufReader::new(running.take_stdout());
        running.write(b"first\n");
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "first\n");
        drop(stdout);
        running.finish()
    };
    let outcome = after_the_first_line(&[]);
    assert_eq!((outcome.code, outcome.stderr.contains("wscli:")), (Some(0), false), "{outcome:?}");
    // Unless something was expected that hasn't come.
    after_the_first_line(&["--expect", "never"]).assert("", 1, "wscli: no message matched --expect never");
    after_the_first_line(&["--count", "2"]).assert("", 1, "wscli: received 1 of 2 messages");
}

#[test]
fn what_of_stdin_was_held_back_to_the_end_is_told() {
    let told = |flags: &[&str], stdin: &[u8]| {
        let server = peer::opened("", |socket| {
            read_frame(socket);
            // Behind the first message, so that the second is known to be held back.
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            read_frame(socket)
        });
        let outcome =
            run(&[&["connect", "--no-compress", "--ping-interval", "0"], flags, &[&server.url]].concat(), stdin);
        outcome.assert("", 0, "peer closed: 1000");
        server.join();
        outcome.stderr.contains("\nnot all of stdin was sent\n")
    };
    for flags in [&["--rate", "0.01/s"][..], &["--delay", "60s"], &["--pace", "answer"]] {
        assert!(told(flags, b"1\n2\n"), "{flags:?}");
        assert!(!told(flags, b"1\n"), "{flags:?}");
    }
}

/// The end of a connection whose server says `A` to the beginning of what it gets, closes, and reads the rest.
fn closed_early(flags: &[&str], stdin: &[u8]) -> Outcome {
    let server = peer::opened("", |socket| {
        read_frame(socket);
        socket.write_all(b"\x81\x01A\x88\x02\x03\xe8").unwrap();
        read_to_end(socket);
    });
    let outcome = run(&[&["connect", "--no-compress", "--ping-interval", "0"], flags, &[&server.url]].concat(), stdin);
    server.join();
    outcome
}

#[test]
fn what_is_not_sent_because_the_server_has_closed_is_told() {
    let long = b"a line of some length, of which there are very many\n".repeat(400_000);
    let told = "peer closed: 1000 (normal closure)\nnot all of stdin was sent\n";
    assert_eq!(closed_early(&[], &long).stderr, told);
    let outcome = closed_early(&["-n", "-d", "a", "-d", "b", "--delay", "1h"], b"");
    assert_eq!(outcome.stderr, "peer closed: 1000 (normal closure)\nnot all messages of -d were sent\n");
    assert_eq!((outcome.stdout, outcome.code), (b"A\n".to_vec(), Some(0)));
    // Whoever has what was wanted misses nothing.
    assert!(!closed_early(&["-1"], &long).stderr.contains("not all"));
}

/// More than is read at once.
#[test]
fn a_pause_stands_between_messages_and_not_within_one() {
    let server = peer::tungstenite(peer::echo_any);
    let line = "z".repeat(300_000);
    let outcome = run(&["connect", "-1", "--delay", "1h", "-m", "20s", &server.url], line.as_bytes());
    outcome.assert(&format!("{line}\n"), 0, "closed by us: 1000");
}

#[test]
fn what_was_sent_in_one_turn_is_told_however_much_it_is() {
    const LINES: usize = 5000;
    let server = peer::tungstenite(peer::echo_any);
    let outcome = run(&["connect", "--out", "json", &server.url], &b"a line\n".repeat(LINES));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let events = outcome.stdout.split(|byte| *byte == b'\n');
    let texts = events.filter(|line| line.windows(13).any(|there| there == br#""type":"text""#)).count();
    assert_eq!(texts, 2 * LINES);
}

#[test]
fn a_slow_reader_slows_the_server_and_loses_nothing() {
    // Many bytes in few messages: it is bytes that buffers hold.
    const LINES: usize = 40_000;
    let serving = Serving::start(&["--no-compress"]);
    let mut running = Running::start_unread(&["connect", &serving.url]);
    let mut stdout = running.take_stdout();
    let lines: String = (0..LINES).map(|number| format!("{number:01000}\n")).collect();
    running.feed(lines.clone().into_bytes());
    // Nothing is read until no more can be on its way: memory has to stay where it is.
    let resident = settled_resident_kib(running.pid());
    let idle = settled_resident_kib(Running::start_unread(&["connect", "-n", &serving.url]).pid());
    assert!(resident < idle + 1536, "{resident} KiB resident, {idle} KiB of one that does nothing");
    let mut read = String::new();
    stdout.read_to_string(&mut read).unwrap();
    let outcome = running.finish();
    assert!(read == lines, "{} of {} bytes, {outcome:?}", read.len(), lines.len());
    assert_eq!(outcome.code, Some(0));
}

#[test]
fn a_reader_slower_than_the_linger_gets_everything() {
    const SIZE: usize = 60_000;
    const COUNT: usize = 150;
    let server = peer::opened("", |socket| {
        for _ in 0..COUNT {
            let frame = [&[0x81, 126][..], &(SIZE as u16).to_be_bytes(), &vec![b'r'; SIZE]].concat();
            socket.write_all(&frame).unwrap();
        }
        let close = read_frame(socket);
        socket.write_all(&[0x88, 2, 0x03, 0xe8]).unwrap();
        close
    });
    let flags = ["connect", "--linger", "100ms", "--close-timeout", "100ms", &server.url];
    let mut running = Running::start_unread(&flags);
    let mut stdout = running.take_stdout();
    running.feed(Vec::new());
    settled_resident_kib(running.pid());
    let mut read = Vec::new();
    stdout.read_to_end(&mut read).unwrap();
    let outcome = running.finish();
    assert_eq!((read.len(), outcome.code), ((SIZE + 1) * COUNT, Some(0)), "{}", outcome.stderr);
    assert_eq!(server.join(), (0x88, vec![0x03, 0xe8]));
}

/// Resident memory once the process has stopped using the CPU: what it holds, without the pages of the program itself.
fn settled_resident_kib(pid: u32) -> u64 {
    let stat = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let cpu_time =
        || stat().rsplit(')').next().unwrap().split_whitespace().skip(11).take(2).map(str::to_owned).collect();
    let mut before: Vec<String> = cpu_time();
    let mut unchanged = 0;
    while unchanged < 3 {
        std::thread::park_timeout(Duration::from_millis(300));
        let now = cpu_time();
        unchanged = if now == before { unchanged + 1 } else { 0 };
        before = now;
    }
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn echo_sends_everything_back() {
    let server = peer::tungstenite(|websocket| {
        let sent = [Message::text("a"), Message::binary(vec![7; 300_000]), Message::text("")];
        let back = sent.clone().map(|message| {
            websocket.send(message).unwrap();
            websocket.read().unwrap()
        });
        websocket.close(None).unwrap();
        (sent, back)
    });
    let outcome = run(&["connect", "--echo", &server.url], b"");
    outcome.assert("", 0, "peer closed: no status code (1005)");
    let (sent, back) = server.join();
    assert_eq!(sent, back);
}

#[test]
fn flags_that_do_nothing_beside_an_echo_are_refused() {
    for flags in [
        &["-d", "x"][..],
        &["--in", "json"],
        &["--rate", "1"],
        &["--out", "json"],
        &["-o", "file"],
        &["--count", "9"],
        &["--until", "zzz"],
        &["--expect", "zzz"],
        &["--reject", "a"],
        &["--close", "4000"],
        &["--no-close"],
        &["--ok-close", "4000"],
        &["--reconnect"],
    ] {
        let outcome = run(&[&["connect", "--echo"], flags, &["ws://127.0.0.1:1/"]].concat(), b"");
        outcome.assert("", 2, "does nothing with --echo, which sends back what arrives until the peer closes");
    }
    run(&["connect", "--echo"], b"").assert("", 2, "--echo does nothing without a URL: the built-in server echoes too");
}

#[test]
fn pings_are_answered_while_stdin_is_open() {
    let server = peer::opened("", |socket| {
        socket.write_all(b"\x89\x05hello\x01\x02ab\x89\x00\x80\x01c\x88\x00").unwrap();
        [read_frame(socket), read_frame(socket), read_frame(socket)]
    });
    let running = Running::start(&["connect", &server.url]);
    let frames = server.join();
    assert_eq!(frames, [(0x8a, b"hello".to_vec()), (0x8a, vec![]), (0x88, vec![])]);
    running.finish().assert("abc\n", 0, "peer closed: no status code");
}

#[test]
fn frames_behind_the_head_are_not_lost() {
    let server = peer::raw(|socket, head| {
        let answer = [peer::acceptance(&head, "").as_bytes(), b"\x81\x05early\x88\x00"].concat();
        socket.write_all(&answer).unwrap();
        read_frame(socket)
    });
    run(&["connect", &server.url], b"").assert("early\n", 0, "peer closed");
    assert_eq!(server.join(), (0x88, vec![]));
}
