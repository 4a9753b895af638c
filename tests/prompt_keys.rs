//! Keys at the prompt: none keeps anything back, and what is sent is what was typed or pasted.

use std::sync::mpsc::{Sender, channel};

use rustix::process::Signal;
use tungstenite::Message;
use tungstenite::protocol::CloseFrame;

use crate::prompt::{AtTheTerminal, EDITING, until_closed};
use crate::support::files::Folder;
use crate::support::peer::{self, Peer};

/// A server that sends what it is told to, and returns the code of the Close.
fn speaker() -> (Sender<String>, Peer<Option<u16>>) {
    let (says, said) = channel::<String>();
    let peer = peer::tungstenite(move |socket| {
        for text in said {
            socket.send(Message::text(text)).unwrap();
        }
        until_closed(socket)
    });
    (says, peer)
}

/// A server that returns the first message.
fn listener() -> Peer<Message> {
    peer::tungstenite(|socket| {
        let first = socket.read().unwrap();
        until_closed(socket);
        first
    })
}

/// The first message that these keys send.
fn sent(keys: &[u8]) -> Message {
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_bytes(keys);
    prompt.type_bytes(b"\x04");
    let message = peer.join();
    prompt.left(0);
    message
}

#[test]
fn no_key_holds_back_what_arrives() {
    let keys: [(&str, &[u8]); 12] = [
        ("Esc", b"\x1b"),
        ("Ctrl-R", b"\x12"),
        ("Ctrl-R and text", b"\x12abc"),
        ("Ctrl-X", b"\x18"),
        ("Ctrl-V", b"\x16"),
        ("Ctrl-]", b"\x1d"),
        ("Meta-5", b"\x1b5"),
        ("Tab", b"/re\t"),
        ("Tab twice", b"/\t\t"),
        ("half a sequence", b"\x1b[1;"),
        ("half a character", b"\xf0\x9f"),
        ("half a paste", b"\x1b[200~pasted"),
    ];
    for (name, bytes) in keys {
        let (says, peer) = speaker();
        let mut prompt = AtTheTerminal::start(&peer.url);
        // Something to search.
        prompt.type_keys("/ping\r");
        prompt.wait_for_each(EDITING, 2);
        prompt.type_bytes(bytes);
        for number in 0..3 {
            says.send(format!("{name} {number}")).unwrap();
            prompt.wait_for(&format!("< {name} {number}"));
        }
        drop(says);
        prompt.signal(Signal::TERM);
        assert_eq!(peer.join(), Some(1001), "{name}");
        prompt.left(143);
    }
}

#[test]
fn ctrl_d_leaves_whatever_a_key_waits_for() {
    for keys in ["\x1b", "\x12", "\x12abc", "\x18", "\x1d", "\x1b5", "\x1b[1;", "\x1b[200~pasted", "\x1b[200~a\x03b"] {
        let peer = peer::tungstenite(until_closed);
        let mut prompt = AtTheTerminal::start(&peer.url);
        prompt.type_keys(keys);
        // One that comes right behind belongs to the key.
        while !prompt.shows("closed by you") {
            prompt.type_keys("\x04");
        }
        assert_eq!(peer.join(), Some(1000), "{keys:?}");
        prompt.left(0);
    }
}

#[test]
fn the_peers_close_is_told_during_a_search() {
    let (go, gate) = channel::<()>();
    let peer = peer::tungstenite(move |socket| {
        let _ = gate.recv();
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\x12x");
    prompt.wait_for("(search: x");
    drop(go);
    prompt.wait_for("peer closed");
    peer.join();
    prompt.type_keys("\x07\x04");
    prompt.left(0);
}

#[test]
fn a_search_finds_what_was_entered() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 6].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("first one\rsecond one\r");
    prompt.wait_for_each(EDITING, 3);
    // The search is cancelled first, and the line is as it was.
    prompt.type_keys("typed\x12fir");
    prompt.wait_for("(search: fir)");
    prompt.type_keys("\x03 on\r\x12one\x12\r");
    prompt.wait_for_each(EDITING, 5);
    // What was found is there to be changed.
    for (keys, sent) in [("\x1b[C", "second one!"), ("\t", "second one!!")] {
        prompt.type_keys("\x12sec");
        let time = sent.len() - "second one".len();
        prompt.wait_for_each("(search: sec)", time);
        prompt.type_keys(keys);
        let found = sent.strip_suffix('!').unwrap();
        prompt.wait_for(&format!("> {found}\r"));
        prompt.type_keys("\x05!\r");
        prompt.wait_for_each(EDITING, 5 + time);
    }
    prompt.type_keys("\x04");
    let sent = ["first one", "second one", "typed on", "first one", "second one!", "second one!!"];
    assert_eq!(peer.join(), sent.map(Message::text));
    prompt.left(0);
}

