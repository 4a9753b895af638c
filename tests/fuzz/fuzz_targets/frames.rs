//! Any bytes as frames, in both roles, with and without compression: events or a violation, the
//! same ones however the bytes are cut and with or without the shortcut for whole messages, and
//! never more content than the limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscli::ws::negotiation::DeflateParams;
use wscli::ws::{Connection, Event, Role, Violation};

const LIMIT: u64 = 64 * 1024;

fuzz_target!(|input: (bool, bool, u8, &[u8])| {
    let (server, compressed, cut, bytes) = input;
    let whole = receive(server, compressed, usize::MAX, bytes, true);
    let pieces = receive(server, compressed, usize::from(cut).max(1), bytes, true);
    let by_poll_alone = receive(server, compressed, usize::MAX, bytes, false);
    assert_eq!(whole, pieces);
    assert_eq!(whole, by_poll_alone);
});

/// What was told, with the parts of each message joined.
fn receive(server: bool, compressed: bool, size: usize, bytes: &[u8], shortcut: bool) -> Vec<String> {
    let role = if server { Role::Server } else { Role::Client };
    let agreed = compressed.then_some(DeflateParams {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: 15,
        client_max_window_bits: 15,
    });
    let mut connection = match role {
        Role::Server => Connection::server(agreed),
        Role::Client => Connection::client(Box::new(|| [1, 2, 3, 4]), agreed),
    };
    connection.set_max_message_size(Some(LIMIT));
    let (mut told, mut content, mut failed) = (Vec::new(), Vec::new(), false);
    for piece in bytes.chunks(size.min(bytes.len().max(1))) {
        connection.receive(piece);
        loop {
            let message = if shortcut { connection.take_message() } else { None };
            let event = match message {
                Some((data, _)) => Event::Data(data),
                None => match connection.poll() {
                    Some(event) => event,
                    None => break,
                },
            };
            match event {
                Event::Data(data) => {
                    content.extend_from_slice(data.bytes);
                    assert!(content.len() as u64 <= LIMIT);
                    if data.last {
                        told.push(format!("{:?} {:?}", data.kind, std::mem::take(&mut content)));
                    }
                }
                Event::Violation(frame) => {
                    let faults = frame.faults;
                    assert!(!faults.is_empty() && !failed);
                    failed = true;
                    // Where no frame can be read, how much is there decides whether it is told as text.
                    let is_unreadable = |fault: &Violation| {
                        matches!(fault, Violation::NotAFrame { .. } | Violation::ReservedBit(_) | Violation::ReservedOpcode(_))
                    };
                    // Inflating further at once may meet the second of two faults first.
                    let is_vague = compressed || faults.iter().any(is_unreadable);
                    told.push(if is_vague { "violation".into() } else { format!("{faults:?}") });
                }
                other => told.push(format!("{other:?}")),
            }
        }
    }
    told
}
