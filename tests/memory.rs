//! What each mode holds at most, as docs/security.md says: the peak of the process's memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::process::Signal;

use crate::bounds::wait_until_at_rest;
use crate::prompt::AtTheTerminal;
use crate::support::files::Folder;
use crate::support::peer::{self, client_frame, open_by_hand, read_frame};
use crate::support::program::{PATIENCE, Running, Serving, memory};
use crate::support::terminal::Terminal;

/// What a process takes beside messages, in bytes.
const REST: usize = 16 << 20;

/// Of the large messages here, in bytes.
const LARGE: usize = 8 << 20;

fn assert_peak(running: &Running, most: usize) {
    let peak = running.peak();
    assert!(peak < most, "{} MiB, not below {}", peak >> 20, most >> 20);
}

/// Opens a connection to the server; its Pings would count among the frames.
fn open(serving: &Serving) -> TcpStream {
    open_by_hand(serving.address(), "").0
}

fn serve(args: &[&str]) -> Serving {
    Serving::with(&[args, &["--ping-interval", "0"]].concat())
}

/// Sends the message, and waits until the server has taken it.
fn send(socket: &mut TcpStream, first: u8, content: &[u8]) {
    socket.write_all(&client_frame(first, content)).unwrap();
    socket.write_all(&client_frame(0x89, b"")).unwrap();
    assert_eq!(read_frame(socket), (0x8a, Vec::new()));
}

/// A message, and how many frames it came in.
fn read_message(socket: &mut TcpStream) -> (Vec<u8>, usize) {
    let (mut content, mut frames) = (Vec::new(), 0);
    loop {
        let (first, payload) = read_frame(socket);
        content.extend_from_slice(&payload);
        frames += 1;
        if first & 0x80 != 0 {
            return (content, frames);
        }
    }
}

#[test]
fn json_of_any_shape_is_looked_up_without_a_tree_of_it() {
    let folder = Folder::new();
    let rules: String =
        (0..10).map(|number| format!("json /{number}x\n  reply x\njson /{number} = 1 => nothing\n")).collect();
    let serving = serve(&["--reply", &folder.file("rules", rules + "json /3\n  reply ${/3}, ${/99999}\n")]);
    let mut client = open(&serving);
    let content = format!("[0{}]", ",0".repeat(LARGE / 2));
    client.write_all(&client_frame(0x81, content.as_bytes())).unwrap();
    assert_eq!(read_frame(&mut client), (0x81, b"0, 0".to_vec()));
    assert_peak(&serving.running, LARGE + REST);
}

#[test]
fn answers_quote_a_message_that_is_kept_once() {
    let folder = Folder::new();
    let rules = folder.file("rules", "match ^a(.*)$\n  reply $1 $1\n  reply $0\n  reply $0\n  reply end\n");
    let serving = serve(&["--reply", &rules]);
    let mut client = open(&serving);
    let content = format!("a{}", "é".repeat(LARGE / 2));
    client.write_all(&client_frame(0x81, content.as_bytes())).unwrap();
    wait_until_at_rest(&serving.running);
    assert_peak(&serving.running, LARGE + REST);
    let quoted = &content[1..];
    let (first, fragments) = read_message(&mut client);
    assert!(first == format!("{quoted} {quoted}").as_bytes() && fragments > 250);
    for _ in 0..2 {
        assert!(read_message(&mut client).0 == content.as_bytes());
    }
    assert_eq!(read_message(&mut client), (b"end".to_vec(), 1));
    assert_peak(&serving.running, LARGE + REST);
}

#[test]
fn what_is_escaped_into_json_is_made_piece_by_piece() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any => reply {\"m\":\"$0\",\"v\":$0}\n");
    let serving = serve(&["--reply", &rules]);
    let mut client = open(&serving);
    // Each of its characters becomes six.
    let content = vec![1; LARGE];
    client.write_all(&client_frame(0x81, &content)).unwrap();
    wait_until_at_rest(&serving.running);
    assert_peak(&serving.running, LARGE + REST);
    let (answer, fragments) = read_message(&mut client);
    let escaped = "\\u0001".repeat(LARGE);
    assert!(answer == format!("{{\"m\":\"{escaped}\",\"v\":\"{escaped}\"}}").as_bytes() && fragments > 250);
    assert_peak(&serving.running, LARGE + REST);
}

