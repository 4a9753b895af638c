//! A HAR, read as a stream: of what is not about WebSockets nothing is kept, and messages wait on disk until the connection that
//! they belong to is known.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::document::HarMessage;
use super::entry::{EntryFault, HarEntry};
use super::json_reader::{JsonFault, JsonReader};
use crate::advice;
use crate::commands::convert::RecordingTarget;
use crate::commands::recording::{CopyError, SpillFile};
use crate::error::Error;
use crate::stdio::console::Console;
use crate::stdio::file::to_read;
use crate::stdio::recording_reader::BadLines;
use crate::view::amount::Count;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};

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
        let is_stdin = path == Path::new("-");
        let path = to_read(path).to_owned();
        let unreadable = |why| Error::unreadable(&path, &why);
        let file: Box<dyn Read> =
            if is_stdin { Box::new(io::stdin()) } else { Box::new(File::open(&path).map_err(unreadable)?) };
        let source = decompressed(file, &path)?;
        Ok(Self { source, path, bad_lines, console })
    }

    /// Gives the target the lines of each connection, one connection after the other.
    pub(in crate::commands::convert) fn read(self, target: &mut dyn RecordingTarget) -> Result<(), CopyError> {
        let Self { source, path, bad_lines, console } = self;
        let mut reading = HarReading {
            target,
            path: &path,
            bad_lines,
            console: &console,
            spill: SpillFile::default(),
            has_entries: false,
            entries: 0,
            connections: 0,
            sanitised: 0,
            without_messages: 0,
        };
        let mut json = JsonReader::new(BufReader::with_capacity(PIECE, source));
        match reading.document(&mut json) {
            Ok(()) => reading.finish(None),
            Err(HarStop::Json(fault)) => reading.finish(Some(fault)),
            Err(HarStop::Copy(stopped)) => Err(stopped),
        }
    }
}

/// By the first bytes: mitmproxy writes zlib, and gzip is anybody's.
///
/// # Errors
/// [`Error::File`] of nothing; [`Error::Usage`] of what is compressed in another way.
fn decompressed(file: Box<dyn Read>, path: &Path) -> Result<Box<dyn Read>, Error> {
    let mut source = BufReader::with_capacity(PIECE, file);
    let beginning = source.fill_buf().map_err(|why| Error::unreadable(path, &why))?;
    Ok(match beginning {
        [] => return Err(Error::file(path, "it is empty")),
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(source)),
        [0x78, flags, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31) => Box::new(ZlibDecoder::new(source)),
        [0xef, 0xbb, 0xbf, ..] => {
            source.consume(3);
            Box::new(source)
        }
        _ => {
            advice::check_har(path, beginning)?;
            Box::new(source)
        }
    })
}

/// What is known of a HAR that is being read.
struct HarReading<'a> {
    target: &'a mut dyn RecordingTarget,
    path: &'a Path,
    bad_lines: BadLines,
    console: &'a Console,
    spill: SpillFile,
    has_entries: bool,
    entries: u64,
    /// Entries that were of a WebSocket.
    connections: u64,
    /// Connections of a browser whose request has no secrets, as where they were taken out.
    sanitised: u64,
    /// Connections of which only the handshake is there.
    without_messages: u64,
}

/// Entries without messages that are told of, one by one.
const NAMED: u64 = 3;

/// Why nothing more is read.
enum HarStop {
    Json(JsonFault),
    Copy(CopyError),
}

impl From<JsonFault> for HarStop {
    fn from(fault: JsonFault) -> Self {
        Self::Json(fault)
    }
}

impl From<CopyError> for HarStop {
    fn from(stopped: CopyError) -> Self {
        Self::Copy(stopped)
    }
}

impl From<io::Error> for HarStop {
    fn from(why: io::Error) -> Self {
        Self::Copy(why.into())
    }
}

type HarSource = BufReader<Box<dyn Read>>;

