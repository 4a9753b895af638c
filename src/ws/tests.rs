//! Connections at work: scripted bytes at every split, and two connections against each other.

use super::handshake::{AcceptOptions, ClientRequest, Request};
use super::negotiation::{DeflateOptions, DeflateParams};
use super::*;
use crate::http::Response;

/// A connection, and what came out of it.
struct Endpoint {
    connection: Connection,
    assembler: Assembler,
    told: Vec<Told>,
    echo: bool,
}

/// An event, owned and with messages whole.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
    Violation(Vec<Violation>),
}

const LIMIT: u64 = 1 << 20;

impl Endpoint {
    fn new(role: Role, deflate: Option<DeflateParams>) -> Self {
        let mut key = 0u32;
        let keys: MaskingKeys = Box::new(move || {
            key = key.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            key.to_be_bytes()
        });
        let mut connection = match role {
            Role::Client => Connection::client(keys, deflate),
            Role::Server => Connection::server(deflate),
        };
        connection.set_max_message_size(Some(LIMIT));
        Self { connection, assembler: Assembler::default(), told: Vec::new(), echo: false }
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.connection.receive(bytes);
        loop {
            let (event, half) = match self.connection.take_message() {
                Some((data, half)) => (Event::Data(data), half),
                None => match self.connection.poll_received() {
                    Some(next) => next,
                    None => return,
                },
            };
            let told = match event {
                Event::Data(data) => {
                    if self.echo {
                        half.send(Item::Part { kind: data.kind, bytes: data.bytes, last: data.last }).unwrap();
                    }
                    match self.assembler.push(&data) {
                        None => continue,
                        Some(Message { kind: Kind::Text, content }) => {
                            Told::Text(String::from_utf8(content.to_vec()).unwrap())
                        }
                        Some(Message { kind: Kind::Binary, content }) => Told::Binary(content.to_vec()),
                    }
                }
                Event::Ping(payload) => Told::Ping(payload.to_vec()),
                Event::Pong(payload) => Told::Pong(payload.to_vec()),
                Event::Close(close) => Told::Close(close.code.map(|code| code.0), close.reason),
                Event::Violation(frame) => Told::Violation(frame.faults),
                Event::Frame(_) | Event::Raw(_) => continue,
            };
            self.told.push(told);
        }
    }

    /// Up to `count` bytes of what is to be written.
    fn write(&mut self, count: usize) -> Vec<u8> {
        let bytes: Vec<u8> = self.connection.pending().iter().copied().take(count).collect();
        self.connection.wrote(bytes.len());
        bytes
    }
}

fn full(role: Role) -> Endpoint {
    let agreed = negotiated(DeflateOptions::default(), DeflateOptions::default());
    Endpoint::new(role, Some(agreed))
}

fn negotiated(client: DeflateOptions, server: DeflateOptions) -> DeflateParams {
    negotiation::answer(&[negotiation::offer(client)], server).unwrap().1
}

/// A frame as a client sends it, with its key; the header's first byte is given as it is.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let key = [0x11, 0x22, 0x33, 0x44];
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length @ 126..=65535 => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&key);
    frame.extend(payload.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]));
    frame
}

/// Feeds a server with `script` whole, in two pieces at every split, and byte by byte: what it
/// tells and what it answers must be the same each time.
fn server_tells(compressed: bool, script: &[u8], expected: &[Told], answer: &[u8]) {
    let fresh = || if compressed { full(Role::Server) } else { Endpoint::new(Role::Server, None) };
    let check = |mut server: Endpoint, how: String| {
        assert_eq!(server.told, expected, "{how}");
        assert_eq!(server.write(usize::MAX), answer, "{how}");
    };
    for split in 0..=script.len() {
        let mut server = fresh();
        server.receive(&script[..split]);
        server.receive(&script[split..]);
        check(server, format!("split at {split}"));
    }
    let mut server = fresh();
    script.iter().for_each(|&byte| server.receive(&[byte]));
    check(server, "byte by byte".into());
}

