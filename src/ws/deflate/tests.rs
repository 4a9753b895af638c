use super::{Deflater, Inflater};
use crate::ws::violation::Violation;

/// Inflates a whole message that is given in pieces of `size`.
fn inflate(inflater: &mut Inflater, message: &[u8], size: usize) -> Result<Vec<u8>, Violation> {
    let mut text = Vec::new();
    for mut piece in message.chunks(size.max(1)) {
        loop {
            let inflated = inflater.push(piece)?;
            text.extend_from_slice(inflated.bytes);
            piece = &piece[inflated.used..];
            if inflated.drained {
                break;
            }
        }
    }
    inflater.finish().map(|()| text)
}

fn sample(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 & 0x3f
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn messages_survive_every_size_window_and_takeover() {
    for takeover in [true, false] {
        for bits in 9..=15 {
            let (mut deflater, mut inflater) = (Deflater::new(6, bits, takeover), Inflater::new(takeover));
            for length in [0, 1, 125, 0, 70_000, 32_768, 5, 200_000] {
                let message = sample(length);
                let mut packed = Vec::new();
                let mut parts = message.chunks(9_999).peekable();
                while let Some(part) = parts.next() {
                    packed.extend_from_slice(deflater.push(part, parts.peek().is_none()));
                }
                if message.is_empty() {
                    packed.extend_from_slice(deflater.push(b"", true));
                }
                for size in [packed.len(), 1] {
                    let mut fresh = Inflater::new(takeover);
                    if size == 1 && takeover {
                        continue;
                    }
                    let inflater = if size == 1 { &mut fresh } else { &mut inflater };
                    assert!(inflate(inflater, &packed, size) == Ok(message.clone()), "{bits} bits, {length} bytes");
                }
            }
        }
    }
}

#[test]
fn the_examples_of_rfc_7692_are_read() {
    // §7.2.3.1, §7.2.3.2: "Hello" twice, the second time out of the window.
    let mut inflater = Inflater::new(true);
    let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(inflate(&mut inflater, &first, 9).unwrap(), b"Hello");
    assert_eq!(inflate(&mut inflater, &[0xf2, 0x00, 0x11, 0x00, 0x00], 9).unwrap(), b"Hello");
    // §7.2.3.3: a block without compression.
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    assert_eq!(inflate(&mut inflater, &stored, 1).unwrap(), b"Hello");
    // §7.2.3.4: BFINAL set; the window outlives it.
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    assert_eq!(inflate(&mut inflater, &last, 1).unwrap(), b"Hello");
    assert_eq!(inflate(&mut inflater, &[0xf2, 0x00, 0x11, 0x00, 0x00], 9).unwrap(), b"Hello");
    // §7.2.3.5: two blocks in one message.
    let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(inflate(&mut inflater, &two, 2).unwrap(), b"Hello");
}

#[test]
fn an_empty_message_is_one_zero_byte() {
    let mut deflater = Deflater::new(6, 15, true);
    for _ in 0..3 {
        assert_eq!(deflater.push(b"", true), [0x00]);
    }
    deflater.push(b"something", true);
    assert_eq!(deflater.push(b"", true), [0x00]);
}

#[test]
fn an_empty_last_part_flushes_what_was_gathered() {
    let (mut deflater, mut inflater) = (Deflater::new(6, 15, true), Inflater::new(true));
    for _ in 0..2 {
        let mut packed = deflater.push(b"gathered", false).to_vec();
        packed.extend_from_slice(deflater.push(b"", true));
        assert_eq!(inflate(&mut inflater, &packed, 9).unwrap(), b"gathered");
    }
}

#[test]
fn a_message_cut_anywhere_is_refused() {
    let text: Vec<u8> = sample(3_000);
    for text in [&text[..], b"Hello", b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let packed = Deflater::new(6, 15, true).push(text, true).to_vec();
        for cut in 0..packed.len() {
            let outcome = inflate(&mut Inflater::new(true), &packed[..cut], 4_096);
            assert!(outcome.is_err(), "{cut} of {} gave {:?}", packed.len(), outcome.map(|t| t.len()));
        }
    }
}

#[test]
fn a_bomb_comes_out_in_bounded_steps() {
    let packed = Deflater::new(9, 15, true).push(&vec![0; 50_000_000], true).to_vec();
    let (mut inflater, mut rest, mut total) = (Inflater::new(true), &packed[..], 0);
    loop {
        let inflated = inflater.push(rest).unwrap();
        assert!(inflated.bytes.len() <= 64 * 1024);
        total += inflated.bytes.len();
        rest = &rest[inflated.used..];
        if inflated.drained {
            break;
        }
    }
    assert_eq!((inflater.finish(), total), (Ok(()), 50_000_000));
}
