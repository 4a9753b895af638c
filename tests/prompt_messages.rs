//! Messages that have a name, files of lines, and templates, at the prompt.

use tungstenite::Message;

use crate::prompt::AtTheTerminal;
use crate::support::files::Folder;
use crate::support::peer::{self, Peer};
use crate::support::program::PATIENCE;

/// A server that tells what it has received before the Close, and answers `login` with a token.
fn server() -> Peer<Vec<String>> {
    peer::tungstenite(|socket| {
        let mut received = Vec::new();
        while let Ok(message) = socket.read() {
            match message {
                Message::Close(_) => break,
                Message::Text(text) => received.push(text.to_string()),
                _ => {}
            }
            if received.last().is_some_and(|text| text == "login") {
                socket.send(Message::text(r#"{"token":"a\"b","id":7}"#)).unwrap();
            }
        }
        while socket.read().is_ok() {}
        received
    })
}

fn leave(mut prompt: AtTheTerminal, server: Peer<Vec<String>>) -> Vec<String> {
    prompt.type_keys("\x04");
    let received = server.join();
    prompt.left(0);
    received
}

#[test]
fn a_message_that_has_a_name_is_sent_by_it() {
    let home = Folder::new();
    let server = server();
    let mut first = AtTheTerminal::start_at_home(&home.path(""), &["--no-compress", &server.url]);
    first.type_keys("/def sub {\"channel\":\"$1\",\"price\":\"$$\"}\r/def hello //$*\r");
    first.wait_for("* /hello sends it from now on");
    first.type_keys("/sub trades\r/sub \"two \\\"words\\\"\"\r/hello and more\r/sub\r/hel\t\x03");
    first.wait_for("> {\"channel\":\"trades\",\"price\":\"$\"}");
    first.wait_for("! /sub: column 13: $1 is missing: 0 arguments given");
    first.wait_for("/hello ");
    first.type_keys("/def secret /connect ws://me:open@a.test/\r/def ping x\r/def\r");
    first.wait_for("* /secret sends it in this run, and is not kept: a password");
    first.wait_for("! /def: /ping is a command; a saved message needs another name");
    first.wait_for("  /sub  {\"channel\":\"$1\",\"price\":\"$$\"}");
    let messages = std::fs::read_to_string(home.path(".local/state/wscli/messages")).unwrap();
    assert!(messages.contains("\"hello\"") && !messages.contains("open"), "{messages}");
    let history = std::fs::read_to_string(home.path(".local/state/wscli/history")).unwrap();
    assert!(!history.contains("me:open"), "{history}");
    let received = leave(first, server);
    assert_eq!(
        received,
        [r#"{"channel":"trades","price":"$"}"#, r#"{"channel":"two \"words\"","price":"$"}"#, "/and more"]
    );
}

#[test]
fn lines_of_a_file_are_done_up_to_the_first_that_is_wrong() {
    let (folder, server) = (Folder::new(), server());
    let (file, endless) = (folder.path("lines"), folder.path("endless"));
    std::fs::write(&file, "# first\nlogin\n\n{\n\"a\": 1}\n/ping x\n/json {]\nnever\nnever\n").unwrap();
    std::fs::write(&endless, "/repeat 1000000 every 1h x\nnever\nnever\n").unwrap();
    let mut prompt = AtTheTerminal::start(&server.url);
    prompt.type_keys(&format!("/run {file}\r"));
    prompt.wait_for(&format!("! {file}:7: "));
    prompt.wait_for("* stopped there: 2 lines from line 8 on not done");
    prompt.wait_for("> /ping x");
    let recording = folder.path("recording.ndjson");
    prompt.type_keys(&format!("/save {recording}\r"));
    prompt.wait_for_unfolded(&format!("to {recording}"));
    prompt.type_keys(&format!("/run {recording}\r"));
    prompt.wait_for_unfolded(&format!("{recording} is a recording; /replay {recording}"));
    prompt.type_keys("/run /dev/zero\r");
    prompt.wait_for("! /dev/zero is larger than 1 MiB");
    prompt.type_keys(&format!("/run {}\r", folder.path("none")));
    prompt.wait_for("No such file");
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.path("pipe"), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .unwrap();
    let pipe = std::fs::OpenOptions::new().read(true).write(true).open(folder.path("pipe")).unwrap();
    prompt.type_keys(&format!("/run {}\r", folder.path("pipe")));
    prompt.wait_for("; Ctrl-C stops");
    prompt.type_keys("\x03");
    prompt.wait_for("pipe was stopped");
    drop(pipe);
    prompt.type_keys(&format!("/run {endless}\r"));
    prompt.wait_for_unfolded(&format!(
        "! {endless}:2: /repeat with \"every\" goes on, and no line waits for its end: it has to be the last"
    ));
    prompt.wait_for("* stopped there: 2 lines from line 2 on not done");
    prompt.type_keys("\x03");
    prompt.wait_for("* stopped after 1 time");
    assert_eq!(leave(prompt, server), ["login", "{\n\"a\": 1}", "x"]);
}

#[test]
fn what_fits_the_width_of_the_terminal_is_on_one_line() {
    // Beside the left column and the mark there are 65 of 80 columns.
    let json = format!("{{\"text\":\"{}\"}}", "x".repeat(54));
    let text = format!("{} and on", "x".repeat(58));
    let sent = [json.clone(), text.clone(), format!("{text}!")];
    let peer = peer::tungstenite(move |socket| {
        sent.into_iter().for_each(|text| socket.send(Message::text(text)).unwrap());
        while socket.read().is_ok() {}
        Vec::new()
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.wait_for(&format!("  1     65 B < {json}\r\n"));
    prompt.wait_for(&format!("  2     65 B < {text}\r\n"));
    prompt.wait_for("and \r\n               on!\r\n");
    leave(prompt, peer);
}

#[test]
fn templates_have_values_of_what_was_received() {
    let server = server();
    let mut prompt = AtTheTerminal::start(&server.url);
    prompt.type_keys("{\"id\":\"${uuid}\"}\r");
    prompt.wait_for("* ${uuid} is sent as it is; /template on fills such places in\r\n");
    prompt.type_keys("/template on\r");
    prompt.wait_for("[template on]");
    prompt.type_keys("login\r");
    prompt.wait_for("< {\"token\":");
    prompt.type_keys("{\"t\":\"${last./token}\",\"id\":${last./id},\"n\":${counter}}\r${env.NOWHERE}\r");
    prompt.wait_for("! column 1: NOWHERE is not in the environment");
    // What is typed next is no part of that line, which Up brings back as any other that is refused.
    prompt.type_keys("/template off\r");
    prompt.wait_for("[template off]");
    prompt.type_keys("\x1b[A\x1b[A");
    prompt.wait_for("${env.NOWHERE}");
    prompt.type_keys("\x15");
    prompt.type_keys("${counter}\r");
    let sent = [r#"{"id":"${uuid}"}"#, "login", r#"{"t":"a\"b","id":7,"n":1}"#, "${counter}"];
    assert_eq!(leave(prompt, server), sent);
}

#[test]
fn json_of_several_lines_is_kept_and_sent_by_commands() {
    let server = server();
    let mut prompt = AtTheTerminal::start(&server.url);
    prompt.type_keys("/def pair {\r\"a\": \"$1\"}\r");
    prompt.wait_for("* /pair sends it in this run");
    prompt.type_keys("/pair x\r/repeat 1 {\"b\":\r1}\r/text [\r2]\r");
    prompt.wait_for("* sent 1 time");
    assert_eq!(leave(prompt, server), ["{\n\"a\": \"x\"}", "{\"b\":\n1}", "[\n2]"]);
}

#[test]
fn what_is_repeated_is_filled_in_each_time() {
    let server = server();
    let mut prompt = AtTheTerminal::start(&server.url);
    prompt.type_keys("/def tick /repeat 2 {\"n\":${counter},\"of\":\"$1\"}\r/tick BTC\r");
    prompt.wait_for("> /repeat 2 {\"n\":${counter},\"of\":\"BTC\"}\r\n");
    prompt.wait_for("* sent 2 times");
    prompt.type_keys("/template on\r/repeat 2 every 1ms ${counter}\r");
    prompt.wait_for_each("* sent 2 times", 2);
    prompt.type_keys("/repeat 2 same $$\r");
    prompt.wait_for_each("* sent 2 times", 3);
    prompt.type_keys("/repeat 2 ${last./id}\r");
    prompt.wait_for("! column 3: no message has come that has a value at /id");
    let sent = [r#"{"n":1,"of":"BTC"}"#, r#"{"n":2,"of":"BTC"}"#, "3", "4", "same $", "same $"];
    prompt.type_keys("\x15");
    assert_eq!(leave(prompt, server), sent);
}

#[test]
fn the_prompt_begins_as_flags_say() {
    let server = server();
    let flags = ["--bell", "notify x", "--template", "--filter", "!y", &server.url];
    let mut prompt = AtTheTerminal::start_with("1", &flags);
    prompt.wait_for("[filter !y, template on, bell notify x]");
    prompt.type_keys("${counter}\r");
    assert_eq!(leave(prompt, server), ["1"]);
    let server = self::server();
    let flags = ["--pick", "/id /token", "--watch", "/price by /symbol", &server.url];
    let mut prompt = AtTheTerminal::start_with("1", &flags);
    prompt.wait_for("pick /id /token, watch /price by /symbol]");
    assert_eq!(leave(prompt, server), [""; 0]);
}

#[test]
fn json_of_several_lines_is_pasted_as_the_one_message_that_it_is() {
    let server = server();
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("\x1b[200~{\n  \"a\": 1\n}\x1b[201~\r");
    prompt.type_keys("\x1b[200~{\n}\nmore\x1b[201~\r");
    prompt.wait_for("send 3 lines, 8 B, as one message? [Y]es, [l]ine by line, [n]o: ");
    prompt.type_keys("y\r/filter\r/filter received /op = 1\r/filter\r");
    prompt.wait_for("* filter off; usage: /filter ");
    prompt.wait_for("* filter received /op = 1; usage: /filter ");
    assert_eq!(leave(prompt, server), ["{\n  \"a\": 1\n}", "{\n}\nmore"]);
}

#[test]
fn a_word_that_was_taken_for_a_command_is_no_beginning_of_the_next_line() {
    let server = server();
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &server.url]);
    prompt.type_keys("help\r");
    prompt.wait_for("list the commands? [Y]es, [s]end \"help\" as a message: ");
    prompt.type_keys("\x03");
    prompt.wait_for_each("\x1b[K> ", 2);
    prompt.type_keys("hello\r");
    assert_eq!(leave(prompt, server), ["hello"]);
}

#[test]
fn what_steps_send_is_sent_however_late_the_peer_reads() {
    const LENGTH: usize = 8 << 20;
    let folder = Folder::new();
    let big = folder.file("big", "A".repeat(LENGTH));
    let steps = folder.file("big.wst", format!("send file {big}\nsend bye\n"));
    let (reads, gate) = std::sync::mpsc::channel::<()>();
    let server = peer::tungstenite(move |socket| {
        gate.recv_timeout(PATIENCE).unwrap();
        let mut lengths = Vec::new();
        while let Ok(message) = socket.read() {
            match message {
                Message::Close(_) => {}
                message => lengths.push(message.len()),
            }
        }
        lengths
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", "--ping-interval", "0", &server.url]);
    prompt.type_keys(&format!("/run {steps}\r/stats\r"));
    prompt.wait_for("* taking the steps of ");
    prompt.wait_for("* open for ");
    reads.send(()).unwrap();
    prompt.wait_for("* took all steps of ");
    prompt.type_keys("\x04");
    assert_eq!(server.join(), [LENGTH, 3]);
    prompt.left(0);
}
