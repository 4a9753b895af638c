//! What goes through `wscli proxy`: messages as they are, with their frames, on the other side.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ChildStdout;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tungstenite::{Bytes, Message};

use crate::bounds::wait_until_at_rest;
use crate::support::files::Folder;
use crate::support::peer::{self, Peer, client_frame, open_by_hand, read_frame, read_to_end};
use crate::support::program::{Running, Serving, run};

/// RFC 7692 §7.2.3.1: "Hello", compressed.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

/// A frame as a server sends it.
fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, u8::try_from(payload.len()).unwrap()][..], payload].concat()
}

/// A server that sends `sends` once it has read as many frames as there are in `expects`, which it returns.
fn reads_and_answers(extensions: &'static str, count: usize, sends: Vec<u8>) -> Peer<Vec<(u8, Vec<u8>)>> {
    peer::opened(extensions, move |socket| {
        let frames = (0..count).map(|_| read_frame(socket)).collect();
        socket.write_all(&sends).unwrap();
        read_to_end(socket);
        frames
    })
}

#[test]
fn messages_pings_and_closes_go_from_end_to_end() {
    let server = peer::tungstenite(|websocket| {
        let mut said = Vec::new();
        loop {
            match websocket.read() {
                Ok(Message::Close(close)) => {
                    said.push(Message::Close(close));
                    return said;
                }
                Ok(message) => {
                    if matches!(message, Message::Text(_) | Message::Binary(_)) {
                        websocket.send(message.clone()).unwrap();
                    }
                    said.push(message);
                }
                Err(error) => panic!("{error}"),
            }
        }
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let socket = TcpStream::connect(proxy.address()).unwrap();
    let (mut client, _) = tungstenite::client(format!("{}a?b", proxy.url), socket).unwrap();
    let long = "é".repeat(100_000);
    let data = [
        Message::text("hello"),
        Message::text(""),
        Message::binary(Bytes::from_static(b"\xff\x00")),
        Message::binary(Bytes::new()),
        Message::text(long.as_str()),
    ];
    for message in &data {
        client.send(message.clone()).unwrap();
        assert_eq!(&client.read().unwrap(), message);
    }
    client.send(Message::Ping(Bytes::from_static(b"are you there"))).unwrap();
    assert_eq!(client.read().unwrap(), Message::Pong(Bytes::from_static(b"are you there")));
    let close = tungstenite::protocol::CloseFrame { code: 4001.into(), reason: "bye".into() };
    client.close(Some(close.clone())).unwrap();
    assert_eq!(client.read().unwrap(), Message::Close(Some(close.clone())));
    let mut expected = data.to_vec();
    expected.extend([Message::Ping(Bytes::from_static(b"are you there")), Message::Close(Some(close))]);
    assert_eq!(server.join(), expected);
}

#[test]
fn fragments_stay_what_they_are_and_what_stands_between_them_too() {
    let sends = [
        server_frame(0x01, b"x"),
        server_frame(0x00, b""),
        server_frame(0x89, b"ping"),
        server_frame(0x80, b"yz"),
        server_frame(0x8a, b"pong"),
    ];
    let server = reads_and_answers("", 4, sends.concat());
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    let frames = [(0x02, &b"ab"[..]), (0x00, b""), (0x89, b"1"), (0x80, b"c")];
    for (first, payload) in frames {
        client.write_all(&client_frame(first, payload)).unwrap();
    }
    let mut back = vec![0; sends.concat().len()];
    client.read_exact(&mut back).unwrap();
    assert_eq!(back, sends.concat());
    drop(client);
    assert_eq!(server.join(), frames.map(|(first, payload)| (first, payload.to_vec())));
}

#[test]
fn a_large_frame_goes_on_as_one_while_it_arrives() {
    const LENGTH: usize = 200_000;
    let (arrived, has_arrived) = channel();
    let server = peer::opened("", move |socket| {
        let mut head = [0; 14];
        socket.read_exact(&mut head).unwrap();
        let mut first = [0; 3];
        socket.read_exact(&mut first).unwrap();
        arrived.send(()).unwrap();
        let mut rest = vec![0; LENGTH - 3];
        socket.read_exact(&mut rest).unwrap();
        let key = [head[10], head[11], head[12], head[13]];
        let mut content = [&first[..], &rest].concat();
        content.iter_mut().enumerate().for_each(|(i, byte)| *byte ^= key[i % 4]);
        (head, content)
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    let content: Vec<u8> = (0..LENGTH).map(|i| b'a' + (i % 23) as u8).collect();
    let frame = client_frame(0x81, &content);
    // Only its beginning, which ends in the middle of a masking key's turn.
    let (beginning, rest) = frame.split_at(14 + 3);
    client.write_all(beginning).unwrap();
    has_arrived.recv().unwrap();
    rest.chunks(997).for_each(|part| client.write_all(part).unwrap());
    let (head, received) = server.join();
    assert_eq!((head[0], head[1], &head[2..10]), (0x81, 0xff, &(LENGTH as u64).to_be_bytes()[..]));
    assert!(received == content, "the content differs");
}

#[test]
fn each_side_compresses_as_it_has_agreed() {
    let server = reads_and_answers("", 3, [server_frame(0x81, b"Hello"), server_frame(0x88, b"\x03\xe8")].concat());
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, head) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    assert!(peer::header(&head, "Sec-WebSocket-Extensions").unwrap().starts_with("permessage-deflate"), "{head}");
    client.write_all(&client_frame(0xc1, &HELLO)).unwrap();
    // In two frames of the same message, without the context of the first.
    client.write_all(&client_frame(0x42, &[0x00, 0x02, 0x00, 0xfd, 0xff, 1])).unwrap();
    client.write_all(&client_frame(0x80, &[2, 0x00])).unwrap();
    assert_eq!(read_frame(&mut client), (0xc1, HELLO.to_vec()));
    assert_eq!(read_frame(&mut client), (0x88, b"\x03\xe8".to_vec()));
    drop(client);
    assert_eq!(server.join(), [(0x81, b"Hello".to_vec()), (0x02, vec![1]), (0x80, vec![2])]);
}

#[test]
fn what_goes_on_compressed_has_as_many_frames() {
    let server = reads_and_answers("permessage-deflate", 3, server_frame(0xc1, &HELLO));
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, head) = open_by_hand(proxy.address(), "");
    assert_eq!(peer::header(&head, "Sec-WebSocket-Extensions"), None);
    client.write_all(&client_frame(0x01, b"He")).unwrap();
    client.write_all(&client_frame(0x00, b"")).unwrap();
    client.write_all(&client_frame(0x80, b"llo")).unwrap();
    assert_eq!(read_frame(&mut client), (0x81, b"Hello".to_vec()));
    drop(client);
    let frames = server.join();
    assert_eq!(frames.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [0x41, 0x00, 0x80]);
    // Each says what was in it: "He" and a flush, nothing, "llo".
    assert_eq!(frames[0].1, b"\xf2\x48\x05\x00\x00\x00\xff\xff");
    assert_eq!(frames[1].1, b"");
    assert_eq!(frames[2].1.last(), Some(&0));
}

/// "Hello" as no compressor of ours would say it: stored (RFC 1951 §3.2.4), and with the empty block of a flush behind it.
const STORED_HELLO: [u8; 11] = [0x00, 0x05, 0x00, 0xfa, 0xff, b'H', b'e', b'l', b'l', b'o', 0x00];

/// "Hello" again, all of it a repetition of what was said before (RFC 7692 §7.2.3.2).
const HELLO_AGAIN: [u8; 5] = [0xf2, 0x00, 0x11, 0x00, 0x00];

/// "Hi" behind it, and "Hello" behind both, seven bytes behind the first.
const HI: [u8; 4] = [0xf2, 0xc8, 0x04, 0x00];
const HELLO_BEHIND_HI: [u8; 4] = [0x02, 0x53, 0x00, 0x00];

#[test]
fn what_both_sides_compress_alike_goes_on_as_it_was_compressed() {
    let said = [(0xc1, STORED_HELLO.to_vec()), (0x81, b"plain".to_vec()), (0xc1, HELLO_AGAIN.to_vec())];
    let frames: Vec<u8> = said.iter().flat_map(|(first, payload)| server_frame(*first, payload)).collect();
    let server = reads_and_answers("permessage-deflate", 3, frames);
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    for (first, payload) in &said {
        client.write_all(&client_frame(*first, payload)).unwrap();
    }
    for frame in &said {
        assert_eq!(read_frame(&mut client), *frame);
    }
    drop(client);
    assert_eq!(server.join(), said);
}

/// Of the proxy's own words, too, a peer's inflater is told: what another has compressed refers back past them.
#[test]
fn where_rules_say_something_both_directions_are_compressed_anew() {
    let folder = Folder::new();
    let rules =
        folder.file("rules", "client match ^Hi$ => reply Hi => drop\nserver match ^Hello$ => delay 1ms => pass\n");
    let server = peer::opened("permessage-deflate", |socket| {
        socket.write_all(&server_frame(0x41, &STORED_HELLO[..4])).unwrap();
        socket.write_all(&server_frame(0x80, &STORED_HELLO[4..])).unwrap();
        let go_on = read_frame(socket);
        socket.write_all(&server_frame(0xc1, &HELLO_AGAIN)).unwrap();
        read_to_end(socket);
        go_on
    });
    let proxy = Serving::in_front_of(&server.url, &["--rules", &rules]);
    let (mut client, _) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    assert_eq!([(); 2].map(|()| read_frame(&mut client)), [(0x41, Vec::new()), (0x80, HELLO.to_vec())]);
    client.write_all(&client_frame(0x81, b"Hi")).unwrap();
    assert_eq!(read_frame(&mut client), (0xc1, HI.to_vec()));
    client.write_all(&client_frame(0x81, b"go on")).unwrap();
    assert_eq!(read_frame(&mut client), (0xc1, HELLO_BEHIND_HI.to_vec()));
    drop(client);
    assert_eq!(server.join(), (0x81, b"go on".to_vec()));
}

#[test]
fn a_compressed_frame_that_is_all_there_and_wrong_is_not_begun_on_the_other_side() {
    let server = peer::opened("permessage-deflate", read_frame);
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    // Stored blocks, of which the last has a byte that is no UTF-8.
    let block = |content: &[u8]| {
        let length = (content.len() as u16).to_le_bytes();
        [&[0x00][..], &length, &length.map(|byte| !byte), content].concat()
    };
    let wrong = [block(&[b'a'; 40_000]), block(b"\xff"), vec![0x00]].concat();
    client.write_all(&client_frame(0xc1, &wrong)).unwrap();
    assert_eq!(read_frame(&mut client).1[..2], 1007u16.to_be_bytes());
    drop(client);
    let (first, close) = server.join();
    assert_eq!((first, &close[..2]), (0x88, &1001u16.to_be_bytes()[..]), "{close:?}");
    assert!(close.ends_with(b"UTF-8"), "{}", String::from_utf8_lossy(&close));
}

#[test]
fn a_side_that_forgets_or_has_a_smaller_window_gets_what_it_can_inflate() {
    for agreed in ["permessage-deflate; client_no_context_takeover", "permessage-deflate; client_max_window_bits=9"] {
        let said = [(0xc1, STORED_HELLO.to_vec()), (0xc1, HELLO_AGAIN.to_vec())];
        let server = reads_and_answers(agreed, 2, Vec::new());
        let proxy = Serving::in_front_of(&server.url, &[]);
        let (mut client, _) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        for (first, payload) in &said {
            client.write_all(&client_frame(*first, payload)).unwrap();
        }
        drop(client);
        let again = if agreed.contains("takeover") { &HELLO[..] } else { &[0x02, 0x13, 0x00, 0x00] };
        assert_eq!(server.join(), [(0xc1, HELLO.to_vec()), (0xc1, again.to_vec())], "{agreed}");
    }
}

#[test]
fn a_long_compressed_frame_goes_on_as_one_and_not_to_its_end_where_that_is_too_much() {
    let content = noise(300_000);
    let mut stored = Vec::new();
    for block in content.chunks(60_000) {
        let length = (block.len() as u16).to_le_bytes();
        stored.extend([[0x00].as_slice(), &length, &length.map(|byte| !byte), block].concat());
    }
    stored.push(0x00);
    for (flags, whole) in [(&[][..], true), (&["--max-message-size", "299999"], false)] {
        let server = peer::opened("permessage-deflate", read_to_end);
        let proxy = Serving::in_front_of(&server.url, flags);
        let (mut client, _) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        let frame = client_frame(0xc2, &stored);
        client.write_all(&frame).unwrap();
        if !whole {
            assert_eq!(&read_frame(&mut client).1[..2], 1009u16.to_be_bytes());
        }
        drop(client);
        let received = server.join();
        let (head, payload) = received.split_at(14);
        assert_eq!(head[..10], [&[0xc2, 0xff][..], &(stored.len() as u64).to_be_bytes()].concat());
        let payload = &payload[..payload.len().min(stored.len())];
        assert_eq!(payload.len() == stored.len(), whole, "{} of {}", payload.len(), stored.len());
        assert!(
            payload
                .iter()
                .zip(head[10..].iter().cycle())
                .map(|(byte, key)| byte ^ key)
                .eq(stored[..payload.len()].iter().copied())
        );
    }
}

#[test]
fn a_fragment_goes_on_when_it_is_there_where_the_other_side_compresses() {
    let (arrived, has_arrived) = channel();
    let server = peer::opened("permessage-deflate", move |socket| {
        let first = read_frame(socket);
        arrived.send(first).unwrap();
        let rest = read_frame(socket);
        (rest, read_to_end(socket))
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    client.write_all(&client_frame(0x01, b"He")).unwrap();
    assert_eq!(has_arrived.recv().unwrap(), (0x41, b"\xf2\x48\x05\x00\x00\x00\xff\xff".to_vec()));
    // A second one of which the last never comes.
    client.write_all(&client_frame(0x00, b"")).unwrap();
    drop(client);
    assert_eq!(server.join(), ((0x00, Vec::new()), Vec::new()));
}

#[test]
fn controls_stay_where_they_are_inside_a_compressed_message_however_many() {
    const COUNT: u8 = 100;
    let server = peer::opened("permessage-deflate", |socket| {
        assert_eq!(read_frame(socket).0, 0x41);
        (0..COUNT).map(|_| read_frame(socket)).collect::<Vec<_>>()
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    client.write_all(&client_frame(0x41, b"\xf2\x48\x05\x00\x00\x00\xff\xff")).unwrap();
    let opcode = |number: u8| 0x89 + number % 2;
    for number in 0..COUNT {
        client.write_all(&client_frame(opcode(number), &[number])).unwrap();
    }
    // The message has no end.
    assert_eq!(server.join(), (0..COUNT).map(|number| (opcode(number), vec![number])).collect::<Vec<_>>());
}

/// More than is in the buffers of two connections.
const FLOOD: usize = 24 << 20;

/// Memory that a pair takes at most while a side is stuck, with what its thread does.
const MOST: usize = 4 << 20;

/// Reads one frame that is as long as the flood, and says whether it is that.
fn reads_flood(socket: &mut TcpStream) -> bool {
    let (first, payload) = read_frame(socket);
    first == 0x82 && payload.len() == FLOOD && payload.iter().enumerate().all(|(i, byte)| *byte == (i % 251) as u8)
}

fn flood() -> Vec<u8> {
    (0..FLOOD).map(|i| (i % 251) as u8).collect()
}

/// Writes all of it, and says so each time that nothing is taken for a while.
fn write_slowly(socket: &mut TcpStream, mut bytes: &[u8], stuck: &Sender<()>) {
    socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    while !bytes.is_empty() {
        match socket.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => stuck.send(()).unwrap(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn assert_bounded(proxy: &Serving, before: usize) {
    let more = proxy.running.peak().saturating_sub(before);
    assert!(more < MOST, "{} KiB", more >> 10);
}

/// Writes what is taken, until nothing more is for a second.
fn write_until_stuck(socket: &mut TcpStream, mut bytes: &[u8]) {
    socket.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    while let Ok(count @ 1..) = socket.write(bytes) {
        bytes = &bytes[count..];
    }
    assert!(!bytes.is_empty(), "all of it was taken");
}

#[test]
fn pairs_that_nobody_reads_from_take_no_more_than_is_promised() {
    const PAIRS: usize = 4;
    /// As docs/security.md has it.
    const OF_EACH: usize = 2 << 20;
    for extensions in ["", "permessage-deflate"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Serving::in_front_of(&format!("ws://{}/", listener.local_addr().unwrap()), &[]);
        let accepting = thread::spawn(move || {
            let accepted = (0..PAIRS).map(|_| listener.accept().unwrap().0);
            accepted
                .map(|mut socket| {
                    let head = peer::read_head(&mut socket);
                    socket.write_all(peer::acceptance(&head, extensions).as_bytes()).unwrap();
                    socket
                })
                .collect::<Vec<_>>()
        });
        let clients: Vec<_> = (0..PAIRS).map(|_| open_by_hand(proxy.address(), "").0).collect();
        let servers = accepting.join().unwrap();
        let before = proxy.running.resident();
        let flood = &client_frame(0x82, &noise(FLOOD));
        thread::scope(|scope| {
            for mut client in clients {
                scope.spawn(move || write_until_stuck(&mut client, flood));
            }
        });
        let each = proxy.running.peak().saturating_sub(before) / PAIRS;
        assert!(each < OF_EACH, "{} KiB with {extensions:?}", each >> 10);
        drop(servers);
    }
}

#[test]
fn pairs_that_have_compressed_a_little_keep_no_more_than_a_little() {
    // Said as it was compressed, or compressed by the proxy, because the server doesn't.
    for (accepted, first) in [("permessage-deflate", 0xc2), ("", 0x82)] {
        let each = of_each_that_has_compressed(accepted, first);
        assert!(each < OF_EACH_COMPRESSED, "{} KiB with {accepted:?}", each >> 10);
    }
}

/// What was said, four times over, and what a thread that has been at work has touched.
const OF_EACH_COMPRESSED: usize = 40 << 10;

/// What a proxy has for each pair whose client compresses and whose server accepts `accepted`, and sends frames that begin with `first`,
/// once each has said 1,000 bytes.
fn of_each_that_has_compressed(accepted: &str, first: u8) -> usize {
    const PAIRS: usize = 64;
    const SAID: usize = 1000;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Serving::in_front_of(&format!("ws://{}/", listener.local_addr().unwrap()), &[]);
    let mut pairs: Vec<_> = (0..PAIRS)
        .map(|_| {
            let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
            let address = proxy.address();
            thread::scope(|scope| {
                let client = scope.spawn(move || open_by_hand(address, offer).0);
                let mut server = listener.accept().unwrap().0;
                let head = peer::read_head(&mut server);
                server.write_all(peer::acceptance(&head, accepted).as_bytes()).unwrap();
                (client.join().unwrap(), server)
            })
        })
        .collect();
    wait_until_at_rest(&proxy.running);
    let before = proxy.running.resident();
    let said = noise(SAID);
    // Stored, for nobody here compresses.
    let length = (SAID as u16).to_le_bytes();
    let stored = [&[0x00][..], &length, &length.map(|byte| !byte), &said, &[0x00]].concat();
    let from_server = if first == 0xc2 { &stored } else { &said };
    let answer = [&[first, 126][..], &(from_server.len() as u16).to_be_bytes(), from_server].concat();
    for (client, server) in &mut pairs {
        client.write_all(&client_frame(0xc2, &stored)).unwrap();
        assert_eq!(read_frame(server), (first, from_server.clone()));
        server.write_all(&answer).unwrap();
        assert_eq!(read_frame(client), (0xc2, stored.clone()));
    }
    wait_until_at_rest(&proxy.running);
    proxy.running.resident().saturating_sub(before) / PAIRS
}

/// Bytes in no order, so that nothing compresses them.
fn noise(length: usize) -> Vec<u8> {
    let next = |last: &u32| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(1_u32), next).take(length).map(|i| (i >> 24) as u8).collect()
}

#[test]
fn a_server_that_does_not_read_slows_the_client_and_misses_nothing() {
    let (go, gate) = channel();
    let server = peer::opened("", move |socket| {
        gate.recv().unwrap();
        reads_flood(socket)
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    let before = proxy.running.resident();
    let (stuck, is_stuck) = channel();
    let writer = thread::spawn(move || {
        write_slowly(&mut client, &client_frame(0x82, &flood()), &stuck);
        client
    });
    is_stuck.recv().unwrap();
    assert_bounded(&proxy, before);
    go.send(()).unwrap();
    assert!(server.join());
    drop(writer.join().unwrap());
    assert_bounded(&proxy, before);
}

#[test]
fn a_client_that_does_not_read_slows_the_server_and_misses_nothing() {
    let (stuck, is_stuck) = channel();
    let server = peer::opened("", move |socket| {
        let frame = [&[0x82, 127][..], &(FLOOD as u64).to_be_bytes(), &flood()].concat();
        write_slowly(socket, &frame, &stuck);
        read_to_end(socket);
    });
    let proxy = Serving::in_front_of(&server.url, &[]);
    let before = proxy.running.resident();
    let (mut client, _) = open_by_hand(proxy.address(), "");
    is_stuck.recv().unwrap();
    assert_bounded(&proxy, before);
    assert!(reads_flood(&mut client));
    drop(client);
    server.join();
    assert_bounded(&proxy, before);
}

/// More than the sockets of both connections take by themselves, in numbered lines that hardly shrink; few of them, since each costs a debug build much time.
fn lines() -> String {
    let line = |(number, bytes): (usize, &[u8])| {
        let letters: String = bytes.iter().map(|byte| char::from(b'0' + byte % 64)).collect();
        format!("{number} {letters}\n")
    };
    noise(FLOOD / 3).chunks(20_000).enumerate().map(line).collect()
}

/// Has one side of the proxy stand still once the first line has come out, until nothing moves any more. Then it goes on, and
/// all lines come.
#[track_caller]
fn assert_a_stop_loses_nothing(mut stdout: ChildStdout, stopped: &Running, proxy: &Serving, lines: &str) {
    let (before, mut received) = (proxy.running.peak(), vec![0]);
    stdout.read_exact(&mut received).unwrap();
    stopped.signal(Signal::STOP);
    let (told, count) = channel();
    let reader = thread::spawn(move || {
        let mut chunk = vec![0; 64 << 10];
        while let Ok(length @ 1..) = stdout.read(&mut chunk) {
            received.extend_from_slice(&chunk[..length]);
            told.send(received.len()).unwrap();
        }
        received
    });
    wait_until_at_rest(&proxy.running);
    let so_far = count.try_iter().last().unwrap_or(1);
    assert!(so_far < lines.len(), "it was too fast for this test");
    assert_bounded(proxy, before);
    stopped.signal(Signal::CONT);
    let received = reader.join().unwrap();
    assert!(received == lines.as_bytes(), "{} of {} bytes, or others", received.len(), lines.len());
    assert_bounded(proxy, before);
}

#[test]
fn a_server_that_is_stopped_holds_back_who_sends_and_misses_nothing() {
    let lines = lines();
    let count = lines.lines().count().to_string();
    for flags in [&["--no-compress"][..], &[]] {
        let server = Serving::start(&[]);
        let proxy = Serving::in_front_of(&server.url, flags);
        let mut client = Running::start_unread(&["connect", "--count", &count, &proxy.url]);
        client.feed(lines.clone().into_bytes());
        assert_a_stop_loses_nothing(client.take_stdout(), &server.running, &proxy, &lines);
        assert_eq!(client.finish().code, Some(0));
    }
}

#[test]
fn a_client_that_is_stopped_holds_back_who_sends_and_misses_nothing() {
    let (folder, lines) = (Folder::new(), lines());
    let file = folder.file("lines", &lines);
    for flags in [&["--no-compress"][..], &[]] {
        let server = Serving::with(&["--push", &file]);
        let proxy = Serving::in_front_of(&server.url, flags);
        let mut client = Running::start_unread(&["connect", "-n", &proxy.url]);
        assert_a_stop_loses_nothing(client.take_stdout(), &client, &proxy, &lines);
        assert_eq!(client.finish().code, Some(0));
    }
}

#[test]
fn both_connections_are_logged_and_recorded() {
    let folder = Folder::new();
    let file = folder.path("recording");
    let echo = Serving::start(&[]);
    let arguments = ["--record", &file, "--out", "json", "-v", "--frames"];
    let mut proxy = Serving::in_front_of(&echo_url(&echo), &arguments);
    let talk = run(&["connect", "-1", "--no-compress", "-d", "hello", &format!("{}x", proxy.url)], b"");
    assert_eq!((talk.stdout(), talk.code), ("hello\n", Some(0)), "{talk:#?}");
    for text in [
        "[1] < GET /x HTTP/1.1",
        "[2] * connected to ",
        "[2] > GET /x HTTP/1.1",
        "[2] < HTTP/1.1 101 ",
        "opened /x",
        "[2] for [1] connected to ws://",
        "[1] < text FIN",
        "[1] < hello",
        "[2] > text FIN",
        "[2] closed by the client",
        "[1] 127.0.0.1:",
    ] {
        proxy.running.line_with(text);
    }
    proxy.running.signal(rustix::process::Signal::TERM);
    let outcome = proxy.running.finish();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let lines = |text: &str| -> Vec<Value> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let said = |lines: &[Value]| -> Vec<String> {
        let texts = lines.iter().filter(|line| line["type"] == "text");
        texts.map(|line| format!("{} {} {}", line["connection"], line["direction"], line["text"])).collect()
    };
    let expected =
        ["1 \"received\" \"hello\"", "2 \"sent\" \"hello\"", "2 \"received\" \"hello\"", "1 \"sent\" \"hello\""];
    let recorded = lines(&std::fs::read_to_string(&file).unwrap());
    let mut told = said(&recorded);
    told.sort_unstable();
    let mut sorted = expected;
    sorted.sort_unstable();
    assert_eq!(told, sorted);
    let mut events = said(&lines(outcome.stdout()));
    events.sort_unstable();
    assert_eq!(events, sorted);
    let roles: Vec<_> =
        recorded.iter().filter(|line| line["type"] == "opened").map(|line| line["role"].clone()).collect();
    assert!(roles.contains(&"client".into()) && roles.contains(&"server".into()), "{roles:?}");
    assert_eq!(run(&["show", &file], b"").code, Some(0));
}

fn echo_url(echo: &Serving) -> String {
    format!("ws://{}/", echo.address())
}

#[test]
fn a_proxy_that_is_told_to_stop_closes_both_sides() {
    let server = peer::opened("", |socket| {
        let close = read_frame(socket);
        socket.write_all(b"\x88\x02\x03\xe9").unwrap();
        close
    });
    let mut proxy = Serving::in_front_of(&server.url, &[]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    proxy.running.line_with("[2] for [1]");
    proxy.running.signal(rustix::process::Signal::TERM);
    assert_eq!(read_frame(&mut client), (0x88, b"\x03\xe9".to_vec()));
    client.write_all(&client_frame(0x88, b"\x03\xe9")).unwrap();
    assert_eq!(server.join(), (0x88, b"\x03\xe9".to_vec()));
    assert_eq!(Running::finish(proxy.running).code, Some(0));
}

#[test]
fn pongs_to_the_proxy_s_own_pings_stay_there() {
    let server = peer::opened("", |socket| {
        let mut others = Vec::new();
        let mut own = 0;
        // Each has answered more of ours than there were of the other's.
        while own < 2 || others.len() < 2 {
            match read_frame(socket) {
                (0x89, payload) if payload.len() == 8 => {
                    own += 1;
                    socket.write_all(&server_frame(0x8a, &payload)).unwrap();
                }
                other => others.push(other),
            }
        }
        socket.write_all(b"\x81\x03end").unwrap();
        others
    });
    let proxy = Serving::in_front_of(&server.url, &["--ping-interval", "200ms"]);
    let (mut client, _) = open_by_hand(proxy.address(), "");
    let mut own = 0;
    let mut others = Vec::new();
    while others.last() != Some(&(0x81, b"end".to_vec())) {
        match read_frame(&mut client) {
            (0x89, payload) => {
                own += 1;
                client.write_all(&client_frame(0x8a, &payload)).unwrap();
                // As a keepalive of the client's own counts.
                if own <= 2 {
                    client.write_all(&client_frame(0x8a, &u64::to_be_bytes(own))).unwrap();
                }
            }
            other => others.push(other),
        }
    }
    assert_eq!(others, [(0x81, b"end".to_vec())]);
    assert_eq!(server.join(), [1, 2].map(|number| (0x8a, u64::to_be_bytes(number).to_vec())));
}
