//! The request, as flags make it, on the wire.

use tungstenite::Message;

use crate::support::files::Folder;
use crate::support::peer::{self, header};
use crate::support::program::run;

/// The lines of the request that these flags make.
fn request(flags: &[&str]) -> Vec<String> {
    let server = peer::opens_and_closes();
    let url = server.url.clone();
    run(&[&["connect"], flags, &[&url]].concat(), b"").assert("", 0, "peer closed: 1000");
    server.join().lines().map(str::to_owned).collect()
}

#[track_caller]
fn sends(flags: &[&str], lines: &[&str]) {
    let request = request(flags);
    for line in lines {
        let name = line.split(':').next().unwrap().to_lowercase();
        let of_that_name: Vec<_> =
            request.iter().filter(|sent| sent.to_lowercase().starts_with(&format!("{name}:"))).collect();
        assert!(of_that_name.iter().any(|sent| sent == line), "{flags:?}: no {line:?} in {request:#?}");
        let wanted = lines.iter().filter(|line| line.to_lowercase().starts_with(&format!("{name}:"))).count();
        assert_eq!(of_that_name.len(), wanted, "{flags:?}: {name} is there in other words too: {request:#?}");
    }
}

#[test]
fn headers_go_out_as_they_were_written() {
    sends(&["-H", "x-lower: a: b, \"c\""], &["x-lower: a: b, \"c\""]);
    sends(&["--header", "X-UPPER:tight"], &["X-UPPER: tight"]);
    sends(&["-H", "X-Twice: 1", "-H", "X-Twice: 2"], &["X-Twice: 1", "X-Twice: 2"]);
    sends(&["-H", "X-Words: grün"], &["X-Words: grün"]);
    assert!(request(&["-H", "X-Empty;"]).iter().any(|line| line.trim_end() == "X-Empty:"));
}

#[test]
fn headers_of_the_protocol_may_be_replaced_and_left_out() {
    sends(&["-H", "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=="], &["sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=="]);
    sends(&["-H", "Sec-WebSocket-Version: 12"], &["Sec-WebSocket-Version: 12"]);
    sends(&["-H", "connection: keep-alive, Upgrade"], &["connection: keep-alive, Upgrade"]);
    sends(&["-H", "HOST: example.com"], &["HOST: example.com"]);
    sends(&["-H", "Sec-WebSocket-Extensions: permessage-foo"], &["Sec-WebSocket-Extensions: permessage-foo"]);
    let without = request(&["-H", "Sec-WebSocket-Extensions:"]).join("\n");
    assert_eq!(header(&without, "Sec-WebSocket-Extensions"), None);
}

#[test]
fn a_file_of_headers_keeps_secrets_off_the_command_line() {
    let folder = Folder::new();
    let file = folder.file("headers", "X-One: 1\r\nX-Two: 2\n\nAuthorization: Bearer of good news\n");
    sends(&["-H", &format!("@{file}")], &["X-One: 1", "X-Two: 2", "Authorization: Bearer of good news"]);
    run(&["connect", "-H", "@/nonexistent", "ws://127.0.0.1:1/"], b"").assert("", 2, "can't read /nonexistent");
}

#[test]
fn there_is_one_cookie_header() {
    sends(&["-b", "a=1", "-b", "b=2", "-H", "Cookie: z=9"], &["Cookie: z=9; a=1; b=2"]);
}