impl HarReading<'_> {
    /// `log` and in it `entries`: each the first of its name.
    fn document(&mut self, json: &mut JsonReader<HarSource>) -> Result<(), HarStop> {
        let mut has_log = false;
        let is_object = json.object(|json, key| match key {
            "log" if !std::mem::replace(&mut has_log, true) => self.log(json),
            _ => Ok(json.pass()?),
        })?;
        if !is_object {
            return Err(json.wrong("it is not an object").into());
        }
        Ok(json.end()?)
    }

    fn log(&mut self, json: &mut JsonReader<HarSource>) -> Result<(), HarStop> {
        let is_object = json.object(|json, key| match key {
            "entries" if !std::mem::replace(&mut self.has_entries, true) => self.entries(json),
            _ => Ok(json.pass()?),
        })?;
        if is_object { Ok(()) } else { Err(json.wrong("\"log\" is not an object").into()) }
    }

    fn entries(&mut self, json: &mut JsonReader<HarSource>) -> Result<(), HarStop> {
        let is_array = json.array(|json| self.entry(json))?;
        if is_array { Ok(()) } else { Err(json.wrong("\"entries\" is not an array").into()) }
    }

    fn entry(&mut self, json: &mut JsonReader<HarSource>) -> Result<(), HarStop> {
        self.entries += 1;
        self.spill.clear();
        let mut entry = HarEntry::new(self.spill.strand());
        let is_object = json.object(|json, key| match key {
            "_webSocketMessages" => self.messages(json, &mut entry),
            key => Ok(entry.field(json, key)?),
        })?;
        if is_object {
            return Ok(self.tell(entry)?);
        }
        Ok(self.pass_over(EntryFault { message: None, why: "it is not an object".to_owned() })?)
    }

    fn messages(&mut self, json: &mut JsonReader<HarSource>, entry: &mut HarEntry) -> Result<(), HarStop> {
        let mut number = 0;
        entry.has_messages |= json.array(|json| {
            number += 1;
            match HarMessage::read(json)?.and_then(|message| entry.keep(message)) {
                Ok(None) => {}
                Ok(Some(record)) => self.spill.push(entry.messages(), |held| {
                    record.write(held);
                    Ok(())
                })?,
                Err(why) => self.pass_over(EntryFault { message: Some(number), why })?,
            }
            Ok::<_, HarStop>(())
        })?;
        Ok(())
    }

    /// What to say of the whole, with what is wrong with the JSON.
    fn finish(self, fault: Option<JsonFault>) -> Result<(), CopyError> {
        if let Some(why) = fault {
            if self.connections == 0 || self.bad_lines != BadLines::PassOver {
                let fault = Error::file(self.path, format!("it is not a whole HAR file: {why}"));
                return Err(if self.connections > 0 { fault.skippable() } else { fault }.into());
            }
            self.console.line(format_args!("the rest is skipped: {why}"));
        }
        if !self.has_entries {
            return Err(Error::file(self.path, "it is not a HAR file: it has no \"log\" with \"entries\"").into());
        }
        if self.connections == 0 {
            let entries = match self.entries {
                0 => "it has no entries".to_owned(),
                1 => "its only entry is not a WebSocket".to_owned(),
                count => format!("none of its {count} entries is a WebSocket"),
            };
            let advice = "a browser includes only those opened while its developer tools were open";
            return Err(Error::file(self.path, format!("{entries}: {advice}")).into());
        }
        if self.without_messages > NAMED {
            let more = Count(self.without_messages - NAMED, "more connection");
            self.console.line(format_args!("{more} without messages"));
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
        if self.bad_lines != BadLines::PassOver {
            return Err(Error::file(self.path, format!("entry {number}{place}: {why}")).skippable().into());
        }
        self.console.line(format_args!("entry {number}{place} skipped: {why}"));
        Ok(())
    }

    /// Says that of the connection of this entry there is nothing but the handshake.
    fn name_lack_of_messages(&self) {
        if self.without_messages <= NAMED {
            self.console.line(format_args!(
                "entry {} is a WebSocket without its messages: the program that wrote the HAR left them out",
                self.entries
            ));
        }
    }

    /// An entry is whole.
    fn tell(&mut self, entry: HarEntry) -> Result<(), CopyError> {
        if entry.is_of_a_websocket() {
            match entry.check() {
                Err(why) => self.pass_over(EntryFault { message: None, why })?,
                Ok(()) => {
                    self.connections += 1;
                    self.sanitised += u64::from(entry.is_sanitised());
                    if entry.lacks_messages() {
                        self.without_messages += 1;
                        self.name_lack_of_messages();
                    }
                    for doubt in &entry.doubts {
                        self.console.line(format_args!("entry {}: {doubt}", self.entries));
                    }
                    if entry.more_doubts > 0 {
                        let more = Count(entry.more_doubts, "more message");
                        self.console.line(format_args!("entry {}: {more} of such kinds", self.entries));
                    }
                    entry.tell(self.connections, &self.spill, self.target)?;
                }
            }
        }
        Ok(())
    }
}
