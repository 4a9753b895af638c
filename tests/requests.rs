//! What `wscli serve` makes of requests: who is let in, and plain HTTP.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::Signal;

use crate::support::files::Folder;
use crate::support::peer::{client_frame, header, open_by_hand, read_frame, read_head, read_to_end};
use crate::support::program::{PATIENCE, Running, Serving, run};
use crate::support::timing::look_again;

/// Sends a request as it is; returns the whole answer.
fn request(serving: &Serving, head: &str) -> Vec<u8> {
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.write_all(head.as_bytes()).unwrap();
    read_to_end(&mut socket)
}

/// A request after whose answer the server has nobody to wait for.
fn plain(serving: &Serving, method: &str, target: &str, headers: &str) -> (String, Vec<u8>) {
    let answer = request(
        serving,
        &format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"),
    );
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..at + 2].to_vec()).unwrap(), answer[at + 4..].to_vec())
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// The status that an opening handshake with these headers gets.
fn opening(serving: &Serving, headers: &str) -> u16 {
    status(&open_by_hand(serving.address(), headers).1)
}

#[test]
fn plain_http_gets_the_page_and_a_health_check() {
    let serving = Serving::start(&[]);
    let (head, body) = plain(&serving, "GET", "/", "");
    assert_eq!((status(&head), header(&head, "Content-Type").as_deref()), (200, Some("text/html; charset=utf-8")));
    assert_eq!(header(&head, "Content-Length").unwrap(), body.len().to_string());
    let (head, body) = plain(&serving, "HEAD", "/?query", "");
    assert_eq!((status(&head), body.as_slice()), (200, &b""[..]));
    assert_ne!(header(&head, "Content-Length").as_deref(), Some("0"));
    let (head, body) = plain(&serving, "GET", "/healthz", "");
    assert_eq!((status(&head), body.as_slice()), (200, &b"ok\n"[..]));
    assert_eq!(status(&plain(&serving, "GET", "/else", "").0), 426);
    let (head, body) = plain(&serving, "HEAD", "/else", "");
    assert_eq!((status(&head), body.as_slice()), (426, &b""[..]));
    assert_eq!(status(&plain(&serving, "DELETE", "/", "").0), 405);
}

