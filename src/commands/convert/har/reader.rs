//! A HAR, read as a stream: of what is not about WebSockets nothing is kept, and messages wait on disk until the connection that
//! they belong to is known.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::document::{HarClose, HarMessageRead};
use super::entry::{EntryFault, HarEntry};
use super::lenient::HarObject;
use crate::commands::convert::RecordingTarget;
use crate::commands::convert::scratch::SpillFile;
use crate::commands::recording::CopyError;
use crate::error::Error;
use crate::stdio::console::Console;
use crate::stdio::recording_reader::BadLines;
use crate::view::amount::Count;
use crate::view::json_text;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Reads one HAR.
pub(in crate::commands::convert) struct HarReader {
    source: Box<dyn Read>,
    path: PathBuf,
    bad_lines: BadLines,
    console: Console,
}

impl HarReader {
    /// Opens a file, compressed or not; `-` is stdin. What is passed over is told through `console`.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(in crate::commands::convert) fn open(
        path: &Path,
        bad_lines: BadLines,
        console: Console,
    ) -> Result<Self, Error> {
        let unreadable = |why| Error::unreadable(path, &why);
        let file: Box<dyn Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(unreadable)?)
        };
        let source = decompressed(file).map_err(unreadable)?;
        Ok(Self { source, path: path.to_owned(), bad_lines, console })
    }

    /// Gives the target the lines of each connection, one connection after the other.
    pub(in crate::commands::convert) fn read(self, target: &mut dyn RecordingTarget) -> Result<(), CopyError> {
        let Self { source, path, bad_lines, console } = self;
        let mut reading = HarReading {
            target,
            path: &path,
            bad_lines,
            console: &console,
            scratch: SpillFile::default(),
            has_entries: false,
            entries: 0,
            connections: 0,
            sanitised: 0,
            stopped: None,
        };
        let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(PIECE, source));
        let document = FieldSeed::new("log", FieldSeed::new("entries", EntriesSeed(&mut reading)));
        let read = document.deserialize(&mut json).and_then(|()| json.end());
        if let Some(stopped) = reading.stopped.take() {
            return Err(stopped);
        }
        reading.finish(read)
    }
}

/// By the first bytes: mitmproxy writes zlib, and gzip is anybody's.
fn decompressed(file: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut source = BufReader::with_capacity(PIECE, file);
    let beginning = source.fill_buf()?;
    Ok(match beginning {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(source)),
        [0x78, flags, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31) => Box::new(ZlibDecoder::new(source)),
        [0xef, 0xbb, 0xbf, ..] => {
            source.consume(3);
            Box::new(source)
        }
        _ => Box::new(source),
    })
}

/// What is known of a HAR that is being read.
struct HarReading<'a> {
    target: &'a mut dyn RecordingTarget,
    path: &'a Path,
    bad_lines: BadLines,
    console: &'a Console,
    scratch: SpillFile,
    has_entries: bool,
    entries: u64,
    /// Entries that were of a WebSocket.
    connections: u64,
    /// Connections of a browser whose request has no secrets, as where they were taken out.
    sanitised: u64,
    /// Why nothing more is read, where that isn't the JSON.
    stopped: Option<CopyError>,
}

