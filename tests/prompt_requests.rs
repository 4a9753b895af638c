//! What `/connect`, `/header`, `/auth` and `/reconnect` have the next opening handshake say.

use std::net::TcpListener;
use std::thread;

use tungstenite::Message;
use tungstenite::protocol::CloseFrame;

use crate::prompt::{AtTheTerminal, until_closed};
use crate::support::files::Folder;
use crate::support::peer::{self, header};
use crate::support::requests::{Answer, Requests};

/// A prompt whose server has closed its first connection.
fn closed(args: &[&str]) -> AtTheTerminal {
    let mut prompt = AtTheTerminal::start_with("1", args);
    prompt.wait_for("/reconnect to connect again");
    prompt
}

/// Enters a line, after which another connection is opened and closed: the one of that number.
fn enter(prompt: &mut AtTheTerminal, line: &str, number: usize) {
    prompt.type_keys(&format!("{line}\r"));
    prompt.wait_for_each("/reconnect to connect again", number);
}

#[test]
fn connect_takes_the_flags_of_the_command_line_and_those_that_were_given_before() {
    let [first, other] = [(); 2].map(|()| Requests::answered(vec![Answer::Open]));
    let mut prompt = closed(&["-A", "agent", "-H", "X-A: 1", "-u", "me:sesame", "-s", "old", &first.url()]);
    first.next();
    enter(&mut prompt, &format!("/connect -H 'X-B: a  b' -s new -H 'x-a: 2' {}", other.url()), 2);
    let head = other.next();
    let said = ["User-Agent", "X-A", "X-B", "Sec-WebSocket-Protocol", "Authorization"].map(|name| header(&head, name));
    let some = |value: &str| Some(value.to_owned());
    assert_eq!(said, [some("agent"), some("2"), some("a  b"), some("new, old"), None]);
    // Only that connection is made by them; and at home everything is said again.
    enter(&mut prompt, &format!("/connect {}", first.url()), 3);
    let head = first.next();
    assert_eq!(["X-A", "X-B"].map(|name| header(&head, name)), [some("1"), None]);
    assert_eq!(header(&head, "Authorization"), some("Basic bWU6c2VzYW1l"));
    // Its own credentials are sent, and in the place of those from before.
    enter(&mut prompt, &format!("/connect --keep-credentials --bearer t {}", other.url()), 4);
    assert_eq!(header(&other.next(), "Authorization"), some("Bearer t"));
    for (line, told) in [
        ("/connect --nonsense ws://a/", "! /connect: unexpected argument '--nonsense' found"),
        (
            "/connect --record f ws://a/",
            "! /connect: --record is about the whole run, and is given when wscli is started",
        ),
        ("/connect -k", "! /connect: a URL is missing, or @NAME"),
        ("/connect @prod", "! /connect: @prod is a target of the configuration file, and no configuration file"),
        ("/connect 'ws://a/", "! /connect: "),
    ] {
        prompt.type_keys(&format!("{line}\r"));
        prompt.wait_for_unfolded(told);
    }
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn what_is_secret_of_headers_and_subprotocols_stays_behind() {
    let [first, other] = [(); 2].map(|()| Requests::answered(vec![Answer::Open]));
    let tokens = "Sec-WebSocket-Protocol: access_token, abc, chat";
    let referer = "http://a/?access_token=sesame";
    let mut prompt = closed(&["-e", referer, "-H", tokens, "-H", "X-Session-Id: 1", "-H", "X-A: 1", &first.url()]);
    first.next();
    enter(&mut prompt, &format!("/connect --no-compress {}", other.url()), 2);
    let head = other.next();
    let said = ["Sec-WebSocket-Protocol", "X-Session-Id", "Referer", "X-A"].map(|name| header(&head, name));
    assert_eq!(said, [Some("chat".into()), None, None, Some("1".into())]);
    prompt.wait_for_unfolded(
        "* what was given for another origin is not sent there: Referer, X-Session-Id and tokens among the subprotocols;",
    );
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn connect_goes_to_targets_of_the_configuration_file() {
    let folder = Folder::new();
    let server = peer::raw(|socket, head| {
        use std::io::Write;
        socket.write_all(peer::acceptance(&head, "").as_bytes()).unwrap();
        let message = peer::read_frame(socket);
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        (header(&head, "X-From"), message)
    });
    let config = format!(
        "[target.prod]\nurl = '{}'\ndata = ['hello']\nno-compress = true\n[target.prod.header]\nX-From = 'file'\n",
        server.url
    );
    let first = peer::tungstenite(until_closed);
    let mut prompt = AtTheTerminal::start_with("1", &["--config", &folder.file("c.toml", config), &first.url]);
    // The name is completed.
    prompt.type_keys("/connect @p\t\r");
    assert_eq!(server.join(), (Some("file".into()), (0x81, b"hello".to_vec())));
    assert_eq!(first.join(), Some(1000));
    prompt.type_keys("/connect @dev\r");
    prompt.wait_for("its targets are prod");
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn a_password_is_asked_for_where_it_is_not_seen_and_kept() {
    let [first, other] = [(); 2].map(|()| Requests::answered(vec![Answer::Open]));
    let mut prompt = closed(&[&first.url()]);
    first.next();
    prompt.type_keys(&format!("/connect -u me {}\r", other.url()));
    prompt.wait_for("password for me: ");
    prompt.type_keys("sesame\r");
    prompt.wait_for_each("/reconnect to connect again", 2);
    let open_sesame = Some("Basic bWU6c2VzYW1l".to_owned());
    assert_eq!(header(&other.next(), "Authorization"), open_sesame);
    enter(&mut prompt, &format!("/connect -u me {}", other.url()), 3);
    assert_eq!(header(&other.next(), "Authorization"), open_sesame);
    // Who doesn't answer stays where they are.
    prompt.type_keys(&format!("/connect -u you {}\r", other.url()));
    prompt.wait_for("password for you: ");
    prompt.type_keys("\x03");
    prompt.wait_for("! no password was given");
    assert!(!prompt.seen().contains("sesame"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    prompt.left(0);
    assert!(other.all().is_empty());
}

#[test]
fn a_secret_that_is_pasted_with_an_end_of_line_is_the_whole_answer() {
    let server = Requests::answered(vec![Answer::Open]);
    let mut prompt = closed(&[&server.url()]);
    server.next();
    prompt.type_keys("/auth me\r");
    prompt.wait_for("password for me: ");
    prompt.type_keys("\x1b[200~\nse\nsame\x1b[201~\r");
    prompt.wait_for("! password for me was pasted with several lines");
    prompt.type_keys("/auth me\r");
    prompt.wait_for_each("password for me: ", 2);
    prompt.type_keys("\x1b[200~\nsesame\n\x1b[201~\r");
    prompt.wait_for("* changed for the next opening handshake");
    enter(&mut prompt, "/reconnect", 2);
    assert_eq!(header(&server.next(), "Authorization").as_deref(), Some("Basic bWU6c2VzYW1l"));
    assert!(!prompt.seen().contains("same"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn headers_and_credentials_are_said_from_the_next_handshake_on() {
    let [first, other] = [(); 2].map(|()| Requests::answered(vec![Answer::Open]));
    let mut prompt = closed(&["-H", "X-A: 1", "--bearer", "old", &first.url()]);
    first.next();
    prompt.type_keys("/header X-B: 2\r/header -X-A\r/header X-Token: secret\r/auth me\r");
    prompt.wait_for("password for me: ");
    prompt.type_keys("sesame\r");
    prompt.wait_for_each("* changed for the next opening handshake with ws://", 4);
    prompt.type_keys("/header\r");
    prompt.wait_for("> X-Token: (masked");
    prompt.type_keys("/auth\r");
    prompt.wait_for_unfolded(
        "* the next opening handshake sends Authorization: Basic (masked; --show-secrets shows it), for me\r\n",
    );
    enter(&mut prompt, "/reconnect", 2);
    let names = ["X-A", "X-B", "X-Token", "Authorization"];
    let said = |head: &str| names.map(|name| header(head, name));
    let some = |value: &str| Some(value.to_owned());
    let all = [None, some("2"), some("secret"), some("Basic bWU6c2VzYW1l")];
    assert_eq!(said(&first.next()), all);
    // Elsewhere what is secret isn't said.
    enter(&mut prompt, &format!("/connect {}", other.url()), 3);
    assert_eq!(said(&other.next()), [None, some("2"), None, None]);
    enter(&mut prompt, &format!("/connect {}path", first.url()), 4);
    assert_eq!(said(&first.next()), all);
    prompt.type_keys("/auth off\r");
    prompt.wait_for_each("* changed for the next opening handshake", 5);
    prompt.type_keys("/auth\r");
    prompt.wait_for("* the next opening handshake sends no credentials\r\n");
    enter(&mut prompt, "/reconnect", 5);
    assert_eq!(said(&first.next()), [None, some("2"), some("secret"), None]);
    assert!(!prompt.seen().contains("sesame"), "{}", prompt.seen());
    prompt.type_keys("\x04");
    prompt.left(0);
}

#[test]
fn a_lost_connection_is_followed_by_another_where_that_is_wanted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        [(); 3].map(|()| {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            let message = socket.read().unwrap();
            socket.close(Some(CloseFrame { code: 1012.into(), reason: "".into() })).unwrap();
            while socket.read().is_ok() {}
            message
        })
    });
    let mut prompt = AtTheTerminal::start_with("1", &["-d", "hello", &url]);
    prompt.wait_for("/reconnect to connect again");
    // Where nothing is connected it begins at once.
    prompt.type_keys("/reconnect auto\r");
    prompt.wait_for("* a lost connection is followed by another; /reconnect off stops that");
    // By itself the third time.
    prompt.wait_for_each("connected to ws://", 3);
    prompt.wait_for("(attempt 3)");
    prompt.type_keys("/reconnect off\r");
    prompt.wait_for("* no more attempts; /reconnect to connect again, Ctrl-D to exit");
    prompt.type_keys("\x04");
    assert_eq!(server.join().unwrap(), [(); 3].map(|()| Message::text("hello")));
    prompt.left(7);
}

#[test]
fn a_path_is_one_of_the_same_server_and_secrets_are_shown_where_that_is_asked() {
    let server = Requests::answered(vec![Answer::Open]);
    let mut prompt = closed(&["-u", "me:sesame", &server.url()]);
    server.next();
    enter(&mut prompt, "/connect -H 'X-A: 1' /other?a=b", 2);
    let head = server.next();
    assert!(head.starts_with("GET /other?a=b HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(&head, "Authorization"), Some("Basic bWU6c2VzYW1l".to_owned()));
    prompt.type_keys("/headers\r");
    prompt.wait_for("  /headers raw shows what is masked\r\n");
    assert!(!prompt.seen().contains("bWU6c2VzYW1l"), "{}", prompt.seen());
    prompt.type_keys("/headers raw\r");
    prompt.wait_for("> Authorization: Basic bWU6c2VzYW1l\r\n");
    prompt.type_keys("\x04");
    prompt.left(0);
}
