//! The TLS that `wscli proxy --forward --intercept` opens, and the authority of `wscli proxy ca`.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConnection, StreamOwned};
use tungstenite::Message;

use crate::support::authority::{self, Authority, good};
use crate::support::files::Folder;
use crate::support::peer::{self, connect, one_connection, read_head, read_to_end};
use crate::support::program::{Outcome, Serving, run_with};

/// A user who has an authority, in a home of their own.
struct User {
    folder: Folder,
}

impl User {
    fn new() -> Self {
        Self { folder: Folder::new() }
    }

    fn environment(&self) -> [(&'static str, String); 1] {
        [("XDG_DATA_HOME", self.folder.path(""))]
    }

    fn ca(&self, args: &[&str]) -> Outcome {
        let [(name, value)] = self.environment();
        run_with(&[(name, &value)], &[&["proxy", "ca"], args].concat(), b"")
    }

    fn proxy(&self, args: &[&str]) -> Serving {
        let [(name, value)] = self.environment();
        Serving::forward_with(&[(name, &value)], args)
    }

    fn file(&self, name: &str) -> String {
        self.folder.path(&format!("wscli/ca/{name}"))
    }

    /// What a client has that trusts the authority and offers these protocols.
    fn trusting(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        trusting(&fs::read(self.file("ca.pem")).unwrap(), protocols)
    }
}

fn trusting(pem: &[u8], protocols: &[&[u8]]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

/// A way through the proxy by CONNECT.
fn tunnel(proxy: &Serving, place: &str) -> TcpStream {
    let mut socket = connect(proxy.address());
    socket.write_all(format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(read_head(&mut socket), "HTTP/1.1 200 Connection established\r\n\r\n");
    socket
}

fn tls(socket: TcpStream, config: Arc<ClientConfig>, name: &'static str) -> StreamOwned<ClientConnection, TcpStream> {
    StreamOwned::new(ClientConnection::new(config, ServerName::try_from(name).unwrap()).unwrap(), socket)
}

/// A server of TLS with a certificate for localhost, its port, and the file of whom it is trusted by.
fn secure_echo(folder: &Folder) -> (String, String, Authority) {
    let authority = Authority::new("the servers' authority");
    let url = authority::serve(authority.issue(&good()).config());
    let port = url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let file = folder.file("servers.pem", authority.pem());
    (port, file, authority)
}

#[test]
fn the_authority_is_made_once_and_its_key_is_ours_alone() {
    let user = User::new();
    let first = user.ca(&["--port", "9000"]);
    first.assert(first.stdout(), 0, "created a certificate authority in ");
    let second = user.ca(&["--port", "9000"]);
    assert_eq!((second.stdout(), second.stderr.as_str(), second.code), (first.stdout(), "", Some(0)));
    let mode = |name: &str| fs::metadata(user.file(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("key.pem"), mode("") & 0o077), (0o600, 0));
    let text = first.stdout();
    let file = user.file("ca.pem");
    for line in [
        format!("certificate    {file}"),
        "signs for      any host: keep its key to yourself".into(),
        format!("curl --proxy http://127.0.0.1:9000 --cacert {file} https://example.com/"),
        format!("NODE_EXTRA_CA_CERTS={file} node client.js"),
    ] {
        assert!(text.lines().any(|is| is == line), "no {line:?} in {text}");
    }
    let hash = text.lines().find_map(|line| line.strip_prefix("key's SHA-256  ")).unwrap();
    let hash = hash.split(' ').next().unwrap();
    assert!(text.contains(&format!("--ignore-certificate-errors-spki-list={hash}")), "{text}");
    assert!(!text.contains("PRIVATE KEY"));
    // One that may sign for all isn't the one that is meant.
    let narrower = user.ca(&["--intercept", "localhost"]);
    narrower.assert("", 2, "exists already, and signs for any host, not just for localhost");
    assert!(
        narrower.stderr.contains("remove that folder, and create another CA with 'wscli proxy ca --intercept HOST'")
    );
    assert_eq!(user.ca(&["--port", "9000", "--intercept", "*"]).stdout(), text);
    fs::set_permissions(user.file("key.pem"), Permissions::from_mode(0o640)).unwrap();
    user.ca(&[]).assert("", 2, "others can read ");
}

#[test]
fn an_authority_signs_for_the_hosts_alone_that_it_was_made_for() {
    let user = User::new();
    let refused = |args: &[&str], says: &str| {
        let [(name, value)] = user.environment();
        run_with(&[(name, &value)], &[&["proxy", "--forward", "127.0.0.1:0"], args].concat(), b"").assert("", 2, says);
    };
    refused(&["--intercept", "localhost"], "there is no CA in ");
    refused(&["--intercept", "a/b"], "\"a/b\" is not a host");
    let made = user.ca(&["--intercept", "localhost", "--intercept", "10.0.0.0/8,example.com"]);
    assert!(made.stdout().contains("\nsigns for      localhost, 10.0.0.0/8, example.com\n"), "{}", made.stdout());
    refused(
        &["--intercept", "example.org"],
        "may sign only for localhost, 10.0.0.0/8, example.com, not for example.org",
    );
    refused(&["--intercept", "*"], "example.com, not for *");
    user.ca(&["--intercept", "example.org"]).assert("", 2, "example.com, not for example.org");
    user.proxy(&["--intercept", "a.example.com:443,10.1.2.3"]);
}

#[test]
fn a_websocket_in_tls_is_joined_and_told() {
    let user = User::new();
    user.ca(&["--intercept", "localhost"]);
    let (port, servers, _) = secure_echo(&user.folder);
    let mut proxy = user.proxy(&["--intercept", "localhost", "--cacert", &servers, "-v"]);
    let socket = tunnel(&proxy, &format!("localhost:{port}"));
    let stream = tls(socket, user.trusting(&[b"http/1.1"]), "localhost");
    let (mut websocket, _) = tungstenite::client(format!("wss://localhost:{port}/chat"), stream).unwrap();
    for size in [0, 5, 70_000] {
        let text = "x".repeat(size);
        websocket.send(Message::text(&text)).unwrap();
        assert_eq!(websocket.read().unwrap(), Message::text(&text));
    }
    let issued = websocket.get_ref().conn.peer_certificates().unwrap().to_vec();
    assert_eq!(issued.len(), 2);
    websocket.close(None).unwrap();
    while websocket.read().is_ok() {}
    proxy.running.line_with("opened /chat over TLS");
    proxy.running.line_with(&format!("[2] for [1] connected to wss://localhost:{port}/chat"));
    proxy.running.line_with("[1] < xxxxx");
}

#[test]
fn by_socks_the_name_in_tls_says_who_is_meant() {
    let user = User::new();
    user.ca(&[]);
    let (port, servers, _) = secure_echo(&user.folder);
    let mut proxy = user.proxy(&["--intercept", "localhost", "--cacert", &servers]);
    let mut socket = connect(proxy.address());
    let bytes = port.parse::<u16>().unwrap().to_be_bytes();
    socket.write_all(&[&b"\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01"[..], &bytes].concat()).unwrap();
    socket.read_exact(&mut [0; 12]).unwrap();
    // Without a word about what is spoken in it, too.
    let stream = tls(socket, user.trusting(&[]), "localhost");
    let (mut websocket, _) = tungstenite::client(format!("wss://localhost:{port}/"), stream).unwrap();
    websocket.send(Message::text("hello")).unwrap();
    assert_eq!(websocket.read().unwrap(), Message::text("hello"));
    proxy.running.line_with(&format!("[2] for [1] connected to wss://localhost:{port}/"));
}

#[test]
fn what_is_not_to_be_opened_stays_sealed() {
    let user = User::new();
    user.ca(&[]);
    let (port, servers, authority) = secure_echo(&user.folder);
    for (intercepted, protocols) in [
        ("example.com", &[&b"http/1.1"[..]][..]),
        ("localhost:1", &[b"http/1.1"]),
        // What it offers isn't what we could look at.
        ("*", &[b"h2"]),
    ] {
        let mut proxy = user.proxy(&["--intercept", intercepted, "--cacert", &servers]);
        let socket = tunnel(&proxy, &format!("localhost:{port}"));
        let stream = tls(socket, trusting(authority.pem().as_bytes(), protocols), "localhost");
        let (mut websocket, _) = tungstenite::client(format!("wss://localhost:{port}/"), stream).unwrap();
        websocket.send(Message::text("hello")).unwrap();
        assert_eq!(websocket.read().unwrap(), Message::text("hello"));
        proxy.running.line_with(&format!("tunnel to localhost:{port}"));
    }
}

#[test]
fn what_is_no_websocket_in_opened_tls_passes_through_untouched() {
    let user = User::new();
    user.ca(&[]);
    let authority = Authority::new("the servers' authority");
    let servers = user.folder.file("servers.pem", authority.pem());
    let config = Arc::new(authority.issue(&good()).config());
    let request = b"POST /a?b HTTP/1.1\r\nHost: x\r\nX-Odd :1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n";
    for ends_behind_request in [false, true] {
        let config = Arc::clone(&config);
        let server = one_connection(move |socket| {
            let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
            let mut received = vec![0; request.len()];
            stream.read_exact(&mut received).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nall of it").unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
            received
        });
        let port = server.url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
        let mut proxy = user.proxy(&["--intercept", "*", "--cacert", &servers]);
        let socket = tunnel(&proxy, &format!("localhost:{port}"));
        let mut stream = tls(socket, user.trusting(&[b"h2", b"http/1.1"]), "localhost");
        stream.write_all(request).unwrap();
        if ends_behind_request {
            stream.conn.send_close_notify();
            stream.flush().unwrap();
            stream.sock.shutdown(Shutdown::Write).unwrap();
        }
        assert_eq!(read_to_end(&mut stream), b"HTTP/1.1 200 OK\r\n\r\nall of it");
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(server.join(), request);
        proxy.running.line_with(&format!("tunnel to localhost:{port}"));
    }
}

#[test]
fn a_url_of_https_in_absolute_form_is_asked_for_over_tls() {
    let folder = Folder::new();
    let authority = Authority::new("the servers' authority");
    let servers = folder.file("servers.pem", authority.pem());
    let config = Arc::new(authority.issue(&good()).config());
    let server = one_connection(move |socket| {
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
        let head = read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        head
    });
    let port = server.url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let proxy = Serving::forward(&["--cacert", &servers]);
    let mut client = connect(proxy.address());
    client.write_all(format!("GET https://localhost:{port}/a HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(read_to_end(&mut client), b"HTTP/1.1 204 No Content\r\n\r\n");
    assert!(server.join().starts_with(&format!("GET /a HTTP/1.1\r\nHost: localhost:{port}\r\nVia: ")));
}

#[test]
fn who_does_not_trust_the_authority_is_told_of() {
    let user = User::new();
    user.ca(&[]);
    let (port, _, authority) = secure_echo(&user.folder);
    let mut proxy = user.proxy(&["--intercept", "*"]);
    let socket = tunnel(&proxy, &format!("localhost:{port}"));
    let mut stream = tls(socket, trusting(authority.pem().as_bytes(), &[]), "localhost");
    assert!(stream.write_all(b"GET / HTTP/1.1\r\n\r\n").is_err());
    proxy
        .running
        .line_with("the client does not trust this proxy's CA: 'wscli proxy ca' prints how to make it trusted");
}

#[test]
fn a_server_that_is_not_trusted_is_refused_inside_of_the_tls() {
    let user = User::new();
    user.ca(&[]);
    let (port, ..) = secure_echo(&user.folder);
    let mut proxy = user.proxy(&["--intercept", "*"]);
    for request in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), peer::handshake("/", "localhost", "")] {
        let socket = tunnel(&proxy, &format!("localhost:{port}"));
        let mut stream = tls(socket, user.trusting(&[b"http/1.1"]), "localhost");
        stream.write_all(request.as_bytes()).unwrap();
        let answer = String::from_utf8(read_to_end(&mut stream)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{answer}");
        assert!(answer.contains("issued by the servers' authority") || answer.contains("certificate"), "{answer}");
        proxy.running.line_with("refused with 502 Bad Gateway");
    }
}

#[test]
fn an_address_is_stood_in_for_too_and_a_long_name() {
    let user = User::new();
    user.ca(&[]);
    let proxy = user.proxy(&["--intercept", "127.0.0.0/8"]);
    let long: &'static str = String::leak(["a".repeat(60), "b".repeat(60)].join("."));
    for name in ["127.0.0.1", long] {
        // The client is answered before the server has to answer anything.
        let server = one_connection(|mut socket| drop(socket.read(&mut [0])));
        let place = server.url.trim_start_matches("ws://").trim_end_matches('/').to_owned();
        let mut stream = tls(tunnel(&proxy, &place), user.trusting(&[b"http/1.1"]), name);
        stream.write_all(b"GET ").unwrap();
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]), "{name}");
        drop(stream);
        server.join();
    }
}
