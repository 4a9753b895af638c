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

/// Content that looks random, of `values` different bytes.
fn sample(length: usize, values: u8) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 % values
    };
    (0..length).map(|_| next()).collect()
}

/// Records such as services send.
fn records(count: usize) -> Vec<u8> {
    let numbers = sample(3 * count, 250);
    let record =
        |n: &[u8]| format!("{{\"id\":{},\"side\":\"buy\",\"price\":{}.{}}},", u32::from(n[0]) * 7919, n[1], n[2]);
    numbers.chunks(3).flat_map(|n| record(n).into_bytes()).collect()
}

/// Text of every kind: nothing, little, more than the ring holds; with and without repetitions.
fn messages() -> Vec<Vec<u8>> {
    let alphabet = "abcdefghijklmnopqrstuvwxyzé😀".bytes().cycle();
    let mut messages: Vec<Vec<u8>> = (0..300).map(|length| alphabet.clone().take(length).collect()).collect();
    messages.extend([0, 1, 125, 0, 70_000, 32_768, 5, 150_000].map(|length| sample(length, 64)));
    messages.extend([3, 1_000, 40_000, 70_000].map(|length| sample(length, 255)));
    messages.push(sample(200_000, 2));
    messages.extend([vec![7; 100_000], records(10), records(4_000), records(10)]);
    messages
}

fn deflate(deflater: &mut Deflater, message: &[u8], part: usize) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut parts = message.chunks(part).peekable();
    while let Some(part) = parts.next() {
        packed.extend_from_slice(deflater.push(part, parts.peek().is_none()));
    }
    if message.is_empty() {
        packed.extend_from_slice(deflater.push(b"", true));
    }
    packed
}

/// What zlib makes of a message.
fn inflate_by_zlib(zlib: &mut zlib_rs::Inflate, packed: &[u8], length: usize) -> Vec<u8> {
    let (mut text, before) = (vec![0; length + 1], zlib.total_out());
    let whole = [packed, &super::TAIL].concat();
    zlib.decompress(&whole, &mut text, zlib_rs::InflateFlush::SyncFlush).unwrap();
    text.truncate((zlib.total_out() - before) as usize);
    text
}

#[test]
fn zlib_reads_every_level_within_the_window_that_was_agreed() {
    let messages = messages();
    for (level, bits) in (1..=9).map(|level| (level, 15)).chain((8..15).map(|bits| (6, bits))) {
        let mut deflater = Deflater::new(level, bits, true);
        // It refuses what refers farther back than its own window.
        let mut zlib = zlib_rs::Inflate::new(false, bits);
        for (i, message) in messages.iter().enumerate() {
            let packed = deflate(&mut deflater, message, if i % 2 == 0 { usize::MAX } else { 9_999 });
            let text = inflate_by_zlib(&mut zlib, &packed, message.len());
            assert!(text == *message, "level {level}, {bits} window bits, message {i}");
        }
    }
}

/// Messages of lengths and kinds that look random, of which later ones repeat parts of earlier ones.
fn conversation(seed: u32, count: usize) -> Vec<Vec<u8>> {
    let mut state = seed;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let (text, noise) = (records(3_000), sample(80_000, 255));
    let message = |_| {
        let longest = [20, 300, 1_500, 5_000, 40_000][random(16).trailing_ones() as usize];
        let length = random(longest + 1);
        let from = |text: &[u8], at: usize| text[at..at + length].to_vec();
        match random(8) {
            0 => from(&noise, random(noise.len() - length)),
            1 => vec![random(256) as u8; length],
            _ => from(&text, random(text.len() - length)),
        }
    };
    (0..count).map(message).collect()
}

#[test]
fn zlib_reads_any_conversation_whatever_the_compressor_has_kept() {
    for seed in 0..63 {
        let (bits, takeover, level) = (9 + seed as u8 % 7, seed % 3 > 0, seed % 9 + 1);
        let mut deflater = Deflater::new(level, bits, takeover);
        let mut zlib = zlib_rs::Inflate::new(false, bits);
        for (i, message) in conversation(seed, 40).iter().enumerate() {
            let part = [usize::MAX, 700, 4_000][i % 3];
            let packed = deflate(&mut deflater, message, part);
            let text = inflate_by_zlib(&mut zlib, &packed, message.len());
            assert!(text == *message, "seed {seed}: {bits} window bits, message {i} of {} bytes", message.len());
            if !takeover {
                zlib.reset(false);
            }
            if (i as u32).wrapping_mul(seed) % 7 == 3 {
                deflater.rest();
                assert!(!deflater.is_awake());
            }
        }
    }
}

#[test]
fn a_compressor_that_rests_finds_the_same_again() {
    for seed in 0..3 {
        let (mut rests, mut goes_on) = (Deflater::new(6, 15, true), Deflater::new(6, 15, true));
        for (i, message) in conversation(seed, 100).iter().enumerate() {
            assert!(rests.push(message, true) == goes_on.push(message, true), "seed {seed}, message {i}");
            rests.rest();
        }
    }
}

