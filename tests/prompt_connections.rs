//! From one connection to the next at the prompt.

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tungstenite::Message;
use tungstenite::protocol::CloseFrame;

use crate::prompt::{AtTheTerminal, EDITING, until_closed};
use crate::support::files::Folder;
use crate::support::peer::{self, Peer, header};
use crate::support::requests::{Answer, Requests, status};

/// A server that returns the first message and the code of the Close.
fn listener() -> Peer<(Message, Option<u16>)> {
    peer::tungstenite(|socket| (socket.read().unwrap(), until_closed(socket)))
}

/// A URL that nobody listens at.
fn unreachable() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("ws://{}/", listener.local_addr().unwrap())
}

#[test]
fn a_url_that_is_not_reached_leaves_the_connection_open() {
    let refusing = Requests::answered(vec![status("404 Not Found", "X-Why: gone\r\n")]);
    for (url, told) in [
        (unreachable(), "! can't connect to "),
        ("nonsense://example.com/".to_owned(), "! \"nonsense://example.com/\" is not a WebSocket URL"),
        (refusing.url(), "HTTP/1.1 404 Not Found"),
    ] {
        let peer = listener();
        let mut prompt = AtTheTerminal::start(&peer.url);
        prompt.type_keys(&format!("/connect {url}\r"));
        prompt.wait_for(told);
        prompt.wait_for(&format!("* still connected to {}", peer.url));
        prompt.type_keys("still here\r\x04");
        assert_eq!(peer.join(), (Message::text("still here"), Some(1000)), "{url}");
        prompt.left(0);
    }
}