impl HarReading<'_> {
    /// What to say of the whole. `read` is what has become of the JSON.
    fn finish(self, read: Result<(), serde_json::Error>) -> Result<(), CopyError> {
        if let Err(error) = &read {
            let (line, column) = (error.line(), error.column());
            let why = match error.is_eof() {
                true => format!("it is cut off at line {line}, column {column}"),
                false => format!("line {line}, column {column}: {}", json_text::fault(error)),
            };
            if self.connections == 0 || self.bad_lines == BadLines::Refuse {
                return Err(Error::file(self.path, format!("it is not a whole HAR file: {why}")).into());
            }
            self.console.line(format_args!("what follows is passed over: {why}"));
        }
        if !self.has_entries {
            return Err(Error::file(self.path, "it is not a HAR file: it has no \"log\" with \"entries\"").into());
        }
        if self.connections == 0 {
            let entries = match self.entries {
                1 => "its one entry is not of a WebSocket".to_owned(),
                count => format!("none of its {count} entries is of a WebSocket"),
            };
            let advice = "a browser has those that were opened while its developer tools were open";
            return Err(Error::file(self.path, format!("{entries}: {advice}")).into());
        }
        if self.sanitised > 0 {
            let connections = Count(self.sanitised, "connection");
            self.console.line(format_args!(
                "{connections} without Cookie and Authorization: a browser leaves them out, unless it exports with sensitive data"
            ));
        }
        Ok(())
    }

    /// What can't be understood of an entry.
    fn pass_over(&mut self, fault: EntryFault) -> Result<(), CopyError> {
        let number = self.entries;
        let place = fault.message.map_or_else(String::new, |message| format!(", message {message}"));
        let why = fault.why;
        if self.bad_lines == BadLines::Refuse {
            return Err(Error::file(self.path, format!("entry {number}{place}: {why}")).into());
        }
        self.console.line(format_args!("entry {number}{place} is passed over: {why}"));
        Ok(())
    }

    /// An entry is whole.
    fn entry(&mut self, entry: HarEntry) -> Result<(), CopyError> {
        if entry.is_of_a_websocket() {
            match entry.check() {
                Err(why) => self.pass_over(EntryFault { message: None, why })?,
                Ok(()) => {
                    self.connections += 1;
                    self.sanitised += u64::from(entry.is_sanitised());
                    for doubt in &entry.doubts {
                        self.console.line(format_args!("entry {}: {doubt}", self.entries));
                    }
                    if entry.more_doubts > 0 {
                        let more = Count(entry.more_doubts, "more message");
                        self.console.line(format_args!("entry {}: {more} of such kinds", self.entries));
                    }
                    entry.tell(self.connections, &self.scratch, self.target)?;
                }
            }
        }
        self.scratch.clear();
        Ok(())
    }

    /// Takes note of what ends the reading, in words for serde that nobody sees.
    fn stop<E: de::Error>(&mut self, why: impl Into<CopyError>) -> E {
        self.stopped.get_or_insert(why.into());
        E::custom("stopped")
    }
}

/// Reads one field of an object, and passes over the others.
struct FieldSeed<S> {
    name: &'static str,
    /// What it holds; `None` once that is read.
    seed: Option<S>,
}

impl<S> FieldSeed<S> {
    fn new(name: &'static str, seed: S) -> Self {
        Self { name, seed: Some(seed) }
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for FieldSeed<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for FieldSeed<S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with {:?}", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match self.seed.take_if(|_| name == self.name) {
                Some(seed) => map.next_value_seed(seed)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// `entries`.
struct EntriesSeed<'a, 'b>(&'a mut HarReading<'b>);

impl<'de> DeserializeSeed<'de> for EntriesSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for EntriesSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the entries of a HAR")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let reading = self.0;
        reading.has_entries = true;
        loop {
            let mut entry = HarEntry::default();
            reading.entries += 1;
            if seq.next_element_seed(EntrySeed(&mut (&mut *reading, &mut entry)))?.is_none() {
                reading.entries -= 1;
                return Ok(());
            }
            reading.entry(entry).map_err(|why| reading.stop(why))?;
        }
    }
}

type OpenEntry<'a, 'b> = (&'a mut HarReading<'b>, &'a mut HarEntry);

/// One of `entries`.
struct EntrySeed<'a, 'b, 'c>(&'a mut OpenEntry<'b, 'c>);

impl<'de> DeserializeSeed<'de> for EntrySeed<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for EntrySeed<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (reading, entry) = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "startedDateTime" => entry.started = map.next_value()?,
                "request" => entry.request = map.next_value::<HarObject<_>>()?.object().unwrap_or_default(),
                "response" => entry.response = map.next_value::<HarObject<_>>()?.object().unwrap_or_default(),
                "serverIPAddress" => entry.server_ip = map.next_value()?,
                "_resourceType" => entry.resource_type = map.next_value()?,
                "_webSocketClose" => entry.close = HarClose::of(map.next_value()?),
                "_webSocketMessages" => map.next_value_seed(MessagesSeed(&mut (&mut **reading, &mut **entry)))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// `_webSocketMessages`.
struct MessagesSeed<'a, 'b, 'c>(&'a mut OpenEntry<'b, 'c>);

impl<'de> DeserializeSeed<'de> for MessagesSeed<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MessagesSeed<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the messages of a WebSocket")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let (reading, entry) = self.0;
        entry.has_messages = true;
        let mut number = 0;
        while let Some(value) = seq.next_element::<HarObject<HarMessageRead>>()? {
            number += 1;
            let message = value.object().ok_or_else(|| "it is no object".to_owned()).and_then(HarMessageRead::message);
            let kept = match message.and_then(|message| entry.keep(message)) {
                Ok(()) => reading.scratch.store(&mut entry.messages, false).map_err(CopyError::from),
                Err(why) => reading.pass_over(EntryFault { message: Some(number), why }),
            };
            kept.map_err(|why| reading.stop::<A::Error>(why))?;
        }
        Ok(())
    }
}