#[test]
fn what_can_not_be_read_is_told_as_it_came_at_every_split() {
    let reserved = &b"\xb3\x85\x01\x02\x03\x04hello"[..];
    let close = &masked(0x88, b"\x03\xed")[..];
    for (unreadable, fault) in [(reserved, Violation::ReservedBit(2)), (close, Violation::CloseCode(StatusCode(1005)))]
    {
        let before = masked(0x81, b"before");
        let script = [&before[..], unreadable, b"anything"].concat();
        for split in 0..=script.len() {
            let mut server = Connection::server(None);
            server.set_yield_raw(true);
            let (mut texts, mut raw, mut faults) = (Vec::new(), Vec::new(), Vec::new());
            for piece in [&script[..split], &script[split..]] {
                server.receive(piece);
                while let Some(event) = server.poll() {
                    match event {
                        Event::Data(data) => texts.extend_from_slice(data.bytes),
                        Event::Raw(bytes) => raw.extend_from_slice(bytes),
                        Event::Violation(frame) if frame.tolerated => faults.extend(frame.faults),
                        event => panic!("{split}: {event:?}"),
                    }
                }
            }
            assert_eq!((texts.as_slice(), raw.as_slice()), (&b"before"[..], &script[before.len()..]), "{split}");
            assert!(faults.contains(&fault), "{split}: {faults:?}");
            assert!(server.pending().is_empty() && !server.close_expected());
        }
    }
}

#[test]
fn text_in_the_place_of_a_frame_is_told_from_one_at_every_split() {
    let told = |role, tolerant, pieces: &[&[u8]]| {
        let mut endpoint = Endpoint::new(role, None);
        endpoint.connection.set_tolerant(tolerant);
        pieces.iter().for_each(|piece| endpoint.receive(piece));
        let [Told::Violation(faults)] = &endpoint.told[..] else { panic!("{:?}", endpoint.told) };
        faults.clone()
    };
    for (role, tolerant) in [(Role::Client, false), (Role::Client, true), (Role::Server, false), (Role::Server, true)] {
        // Line breaks are a Pong in fragments, which is tolerated.
        let texts = ["HTTP/1.1 502 Bad Gateway\r\n", "\n\noops, that went wrong\n"];
        for text in &texts[..2 - usize::from(tolerant)] {
            for split in 0..=text.len() {
                let (front, back) = text.as_bytes().split_at(split);
                let faults = told(role, tolerant, &[front, back]);
                let [Violation::NotAFrame { beginning }] = &faults[..] else { panic!("{split}: {faults:?}") };
                assert!(text.trim().starts_with(beginning), "{split}: {beginning}");
            }
        }
        // Reserved bits of a frame that isn't text, from its third byte on.
        let frame = [&b"P "[..], &[0xff; 32]].concat();
        let whole = told(role, tolerant, &[&frame]);
        assert!(whole.contains(&Violation::ReservedBit(1)), "{whole:?}");
        for split in 0..=frame.len() {
            let (front, back) = frame.split_at(split);
            assert_eq!(told(role, tolerant, &[front, back]), whole, "{split}");
        }
    }
}

fn text(content: &str) -> Told {
    Told::Text(content.into())
}

fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let payload = Close::new(StatusCode(code), reason).payload();
    [&[0x88, payload.len() as u8], &payload[..]].concat()
}

fn violates(script: &[u8], faults: &[Violation]) {
    let first = &faults[0];
    let answer = close_frame(first.status_code().0, &first.to_string());
    server_tells(false, script, &[Told::Violation(faults.to_vec())], &answer);
}

