//! From the bytes of a terminal to keys. Nothing here waits: what isn't whole yet stays until more comes or, because a key
//! would have been whole by now, until [`KeyReader::time_is_up`].

use std::mem;
use std::ops::RangeInclusive;

/// What ends a paste, exactly: any other escape sequence in one was pasted.
const PASTE_END: &[u8] = b"\x1b[201~";

/// A sequence longer than this is none: nothing of it is typed.
const LONGEST_SEQUENCE: usize = 4096;

/// Bytes of a paste that are kept.
const LARGEST_PASTE: usize = 64 * 1024 * 1024;

const ESCAPE: u8 = 0x1b;
const CANCEL: u8 = 0x18;
const BELL: u8 = 0x07;
/// Ctrl-V and Ctrl-Q.
const QUOTES: [u8; 2] = [0x16, 0x11];

/// A key, or what a terminal sends in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Character(char),
    /// A control character other than Esc.
    Control(u8),
    Escape,
    /// With Alt, or behind Esc.
    Alt(char),
    /// The sequence of a key that the editor knows, whole.
    Sequence(Vec<u8>),
    /// A byte that is no UTF-8 where it stands.
    Byte(u8),
    /// What came behind Ctrl-V, to be typed as it is.
    Quoted(Vec<u8>),
    /// What stood between the marks of a paste.
    Paste(Vec<u8>),
    /// A paste of which not all could be kept: its size.
    PasteTooLarge(usize),
}

#[derive(Debug, Default)]
pub(super) struct KeyReader {
    state: State,
    /// What came of a key that isn't whole yet.
    pending: Vec<u8>,
    quoting: bool,
    /// How much of a paste isn't kept.
    lost: usize,
    keys: Vec<Key>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// Inside a character of several bytes.
    Character,
    Escape,
    /// Behind `ESC [`.
    Csi,
    /// Behind `ESC O`.
    Ss3,
    /// Behind `ESC ]`, `P`, `X`, `^` or `_`: what a terminal answers.
    Text,
    /// The three bytes behind the `ESC [ M` of a mouse.
    Mouse,
    Paste,
}

