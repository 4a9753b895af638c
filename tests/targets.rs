//! What the user typed, and where it leads.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::thread::{self, JoinHandle};

use crate::support::files::Folder;
use crate::support::peer::{self, Refusing, header, one_connection, open_and_close, read_head};
use crate::support::program::{run, run_with, run_with_bytes};

/// Connects to the server at `target`, in which PORT stands for its port; returns the request line's resource,
/// the Host header, and what was said.
fn reach(target: &str, flags: &[&str]) -> (String, String, String) {
    let server = peer::opens_and_closes();
    let port = server.url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let with_port = |text: &&str| text.replace("PORT", &port);
    let flags: Vec<_> = flags.iter().map(with_port).collect();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let outcome = run(&[&["connect", &with_port(&target)], &flags[..]].concat(), b"");
    outcome.assert("", 0, "peer closed: 1000");
    let head = server.join();
    let resource = head.split(' ').nth(1).unwrap().to_owned();
    (resource, header(&head, "Host").unwrap().replace(&port, "PORT"), outcome.stderr.replace(&port, "PORT"))
}

/// A peer at an address of the test's choice; returns the Host header.
fn opens_and_closes_once(listener: TcpListener) -> JoinHandle<String> {
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let head = read_head(&mut socket);
        open_and_close(&mut socket, &head);
        header(&head, "Host").unwrap()
    })
}

#[track_caller]
fn leads(target: &str, flags: &[&str], resource: &str, host: &str) -> String {
    let (reached, named, said) = reach(target, flags);
    assert_eq!((reached.as_str(), named.as_str()), (resource, host), "{target}");
    said
}

#[test]
fn urls_and_their_aliases() {
    leads("ws://127.0.0.1:PORT", &[], "/", "127.0.0.1:PORT");
    leads("http://127.0.0.1:PORT/a", &[], "/a", "127.0.0.1:PORT");
    leads("WS://LOCALHOST:PORT/A", &["-4"], "/A", "localhost:PORT");
    // What a paste brings along.
    leads("\"ws://127.0.0.1:PORT/a\"\r\n", &[], "/a", "127.0.0.1:PORT");
}

#[test]
fn without_a_scheme_it_says_which_it_took() {
    for (target, resource, host) in [
        ("127.0.0.1:PORT/chat", "/chat", "127.0.0.1:PORT"),
        ("localhost:PORT/chat?x", "/chat?x", "localhost:PORT"),
        (":PORT/chat", "/chat", "localhost:PORT"),
        (":PORT", "/", "localhost:PORT"),
    ] {
        let said = leads(target, &["-4"], resource, host);
        assert!(said.contains("ws://"), "{said}");
    }
    // curl is silent about -k without TLS, too; but who typed no ws:// may have meant the other.
    assert!(
        leads("localhost:PORT", &["-4", "-k"], "/", "localhost:PORT").contains("localhost:PORT/; wss:// uses TLS\n")
    );
    assert!(!leads("ws://localhost:PORT", &["-4", "-k"], "/", "localhost:PORT").contains("TLS"));
    run(&["connect", "name.invalid/x"], b"").assert("", 3, "wss://name.invalid/x");
    run(&["connect", "name.invalid:8080/x"], b"").assert("", 3, "wss://name.invalid:8080/x");
    run(&["connect", "name.invalid:80/x"], b"").assert("", 3, "ws://name.invalid");
}

#[test]
fn queries_stay_as_they_were_typed() {
    for query in ["?a=b'c\"%2f|", "?{}^`[]\\", "?%7e%7E&&==", "?", "?a=/../b", "?x=a@b:c"] {
        leads(&format!("ws://127.0.0.1:PORT/p{query}"), &[], &format!("/p{query}"), "127.0.0.1:PORT");
        leads(&format!(":PORT/p{query}"), &["-4"], &format!("/p{query}"), "localhost:PORT");
    }
    leads("ws://127.0.0.1:PORT?q", &[], "/?q", "127.0.0.1:PORT");
}

/// RFC 3987 §3.1.
#[test]
fn what_is_not_ascii_is_percent_encoded() {
    let said = leads(
        "ws://127.0.0.1:PORT/caf\u{e9}/%E6%97%A5?q=\u{fc}",
        &[],
        "/caf%C3%A9/%E6%97%A5?q=%C3%BC",
        "127.0.0.1:PORT",
    );
    assert!(!said.contains('\u{e9}'), "{said}");
}

/// RFC 6761 §6.3: no resolver is asked.
#[test]
fn names_below_localhost_are_this_machine() {
    leads("ws://tenant1.localhost:PORT/", &[], "/", "tenant1.localhost:PORT");
    leads("A.B.LOCALHOST:PORT", &["-4"], "/", "a.b.localhost:PORT");
}

