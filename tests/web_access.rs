//! What web pages may open of `wscli serve`.

use std::io::Write;
use std::net::TcpStream;

use crate::support::authority::{Issued, named};
use crate::support::files::Folder;
use crate::support::peer::read_to_end;
use crate::support::program::{PATIENCE, Running, Serving};

/// The whole answer to a request for `path` with these headers, an upgrade where `upgrade` says so.
fn answer(serving: &Serving, path: &str, upgrade: bool, headers: &str) -> String {
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let upgrade = if upgrade {
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    } else {
        ""
    };
    socket.write_all(format!("GET {path} HTTP/1.1\r\n{headers}{upgrade}\r\n").as_bytes()).unwrap();
    // A connection that opens ends here, so that whatever is sent ends too.
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    String::from_utf8_lossy(&read_to_end(&mut socket)).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// The status that a page of `origin` gets which opens `path` of the server under the name `host`.
fn opening(serving: &Serving, path: &str, host: &str, origin: &str) -> u16 {
    let host = host.replace("PORT", serving.address().rsplit(':').next().unwrap());
    let origin = origin.replace("PORT", serving.address().rsplit(':').next().unwrap());
    let origin = if origin.is_empty() { origin } else { format!("Origin: {origin}\r\n") };
    status(&answer(serving, path, true, &format!("Host: {host}\r\n{origin}")))
}

/// A server with stdin left open: some modes read it.
fn serving(flags: &[&str]) -> Serving {
    Serving::with(flags)
}

const OBSERVER: &str = "/.wscli/observe?wscli-observer=0123456789012345678901";

#[test]
fn a_page_of_another_origin_opens_nothing_that_is_protected() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any\n  reply yes\n");
    for (flags, protected) in [
        (&["--exec", "cat"][..], true),
        (&["--exec", "cat", "--auth", "a:b"], true),
        (&["--broadcast"], true),
        (&["--prompt"], true),
        (&["--push", "-"], true),
        (&["--echo"], false),
        (&["--sink"], false),
        (&["--push", "Cargo.toml"], false),
        (&["--reply", rules.as_str()], false),
    ] {
        let serving = serving(flags);
        let open = if flags.contains(&"--auth") { 401 } else { 101 };
        let foreign = if protected { 403 } else { open };
        for (host, origin, expected) in [
            ("127.0.0.1:PORT", "https://evil.example", foreign),
            ("127.0.0.1:PORT", "null", foreign),
            // A name that an attacker has led here.
            ("evil.example:PORT", "http://evil.example:PORT", foreign),
            ("evil.example:PORT", "", foreign),
            ("127.0.0.1:PORT", "", open),
            ("127.0.0.1:PORT", "http://127.0.0.1:PORT", open),
            ("localhost:PORT", "http://localhost:5173", open),
            ("mine.test", "http://mine.test", open),
        ] {
            assert_eq!(opening(&serving, "/", host, origin), expected, "{flags:?} {host} {origin}");
        }
    }
}

#[test]
fn the_page_its_observer_and_files_are_protected_in_every_mode() {
    let folder = Folder::new();
    let file = folder.file("a.txt", "content");
    let served = std::path::Path::new(&file).parent().unwrap().to_str().unwrap();
    let serving = serving(&["--echo", "--static", served]);
    for (headers, expected) in [
        ("Host: localhost\r\n", 200),
        ("Host: evil.example\r\n", 403),
        ("Host: localhost\r\nOrigin: http://evil.example\r\n", 403),
        ("Host: evil.example\r\nOrigin: http://evil.example\r\n", 403),
        ("Host: localhost\r\nOrigin: http://localhost\r\n", 200),
    ] {
        for path in ["/", "/a.txt"] {
            assert_eq!(status(&answer(&serving, path, false, headers)), expected, "{path} {headers}");
        }
        let observed = status(&answer(&serving, OBSERVER, true, headers));
        assert_eq!(observed, if expected == 200 { 101 } else { expected }, "{headers}");
        assert_eq!(status(&answer(&serving, "/healthz", false, headers)), 200);
    }
    // The target says the host here, and what Host says counts for nothing (RFC 9112 §3.2.2).
    let absolute =
        |host: &str| status(&answer(&serving, &format!("http://{host}/a.txt"), false, "Host: localhost\r\n"));
    assert_eq!((absolute("localhost"), absolute("evil.example")), (200, 403));
}

#[test]
fn a_refusal_names_what_was_refused_and_the_flag() {
    let mut serving = serving(&["--broadcast"]);
    for (headers, why) in [
        (
            "Host: localhost\r\nOrigin: https://evil.example\r\n",
            "the origin \"https://evil.example\" is not allowed; --allow-origin ORIGIN allows one",
        ),
        (
            "Host: evil.example:80\r\n",
            "the host \"evil.example:80\" is not a name of this server; --allow-host NAME allows one",
        ),
    ] {
        let answer = answer(&serving, "/", true, headers);
        assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{why}\n")), "{answer}");
        let line = serving.running.line_with("refused");
        assert!(line.ends_with(&format!("refused with 403 Forbidden: {why}")), "{line}");
    }
}

