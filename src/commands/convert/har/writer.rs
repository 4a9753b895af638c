//! A recording as HAR: an entry is written once all is known of it, so what there is to say of it waits on disk.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use serde_json::{Map, json};
use url::Url;

use super::document::{
    ContentWritten, EntryWritten, HarClose, HarMessage, NameValue, RequestWritten, ResponseWritten, Timings,
};
use super::heads::HttpHead;
use crate::advice;
use crate::commands::convert::RecordingTarget;
use crate::commands::recording::{SpillFile, StrandId};
use crate::http::decimal;
use crate::stdio::console::Console;
use crate::trace::connection_lines::{
    ClosedLine, ConnectionLine, HandshakeHeads, Milestone, NotOpenedLine, OpenedLine, RecordedHandshake, RecordingRole,
};
use crate::trace::message_joiner::MessageJoiner;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recording_line::RecordingLine;
use crate::view::amount::Count;
use crate::view::clock;
use crate::ws::{Direction, Role, StatusCode};

/// Writes one HAR.
pub(in crate::commands::convert) struct HarWriter<W> {
    out: W,
    /// Control frames are written too.
    has_control: bool,
    console: Console,
    joiner: MessageJoiner,
    spill: SpillFile,
    entries: Vec<BegunEntry>,
    /// Where in `entries` the connection is that has this number.
    open: HashMap<Option<u64>, usize>,
    left_out: LeftOut,
}

/// A connection, as far as it has been read. There may be any number of them.
struct BegunEntry {
    number: Option<u64>,
    started: Option<SystemTime>,
    latest: Option<SystemTime>,
    role: RecordingRole,
    /// The lines about it.
    about: StrandId,
    messages: StrandId,
}

/// A connection, all of which is known but for its messages.
struct WrittenEntry {
    number: Option<u64>,
    started: Option<SystemTime>,
    latest: Option<SystemTime>,
    role: RecordingRole,
    url: String,
    address: Option<String>,
    heads: HandshakeHeads,
    /// Why it was not opened.
    error: Option<String>,
    close: Option<HarClose>,
    lasted: Option<Duration>,
}

/// What a HAR has no place for.
#[derive(Default)]
struct LeftOut {
    controls: u64,
    others: u64,
    truncated: u64,
    /// Messages that never ended.
    unended: u64,
}

impl<W: Write> HarWriter<W> {
    pub(in crate::commands::convert) fn new(out: W, has_control: bool, console: Console) -> Self {
        Self {
            out,
            has_control,
            console,
            joiner: MessageJoiner::default(),
            spill: SpillFile::default(),
            entries: Vec::new(),
            open: HashMap::new(),
            left_out: LeftOut::default(),
        }
    }

    fn record(&mut self, record: Record<'static>) -> io::Result<()> {
        let Some(record) = self.joiner.join(record) else { return Ok(()) };
        match record.kind {
            RecordType::Text | RecordType::Binary => self.left_out.truncated += u64::from(record.truncated),
            RecordType::Ping | RecordType::Pong | RecordType::Close if self.has_control => {}
            RecordType::Ping | RecordType::Pong | RecordType::Close => {
                self.left_out.controls += 1;
                return Ok(());
            }
            // What a frame carries may be there as a message.
            RecordType::Frame | RecordType::Violation => {
                self.left_out.others += u64::from(record.of.is_none());
                return Ok(());
            }
        }
        let at = self.entry_of(record.connection)?;
        let entry = &mut self.entries[at];
        let time = record.time.or_else(|| Some(entry.started? + record.elapsed?));
        entry.started = entry.started.or(time);
        entry.latest = time.or(entry.latest);
        let direction = match entry.role.sender(record.direction.unwrap_or(Direction::Received)) {
            Role::Client => Direction::Sent,
            Role::Server => Direction::Received,
        };
        if let Some(message) = HarMessage::of(&record, direction, entry.latest.map(seconds)) {
            let separator: &[u8] = if self.spill.is_empty(entry.messages) { b"\n" } else { b",\n" };
            self.spill.push(entry.messages, |held| {
                held.extend_from_slice(separator);
                Ok(serde_json::to_writer(held, &message)?)
            })?;
        }
        Ok(())
    }

    /// Where the entry of this connection is. Events that were written without their connection get one too.
    fn entry_of(&mut self, number: Option<u64>) -> io::Result<usize> {
        if let Some(at) = self.open.get(&number) {
            return Ok(*at);
        }
        let opened = OpenedLine::of_url("ws://unknown.invalid/");
        let milestone = Milestone::Opened(Box::new(opened));
        self.begin(&ConnectionLine { time: None, ..ConnectionLine::new(number, milestone) }, None)?;
        self.open.insert(number, self.entries.len() - 1);
        Ok(self.entries.len() - 1)
    }