#[test]
fn an_ambiguous_completion_is_listed() {
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("/re\t");
    prompt.wait_for("  /repeat  /replay  /resume  /reconnect");
    prompt.type_keys("\x15/hea\t");
    prompt.wait_for("/headers");
    prompt.type_keys("\x15\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn a_paste_is_sent_byte_for_byte() {
    for pasted in ["ends in \x1b", "a\x1b[Ab", "a\tb", "back\\", "tree { of", "a\u{2028}b", "\x03\x04\x16"] {
        let expected = Message::text(pasted);
        assert_eq!(sent(format!("\x1b[200~{pasted}\x1b[201~\r").as_bytes()), expected, "{pasted:?}");
    }
}

#[test]
fn a_paste_without_marks_is_a_line_that_is_typed() {
    // The editor draws it once, not for each character: its bytes on the terminal are a few times the line's.
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    let long = format!("{{\"text\":\"{}\",\"end\":true}}", "ä\\\\ 😀 and so on; ".repeat(500));
    prompt.type_keys(&format!("{long}\r"));
    prompt.wait_for_each(EDITING, 2);
    let drawn = prompt.seen().len();
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Message::text(long.as_str()));
    prompt.left(0);
    assert!(drawn < 40 * long.len(), "{drawn} bytes for a line of {}", long.len());
    // A backslash at the end goes on with the line as ever, Enter ends each line, and a search takes its characters.
    let half = "x".repeat(80);
    // A key that waits for another one waits no longer.
    let keys = format!("{half}\\\r{half}\r\x12{half}\r\x18{half}eee\r\x04");
    let peer = peer::tungstenite(|socket| (0..3).map(|_| socket.read().unwrap()).collect::<Vec<_>>());
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys(&keys);
    let both = Message::text(format!("{half}\n{half}"));
    assert_eq!(peer.join(), [both.clone(), both, Message::text(format!("{half}eee"))]);
    prompt.left(0);
}

#[test]
fn what_comes_behind_ctrl_c_at_a_question_is_for_the_next_line() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 3].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    let [one, two] = ["q", "r"].map(|word| word.repeat(100));
    prompt.type_keys("\x1b[200~a\nb\x1b[201~\r");
    prompt.wait_for("[n]o: ");
    // The pasted lines are there again, to be taken back, and then each text stands where it was typed.
    prompt.type_keys(&format!("{{\x03\x15\x15\x15{one}\r{two}\r\x1b[200~pasted\x1b[201~\r\x04"));
    assert_eq!(peer.join(), [one.as_str(), &two, "pasted"].map(Message::text));
    prompt.left(0);
}

#[test]
fn what_is_too_long_to_edit_is_refused() {
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    // The editor counts rows in 16 bits.
    let paste = |lines: usize| format!("\x1b[200~{}\x1b[201~", "a\n".repeat(lines));
    prompt.type_keys(&paste(70_000));
    prompt.wait_for("the line would be too long to edit; a pipe takes any size");
    // Nor does it become so long bit by bit.
    prompt.type_keys(&paste(20_000));
    prompt.type_keys(&paste(20_000));
    // Nothing is printed beside a line that is taller than the terminal.
    prompt.type_keys("\x03");
    prompt.wait_for_each("the line would be too long to edit; a pipe takes any size", 2);
    prompt.type_keys("short\r\x04");
    assert_eq!(peer.join(), Message::text("short"));
    prompt.left(0);
}

