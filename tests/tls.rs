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
    untrusted.assert("", 4, "-k accepts any certificate");
    run(&["connect", "--cacert", &certificate.file("cert.pem"), &url], b"hello\n").assert(
        "hello\n",
        0,
        "closed by us: 1000",
    );
    run(&["connect", "-k", &url], b"hello\n").assert("hello\n", 0, "closed by us: 1000");
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
    let lines: String = (0..10_000).map(|number| format!("{number:0100}\n")).collect();
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
    run(&["connect", "-k", url], b"hi\n").assert("hi\n", 0, "closed by us: 1000");
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
fn ws_and_wss_share_a_port() {
    let mut serving = Serving::start(&["--tls"]);
    let address = serving.address().to_owned();
    run(&["connect", "-k", &serving.url], b"hi\n").assert("hi\n", 0, "closed by us: 1000");
    assert!(serving.running.line_with("opened").contains(" opened / over TLS permessage-deflate"));
    run(&["connect", &format!("ws://{address}/")], b"hi\n").assert("hi\n", 0, "closed by us: 1000");
    assert!(serving.running.line_with("opened").contains(" opened / permessage-deflate"));
    // What begins like TLS and is none ends alone.
    let mut socket = TcpStream::connect(&address).unwrap();
    socket.write_all(b"\x16 is no TLS").unwrap();
    serving.running.line_with("TLS handshake failed");
    run(&["connect", "-k", &serving.url], b"hi\n").assert("hi\n", 0, "closed by us: 1000");
}

#[test]
fn a_self_signed_certificate_has_the_names_that_were_asked_for() {
    let serving = Serving::start(&["--tls", "--tls-name", "dev.example", "--tls-name", "10.1.2.3"]);
    let socket = TcpStream::connect(serving.address()).unwrap();
    let names = certificate_names(socket);
    for name in ["localhost", "127.0.0.1", "::1", "dev.example", "10.1.2.3"] {
        assert!(names(name), "{name}");
    }
    assert!(!names("other.example"));
}

/// Whether the certificate that a server shows is one for a name.
fn certificate_names(mut socket: TcpStream) -> impl Fn(&str) -> bool {
    let shown = Arc::new(std::sync::Mutex::new(None));
    let config = rustls::ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Keeper(Arc::clone(&shown))))
        .with_no_client_auth();
    let mut connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket).unwrap();
    }
    move |name| {
        let certificate = shown.lock().unwrap().clone().unwrap();
        let parsed = rustls::server::ParsedCertificate::try_from(&certificate).unwrap();
        rustls::client::verify_server_name(&parsed, &name.to_owned().try_into().unwrap()).is_ok()
    }
}

/// Trusts anyone, and keeps what was shown.
#[derive(Debug)]
struct Keeper(Arc<std::sync::Mutex<Option<rustls::pki_types::CertificateDer<'static>>>>);

impl rustls::client::danger::ServerCertVerifier for Keeper {
    fn verify_server_cert(
        &self,
        end_entity: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        *self.0.lock().unwrap() = Some(end_entity.clone().into_owned());
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

#[test]
fn with_a_client_ca_a_certificate_is_needed_and_plain_ws_is_none() {
    let certificate = Certificate::new("clientca");
    let serving = Serving::start(&["--tls", "--client-ca", &certificate.file("cert.pem")]);
    run(&["connect", "-k", &serving.url], b"hi\n").assert("", 4, "ertificate");
    let plain = format!("ws://{}/", serving.address());
    assert_eq!(run(&["connect", &plain], b"hi\n").stdout(), "");
}