/// Whatever /etc/hosts says: many have only one of the two for it.
#[test]
fn localhost_is_both_loopback_addresses() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(address) else {
            eprintln!("SKIPPED: this machine has no {address}");
            continue;
        };
        let url = format!("ws://localhost:{}/", listener.local_addr().unwrap().port());
        let server = opens_and_closes_once(listener);
        run(&["connect", &url], b"").assert("", 0, "peer closed: 1000");
        server.join().unwrap();
    }
}

#[test]
fn a_number_alone_is_a_port() {
    leads("PORT", &["-4"], "/", "localhost:PORT");
    leads("PORT/x?y", &["-4"], "/x?y", "localhost:PORT");
    run(&["connect", "ws://19001/"], b"").assert("", 2, "\"19001\" is a number and not a host; a port alone is :19001");
}

/// RFC 6874; the zone is of this machine and no server's business.
#[test]
fn zones_of_ipv6_addresses() {
    for host in ["[::1%25lo]", "[::1%lo]", "[::1%1]"] {
        let Ok(listener) = TcpListener::bind("[::1]:0") else {
            eprintln!("SKIPPED: this machine has no IPv6 loopback");
            return;
        };
        let port = listener.local_addr().unwrap().port();
        let server = opens_and_closes_once(listener);
        run(&["connect", &format!("ws://{host}:{port}/")], b"").assert("", 0, "peer closed: 1000");
        assert_eq!(server.join().unwrap(), format!("[::1]:{port}"));
    }
    run(&["connect", "ws://[fe80::1%25none0]:1/"], b"").assert("", 3, "there is no network interface \"none0\"");
}

#[test]
fn ipv6_literals() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("SKIPPED: this machine has no IPv6 loopback");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        for _ in 0..3 {
            let (mut socket, _) = listener.accept().unwrap();
            let head = read_head(&mut socket);
            assert_eq!(header(&head, "Host").unwrap(), format!("[::1]:{port}"));
            open_and_close(&mut socket, &head);
        }
    });
    for target in [format!("ws://[::1]:{port}/"), format!("[::1]:{port}/x"), format!("ws://[0:0::1]:{port}/")] {
        run(&["connect", &target], b"").assert("", 0, "peer closed: 1000");
    }
    server.join().unwrap();
}

#[test]
fn international_names_are_sent_in_ascii() {
    let known = ["--resolve", "xn--bcher-kva.example:PORT:127.0.0.1"];
    leads("ws://bücher.example:PORT/", &known, "/", "xn--bcher-kva.example:PORT");
}

#[test]
fn what_is_no_target_is_refused_with_the_reason_and_without_the_password() {
    for (target, why) in [
        ("ws://127.0.0.1/#part", "RFC 6455 §3"),
        ("ws://127.0.0.1/#", "fragment"),
        ("127.0.0.1/#part", "fragment"),
        ("ws://user:secret@127.0.0.1/#part", "fragment"),
        ("ftp://user:secret@127.0.0.1/", "ftp"),
        ("ws://user:secret@127.0.0.1:99999/", "port"),
        ("ws://user:secret@/", ""),
        ("ws://user:secret@[::1/", ""),
        ("user:secret@127.0.0.1:99999", ""),
        ("ws:/user:secret@127.0.0.1:1/", "between its scheme and its host there is not ://"),
        ("::1", "[::1], a port after it: [::1]:8080"),
        ("/tmp/x.sock", "ws+unix:PATH:/RESOURCE"),
        ("unix:///x", "ws+unix:PATH:/RESOURCE"),
        ("ws://2130706433:1/", "as an IPv4 address it is 127.0.0.1"),
        ("ws://", ""),
        ("", ""),
    ] {
        let outcome = run(&["connect", "-v", target], b"");
        outcome.assert("", 2, why);
        assert!(!outcome.stderr.contains("secret"), "{target}: {}", outcome.stderr);
    }
    // Nor where the way there fails.
    let outcome = run(&["connect", "-v", "ws://user:secret@name.invalid/"], b"");
    outcome.assert("", 3, "name.invalid");
    assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
}

#[test]
fn what_is_no_proxy_is_refused_with_the_reason_and_without_the_password() {
    for (proxy, why) in [
        ("ftp://user:secret@127.0.0.1/", "ftp"),
        ("http://user:secret@127.0.0.1:port", "port"),
        ("socks4://user:secret@127.0.0.1/", "socks4"),
        ("http://user:secret@", "proxy"),
    ] {
        let by_flag = run(&["connect", "-v", "-x", proxy, "ws://127.0.0.1:1/"], b"");
        let by_environment = run_with(&[("http_proxy", proxy)], &["connect", "-v", "ws://127.0.0.1:1/"], b"");
        for outcome in [by_flag, by_environment] {
            outcome.assert("", 2, why);
            assert!(!outcome.stderr.contains("secret"), "{proxy}: {}", outcome.stderr);
        }
    }
    let not_text = run_with_bytes(&[("http_proxy", b"http://\xe9/")], &[b"connect", b"ws://127.0.0.1:1/"]);
    not_text.assert("", 2, "http_proxy");
}

