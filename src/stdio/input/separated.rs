//! stdin taken apart at a separator, or not at all, in bounded memory however long a message is.

use std::io;

use memchr::memchr;

use super::{InputFault, Reader, Source, Step};
use crate::values::{not_text, utf16};
use crate::ws::{Item, Kind, Utf8, is_ascii};

/// Bytes read at once: short lines and their frame headers together still fit one segment of the
/// loopback interface, 65,483 bytes, and a write over that costs a second one.
pub(super) const AT_ONCE: usize = 60 * 1024;

/// Messages between separators. A long one comes in parts.
#[derive(Debug)]
pub(super) struct Separated {
    reader: Reader,
    separator: Option<u8>,
    /// Of a CR before the separator nothing is left.
    crlf: bool,
    /// The size of a part.
    part: usize,
    kind: Kind,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    /// The beginning of the current message has been given already.
    inside: bool,
    utf8: Utf8,
    /// All that is in the buffer is ASCII, and no character is incomplete before it.
    ascii: bool,
    number: u64,
    origin: &'static str,
}

impl Separated {
    /// Without a separator all of it is one message. A message of up to `part` bytes comes in one part.
    pub(super) fn new(reader: Reader, separator: Option<u8>, kind: Kind, part: usize) -> Self {
        Self {
            reader,
            separator,
            crlf: false,
            part,
            kind,
            // One byte more: the separator of a message that just fits, or the first byte of the next part.
            buffer: vec![0; part + 1],
            start: 0,
            end: 0,
            at_end: false,
            inside: separator.is_none(),
            utf8: Utf8::default(),
            ascii: true,
            number: 1,
            origin: "stdin",
        }
    }

    /// What it is called in messages.
    pub(super) fn called(self, origin: &'static str) -> Self {
        Self { origin, ..self }
    }

    /// The CR of a CR LF goes too.
    pub(super) fn without_carriage_returns(self) -> Self {
        // One byte more: the CR of a message that just fits.
        Self { crlf: true, buffer: vec![0; self.part + 2], ..self }
    }

    /// Where the message is that is read, in words.
    pub(super) fn place(&self) -> String {
        match self.separator {
            Some(b'\n') => format!("line {} of {}", self.number, self.origin),
            Some(_) => format!("message {} of {}", self.number, self.origin),
            None => self.origin.to_owned(),
        }
    }

    fn not_text(&self) -> InputFault {
        InputFault::NotText(if self.reader.is_utf16() { utf16(self.origin) } else { not_text(self.place()) })
    }
}

impl Source for Separated {
    fn read(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let limit = self.buffer.len().min(self.end + AT_ONCE);
        if let Some(count) = self.reader.read(&mut self.buffer[self.end..limit])? {
            let read = &self.buffer[self.end..self.end + count];
            // Told once a read, which is cheaper than once a message.
            self.ascii = (self.ascii || self.end == 0) && self.utf8.is_complete() && is_ascii(read);
            self.end += count;
            self.at_end = count == 0;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Step<'_>>, InputFault> {
        let unread = &self.buffer[self.start..self.end];
        let separator = self.separator.and_then(|separator| memchr(separator, unread));
        let (length, last, skip) = match separator {
            Some(at) if self.crlf && unread[..at].ends_with(b"\r") => (at - 1, true, 2),
            Some(at) => (at, true, 1),
            None if unread.len() == self.buffer.len() => (self.part, false, 0),
            None if self.at_end && (self.inside || !unread.is_empty()) => (unread.len(), true, 0),
            None => return Ok(None),
        };
        let bytes = &self.buffer[self.start..self.start + length];
        let checked = self.kind == Kind::Binary || self.ascii;
        if !checked && (self.utf8.push(bytes).is_err() || (last && self.utf8.finish().is_err())) {
            return Err(self.not_text());
        }
        self.start += length + skip;
        self.inside = !last;
        self.number += u64::from(last);
        Ok(Some(Step::Send(Item::Part { kind: self.kind, bytes, last })))
    }

    fn is_finished(&self) -> bool {
        self.at_end && self.start == self.end && !self.inside
    }

    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn reader_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::*;

    const PART: usize = 64 * 1024;

    /// Every part of `input`, and the error if there is one.
    fn parts(separator: Option<u8>, kind: Kind, input: &[u8]) -> (Vec<(Vec<u8>, bool)>, Option<String>) {
        let (reader, writer) = io::pipe().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(reader));
        collected(Separated::new(Reader::of_text(file), separator, kind, PART), writer, input)
    }