#[test]
fn the_next_connection_is_opened_before_the_last_is_closed() {
    let (tells, told) = channel();
    let told_by_first = tells.clone();
    let first = peer::tungstenite(move |socket| {
        let code = until_closed(socket);
        told_by_first.send("first closed").unwrap();
        code
    });
    let (go, gate) = channel::<()>();
    let second = peer::raw(move |socket, head| {
        tells.send("second asked").unwrap();
        gate.recv().unwrap();
        tells.send("second opens").unwrap();
        socket.write_all(peer::acceptance(&head, "").as_bytes()).unwrap();
        let message = peer::read_frame(socket);
        let close = peer::read_frame(socket);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        (message, close)
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--no-compress", &first.url]);
    prompt.type_keys(&format!("/connect {}\r", second.url));
    assert_eq!(told.recv().unwrap(), "second asked");
    // What is typed meanwhile is for the next one.
    prompt.type_keys("typed\r");
    prompt.wait_for("* it is sent once the connection is open");
    go.send(()).unwrap();
    assert_eq!([told.recv().unwrap(), told.recv().unwrap()], ["second opens", "first closed"]);
    assert_eq!(first.join(), Some(1000));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("\x04");
    assert_eq!(second.join(), ((0x81, b"typed".to_vec()), (0x88, b"\x03\xe8".to_vec())));
    prompt.left(0);
}

#[test]
fn what_is_typed_for_a_connection_that_fails_is_not_sent_on_the_last() {
    let (go, gate) = channel::<()>();
    let refusing = peer::raw(move |socket, _| {
        gate.recv().unwrap();
        socket.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys(&format!("/connect {}\rfor the other\r", refusing.url));
    prompt.wait_for("* it is sent once the connection is open");
    go.send(()).unwrap();
    prompt.wait_for("! 1 message typed meanwhile not sent; /last brings the last one back");
    prompt.wait_for_each(EDITING, 3);
    refusing.join();
    prompt.type_keys("/last\r");
    prompt.wait_for_each(EDITING, 4);
    prompt.type_keys(", or not\r\x04");
    assert_eq!(peer.join(), (Message::text("for the other, or not"), Some(1000)));
    prompt.left(0);
}

#[test]
fn who_leaves_is_told_what_was_never_sent() {
    let (go, gate) = channel::<()>();
    let (asked, heard) = channel();
    let silent = peer::raw(move |_, _| {
        asked.send(()).unwrap();
        gate.recv().is_err()
    });
    let peer = listener();
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys(&format!("/connect {}\rone\rtwo\r", silent.url));
    prompt.wait_for_each("* it is sent once the connection is open", 1);
    heard.recv().unwrap();
    prompt.type_keys("/quit\r");
    prompt.wait_for("! 2 messages typed meanwhile not sent");
    assert!(go.send(()).is_ok());
    silent.join();
    prompt.left(0);
}

#[test]
fn ctrl_c_ends_the_attempt_and_nothing_else() {
    let (go, gate) = channel::<()>();
    let (asked, heard) = channel();
    let silent = peer::raw(move |_, _| {
        asked.send(()).unwrap();
        gate.recv().is_err()
    });
    let peer = listener();
    let mut prompt = AtTheTerminal::start_with("1", &["--handshake-timeout", "1h", &peer.url]);
    prompt.type_keys(&format!("/connect {}\r", silent.url));
    heard.recv().unwrap();
    prompt.wait_for_each(EDITING, 2);
    prompt.type_keys("\x03");
    prompt.wait_for(&format!("* no longer connecting; still connected to {}", peer.url));
    prompt.type_keys("on\r\x04");
    assert_eq!(peer.join(), (Message::text("on"), Some(1000)));
    prompt.left(0);
    drop(go);
    assert!(silent.join());
}

#[test]
fn another_url_takes_the_place_of_one_that_is_not_reached_yet() {
    let (go, gate) = channel::<()>();
    let (asked, heard) = channel();
    let silent = peer::raw(move |_, _| {
        asked.send(()).unwrap();
        gate.recv().is_err()
    });
    let (first, second) = (peer::tungstenite(until_closed), listener());
    let mut prompt = AtTheTerminal::start_with("1", &["--handshake-timeout", "1h", &first.url]);
    prompt.type_keys(&format!("/connect {}\r", silent.url));
    heard.recv().unwrap();
    prompt.type_keys(&format!("/connect {}\r", second.url));
    prompt.wait_for(&format!("* connected to {}", second.url));
    prompt.type_keys("there\r\x04");
    assert_eq!(second.join(), (Message::text("there"), Some(1000)));
    assert_eq!(first.join(), Some(1000));
    prompt.left(0);
    drop(go);
    assert!(silent.join());
}

#[test]
fn what_could_not_be_tried_leads_nowhere_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let second = thread::spawn(move || {
        [(); 2].map(|()| {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            let code = until_closed(&mut socket);
            while socket.read().is_ok() {}
            code
        })
    });
    let first = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start(&first.url);
    prompt.type_keys(&format!("/connect {url}\r"));
    assert_eq!(first.join(), Some(1000));
    prompt.wait_for(&format!("* connected to {url}"));
    for (times, wrong) in [(1, "nonsense://example.com/".to_owned()), (2, unreachable())] {
        prompt.type_keys(&format!("/connect {wrong}\r"));
        // One that is asked for while another is under way takes its place.
        prompt.wait_for_each(&format!("* still connected to {url}"), times);
    }
    prompt.type_keys("/reconnect\r");
    prompt.wait_for_each(&format!("* connected to {url}"), 2);
    prompt.type_keys("\x04");
    assert_eq!(second.join().unwrap(), [Some(1000); 2]);
    prompt.left(0);
}

const SECRETS: [&str; 10] =
    ["-u", "me:sesame", "-b", "a=b", "-H", "X-Token: secret", "-H", "X-Kept: yes", "--host", "odd.example"];

/// What of [`SECRETS`] is in a request: credentials, cookies, the token, what is no secret, and the name of the host.
fn sent_along(head: &str) -> [bool; 5] {
    let has = |name: &str| header(head, name).is_some();
    let host = header(head, "Host").as_deref() == Some("odd.example");
    [has("Authorization"), has("Cookie"), has("X-Token"), has("X-Kept"), host]
}

#[test]
fn secrets_do_not_go_along_to_another_origin() {
    const TOLD: &str = "* what was given for another origin is not sent there: ";
    let [first, other] = [(); 2].map(|()| Requests::answered(vec![Answer::Open]));
    let mut prompt = AtTheTerminal::start_with("1", &[&SECRETS[..], &[&first.url()]].concat());
    let all = [true; 5];
    assert_eq!(sent_along(&first.next()), all);
    let mut connect = |arguments: String, times: usize| {
        prompt.wait_for_each("/reconnect to connect again", times);
        prompt.type_keys(&format!("/connect {arguments}\r"));
        prompt.wait_for_each("connected to ws", times + 1);
    };
    connect(other.url(), 1);
    assert_eq!(sent_along(&other.next()), [false, false, false, true, false]);
    // On the first origin they are at home, whatever was between.
    connect(format!("{}path", first.url()), 2);
    assert_eq!(sent_along(&first.next()), all);
    connect(format!("--keep-credentials {}", other.url()), 3);
    assert_eq!(sent_along(&other.next()), [true, true, true, true, false]);
    connect(format!("{}path", other.url()), 4);
    assert_eq!(sent_along(&other.next()), [true, true, true, true, false]);
    let own = other.url().replace("ws://", "ws://you:there@").replace("127.0.0.1", "localhost");
    connect(own, 5);
    let head = other.next();
    // you:there
    assert_eq!(header(&head, "Authorization").as_deref(), Some("Basic eW91OnRoZXJl"));
    assert_eq!(header(&head, "Cookie"), None);
    prompt.wait_for_each("/reconnect to connect again", 6);
    // Credentials of its own are sent in the place of those that stay: nothing is said of them.
    let told: Vec<_> = prompt.seen().replace("\r\n  ", "").split(TOLD).skip(1).map(str::to_owned).collect();
    let left = ["credentials, cookies and X-Token; /connect", "cookies and X-Token; /connect"];
    assert!(told.len() == 2 && told.iter().zip(left).all(|(told, left)| told.starts_with(left)), "{told:?}");
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn nothing_is_said_of_credentials_of_another_origin_where_there_are_own_ones() {
    let [first, other] = [(); 2].map(|()| Requests::answered(vec![Answer::Open]));
    let mut prompt = AtTheTerminal::start_with("1", &["--bearer", "one", &first.url()]);
    first.next();
    let mut connect = |arguments: String, times: usize| {
        prompt.wait_for_each("/reconnect to connect again", times);
        prompt.type_keys(&format!("{arguments}\r"));
        prompt.wait_for_each("connected to ws", times + 1);
    };
    let bearer = |requests: &Requests| header(&requests.next(), "Authorization");
    connect(format!("/connect {}", other.url()), 1);
    assert_eq!(bearer(&other), None);
    connect(format!("/auth bearer two\r/connect {}b", other.url()), 2);
    assert_eq!(bearer(&other).as_deref(), Some("Bearer two"));
    connect(format!("/connect {}", first.url()), 3);
    assert_eq!(bearer(&first).as_deref(), Some("Bearer one"));
    prompt.wait_for_each("/reconnect to connect again", 4);
    assert_eq!(prompt.seen().matches("given for another origin").count(), 1, "{}", prompt.seen());
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn secrets_that_stayed_behind_are_named_where_they_are_asked_for() {
    let asking = Requests::answered(vec![status("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n")]);
    let peer = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start_with("1", &["-u", "me:sesame", &peer.url]);
    prompt.type_keys(&format!("/connect {}\r", asking.url()));
    prompt.wait_for("!   credentials, cookies and tokens are sent only to the origin they were");
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), Some(1000));
    prompt.left(0);
}

#[test]
fn what_failed_is_told_in_the_words_of_the_prompt() {
    let unauthorized = || status("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n");
    let asking = Requests::answered(vec![unauthorized(), unauthorized()]);
    let peer = peer::tungstenite(|socket| {
        assert_eq!(socket.read().unwrap(), Message::text("go"));
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--ping-interval", "0", &peer.url]);
    for command in ["connect", "new"] {
        prompt.type_keys(&format!("/{command} foo bar\r"));
        prompt.wait_for(&format!("/{command}: unexpected argument 'bar' found"));
    }
    // What is typed before that is for the connection that never came to be.
    prompt.wait_for("* what is typed is for connection 1 again");
    // Beside a connection that stays open /reconnect leads there: another /connect takes the credentials.
    prompt.type_keys(&format!("/connect {}\r", asking.url()));
    prompt.wait_for_unfolded("/connect -u NAME:PASSWORD … sends");
    prompt.wait_for_unfolded("* still connected to ");
    prompt.type_keys("go\r");
    prompt.wait_for("[not connected] > ");
    prompt.type_keys(&format!("/connect {}\r", asking.url()));
    prompt.wait_for_unfolded("/auth NAME, and then /reconnect, sends");
    peer.join();
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn what_is_asked_after_a_failure_is_told_of_the_attempt() {
    let refusing = Requests::answered(vec![status("404 Not Found", "X-Why: gone\r\n")]);
    let peer = peer::tungstenite(|socket| {
        assert_eq!(socket.read().unwrap(), Message::text("go"));
        socket.close(Some(CloseFrame { code: 1001.into(), reason: "".into() })).unwrap();
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys(&format!("/connect {}\r", refusing.url()));
    prompt.wait_for("* still connected to ");
    for connected in [true, false] {
        if !connected {
            prompt.type_keys("go\r");
            prompt.wait_for("[not connected]");
        }
        let times = if connected { 1 } else { 2 };
        let attempt = format!("the attempt to connect to {} failed: ", refusing.url());
        prompt.type_keys("/info\r/headers\r/stats\r");
        prompt.wait_for_each(&attempt, 3 * times);
        // The heads: when it failed, and when it is asked for them.
        prompt.wait_for_each("< X-Why: gone", 1 + times);
        prompt.wait_for_each("attempts  1 attempt failed since, the last ", times);
    }
    prompt.wait_for(&format!("not connected; the last connection was to {}", peer.url));
    peer.join();
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn the_state_is_told_at_once_and_the_line_is_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (go, gate) = channel::<()>();
    let server = thread::spawn(move || {
        [0, 1].map(|number| {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            if number == 0 {
                gate.recv().unwrap();
                socket.close(Some(CloseFrame { code: 1001.into(), reason: "".into() })).unwrap();
                while socket.read().is_ok() {}
                return None;
            }
            let message = socket.read().unwrap();
            while socket.read().is_ok() {}
            Some(message)
        })
    });
    let mut prompt = AtTheTerminal::start(&url);
    prompt.type_keys("half a line");
    prompt.wait_for("half a line");
    go.send(()).unwrap();
    // Without a key.
    prompt.wait_for("[not connected]");
    prompt.type_keys(", and the rest\r");
    prompt.wait_for("! not connected; /reconnect connects again, and brings the line back");
    prompt.type_keys("/reconnect\r");
    prompt.wait_for_each("connected to ws://", 2);
    prompt.wait_for_each(EDITING, 3);
    prompt.type_keys("\r\x04");
    assert_eq!(server.join().unwrap(), [None, Some(Message::text("half a line, and the rest"))]);
    prompt.left(0);
}

#[test]
fn a_line_behind_a_close_is_kept_for_the_next_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (go, gate) = channel::<()>();
    let server = thread::spawn(move || {
        let mut closing = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        assert!(closing.read().unwrap().is_close());
        // The answer waits in the socket until it is read again.
        gate.recv().unwrap();
        while closing.read().is_ok() {}
        let mut next = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        let message = next.read().unwrap();
        while next.read().is_ok() {}
        message
    });
    let mut prompt = AtTheTerminal::start(&url);
    prompt.type_keys("/close\rlate\r");
    prompt.wait_for_unfolded("nothing may follow it; /reconnect connects again, and brings the line back");
    go.send(()).unwrap();
    prompt.wait_for("[not connected]");
    let before = prompt.seen().matches("late").count();
    prompt.type_keys("/reconnect\r");
    prompt.wait_for_each("connected to ws://", 2);
    prompt.wait_for_each("late", before + 1);
    prompt.type_keys("\r\x04");
    assert_eq!(server.join().unwrap(), Message::text("late"));
    prompt.left(0);
}

#[test]
fn a_line_that_is_entered_before_the_next_attempt_is_sent_then() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (go, gate) = channel::<()>();
    let server = thread::spawn(move || {
        let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        socket.close(Some(CloseFrame { code: 1012.into(), reason: "".into() })).unwrap();
        while socket.read().is_ok() {}
        drop(socket);
        let socket = listener.accept().unwrap().0;
        gate.recv_timeout(Duration::from_secs(100)).unwrap();
        let mut socket = tungstenite::accept(socket).unwrap();
        let message = socket.read().unwrap();
        while socket.read().is_ok() {}
        message
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--reconnect", &url]);
    prompt.wait_for("(attempt 1)");
    prompt.type_keys("for the next\r");
    prompt.wait_for("* it is sent once the connection is open");
    go.send(()).unwrap();
    prompt.wait_for_each("connected to ws://", 2);
    prompt.wait_for("* sending 1 message typed meanwhile");
    prompt.type_keys("\x04");
    assert_eq!(server.join().unwrap(), Message::text("for the next"));
    prompt.left(0);
}

#[test]
fn a_connection_that_is_opened_again_at_once_is_never_said_to_be_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        for _ in 0..3 {
            drop(tungstenite::accept(listener.accept().unwrap().0).unwrap());
        }
        let mut last = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        let code = until_closed(&mut last);
        while last.read().is_ok() {}
        code
    });
    let mut prompt = AtTheTerminal::start_with("1", &["--reconnect", "--retry-delay", "150ms", &url]);
    prompt.wait_for_each("* connected to ws://", 4);
    prompt.type_keys("\x04");
    assert_eq!(server.join().unwrap(), Some(1000));
    assert!(!prompt.seen().contains("[not connected]"), "{}", prompt.seen());
    prompt.left(0);
}

#[test]
fn while_the_first_connection_is_opened_the_keyboard_is_heard() {
    for (keys, code) in [("\x03", 130), ("\x04", 0), ("/quit\r", 0), ("exit\r", 0)] {
        let (go, gate) = channel::<()>();
        let silent = peer::raw(move |_, _| gate.recv().is_err());
        let folder = Folder::new();
        let recording = folder.path("a.ndjson");
        let flags = ["--handshake-timeout", "1h", "--record", &recording, &silent.url];
        let mut prompt = AtTheTerminal::spawn("1", &flags);
        prompt.wait_for(&format!("* connecting to {}; Ctrl-C, Ctrl-D and /quit give it up", silent.url));
        prompt.type_keys(keys);
        prompt.left(code);
        // As without a prompt: what was asked is there, and that nothing came of it.
        let text = std::fs::read_to_string(&recording).unwrap();
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!((&line["type"], &line["url"]), (&"not_opened".into(), &silent.url.as_str().into()), "{line}");
        assert!(line["request"].as_str().unwrap().starts_with("GET / HTTP/1.1\r\n"), "{line}");
        drop(go);
        assert!(silent.join());
        let mut prompt = AtTheTerminal::spawn("1", &["--retry", "9", "--retry-delay", "1h", &unreachable()]);
        prompt.wait_for_unfolded("; retry 1 of 9 in 1 h 0 min");
        prompt.type_keys(keys);
        prompt.left(code);
    }
}

#[test]
fn what_is_typed_before_the_first_connection_is_open_is_sent_on_it() {
    let (go, gate) = channel::<()>();
    let peer = peer::raw(move |socket, head| {
        gate.recv().unwrap();
        socket.write_all(peer::acceptance(&head, "").as_bytes()).unwrap();
        let message = peer::read_frame(socket);
        assert_eq!(peer::read_frame(socket).0, 0x88);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        message
    });
    let mut prompt = AtTheTerminal::spawn("1", &["--no-compress", &peer.url]);
    prompt.wait_for(EDITING);
    prompt.type_keys("early\r");
    prompt.wait_for("* it is sent once the connection is open");
    go.send(()).unwrap();
    prompt.wait_for(&format!("* connected to {}", peer.url));
    prompt.type_keys("\x04");
    assert_eq!(peer.join(), (0x81, b"early".to_vec()));
    prompt.left(0);
}

#[test]
fn a_first_connection_that_can_not_be_opened_is_told_as_without_a_prompt() {
    let mut prompt = AtTheTerminal::spawn("1", &["--reconnect", "3", &unreachable()]);
    prompt.wait_for("wscli: can't connect to ");
    prompt.wait_for_unfolded("--retry");
    prompt.left(3);
    let mut prompt = AtTheTerminal::spawn("1", &["-m", "300ms", &peer::raw(|_, _| thread::park()).url]);
    prompt.wait_for("wscli: timed out during the opening handshake with 127.0.0.1:");
    prompt.left(5);
}

#[test]
fn ctrl_c_ends_a_command_of_the_configuration_file() {
    let folder = Folder::new();
    let peer = listener();
    let text = format!("[target.slow]\nurl = '{}'\nheader.X-Token = {{ command = 'exec sleep 3600' }}\n", peer.url);
    let file = folder.file("config.toml", text.as_bytes());
    let mut prompt = AtTheTerminal::start_with("1", &["--config", &file, &peer.url]);
    prompt.type_keys("/connect @slow\r");
    prompt.wait_for_each("\x1b[?2004l", 1);
    prompt.type_keys("\x03");
    prompt.wait_for(&format!("* no longer connecting; still connected to {}", peer.url));
    prompt.type_keys("on\r\x04");
    assert_eq!(peer.join(), (Message::text("on"), Some(1000)));
    prompt.left(0);
}

#[test]
fn the_line_that_is_typed_says_whether_there_is_a_connection() {
    let (go, gate) = channel::<()>();
    let peer = peer::tungstenite(move |socket| {
        gate.recv().unwrap();
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("half li\x1b[D\x1b[D");
    prompt.wait_for("half li");
    go.send(()).unwrap();
    peer.join();
    // The line goes on behind another mark, with the cursor where it was.
    prompt.wait_for("[not connected] > half li\r\x1b[23C");
    prompt.type_keys("a ");
    prompt.wait_for("[not connected] > half a li");
    // What was typed before can still be undone.
    prompt.type_keys("\x1f\x1f\x1f");
    prompt.wait_for("[not connected] > half \r\x1b[23C");
    prompt.type_keys("\x03/reconnect auto\r");
    prompt.wait_for("[connecting] > ");
    prompt.type_keys("/reconnect off\r");
    prompt.wait_for("* no more attempts");
    prompt.wait_for_each("[not connected] > ", 4);
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn a_close_with_1000_is_said_not_to_be_followed() {
    let peer = peer::tungstenite(|socket| {
        socket.read().unwrap();
        let frame = CloseFrame { code: 1000.into(), reason: "".into() };
        socket.close(Some(frame)).unwrap();
        while socket.read().is_ok() {}
    });
    let mut prompt = AtTheTerminal::start(&peer.url);
    prompt.type_keys("/reconnect auto\rbye\r");
    prompt.wait_for_unfolded(
        "* no other connection follows a close with 1000: /reconnect to connect again, Ctrl-D to exit",
    );
    peer.join();
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn what_is_typed_and_never_sent_is_no_success() {
    let (go, gate) = channel::<()>();
    let (asked, heard) = channel();
    let silent = peer::raw(move |_, _| {
        asked.send(()).unwrap();
        gate.recv().is_err()
    });
    let mut prompt = AtTheTerminal::spawn("1", &[&silent.url]);
    heard.recv().unwrap();
    prompt.type_keys("one\r");
    prompt.wait_for("* it is sent once the connection is open");
    prompt.type_keys("\x04");
    prompt.wait_for("! 1 message typed meanwhile not sent: there was no connection");
    prompt.left(3);
    go.send(()).unwrap();
    silent.join();
}