    /// An entry whose first line this is.
    fn begin(&mut self, line: &ConnectionLine, role: Option<RecordingRole>) -> io::Result<()> {
        let [about, messages] = [self.spill.strand(), self.spill.strand()];
        let ConnectionLine { connection: number, time: started, .. } = *line;
        let role = role.unwrap_or(RecordingRole::Client);
        self.entries.push(BegunEntry { number, started, latest: None, role, about, messages });
        self.about(self.entries.len() - 1, line)
    }

    fn about(&mut self, at: usize, line: &ConnectionLine) -> io::Result<()> {
        self.spill.push(self.entries[at].about, |held| {
            held.extend_from_slice(line.line().as_bytes());
            Ok(())
        })
    }

    fn cut_off(&mut self, connection: Option<u64>) {
        self.left_out.unended += self.joiner.cut_off(connection).len() as u64;
    }

    fn connection(&mut self, line: &ConnectionLine) -> io::Result<()> {
        match &line.milestone {
            Milestone::Opened(opened) => {
                self.cut_off(line.connection);
                self.open.insert(line.connection, self.entries.len());
                self.begin(line, opened.handshake.role)
            }
            Milestone::NotOpened(failed) => self.begin(line, failed.handshake.role),
            Milestone::Closed(_) => {
                self.cut_off(line.connection);
                self.open.remove(&line.connection).map_or(Ok(()), |at| self.about(at, line))
            }
            Milestone::Dropped { events } => {
                self.left_out.others = self.left_out.others.saturating_add(*events);
                Ok(())
            }
            Milestone::Rule(_) | Milestone::Injected(_) => {
                self.left_out.others += 1;
                Ok(())
            }
        }
    }

    fn write_entry(&mut self, at: usize) -> io::Result<()> {
        let entry = &self.entries[at];
        let object = serde_json::to_string(&WrittenEntry::read(entry, &self.spill)?.object())?;
        // The messages are the last field, behind those that are short.
        let fields = object.strip_suffix('}').unwrap_or(&object);
        self.out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        write!(self.out, "{fields},\"_webSocketMessages\":[")?;
        io::copy(&mut self.spill.read(entry.messages)?, &mut self.out)?;
        self.out.write_all(b"]}")
    }

    fn tell_what_is_left_out(&self) {
        let LeftOut { controls, others, truncated, unended } = self.left_out;
        if controls > 0 {
            let frames = Count(controls, "control frame");
            self.console.line(format_args!("{frames} left out: {}", advice::HAR_CONTROL));
        }
        if others > 0 {
            let others = Count(others, "other line");
            self.console.line(format_args!("{others} left out: HAR can hold only messages, not frames or violations"));
        }
        if truncated > 0 {
            let truncated = Count(truncated, "message");
            self.console.line(format_args!("only the beginning of {truncated} is included, at most 64 MiB"));
        }
        if unended > 0 {
            self.console.line(format_args!("{} left out that never ended", Count(unended, "message")));
        }
    }
}

impl<W: Write> RecordingTarget for HarWriter<W> {
    fn line(&mut self, line: RecordingLine) -> io::Result<()> {
        match line {
            RecordingLine::Record(record) => self.record(*record),
            RecordingLine::Connection(line) => self.connection(&line),
            RecordingLine::Comment => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        let creator = json!({"name": "wscli", "version": env!("CARGO_PKG_VERSION")});
        write!(self.out, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[],\"entries\":[")?;
        for at in 0..self.entries.len() {
            self.write_entry(at)?;
        }
        self.out.write_all(b"\n]}}\n")?;
        self.left_out.unended += self.joiner.cut_off_all().len() as u64;
        self.tell_what_is_left_out();
        Ok(())
    }
}

impl WrittenEntry {
    fn read(begun: &BegunEntry, spill: &SpillFile) -> io::Result<Self> {
        let BegunEntry { number, started, latest, role, about, .. } = *begun;
        let RecordedHandshake { url, address, heads, .. } = RecordedHandshake::default();
        let mut entry =
            Self { number, started, latest, role, url, address, heads, error: None, close: None, lasted: None };
        for line in BufReader::new(spill.read(about)?).lines() {
            let line: ConnectionLine = serde_json::from_str(&line?)?;
            match line.milestone {
                Milestone::Opened(opened) => entry.begun(opened.handshake),
                Milestone::NotOpened(failed) => {
                    let NotOpenedLine { handshake, why } = *failed;
                    entry.begun(handshake);
                    entry.error = Some(why);
                }
                Milestone::Closed(closed) => entry.closed(*closed, line.time),
                Milestone::Dropped { .. } | Milestone::Rule(_) | Milestone::Injected(_) => {}
            }
        }
        Ok(entry)
    }