#[test]
fn a_proxy_of_the_environment_is_named_with_its_variable() {
    let connect = |value: &str| run_with(&[("ALL_PROXY", value)], &["connect", "ws://a.example/"], b"");
    connect("socks://127.0.0.1:1/").assert("", 3, "the proxy socks5h://127.0.0.1:1 (of ALL_PROXY) can't be reached");
    connect("socks4://127.0.0.1:1").assert("", 2, "ALL_PROXY: the proxy's URL can't be used");
}

#[test]
fn addresses_may_be_given() {
    leads("ws://chat.example:PORT/a", &["--resolve", "chat.example:PORT:127.0.0.1"], "/a", "chat.example:PORT");
    leads("ws://Chat.Example:PORT/a", &["--resolve", "chat.EXAMPLE:PORT:127.0.0.1"], "/a", "chat.example:PORT");
    for known in ["*:PORT:127.0.0.1", "+chat.example:PORT:127.0.0.1", "chat.example:PORT:[::1],127.0.0.1"] {
        leads("ws://chat.example:PORT/a", &["--resolve", known], "/a", "chat.example:PORT");
    }
    leads("ws://chat.example/a", &["--connect-to", "127.0.0.1:PORT"], "/a", "chat.example");
    for rule in ["chat.example:80:127.0.0.1:PORT", "Chat.Example::127.0.0.1:PORT", "::127.0.0.1:PORT"] {
        leads(
            "ws://chat.example/a",
            &["--connect-to", "x.example:80:x.example:1", "--connect-to", rule],
            "/a",
            "chat.example",
        );
    }
    let rules = ["--connect-to", "127.0.0.1:1::PORT", "--connect-to", ":::"];
    leads("ws://127.0.0.1:1/a", &rules, "/a", "127.0.0.1:1");
    // Nobody listens there: the next one is tried.
    let known = ["--resolve", "chat.example:PORT:[::1]", "--resolve", "chat.example:PORT:127.0.0.1"];
    leads("ws://chat.example:PORT/", &known, "/", "chat.example:PORT");
    leads("ws://chat.example:PORT/", &[&known[..], &["-4"]].concat(), "/", "chat.example:PORT");
    run(&["connect", "ws://chat.example:1/", "--resolve", "chat.example:2:127.0.0.1"], b"").assert(
        "",
        3,
        "chat.example",
    );
    for bad in ["chat.example", "chat.example:80", "chat.example:80:name", "a:b:127.0.0.1", "*.example:80:127.0.0.1"] {
        run(&["connect", "ws://chat.example/", "--resolve", bad], b"").assert("", 2, bad);
    }
    run(&["connect", "ws://chat.example/", "--connect-to", "nonsense"], b"").assert("", 2, "nonsense");
}

#[test]
fn one_family_only() {
    leads("ws://localhost:PORT/", &["-4"], "/", "localhost:PORT");
    run(&["connect", "-6", "ws://127.0.0.1:1/"], b"").assert("", 3, "IPv6");
    run(&["connect", "-4", "ws://[::1]:1/"], b"").assert("", 3, "IPv4");
    run(&["connect", "-4", "-6", "ws://127.0.0.1:1/"], b"").assert("", 2, "--ipv6");
}

#[test]
fn every_address_that_was_tried_is_named() {
    let refusing = Refusing::new();
    let port = refusing.address.port();
    let known = |address: &str| format!("chat.example:{port}:{address}");
    let url = format!("ws://chat.example:{port}/");
    let flags =
        ["connect", &url, "--resolve", &known("127.0.0.1"), "--resolve", &known("127.0.0.2")].map(str::to_owned);
    let outcome = run(&flags.iter().map(String::as_str).collect::<Vec<_>>(), b"");
    outcome.assert("", 3, &format!("127.0.0.1:{port}"));
    outcome.assert("", 3, &format!("127.0.0.2:{port}"));
    outcome.assert("", 3, "onnection refused");
}

#[test]
fn unix_sockets() {
    let folder = Folder::new();
    let path = folder.path("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let mut heads = Vec::new();
        for _ in 0..3 {
            let (mut socket, _) = listener.accept().unwrap();
            let head = read_head(&mut socket);
            open_and_close(&mut socket, &head);
            heads.push(head);
        }
        heads
    });
    run(&["connect", "--unix-socket", &path, "ws://chat.example/a?b"], b"").assert("", 0, "peer closed: 1000");
    run(&["connect", &format!("ws+unix:{path}:/c?d")], b"").assert("", 0, "peer closed: 1000");
    run(&["connect", &format!("ws+unix:{path}")], b"").assert("", 0, "peer closed: 1000");
    let heads = server.join().unwrap();
    let asked: Vec<_> =
        heads.iter().map(|head| (head.split(' ').nth(1).unwrap(), header(head, "Host").unwrap())).collect();
    let localhost = || "localhost".to_owned();
    assert_eq!(asked, [("/a?b", "chat.example".to_owned()), ("/c?d", localhost()), ("/", localhost())]);
    run(&["connect", "ws+unix:/nonexistent/socket:/"], b"").assert("", 3, "/nonexistent/socket");
}