#[test]
fn flags_allow_more() {
    let evil = ("evil.example:PORT", "http://evil.example:PORT");
    let foreign = ("localhost", "https://evil.example");
    for (flags, (host, origin), expected) in [
        (&["--allow-origin", "https://evil.example"][..], foreign, 101),
        (&["--allow-origin", "https://evil.example"], evil, 403),
        (&["--allow-origin", "https://good.example"], foreign, 403),
        (&["--allow-origin", "https://good.example"], ("localhost", "http://localhost"), 101),
        (&["--allow-origin", "*"], foreign, 101),
        (&["--allow-host", "evil.example"], evil, 101),
        (&["--allow-host", ".example"], evil, 101),
        (&["--allow-host", "*"], evil, 101),
        (&["--allow-host", "*"], foreign, 403),
        (&["--tls", "--tls-name", "evil.example"], evil, 101),
        (&["--tls", "--tls-name", "good.example"], evil, 403),
        (&["--tls", "--tls-name", "*"], evil, 403),
    ] {
        let serving = serving(&[&["--broadcast"], flags].concat());
        assert_eq!(opening(&serving, "/", host, origin), expected, "{flags:?} {host} {origin}");
    }
    // With origins allowed by name, no mode is open to others.
    let serving = serving(&["--echo", "--allow-origin", "https://good.example"]);
    assert_eq!(opening(&serving, "/", "localhost", "https://good.example"), 101);
    assert_eq!(opening(&serving, "/", "localhost", "https://evil.example"), 403);
    assert_eq!(opening(&serving, "/", "evil.example:PORT", "http://evil.example:PORT"), 403);
    assert_eq!(opening(&serving, "/", "localhost", ""), 101);
}

#[test]
fn each_route_is_protected_by_its_own_mode() {
    let serving = serving(&["--route", "/echo=echo", "--route", "/run=exec:cat"]);
    let origin = "https://evil.example";
    assert_eq!(opening(&serving, "/echo", "localhost", origin), 101);
    assert_eq!(opening(&serving, "/run", "localhost", origin), 403);
    assert_eq!(opening(&serving, "/none", "localhost", origin), 404);
}

#[test]
fn the_address_that_is_listened_on_is_ours_and_no_other() {
    let mut running = Running::start(&["serve", "0.0.0.0:0", "--broadcast"]);
    let line = running.line_with("listening on ");
    let port = line.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let serving = Serving { running, url: format!("ws://127.0.0.2:{port}/") };
    assert_eq!(opening(&serving, "/", "127.0.0.2:PORT", ""), 101);
    assert_eq!(opening(&serving, "/", "0.0.0.0:PORT", ""), 101);
    assert_eq!(opening(&serving, "/", "192.0.2.1:PORT", ""), 403);
}

#[test]
fn a_command_that_every_page_can_run_is_warned_about() {
    for flags in [["--allow-origin", "*"], ["--allow-host", "*"]] {
        let mut running = Running::start(&[&["serve", ":0", "--exec", "cat"], &flags[..]].concat());
        running.line_with("warning: any web page you visit can run the --exec command");
    }
}

#[test]
fn the_names_of_the_certificate_are_ours() {
    let names = ["shop.example", "*.wild.example", "192.0.2.7", "2001:db8::7", "*.example", "*"];
    let issued = Issued::self_signed(&named("cn.example", &names));
    let folder = Folder::new();
    let (cert, key) = (folder.file("cert.pem", &issued.pem), folder.file("key.pem", issued.key.serialize_pem()));
    let serving = serving(&["--broadcast", "--cert", &cert, "--key", &key]);
    for (host, expected) in [
        ("shop.example", 101),
        ("SHOP.example.:PORT", 101),
        ("a.wild.example", 101),
        ("192.0.2.7:PORT", 101),
        ("[2001:db8::7]", 101),
        ("localhost", 101),
        // A star is one label, and not every name below a top-level domain is meant by one.
        ("wild.example", 403),
        ("b.a.wild.example", 403),
        ("evil.example", 403),
        ("www.shop.example", 403),
        ("cn.example", 403),
        ("192.0.2.8", 403),
    ] {
        assert_eq!(opening(&serving, "/", host, ""), expected, "{host}");
        let page = format!("https://{host}");
        assert_eq!(opening(&serving, "/", host, &page), expected, "a page on {host}");
    }
    assert_eq!(opening(&serving, "/", "shop.example", "https://evil.example"), 403);
}

#[test]
fn a_page_of_another_site_embeds_no_file() {
    let folder = Folder::new();
    folder.file("data.js", "secret");
    let path = folder.path("");
    let asked = |serving: &Serving, mode: &str, site: &str| {
        answer(
            serving,
            "/data.js",
            false,
            &format!("Host: localhost\r\nConnection: close\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Site: {site}\r\n"),
        )
    };
    let files = serving(&["--static", &path]);
    assert_eq!(status(&asked(&files, "no-cors", "cross-site")), 403);
    for (mode, site) in [("navigate", "cross-site"), ("no-cors", "same-origin"), ("no-cors", "none")] {
        let answer = asked(&files, mode, site);
        assert_eq!(status(&answer), 200, "{answer}");
        assert!(answer.contains("\r\nCross-Origin-Resource-Policy: same-origin\r\n"), "{answer}");
    }
    let open = serving(&["--static", &path, "--allow-origin", "*"]);
    assert_eq!(status(&asked(&open, "no-cors", "cross-site")), 200);
}