#[test]
fn files_of_the_folder_and_nothing_else() {
    let folder = std::env::temp_dir().join(format!("wscli-test-static-{}", std::process::id()));
    fs::create_dir_all(folder.join("served/sub")).unwrap();
    fs::write(folder.join("secret.txt"), "secret").unwrap();
    fs::write(folder.join("served/a b.txt"), "spaced").unwrap();
    fs::write(folder.join("served/sub/index.html"), "<p>index").unwrap();
    fs::write(folder.join("served/.hidden"), "hidden").unwrap();
    let large: Vec<u8> = (0..3_000_000u32).map(|number| number as u8).collect();
    fs::write(folder.join("served/large.bin"), &large).unwrap();
    symlink(folder.join("secret.txt"), folder.join("served/link.txt")).unwrap();
    symlink(".hidden", folder.join("served/shown.txt")).unwrap();
    fs::create_dir_all(folder.join("served/.git")).unwrap();
    fs::write(folder.join("served/.git/config"), "hidden").unwrap();
    symlink(".git", folder.join("served/git")).unwrap();
    std::process::Command::new("mkfifo").arg(folder.join("served/fifo")).status().unwrap();
    let served = folder.join("served");
    let serving = Serving::start(&["--static", served.to_str().unwrap()]);
    let get = |target: &str| plain(&serving, "GET", target, "");
    let (head, body) = get("/a%20b.txt");
    assert_eq!((status(&head), body.as_slice()), (200, &b"spaced"[..]));
    assert_eq!(header(&head, "Content-Type").as_deref(), Some("text/plain; charset=utf-8"));
    let (head, body) = get("/sub/");
    assert_eq!((status(&head), body.as_slice()), (200, &b"<p>index"[..]));
    assert_eq!(header(&head, "Content-Type").as_deref(), Some("text/html; charset=utf-8"));
    let (head, body) = get("/large.bin");
    assert!(body == large && header(&head, "Content-Type").as_deref() == Some("application/octet-stream"));
    let (head, body) = plain(&serving, "HEAD", "/large.bin", "");
    assert_eq!((header(&head, "Content-Length").as_deref(), body.len()), (Some("3000000"), 0));
    for target in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/sub/../../secret.txt",
        "//../secret.txt",
        "/link.txt",
        "/.hidden",
        "/shown.txt",
        "/git/config",
        "/fifo",
        "/none",
        "/a b.txt/",
        "/sub%00",
        "/etc/passwd",
        "/sub\\..\\..\\secret.txt",
    ] {
        let answer =
            request(&serving, &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400"), "{target}: {answer}");
        assert!(!answer.contains("secret\n") && !answer.contains("root:"), "{target}: {answer}");
    }
    // Without an index.html of its own the folder leaves / to the page.
    assert_eq!(header(&get("/").0, "Content-Type").as_deref(), Some("text/html; charset=utf-8"));
    drop(serving);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn credentials_are_asked_for() {
    let serving = Serving::start(&["--auth", "Aladdin:open sesame", "--bearer", "t0ken"]);
    for (headers, expected) in [
        ("", 401),
        ("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n", 101),
        ("Authorization: basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n", 101),
        ("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZA==\r\n", 401),
        ("Authorization: Bearer t0ken\r\n", 101),
        ("Authorization: Bearer t0kens\r\n", 401),
    ] {
        assert_eq!(opening(&serving, headers), expected, "{headers}");
    }
    let (head, _) = plain(&serving, "GET", "/", "");
    assert_eq!(status(&head), 401);
    assert!(head.contains("WWW-Authenticate: Basic realm=\"wscli\"") && head.contains("WWW-Authenticate: Bearer"));
    assert_eq!(status(&plain(&serving, "GET", "/healthz", "").0), 200);
}

#[test]
fn the_client_s_order_of_subprotocols_decides() {
    let flags =
        ["--subprotocol", "chat.v2", "--subprotocol", "chat.v1", "--require-subprotocol", "-H", "X-Served: by us"];
    let mut serving = Serving::start(&flags);
    let (_, head) = open_by_hand(serving.address(), "Sec-WebSocket-Protocol: x, chat.v1, chat.v2\r\n");
    assert_eq!(header(&head, "Sec-WebSocket-Protocol").as_deref(), Some("chat.v1"));
    assert_eq!(header(&head, "X-Served").as_deref(), Some("by us"));
    serving.running.line_with("opened /chat subprotocol=chat.v1");
    let (_, head) = open_by_hand(serving.address(), "Sec-WebSocket-Protocol: x\r\n");
    assert_eq!((status(&head), header(&head, "X-Served").as_deref()), (400, Some("by us")));
    assert_eq!(header(&plain(&serving, "GET", "/", "").0, "X-Served").as_deref(), Some("by us"));
}

#[test]
fn over_the_limit_a_client_gets_503_until_another_goes() {
    let mut serving = Serving::start(&["--max-connections", "2"]);
    let (first, _) = open_by_hand(serving.address(), "");
    let (mut second, _) = open_by_hand(serving.address(), "");
    assert_eq!(opening(&serving, ""), 503);
    serving.running.line_with("refused with 503 Service Unavailable: the limit of 2 clients is reached");
    second.write_all(&client_frame(0x81, b"still served")).unwrap();
    assert_eq!(read_frame(&mut second), (0x81, b"still served".to_vec()));
    drop(first);
    serving.running.line_with("[1] 127.0.0.1");
    // The thread lets go of its place right after it has told the end.
    while opening(&serving, "") != 101 {}
}

#[test]
fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let mut serving = Serving::start(&["--idle-timeout", "400ms", "--ping-interval", "50ms"]);
    let (mut idle, _) = open_by_hand(serving.address(), "");
    let (mut busy, _) = open_by_hand(serving.address(), "");
    let (first, payload) = loop {
        busy.write_all(&client_frame(0x81, b"here")).unwrap();
        // Pongs show that we live, and not that we do anything.
        match read_frame(&mut idle) {
            (0x89, payload) => idle.write_all(&client_frame(0x8a, &payload)).unwrap(),
            other => break other,
        }
    };
    assert_eq!((first, payload), (0x88, [&1001u16.to_be_bytes()[..], b"idle"].concat()));
    idle.write_all(&client_frame(0x88, b"\x03\xe9")).unwrap();
    serving.running.line_with("[1] 127.0.0.1");
    serving.running.line_with("idle for 400ms, closed by us: 1001 (going away)");
    busy.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    serving.running.line_with("[2] 127.0.0.1");
}