#[test]
fn a_unix_socket_that_says_something_else_is_named() {
    let folder = Folder::new();
    let path = folder.path("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        read_head(&mut socket);
        socket.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n").unwrap();
        peer::read_to_end(&mut socket);
    });
    run(&["connect", &format!("ws+unix:{path}:/")], b"").assert("", 5, "404 Not Found");
    server.join().unwrap();
}

#[test]
fn a_socks_proxy_may_connect_from_an_address_with_the_longest_name() {
    let proxy = one_connection(|mut socket| {
        socket.read_exact(&mut [0; 3]).unwrap();
        socket.write_all(&[5, 0]).unwrap();
        // Version, CONNECT, reserved, IPv4 with its port.
        socket.read_exact(&mut [0; 10]).unwrap();
        socket.write_all(&[5, 0, 0, 3, 255]).unwrap();
        // Nothing tells the two apart but that the first has been read.
        socket.write_all(&[[b'a'; 255].as_slice(), &[0, 80]].concat()).unwrap();
        let head = read_head(&mut socket);
        open_and_close(&mut socket, &head);
    });
    let proxy_url = proxy.url.replace("ws://", "socks5://");
    run(&["connect", "-x", &proxy_url, "ws://127.0.0.1:1/"], b"").assert("", 0, "peer closed: 1000");
    proxy.join();
}

#[test]
fn a_socks_proxy_answers_with_its_version_and_whole() {
    let cases: [(&'static [&'static [u8]], _); 10] = [
        (&[b"\x05\x02"], "failed: it wants a user and a password\n       -U NAME:PASSWORD gives them\n"),
        (&[b"\x05\xff"], "failed: it wants a user and a password\n       -U NAME:PASSWORD gives them\n"),
        (&[b"\x05\0", b"\x04\0\0\x01\x7f\0\0\x01\0\x50"], "failed: it answered with SOCKS version 4, not 5"),
        // SOCKS 4 grants a request so.
        (&[b"\x05\0", b"\0\x5a\0\0\0\0\0\0"], "failed: it answered with SOCKS version 0, not 5"),
        (&[b"\x04\x5b"], "failed: it did not answer with SOCKS 5; is it an HTTP proxy?"),
        (&[b"\x05\0", b"\x05\x02\0\x01"], "failed: it refused: its rules don't allow the connection (reply 2)"),
        (&[b"\x05\0", b"\x05\0"], "failed: it closed the connection in mid-response"),
        (&[b"\x05\0", b"\x05\0\0\x03\x04ab"], "failed: it closed the connection in mid-response"),
        (&[b"\x05\0", b""], "failed: it closed the connection without an answer"),
        (&[], "failed: it closed the connection without an answer"),
    ];
    for (answers, says) in cases {
        let proxy = one_connection(move |mut socket| {
            for (answer, asked) in answers.iter().zip([3, 10]) {
                socket.read_exact(&mut vec![0; asked]).unwrap();
                socket.write_all(answer).unwrap();
            }
            socket.shutdown(std::net::Shutdown::Write).unwrap();
            peer::read_to_end(&mut socket);
        });
        let proxy_url = proxy.url.replace("ws://", "socks5://");
        let outcome = run(&["connect", "-x", &proxy_url, "ws://127.0.0.1:1/"], b"");
        outcome.assert("", 3, "failed: ");
        assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
        proxy.join();
    }
}

#[test]
fn an_http_proxy_answers_whole() {
    for (answer, says) in [
        (&b""[..], "failed: it closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", "failed: it closed the connection in mid-response"),
        (b"\x15\x03\x03\0\x02\x02\x46", "failed: it is a TLS server: https:// instead of http:// speaks TLS with it"),
        (
            b"SSH-2.0-OpenSSH_9.2\r\n",
            "failed: it is an SSH server (it says \"SSH-2.0-OpenSSH_9.2\"), not an HTTP proxy",
        ),
    ] {
        let proxy = peer::raw(move |socket, _| socket.write_all(answer).unwrap());
        let proxy_url = proxy.url.replace("ws://", "http://");
        run(&["connect", "-x", &proxy_url, "ws://127.0.0.1:1/"], b"").assert("", 3, says);
        proxy.join();
    }
}
