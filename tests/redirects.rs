//! 3xx answers: followed with -L, and only as far as it is safe.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::authority::{Authority, good, named, serve};
use crate::support::faults;
use crate::support::files::Folder;
use crate::support::peer::{self, header, read_head, read_to_end};
use crate::support::program::run;
use crate::support::requests::{self, Answer, Requests, redirection, redirection_by};

/// A Location is a URI, and many have what only an IRI may have (RFC 3987 §3.1).
#[test]
fn a_location_may_have_characters_beyond_ascii() {
    let server = peer::opens_and_closes();
    let location = format!("Location: {}caf\u{e9}", server.url);
    let first = peer::raw(move |socket, _| {
        socket.write_all(format!("HTTP/1.1 302 Found\r\n{location}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
    });
    run(&["connect", "-L", &first.url], b"").assert("", 0, "peer closed: 1000");
    assert!(server.join().starts_with("GET /caf%C3%A9 HTTP/1.1\r\n"));
}

#[test]
fn redirects_are_followed_when_asked_for() {
    for path in ["/301", "/302"] {
        run(&["connect", &faults::url(path)], b"").assert("", 5, "-L");
        run(&["connect", "-L", &faults::url(path)], b"").assert("open\n", 0, "peer closed: 1000");
        run(&["connect", "--location", &faults::url(path)], b"").assert("open\n", 0, "peer closed: 1000");
    }
}

#[test]
fn locations_are_resolved_against_the_url() {
    for (location, resource) in
        [("other?x='y'", "/rooms/other?x='y'"), ("/root", "/root"), ("?q", "/rooms/lobby?q"), ("../up", "/up")]
    {
        let server = Requests::answered(vec![redirection(location), Answer::Open]);
        let url = format!("{}rooms/lobby", server.url());
        run(&["connect", "-L", &url], b"").assert("", 0, "peer closed: 1000");
        let heads = server.all();
        assert_eq!(heads.len(), 2, "{heads:?}");
        assert!(heads[1].starts_with(&format!("GET {resource} HTTP/1.1\r\n")), "{location}: {}", heads[1]);
    }
}

#[test]
fn http_in_a_location_means_ws() {
    let other = Requests::answered(vec![Answer::Open]);
    for scheme in ["http", "ws"] {
        let location = format!("{scheme}://{}/there", other.address);
        let server = Requests::answered(vec![redirection(&location)]);
        run(&["connect", "-L", &server.url()], b"").assert("", 0, "peer closed: 1000");
        let head = other.next();
        assert!(head.starts_with("GET /there "), "{head}");
        assert_eq!(header(&head, "Host").unwrap(), other.address.to_string());
    }
}

const CREDENTIALS: [&str; 6] = ["-H", "Authorization: Bearer secret", "-b", "session=secret", "-H", "X-Kept: yes"];

#[test]
fn credentials_do_not_follow_to_another_origin() {
    for flags in [
        &CREDENTIALS[..],
        &["-u", "user:secret", "-H", "Cookie: secret", "-H", "X-Kept: yes"],
        &["--bearer", "secret", "-H", "cookie: secret", "-H", "X-Kept: yes"],
    ] {
        let other = Requests::answered(vec![Answer::Open]);
        let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
        run(&[&["connect", "-L", &server.url()], flags].concat(), b"").assert("", 0, "peer closed: 1000");
        assert!(server.next().contains("Authorization: "));
        let head = other.next();
        assert!(!head.to_lowercase().contains("authorization") && !head.to_lowercase().contains("cookie"), "{head}");
        assert_eq!(header(&head, "X-Kept").as_deref(), Some("yes"));
    }
}

#[test]
fn a_client_certificate_does_not_either() {
    let (folder, root) = (Folder::new(), Authority::new("Root of Trust"));
    let client = root.issue(&named("client", &[]));
    let url = serve(root.issue(&good()).config_demanding(&root, rustls::ALL_VERSIONS));
    let cert = folder.file("cert.pem", &client.pem);
    let key = folder.file("key.pem", client.key.serialize_pem());
    let connect = |follow| {
        let server = Requests::answered(vec![redirection(&url)]);
        let flags = ["--cacert", &folder.file("root.pem", root.pem()), "--cert", &cert, "--key", &key];
        run(&[&["connect", "--linger", "0", follow, &server.url()], &flags[..]].concat(), b"hello\n")
    };
    let outcome = connect("-L");
    outcome.assert("", 4, "the client certificate is sent only to the origin that redirected here");
    assert!(outcome.stderr.contains("--location-trusted sends it here too"), "{}", outcome.stderr);
    connect("--location-trusted").assert("hello\n", 0, "closed by us: 1000");
}

#[test]
fn credentials_in_the_url_do_not_either() {
    let other = Requests::answered(vec![Answer::Open]);
    let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
    let url = server.url().replace("ws://", "ws://user:secret@");
    run(&["connect", "-L", &url], b"").assert("", 0, "peer closed: 1000");
    assert!(header(&server.next(), "Authorization").is_some());
    assert_eq!(header(&other.next(), "Authorization"), None);
}

#[test]
fn a_host_that_was_given_is_for_the_first_origin_only() {
    for flags in [["--host", "chat.example"], ["-H", "host: chat.example"]] {
        let other = Requests::answered(vec![Answer::Open]);
        let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
        run(&[&["connect", "-L", &server.url()], &flags[..]].concat(), b"").assert("", 0, "peer closed: 1000");
        assert_eq!(header(&server.next(), "Host").as_deref(), Some("chat.example"));
        assert_eq!(header(&other.next(), "Host").unwrap(), other.address.to_string());
    }
    let (other, server) = (Requests::answered(vec![Answer::Open]), "chat.example");
    let first = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
    let place = first.address.to_string();
    let url = format!("ws://{server}/");
    run(&["connect", "-L", "--connect-to", &place, &url], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(header(&other.next(), "Host").unwrap(), other.address.to_string());
}

/// What was given isn't advised again.
#[test]
fn secrets_that_stayed_behind_are_named() {
    for (status, flags) in [("401 Unauthorized", ["-u", "a:b"]), ("403 Forbidden", ["-b", "a=b"])] {
        let other = Requests::answered(vec![requests::status(status, "WWW-Authenticate: Basic realm=\"r\"\r\n")]);
        let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
        let outcome = run(&[&["connect", "-L", &server.url()], &flags[..]].concat(), b"");
        outcome.assert(
            "",
            5,
            "are sent only to the origin that redirected here; --location-trusted sends them here too",
        );
    }
}

/// As for curl: they are about hosts, whoever leads there.
#[test]
fn the_four_parts_of_connect_to_hold_behind_a_redirect() {
    let other = Requests::answered(vec![Answer::Open]);
    let server = Requests::answered(vec![redirection("ws://other.example/there")]);
    let rule = format!("other.example:80:{}", other.address);
    run(&["connect", "-L", "--connect-to", &rule, &server.url()], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(header(&other.next(), "Host").as_deref(), Some("other.example"));
}

#[test]
fn credentials_stay_within_the_origin() {
    let server = Requests::answered(vec![redirection("/next"), Answer::Open]);
    run(&[&["connect", "-L", &server.url()], &CREDENTIALS[..]].concat(), b"").assert("", 0, "peer closed: 1000");
    server.next();
    let head = server.next();
    assert_eq!(header(&head, "Authorization").as_deref(), Some("Bearer secret"));
    assert_eq!(header(&head, "Cookie").as_deref(), Some("session=secret"));
}

#[test]
fn whatever_is_masked_stays_with_its_origin() {
    let secrets = [
        "-H",
        "Proxy-Authorization: Basic c2VjcmV0",
        "-H",
        "X-Api-Key: c2VjcmV0",
        "-H",
        "X-CSRF-Token: c2VjcmV0",
        "-s",
        "chat",
        "-s",
        "access_token",
        "-s",
        "c2VjcmV0",
        "-H",
        "X-Kept: yes",
    ];
    for (flag, is_sent) in [("-L", false), ("--location-trusted", true)] {
        let other = Requests::answered(vec![Answer::Open]);
        let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
        let flags = ["connect", flag, &server.url(), "--host", "first.example"];
        run(&[&flags[..], &secrets[..]].concat(), b"").assert("", 0, "peer closed: 1000");
        assert_eq!(server.next().matches("c2VjcmV0").count(), 4);
        let head = other.next();
        assert_eq!(head.matches("c2VjcmV0").count(), if is_sent { 4 } else { 0 }, "{head}");
        assert_eq!(head.contains("access_token"), is_sent, "{head}");
        assert!(header(&head, "Sec-WebSocket-Protocol").unwrap().starts_with("chat"), "{head}");
        assert_eq!(header(&head, "X-Kept").as_deref(), Some("yes"));
        assert_eq!(header(&head, "Host").unwrap(), other.address.to_string());
    }
    let other = Requests::answered(vec![Answer::Open]);
    let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
    let headers = [
        "Sec-WebSocket-Protocol: bearer",
        "Sec-WebSocket-Protocol: c2VjcmV0",
        "Referer: https://a/?token=c2VjcmV0",
        "Content-Location: //u:c2VjcmV0@a/",
        "Origin: https://u:c2VjcmV0@a",
    ];
    let flags = ["connect", "-L", &server.url()].map(str::to_owned).into_iter();
    let flags: Vec<_> =
        flags.chain(headers.iter().flat_map(|header| ["-H".to_owned(), (*header).to_owned()])).collect();
    run(&flags.iter().map(String::as_str).collect::<Vec<_>>(), b"").assert("", 0, "peer closed: 1000");
    let head = other.next();
    assert_eq!(header(&head, "Sec-WebSocket-Protocol"), None);
    assert!(!head.contains("c2VjcmV0"), "{head}");
}

#[test]
fn a_location_with_a_url_in_its_query_or_a_fragment_is_what_it_says() {
    for (location, resource) in [
        ("/x?next=https://elsewhere.example/", "/x?next=https://elsewhere.example/"),
        ("/x?y#z", "/x?y"),
        ("#z", "/a?b"),
    ] {
        let server = Requests::answered(vec![redirection(location), Answer::Open]);
        run(&["connect", "-L", &format!("{}a?b", server.url())], b"").assert("", 0, "peer closed: 1000");
        server.next();
        let head = server.next();
        assert!(head.starts_with(&format!("GET {resource} HTTP/1.1\r\n")), "{location}: {head}");
    }
}

#[test]
fn a_location_that_may_not_be_followed_is_an_answer_of_the_server() {
    let socket = Folder::new().file("a.sock", "");
    for (location, why) in [
        (format!("ws+unix://{socket}:/"), "its scheme \"ws+unix\" is not http, https, ws or wss"),
        (format!("ws+unix:{socket}:/"), "its scheme \"ws+unix\" is not http, https, ws or wss"),
        ("mailto:a@b".into(), "its scheme \"mailto\" is not http, https, ws or wss"),
        ("ws://a:99999/".into(), "it is not a WebSocket URL: its port is not a number up to 65535"),
        ("http:x".into(), "it is not a WebSocket URL: it has no host"),
    ] {
        let server = Requests::answered(vec![redirection(&location)]);
        let says = format!("the redirect to {location:?} is not followed: {why}");
        run(&["connect", "-L", &server.url()], b"").assert("", 5, &says);
    }
}

#[test]
fn from_wss_to_ws_nothing_is_followed_without_a_flag() {
    let root = Authority::new("Root of Trust");
    let folder = Folder::new();
    let root_file = folder.file("root.pem", root.pem());
    let plain = Requests::answered(vec![Answer::Open]);
    let location = format!("http://{}/", plain.address);
    let url = redirecting_over_tls(root.issue(&good()).config(), &location);
    let outcome = run(&["connect", "--location-trusted", "--cacert", &root_file, &url], b"");
    outcome.assert("", 5, &format!("the redirect to {location:?} is not followed: it leads from wss to ws"));
    outcome.assert("", 5, "--location-downgrade follows it");
    assert_eq!(plain.all().len(), 0);
    let flags = ["connect", "--location-downgrade", "-b", "a=secret", "--cacert", &root_file, &url];
    run(&flags, b"").assert("", 0, "peer closed: 1000");
    assert_eq!(header(&plain.next(), "Cookie"), None);
}

/// A server over TLS that redirects everybody to `location`. Returns its URL.
fn redirecting_over_tls(config: ServerConfig, location: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
    let (config, location) = (Arc::new(config), location.to_owned());
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), socket.unwrap());
            read_head(&mut stream);
            let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            read_to_end(&mut stream);
        }
    });
    url
}

