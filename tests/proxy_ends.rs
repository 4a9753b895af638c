//! How the end of one of two connections that `wscli proxy` joins is the end of the other: in its own kind.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::{set_socket_linger, set_socket_send_buffer_size};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::bounds::wait_until_at_rest;
use crate::support::authority::{Authority, good};
use crate::support::files::Folder;
use crate::support::peer::{
    self, client_frame, connect, connect_with_little_room, handshake, open_by_hand, read_frame, read_head, read_to_end,
};
use crate::support::program::Serving;

/// Ends a connection as a process that is killed with unread bytes does.
fn reset(socket: TcpStream) {
    set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
    drop(socket);
}

#[test]
fn a_close_is_answered_by_the_other_side_alone() {
    let server = peer::opened("", |socket| {
        let close = read_frame(socket);
        socket.write_all(b"\x88\x07\x0f\xa2other").unwrap();
        (close, read_to_end(socket))
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x88, b"\x0f\xa1why")).unwrap();
    assert_eq!(read_frame(&mut client), (0x88, b"\x0f\xa2other".to_vec()));
    assert_eq!(read_to_end(&mut client), b"");
    assert_eq!(server.join(), ((0x88, b"\x0f\xa1why".to_vec()), Vec::new()));
}

#[test]
fn a_server_that_closes_is_answered_by_the_client() {
    let server = peer::opened("", |socket| {
        socket.write_all(b"\x88\x00").unwrap();
        (read_frame(socket), read_to_end(socket))
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    assert_eq!(read_frame(&mut client), (0x88, Vec::new()));
    client.write_all(&client_frame(0x88, b"\x03\xe9")).unwrap();
    assert_eq!(server.join().0, (0x88, b"\x03\xe9".to_vec()));
    assert_eq!(read_to_end(&mut client), b"");
    proxy.running.line_with("[2] peer closed");
    proxy.running.line_with("closed by the server");
}

#[test]
fn the_end_of_the_transport_is_that_and_no_close() {
    // In the middle of a message, of which the other side has what there was.
    let server = peer::opened("", |socket| read_to_end(socket).len());
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x01, b"not all")).unwrap();
    drop(client);
    assert_eq!(server.join(), client_frame(0x01, b"not all").len());
    proxy.running.line_with("before our Close");

    let server = peer::opened("", |socket| socket.write_all(b"\x81\x02hi").unwrap());
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    assert_eq!(read_to_end(&mut client), b"\x81\x02hi");
    server.join();
}

#[test]
fn who_has_ended_their_direction_still_gets_what_comes() {
    let server = peer::opened("", |socket| {
        let received = read_to_end(socket);
        socket.write_all(b"\x81\x04late").unwrap();
        received.len()
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x81, b"last")).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut client), b"\x81\x04late");
    assert_eq!(server.join(), client_frame(0x81, b"last").len());
}

#[test]
fn who_closes_and_does_not_wait_for_the_answer_is_seen_to_have_left() {
    const NEVER: [&str; 2] = ["--close-timeout", "1h"];
    // The answer still comes to whoever hears it.
    let server = peer::opened("", |socket| {
        let close = (read_frame(socket), read_to_end(socket));
        socket.write_all(b"\x88\x02\x03\xe9").unwrap();
        close
    });
    let mut proxy = Serving::in_front_of(&server.url, &NEVER);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x88, b"\x03\xe8")).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut client), b"\x88\x02\x03\xe9");
    assert_eq!(server.join(), ((0x88, b"\x03\xe8".to_vec()), Vec::new()));
    assert!(proxy.running.line_with("[2] ").contains("connected"));
    let told = proxy.running.line_with("[2] ");
    assert!(told.contains("closed by the client: 1000 (normal closure), the peer answered 1001"), "{told}");

    let (take, is_taken) = channel();
    let server = peer::opened("", move |socket| {
        socket.write_all(b"\x88\x00").unwrap();
        set_socket_linger(&*socket, Some(Duration::ZERO)).unwrap();
        is_taken.recv().unwrap();
    });
    let proxy = Serving::in_front_of(&server.url, &NEVER);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    assert_eq!(read_frame(&mut client), (0x88, Vec::new()));
    take.send(()).unwrap();
    server.join();
    assert_eq!(client.read(&mut [0; 16]).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
}