#[test]
fn cookies_come_out_of_a_file_too() {
    let folder = Folder::new();
    let jar = "# Netscape HTTP Cookie File\n\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tabc\n\
               #HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t99999999999\thidden\tdef\n\
               127.0.0.1\tFALSE\t/\tTRUE\t0\tsecure\tx\n127.0.0.1\tFALSE\t/\tFALSE\t1\tpast\tx\n\
               127.0.0.1\tFALSE\t/other\tFALSE\t0\tother\tx\na.example\tTRUE\t/\tFALSE\t0\telsewhere\tx\n";
    sends(&["-b", &folder.file("jar", jar), "-b", "a=1"], &["Cookie: sid=abc; hidden=def; a=1"]);
    // As servers write them; without a Domain it is like one that is typed.
    let set = "Set-Cookie: set=1; Path=/\nset-cookie: its=2; Domain=127.0.0.1\n\
               Set-Cookie: no=3; Domain=a.example\nSet-Cookie: old=4; Max-Age=0\n";
    sends(&["-b", &folder.file("set", set)], &["Cookie: its=2; set=1"]);
    for (jar, why) in [
        ("127.0.0.1 FALSE / FALSE 0 secret 1\n", "its fields are separated by spaces instead of tabs"),
        ("secret=1; b=2\n", "it looks like the value of a Cookie header"),
        ("Set-Cookie: secret\n", "line 1 sets no cookie"),
    ] {
        let outcome = run(&["connect", "-b", &folder.file("jar", jar), "ws://127.0.0.1:1/"], b"");
        outcome.assert("", 2, why);
        assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
    }
    let nonsense = folder.file("nonsense", "secret\n");
    let outcome = run(&["connect", "-b", &nonsense, "ws://127.0.0.1:1/"], b"");
    outcome.assert("", 2, "line 1 is not a cookie in Netscape's format");
    assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
}

#[test]
fn flags_for_single_headers() {
    sends(&["--host", "chat.example"], &["Host: chat.example"]);
    sends(&["--origin", "https://example.com"], &["Origin: https://example.com"]);
    sends(&["-s", "one", "--subprotocol", "two"], &["Sec-WebSocket-Protocol: one, two"]);
    sends(&["-b", "a=1; b=2"], &["Cookie: a=1; b=2"]);
    sends(&["--cookie", "a=1", "-b", "b=2"], &["Cookie: a=1; b=2"]);
    sends(&["-A", "curl/8"], &["User-Agent: curl/8"]);
    sends(&["--user-agent", "curl/8"], &["User-Agent: curl/8"]);
}

