//! A peer can keep the program waiting, up to a deadline, and never busy.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use rustix::net::sockopt::set_socket_linger;
use rustls::crypto::{CryptoProvider, ring as provider};
use rustls::{ClientConfig, ClientConnection, ConnectionTrafficSecrets, RootCertStore, ServerConfig, ServerConnection};

use crate::bounds::wait_until_at_rest;
use crate::support::authority::{Authority, good};
use crate::support::files::Folder;
use crate::support::peer::{self, client_frame, open_by_hand, read_frame, read_head};
use crate::support::program::{PATIENCE, Running, Serving, run};

/// What a second of waiting may cost at most. A loop that doesn't wait takes all of it.
const AT_REST: Duration = Duration::from_millis(100);

/// Records of TLS 1.2: an alert, and a handshake message (RFC 5246 §6.2.1).
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// HelloRequest (RFC 5246 §7.4.1.1).
const HELLO_REQUEST: [u8; 4] = [0; 4];

/// TLS 1.2 with one cipher suite, whose records can be made by hand.
fn by_hand() -> Arc<CryptoProvider> {
    let suites = vec![provider::cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256];
    Arc::new(CryptoProvider { cipher_suites: suites, ..provider::default_provider() })
}

/// The record that follows `sequence` others (RFC 7905 §2).
fn record(kind: u8, content: &[u8], sequence: u64, secrets: &ConnectionTrafficSecrets) -> Vec<u8> {
    let ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } = secrets else { panic!("another cipher suite") };
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).unwrap());
    let mut nonce: [u8; 12] = iv.as_ref().try_into().unwrap();
    nonce[4..].iter_mut().zip(sequence.to_be_bytes()).for_each(|(byte, of)| *byte ^= of);
    let length = (content.len() as u16).to_be_bytes();
    let associated = [&sequence.to_be_bytes()[..], &[kind, 3, 3], &length].concat();
    let mut sealed = content.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(associated), &mut sealed).unwrap();
    [&[kind, 3, 3][..], &(sealed.len() as u16).to_be_bytes(), &sealed].concat()
}

/// The kind of the next record.
fn read_record(socket: &mut TcpStream) -> u8 {
    let mut head = [0; 5];
    socket.read_exact(&mut head).unwrap();
    socket.read_exact(&mut vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))]).unwrap();
    head[0]
}

/// A fatal alert: handshake_failure (RFC 5246 §7.2).
const HANDSHAKE_FAILURE: [u8; 2] = [2, 40];

/// A wss server that lets the client's request come, and then asks for another TLS handshake instead of answering. One that
/// `insists` fails the connection where there is none.
fn renegotiating_server(insists: bool) -> (String, JoinHandle<u8>) {
    let issued = Authority::new("the authority").issue(&good());
    let builder = ServerConfig::builder_with_provider(by_hand());
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS12]).unwrap().with_no_client_auth();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(issued.key.serialize_der());
    let mut config = builder.with_single_cert(issued.chain, key.into()).unwrap();
    config.enable_secret_extraction = true;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
        read_head(&mut rustls::Stream::new(&mut tls, &mut socket));
        let (sequence, secrets) = tls.dangerous_extract_secrets().unwrap().tx;
        socket.write_all(&record(HANDSHAKE, &HELLO_REQUEST, sequence, &secrets)).unwrap();
        let answer = read_record(&mut socket);
        if insists {
            socket.write_all(&record(ALERT, &HANDSHAKE_FAILURE, sequence + 1, &secrets)).unwrap();
        }
        // Nothing else follows, and the connection stays.
        peer::read_to_end(&mut socket);
        answer
    });
    (url, server)
}

#[test]
fn a_server_that_renegotiates_in_the_opening_handshake() {
    let (url, server) = renegotiating_server(false);
    run(&["connect", "-k", "--handshake-timeout", "1s", &url], b"").assert("", 5, "after 1s");
    assert_eq!(server.join().unwrap(), ALERT);
    let (url, server) = renegotiating_server(true);
    let outcome = run(&["connect", "-k", &url], b"");
    outcome.assert("", 4, "the server wants to renegotiate TLS 1.2");
    assert!(!outcome.stderr.contains("--cert"), "{outcome:?}");
    assert_eq!(server.join().unwrap(), ALERT);
}

#[test]
fn a_client_that_renegotiates_in_the_opening_handshake() {
    let (folder, authority) = (Folder::new(), Authority::new("the authority"));
    let issued = authority.issue(&good());
    let files = [folder.file("cert.pem", &issued.pem), folder.file("key.pem", issued.key.serialize_pem())];
    let mut serving = Serving::start(&["--cert", &files[0], "--key", &files[1], "--handshake-timeout", "1s"]);
    let mut roots = RootCertStore::empty();
    roots.add(authority.der()).unwrap();
    let builder = ClientConfig::builder_with_provider(by_hand());
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS12]).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.enable_secret_extraction = true;
    let mut tls = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut hello = Vec::new();
    tls.write_tls(&mut hello).unwrap();
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.write_all(&hello).unwrap();
    tls.complete_io(&mut socket).unwrap();
    let (sequence, secrets) = tls.dangerous_extract_secrets().unwrap().tx;
    let before = serving.running.cpu_time();
    // The same ClientHello again, without the header of its record.
    socket.write_all(&record(HANDSHAKE, &hello[5..], sequence, &secrets)).unwrap();
    assert_eq!(read_record(&mut socket), ALERT);
    serving.running.line_with(" sent no request");
    let spent = serving.running.cpu_time() - before;
    assert!(spent < AT_REST, "{spent:?}");
}

