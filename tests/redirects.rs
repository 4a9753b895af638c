//! 3xx answers: followed with -L, and only as far as it is safe.

use crate::support::faults;
use crate::support::peer::header;
use crate::support::program::run;
use crate::support::requests::{Answer, Requests, redirection};

#[test]
fn redirects_are_followed_when_asked_for() {
    for path in ["/301", "/302"] {
        run(&["connect", &faults::url(path)], b"").assert("", 5, "-L");
        run(&["connect", "-L", &faults::url(path)], b"").assert("open\n", 0, "closed: 1000");
        run(&["connect", "--location", &faults::url(path)], b"").assert("open\n", 0, "closed: 1000");
    }
}

#[test]
fn locations_are_resolved_against_the_url() {
    for (location, resource) in
        [("other?x='y'", "/rooms/other?x='y'"), ("/root", "/root"), ("?q", "/rooms/lobby?q"), ("../up", "/up")]
    {
        let server = Requests::answered(vec![redirection(location), Answer::Open]);
        let url = format!("{}rooms/lobby", server.url());
        run(&["connect", "-L", &url], b"").assert("", 0, "closed: 1000");
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
        run(&["connect", "-L", &server.url()], b"").assert("", 0, "closed: 1000");
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
        run(&[&["connect", "-L", &server.url()], flags].concat(), b"").assert("", 0, "closed: 1000");
        assert!(server.next().contains("Authorization: "));
        let head = other.next();
        assert!(!head.to_lowercase().contains("authorization") && !head.to_lowercase().contains("cookie"), "{head}");
        assert_eq!(header(&head, "X-Kept").as_deref(), Some("yes"));
    }
}

#[test]
fn credentials_in_the_url_do_not_either() {
    let other = Requests::answered(vec![Answer::Open]);
    let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
    let url = server.url().replace("ws://", "ws://user:secret@");
    run(&["connect", "-L", &url], b"").assert("", 0, "closed: 1000");
    assert!(header(&server.next(), "Authorization").is_some());
    assert_eq!(header(&other.next(), "Authorization"), None);
}

#[test]
fn a_host_that_was_given_is_for_the_first_origin_only() {
    for flags in [["--host", "chat.example"], ["-H", "host: chat.example"]] {
        let other = Requests::answered(vec![Answer::Open]);
        let server = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
        run(&[&["connect", "-L", &server.url()], &flags[..]].concat(), b"").assert("", 0, "closed: 1000");
        assert_eq!(header(&server.next(), "Host").as_deref(), Some("chat.example"));
        assert_eq!(header(&other.next(), "Host").unwrap(), other.address.to_string());
    }
    let (other, server) = (Requests::answered(vec![Answer::Open]), "chat.example");
    let first = Requests::answered(vec![redirection(&format!("ws://{}/", other.address))]);
    let place = first.address.to_string();
    let url = format!("ws://{server}/");
    run(&["connect", "-L", "--connect-to", &place, &url], b"").assert("", 0, "closed: 1000");
    assert_eq!(header(&other.next(), "Host").unwrap(), other.address.to_string());
}

#[test]
fn credentials_stay_within_the_origin() {
    let server = Requests::answered(vec![redirection("/next"), Answer::Open]);
    run(&[&["connect", "-L", &server.url()], &CREDENTIALS[..]].concat(), b"").assert("", 0, "closed: 1000");
    server.next();
    let head = server.next();
    assert_eq!(header(&head, "Authorization").as_deref(), Some("Bearer secret"));
    assert_eq!(header(&head, "Cookie").as_deref(), Some("session=secret"));
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
