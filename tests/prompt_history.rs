//! The history of the prompt: what is kept of the lines that were entered, and the keys that bring them back.

use std::fs;
use std::path::PathBuf;

use tungstenite::Message;

use crate::prompt::{AtTheTerminal, EDITING, until_closed};
use crate::support::files::Folder;
use crate::support::peer::{self, Peer};

/// Somebody's home.
struct Home(Folder);

impl Home {
    fn new() -> Self {
        Self(Folder::new())
    }

    /// With lines from earlier runs.
    fn with(history: &[u8]) -> Self {
        let home = Self::new();
        fs::create_dir_all(home.file().parent().unwrap()).unwrap();
        fs::write(home.file(), history).unwrap();
        home
    }

    fn file(&self) -> PathBuf {
        PathBuf::from(self.0.path(".local/state/wscli/history"))
    }

    fn history(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.file()).unwrap()).into_owned()
    }

    fn prompt(&self, args: &[&str]) -> AtTheTerminal {
        AtTheTerminal::start_at_home(&self.0.path(""), args)
    }

    /// The messages that these keys send.
    fn sent<const N: usize>(&self, keys: &str) -> [Message; N] {
        let peer = listener();
        let mut prompt = self.prompt(&[&peer.url]);
        prompt.type_keys(keys);
        prompt.type_keys("\x04");
        let messages = peer.join();
        prompt.left(0);
        messages
    }
}

#[test]
fn what_a_peer_has_said_is_not_in_the_history_of_another_run() {
    let home = Home::new();
    let peer = peer::tungstenite(|socket| {
        socket.send(Message::text("{\"token\":\"peers\"}")).unwrap();
        let messages = [(); 6].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    });
    let mut prompt = home.prompt(&[&peer.url]);
    prompt.wait_for("< {\"token\":\"peers\"}");
    // Sent again, written on, brought back, and written on then; taken back, and something else written in its place.
    prompt.type_keys("/last 1\r\r/last 1\r!\rown\x15\x1b[A\x1b[A\x1b[A\r\x1b[A?\r");
    prompt.type_keys("/last 1\r, taken\x03own\r\x1b[A\x1b[A\r\x04");
    let token = "{\"token\":\"peers\"}";
    let sent = ["", "!", "", "?", "own", ", taken"];
    let sent = sent.map(|more| if more == "own" { more.to_owned() } else { format!("{token}{more}") });
    assert_eq!(peer.join(), sent.map(Message::text));
    prompt.left(0);
    assert_eq!(home.history(), "#V2\n/last 1\n/last 1\n/last 1\nown\n");
}

/// A server that returns the first messages.
fn listener<const N: usize>() -> Peer<[Message; N]> {
    peer::tungstenite(|socket| {
        let messages = [(); N].map(|()| socket.read().unwrap());
        until_closed(socket);
        messages
    })
}

const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";

#[test]
fn lines_come_back_in_the_next_run_each_once() {
    let home = Home::new();
    assert_eq!(home.sent("one\rtwo\rone\r"), ["one", "two", "one"].map(Message::text));
    // The line that was entered twice is there once, where it was entered last.
    assert_eq!(home.sent(&format!("{UP}{UP}{UP}\r")), [Message::text("two")]);
}

#[test]
fn a_message_of_several_lines_comes_back_whole() {
    let home = Home::new();
    assert_eq!(home.sent("one\\\rtwo\r"), [Message::text("one\ntwo")]);
    assert_eq!(home.sent(&format!("{UP}\r")), [Message::text("one\ntwo")]);
}