#[test]
fn a_broadcast_is_held_once_for_all_who_do_not_read() {
    let serving = serve(&["--broadcast"]);
    let mut readers: Vec<_> = (0..10).map(|_| open(&serving)).collect();
    let mut sender = open(&serving);
    let content = vec![7; LARGE];
    send(&mut sender, 0x82, &content);
    wait_until_at_rest(&serving.running);
    assert_peak(&serving.running, LARGE + REST);
    for reader in &mut readers {
        assert!(read_message(reader).0 == content);
    }
}

#[test]
fn clients_that_stop_at_a_different_message_each_do_not_add_up() {
    // Twice what large messages may take altogether, in sixteen.
    const SIZE: usize = 16 << 20;
    let mut serving = serve(&["--broadcast", "--slow", "drop"]);
    let mut sender = open(&serving);
    serving.running.line_with("[1] ");
    let mut stopped = Vec::new();
    for number in 0..16 {
        // It has no message yet; the others have theirs.
        stopped.push(open(&serving));
        serving.running.line_with(&format!("[{}] ", number + 2));
        wait_until_at_rest(&serving.running);
        send(&mut sender, 0x82, &vec![number as u8; SIZE]);
    }
    wait_until_at_rest(&serving.running);
    // 128 MiB for large messages, and what the sender's next one may take.
    assert_peak(&serving.running, (128 << 20) + SIZE + REST);
}

#[test]
fn a_person_is_shown_the_beginning_of_a_large_message() {
    let mut serving = serve(&["--prompt"]);
    let mut client = open(&serving);
    send(&mut client, 0x81, &vec![b'\x01'; LARGE]);
    let line = serving.running.line_with("] < ");
    assert_eq!(LARGE - 64 * 1024, 8_323_072);
    let shown = format!("] < {} … and 8,323,072 bytes more", "\\x01".repeat(64 * 1024));
    assert!(line.ends_with(&shown), "{}", &line[line.len() - 100..]);
    assert_peak(&serving.running, REST);
}

/// A server that sends a message with this content, and a Ping behind it, twice.
fn sends_twice(first: u8, content: &'static [u8]) -> peer::Peer<()> {
    peer::opened("", move |socket| {
        let mut frames = vec![first, 127];
        frames.extend_from_slice(&(content.len() as u64).to_be_bytes());
        frames.extend_from_slice(content);
        let _ = socket.write_all(&frames);
        let _ = socket.write_all(&frames);
        let _ = socket.write_all(b"\x88\x02\x03\xe8");
        let _ = socket.read(&mut [0; 64]);
    })
}

/// The content of a large message, as long as the tests run.
fn large(byte: u8) -> &'static [u8] {
    vec![byte; LARGE].leak()
}

#[test]
fn a_json_line_is_never_held_as_one() {
    const SIZE: usize = LARGE / 2;
    for (first, byte, shown) in [(0x81, 1, "\"text\":\"\\u0001\\u0001"), (0x82, 0xff, "\"base64\":\"////")] {
        let server = sends_twice(first, &large(byte)[..SIZE]);
        let mut running = Running::start_unread(&["connect", "-n", "--out", "json", &server.url]);
        wait_until_at_rest(&running);
        assert_peak(&running, 2 * SIZE + REST);
        let mut lines = String::new();
        running.take_stdout().read_to_string(&mut lines).unwrap();
        assert_eq!(running.finish().code, Some(0));
        server.join();
        // Behind its head a line is long.
        let head = |line: &str| line.get(..400).unwrap_or(line).to_owned();
        let lengths: Vec<_> = lines.lines().filter(|line| head(line).contains(shown)).map(str::len).collect();
        let escaped = if first == 0x81 { 6 * SIZE } else { SIZE.div_ceil(3) * 4 };
        assert!(lengths.len() == 2 && lengths.iter().all(|length| *length > escaped), "{lengths:?}");
    }
}

#[test]
fn a_large_record_in_a_servers_events_is_held_once() {
    let mut running =
        Running::start_unread(&["serve", "--sink", "--out", "json", "127.0.0.1:0", "--ping-interval", "0"]);
    let url = running.line_with("listening on ").rsplit(' ').next().unwrap().to_owned();
    let (mut client, _) = open_by_hand(url.split('/').nth(2).unwrap(), "");
    for _ in 0..4 {
        send(&mut client, 0x81, large(1));
    }
    // One is being written, one waits, and one was gathered before it was dropped.
    assert_peak(&running, 3 * LARGE + REST);
}