#[test]
fn only_permanent_redirects_are_for_good() {
    let lost = Answer::Http("HTTP/1.1 503 Service Unavailable\r\n".into(), "");
    for (first, second, asked) in [
        ("307 Temporary Redirect", "308 Permanent Redirect", (3, 3, 3)),
        ("302 Found", "303 See Other", (3, 3, 3)),
        ("308 Permanent Redirect", "307 Temporary Redirect", (1, 3, 3)),
        ("301 Moved Permanently", "308 Permanent Redirect", (1, 1, 3)),
    ] {
        let end = Requests::answered(vec![lost.clone(), lost.clone(), Answer::Open]);
        let middle = Requests::answered(vec![redirection_by(second, &end.url())]);
        let start = Requests::answered(vec![redirection_by(first, &middle.url())]);
        let flags = ["connect", "-L", "--retry", "2", "--retry-delay", "0", "-b", "a=secret", &start.url()];
        run(&flags, b"").assert("", 0, "closed: 1000");
        let heads = start.all();
        assert!(heads.iter().all(|head| header(head, "Cookie").as_deref() == Some("a=secret")), "{heads:?}");
        assert_eq!((heads.len(), middle.all().len(), end.all().len()), asked, "{first}, {second}");
    }
}

#[test]
fn a_reconnection_asks_the_first_server_again() {
    let end = Requests::answered(vec![Answer::OpenAndDrop, Answer::OpenAndDrop, Answer::Open]);
    let start = Requests::answered(vec![redirection_by("307 Temporary Redirect", &end.url())]);
    run(&["connect", "-n", "-L", "--reconnect", &start.url()], b"").assert("", 0, "closed: 1000");
    assert_eq!((start.all().len(), end.all().len()), (3, 3));
}

#[test]
fn there_is_an_end_to_it() {
    let server = Requests::answered(vec![redirection("/again")]);
    run(&["connect", "-L", "--max-redirs", "3", &server.url()], b"").assert("", 5, "--max-redirs");
    assert_eq!(server.all().len(), 4, "the first, and three more");
    run(&["connect", "-L", &faults::url("/loop")], b"").assert("", 5, "redirect");
    run(&["connect", "-L", "--max-redirs", "0", &faults::url("/302")], b"").assert("", 5, "--max-redirs");
}

#[test]
fn a_location_that_leads_nowhere_is_named() {
    run(&["connect", "-L", &faults::url("/nowhere")], b"").assert("", 5, "Location");
    run(&["connect", "-L", &faults::url("/mailto")], b"").assert("", 5, "mailto");
}