#[test]
fn up_goes_back_through_the_lines_that_begin_so() {
    let home = Home::with(b"#V2\nsubscribe a\nother\nsubscribe b\nlast\n");
    assert_eq!(home.sent(&format!("sub{UP}{UP}\r")), [Message::text("subscribe a")]);
    // What was typed comes back behind the newest.
    assert_eq!(home.sent(&format!("other{UP}{DOWN} one\r")), [Message::text("other one")]);
    assert_eq!(home.sent(&format!("sub{UP}{DOWN}\x08mmit\r")), [Message::text("summit")]);
    // Where none begins so, nothing changes.
    assert_eq!(home.sent(&format!("nothing{UP}{UP}!\r")), [Message::text("nothing!")]);
}

#[test]
fn a_bad_byte_does_not_end_the_history() {
    let home = Home::with(b"#V2\nbefore\na\xe1b\nbehind\n");
    assert_eq!(home.sent(&format!("bef{UP}\rbeh{UP}\r")), ["before", "behind"].map(Message::text));
}

#[test]
fn prompts_at_the_same_time_lose_none_of_their_lines() {
    let home = Home::new();
    let peers: [Peer<[Message; 6]>; 2] = [listener(), listener()];
    let mut prompts = [&peers[0], &peers[1]].map(|peer| home.prompt(&[&peer.url]));
    for round in 0..6 {
        for (number, prompt) in prompts.iter_mut().enumerate() {
            prompt.type_keys(&format!("line {round} of {number}\r"));
            prompt.wait_for_each(EDITING, round + 2);
        }
    }
    for (mut prompt, peer) in prompts.into_iter().zip(peers) {
        prompt.type_keys("\x04");
        peer.join();
        prompt.left(0);
    }
    let lines: String =
        (0..6).flat_map(|round| (0..2).map(move |number| format!("line {round} of {number}\n"))).collect();
    assert_eq!(home.history(), format!("#V2\n{lines}"));
}

#[test]
fn a_history_in_a_full_file_keeps_what_other_prompts_add() {
    let old: String = (0..10_000).map(|number| format!("old {number}\n")).collect();
    let home = Home::with(format!("#V2\n{old}").as_bytes());
    let peer = listener();
    let mut prompt = home.prompt(&[&peer.url]);
    assert_eq!(home.sent("theirs\r"), [Message::text("theirs")]);
    prompt.type_keys("ours\r\x04");
    assert_eq!(peer.join(), [Message::text("ours")]);
    prompt.left(0);
    assert!(home.history().ends_with("old 9999\ntheirs\nours\n"), "{}", home.history().len());
}

#[test]
fn passwords_and_tokens_in_urls_are_not_kept() {
    let home = Home::new();
    let peer = listener();
    let mut prompt = home.prompt(&[&peer.url]);
    let message = r#"{"url":"wss://me:sesame@a.test/"}"#;
    prompt.type_keys(&format!("{message}\r"));
    prompt.type_keys("/help wss://me:sesame@a.test/?token=sesame&room=1\r");
    prompt.wait_for("is not a command");
    // While the program runs a line comes back as it was.
    prompt.type_keys(&format!("{{{UP}\r\x04"));
    assert_eq!(peer.join(), [Message::text(message), Message::text(message)]);
    prompt.left(0);
    assert_eq!(home.history(), "#V2\n/help wss://me@a.test/?token=&room=1\n");
}

#[test]
fn a_file_that_has_grown_is_written_anew() {
    let line = format!("{}\n", "x".repeat(9_999));
    let large: String = (0..1_000).map(|number| format!("{number}{line}")).collect();
    let home = Home::with(format!("#V2\n{large}").as_bytes());
    assert_eq!(home.sent("new\r"), [Message::text("new")]);
    let history = home.history();
    assert!(history.len() < 5 << 20 && history.ends_with("x\nnew\n"), "{}", history.len());
}

#[test]
fn a_history_that_is_no_file_is_left_alone() {
    let home = Home::new();
    fs::create_dir_all(home.file().parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/dev/null", home.file()).unwrap();
    assert_eq!(home.sent(&format!("one\r{UP}\r")), ["one", "one"].map(Message::text));
    assert!(fs::symlink_metadata(home.file()).unwrap().is_symlink());
}