impl KeyReader {
    /// The keys that these bytes complete.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<Key> {
        bytes.iter().for_each(|byte| self.byte(*byte));
        mem::take(&mut self.keys)
    }

    /// Whether something waits that time makes a key, or nothing, of.
    pub(super) fn is_inside_key(&self) -> bool {
        !matches!(self.state, State::Ground | State::Paste)
    }

    /// Whether a paste has begun and not ended.
    pub(super) fn is_inside_paste(&self) -> bool {
        self.state == State::Paste
    }

    /// Nothing more belongs to what has come of a key. A sequence that was cut off is no key; Esc alone is one.
    pub(super) fn time_is_up(&mut self) -> Vec<Key> {
        if !self.is_inside_key() {
            return Vec::new();
        }
        let pending = mem::take(&mut self.pending);
        match mem::take(&mut self.state) {
            State::Escape => self.keys.push(Key::Escape),
            State::Character => self.keys.extend(pending.into_iter().map(Key::Byte)),
            State::Text if pending.len() == 2 => self.keys.push(Key::Alt(pending[1].into())),
            _ => {}
        }
        mem::take(&mut self.keys)
    }

    /// What has come of a paste is dropped, and the paste is over.
    pub(super) fn drop_paste(&mut self) {
        self.pending.clear();
        self.lost = 0;
        self.state = State::Ground;
    }

    fn byte(&mut self, byte: u8) {
        match self.state {
            State::Ground => self.ground(byte),
            State::Character => self.character(byte),
            State::Escape => self.escape(byte),
            State::Csi => self.csi(byte),
            State::Ss3 => self.ss3(byte),
            State::Text => self.text(byte),
            State::Mouse => self.mouse(byte),
            State::Paste => self.paste(byte),
        }
    }

    fn ground(&mut self, byte: u8) {
        match byte {
            0x80.. => {
                self.pending.push(byte);
                self.state = State::Character;
                self.judge_character();
            }
            _ if mem::take(&mut self.quoting) => self.keys.push(Key::Quoted(vec![byte])),
            ESCAPE => self.begin(State::Escape, byte),
            _ if QUOTES.contains(&byte) => self.quoting = true,
            0x00..=0x1f | 0x7f => self.keys.push(Key::Control(byte)),
            _ => self.keys.push(Key::Character(byte.into())),
        }
    }

    fn begin(&mut self, state: State, byte: u8) {
        self.state = state;
        self.pending.push(byte);
    }

    fn end(&mut self) -> Vec<u8> {
        self.state = State::Ground;
        mem::take(&mut self.pending)
    }

    fn character(&mut self, byte: u8) {
        self.pending.push(byte);
        self.judge_character();
    }

    /// Whether the character is whole, may become one, or is none: then its first bytes are themselves, and the last one
    /// begins anew.
    fn judge_character(&mut self) {
        match std::str::from_utf8(&self.pending) {
            Ok(text) => {
                let character = text.chars().next();
                let bytes = self.end();
                let key = match character {
                    _ if mem::take(&mut self.quoting) => Key::Quoted(bytes),
                    // Its own bytes: the editor would take it for a key.
                    Some(c) if c.is_control() => Key::Quoted(bytes),
                    Some(c) => Key::Character(c),
                    None => return,
                };
                self.keys.push(key);
            }
            Err(fault) if fault.error_len().is_none() => {}
            Err(_) => {
                self.quoting = false;
                let mut bytes = self.end();
                let anew = if bytes.len() > 1 { bytes.pop() } else { None };
                self.keys.extend(bytes.into_iter().map(Key::Byte));
                if let Some(byte) = anew {
                    self.ground(byte);
                }
            }
        }
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'[' => self.begin(State::Csi, byte),
            b'O' => self.begin(State::Ss3, byte),
            b']' | b'P' | b'X' | b'^' | b'_' => self.begin(State::Text, byte),
            // Some terminals send Alt with an arrow so.
            ESCAPE if self.pending.len() == 1 => self.pending.push(byte),
            ESCAPE => {}
            _ => {
                self.end();
                match byte {
                    0x20..=0x7e => self.keys.push(Key::Alt(byte.into())),
                    // Alt with Enter, Backspace and other control characters.
                    0x00..=0x1f | 0x7f => self.keys.push(Key::Sequence(vec![ESCAPE, byte])),
                    _ => {
                        self.keys.push(Key::Escape);
                        self.ground(byte);
                    }
                }
            }
        }
    }

    fn csi(&mut self, byte: u8) {
        match byte {
            // A Linux console's function keys have a second bracket.
            b'[' if self.pending.ends_with(b"[") => self.pending.push(byte),
            0x20..=0x3f => self.pending.push(byte),
            0x40..=0x7e => {
                self.pending.push(byte);
                self.end_csi();
            }
            _ => self.cut_off(byte),
        }
        if self.pending.len() > LONGEST_SEQUENCE {
            self.end();
        }
    }

    fn end_csi(&mut self) {
        let sequence = self.end();
        let body = sequence.iter().rposition(|byte| *byte == ESCAPE).map_or(&[][..], |at| &sequence[at + 1..]);
        match body {
            b"[200~" => self.state = State::Paste,
            b"[M" => self.begin(State::Mouse, 0),
            _ if is_known(body) => self.keys.push(Key::Sequence(sequence)),
            _ => {}
        }
    }

    fn ss3(&mut self, byte: u8) {
        if !(0x20..=0x7e).contains(&byte) {
            return self.cut_off(byte);
        }
        self.pending.push(byte);
        let sequence = self.end();
        if b"ABCDFHMPQRS".contains(&byte) {
            self.keys.push(Key::Sequence(sequence));
        }
    }

    /// A byte that belongs to no sequence begins something else.
    fn cut_off(&mut self, byte: u8) {
        self.end();
        if byte != CANCEL {
            self.ground(byte);
        }
    }

    fn text(&mut self, byte: u8) {
        let ends = byte == BELL || byte == CANCEL || (byte == b'\\' && self.pending.ends_with(&[ESCAPE]));
        if ends || self.pending.len() > LONGEST_SEQUENCE {
            self.end();
        } else {
            self.pending.push(byte);
        }
    }

    fn mouse(&mut self, byte: u8) {
        self.pending.push(byte);
        if self.pending.len() > 3 {
            self.end();
        }
    }

    fn paste(&mut self, byte: u8) {
        self.pending.push(byte);
        if self.pending.ends_with(PASTE_END) {
            let mut pasted = self.end();
            pasted.truncate(pasted.len() - PASTE_END.len());
            self.keys.push(match mem::take(&mut self.lost) {
                0 => Key::Paste(pasted),
                lost => Key::PasteTooLarge(lost + pasted.len()),
            });
        } else if self.pending.len() > LARGEST_PASTE {
            // The end may have begun.
            let kept = self.pending.split_off(self.pending.len() - PASTE_END.len());
            self.lost += mem::replace(&mut self.pending, kept).len();
        }
    }
}