#[test]
fn messages_whole_and_in_fragments_with_pings_between() {
    let script = [
        masked(0x81, b"whole"),
        masked(0x01, "fr\u{e9}".as_bytes()),
        masked(0x89, b"are you there"),
        masked(0x00, b""),
        masked(0x8a, b"unasked"),
        masked(0x80, b"gment"),
        masked(0x82, &[0xff; 200]),
        masked(0x81, b""),
        masked(0x88, b"\x03\xe8bye"),
        masked(0x81, b"ignored"),
    ]
    .concat();
    let told = [
        text("whole"),
        Told::Ping(b"are you there".to_vec()),
        Told::Pong(b"unasked".to_vec()),
        text("fr\u{e9}gment"),
        Told::Binary(vec![0xff; 200]),
        text(""),
        Told::Close(Some(1000), "bye".into()),
    ];
    let answer = [&b"\x8a\x0dare you there"[..], b"\x88\x02\x03\xe8"].concat();
    server_tells(false, &script, &told, &answer);
}

#[test]
fn a_code_point_may_be_cut_by_fragments() {
    let euro = "€".as_bytes();
    let script = [masked(0x01, &euro[..1]), masked(0x00, &euro[1..2]), masked(0x80, &euro[2..])].concat();
    server_tells(false, &script, &[text("€")], b"");
}

#[test]
fn each_rule_of_a_frame_header() {
    use Violation::*;
    violates(&masked(0xc1, b"x"), &[ReservedBit(1)]);
    violates(&masked(0xb1, b"x"), &[ReservedBit(2), ReservedBit(3)]);
    violates(&masked(0x83, b"x"), &[ReservedOpcode(3)]);
    violates(&masked(0x8b, b""), &[ReservedOpcode(11)]);
    violates(b"\x81\x01x", &[NotMasked]);
    violates(&masked(0x09, b"x"), &[FragmentedControlFrame]);
    violates(&masked(0x89, &[0; 126]), &[LongControlFrame(126)]);
    violates(&masked(0x80, b"x"), &[UnexpectedContinuation]);
    violates(b"\x81\xfe\x00\x05abcd", &[LengthNotMinimal { length: 5, bytes: 2 }]);
    violates(b"\x82\xff\xff\0\0\0\0\0\0\0abcd", &[LengthTopBit, MessageTooBig { limit: LIMIT }]);
    violates(b"\x82\xff\0\0\0\0\0\x10\0\x01abcd", &[MessageTooBig { limit: LIMIT }]);
    violates(
        b"\x79\x7e\x00\x7e",
        &[ReservedBit(1), ReservedBit(2), ReservedBit(3), NotMasked, FragmentedControlFrame, LongControlFrame(126)],
    );
}

#[test]
fn a_message_may_not_begin_inside_another() {
    let script = [masked(0x01, b"a"), masked(0x81, b"b")].concat();
    violates(&script, &[Violation::MessageInterrupted]);
}

#[test]
fn the_limit_holds_for_all_fragments_together() {
    let script = [masked(0x02, &vec![0; LIMIT as usize]), masked(0x80, b"x")].concat();
    let mut server = Endpoint::new(Role::Server, None);
    server.receive(&script);
    assert_eq!(server.told, [Told::Violation(vec![Violation::MessageTooBig { limit: LIMIT }])]);
}

#[test]
fn text_fails_at_the_first_bad_byte() {
    // The frame claims 20 bytes; its seventh can't be right, and the rest never comes.
    let mut server = Endpoint::new(Role::Server, None);
    let script = masked(0x81, b"valid:\xff 3456789012345");
    server.receive(&script[..12]);
    assert_eq!(server.told, []);
    server.receive(&script[12..13]);
    assert_eq!(server.told, [Told::Violation(vec![Violation::TextNotUtf8])]);
    violates(&masked(0x81, b"cut \xe2\x82"), &[Violation::TextNotUtf8]);
    violates(&[masked(0x01, b"\xe2\x82"), masked(0x80, b"")].concat(), &[Violation::TextNotUtf8]);
}

#[test]
fn close_frames_are_judged() {
    violates(&masked(0x88, b"\x03"), &[Violation::ClosePayloadOfOneByte]);
    violates(&masked(0x88, b"\x03\xed"), &[Violation::CloseCode(StatusCode(1005))]);
    violates(&masked(0x88, b"\x03\xe8\xc3"), &[Violation::CloseReasonNotUtf8]);
    server_tells(false, &masked(0x88, b""), &[Told::Close(None, String::new())], b"\x88\x00");
    server_tells(false, &masked(0x88, b"\x0f\xa0"), &[Told::Close(Some(4000), String::new())], b"\x88\x02\x0f\xa0");
}

