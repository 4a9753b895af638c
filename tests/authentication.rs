//! Digest challenges (RFC 7616), of servers and of proxies.

use ring::digest::{SHA256, digest};

use crate::support::peer::header;
use crate::support::program::run;
use crate::support::requests::{Answer, Requests, redirection, status};

fn challenge(parameters: &str) -> Answer {
    status("401 Unauthorized", &format!("WWW-Authenticate: Digest realm=\"r\", {parameters}\r\n"))
}

/// Without a qop it depends on nothing that the client chooses (RFC 2617 §3.2.2.1).
const ANSWER_WITHOUT_QOP: &str =
    "Digest username=\"a\", realm=\"r\", uri=\"/\", nonce=\"n\", response=\"ba6451ac33672f6bdd9b4a70317fb3a5\"";

/// The Authorization headers of all requests so far.
fn authorizations(server: &Requests) -> Vec<Option<String>> {
    server.all().iter().map(|head| header(head, "Authorization")).collect()
}

fn basic() -> Option<String> {
    Some("Basic YTpi".to_owned())
}

#[test]
fn a_digest_challenge_is_answered_with_the_credentials_that_there_are() {
    let answered = || Some(ANSWER_WITHOUT_QOP.to_owned());
    let serve = || Requests::answered(vec![challenge("nonce=\"n\""), Answer::Open]);
    for (first, flags) in [(basic(), &["-u", "a:b"][..]), (None, &["-u", "a:b", "--digest"])] {
        let server = serve();
        run(&[&["connect", "-n", &server.url()], flags].concat(), b"").assert("", 0, "peer closed: 1000");
        assert_eq!(authorizations(&server), [first, answered()], "{flags:?}");
    }
    let server = serve();
    let url = server.url().replace("ws://", "ws://a:b@");
    run(&["connect", "-n", "--digest", &url], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(authorizations(&server), [None, answered()]);
    let server = serve();
    let command = format!("curl --digest -u a:b {}", server.url());
    run(&["connect", "-n", "--from-curl", &command], b"").assert("", 0, "peer closed: 1000");
    assert_eq!(authorizations(&server), [None, answered()]);
}

/// The value of a parameter, without quotes.
fn parameter(answer: &str, name: &str) -> String {
    let list = answer.strip_prefix("Digest ").unwrap();
    let pairs = list.split(", ").map(|pair| pair.split_once('=').unwrap());
    let (_, value) = pairs.into_iter().find(|(found, _)| *found == name).unwrap();
    value.trim_matches('"').to_owned()
}

fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn sha_256_and_a_qop_are_spoken() {
    let parameters = "nonce=\"n\", opaque=\"o\", qop=\"auth-int, auth\", algorithm=SHA-256";
    let server = Requests::answered(vec![challenge(parameters), Answer::Open]);
    let url = format!("{}x?y=1", server.url());
    run(&["connect", "-n", "-u", "a:b", "--digest", &url], b"").assert("", 0, "peer closed: 1000");
    let heads = server.all();
    let answer = header(&heads[1], "Authorization").unwrap();
    let [cnonce, count] = ["cnonce", "nc"].map(|name| parameter(&answer, name));
    let (secret, request) = (sha256("a:r:b"), sha256("GET:/x?y=1"));
    let expected = sha256(&format!("{secret}:n:{count}:{cnonce}:auth:{request}"));
    assert_eq!(parameter(&answer, "response"), expected);
    for (name, value) in [("uri", "/x?y=1"), ("opaque", "o"), ("qop", "auth"), ("nc", "00000001"), ("username", "a")] {
        assert_eq!(parameter(&answer, name), value, "{answer}");
    }
}

#[test]
fn one_answer_is_enough_but_for_a_nonce_that_was_too_old() {
    let server = Requests::answered(vec![challenge("nonce=\"n\"")]);
    let outcome = run(&["connect", "-n", "-u", "a:b", &server.url()], b"");
    outcome.assert("", 5, "the server does not accept these credentials");
    assert_eq!(authorizations(&server).len(), 2);
    let stale = || challenge("nonce=\"m\", stale=TRUE");
    let server = Requests::answered(vec![challenge("nonce=\"n\""), stale(), Answer::Open]);
    run(&["connect", "-n", "-u", "a:b", &server.url()], b"").assert("", 0, "peer closed: 1000");
    let nonces: Vec<_> =
        authorizations(&server).into_iter().skip(1).map(|it| parameter(&it.unwrap(), "nonce")).collect();
    assert_eq!(nonces, ["n", "m"]);
    let server = Requests::answered(vec![stale()]);
    run(&["connect", "-n", "-u", "a:b", &server.url()], b"").assert("", 5, "does not accept these credentials");
    assert_eq!(authorizations(&server).len(), 2);
}

#[test]
fn with_digest_the_password_is_never_sent_itself() {
    for (headers, advice) in [
        ("WWW-Authenticate: Basic realm=\"r\"\r\n", "the server takes Basic credentials and no Digest"),
        ("WWW-Authenticate: Digest nonce=\"n\"\r\n", "the server's Digest challenge can't be answered"),
    ] {
        let server = Requests::answered(vec![status("401 Unauthorized", headers)]);
        run(&["connect", "-n", "-u", "a:b", "--digest", &server.url()], b"").assert("", 5, advice);
        assert_eq!(authorizations(&server), [None]);
    }
    run(&["connect", "-n", "--digest", "ws://127.0.0.1:1/"], b"").assert("", 2, "--digest has no credentials to use");
}

#[test]
fn the_challenge_of_another_origin_is_not_answered() {
    for (follow, requests, code) in [("-L", 1, 5), ("--location-trusted", 2, 0)] {
        let other = Requests::answered(vec![challenge("nonce=\"n\""), Answer::Open]);
        let first = challenge("nonce=\"n\"");
        let server = Requests::answered(vec![first, redirection(&format!("ws://{}/", other.address))]);
        let outcome = run(&["connect", "-n", "-u", "a:b", "--digest", follow, &server.url()], b"");
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
        let heads = other.all();
        assert_eq!(heads.len(), requests, "{heads:?}");
        assert_eq!(header(&heads[0], "Authorization"), None);
    }
}

#[test]
fn proxies_are_answered_too() {
    let refusal = || status("407 No", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
    let answers = |head: &str| header(head, "Proxy-Authorization");
    let proxy = Requests::answered(vec![refusal()]);
    let url = format!("http://a:b@{}", proxy.address);
    let outcome = run(&["connect", "-n", "-x", &url, "ws://server.example/"], b"");
    outcome.assert("", 3, "the proxy does not accept these credentials");
    let heads = proxy.all();
    let answered = "Digest username=\"a\", realm=\"r\", uri=\"server.example:80\", nonce=\"n\", \
                    response=\"16e1a85e81dab44b7a96124af1b20f56\"";
    assert_eq!(heads.iter().map(|head| answers(head)).collect::<Vec<_>>(), [basic(), Some(answered.to_owned())]);
    for user in [["-U", "a:b"], ["--proxy-user", "a:b"]] {
        let proxy = Requests::answered(vec![refusal()]);
        let url = format!("http://other:one@{}", proxy.address);
        run(&[&["connect", "-n", "-x", &url, "ws://server.example/"], &user[..]].concat(), b"").assert(
            "",
            3,
            "does not accept these credentials",
        );
        assert_eq!(
            proxy.all().iter().map(|head| answers(head)).collect::<Vec<_>>(),
            [basic(), Some(answered.to_owned())]
        );
    }
    let proxy = Requests::answered(vec![refusal()]);
    let command = format!("curl -U a:b -x {} ws://server.example/", proxy.address);
    run(&["connect", "-n", "--from-curl", &command], b"").assert("", 3, "does not accept these credentials");
    assert_eq!(answers(&proxy.next()), basic());
}
