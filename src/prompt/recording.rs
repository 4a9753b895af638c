//! `/save` and `/log`: what came and went, as lines of JSON.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use data_encoding::BASE64;
use serde::Serialize;

use super::Prompt;
use crate::error::system_words;
use crate::view::amount::Count;
use crate::view::clock::timestamp;
use crate::ws::{Close, Direction, Kind, Message};

/// One line.
#[derive(Debug, Serialize)]
struct Event<'a> {
    time: String,
    direction: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Bytes of content.
    length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// What isn't UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trip_ms: Option<f64>,
}

impl<'a> Event<'a> {
    fn new(at: SystemTime, direction: Direction, kind: &'static str, content: &'a [u8], is_text: bool) -> Self {
        let text = str::from_utf8(content).ok().filter(|_| is_text);
        Self {
            time: timestamp(at),
            direction: if direction == Direction::Sent { "sent" } else { "received" },
            kind,
            length: content.len(),
            text,
            base64: text.is_none().then(|| BASE64.encode(content)),
            code: None,
            reason: None,
            round_trip_ms: None,
        }
    }

    fn message(at: SystemTime, direction: Direction, message: Message<'a>) -> Self {
        let is_text = message.kind == Kind::Text;
        Self::new(at, direction, if is_text { "text" } else { "binary" }, message.content, is_text)
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *to, self)?;
        to.write_all(b"\n")
    }
}

/// A file that events are written to as they happen.
#[derive(Debug)]
pub(super) struct Log {
    file: BufWriter<File>,
    shown: String,
}

/// A new file, or a longer one: what is there already stays. Nobody else gets to read it.
fn open(path: &Path, append: bool) -> Result<BufWriter<File>, String> {
    let opened = OpenOptions::new().create(true).write(true).append(append).truncate(!append).mode(0o600).open(path);
    opened.map(BufWriter::new).map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &io::Error) -> String {
    format!("can't write {}: {}", path.display(), system_words(error))
}

impl Prompt<'_> {
    /// Writes the messages that are still there.
    pub(super) fn save(&self, path: &Path) {
        let written = open(path, false).and_then(|mut file| {
            self.transcript
                .entries()
                .try_for_each(|entry| Event::message(entry.at, entry.direction, entry.message()).write(&mut file))
                .and_then(|()| file.flush())
                .map_err(|error| cannot(path, &error))
        });
        match written {
            Err(why) => self.screen.fault(why),
            Ok(()) => {
                let count = Count(self.transcript.entries().count() as u64, "message");
                self.screen.note(format_args!("{count} in {}", path.display()));
            }
        }
        if self.transcript.forgotten() > 0 {
            let forgotten = Count(self.transcript.forgotten(), "message");
            self.screen.note(format_args!("the {forgotten} before that are no longer kept; /log keeps everything"));
        }
    }

    /// Begins a log, or ends the one there is.
    pub(super) fn log(&mut self, path: Option<&Path>) {
        if let Some(mut log) = self.log.take() {
            match log.file.flush() {
                Ok(()) => self.screen.note(format_args!("{} is complete", log.shown)),
                Err(error) => self.screen.fault(cannot(Path::new(&log.shown), &error)),
            }
        }
        let Some(path) = path else { return };
        match open(path, true) {
            Err(why) => self.screen.fault(why),
            Ok(file) => {
                let shown = path.display().to_string();
                self.screen.note(format_args!("everything from now on goes to {shown} too; /log off ends that"));
                self.log = Some(Log { file, shown });
            }
        }
    }

    pub(super) fn log_message(&mut self, direction: Direction, message: Message<'_>) {
        if self.log.is_some() {
            self.write_to_log(&Event::message(SystemTime::now(), direction, message));
        }
    }

    pub(super) fn log_control(
        &mut self,
        direction: Direction,
        kind: &'static str,
        payload: &[u8],
        round_trip: Option<Duration>,
    ) {
        if self.log.is_some() {
            let mut event = Event::new(SystemTime::now(), direction, kind, payload, true);
            event.round_trip_ms = round_trip.map(|time| time.as_secs_f64() * 1000.0);
            self.write_to_log(&event);
        }
    }

    pub(super) fn log_close(&mut self, direction: Direction, close: &Close) {
        if self.log.is_some() {
            let mut event = Event::new(SystemTime::now(), direction, "close", &[], true);
            (event.text, event.length) = (None, close.payload().len());
            (event.code, event.reason) = (close.code.map(|code| code.0), Some(close.reason.as_str()));
            self.write_to_log(&event);
        }
    }

    /// A log that can't be written any more ends, and that is said.
    fn write_to_log(&mut self, event: &Event<'_>) {
        let Some(log) = &mut self.log else { return };
        if let Err(error) = event.write(&mut log.file) {
            self.screen.fault(cannot(Path::new(&log.shown), &error));
            self.log = None;
        }
    }

    /// What was logged reaches the file, whenever nothing is going on.
    pub(super) fn flush_log(&mut self) {
        if let Some(log) = &mut self.log
            && let Err(error) = log.file.flush()
        {
            self.screen.fault(cannot(Path::new(&log.shown), &error));
            self.log = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_line_of_json() {
        let at = SystemTime::UNIX_EPOCH;
        let mut line = Vec::new();
        let message = |kind, content| Message { kind, content };
        Event::message(at, Direction::Sent, message(Kind::Text, b"a\n")).write(&mut line).unwrap();
        Event::message(at, Direction::Received, message(Kind::Binary, b"\xff")).write(&mut line).unwrap();
        let expected = "{\"time\":\"1970-01-01T00:00:00Z\",\"direction\":\"sent\",\"type\":\"text\",\"length\":2,\
                        \"text\":\"a\\n\"}\n{\"time\":\"1970-01-01T00:00:00Z\",\"direction\":\"received\",\
                        \"type\":\"binary\",\"length\":1,\"base64\":\"/w==\"}\n";
        assert_eq!(str::from_utf8(&line), Ok(expected));
    }
}