    fn collected(
        mut source: Separated,
        mut writer: io::PipeWriter,
        input: &[u8],
    ) -> (Vec<(Vec<u8>, bool)>, Option<String>) {
        let mut found = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || drop(writer.write_all(input)));
            while !source.is_finished() {
                source.read().unwrap();
                loop {
                    match source.next() {
                        Ok(Some(Step::Send(Item::Part { bytes, last, .. }))) => found.push((bytes.to_vec(), last)),
                        Ok(Some(other)) => panic!("{other:?}"),
                        Ok(None) => break,
                        Err(fault) => return (found, Some(fault.into_words())),
                    }
                }
            }
            (found, None)
        })
    }

    fn lines(input: &[u8]) -> (Vec<(Vec<u8>, bool)>, Option<String>) {
        parts(Some(b'\n'), Kind::Text, input)
    }

    fn whole(text: &str) -> (Vec<u8>, bool) {
        (text.as_bytes().to_vec(), true)
    }

    #[test]
    fn lines_are_messages() {
        assert_eq!(lines(b"a\n\nb\r\nlast").0, [whole("a"), whole(""), whole("b\r"), whole("last")]);
        assert_eq!(lines(b"").0, []);
        assert_eq!(lines(b"\n").0, [whole("")]);
    }

    #[test]
    fn other_separators_leave_newlines_alone() {
        assert_eq!(parts(Some(0), Kind::Text, b"a\nb\0\0c").0, [whole("a\nb"), whole(""), whole("c")]);
        assert_eq!(parts(None, Kind::Text, b"a\nb\n").0, [whole("a\nb\n")]);
        assert_eq!(parts(None, Kind::Text, b"").0, [whole("")]);
    }

    #[test]
    fn a_long_line_comes_in_parts() {
        let just_fits = vec![b'x'; PART];
        assert_eq!(lines(&[&just_fits[..], b"\n"].concat()).0, [(just_fits.clone(), true)]);
        assert_eq!(lines(&just_fits).0, [(just_fits.clone(), true)]);
        let two_parts = [(just_fits.clone(), false), (just_fits.clone(), true)];
        assert_eq!(lines(&just_fits.repeat(2)).0, two_parts);
        assert_eq!(lines(&[&just_fits.repeat(2)[..], b"\n"].concat()).0, two_parts);
        assert_eq!(parts(None, Kind::Text, &just_fits.repeat(2)).0, two_parts);
        let long = "é".repeat(100_000);
        let (found, error) = lines(format!("{long}\nshort").as_bytes());
        assert_eq!(error, None);
        assert_eq!(found.iter().filter(|(_, last)| *last).count(), 2);
        let joined: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        assert_eq!(joined, format!("{long}short").into_bytes());
    }

    #[test]
    fn what_is_not_text_is_refused_with_its_place() {
        let (found, error) = lines(b"fine\nbad \xff\nnever");
        assert_eq!((found.len(), error.unwrap().contains("line 2 of stdin")), (1, true));
        assert!(lines(b"cut \xe2\x82").1.unwrap().contains("line 1"));
        assert_eq!(parts(Some(b'\n'), Kind::Binary, b"bad \xff\n").0, [(b"bad \xff".to_vec(), true)]);
    }
}
