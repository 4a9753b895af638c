//! Compressed messages against a limit: valid ones are told up to it and refused beyond it with 1009, and corrupt ones
//! never tell more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscli::ws::negotiation::DeflateParams;
use wscli::ws::{Connection, Deflater, Event, StatusCode};

fuzz_target!(|input: (u16, u16, u8, Option<(u16, u8)>, &[u8])| {
    let (limit, repeat, cut, spoil, seed) = input;
    let limit = u64::from(limit);
    let content = seed.repeat(usize::from(repeat) % 512);
    let mut packed = Deflater::new(6, 15, true).push(&content, true).to_vec();
    if let Some((at, bits)) = spoil
        && let Some(byte) = { let length = packed.len().max(1); packed.get_mut(usize::from(at) % length) }
    {
        *byte ^= bits;
    }
    let agreed = DeflateParams {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: 15,
        client_max_window_bits: 15,
    };
    let mut client = Connection::client(Box::new(|| [1, 2, 3, 4]), Some(agreed));
    client.set_max_message_size(Some(limit));
    let (mut told, mut ended, mut fault) = (0, false, None);
    for piece in frame(&packed).chunks(usize::from(cut).max(1)) {
        client.receive(piece);
        while let Some(event) = client.poll() {
            match event {
                Event::Data(data) => {
                    told += data.bytes.len() as u64;
                    ended = data.last;
                }
                Event::Violation(frame) => fault = Some(frame.faults[0].status_code()),
                _ => {}
            }
        }
    }
    assert!(told <= limit);
    if spoil.is_none_or(|(_, bits)| bits == 0) {
        let fits = content.len() as u64 <= limit;
        assert_eq!(ended, fits);
        assert_eq!(fault, (!fits).then_some(StatusCode(1009)));
    }
});

/// A final, compressed binary frame.
fn frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0xc2, 127];
    frame.extend((payload.len() as u64).to_be_bytes());
    frame.extend_from_slice(payload);
    // In the fewest bytes, as RFC 6455 §5.2 wants it.
    match payload.len() {
        length @ 0..=125 => drop(frame.splice(1..10, [length as u8])),
        126..=0xffff => drop(frame.splice(1..8, [126])),
        _ => {}
    }
    frame
}
