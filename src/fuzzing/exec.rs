//! What passes between clients and the command of `--exec`.

use super::stdin::file_of;
use crate::server::modes::{Framer, Framing};
use crate::stdio::input::Step;
use crate::stdio::queue::Queue;
use crate::ws::{Data, Item, Kind};

type OwnedMessage = (Kind, Vec<u8>);

/// Messages as a command gets them, and sends them back: with `json` they are the same. Otherwise all that is left of their
/// limits are the separators, and what isn't text is told.
pub fn framing(framing: u8, messages: &[(bool, &[u8])]) {
    let (_, framing) = Framing::NAMES[usize::from(framing) % Framing::NAMES.len()];
    let expected: Vec<OwnedMessage> =
        messages.iter().map(|(is_text, content)| (kind(*is_text, content), content.to_vec())).collect();
    let written = framed(framing, &expected);
    if written.len() > super::stdin::PIPE {
        return;
    }
    let Some((back, fault)) = read(framing, &written) else { return };
    let separator = match framing {
        Framing::Json => {
            assert_eq!((back, fault), (expected, None));
            return;
        }
        Framing::Lines => b'\n',
        Framing::Null => 0,
    };
    let messages = written.split_inclusive(|byte| *byte == separator);
    let contents: Vec<&[u8]> = messages.map(|message| &message[..message.len() - 1]).collect();
    let are_text = contents.iter().take_while(|content| str::from_utf8(content).is_ok()).count();
    assert!(back.iter().map(|(_, content)| content.as_slice()).eq(contents[..are_text].iter().copied()));
    assert_eq!(fault.is_some(), are_text < contents.len(), "{fault:?}");
    let joined = |contents: &[&[u8]]| contents.join(&separator);
    let sent: Vec<&[u8]> = expected.iter().map(|(_, content)| content.as_slice()).collect();
    assert_eq!(joined(&contents), joined(&sent));
}

fn kind(is_text: bool, content: &[u8]) -> Kind {
    if is_text && str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary }
}

/// What the command reads. Each message arrives in two parts.
fn framed(framing: Framing, messages: &[OwnedMessage]) -> Vec<u8> {
    let (mut framer, mut queue, mut written) = (Framer::new(framing), Queue::default(), Vec::new());
    for (kind, content) in messages {
        let halves = content.split_at(content.len() / 2);
        for (bytes, first, last) in [(halves.0, true, false), (halves.1, false, true)] {
            framer.push(&Data::received(*kind, bytes, first, last), &mut queue);
        }
    }
    queue.write(&mut |bytes| Ok(written.extend_from_slice(bytes))).unwrap_or_default();
    written
}

/// The messages in what a command writes, and the fault that ends them.
fn read(framing: Framing, written: &[u8]) -> Option<(Vec<OwnedMessage>, Option<String>)> {
    let (mut source, mut back, mut content) = (framing.source(file_of(written)?), Vec::new(), Vec::new());
    while !source.is_finished() {
        match source.next() {
            Ok(Some(Step::Send(Item::Part { kind, bytes, last }))) => {
                content.extend_from_slice(bytes);
                if last {
                    back.push((kind, std::mem::take(&mut content)));
                }
            }
            Ok(Some(step)) => unreachable!("{step:?}"),
            Ok(None) => drop(source.read()),
            Err(fault) => return Some((back, Some(fault.into_words()))),
        }
    }
    Some((back, None))
}