#[test]
fn a_large_message_passes_a_terminal_in_pieces() {
    let terminal = Terminal::open();
    let (went, gone) = channel();
    let (go, wait) = channel::<()>();
    let server = peer::opened("", move |socket| {
        let mut frames = vec![0x81, 127];
        // Four times as much is shown of it.
        let content = vec![0x1b; LARGE / 2];
        frames.extend_from_slice(&(content.len() as u64).to_be_bytes());
        frames.extend_from_slice(&content);
        frames.extend_from_slice(b"\x89\0");
        socket.write_all(&frames).unwrap();
        assert_eq!(read_frame(socket), (0x8a, Vec::new()));
        went.send(()).unwrap();
        let _ = wait.recv();
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        let _ = socket.read(&mut [0; 64]);
    });
    // A Ping of its own would count among the frames.
    let flags = ["connect", "-n", "--ping-interval", "0", &server.url];
    let running = Running::start_into(&flags, terminal.end());
    gone.recv().unwrap();
    assert_peak(&running, REST);
    go.send(()).unwrap();
    assert_eq!(running.finish().code, Some(0));
    server.join();
}

#[test]
fn a_file_of_the_command_line_is_held_once() {
    const SIZE: usize = 24 << 20;
    let folder = Folder::new();
    let at = format!("@{}", folder.file("data", vec![b'x'; SIZE]));
    for flags in [&[][..], &["--fragment-size", "1M"], &["--reconnect"]] {
        let (told, heard) = channel();
        let (go, gate) = channel::<()>();
        let server = peer::opened("", move |socket| {
            told.send(read_message(socket).0.len()).unwrap();
            let _ = gate.recv();
            socket.write_all(b"\x88\x02\x03\xe8").unwrap();
            read_frame(socket);
        });
        let running = Running::start(
            &[&["connect", "-n", "--no-compress", "--ping-interval", "0", "-d", &at, &server.url], flags].concat(),
        );
        assert_eq!(heard.recv().unwrap(), SIZE);
        assert_peak(&running, SIZE + REST);
        drop(go);
        running.finish().assert("", 0, "peer closed: 1000");
    }
}

/// A server that sends these frames and a Ping, and says when the client has answered that, so that it has taken the frames.
/// It closes once it is let go.
fn sends_and_holds(frames: Vec<u8>) -> (peer::Peer<()>, Receiver<()>, Sender<()>) {
    let ((told, taken), (go, wait)) = (channel(), channel::<()>());
    let server = peer::opened("", move |socket| {
        socket.write_all(&frames).unwrap();
        socket.write_all(b"\x89\0").unwrap();
        while read_frame(socket).0 != 0x8a {}
        told.send(()).unwrap();
        let _ = wait.recv();
        let _ = socket.write_all(b"\x88\x02\x03\xe8");
        peer::read_to_end(socket);
    });
    (server, taken, go)
}

fn server_frame(first: u8, content: &[u8]) -> Vec<u8> {
    [&[first, 127][..], &(content.len() as u64).to_be_bytes(), content].concat()
}

/// A member of gzip with this content as it is, in stored blocks.
fn stored(content: &[u8]) -> Vec<u8> {
    let mut member = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    for (number, block) in content.chunks(0xffff).enumerate() {
        let length = block.len() as u16;
        member.push(u8::from((number + 1) * 0xffff >= content.len()));
        member.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        member.extend_from_slice(block);
    }
    member.extend([0; 4]);
    member.extend((content.len() as u32).to_le_bytes());
    member
}

#[test]
fn of_a_message_that_is_searched_or_decoded_there_are_as_many_as_is_said() {
    // What is smaller the allocator may move instead of making it larger where it is, and then it is there twice.
    const SIZE: usize = 36 << 20;
    let message = server_frame(0x82, &stored(&vec![7; SIZE]));
    for (flags, messages) in [(&["--until", "no such thing"][..], 1), (&["--decode", "gzip"], 3)] {
        let (server, taken, go) = sends_and_holds(message.repeat(2));
        let flags = [&["connect", "-n", "--out", "raw", "--ping-interval", "0", &server.url], flags].concat();
        let running = Running::start_into(&flags, std::process::Stdio::null());
        taken.recv().unwrap();
        assert_peak(&running, messages * SIZE + REST);
        drop(go);
        running.finish();
        server.join();
    }
}

#[test]
fn a_server_that_does_not_read_its_answers_waits() {
    let frames = server_frame(0x81, large(b'a')).repeat(4);
    let (told, stuck) = channel();
    let server = peer::opened("", move |socket| {
        socket.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        told.send(socket.write_all(&frames).is_err()).unwrap();
        peer::read_to_end(socket);
    });
    let running = Running::start(&["connect", "-n", "--on", "any => reply $0 $0 => echo", &server.url]);
    // The client takes no more while it can't answer.
    assert!(stuck.recv().unwrap());
    wait_until_at_rest(&running);
    assert_peak(&running, 2 * LARGE + REST);
    running.signal(Signal::TERM);
    running.finish();
    server.join();
}

