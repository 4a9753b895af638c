//! Passwords and tokens: where they come from, and where they don't go.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};

use rustix::process::Signal;

use crate::support::files::Folder;
use crate::support::peer::{self, header, open_by_hand};
use crate::support::program::{PATIENCE, Serving, run, serve_with};

#[test]
fn usage_errors_do_not_print_them() {
    let folder = Folder::new();
    let headers = format!("@{}", folder.file("headers", "A: b\nCookie hunter2\n"));
    let empty = format!("@{}", folder.file("empty", "\nhunter2\n"));
    let url = "ws://127.0.0.1:1/";
    let bad_url = "is not a WebSocket URL";
    for (args, says) in [
        (&["serve", "--auth", "hunter2"][..], "--auth: expected USER:PASSWORD"),
        (&["serve", "--auth=hunter2"], "--auth: expected USER:PASSWORD"),
        (&["serve", "--auth", &empty], "its first line is empty"),
        (&["serve", "--bearer", "hunter2\n"], "--bearer: no header can hold its control characters"),
        (&["serve", "-H", "Set-Cookie hunter2"], "invalid value '…' for '--header <NAME: VALUE>'"),
        (&["serve", "-H", "Set Cookie: hunter2"], "invalid value '…' for '--header <NAME: VALUE>'"),
        (&["serve", "-Hhunter2 x:"], "invalid value '…' for '--header <NAME: VALUE>'"),
        (&["serve", "-uhunter2"], "unexpected argument '-u' found"),
        (&["serve", "--user=a:hunter2"], "unexpected argument '--user' found"),
        (&["serve", "wss://a:hunter2@h/"], "invalid value"),
        (&["serve", "--auth", "a", "hunter2"], "invalid value '…' for '[ADDRESSES]...'"),
        (&["serve", "--auth:a:hunter2"], "unexpected argument '--auth' found"),
        (&["serve", "--bearerhunter2"], "unexpected argument '--bearer…' found"),
        (&["connect", "--bearer hunter2", url], "unexpected argument '--bearer' found"),
        (&["connect", "--auth=a:hunter2", url], "unexpected argument '--auth' found"),
        (&["connect", "--tokn=hunter2", url], "unexpected argument '--tokn' found"),
        (&["connect", "-u", "a", "hunter2", url], "unexpected argument '…' found"),
        (&["connect", "--bearer=a", url, "hunter2"], "unexpected argument '…' found"),
        (&["connect", url, "wss://a:hunter2@h/"], "unexpected argument 'wss://…@h/' found"),
        (&["connect", url, "a:hunter2@h"], "unexpected argument '…@h' found"),
        (&["ftp://a:hunter2@h/"], "unrecognized subcommand 'ftp://…@h/'"),
        (&["a:hunter2@h"], "unrecognized subcommand '…@h'"),
        (&["connect", "-H", "Cookie hunter2", url], "-H: a header has a colon"),
        (&["connect", "-H", "Bearer hunter2: x", url], "-H: what is before the colon can't be the name of a header"),
        (
            &["connect", "-H", "Cookie: hunter2\u{1}", url],
            "-H: the value of the header Cookie contains a control character",
        ),
        (&["connect", "-H", &headers, url], "line 2 of "),
        (&["connect", "-b", "hunter2", url], "-b: it has no ="),
        (&["connect", "-b", "a=hunter2\u{1}", url], "-b: the value of the header Cookie contains a control character"),
        (&["connect", "--bearer", "hunter2\u{1}", url], "--bearer: the value of the header Authorization"),
        (&["connect", "--bearer", &empty, url], "its first line is empty"),
        (&["connect", "-u", &empty, url], "its first line is empty"),
        (&["connect", "wss://a:hunter2@h:x/"], bad_url),
        (&["connect", "wss://a:hunter2/@h/"], bad_url),
        (&["connect", "wss://a:hun/hunter2@h/"], bad_url),
        (&["connect", "wss://a:hun?hunter2@h/"], bad_url),
        (&["connect", "wss://a:hun#hunter2@h/"], bad_url),
        (&["connect", "wss://a:hunter2 @h/"], bad_url),
        (&["connect", "wss://a:hunter2"], bad_url),
        (&["connect", "ws://h:x/?token=hunter2"], bad_url),
        (&["connect", "ftp://a:hunter2@h/"], bad_url),
        (&["connect", "-x", "http://a:hunter2@h:x", url], "the proxy's URL can't be used"),
        (&["connect", "-x", "ftp://a:hunter2@h", url], "the proxy's URL can't be used"),
        (&["connect", "-x", "http://a:hunter2@", url], "the proxy's URL can't be used"),
        (&["connect", "--from-curl", "curl -H 'hunter2' ws://127.0.0.1:1/"], "-H: a header has a colon"),
        (&["connect", "--from-curl", "curl -H 'hunter2"], "--from-curl can't be read"),
        (&["connect", "--from-curl", "wget -u hunter2"], "--from-curl can't be read"),
        (&["inspect", "wss://a:hunter2@h:x/"], bad_url),
        (&["connect", "ws://h:x/#token=hunter2"], bad_url),
        (&["connect", "ws://h:x/;token=hunter2"], bad_url),
        (&["connect", "ws://a%3Ahunter2%40h:x/"], bad_url),
        (&["connect", "ws+unix:/x?token=hunter2"], bad_url),
        (&["connect", "@name:hunter2"], "@name… is a target of the configuration file"),
        (&["connect", "@prod?token=hunter2"], "@prod… is a target of the configuration file"),
        (&["connect", "-u", "@hunter2", url], "can't read the file after @: No such file"),
        (&["connect", "-u", "@/no/x:hunter2", url], "can't read the file after @: No such file"),
        (&["connect", "--bearer", "@hunter2", url], "can't read the file after @: No such file"),
        (&["serve", "--auth", "@hunter2"], "can't read the file after @: No such file"),
        (&["connect", "--cert", "c:hunter2", url], "can't read c:…: No such file"),
        (&["connect", "--cert", "c:hunter2", "--key", "k:hunter2", url], "can't read k:…: No such file"),
        (&["connect", "--from-curl", "curl --cert c:hunter2 ws://127.0.0.1:1/"], "can't read c:…: No such file"),
        (&["connect", "-s", "bearer", "-s", "hunter2 x", url], "\"(masked)\" is not a subprotocol"),
        (&["connect", "-s", "bearer, hunter2", url], "\"(masked), (masked)\" is not a subprotocol"),
        (&["connect", "--count=--bearer=hunter2", url], "invalid value '…' for '--count <N>'"),
        (&["connect", "--out", "Bearer hunter2", url], "invalid value '…' for '--out <FORMAT>'"),
        (&["a:hunter2"], "unrecognized subcommand 'a:…'"),
        (&["connect", "--count", "hunter2", url], "invalid value '…' for '--count <N>'"),
        (&["connect", "--expect", "[hunter2", url], "invalid value '…' for '--expect <REGEX>'"),
        (&["show", "/no?token=hunter2"], "can't read /no?token=(masked): No such file"),
        (&["help", "hunter2"], "\"…\" is not a subcommand of wscli"),
        (&["completions", "hunter2"], "invalid value '…' for '<SHELL>'"),
        (&["token=hunter2"], "unrecognized subcommand 'token=…'"),
    ] {
        let outcome = run(args, b"");
        assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
        assert!(outcome.stderr.contains(says), "{args:?}: no {says:?} in {}", outcome.stderr);
        assert!(!outcome.stderr.contains("hunter2"), "{args:?}: {}", outcome.stderr);
        assert!(outcome.stdout.is_empty(), "{outcome:?}");
    }
}