    fn begun(&mut self, handshake: RecordedHandshake) {
        (self.url, self.address, self.heads) = (handshake.url, handshake.address, handshake.heads);
    }

    fn closed(&mut self, line: ClosedLine, time: Option<SystemTime>) {
        self.lasted = line.elapsed;
        self.close = Some(match StatusCode(line.code) {
            StatusCode::ABNORMAL => HarClose::Word("aborted".into()),
            StatusCode(code) => {
                HarClose::Close { code: Some(code), reason: Some(line.reason), timestamp: time.map(seconds) }
            }
        });
    }

    /// The entry without its messages.
    fn object(&self) -> EntryWritten {
        let request = HttpHead::parse(&self.heads.request);
        let response = HttpHead::parse(&self.heads.response);
        let started = self.started.unwrap_or(SystemTime::UNIX_EPOCH);
        let lasted = self.lasted.or_else(|| self.latest?.duration_since(started).ok()).unwrap_or_default();
        let time = lasted.as_secs_f64() * 1e3;
        EntryWritten {
            started_date_time: clock::utc(started),
            time,
            request: self.request(request.unwrap_or_default()),
            response: self.response(response),
            cache: Map::new(),
            timings: Timings { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0.0, wait: 0.0, receive: time },
            server_ip_address: self.server_ip().map(|ip| ip.to_string()),
            connection: self.number.map(|number| number.to_string()),
            resource_type: "websocket",
            close: self.close.clone(),
        }
    }

    /// Of the other end, where that is the server.
    fn server_ip(&self) -> Option<IpAddr> {
        let address = self.address.as_ref().filter(|_| self.role == RecordingRole::Client)?;
        address.parse().map(|address: SocketAddr| address.ip()).ok()
    }

    fn request(&self, head: HttpHead) -> RequestWritten {
        let pairs = Url::parse(&self.url).map(|url| {
            let pairs = url.query_pairs();
            pairs.map(|(name, value)| NameValue { name: name.into(), value: value.into() }).collect()
        });
        let cookies = head.all("cookie").flat_map(|value| value.split(';')).filter_map(cookie).collect();
        let [method, _, version] = &head.start;
        let named = |given: &String, default: &str| if given.is_empty() { default.to_owned() } else { given.clone() };
        RequestWritten {
            method: named(method, "GET"),
            url: self.url.clone(),
            http_version: named(version, "HTTP/1.1"),
            cookies,
            headers: headers(&head),
            query_string: pairs.unwrap_or_default(),
            headers_size: size(&self.heads.request),
            body_size: 0,
        }
    }

    fn response(&self, head: Option<HttpHead>) -> ResponseWritten {
        // Where events were written without the handshake, there was one.
        let missing = || {
            let start = ["HTTP/1.1", "101", "Switching Protocols"].map(str::to_owned);
            let none = [(); 3].map(|()| String::new());
            HttpHead { start: if self.error.is_none() { start } else { none }, headers: Vec::new() }
        };
        let head = head.unwrap_or_else(missing);
        let [version, status, text] = &head.start;
        ResponseWritten {
            status: decimal(status).unwrap_or(0),
            status_text: text.clone(),
            http_version: version.clone(),
            cookies: head.all("set-cookie").filter_map(cookie).collect(),
            headers: headers(&head),
            content: ContentWritten { size: 0, mime_type: "x-unknown" },
            redirect_url: head.header("location").unwrap_or_default().to_owned(),
            headers_size: size(&self.heads.response),
            body_size: if self.error.is_none() { 0 } else { -1 },
            error: self.error.clone(),
        }
    }
}

fn headers(head: &HttpHead) -> Vec<NameValue> {
    head.headers.iter().map(|(name, value)| NameValue { name: name.clone(), value: value.clone() }).collect()
}

/// The first pair of a cookie: its attributes follow.
fn cookie(text: &str) -> Option<NameValue> {
    let (name, value) = text.split(';').next()?.split_once('=')?;
    Some(NameValue { name: name.trim().into(), value: value.trim().into() })
}

/// −1 where it isn't known.
fn size(head: &str) -> i64 {
    if head.is_empty() { -1 } else { head.len() as i64 }
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    // To the microsecond: more digits than that are not in the number.
    since.as_micros() as f64 / 1e6
}