#[test]
fn a_client_whose_messages_wait_for_a_command_is_not_idle() {
    let serving = Serving::with(&[
        "--exec",
        "sleep 1; head -c 2400040 | wc -c",
        "--idle-timeout",
        "300ms",
        "--ping-interval",
        "0",
    ]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    // More than the pipe to the command takes, and so that it is being read when the time is up.
    let line = [b'x'; 60_000];
    for _ in 0..40 {
        socket.write_all(&client_frame(0x81, &line)).unwrap();
    }
    let (first, payload) = read_frame(&mut socket);
    assert_eq!((first, String::from_utf8_lossy(&payload).trim()), (0x81, "2400040"));
}

#[test]
fn five_hundred_handshakes_byte_by_byte_keep_nobody_out() {
    let serving = Serving::start(&[]);
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let mut slow: Vec<TcpStream> = (0..500).map(|_| TcpStream::connect(serving.address()).unwrap()).collect();
    for (index, &byte) in head.iter().enumerate() {
        slow.iter_mut().for_each(|socket| socket.write_all(&[byte]).unwrap());
        if index % 20 == 0 {
            let (mut good, _) = open_by_hand(serving.address(), "");
            good.write_all(&client_frame(0x81, b"quick")).unwrap();
            assert_eq!(read_frame(&mut good), (0x81, b"quick".to_vec()));
        }
    }
    for socket in &mut slow {
        assert_eq!(status(&read_head(socket)), 101);
    }
}

#[test]
fn verbose_shows_the_heads() {
    let mut serving = Serving::start(&["-v"]);
    let _client = open_by_hand(serving.address(), "User-Agent: me\r\n");
    assert_eq!(serving.running.line_with("[1] < "), "[1] < GET /chat HTTP/1.1");
    serving.running.line_with("[1] < Sec-WebSocket-Version: 13");
    assert_eq!(serving.running.line_with("[1] > "), "[1] > HTTP/1.1 101 Switching Protocols");
    assert!(serving.running.line_with("opened").ends_with(" opened /chat agent=\"me\""));
}

#[test]
fn a_unix_socket_whose_owner_accepts_nobody_is_taken() {
    let folder = Folder::new();
    let path = folder.path("ws.sock");
    let owner = UnixListener::bind(&path).unwrap();
    rustix::net::listen(&owner, 0).unwrap();
    // With this its backlog is full.
    let _waiting = UnixStream::connect(&path).unwrap();
    run(&["serve", "--unix", &path], b"").assert("", 3, "another process is listening there");
}

#[test]
fn a_client_waits_for_room_in_a_full_backlog() {
    let folder = Folder::new();
    let path = folder.path("ws.sock");
    let owner = UnixListener::bind(&path).unwrap();
    rustix::net::listen(&owner, 0).unwrap();
    let _waiting = UnixStream::connect(&path).unwrap();
    let url = format!("ws+unix:{path}:/");
    run(&["connect", "--connect-timeout", "100ms", &url], b"").assert("", 3, "timed out");
    let client = Running::start(&["connect", "-1", &url]);
    let _first = owner.accept().unwrap();
    let mut server = tungstenite::accept(owner.accept().unwrap().0).unwrap();
    server.send(tungstenite::Message::text("hi")).unwrap();
    while server.read().is_ok() {}
    client.finish().assert("hi\n", 0, "");
}

#[test]
fn several_addresses_a_unix_socket_and_a_port_file() {
    let folder = std::env::temp_dir().join(format!("wscli-test-listen-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (socket, ports) = (folder.join("ws.sock"), folder.join("ports"));
    // What a killed server left behind is no obstacle.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let flags = ["localhost:0", "--unix", socket.to_str().unwrap(), "--port-file", ports.to_str().unwrap()];
    let mut serving = Serving::start(&flags);
    serving.running.line_with(&format!("listening on {}", socket.display()));
    let written = loop {
        // It appears whole.
        if let Ok(written) = fs::read_to_string(&ports) {
            break written;
        }
    };
    for port in written.lines() {
        let (mut client, _) = open_by_hand(&format!("127.0.0.1:{port}"), "");
        client.write_all(&client_frame(0x81, b"hi")).unwrap();
        assert_eq!(read_frame(&mut client), (0x81, b"hi".to_vec()));
    }
    let stream = std::os::unix::net::UnixStream::connect(&socket).unwrap();
    let (mut client, _) = tungstenite::client("ws://localhost/over/unix", stream).unwrap();
    client.send(tungstenite::Message::text("hi")).unwrap();
    assert_eq!(client.read().unwrap(), tungstenite::Message::text("hi"));
    serving.running.line_with("unix opened /over/unix");
    run(&["serve", "--unix", socket.to_str().unwrap()], b"").assert("", 3, "another process is listening there");
    serving.running.signal(rustix::process::Signal::TERM);
    serving.running.finish().assert("", 0, "stopped");
    assert!(!socket.exists() && !ports.exists());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_server_removes_its_own_socket_and_port_file_and_no_others() {
    let folder = Folder::new();
    let (socket, port) = (folder.path("socket"), folder.path("port"));
    let args = ["serve", "127.0.0.1:0", "--unix", &socket, "--port-file", &port];
    let start = || {
        let mut running = Running::start(&args);
        running.line_with("listening on ws://");
        running.line_with("listening on /");
        while fs::read_to_string(&port).unwrap_or_default().is_empty() {
            look_again();
        }
        running
    };
    let running = start();
    running.signal(Signal::TERM);
    assert_eq!(running.finish().code, Some(0));
    assert!(fs::symlink_metadata(&socket).is_err() && fs::symlink_metadata(&port).is_err());
    // Others have taken the paths meanwhile.
    let running = start();
    fs::remove_file(&socket).unwrap();
    let theirs = UnixListener::bind(&socket).unwrap();
    fs::remove_file(&port).unwrap();
    File::create(&port).unwrap().write_all(b"1\n").unwrap();
    running.signal(Signal::TERM);
    assert_eq!(running.finish().code, Some(0));
    assert!(fs::symlink_metadata(&socket).is_ok());
    assert_eq!(fs::read_to_string(&port).unwrap(), "1\n");
    drop(theirs);
    // What is no regular file stays what it is.
    let (pipe, device) = (folder.path("pipe"), folder.path("device"));
    mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
    symlink("/dev/null", &device).unwrap();
    for path in [pipe, device] {
        let kind = || (fs::symlink_metadata(&path).unwrap().file_type(), fs::metadata(&path).unwrap().file_type());
        let before = kind();
        let mut running = Running::start(&["serve", "127.0.0.1:0", "--port-file", &path]);
        let listening = running.line_with("listening on ws://");
        if before.1.is_fifo() {
            let port = fs::read_to_string(&path).unwrap();
            assert!(listening.ends_with(&format!(":{}/", port.trim_end())), "{listening} {port}");
        }
        running.signal(Signal::TERM);
        let ended = running.finish();
        // While the file is written, a signal ends it by itself.
        assert!(matches!(ended.code, Some(0) | None), "{ended:?}");
        assert_eq!(kind(), before, "{path}");
    }
}