#[test]
fn compressed_messages_keep_to_rfc_7692() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let script = [
        masked(0xc1, &hello),
        // Compressed and fragmented, with a ping inside; the second part is an empty frame.
        masked(0x41, &hello[..3]),
        masked(0x89, b""),
        masked(0x00, b""),
        masked(0x80, &hello[3..]),
        // Not compressed, on the same connection.
        masked(0x81, b"plain"),
        masked(0xc2, b"\0"),
    ]
    .concat();
    let told = [text("Hello"), Told::Ping(vec![]), text("Hello"), text("plain"), Told::Binary(vec![])];
    server_tells(true, &script, &told, b"\x8a\x00");

    let failing = |script: Vec<u8>, fault: Violation| {
        let answer = close_frame(fault.status_code().0, &fault.to_string());
        server_tells(true, &script, &[Told::Violation(vec![fault])], &answer);
    };
    failing([masked(0x41, &hello[..3]), masked(0xc0, &hello[3..])].concat(), Violation::ReservedBit(1));
    failing(masked(0xc9, b""), Violation::ReservedBit(1));
    failing(masked(0xc1, b"\xff\xff\xff"), Violation::CorruptDeflate);
    failing(masked(0xc1, &hello[..5]), Violation::TruncatedDeflate);
    let bad_text = Deflater::new(6, 15, true).push(b"ab\xff", true).to_vec();
    failing(masked(0xc1, &bad_text), Violation::TextNotUtf8);
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let bomb = Deflater::new(9, 15, true).push(&vec![0; 64 << 20], true).to_vec();
    let mut server = full(Role::Server);
    server.receive(&masked(0xc2, &bomb));
    assert_eq!(server.told, [Told::Violation(vec![Violation::MessageTooBig { limit: LIMIT }])]);
    assert!(
        server
            .assembler
            .push(&Data {
                direction: Direction::Received,
                kind: Kind::Binary,
                first: false,
                last: false,
                ends_frame: true,
                bytes: &[],
                to_come: 0,
                is_final: false,
                compressed: true,
                packed: b"",
            })
            .is_none()
    );
}

#[test]
fn frames_are_told_before_they_are_judged() {
    let mut server = Endpoint::new(Role::Server, None);
    server.connection.set_observe(Observe::Frames);
    server.connection.receive(&[masked(0x89, b"hi"), masked(0x01, b"a"), masked(0xf3, b"never")].concat());
    let mut seen = Vec::new();
    while let Some(event) = server.connection.poll() {
        seen.push(match event {
            Event::Frame(frame) => {
                let opcode: u8 = frame.header.opcode.into();
                let payload = str::from_utf8(&frame.payload[..frame.payload.len().min(2)]).unwrap_or_default();
                let Frame { direction, length, fragment, .. } = &*frame;
                format!("{direction:?} {opcode} {length} {fragment:?} {payload}").trim_end().to_owned()
            }
            other => format!("{other:?}").split_once('(').unwrap().0.to_owned(),
        });
    }
    assert_eq!(
        seen,
        [
            "Received 9 2 None hi",
            "Ping",
            "Sent 10 2 None hi",
            "Received 1 1 Some(1)",
            "Data",
            "Received 3 5 None",
            "Violation",
            "Sent 8 60 None",
        ]
    );
}

/// Moves bytes both ways, `step` at a time, until nothing moves.
fn run(client: &mut Endpoint, server: &mut Endpoint, step: usize) {
    loop {
        let (up, down) = (client.write(step), server.write(step));
        if up.is_empty() && down.is_empty() {
            return;
        }
        server.receive(&up);
        client.receive(&down);
    }
}

const PIPES: [usize; 5] = [1, 2, 3, 7, usize::MAX];