#[test]
fn a_client_that_stops_in_its_first_tls_record() {
    let mut serving = Serving::with(&["--tls", "--handshake-timeout", "1s"]);
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.write_all(&[HANDSHAKE]).unwrap();
    let before = serving.running.cpu_time();
    serving.running.line_with("it took too long");
    let spent = serving.running.cpu_time() - before;
    assert!(spent < AT_REST, "{spent:?}");
}

#[test]
fn a_server_that_stops_in_its_first_tls_record() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    let mut running = Running::start(&["connect", "-n", "--connect-timeout", "1s", &url]);
    let (mut socket, _) = listener.accept().unwrap();
    socket.write_all(&[HANDSHAKE, 3]).unwrap();
    let before = running.cpu_time();
    running.line_with("timed out");
    let spent = running.cpu_time() - before;
    assert!(spent < AT_REST, "{spent:?}");
}

#[test]
fn a_command_that_has_left_its_terminal() {
    let command = ["--exec", "exec <&- >&- 2>&-; sleep 60", "--pty"];
    let mut serving = Serving::with(&[&command[..], &["--close-timeout", "1s", "--ping-interval", "0"]].concat());
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    let message = client_frame(0x81, &[b'x'; 60_000]);
    while socket.write_all(&message).is_ok() {}
    let before = serving.running.cpu_time();
    serving.running.line_with("the command closed its stdout");
    let spent = serving.running.cpu_time() - before;
    assert!(spent < AT_REST, "{spent:?}");
}

#[test]
fn interim_answers_without_end() {
    let server = peer::raw(|socket, _| {
        let interim = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        while socket.write_all(&interim).is_ok() {}
    });
    let running = Running::start(&["connect", "--handshake-timeout", "1s", &server.url]);
    running.finish().assert("", 5, "after 1s");
    server.join();
}

#[test]
fn a_delay_that_is_over_while_the_client_reads_nothing() {
    let folder = Folder::new();
    let rules = folder.file("rules", "any\n  delay 3s\n  reply x\n");
    // The end comes with a Ping that is never answered.
    let timing = ["--ping-interval", "4s", "--ping-timeout", "1s", "--close-timeout", "100ms"];
    let mut serving = Serving::with(&[&["--reply", &rules], &timing[..]].concat());
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&client_frame(0x81, b"wait")).unwrap();
    // Pongs, up to the last that the server has room for.
    socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let pings = client_frame(0x89, &[b'p'; 125]).repeat(100);
    while socket.write_all(&pings).is_ok() {}
    let before = serving.running.cpu_time();
    serving.running.line_with("keepalive failed");
    let spent = serving.running.cpu_time() - before;
    assert!(spent < AT_REST, "{spent:?}");
}

#[test]
fn long_answers_to_one_message_whose_events_are_told() {
    let (folder, answer) = (Folder::new(), "q".repeat(2 << 20));
    let rules = folder.file("rules", format!("any\n  reply {answer}\n  reply {answer}\n  reply {answer}\n"));
    let serving = Serving::with(&["--reply", &rules, "--out", "json"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    socket.write_all(&client_frame(0x81, b"x")).unwrap();
    for _ in 0..3 {
        assert!(read_frame(&mut socket) == (0x81, answer.clone().into_bytes()));
    }
}

#[test]
fn a_line_that_is_due_while_the_connection_closes() {
    let folder = Folder::new();
    let lines = folder.file("lines", "x\n");
    let mut serving = Serving::with(&["--push", &lines, "--loop", "--every", "50ms"]);
    let (mut socket, _) = open_by_hand(serving.address(), "");
    assert_eq!(read_frame(&mut socket), (0x81, b"x".to_vec()));
    socket.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    while read_frame(&mut socket).0 != 0x88 {}
    // TCP stays open, for a second.
    let before = serving.running.cpu_time();
    serving.running.line_with("peer closed: 1000");
    let spent = serving.running.cpu_time() - before;
    assert!(spent < AT_REST, "{spent:?}");
}

#[test]
fn a_client_that_takes_nothing_of_a_server_that_ended_and_then_reset() {
    let (go_on, may_go_on) = channel::<()>();
    let server = peer::opened("", move |socket| {
        set_socket_linger(&*socket, Some(Duration::ZERO)).unwrap();
        // More than the client's kernel takes before it is read.
        socket.write_all(&[&[0x82, 127][..], &300_000_u64.to_be_bytes(), &[b'x'; 300_000]].concat()).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        may_go_on.recv().unwrap();
    });
    let mut proxy = Serving::in_front_of(&server.url, &["--close-timeout", "1s"]);
    let (_client, _) = open_by_hand(proxy.address(), "");
    wait_until_at_rest(&proxy.running);
    let before = proxy.running.cpu_time();
    go_on.send(()).unwrap();
    server.join();
    proxy.running.line_with("[1] 127.0.0.1:");
    proxy.running.line_with("[1] 127.0.0.1:");
    let spent = proxy.running.cpu_time() - before;
    assert!(spent < AT_REST, "{spent:?}");
}