#[test]
fn who_speaks_before_answering_a_close_of_ours_is_not_reset() {
    let server = peer::opened("", |socket| {
        while read_frame(socket).0 != 0x88 {}
        socket.write_all(b"\x88\x02\x0f\xa0").unwrap();
        read_to_end(socket)
    });
    let rules = Folder::new();
    std::fs::write(rules.path("rules"), "match ^bye$ => close 4000\n").unwrap();
    let mut proxy = Serving::in_front_of(&server.url, &["--rules", &rules.path("rules")]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x81, b"bye")).unwrap();
    assert_eq!(read_frame(&mut client), (0x88, b"\x0f\xa0".to_vec()));
    assert_eq!(server.join(), b"");
    wait_until_at_rest(&proxy.running);
    client.write_all(&client_frame(0x81, b"late")).unwrap();
    wait_until_at_rest(&proxy.running);
    client.write_all(&client_frame(0x88, b"\x0f\xa0")).unwrap();
    assert_eq!(read_to_end(&mut client), b"");
    let told = proxy.running.line_with("[1] 127.0.0.1:").to_owned();
    assert!(told.contains(" opened "), "{told}");
    let told = proxy.running.line_with("[1] 127.0.0.1:");
    assert!(told.contains("closed by us: 4000; "), "{told}");
}

