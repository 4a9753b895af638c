//! What passes between clients and the command of `--exec`.

use super::stdin::file_of;
use crate::server::modes::{Framer, Framing};
use crate::stdio::input::Step;
use crate::stdio::queue::Queue;
use crate::ws::{Data, Direction, Item, Kind};

/// Messages as a command gets them, and sends them back: with `json` they are the same, and otherwise they are where the
/// separator isn't in one of them.
pub fn framing(framing: u8, messages: &[(bool, &[u8])]) {
    let (_, framing) = Framing::NAMES[usize::from(framing) % Framing::NAMES.len()];
    let separator = match framing {
        Framing::Lines => Some(b'\n'),
        Framing::Null => Some(0),
        Framing::Json => None,
    };
    let kind = |is_text: bool, content: &[u8]| {
        if is_text && str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary }
    };
    let (mut framer, mut queue, mut expected) = (Framer::new(framing), Queue::default(), Vec::new());
    for (is_text, content) in messages {
        let (kind, halves) = (kind(*is_text, content), content.split_at(content.len() / 2));
        for (bytes, first, last) in [(halves.0, true, false), (halves.1, false, true)] {
            let direction = Direction::Received;
            framer.push(&Data { direction, kind, first, last, ends_frame: last, bytes, to_come: 0 }, &mut queue);
        }
        expected.push((kind, content.to_vec()));
    }
    let mut written = Vec::new();
    queue.write(&mut |bytes| Ok(written.extend_from_slice(bytes))).unwrap_or_default();
    if written.len() > super::stdin::PIPE {
        return;
    }
    let Some(file) = file_of(&written) else { return };
    let (mut source, mut back) = (framing.source(file), Vec::new());
    let mut part = Vec::new();
    while !source.is_finished() {
        match source.next() {
            // Where a message isn't told from the end of a file, what has come of it is one.
            Ok(Some(Step::Send(Item::Part { kind, bytes, last }))) => {
                part.extend_from_slice(bytes);
                if last {
                    back.push((kind, std::mem::take(&mut part)));
                }
            }
            Ok(Some(Step::Send(_) | Step::Wait(_))) => {}
            Ok(None) => drop(source.read()),
            Err(fault) => return assert!(separator.is_some(), "{}", fault.0),
        }
    }
    match separator {
        None => assert_eq!(back, expected),
        Some(separator) if expected.iter().any(|(_, content)| content.contains(&separator)) => {}
        Some(_) => {
            // A line says nothing of its kind.
            let contents = |messages: Vec<(Kind, Vec<u8>)>| messages.into_iter().map(|(_, content)| content);
            assert!(contents(back).eq(contents(expected)));
        }
    }
}
