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
        ("WWW-Authenticate: Basic realm=\"r\"\r\n", "the server accepts Basic credentials but not Digest"),
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

const PROXY_CHALLENGE: &str = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";

const ANSWER_FOR_A_PROXY: &str = "Digest username=\"a\", realm=\"r\", uri=\"server.example:80\", nonce=\"n\", \
                                  response=\"16e1a85e81dab44b7a96124af1b20f56\"";

/// A proxy that refuses whatever it gets, and its URL with these credentials.
fn proxy(challenge: &str, credentials: &str) -> (Requests, String) {
    let proxy = Requests::answered(vec![status("407 No", challenge)]);
    let url = format!("http://{credentials}{}", proxy.address);
    (proxy, url)
}

/// The Proxy-Authorization headers of all requests so far.
fn proxy_authorizations(proxy: &Requests) -> Vec<Option<String>> {
    proxy.all().iter().map(|head| header(head, "Proxy-Authorization")).collect()
}

#[test]
fn proxies_are_answered_too() {
    let answered = || Some(ANSWER_FOR_A_PROXY.to_owned());
    for (of_url, flags, first) in [
        ("a:b@", &[][..], basic()),
        ("other:one@", &["-U", "a:b"], basic()),
        ("other:one@", &["--proxy-user", "a:b"], basic()),
        ("a:b@", &["--proxy-digest"], None),
        ("", &["-U", "a:b", "--proxy-digest"], None),
    ] {
        let (proxy, url) = proxy(PROXY_CHALLENGE, of_url);
        let outcome = run(&[&["connect", "-n", "-x", &url, "ws://server.example/"], flags].concat(), b"");
        outcome.assert("", 3, "the proxy does not accept these credentials");
        assert_eq!(proxy_authorizations(&proxy), [first, answered()], "{flags:?}");
    }
    for (flags, first) in [("", basic()), ("--proxy-digest ", None)] {
        let (proxy, url) = proxy(PROXY_CHALLENGE, "");
        let command = format!("curl {flags}-U a:b -x {url} ws://server.example/");
        run(&["connect", "-n", "--from-curl", &command], b"").assert("", 3, "does not accept these credentials");
        assert_eq!(proxy_authorizations(&proxy), [first, answered()], "{flags:?}");
    }
}

#[test]
fn with_proxy_digest_the_password_is_never_sent_itself() {
    for (challenge, advice) in [
        (
            "Proxy-Authenticate: Basic realm=\"r\"\r\n",
            "the proxy accepts Basic credentials but not Digest; -U without --proxy-digest sends them",
        ),
        ("Proxy-Authenticate: Digest nonce=\"n\"\r\n", "the proxy's Digest challenge can't be answered"),
        ("Proxy-Authenticate: NTLM\r\n", "the proxy wants NTLM authentication, which wscli does not speak"),
    ] {
        let (proxy, url) = proxy(challenge, "a:b@");
        let outcome = run(&["connect", "-n", "-x", &url, "--proxy-digest", "ws://server.example/"], b"");
        outcome.assert("", 3, advice);
        assert_eq!(proxy_authorizations(&proxy), [None]);
    }
    for (proxy, what) in [
        ("http://127.0.0.1:1", "--proxy-digest has no credentials to use"),
        ("socks5://a:b@127.0.0.1:1", "--proxy-digest needs an HTTP proxy"),
    ] {
        run(&["connect", "-n", "-x", proxy, "--proxy-digest", "ws://server.example/"], b"").assert("", 2, what);
    }
}