#[test]
fn credentials() {
    let folder = Folder::new();
    let token = format!("@{}", folder.file("token", "abc.def\n"));
    sends(&["-u", "Aladdin:open sesame"], &["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]);
    sends(&["--user", "a:b:c"], &["Authorization: Basic YTpiOmM="]);
    sends(&["-u", "name:"], &["Authorization: Basic bmFtZTo="]);
    sends(&["--bearer", "abc.def"], &["Authorization: Bearer abc.def"]);
    sends(&["--bearer", &token], &["Authorization: Bearer abc.def"]);
}

#[test]
fn credentials_in_the_url_become_a_header_and_are_never_said() {
    for flags in [&[][..], &["-v"], &["-v", "--frames"]] {
        let server = peer::opens_and_closes();
        let url = server.url.replace("ws://", "ws://user:p%40ss-word@");
        let outcome = run(&[&["connect", &url], flags].concat(), b"");
        outcome.assert("", 0, "peer closed: 1000");
        for secret in ["p%40ss", "p@ss", "dXNlcjpwQHNzLXdvcmQ="] {
            assert!(!outcome.stderr.contains(secret), "{secret} in {}", outcome.stderr);
        }
        let head = server.join();
        assert_eq!(header(&head, "Authorization").as_deref(), Some("Basic dXNlcjpwQHNzLXdvcmQ="));
        assert!(!head.contains('@'), "{head}");
    }
}

#[test]
fn what_can_not_be_a_header_is_a_usage_error() {
    for bad in ["nonsense", "a b: c", ": c", "a: b\r\nc: d", "a: \x1b[m"] {
        let outcome = run(&["connect", "-H", bad, "ws://127.0.0.1:1/"], b"");
        assert_eq!(outcome.code, Some(2), "{bad:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains('\x1b'), "{:?}", outcome.stderr);
    }
    let outcome = run(&["connect", "-s", "chat/1", "ws://127.0.0.1:1/"], b"");
    let why = "wscli: \"chat/1\" is not a subprotocol (RFC 6455 §4.1): it contains '/'; a token consists of letters, digits \
               and !#$%&'*+-.^_`|~ (RFC 9110 §5.6.2)\n       -H 'Sec-WebSocket-Protocol: …' sends anything\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(2), why));
    for flags in [
        ["--bearer", "a\nb: c"],
        ["--origin", "a\r\nb: c"],
        ["-b", "a\nb: c"],
        ["-A", "a\nb: c"],
        ["--host", "a\nb: c"],
    ] {
        let outcome = run(&[&["connect", "ws://127.0.0.1:1/"], &flags[..]].concat(), b"");
        assert_eq!(outcome.code, Some(2), "{flags:?}: {}", outcome.stderr);
    }
}

/// One of both would silently not be sent, or both would.
#[test]
fn a_header_and_the_flag_for_it_are_one_too_many() {
    for (header, name, flag) in [
        ("host: a", "Host", ["--host", "b"]),
        ("Host:", "Host", ["--host", "b"]),
        ("Origin: http://a", "Origin", ["--origin", "http://b"]),
        ("User-Agent: a", "User-Agent", ["-A", "b"]),
        ("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol", ["--subprotocol", "b"]),
        ("Authorization: Bearer a", "Authorization", ["-u", "a:b"]),
        ("Authorization: Bearer a", "Authorization", ["--bearer", "b"]),
    ] {
        let outcome = run(&["connect", "-H", header, flag[0], flag[1], "ws://127.0.0.1:1/"], b"");
        outcome.assert("", 2, &format!("both -H and {} give the {name} header", flag[0]));
        assert!(outcome.stderr.contains(&format!("leave out {} to send", flag[0])), "{outcome:?}");
    }
}

#[test]
fn a_subprotocol_given_as_a_header_is_one_like_any_other() {
    for flags in [["-s", "one"], ["-H", "Sec-WebSocket-Protocol: one"]] {
        let server = peer::opens_and_closes();
        let outcome = run(&["connect", flags[0], flags[1], &server.url], b"");
        outcome.assert("", 0, "the server accepted no subprotocol (requested: one)");
        assert_eq!(header(&server.join(), "Sec-WebSocket-Protocol").as_deref(), Some("one"));
    }
}

#[test]
fn a_subprotocol_that_the_server_chooses_is_accepted() {
    let server = peer::raw(|socket, head| {
        use std::io::{Read, Write};
        let answer = peer::acceptance(&head, "").replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: two\r\n\r\n");
        socket.write_all(answer.as_bytes()).unwrap();
        socket.write_all(b"\x88\x02\x03\xe8").unwrap();
        let _ = socket.read(&mut [0; 64]);
    });
    run(&["connect", "-v", "-s", "one", "-s", "two", &server.url], b"").assert("", 0, "two");
    server.join();
}

#[test]
fn what_other_tools_mean_by_a_flag_is_known() {
    let peer = peer::tungstenite(|socket| {
        let message = socket.read().unwrap();
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
        message
    });
    let outcome = run(&["connect", "--silent", "--data-binary", "hello", &peer.url], b"");
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("", Some(0)));
    assert_eq!(peer.join(), Message::text("hello"));
    run(&["connect", "-s", "8080"], b"").assert("", 2, "-s requests a subprotocol; 'wscli serve 8080' listens");
    let outcome = run(&["connect", "-x", "hello.invalid", "ws://127.0.0.1:1/"], b"");
    outcome.assert("", 3, "--noproxy HOST bypasses the proxy");
    let outcome = run(&["connect", "-x", "hello", "ws://127.0.0.1:1/"], b"");
    outcome.assert("", 3, "-x names a proxy, as in curl; -d TEXT sends a message");
}