#[test]
fn what_is_written_does_not_depend_on_how_the_text_comes() {
    for seed in 0..14 {
        let (bits, takeover) = (9 + seed as u8 % 7, seed % 3 > 0);
        let mut whole = Deflater::new(6, bits, takeover);
        let parts = [1, 100, 1_000, 4_096, 10_000];
        let mut in_parts = parts.map(|_| Deflater::new(6, bits, takeover));
        for (i, message) in conversation(seed, 40).iter().enumerate() {
            let packed = deflate(&mut whole, message, usize::MAX);
            for (deflater, part) in in_parts.iter_mut().zip(parts) {
                assert!(deflate(deflater, message, part) == packed, "seed {seed}, message {i}, parts of {part}");
                if i % 5 == 4 {
                    deflater.rest();
                }
            }
        }
    }
}

#[test]
fn a_compressor_is_as_large_as_what_was_said() {
    let records = records(3_000);
    let mut deflater = Deflater::new(6, 15, true);
    let mut said = 0;
    for (length, largest) in [(1_000, 1), (1_000, 2), (1_000, 4), (1_000, 4), (1_000, 8), (20_000, 32), (100, 32)] {
        deflater.push(&records[said..said + length], true);
        said += length;
        // Six times what may be referred to, and the text in messages of it.
        assert_eq!(deflater.memory() / 6 / 1024, largest, "after {said} bytes");
        let mut rests = Deflater::new(6, 15, true);
        rests.push(&records[..said], true);
        rests.rest();
        assert_eq!(rests.memory(), said);
    }
    // All that may be referred to is what was agreed, and without context takeover nothing.
    for (bits, takeover, kept) in [(15, true, 32_768), (10, true, 1024), (15, false, 0)] {
        let mut deflater = Deflater::new(6, bits, takeover);
        for message in records.chunks(700).take(100) {
            deflater.push(message, true);
            assert!(takeover && bits == 15 || deflater.memory() < 13 * 1024);
        }
        deflater.rest();
        assert_eq!(deflater.memory(), kept);
    }
}

#[test]
fn many_small_messages_go_round_the_ring() {
    let (mut deflater, mut zlib) = (Deflater::new(6, 15, true), zlib_rs::Inflate::new(false, 15));
    for message in sample(300_000, 2).chunks(97) {
        let packed = deflater.push(message, true).to_vec();
        assert!(inflate_by_zlib(&mut zlib, &packed, message.len()) == message);
    }
}

#[test]
fn without_context_takeover_every_message_stands_alone() {
    let mut deflater = Deflater::new(6, 15, false);
    for message in messages() {
        let packed = deflate(&mut deflater, &message, usize::MAX);
        let text = inflate_by_zlib(&mut zlib_rs::Inflate::new(false, 15), &packed, message.len());
        assert!(text == message, "{} bytes", message.len());
    }
}

#[test]
fn messages_are_about_as_small_as_zlib_makes_them() {
    let records = records(4_000);
    for (level, most) in [(1, 0.9), (2, 1.0), (3, 1.0), (4, 1.0), (5, 1.01), (6, 1.01), (7, 1.02), (8, 1.01)] {
        let mut deflater = Deflater::new(level, 15, true);
        let mut zlib = zlib_rs::Deflate::new(level as i32, false, 15);
        let (mut ours, mut output) = (0, vec![0; 4_096]);
        for message in records.chunks(1_000) {
            ours += deflater.push(message, true).len() + super::TAIL.len();
            zlib.compress(message, &mut output, zlib_rs::DeflateFlush::SyncFlush).unwrap();
        }
        let theirs = zlib.total_out() as f64;
        assert!(ours as f64 <= most * theirs, "level {level}: {ours} bytes, zlib {theirs}");
    }
}

#[test]
fn what_cannot_be_compressed_hardly_grows() {
    let noise = sample(100_000, 255)
        .iter()
        .scan(0u8, |sum, byte| {
            *sum = sum.wrapping_mul(31).wrapping_add(*byte);
            Some(*sum)
        })
        .collect::<Vec<_>>();
    let packed = Deflater::new(6, 15, true).push(&noise, true).len();
    assert!((noise.len()..noise.len() + 50).contains(&packed), "{packed} bytes");
}

#[test]
fn parts_are_read_by_the_inflater_byte_for_byte() {
    for takeover in [true, false] {
        let (mut deflater, mut inflater) = (Deflater::new(6, 15, takeover), Inflater::new(takeover));
        for length in [0, 1, 125, 0, 70_000, 32_768, 5, 200_000] {
            let message = sample(length, 64);
            let packed = deflate(&mut deflater, &message, 9_999);
            assert!(inflate(&mut inflater, &packed, 1) == Ok(message), "{length} bytes");
        }
    }
}

#[test]
fn an_inflater_that_rests_between_messages_knows_what_they_refer_back_to() {
    for takeover in [true, false] {
        let (mut deflater, mut inflater) = (Deflater::new(6, 15, takeover), Inflater::new(takeover));
        for message in messages() {
            let packed = deflate(&mut deflater, &message, 9_999);
            assert!(inflate(&mut inflater, &packed, 4_096) == Ok(message));
            inflater.rest();
        }
    }
    // §7.2.3.4: behind a block with BFINAL set, too; and what was never said can't be referred back to.
    let mut inflater = Inflater::new(true);
    assert_eq!(inflate(&mut inflater, &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], 9).unwrap(), b"Hello");
    inflater.rest();
    assert_eq!(inflate(&mut inflater, &[0xf2, 0x00, 0x11, 0x00, 0x00], 9).unwrap(), b"Hello");
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
    let text: Vec<u8> = sample(3_000, 64);
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