#[test]
fn what_is_no_secret_is_still_named() {
    for (args, says) in [
        (&["connect", "--count", "many", "ws://a"][..], "invalid value 'many' for '--count <N>'"),
        (&["connect", "ws://a", "ws://b"], "unexpected argument 'ws://b' found"),
        (&["conect"], "unrecognized subcommand 'conect'"),
        (&["serve", "localhost"], "invalid value 'localhost' for '[ADDRESSES]...'"),
        (&["connect", "--count", "\u{1b}[2J", "ws://a"], "invalid value '\\x1b[2J' for '--count <N>'"),
        (&["connect", "--colour", "ws://a"], "'--color WHEN'"),
        (
            &["connect", "ws://h:99999/"],
            "\"ws://h:99999/\" is not a WebSocket URL: its port is not a number up to 65535",
        ),
    ] {
        run(args, b"").assert("", 2, says);
    }
}

#[test]
fn a_client_reads_them_from_files() {
    let folder = Folder::new();
    for (flag, content, sent) in [
        ("-u", "Aladdin:open sesame\nmore\n", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("--user", "Aladdin:open sesame\r\n", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("--bearer", "abc.def", "Bearer abc.def"),
        ("--bearer", "abc.def\nmore", "Bearer abc.def"),
    ] {
        let file = format!("@{}", folder.file("secret", content));
        let server = peer::opens_and_closes();
        run(&["connect", flag, &file, &server.url], b"").assert("", 0, "peer closed: 1000");
        assert_eq!(header(&server.join(), "Authorization").as_deref(), Some(sent));
    }
    run(&["connect", "-u", "@/nowhere", "ws://127.0.0.1:1/"], b"").assert("", 2, "can't read /nowhere: No such file");
}

#[test]
fn a_pasted_command_reads_no_file() {
    let folder = Folder::new();
    let file = folder.file("secret", "hunter2\n");
    let server = peer::opens_and_closes();
    let command = format!("curl -u @{file}:x {}", server.url);
    run(&["connect", "--from-curl", &command], b"").assert("", 0, "peer closed: 1000");
    let sent = header(&server.join(), "Authorization").unwrap();
    assert_eq!(sent, format!("Basic {}", base64(&format!("@{file}:x"))));
}

fn base64(text: &str) -> String {
    let letters: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let group = |bytes: &[u8]| {
        let number =
            bytes.iter().chain(&[0; 3][bytes.len()..]).fold(0u32, |number, byte| number << 8 | u32::from(*byte));
        let digit = move |at: usize| if at <= bytes.len() { (number >> (18 - 6 * at) & 63) as usize } else { 64 };
        (0..4).map(digit).map(|digit| letters.get(digit).copied().unwrap_or('=')).collect::<String>()
    };
    text.as_bytes().chunks(3).map(group).collect()
}

#[test]
fn a_server_reads_them_from_files() {
    let folder = Folder::new();
    let auth = format!("@{}", folder.file("auth", "Aladdin:open sesame\nmore\n"));
    let bearer = format!("@{}", folder.file("bearer", "t0ken\r\n"));
    let serving = Serving::start(&["--auth", &auth, "--bearer", &bearer]);
    for (given, code) in [(&["-u", "Aladdin:open sesame"][..], 0), (&["--bearer", "t0ken"], 0), (&["-u", "a:b"], 5)] {
        let outcome = run(&[&["connect", "-d", "hello", "-1", &serving.url], given].concat(), b"");
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
    }
    run(&["serve", "--auth", "@/nowhere"], b"").assert("", 2, "can't read /nowhere: No such file");
}

#[test]
fn a_server_masks_them_in_its_log() {
    let secrets = "Authorization: Bearer hunter2\r\nCookie: a=hunter2\r\nX-Api-Key: hunter2\r\nX-Seen: yes\r\n";
    let mut serving = Serving::with(&["--sink", "-v", "-H", "Set-Cookie: hunter2"]);
    drop(open_by_hand(serving.address(), secrets));
    serving.running.line_with("received 0 messages");
    serving.running.signal(Signal::TERM);
    let stderr = serving.running.finish().stderr;
    for line in [
        "[1] < Authorization: (masked; --show-secrets shows it)\n",
        "[1] < Cookie: (masked; --show-secrets shows it)\n",
        "[1] < X-Api-Key: (masked; --show-secrets shows it)\n",
        "[1] < X-Seen: yes\n",
        "[1] > Set-Cookie: (masked; --show-secrets shows it)\n",
    ] {
        assert!(stderr.contains(line), "no {line:?} in {stderr}");
    }
    assert!(!stderr.contains("hunter2"), "{stderr}");
    let mut serving = Serving::with(&["--sink", "-v", "--show-secrets"]);
    drop(open_by_hand(serving.address(), secrets));
    serving.running.line_with("[1] < Authorization: Bearer hunter2");
}

/// Requests with a token in the target, and one with a token among malformed subprotocols.
fn tokens_in_requests(address: &str) {
    let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let upgrade = format!("Connection: Upgrade\r\nUpgrade: websocket\r\n{key}");
    for (target, headers) in [
        ("/chat?a=b&access_token=hunter2", upgrade.as_str()),
        ("/chat?token=hunter2", ""),
        ("/healthz?token=hunter2", ""),
        ("chat?token=hunter2", upgrade.as_str()),
        ("/#token=hunter2", upgrade.as_str()),
        ("/chat", &format!("{upgrade}Sec-WebSocket-Protocol: access_token, hunter2 hunter2\r\n")),
        ("/chat", &format!("{upgrade}Sec-WebSocket-Protocol: bearer, hunter2, hunter2\r\n")),
        ("/chat", &format!("{upgrade}Referer: http://h/?sid=hunter2\r\n")),
    ] {
        let mut socket = TcpStream::connect(address).unwrap();
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        socket.write_all(head.as_bytes()).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        peer::read_to_end(&mut socket);
    }
}

#[test]
fn a_server_masks_those_in_targets() {
    let mut serving = Serving::with(&["--sink", "-v", "--out", "json"]);
    tokens_in_requests(serving.address());
    serving.running.line_with("[8] 127.0.0.1:");
    serving.running.line_with("received 0 messages");
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    let seen = format!("{}{}", outcome.stderr, outcome.stdout());
    assert!(!seen.contains("hunter2"), "{seen}");
    for told in ["/chat?a=b&access_token=(masked)", "\"path\":\"/healthz?token=(masked)\"", "http://h/?sid=(masked)"] {
        assert!(seen.contains(told), "no {told} in {seen}");
    }
    let mut serving = Serving::with(&["--sink", "--show-secrets"]);
    tokens_in_requests(serving.address());
    serving.running.line_with("opened /chat?a=b&access_token=hunter2");
}

#[test]
fn a_client_masks_those_in_urls() {
    for (flags, shows) in [
        (&["connect", "-v"][..], "< Location: /next?token=(masked)\n"),
        (&["connect"], "the server redirects to /next?token=(masked); -L follows"),
        (&["connect", "-L", "--max-redirs", "0"], "the last one leads to /next?token=(masked)"),
        (&["inspect"], "?access_token=(masked)"),
        (&["inspect", "--json"], "?access_token=(masked)"),
    ] {
        let server = peer::raw(|socket, _| {
            let answer = "HTTP/1.1 302 Found\r\nLocation: /next?token=hunter2\r\nContent-Length: 0\r\n\r\n";
            socket.write_all(answer.as_bytes()).unwrap();
        });
        let url = format!("{}/?access_token=hunter2", server.url);
        let outcome = run(&[flags, &[&url]].concat(), b"");
        let seen = format!("{}{}", outcome.stderr, outcome.stdout());
        assert!(seen.contains(shows) && !seen.contains("hunter2"), "{flags:?}: {seen}");
        server.join();
    }
    for (flags, shown) in [(&[][..], "token=(masked)"), (&["--show-secrets"], "token=hunter2")] {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap().to_string();
        let peer = std::thread::spawn(move || {
            let (mut socket, _) = server.accept().unwrap();
            peer::read_head(&mut socket);
            socket.write_all(b"HTTP/1.1 307 x\r\nLocation: /next?token=hunter2\r\nContent-Length: 0\r\n\r\n").unwrap();
            drop(socket);
            let (mut socket, _) = server.accept().unwrap();
            let head = peer::read_head(&mut socket);
            assert!(head.starts_with("GET /next?token=hunter2 HTTP/1.1\r\n"), "{head}");
            peer::open_and_close(&mut socket, &head);
        });
        let url = format!("{address}/?key=hunter2");
        let outcome = run(&[&["connect", "-v", "-L", &url], flags].concat(), b"");
        peer.join().unwrap();
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(outcome.stderr.contains("hunter2"), !flags.is_empty(), "{}", outcome.stderr);
        for told in
            [&format!("redirected to ws://{address}/next?{shown}\n"), &format!("> GET /next?{shown} HTTP/1.1\n")]
        {
            assert!(outcome.stderr.contains(told), "no {told:?} in {}", outcome.stderr);
        }
    }
}

/// What `env` prints as the command of a client whose request has these headers.
fn environment_of_a_command(environment: &[(&str, &str)], args: &[&str], headers: &str) -> Vec<String> {
    let serving = serve_with(environment, &[&["--exec", "env"], args].concat());
    let (mut socket, _) = open_by_hand(serving.address(), headers);
    let sent = peer::read_to_end(&mut socket);
    // Each line is a message: two or four bytes, and the line.
    let mut lines = Vec::new();
    let mut rest = &sent[..];
    while let [0x81, length, after @ ..] = rest {
        let (length, after) = match length {
            126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), &after[2..]),
            short => (usize::from(*short), after),
        };
        lines.push(String::from_utf8(after[..length].to_vec()).unwrap());
        rest = &after[length..];
    }
    assert!(lines.iter().any(|line| line.starts_with("REQUEST_METHOD=")), "{lines:?}");
    lines
}