/// Whether the editor knows the key of `[` and what follows. It is sent no other: of one that it doesn't know it would
/// type the end.
fn is_known(body: &[u8]) -> bool {
    let Some((last, body)) = body.split_last() else { return false };
    let parameters = body.strip_prefix(b"[").unwrap_or(body);
    let in_range = |number: &[u8], range: RangeInclusive<u8>| matches!(number, [digit] if range.contains(digit));
    match (parameters, last) {
        (b"", b'A'..=b'D' | b'F' | b'H' | b'Z' | b'a'..=b'd') => true,
        (b"5", b'A'..=b'D') => true,
        ([b'1', b';', modifier @ ..], b'A'..=b'D' | b'F' | b'H') => in_range(modifier, b'2'..=b'9'),
        (number, b'~') if in_range(number, b'1'..=b'8') => true,
        (b"11" | b"12" | b"13" | b"14" | b"15" | b"17" | b"18" | b"19" | b"20" | b"21" | b"23" | b"24", b'~') => true,
        ([b'2' | b'3' | b'5' | b'6', b';', modifier @ ..], b'~') => in_range(modifier, b'2'..=b'8'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of `bytes`, the same however they are cut.
    fn keys(bytes: &[u8]) -> Vec<Key> {
        let whole = KeyReader::default().read(bytes);
        let mut reader = KeyReader::default();
        let apart: Vec<Key> = bytes.iter().flat_map(|byte| reader.read(&[*byte])).collect();
        assert_eq!(whole, apart);
        whole
    }

    /// What comes of bytes behind which nothing follows.
    fn alone(bytes: &[u8]) -> Vec<Key> {
        let mut reader = KeyReader::default();
        assert_eq!(reader.read(bytes), []);
        assert!(reader.is_inside_key());
        let keys = reader.time_is_up();
        assert!(!reader.is_inside_key());
        assert_eq!(reader.read(b"a"), [Key::Character('a')]);
        keys
    }

    #[test]
    fn characters_and_controls_are_keys() {
        let expected =
            [Key::Character('a'), Key::Character('ä'), Key::Control(3), Key::Character('😀'), Key::Control(127)];
        assert_eq!(keys("aä\x03😀\x7f".as_bytes()), expected);
        assert_eq!(keys(b"\x1bb\x1b\r"), [Key::Alt('b'), Key::Sequence(b"\x1b\r".to_vec())]);
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_keys_of_their_own() {
        assert_eq!(keys(b"\xe1b"), [Key::Byte(0xe1), Key::Character('b')]);
        assert_eq!(keys(b"\xff\xc3\x1b[A"), [Key::Byte(0xff), Key::Byte(0xc3), Key::Sequence(b"\x1b[A".to_vec())]);
        assert_eq!(alone(b"\xf0\x9f"), [Key::Byte(0xf0), Key::Byte(0x9f)]);
    }

    #[test]
    fn what_is_cut_off_waits_for_nothing() {
        assert_eq!(alone(b"\x1b"), [Key::Escape]);
        assert_eq!(alone(b"\x1b\x1b"), [Key::Escape]);
        assert_eq!(alone(b"\x1b["), []);
        assert_eq!(alone(b"\x1b[1;"), []);
        assert_eq!(alone(b"\x1bO"), []);
        assert_eq!(alone(b"\x1b]"), [Key::Alt(']')]);
        assert_eq!(alone(b"\x1b]11;rgb:0/0/0"), []);
    }

    #[test]
    fn a_sequence_that_the_editor_does_not_know_types_nothing() {
        let unknown: [&[u8]; 10] = [
            b"\x1b[27;5;13~",
            b"\x1b[13;5u",
            b"\x1b[<0;10;10M",
            b"\x1b[M !!",
            b"\x1b]11;rgb:0000/0000/0000\x1b\\",
            b"\x1b]11;rgb:0000/0000/0000\x07",
            b"\x1bP>|tmux 3.4\x1b\\",
            b"\x1b[12;40R",
            b"\x1b[?62;22c",
            b"\x1b[[A",
        ];
        for sequence in unknown {
            assert_eq!(keys(sequence), [], "{}", sequence.escape_ascii());
        }
        for known in ["\x1b[A", "\x1b[1;5C", "\x1b[3~", "\x1b[3;5~", "\x1bOH", "\x1b[Z", "\x1b\x1b[D"] {
            assert_eq!(keys(known.as_bytes()), [Key::Sequence(known.into())]);
        }
    }

    #[test]
    fn a_paste_is_what_stands_between_its_marks() {
        for pasted in [&b"a\x1b"[..], b"\x1b[A\x1b[200~\xff\r\n\x03", b"", b"\x1b[201"] {
            let marked = [b"\x1b[200~", pasted, b"\x1b[201~b"].concat();
            assert_eq!(keys(&marked), [Key::Paste(pasted.to_vec()), Key::Character('b')]);
        }
    }

    #[test]
    fn what_is_quoted_is_typed() {
        assert_eq!(
            keys(b"\x16\x1b\x16\x16\x11\xc3\xa4"),
            [Key::Quoted(b"\x1b".to_vec()), Key::Quoted(b"\x16".to_vec()), Key::Quoted("ä".into())]
        );
    }
}