#[test]
fn a_reset_is_a_reset_on_the_other_side() {
    let (opened, is_open) = channel();
    let server = peer::opened("", move |socket| {
        opened.send(()).unwrap();
        socket.read(&mut [0; 16]).map_err(|error| error.kind())
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (client, _) = open_by_hand(proxy.address(), "");
    is_open.recv().unwrap();
    reset(client);
    assert_eq!(server.join(), Err(ErrorKind::ConnectionReset));

    let server = peer::opened("", |socket| {
        set_socket_linger(&*socket, Some(Duration::ZERO)).unwrap();
        assert_eq!(read_frame(socket), (0x81, b"go".to_vec()));
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x81, b"go")).unwrap();
    assert_eq!(client.read(&mut [0; 16]).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    server.join();
}

/// What it says goes nowhere, and so is no reason to wait for it to take what it doesn't.
#[test]
fn who_speaks_without_end_and_takes_nothing_keeps_no_connection_that_the_other_has_left() {
    let server = peer::opened("", |socket| {
        let flood = [&[0x82, 125][..], &[b'y'; 125]].concat().repeat(500);
        while socket.write_all(&flood).is_ok() {}
    });
    let mut proxy = Serving::in_front_of(&server.url, &["--close-timeout", "300ms"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    // Until neither the server nor what lies before it has room for more.
    while client.write_all(&client_frame(0x82, &[b'x'; 60_000])).is_ok() {}
    reset(client);
    proxy.running.line_with("[2] ");
    proxy.running.line_with("received ");
    server.join();
}

#[test]
fn who_is_gone_behind_the_end_is_told_to_who_goes_on_speaking() {
    // A client that closes its socket, and a server that writes into nothing until it is told.
    let writes_on = |socket: &mut TcpStream| {
        let error = loop {
            match socket.write_all(b"\x81\x02hi") {
                Ok(()) => thread::sleep(Duration::from_millis(5)),
                Err(error) => break error.kind(),
            }
        };
        assert!(matches!(error, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
    };
    let server = peer::opened("", writes_on);
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (client, _) = open_by_hand(proxy.address(), "");
    drop(client);
    server.join();
    proxy.running.line_with("before our Close");

    let server = peer::opened("", |_| {});
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    server.join();
    let error = loop {
        match client.write_all(&client_frame(0x81, b"hi")) {
            Ok(()) => thread::sleep(Duration::from_millis(5)),
            Err(error) => break error.kind(),
        }
    };
    assert!(matches!(error, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
    proxy.running.line_with("[2] dropped");
}

#[test]
fn a_reset_behind_the_end_is_a_reset_though_nobody_speaks() {
    let (opened, is_open) = channel();
    let server = peer::opened("", move |socket| {
        opened.send(()).unwrap();
        assert_eq!(read_to_end(socket), b"");
        opened.send(()).unwrap();
        // That it is gone shows without writing.
        while socket.take_error().unwrap().is_none() {
            thread::sleep(Duration::from_millis(5));
        }
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (client, _) = open_by_hand(proxy.address(), "");
    is_open.recv().unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    is_open.recv().unwrap();
    reset(client);
    server.join();
}

/// How much a peer has got before its connection was reset.
fn read_to_reset(socket: &mut TcpStream) -> usize {
    let mut part = [0; 65536];
    let mut received = 0;
    let end = loop {
        match socket.read(&mut part) {
            Ok(count @ 1..) => received += count,
            end => break end.map_err(|error| error.kind()),
        }
    };
    assert_eq!(end, Err(ErrorKind::ConnectionReset), "behind {received} bytes");
    received
}

#[test]
fn a_reset_destroys_nothing_that_the_proxy_has_taken() {
    // The first fits into the buffers of a connection, the second into those of two.
    for length in [100_000, 2 << 20] {
        let (go, gate) = channel();
        let server = peer::opened("", move |socket| {
            gate.recv().unwrap();
            read_to_reset(socket)
        });
        let mut proxy = Serving::in_front_of(&server.url, &["--frames"]);
        let (mut client, _) = open_by_hand(proxy.address(), "");
        let frame = client_frame(0x82, &vec![b'x'; length]);
        client.write_all(&[&frame[..], &client_frame(0x89, b"")].concat()).unwrap();
        proxy.running.line_with("[2] > ping");
        reset(client);
        // Before it has noticed there would be nothing to see.
        wait_until_at_rest(&proxy.running);
        go.send(()).unwrap();
        assert_eq!(server.join(), frame.len() + 6, "{length}");
        proxy.running.line_with("before our Close");
    }
}

#[test]
fn an_end_leaves_even_the_last_bytes_to_a_peer_with_little_room() {
    let message: &'static [u8] =
        b"\x82\x60one of many, each in a segment of its own, as a service sends them while something happens there";
    // More than there is room for, by less than a segment and by more.
    let cases = (55..80).step_by(8).flat_map(|count| [(count, true, false), (count, true, true), (count, false, true)]);
    for (count, resets, speaks) in cases {
        let (go, gate) = channel();
        let server = peer::opened("", move |socket| {
            (0..count).for_each(|_| socket.write_all(message).unwrap());
            gate.recv().unwrap();
            set_socket_linger(&*socket, resets.then_some(Duration::ZERO)).unwrap();
        });
        let proxy = Serving::in_front_of(&server.url, &[]);
        let mut client = connect_with_little_room(proxy.address());
        client.write_all(handshake("/", proxy.address(), "").as_bytes()).unwrap();
        read_head(&mut client);
        wait_until_at_rest(&proxy.running);
        go.send(()).unwrap();
        server.join();
        wait_until_at_rest(&proxy.running);
        if speaks {
            // One that has all that was said has been told already.
            let _ = client.write_all(&client_frame(0x81, b"beat"));
            wait_until_at_rest(&proxy.running);
        }
        let mut received = Vec::new();
        let end = client.read_to_end(&mut received).map_err(|error| error.kind());
        assert_eq!(received.len(), count * message.len(), "{resets}, {speaks}: {end:?}");
        // Behind an end, what is said to nobody is answered with a reset, which may come later than that end.
        assert!(!resets || speaks || end == Err(ErrorKind::ConnectionReset), "{end:?}");
    }
}

#[test]
fn tls_has_its_own_end_though_that_is_delayed() {
    let (folder, authority) = (Folder::new(), Authority::new("the authority"));
    let issued = authority.issue(&good());
    let files = [folder.file("cert.pem", &issued.pem), folder.file("key.pem", issued.key.serialize_pem())];
    let server = peer::opened("", read_to_end);
    let flags = ["--tls-cert", &files[0], "--tls-key", &files[1], "--fault", "latency 20ms"];
    let proxy = Serving::in_front_of(&server.url, &flags);
    let mut roots = RootCertStore::empty();
    roots.add(authority.der()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut client = StreamOwned::new(client, connect(proxy.address()));
    client.write_all(handshake("/", proxy.address(), "").as_bytes()).unwrap();
    read_head(&mut client);
    client.conn.send_close_notify();
    client.flush().unwrap();
    client.sock.shutdown(Shutdown::Write).unwrap();
    // An end of the socket alone would be an error.
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    assert_eq!(server.join(), b"");
}

#[test]
fn who_takes_nothing_for_the_close_timeout_sees_an_end_behind_all_that_comes() {
    let (go, gate) = channel();
    let server = peer::opened("", move |socket| {
        gate.recv().unwrap();
        read_to_end(socket).len()
    });
    let mut proxy = Serving::in_front_of(&server.url, &["--close-timeout", "300ms"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    // More than the server's kernel takes before it is read.
    let frame = client_frame(0x82, &[b'x'; 300_000]);
    client.write_all(&frame).unwrap();
    wait_until_at_rest(&proxy.running);
    reset(client);
    proxy.running.line_with("before our Close");
    go.send(()).unwrap();
    assert_eq!(server.join(), frame.len());
}

#[test]
fn what_a_peer_left_that_is_gone_is_read_while_the_other_takes_it() {
    const OWN_BUFFER: usize = 64 * 1024;
    let (go, gate) = channel();
    let server = peer::opened("", move |socket| {
        gate.recv().unwrap();
        read_to_reset(socket)
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    set_socket_send_buffer_size(&client, OWN_BUFFER).unwrap();
    client.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let frame = client_frame(0x82, &vec![b'x'; 24 << 20]);
    let mut written = 0;
    while let Ok(count @ 1..) = client.write(&frame[written..]) {
        written += count;
    }
    // What its own kernel still has is lost with it.
    reset(client);
    wait_until_at_rest(&proxy.running);
    go.send(()).unwrap();
    let received = server.join();
    assert!((written - 8 * OWN_BUFFER..=written).contains(&received), "{received} of {written}");
    proxy.running.line_with("before our Close");
}

#[test]
fn who_goes_on_speaking_half_open_is_heard_for_as_long_as_that_takes() {
    // A busy machine may keep it from speaking for a while: much less than the close timeout lies between two words.
    let server = peer::opened("", |socket| {
        assert_eq!(read_to_end(socket), b"");
        let (begin, mut said) = (Instant::now(), 0);
        while begin.elapsed() < Duration::from_millis(2500) {
            thread::sleep(Duration::from_millis(20));
            socket.write_all(b"\x81\x02hi").unwrap();
            said += 1;
        }
        said
    });
    let proxy = Serving::in_front_of(&server.url, &["--close-timeout", "2s"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.shutdown(Shutdown::Write).unwrap();
    let heard = read_to_end(&mut client);
    assert_eq!(heard, b"\x81\x02hi".repeat(server.join()));
}

#[test]
fn what_the_proxy_ends_itself_is_not_laid_at_the_door_of_the_client() {
    // Neither answers.
    let server = peer::opened("", read_to_end);
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    proxy.running.line_with("[2] for [1]");
    proxy.running.signal(rustix::process::Signal::TERM);
    assert_eq!(read_to_end(&mut client), b"\x88\x02\x03\xe9");
    assert_eq!(server.join().len(), 8);
    let outcome = proxy.running.finish();
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("server stopping, "), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("closed by the client"), "{}", outcome.stderr);
}

#[test]
fn who_breaks_the_protocol_is_named_with_the_frame() {
    let server = peer::opened("", |socket| {
        let close = read_frame(socket);
        socket.write_all(b"\x88\x02\x03\xe9").unwrap();
        close
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(b"\x81\x02hi").unwrap();
    let (first, payload) = read_frame(&mut client);
    assert_eq!((first, &payload[..2]), (0x88, &b"\x03\xea"[..]));
    let (first, payload) = server.join();
    assert_eq!((first, &payload[..10]), (0x88, &b"\x03\xe9client: "[..]));
    proxy.running.line_with("[1] client→server: the client violated the protocol with a frame (text, 2 bytes): ");

    let server = peer::opened("", |socket| {
        socket.write_all(b"\x81\x82\0\0\0\0hi").unwrap();
        read_frame(socket)
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    let (first, payload) = read_frame(&mut client);
    assert_eq!((first, &payload[..10]), (0x88, &b"\x03\xe9server: "[..]));
    // Now it has nothing more to say to the server.
    client.write_all(&client_frame(0x88, b"\x03\xe9")).unwrap();
    let (first, payload) = server.join();
    assert_eq!((first, &payload[..2]), (0x88, &b"\x03\xea"[..]));
    proxy.running.line_with("[2] server→client: the server violated the protocol with a frame (text, 2 bytes): ");
}

#[test]
fn who_breaks_the_protocol_is_not_kept_waiting_by_a_server_that_says_nothing() {
    let (release, held) = channel::<()>();
    let server = peer::opened("", move |socket| {
        let _ = held.recv();
        read_to_end(socket)
    });
    let proxy = Serving::in_front_of(&server.url, &["--close-timeout", "10m"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(b"\x81\x02hi").unwrap();
    // Long before the server has had all the time that it has for its Close.
    let (first, payload) = read_frame(&mut client);
    assert_eq!((first, &payload[..2]), (0x88, &b"\x03\xea"[..]));
    client.write_all(&client_frame(0x88, b"\x03\xea")).unwrap();
    drop((release, client, proxy));
    server.join();
}

#[test]
fn who_breaks_the_protocol_still_gets_the_answers_to_what_was_said_before() {
    let server = peer::opened("", |socket| {
        let asked = read_frame(socket);
        let close = read_frame(socket);
        // Behind our Close, as an answer that was on its way.
        socket.write_all(b"\x81\x06answer\x88\x02\x03\xe9").unwrap();
        (asked, close.1[..2].to_vec(), read_to_end(socket))
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&[client_frame(0x81, b"ask"), client_frame(0xf1, b"")].concat()).unwrap();
    assert_eq!(server.join(), ((0x81, b"ask".to_vec()), b"\x03\xe9".to_vec(), Vec::new()));
    assert_eq!(read_frame(&mut client), (0x81, b"answer".to_vec()));
    assert_eq!(read_frame(&mut client).1[..2], *b"\x03\xea");
    assert_eq!(read_to_end(&mut client), b"");
}

#[test]
fn who_breaks_the_protocol_waits_no_longer_for_the_other_than_the_close_timeout() {
    // One that neither answers the Close nor ends, and one that doesn't let us say it, and speaks on.
    for (is_inside_frame, timeout) in [(false, "200ms"), (true, "60s")] {
        let (done, wait) = channel::<()>();
        let (told, has_come) = channel();
        let begun = if is_inside_frame { &client_frame(0x01, b"not all")[..9] } else { b"" };
        let length = begun.len();
        let server = peer::opened("", move |socket| {
            socket.write_all(b"\x81\x02hi").unwrap();
            socket.read_exact(&mut vec![0; length]).unwrap();
            told.send(()).unwrap();
            let _ = wait.recv();
        });
        let proxy = Serving::in_front_of(&server.url, &["--close-timeout", timeout]);
        let (mut client, _) = open_by_hand(proxy.address(), "");
        client.write_all(begun).unwrap();
        // What came at once with what breaks the protocol wouldn't have gone on.
        has_come.recv().unwrap();
        client.write_all(&client_frame(if is_inside_frame { 0xf1 } else { 0x83 }, b"")).unwrap();
        assert_eq!(read_frame(&mut client), (0x81, b"hi".to_vec()));
        assert_eq!(read_frame(&mut client).0, 0x88);
        assert_eq!(read_to_end(&mut client), b"");
        drop(done);
        server.join();
    }
}

#[test]
fn what_is_broken_off_inside_a_frame_ends_without_a_close() {
    const BEGINNING: &[u8] = b"\x81\xfe\x03\xe8\0\0\0\0beginning";
    let (told, has_come) = channel();
    let server = peer::opened("", move |socket| {
        let mut beginning = vec![0; BEGINNING.len()];
        socket.read_exact(&mut beginning).unwrap();
        told.send(()).unwrap();
        [beginning, read_to_end(socket)].concat()
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    // 1000 bytes of text are announced; what comes of them is no UTF-8, once the beginning has gone on.
    client.write_all(BEGINNING).unwrap();
    has_come.recv().unwrap();
    client.write_all(b"\xff").unwrap();
    assert_eq!(&read_frame(&mut client).1[..2], b"\x03\xef");
    let received = server.join();
    // The header of a frame of 1000 bytes, and what came of it as text.
    let (head, rest) = received.split_at(8);
    let key = &head[4..];
    let text: Vec<u8> = rest.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    assert_eq!((&head[..4], text.as_slice()), (&b"\x81\xfe\x03\xe8"[..], &b"beginning"[..]));
}

#[test]
fn what_breaks_the_protocol_goes_on_as_it_came_where_that_is_asked_for() {
    // Frames that can be read before and behind what can't: reserved bits, no mask, a code that may not be sent.
    let before = client_frame(0x81, b"before");
    let raw = [&b"\xb3\x02hi\x00\x7f"[..], &client_frame(0x88, b"\x03\xed"), b"anything"].concat();
    let server = peer::opened("", |socket| {
        socket.write_all(b"\xc1\x83\x01\x02\x03\x04abc\x88\x02\x03\xee").unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        let frame = read_frame(socket);
        (frame, read_to_end(socket))
    });
    let mut proxy = Serving::in_front_of(&server.url, &["--lenient"]);
    let (mut client, head) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    assert_eq!(peer::header(&head, "Sec-WebSocket-Extensions"), None);
    client.write_all(&[&before[..], &raw].concat()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut client), b"\xc1\x83\x01\x02\x03\x04abc\x88\x02\x03\xee");
    assert_eq!(server.join(), ((0x81, b"before".to_vec()), raw));
    let one = proxy.running.line_with("violated the protocol");
    let other = proxy.running.line_with("violated the protocol");
    let both = [one, other].map(|line| line.contains("client→server") && line.ends_with("passed on as it came"));
    assert_eq!(both.iter().filter(|is_of_client| **is_of_client).count(), 1);
    proxy.running.line_with("ended by the peer; what it sent after its violation was passed on unread");
}

#[test]
fn text_that_is_none_goes_on_as_it_came_where_that_is_asked_for() {
    let server = peer::opened("", |socket| [read_frame(socket), read_frame(socket)]);
    let proxy = Serving::in_front_of(&server.url, &["--lenient"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&[client_frame(0x81, b"a\xffb"), client_frame(0x81, b"next")].concat()).unwrap();
    assert_eq!(server.join(), [(0x81, b"a\xffb".to_vec()), (0x81, b"next".to_vec())]);
}
