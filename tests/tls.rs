//! wss, against rustls at the other end.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tungstenite::Message;

use crate::support::peer::echo_any;
use crate::support::program::{Running, Serving, run};

/// A certificate for localhost, written to files that go when this does.
struct Certificate {
    folder: PathBuf,
    config: Arc<ServerConfig>,
}

impl Certificate {
    fn new(name: &str) -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let folder = std::env::temp_dir().join(format!("wscli-test-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into();
        let config =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        Self { folder, config: Arc::new(config) }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// tungstenite over rustls, echoing, for so many connections.
    fn serve(&self, connections: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::clone(&self.config);
        thread::spawn(move || {
            for _ in 0..connections {
                let (socket, _) = listener.accept().unwrap();
                let stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), socket);
                if let Ok(mut websocket) = tungstenite::accept(stream) {
                    echo_any(&mut websocket);
                }
            }
        });
        format!("wss://localhost:{port}/")
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn only_a_trusted_certificate_will_do() {
    let certificate = Certificate::new("trust");
    let url = certificate.serve(3);
    let untrusted = run(&["connect", &url], b"hello\n");
    untrusted.assert("", 4, "-k trusts anyone");
    run(&["connect", "--cacert", &certificate.file("cert.pem"), &url], b"hello\n").assert("hello\n", 0, "closed: 1000");
    run(&["connect", "-k", &url], b"hello\n").assert("hello\n", 0, "closed: 1000");
}

#[test]
fn files_that_can_not_be_used_are_named() {
    let certificate = Certificate::new("files");
    let url = certificate.serve(1);
    run(&["connect", "--cacert", "/nonexistent", &url], b"").assert("", 2, "can't read /nonexistent");
    let key = certificate.file("key.pem");
    run(&["serve", "--cert", &key, "--key", &key, ":0"], b"").assert("", 2, "key.pem");
    run(&["serve", "--cert", &key, ":0"], b"").assert("", 2, "--key");
}

#[test]
fn a_pipe_through_our_own_server_loses_nothing() {
    let certificate = Certificate::new("pipe");
    let (cert, key) = (certificate.file("cert.pem"), certificate.file("key.pem"));
    let serving = Serving::start(&["--cert", &cert, "--key", &key]);
    assert!(serving.url.starts_with("wss://127.0.0.1:"));
    let lines: String = (0..100_000).map(|number| format!("{number}\n")).collect();
    for flags in [&[][..], &["--no-compress"]] {
        let outcome = run(&[&["connect", "--cacert", &cert, &serving.url], flags].concat(), lines.as_bytes());
        assert!(outcome.stdout == lines.as_bytes() && outcome.code == Some(0), "{}", outcome.stderr);
    }
}

#[test]
fn a_burst_is_read_to_its_end_though_nothing_follows() {
    let certificate = Certificate::new("burst");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
    let config = Arc::clone(&certificate.config);
    let server = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
        stream.conn.set_buffer_limit(None);
        let mut websocket = tungstenite::accept(stream).unwrap();
        // Full records and a short one, in every relation to the client's buffers; each round waits
        // until the last has been seen at the other end.
        for length in (50_000..150_000).step_by(1_500) {
            websocket.send(Message::text("x".repeat(length))).unwrap();
            assert_eq!(websocket.read().unwrap(), Message::text("seen"));
        }
    });
    let mut running = Running::start_unread(&["connect", "-k", "--no-compress", &url]);
    let mut stdout = BufReader::new(running.take_stdout());
    for length in (50_000..150_000).step_by(1_500) {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line.len(), length + 1);
        running.write(b"seen\n");
    }
    server.join().unwrap();
}

#[test]
fn a_self_signed_server_prints_its_fingerprint() {
    let mut running = Running::start(&["serve", "--tls", ":0"]);
    let line = running.line_with("certificate SHA-256 ");
    let fingerprint = line.rsplit(' ').next().unwrap();
    assert_eq!(fingerprint.split(':').filter(|byte| byte.len() == 2).count(), 32, "{line}");
    let line = running.line_with("listening on wss://127.0.0.1:");
    let url = line.rsplit(' ').next().unwrap();
    run(&["connect", "-k", url], b"hi\n").assert("hi\n", 0, "closed: 1000");
}

#[test]
fn tungstenite_over_rustls_is_served() {
    let certificate = Certificate::new("client");
    let (cert, key) = (certificate.file("cert.pem"), certificate.file("key.pem"));
    let serving = Serving::start(&["--cert", &cert, "--key", &key]);
    let pem = fs::read(&cert).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    let der = <rustls::pki_types::CertificateDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(&pem);
    roots.add(der.unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let socket = TcpStream::connect(serving.address()).unwrap();
    let (mut client, _) = tungstenite::client("wss://localhost/", StreamOwned::new(connection, socket)).unwrap();
    for message in [Message::text("hello"), Message::binary(vec![3; 1 << 20])] {
        client.send(message.clone()).unwrap();
        assert_eq!(client.read().unwrap(), message);
    }
}

#[test]
fn plain_bytes_on_a_tls_port_end_that_connection_alone() {
    let mut serving = Serving::start(&["--tls"]);
    let mut socket = TcpStream::connect(serving.address()).unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    serving.running.line_with("TLS handshake failed");
    run(&["connect", "-k", &serving.url], b"hi\n").assert("hi\n", 0, "closed: 1000");
}
