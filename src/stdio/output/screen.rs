//! Messages on a terminal, made safe and folded to its width, so that no message can go on where the next one would begin:
//! each whole, and a large one as it arrives.

use super::{OutputFormat, Queue};
use crate::peer_text::Escaped;
use crate::stdio::terminal::Columns;
use crate::view::message::Shown;
use crate::view::wrap::Folding;
use crate::ws::{Data, Kind, Message};

/// A text up to this size, in bytes, is shown once it is whole; of binary so much is kept for the dump.
const GATHERED: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct ScreenFormat {
    columns: Columns,
    gathered: Vec<u8>,
    /// Of this message.
    length: usize,
    /// Where the message goes on whose beginning is on the screen.
    folding: Option<Folding>,
    mark: Mark,
    /// The message that is shown now begins with the mark.
    is_marked: bool,
}

/// What tells a message from other lines of the terminal, which stands in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// There are none but messages.
    None,
    /// From lines that were typed.
    Received,
    /// From lines of ours, where it might be one: those are in words, and none begins so.
    Words,
}

impl Mark {
    fn before(self, kind: Kind, text: &[u8]) -> &'static str {
        match self {
            Self::Received => "< ",
            Self::Words if kind == Kind::Text && may_be_ours(text) => "| ",
            Self::None | Self::Words => "",
        }
    }
}

/// Whether a text could be a line of ours: one in words, which doesn't begin as JSON does.
fn may_be_ours(text: &[u8]) -> bool {
    /// The only one that is a single word.
    const WORD: &[u8] = b"reconnected";
    let is_json =
        text.starts_with(b"{") || text.starts_with(b"\"") || (text.starts_with(b"[") && !text.starts_with(b"[log]"));
    let has_blanks = text.iter().any(|byte| byte.is_ascii_whitespace()) || !text.is_ascii();
    (has_blanks && !is_json) || text == WORD
}

impl ScreenFormat {
    pub(super) fn new(columns: Columns) -> Self {
        Self { columns, gathered: Vec::new(), length: 0, folding: None, mark: Mark::None, is_marked: false }
    }

    /// The same with that in front of every message.
    pub(super) fn marked(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }
}

impl OutputFormat for ScreenFormat {
    fn data(&mut self, data: &Data<'_>, out: &mut Queue) {
        self.length += data.bytes.len();
        let room = match data.kind {
            Kind::Text => data.bytes.len(),
            Kind::Binary => GATHERED.saturating_sub(self.gathered.len()).min(data.bytes.len()),
        };
        self.gathered.extend_from_slice(&data.bytes[..room]);
        if data.last {
            self.end(data.kind, out);
        } else if self.gathered.len() > GATHERED {
            self.show(out);
        }
    }

    fn cut_off(&mut self, out: &mut Queue) {
        if self.folding.is_some() {
            out.push(b'\n');
        }
        *self = Self::new(self.columns).marked(self.mark);
    }
}

impl ScreenFormat {
    fn end(&mut self, kind: Kind, out: &mut Queue) {
        if self.folding.is_some() {
            self.show_text(self.gathered.len(), out);
        } else {
            self.mark(kind, out);
            let message = Message { kind, content: &self.gathered };
            self.show_whole(&Shown { message, length: self.length }.to_string(), out);
        }
        out.push(b'\n');
        self.gathered.clear();
        (self.length, self.folding, self.is_marked) = (0, None, false);
    }

    /// Puts the mark before the message, once.
    fn mark(&mut self, kind: Kind, out: &mut Queue) {
        if !std::mem::replace(&mut self.is_marked, true) {
            out.extend_from_slice(self.mark.before(kind, &self.gathered).as_bytes());
        }
    }

    fn show_whole(&self, message: &str, out: &mut Queue) {
        let mut shown = String::new();
        for (number, line) in message.split('\n').enumerate() {
            let mut folding = if number == 0 { self.begin(out) } else { Folding::behind("", (self.columns)()) };
            if number > 0 {
                shown.push('\n');
            }
            folding.push(line, &mut shown);
        }
        out.extend_from_slice(shown.as_bytes());
    }

    /// The time may stand before the message.
    fn begin(&self, out: &Queue) -> Folding {
        let before = out.bytes();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Folding::behind(&String::from_utf8_lossy(&before[line_start..]), (self.columns)())
    }

    /// Shows what has come of a text, but for a character that hasn't come whole.
    fn show(&mut self, out: &mut Queue) {
        let whole = match str::from_utf8(&self.gathered) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.gathered.len(),
        };
        self.mark(Kind::Text, out);
        self.show_text(whole, out);
        self.gathered.drain(..whole);
    }

    fn show_text(&mut self, length: usize, out: &mut Queue) {
        let mut folding = self.folding.take().unwrap_or_else(|| self.begin(out));
        let mut shown = String::new();
        let text = String::from_utf8_lossy(&self.gathered[..length]);
        folding.push(&Escaped(&text).to_string(), &mut shown);
        out.extend_from_slice(shown.as_bytes());
        self.folding = Some(folding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::amount::Count;

    fn shown(kind: Kind, content: &[u8], part: usize) -> String {
        let (mut screen, mut out) = (ScreenFormat::new(|| usize::MAX / 2), Queue::default());
        let mut parts = content.chunks(part).peekable();
        let mut first = true;
        while let Some(bytes) = parts.next() {
            let last = parts.peek().is_none();
            screen.data(&Data::received(kind, bytes, first, last), &mut out);
            assert!(screen.gathered.len() <= GATHERED + part);
            first = false;
        }
        String::from_utf8(out.bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_large_message_is_shown_as_it_arrives() {
        let text = "\u{1b}é€😀\n".repeat(GATHERED / 4);
        let expected = "\\x1bé€😀\\n".repeat(GATHERED / 4) + "\n";
        for part in [4093, GATHERED + 1, text.len()] {
            assert!(shown(Kind::Text, text.as_bytes(), part) == expected, "{part}");
        }
    }

    #[test]
    fn what_may_be_a_line_of_ours_has_a_mark() {
        let shown = |kind, text: &[u8]| {
            let (mut screen, mut out) = (ScreenFormat::new(|| 80).marked(Mark::Words), Queue::default());
            screen.data(&Data::received(kind, text, true, true), &mut out);
            String::from_utf8(out.bytes().to_vec()).unwrap()
        };
        for text in
            ["wscli: no", "peer closed: 1000", "* note", "> GET / HTTP/1.1", "reconnected", "[log] 1 line", " hint"]
        {
            assert_eq!(shown(Kind::Text, text.as_bytes()), format!("| {text}\n"));
        }
        for text in ["{\"a\": 1}", "[1, 2]", "\"a b\"", "hello", "42", "", "| ", "| peer"] {
            let marked = if text.starts_with('|') { "| " } else { "" };
            assert_eq!(shown(Kind::Text, text.as_bytes()), format!("{marked}{text}\n"));
        }
        assert!(shown(Kind::Binary, b"a b").starts_with("binary, 3 bytes\n"));
    }

    #[test]
    fn a_large_dump_says_how_much_there_is() {
        let lines = shown(Kind::Binary, &[7; 3 * GATHERED], 4096);
        let left = 3 * GATHERED - 256;
        assert!(lines.starts_with("binary, 196,608 bytes\n00000000  07 07"));
        assert!(lines.ends_with(&format!("\n… and {} more\n", Count(left as u64, "byte"))), "{lines}");
    }
}