#[test]
fn two_connections_echo_through_narrow_pipes() {
    let narrow = DeflateOptions { context_takeover: false, window_bits: 9 };
    let agreements = [
        None,
        Some(negotiated(DeflateOptions::default(), DeflateOptions::default())),
        Some(negotiated(narrow, DeflateOptions::default())),
        Some(negotiated(DeflateOptions::default(), narrow)),
    ];
    for agreed in agreements {
        for step in PIPES {
            let (mut client, mut server) = (Endpoint::new(Role::Client, agreed), Endpoint::new(Role::Server, agreed));
            server.echo = true;
            let mut expected = Vec::new();
            for length in [0, 1, 125, 126, 1_000, 65_535, 65_536, 70_000] {
                let content: String = ('a'..='z').chain(['é', '😀']).cycle().take(length).collect();
                client.connection.send(Item::Part { kind: Kind::Text, bytes: content.as_bytes(), last: true }).unwrap();
                client.connection.send(Item::Ping(b"between")).unwrap();
                expected.extend([text(&content), Told::Pong(b"between".to_vec())]);
                let (head, tail) = content.as_bytes().split_at(length / 3);
                client.connection.send(Item::Part { kind: Kind::Binary, bytes: head, last: false }).unwrap();
                client.connection.send(Item::Ping(b"inside")).unwrap();
                client.connection.send(Item::Part { kind: Kind::Binary, bytes: tail, last: true }).unwrap();
                expected.extend([Told::Pong(b"inside".to_vec()), Told::Binary(content.into_bytes())]);
            }
            client.connection.send(Item::Close(Close::new(StatusCode::NORMAL, "done"))).unwrap();
            expected.push(Told::Close(Some(1000), String::new()));
            run(&mut client, &mut server, step);
            for (i, (a, b)) in client.told.iter().zip(&expected).enumerate() {
                let show = |t: &Told| format!("{t:?}").chars().take(60).collect::<String>();
                assert!(a == b, "{i}: {} {}", show(a), show(b));
            }
            assert!(client.told == expected, "{agreed:?}, {step} bytes at a time");
            assert!(server.connection.close_received() && server.connection.close_sent());
        }
    }
}

#[test]
fn crossing_closes_end_both_sides() {
    for step in PIPES {
        let (mut client, mut server) = (full(Role::Client), full(Role::Server));
        client.connection.send(Item::Close(Close::new(StatusCode(4001), "mine"))).unwrap();
        server.connection.send(Item::Part { kind: Kind::Text, bytes: b"last words", last: true }).unwrap();
        server.connection.send(Item::Close(Close::new(StatusCode(4002), "ours"))).unwrap();
        run(&mut client, &mut server, step);
        assert_eq!(client.told, [text("last words"), Told::Close(Some(4002), "ours".into())]);
        assert_eq!(server.told, [Told::Close(Some(4001), "mine".into())]);
        assert_eq!(client.connection.send(Item::message(Kind::Text, b"late")), Err(SendError::CloseSent));
    }
}

#[test]
fn what_may_not_be_sent_is_refused() {
    let mut client = full(Role::Client);
    assert_eq!(client.connection.send(Item::Ping(&[0; 126])), Err(SendError::LongControlFrame(126)));
    let reserved = Close { code: Some(StatusCode(1006)), reason: String::new() };
    assert_eq!(client.connection.send(Item::Close(reserved)), Err(SendError::CloseCode(StatusCode(1006))));
    assert_eq!(client.connection.pending(), b"");
}

#[test]
fn compression_is_chosen_message_by_message() {
    let mut server = full(Role::Server);
    for on in [true, false, true] {
        server.connection.send_half().set_compress(on);
        server.connection.send(Item::Part { kind: Kind::Text, bytes: b"aaaaaaaaaa", last: true }).unwrap();
        assert_eq!(server.write(usize::MAX)[0] & 0x40 != 0, on);
    }
}

fn client_request(deflate: Option<DeflateOptions>) -> ClientRequest {
    ClientRequest {
        host: "example.com".into(),
        resource: "/chat?a=1".into(),
        key: "dGhlIHNhbXBsZSBub25jZQ==".into(),
        subprotocols: vec![],
        deflate,
        headers: vec![],
    }
}