#[test]
fn several_pasted_lines_are_one_text_message() {
    for (pasted, asked) in [
        ("/ping a\n/ping b", "send 2 lines, 15 B, as"),
        ("a\r\nb\r\n", "send 2 lines, 4 B, as"),
        ("a\\\nb\\", "send 2 lines, 5 B, as"),
        ("\n\n", "send 1 line, 1 B, as"),
    ] {
        let keys = format!("\x1b[200~{pasted}\x1b[201~\r");
        let peer = listener();
        let mut prompt = AtTheTerminal::start(&peer.url);
        prompt.type_keys(&keys);
        prompt.wait_for(asked);
        prompt.type_keys("\r\x04");
        let whole = pasted.strip_suffix("\r\n").or_else(|| pasted.strip_suffix('\n')).unwrap_or(pasted);
        assert_eq!(peer.join(), Message::text(whole));
        prompt.left(0);
    }
}

#[test]
fn the_newline_behind_a_pasted_line_is_not_sent() {
    for (pasted, message) in
        [("one\n", "one"), ("one\r\n", "one"), ("one\r", "one"), ("{\n", "{"), ("back\\\n", "back\\")]
    {
        assert_eq!(sent(format!("\x1b[200~{pasted}\x1b[201~\r").as_bytes()), Message::text(message), "{pasted:?}");
    }
    // What is typed behind it makes a line of its own.
    let (peer, mut prompt) = {
        let peer = listener();
        let prompt = AtTheTerminal::start(&peer.url);
        (peer, prompt)
    };
    prompt.type_keys("\x1b[200~one\n\x1b[201~two\r");
    prompt.wait_for("send 2 lines, 7 B, as one message?");
    prompt.type_keys("\r\x04");
    assert_eq!(peer.join(), Message::text("one\ntwo"));
    prompt.left(0);
}