#[test]
fn a_command_does_not_get_those_of_its_server() {
    let ours = [
        ("WSCLI_TEST_TOKEN", "a t0ken indeed"),
        ("WSCLI_TEST_PAIR", "x Aladdin:open sesame"),
        ("WSCLI_TEST_PASSWORD", "open sesame"),
        ("WSCLI_TEST_HEADER", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("WSCLI_TEST_ENCODED", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("WSCLI_TEST_OTHER", "kept"),
        ("HTTP_X_FORGED", "by nobody"),
        ("REMOTE_USER", "root"),
    ];
    let args = ["--auth", "Aladdin:open sesame", "--bearer", "a t0ken indeed"];
    let authorization = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nProxy-Authorization: Basic hunter2\r\n";
    let lines = environment_of_a_command(&ours, &args, authorization);
    for secret in ["t0ken", "sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ", "hunter2", "HTTP_AUTHORIZATION", "forged", "FORGED"]
    {
        assert!(!lines.iter().any(|line| line.contains(secret)), "{secret} in {lines:?}");
    }
    for line in ["WSCLI_TEST_OTHER=kept", "AUTH_TYPE=Basic", "REMOTE_USER=Aladdin"] {
        assert!(lines.iter().any(|found| found == line), "no {line} in {lines:?}");
    }
    // A server that asks for none leaves it to the command.
    let lines = environment_of_a_command(&[("REMOTE_USER", "root")], &[], "Authorization: Bearer theirs\r\n");
    assert!(lines.iter().any(|line| line == "HTTP_AUTHORIZATION=Bearer theirs"), "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("REMOTE_USER") || line.starts_with("AUTH_TYPE")), "{lines:?}");
}

#[test]
fn no_two_headers_become_one_variable() {
    let headers = "X-User: alice\r\nX_User: mallory\r\nx-list: 1\r\nX-List: 2\r\nCookie: a=1\r\nCookie: b=2\r\n\
                   X.Dot: 1\r\nProxy: evil\r\n";
    let lines = environment_of_a_command(&[], &[], headers);
    for line in ["HTTP_X_USER=alice", "HTTP_X_LIST=1, 2", "HTTP_COOKIE=a=1; b=2"] {
        assert!(lines.iter().any(|found| found == line), "no {line} in {lines:?}");
    }
    for name in ["mallory", "DOT", "HTTP_PROXY="] {
        assert!(!lines.iter().any(|line| line.contains(name)), "{name} in {lines:?}");
    }
}

#[test]
fn the_token_of_the_page_is_nobody_else_s() {
    const TOKEN: &str = "0123456789abcdefghijkl";
    let command = r#"env; tr '\0' ' ' <"/proc/$$/cmdline"; echo; echo END; read line"#;
    let flags = ["-v", "--show-secrets", "--frames", "--out", "json", "--exec", command];
    let serving = serve_with(&[], &flags);
    let address = serving.address().to_owned();
    let ask = |target: &str, upgrade: &str| {
        let mut socket = std::net::TcpStream::connect(&address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: {upgrade}\r\n");
        let upgrade =
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        socket.write_all(format!("{head}{upgrade}\r\n").as_bytes()).unwrap();
        socket
    };
    let mut observer = ask(&format!("/.wscli/observe?wscli-observer={TOKEN}"), "Upgrade");
    peer::read_head(&mut observer);
    // The list of those that are open says that it has begun.
    assert!(peer::read_frame(&mut observer).1.starts_with(b"{\"open\":"));
    let mut page = ask(&format!("/?a=b&wscli-observer={TOKEN}&c"), "Upgrade");
    let mut told = peer::read_head(&mut page).into_bytes();
    while !told.ends_with(b"END") {
        told.extend(peer::read_frame(&mut page).1);
    }
    page.write_all(&peer::client_frame(0x88, b"\x03\xe8")).unwrap();
    peer::read_to_end(&mut page);
    let seen = peer::read_frame(&mut observer).1;
    assert!(contains(&seen, "\"yours\":true"), "{}", String::from_utf8_lossy(&seen));
    told.extend(seen);
    for target in ["/", "/nowhere", "/healthz"] {
        told.extend(peer::read_to_end(&mut ask(&format!("{target}?wscli-observer={TOKEN}"), "close")));
    }
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    for (what, text) in [("a socket", &told), ("stdout", &outcome.stdout), ("stderr", &outcome.stderr.into_bytes())] {
        assert!(!contains(text, TOKEN), "{what}: {}", String::from_utf8_lossy(text));
    }
    for variable in ["QUERY_STRING=a=b&c", "REQUEST_URI=/?a=b&c"] {
        assert!(contains(&told, variable), "{variable}");
    }
    assert!(contains(&outcome.stdout, "/?a=b&c\",\"address\":"));
}

fn contains(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|found| found == part.as_bytes())
}

#[test]
fn a_token_that_is_taken_for_a_subprotocol_stays_one() {
    let folder = Folder::new();
    let (client_file, server_file) = (folder.path("client.ndjson"), folder.path("server.ndjson"));
    let flags = ["--echo", "-v", "--out", "json", "--subprotocol", "hunter2", "--record", &server_file];
    let serving = Serving::with(&flags);
    let url = format!("ws://{}/", serving.address());
    let mut seen = String::new();
    for (flags, shows) in [
        (&["connect", "-n", "--linger", "0", "-v", "--record", &client_file][..], "open: subprotocol (masked); "),
        (&["inspect"], "subprotocol  (masked)\n"),
        (&["inspect", "--json"], "\"subprotocol\": \"(masked)\""),
    ] {
        let outcome = run(&[flags, &["-s", "access_token", "-s", "hunter2", &url]].concat(), b"");
        let told = format!("{}{}", outcome.stderr, outcome.stdout());
        assert!(told.contains(shows), "no {shows:?} in {told}");
        seen.push_str(&told);
    }
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    assert!(outcome.stderr.contains(" subprotocol=(masked)"), "{}", outcome.stderr);
    seen.extend([outcome.stderr.as_str(), outcome.stdout()]);
    for file in [client_file, server_file] {
        let recorded = std::fs::read_to_string(file).unwrap();
        assert!(recorded.contains("\"subprotocol\":\"(masked)\""), "{recorded}");
        seen.push_str(&recorded);
    }
    assert!(!seen.contains("hunter2"), "{seen}");
}

#[test]
fn an_answer_shows_none_that_it_quotes_or_hides_in_odd_forms() {
    let folder = Folder::new();
    let file = folder.path("client.ndjson");
    for answer in [
        "HTTP/1.1 401 Bad hunter2\r\nContent-Length: 21\r\n\r\ninvalid token hunter2",
        "HTTP/1.1 401 X\r\nWWW-Authenticate: Bearer error=\"x\", error_description=\"hunter2 is old\"\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 400 X\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"error\":\"bad key hunter2\"}\n",
        "HTTP/1.1 302 X\r\nLocation: http:bob:hunter3@h/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 X\r\nLocation: \\\\bob:hunter3@h/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 X\r\nLocation: http://bob:hunter3\r\nContent-Length: 0\r\n\r\n",
        "Set-Cookie: a=hunter3\r\nHTTP/1.1 101 X\r\n\r\n",
        "HTTP/1.1 403 X\r\nX-A: b\r\n Authorization: Bearer hunter3\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 X\r\nX-Pin: hunter3\r\nX-Any: http://a:hunter3@h/\r\nContent-Length: 0\r\n\r\n",
    ] {
        for flags in [&["connect", "-v", "-L", "--record", &file][..], &["inspect", "--json"]] {
            let server = peer::raw(move |socket, _| {
                socket.write_all(answer.as_bytes()).unwrap();
                socket.shutdown(Shutdown::Write).unwrap();
            });
            let url = format!("{}/?key=hunter2", server.url);
            let outcome = run(&[flags, &["--bearer", "hunter2", &url]].concat(), b"");
            server.join();
            let told = format!("{}{}", outcome.stderr, outcome.stdout());
            assert!(!told.contains("hunter"), "{answer}: {told}");
        }
        let recorded = std::fs::read_to_string(&file).unwrap();
        assert!(!recorded.contains("hunter"), "{answer}: {recorded}");
    }
}

#[test]
fn a_target_that_begins_with_two_slashes_has_no_password() {
    let mut serving = Serving::with(&["--sink", "-v", "--out", "json"]);
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.write_all(peer::handshake("//a:hunter2@h/", "localhost", "").as_bytes()).unwrap();
    peer::read_head(&mut socket);
    drop(socket);
    serving.running.line_with("opened");
    serving.running.signal(Signal::TERM);
    let outcome = serving.running.finish();
    let told = format!("{}{}", outcome.stderr, String::from_utf8_lossy(&outcome.stdout));
    assert!(told.contains("(masked)@h/") && !told.contains("hunter2"), "{told}");
}