#[test]
fn the_handshakes_of_both_roles_agree_at_every_split() {
    let client = client_request(Some(DeflateOptions::default()));
    let head = client.request();
    let with_frame = [&head[..], b"\x81\x80"].concat();
    for split in 0..head.len() {
        assert!(Request::parse(&head[..split]).unwrap().is_none());
    }
    let request = Request::parse(&with_frame).unwrap().unwrap();
    assert_eq!((request.raw.as_slice(), request.resource.as_str()), (&head[..], "/chat?a=1"));
    let acceptance = request
        .accept(&AcceptOptions { deflate: Some(DeflateOptions::default()), ..AcceptOptions::default() })
        .unwrap();
    for split in 0..acceptance.response.len() {
        assert!(Response::parse(&acceptance.response[..split]).unwrap().is_none());
    }
    let response = Response::parse(&acceptance.response).unwrap().unwrap();
    let (accepted, faults) = client.validate(&response);
    assert_eq!(faults, []);
    assert_eq!(accepted.deflate, acceptance.deflate);
    // §1.3's example.
    assert!(String::from_utf8(acceptance.response).unwrap().contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

fn refusal(edit: impl Fn(String) -> String) -> (u16, String) {
    let head = edit(String::from_utf8(client_request(None).request()).unwrap());
    let refusal = match Request::parse(head.as_bytes()) {
        Ok(request) => request.expect("a whole head").accept(&AcceptOptions::default()).unwrap_err(),
        Err(refusal) => refusal,
    };
    let response = String::from_utf8(refusal.response()).unwrap();
    assert!(response.starts_with(&format!("HTTP/1.1 {}", refusal.status.0)));
    (refusal.status.0, refusal.reason)
}

#[test]
fn requests_are_refused_with_every_fault() {
    let (status, reason) = refusal(|head| head.replace("Host", "Ghost").replace("Sec-WebSocket-Key", "Key"));
    assert_eq!((status, reason.as_str()), (400, "Host is missing; Sec-WebSocket-Key is missing"));
    let (status, _) = refusal(|head| head.replace("Version: 13", "Version: 8"));
    assert_eq!(status, 426);
    assert_eq!(refusal(|head| head.replace("GET", "POST")).0, 405);
    assert_eq!(refusal(|head| head.replace("HTTP/1.1", "HTTP/1.0")).0, 400);
    assert_eq!(refusal(|head| head.replace("Upgrade: websocket\r\n", "")).0, 426);
    assert_eq!(refusal(|head| head.replace("dGhl", "")).1, "Sec-WebSocket-Key is not 16 bytes in base64");
    assert_eq!(refusal(|head| head.replace("Host", &"x".repeat(70_000))).0, 431);
    assert_eq!(refusal(|head| head.replace("Host: ", &"A: b\r\n".repeat(200))).0, 431);
    assert_eq!(refusal(|head| head.replace("GET", "\0")).0, 400);
}

#[test]
fn what_a_request_may_have_once_is_refused_twice_and_lists_are_held_to_their_grammar() {
    let with = |lines: &str| refusal(|head| head.replace("\r\n\r\n", &format!("\r\n{lines}\r\n")));
    for (lines, reason) in [
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Key appears twice"),
        ("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version appears twice"),
        ("Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version appears twice"),
        ("Origin: http://a\r\nOrigin: http://b\r\n", "Origin appears twice"),
        (
            "Sec-WebSocket-Extensions: a;\r\n",
            "Sec-WebSocket-Extensions is malformed: a parameter name expected at byte 2 of \"a;\" (RFC 6455 §9.1)",
        ),
        (
            "Sec-WebSocket-Extensions: a; b=\"c d\"\r\n",
            "Sec-WebSocket-Extensions is malformed: a token inside quotes expected at byte 7 of \"a; b=\\\"c d\\\"\" (RFC 6455 §9.1)",
        ),
        (
            "Sec-WebSocket-Extensions:\r\n",
            "Sec-WebSocket-Extensions is malformed: it names no extension (RFC 6455 §9.1)",
        ),
        (
            "Sec-WebSocket-Protocol: a b\r\n",
            "Sec-WebSocket-Protocol is malformed: \"a b\" is not a token (RFC 6455 §4.1)",
        ),
        (
            "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: a\r\n",
            "Sec-WebSocket-Protocol is malformed: \"a\" appears twice (RFC 6455 §4.1)",
        ),
        (
            "Sec-WebSocket-Protocol: ,\r\n",
            "Sec-WebSocket-Protocol is malformed: it names no subprotocol (RFC 6455 §4.1)",
        ),
        (
            "Content-Length: 5\r\nSec-WebSocket-Version: 13\r\n",
            "the request has a body (Content-Length: \"5\"), and an opening handshake has none; \
             Sec-WebSocket-Version appears twice",
        ),
    ] {
        assert_eq!(with(lines), (400, reason.to_owned()));
    }
    let (status, reason) = refusal(|head| head.replace("Version: 13", "Version: 8").replace("Host", "Ghost"));
    assert_eq!(
        (status, reason.as_str()),
        (426, "Host is missing; Sec-WebSocket-Version is \"8\", and this server supports 13")
    );
}

#[test]
fn connection_may_be_a_list() {
    let head = String::from_utf8(client_request(None).request()).unwrap();
    let head = head.replace("Connection: Upgrade", "Connection: keep-alive, Upgrade");
    assert!(Request::parse(head.as_bytes()).unwrap().unwrap().accept(&AcceptOptions::default()).is_ok());
}

fn faults_of(response: &str, deflate: Option<DeflateOptions>) -> Vec<String> {
    let response = Response::parse(response.as_bytes()).unwrap().unwrap();
    client_request(deflate).validate(&response).1.iter().map(ToString::to_string).collect()
}

#[test]
fn responses_are_refused_with_every_fault() {
    let faults = faults_of(
        "HTTP/1.1 101 x\r\nConnection: close\r\nSec-WebSocket-Accept: nope\r\nSec-WebSocket-Protocol: chat\r\n\
         Sec-WebSocket-Extensions: permessage-deflate, other\r\n\r\n",
        None,
    );
    assert_eq!(
        faults,
        [
            "Upgrade is missing",
            "Connection is \"close\" instead of \"Upgrade\"",
            "Sec-WebSocket-Accept is \"nope\" instead of \"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\"",
            "the subprotocol \"chat\" was not requested",
            "the extension \"permessage-deflate\" was not offered",
            "the extension \"other\" was not offered",
        ]
    );
    assert_eq!(
        faults_of(
            "HTTP/1.1 101 x\r\nUpgrade: websocket, h2c\r\nConnection: keep-alive, upgrade\r\nContent-Length: 0\r\n\
             Transfer-Encoding: chunked\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
             Sec-WebSocket-Accept: nope\r\nSec-WebSocket-Protocol: \r\nSec-WebSocket-Protocol: caf\u{e9}\r\n\
             Sec-WebSocket-Extensions: ,\r\n\r\n",
            None,
        ),
        [
            "Content-Length may not be in a 101 (RFC 9110 §8.6)",
            "Transfer-Encoding may not be in a 101 (RFC 9112 §6.1)",
            "Upgrade is \"websocket, h2c\" instead of \"websocket\"",
            "Sec-WebSocket-Accept appears twice",
            "Sec-WebSocket-Protocol appears twice",
            "the subprotocol \"\" was not requested",
            "Sec-WebSocket-Extensions is malformed: it names no extension",
        ]
    );
    assert_eq!(faults_of("HTTP/1.1 404 Not Found\r\n\r\n", None), ["the server answered 404 Not Found"]);
    let deflate = faults_of(
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=77\r\n\r\n",
        Some(DeflateOptions::default()),
    );
    assert_eq!(deflate, ["permessage-deflate has a bad value: server_max_window_bits=77"]);
}