#[test]
fn what_is_pasted_behind_a_command_is_its_argument() {
    let keys = "/json \x1b[200~{\n  \"a\": [1,\n 2]\n}\x1b[201~\r";
    assert_eq!(sent(keys.as_bytes()), Message::text("{\"a\":[1,2]}"));
    assert_eq!(sent(b"/text \x1b[200~a\nb\x1b[201~\r"), Message::text("a\nb"));
    // What is pasted with its name is no command before somebody has said so.
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\x1b[200~/text a\nb\n//c\x1b[201~\r");
    prompt.wait_for_unfolded("as one message? [Y]es, [l]ine by line, which does 1 command, [n]o: ");
    prompt.type_keys("y\r\x04");
    assert_eq!(peer.join(), Message::text("/text a\nb\n//c"));
    prompt.left(0);
}

#[test]
fn a_line_that_ctrl_c_takes_away_comes_back() {
    assert_eq!(sent(b"half typed\x03\x1b[A and sent\r"), Message::text("half typed and sent"));
}

#[test]
fn what_is_no_utf_8_is_offered_as_binary() {
    for keys in [&b"a\xe1b"[..], b"\x1b[200~a\xe1b\x1b[201~"] {
        let peer = listener();
        let mut prompt = AtTheTerminal::start(&peer.url);
        prompt.type_bytes(keys);
        prompt.type_keys("\r");
        prompt.wait_for("> a\u{fffd}b");
        prompt.wait_for("not UTF-8: send 3 B as a binary message? [y]es, [N]o: ");
        prompt.type_keys("y\r\x04");
        assert_eq!(peer.join(), Message::binary(&b"a\xe1b"[..]));
        prompt.left(0);
    }
}

#[test]
fn a_recalled_backslash_is_sent_again() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 2].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\x1b[200~back\\\x1b[201~\r\x1b[A\r\x04");
    assert_eq!(peer.join(), [Message::text("back\\"), Message::text("back\\")]);
    prompt.left(0);
}

#[test]
fn control_characters_can_be_quoted() {
    assert_eq!(sent(b"a\x16\x1b\x16\t\x11\x03\r"), Message::text("a\x1b\t\x03"));
}

#[test]
fn what_is_unfinished_says_how_it_is_sent() {
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\\\r");
    prompt.wait_for("  (Enter sends it)");
    prompt.type_keys("\x03{bad\r");
    prompt.wait_for("  (line 1: a name needs double quotes; Enter sends it)");
    prompt.type_keys("\r\x04");
    assert_eq!(peer.join(), Message::text("{bad"));
    prompt.left(0);
}

#[test]
fn the_line_is_written_on_in_the_persons_own_editor() {
    let folder = Folder::new();
    let script = folder.file("editor", "cp \"$1\" \"$0.seen\"\nprintf 'one\\\\\ntwo\\\\\n' > \"$1\"\n");
    let editor = format!("sh {script}");
    for (mode, keys, begun) in
        [("emacs", "begun\\\rhere\x18\x05", "begun\nhere"), ("vi", "begun\x1bv", "begun"), ("emacs", "x\x1bOP", "x")]
    {
        let peer = listener();
        let flags = ["--edit-mode", mode, "--bind", "f1=edit-line", &peer.url];
        let mut prompt = AtTheTerminal::start_in(&[("EDITOR", &editor), ("VISUAL", "")], &flags);
        prompt.type_keys(keys);
        prompt.wait_for("> one");
        assert_eq!(std::fs::read_to_string(format!("{script}.seen")).unwrap(), begun);
        // What was written is sent as it is, backslashes too.
        prompt.type_keys("\r\x04");
        assert_eq!(peer.join(), Message::text("one\\\ntwo\\"));
        prompt.left(0);
    }
}

#[test]
fn what_is_typed_behind_the_key_for_another_editor_is_for_the_line() {
    let folder = Folder::new();
    let script = folder.file("editor", "printf 'written ' > \"$1\"\n");
    let peer = listener();
    let environment = [("EDITOR", format!("sh {script}")), ("VISUAL", String::new())];
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut prompt = AtTheTerminal::start_in(&environment, &[&peer.url]);
    // Open JSON: it isn't looked whether the line is finished.
    prompt.type_keys("{begun\x18\x05ahead\r");
    prompt.wait_for_each(EDITING, 3);
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Message::text("written ahead"));
    prompt.left(0);
}

#[test]
fn a_key_can_be_meant_several_times() {
    assert_eq!(sent(b"\x1b1\x1b2x\x1b2\x1b[Dy\r"), Message::text("xxxxxxxxxxyxx"));
}

#[test]
fn sequences_of_no_known_key_type_nothing() {
    let unknown =
        "\x1b[27;5;13~\x1b[13;5u\x1b[<0;10;10M\x1b[<0;10;10m\x1b[M !!\x1b]11;rgb:0/0/0\x07\x1b[?62;22c\x1b[12;40R";
    assert_eq!(sent(format!("a{unknown}b\r").as_bytes()), Message::text("ab"));
}

#[test]
fn a_paste_without_an_end_can_be_dropped() {
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("typed\x1b[200~pasted");
    prompt.wait_for("* a paste has begun and not ended; Ctrl-C drops it");
    // What is typed meanwhile goes with it, however little before Ctrl-C.
    prompt.type_keys("x");
    while !prompt.shows("the paste had no end and is dropped") {
        prompt.type_keys("\x03");
    }
    prompt.type_keys("\r\x04");
    assert_eq!(peer.join(), Message::text("typed"));
    prompt.left(0);
}

#[test]
fn ctrl_c_at_a_question_ends_nothing_else() {
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\x1b[200~one\ntwo\x1b[201~\r");
    prompt.wait_for("as one message?");
    prompt.type_keys("\x03");
    // What was pasted is there to be edited.
    prompt.wait_for_each(EDITING, 3);
    prompt.type_keys(" three\r");
    prompt.wait_for_each(EDITING, 4);
    prompt.type_keys("\r\x04");
    assert_eq!(peer.join(), Message::text("one\ntwo three"));
    prompt.left(0);
}

#[test]
fn what_was_typed_before_a_question_answers_nothing() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 2].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("\x1b[200~one\ntwo\x1b[201~\rtyped ahead\r");
    prompt.wait_for("! that is not an answer; after the question, Up brings it back");
    prompt.wait_for_each("as one message?", 2);
    prompt.type_keys("\r\x1b[A\r\x04");
    assert_eq!(peer.join(), [Message::text("one\ntwo"), Message::text("typed ahead")]);
    prompt.left(0);
}

#[test]
fn no_key_quits_unasked() {
    let peer = peer::tungstenite(|socket| (socket.read().unwrap(), until_closed(socket)));
    let mut prompt = AtTheTerminal::start(&peer.url);
    // Ctrl-\\, Ctrl-@ and Ctrl-_: on an empty line, in a line, during a search, at a question.
    prompt.type_keys("\x1c\x00\x1fa\x1c\x00");
    prompt.type_keys("\x12\x1c\x07\x15quit\r");
    prompt.wait_for("as a message: ");
    prompt.type_keys("\x1c\x00\x03");
    prompt.wait_for_each(EDITING, 3);
    prompt.type_keys("\x15still here\r\x04");
    assert_eq!(peer.join(), (Message::text("still here"), Some(1000)));
    prompt.left(0);
}

#[test]
fn ctrl_c_ends_a_repetition_alone() {
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("/repeat 1000000 every 1h again\r");
    prompt.wait_for_each(EDITING, 2);
    prompt.type_keys("\x03");
    prompt.wait_for("* stopped after 1 time");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn an_attempt_to_connect_can_be_left() {
    for (keys, code, told) in
        [("\x03", None, "no longer connecting"), ("\x04", Some(0), ""), ("/quit\r", Some(0), ""), ("", Some(143), "")]
    {
        let first = peer::tungstenite(until_closed);
        let (go, gate) = channel::<()>();
        let (asked, heard) = channel();
        let silent = peer::raw(move |_, _| {
            asked.send(()).unwrap();
            gate.recv().is_err()
        });
        let mut prompt = AtTheTerminal::start_with("1", &["--handshake-timeout", "1h", &first.url]);
        prompt.type_keys(&format!("/connect {}\r", silent.url));
        heard.recv().unwrap();
        prompt.wait_for_each(EDITING, 2);
        if keys.is_empty() {
            prompt.signal(Signal::TERM);
        }
        prompt.type_keys(keys);
        match code {
            Some(code) => prompt.left(code),
            None => {
                prompt.wait_for(told);
                prompt.type_keys("\x04");
                prompt.left(0);
            }
        }
        drop(go);
        assert_eq!(first.join(), Some(if code == Some(143) { 1001 } else { 1000 }));
        assert!(silent.join());
    }
}

#[test]
fn ctrl_c_ends_the_attempts_of_reconnect() {
    let peer = peer::tungstenite(|socket| {
        let close = CloseFrame { code: 1012.into(), reason: "".into() };
        socket.close(Some(close)).unwrap();
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--reconnect", &peer.url]);
    peer.join();
    prompt.wait_for("attempt 1 failed: can't connect");
    prompt.type_keys("\x03");
    prompt.wait_for("* no more attempts; /reconnect to connect again, Ctrl-D to exit");
    prompt.type_keys("\x03");
    prompt.wait_for("* Ctrl-C again exits");
    prompt.type_keys("\x03");
    prompt.left(130);
}

#[test]
fn vi_s_keys_edit_the_line() {
    for (keys, message) in [
        ("one two\x1bbdwithree\r", "one three"),
        ("abc\x1b0xA!\r", "bc!"),
        ("one two three\x1b0wcwTWO\x1b$hr.\r", "one TWO thre."),
        ("a,b,c\x1b0f,;Dp\r", "a,b,c"),
        ("first\x1bdd\x1bisecond\r", "second"),
        // What was inserted is undone as a whole, with what it has replaced.
        ("one two\x1b0cwsome new words\x1bu\r", "one two"),
        // Digits right behind Esc, and a key right behind it.
        ("abcdef\x1b03x\r", "def"),
    ] {
        let peer = listener();
        let mut prompt = AtTheTerminal::start_with("1", &["--edit-mode", "vi", &peer.url]);
        prompt.type_keys(keys);
        prompt.type_keys("\x04");
        assert_eq!(peer.join(), Message::text(message), "{keys:?}");
        prompt.left(0);
    }
}

#[test]
fn vi_s_search_fetches_a_line_and_sends_none() {
    let peer = peer::tungstenite(|socket| {
        let messages = [socket.read().unwrap(), socket.read().unwrap()];
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--edit-mode", "vi", &peer.url]);
    prompt.type_keys("first message\r");
    prompt.wait_for_each(EDITING, 2);
    prompt.type_keys("\x1b/fir");
    prompt.wait_for("(search: fir)");
    prompt.type_keys("\r");
    prompt.type_keys("A, edited\r");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), [Message::text("first message"), Message::text("first message, edited")]);
    prompt.left(0);
}

#[test]
fn vi_s_undo_leaves_the_line_that_was_brought_back() {
    let peer = peer::tungstenite(|socket| {
        let messages = [(); 2].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--edit-mode", "vi", &peer.url]);
    prompt.type_keys("brought back\r\x1b[A more\x1buA!\r\x04");
    assert_eq!(peer.join(), ["brought back", "brought back!"].map(Message::text));
    prompt.left(0);
}

#[test]
fn pointers_are_completed_from_what_was_seen() {
    let peer = peer::tungstenite(|socket| {
        socket.send(Message::text(r#"{"symbol":"a","data":{"price":1}}"#)).unwrap();
        until_closed(socket)
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.wait_for("< {\"symbol\"");
    prompt.type_keys("/pick /s\t /da\t/\t\r");
    prompt.wait_for("[pick /symbol /data/price]");
    prompt.type_keys("/watch by /s\t\r");
    prompt.wait_for("watch by /symbol]");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn vi_s_keys_hold_nothing_back() {
    let (says, peer) = speaker();
    let mut prompt = AtTheTerminal::start_with("1", &["--edit-mode", "vi", &peer.url]);
    for (number, keys) in ["typed\x1b", "d", "\x07f", "\x07r", "\x073"].iter().enumerate() {
        prompt.type_keys(keys);
        says.send(format!("number {number}")).unwrap();
        prompt.wait_for(&format!("< number {number}"));
    }
    prompt.type_keys("\x07dd");
    prompt.type_keys("\x04");
    drop(says);
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn json_is_checked_while_it_is_typed_and_completed_from_what_was_seen() {
    let peer = peer::tungstenite(|socket| {
        socket.send(Message::text(r#"{"channel":"trades","op":"subscribe"}"#)).unwrap();
        (socket.read().unwrap(), until_closed(socket))
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.wait_for("< {\"channel\"");
    prompt.type_keys("{\"a\": 1 \"b\"");
    prompt.wait_for("  (column 8: missing comma)");
    // A place that is filled in is a value.
    prompt.type_keys("\x03/template on\r{\"n\":${counter},\"m\":\"$$ ${uuid}\" \"b\"");
    prompt.wait_for("  (column 33: missing comma)");
    prompt.type_keys("\x03/template off\r/def sub {\"n\":$1 \"b\"");
    prompt.wait_for("sub {\"n\":$1 \"b\"  (column 8: missing comma)");
    prompt.type_keys("\x03{\"ch\t");
    prompt.wait_for("{\"channel\":");
    prompt.type_keys("\"tr\t,\"op\":\"\t}\r");
    let sent = (Message::text(r#"{"channel":"trades","op":"subscribe"}"#), Some(1000));
    prompt.wait_for_each(EDITING, 2);
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), sent);
    prompt.left(0);
}

#[test]
fn the_bracket_that_belongs_to_the_one_at_the_cursor_is_shown() {
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start_with("", &[&peer.url]);
    prompt.type_keys("{\"a\":[1]");
    prompt.wait_for("{\"a\":\x1b[1;31m[\x1b[0m1\x1b[1;31m]\x1b[0m");
    // What was sent has none.
    prompt.type_keys("}\r");
    prompt.wait_for("{\"a\":[1]}");
    prompt.wait_for_each(EDITING, 2);
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn keys_do_what_the_configuration_file_has_them_do() {
    let folder = Folder::new();
    let bindings = "[prompt.keys]\nctrl-t = 'kill-word'\nf2 = 'insert  three'\n'alt-=' = 'beginning-of-line'\n";
    let file = folder.file("config.toml", bindings);
    for mode in ["emacs", "vi"] {
        for f2 in ["\x1bOQ", "\x1b[12~"] {
            let peer = listener();
            let args = ["--config", &file, "--edit-mode", mode, "--bind", "ctrl-x=end-of-line", &peer.url];
            let mut prompt = AtTheTerminal::start_with("1", &args);
            // A function key that isn't bound types nothing.
            prompt.type_keys(&format!("one two\x1b=\x14\x18{f2}\x1b[15~\x1bOR!\r"));
            prompt.type_keys("\x04");
            assert_eq!(peer.join(), Message::text(" two three!"), "{mode} {f2:?}");
            prompt.left(0);
        }
    }
}