#[test]
fn a_page_that_does_not_read_misses_some() {
    let serving = serve(&["--echo"]);
    let observe = |number: usize| {
        let (mut socket, token) = (TcpStream::connect(serving.address()).unwrap(), format!("{number:022}"));
        let target = format!("/.wscli/observe?wscli-observer={token}");
        socket.write_all(upgrade(&target).as_bytes()).unwrap();
        peer::read_head(&mut socket);
        (socket, token)
    };
    let mut pages: Vec<_> = (0..4).map(observe).collect();
    let mut client = TcpStream::connect(serving.address()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.write_all(upgrade(&format!("/?wscli-observer={}", pages[0].1)).as_bytes()).unwrap();
    peer::read_head(&mut client);
    for (page, _) in &mut pages {
        page.write_all(&client_frame(0x81, b"{\"follow\": 5}")).unwrap();
    }
    let pings = client_frame(0x89, &[b'p'; 125]).repeat(1000);
    let answers = 1000 * 127;
    // Many times what waits for a page, in what is told of them.
    for _ in 0..24 {
        client.write_all(&pings).unwrap();
        client.read_exact(&mut vec![0; answers]).unwrap();
    }
    // Four times 4 MiB.
    assert_peak(&serving.running, (16 << 20) + REST);
    drop(pages);
}

fn upgrade(target: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

#[test]
fn the_prompt_keeps_the_last_messages() {
    let frames = [server_frame(0x81, large(b'a')).repeat(16), b"\x81\x07the end".to_vec()].concat();
    let (server, taken, go) = sends_and_holds(frames);
    let mut running = AtTheTerminal::start_with("1", &["--ping-interval", "0", &server.url]);
    taken.recv().unwrap();
    running.wait_for("the end");
    let peak = memory(running.pid(), "VmHWM:");
    // Of sixteen, those that 64 MiB have room for, and the one that arrives.
    assert!(peak < (64 << 20) + LARGE + REST, "{} MiB", peak >> 20);
    drop(go);
    running.wait_for("peer closed");
    drop(running);
    server.join();
}

#[test]
fn what_a_prompt_holds_at_a_pause_and_of_each_kind_of_message_is_bounded() {
    const MESSAGES: usize = 5000;
    let (go, gate) = channel::<()>();
    let server = peer::opened("", move |socket| {
        gate.recv().unwrap();
        let filling = "x".repeat(16_000);
        for number in 0..MESSAGES {
            // Each is of another kind, and all of it would be shown.
            let message = format!("{{\"n\":{number},\"x\":\"{filling}\"}}");
            let head = [&[0x81, 126][..], &(message.len() as u16).to_be_bytes()].concat();
            socket.write_all(&[&head, message.as_bytes()].concat()).unwrap();
        }
        while read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--ping-interval", "0", &server.url]);
    prompt.type_keys("/watch by /n\r/pause\r");
    prompt.wait_for("[paused     0, hidden     0] > ");
    go.send(()).unwrap();
    prompt.wait_for("[paused  5000, hidden     0] > ");
    let peak = memory(prompt.pid(), "VmHWM:");
    // For /show, for the kinds, and for what waits to be shown; all of the messages would be 77 MiB.
    assert!(peak < (32 << 20) + (4 << 20) + (4 << 20) + 2 * REST, "{} MiB", peak >> 20);
    prompt.type_keys("/resume\r");
    prompt.wait_for("* 4,867 messages not shown: no more room at the pause (/list, /show)");
    prompt.type_keys("\x04");
    server.join();
    prompt.left(0);
}

#[test]
fn a_message_for_a_command_that_does_not_read_is_held_once() {
    const SIZE: usize = 36 << 20;
    let serving = serve(&["--exec", "exec sleep 1000", "--exec-framing", "json"]);
    let mut client = open(&serving);
    client.write_all(&client_frame(0x82, &vec![7; SIZE])).unwrap();
    // It is taken whole before the command has to have room for more.
    client.write_all(&client_frame(0x89, b"")).unwrap();
    wait_until_at_rest(&serving.running);
    assert_peak(&serving.running, SIZE + REST);
    assert!(serving.running.peak() > SIZE);
}
