//! An entry of a HAR that is of a WebSocket, as the lines of a recording.

use std::io::{self, BufRead, BufReader};
use std::time::{Duration, SystemTime};

use url::Url;

use super::content::{Doubt, HarContent};
use super::document::{HarClose, HarMessage, HarRequest, HarResponse, HeadReader, text};
use super::heads::HttpHead;
use super::json_reader::{JsonFault, JsonReader, JsonScalar};
use crate::commands::convert::RecordingTarget;
use crate::commands::recording::{SpillFile, StrandId};
use crate::peer_text::Escaped;
use crate::trace::connection_lines::{
    ClosedLine, ConnectionLine, HandshakeHeads, Milestone, NotOpenedLine, OpenedLine, RecordedHandshake, RecordingRole,
};
use crate::trace::record::{Record, SCHEMA};
use crate::trace::recording_line::RecordingLine;
use crate::values;
use crate::view::close_text::CloseText;
use crate::ws::{Close, StatusCode};

/// Doubts that are told of one entry.
const DOUBTS: usize = 3;

/// What is wrong with an entry, or with one of its messages, by its number.
#[derive(Debug)]
pub(super) struct EntryFault {
    pub(super) message: Option<u64>,
    pub(super) why: String,
}

/// An entry, as far as it was read. Its fields come in any order.
pub(super) struct HarEntry {
    heads: HeadReader,
    started: JsonScalar,
    request: HarRequest,
    response: HarResponse,
    server_ip: JsonScalar,
    resource_type: JsonScalar,
    close: Option<HarClose>,
    pub(super) has_messages: bool,
    /// Their records, a line each.
    messages: StrandId,
    /// What there is to say about the messages, and how much more there would be.
    pub(super) doubts: Vec<String>,
    pub(super) more_doubts: u64,
    count: u64,
    latest: Option<SystemTime>,
    /// They aren't in the order of their times.
    is_disordered: bool,
}

impl HarEntry {
    /// One whose messages wait in this strand.
    pub(super) fn new(messages: StrandId) -> Self {
        Self {
            heads: HeadReader::default(),
            started: JsonScalar::None,
            request: HarRequest::default(),
            response: HarResponse::default(),
            server_ip: JsonScalar::None,
            resource_type: JsonScalar::None,
            close: None,
            has_messages: false,
            messages,
            doubts: Vec::new(),
            more_doubts: 0,
            count: 0,
            latest: None,
            is_disordered: false,
        }
    }

    /// Reads a field, but for the messages.
    ///
    /// # Errors
    /// What is no JSON.
    pub(super) fn field<R: BufRead>(&mut self, json: &mut JsonReader<R>, key: &str) -> Result<(), JsonFault> {
        match key {
            "startedDateTime" => self.started = self.heads.scalar(json)?,
            "request" => self.request = HarRequest::read(json, &mut self.heads)?,
            "response" => self.response = HarResponse::read(json, &mut self.heads)?,
            "serverIPAddress" => self.server_ip = self.heads.scalar(json)?,
            "_resourceType" => self.resource_type = self.heads.scalar(json)?,
            "_webSocketClose" => self.close = HarClose::read(json, &mut self.heads)?,
            _ => json.pass()?,
        }
        Ok(())
    }

    pub(super) fn is_of_a_websocket(&self) -> bool {
        self.has_messages || text(&self.resource_type) == "websocket" || self.has_handshake()
    }

    /// Whether what it tells is an opening handshake, though nothing else says so: not all that write a HAR know of messages.
    fn has_handshake(&self) -> bool {
        let upgrades = |headers: &[(String, String)]| {
            headers.iter().any(|(name, value)| {
                name.eq_ignore_ascii_case("upgrade") && value.trim().eq_ignore_ascii_case("websocket")
            })
        };
        let scheme = self.request.url().split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("ws" | "wss")) || upgrades(self.request.headers())
    }

    /// Whether it was opened, and what was said on it isn't there.
    pub(super) fn lacks_messages(&self) -> bool {
        !self.has_messages && self.response.status() == Some(101)
    }

    /// Takes a message in.
    ///
    /// # Errors
    /// Why it can't be understood, in words.
    pub(super) fn keep(&mut self, message: HarMessage) -> Result<Option<Box<Record<'static>>>, String> {
        let time = message.time.map(time).transpose()?;
        let (content, doubt) = message.content()?;
        self.count += 1;
        let (mut record, doubt) = match content {
            HarContent::Record(record) => (record, doubt.map(|Doubt(doubt)| doubt.to_owned())),
            HarContent::Failure(text) => {
                self.doubt(format!("left out, because it reports an error: {}", Escaped(&text)));
                return Ok(None);
            }
        };
        doubt.into_iter().for_each(|doubt| self.doubt(doubt));
        let time = time.or(self.latest);
        self.is_disordered |= time < self.latest;
        self.latest = self.latest.max(time);
        record.time = time;
        Ok(Some(record))
    }

    /// Where the records of its messages wait.
    pub(super) fn messages(&self) -> StrandId {
        self.messages
    }

    fn doubt(&mut self, what: String) {
        match self.doubts.len() < DOUBTS {
            true => self.doubts.push(format!("message {} is {what}", self.count)),
            false => self.more_doubts += 1,
        }
    }

    /// # Errors
    /// Why it is no connection, in words.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.heads.is_full {
            return Err("its opening handshake and its end are longer than 512 KiB".to_owned());
        }
        self.started()?;
        self.url().map(drop)
    }

    fn started(&self) -> Result<Option<SystemTime>, String> {
        self.started.text().map(values::time).transpose().map_err(|why| format!("its \"startedDateTime\": {why}"))
    }

    /// With the scheme of a WebSocket: some have that of the handshake.
    fn url(&self) -> Result<String, String> {
        let given = self.request.url();
        let (scheme, rest) = given.split_once("://").ok_or_else(|| format!("its URL is {given:?}"))?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => "ws",
            "wss" | "https" => "wss",
            other => return Err(format!("its URL has the scheme {other:?}")),
        };
        Ok(format!("{scheme}://{rest}"))
    }

    /// Whether a browser has left out what is secret: it has no other way to say who it is.
    pub(super) fn is_sanitised(&self) -> bool {
        let headers = self.request.headers();
        let has = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        has("user-agent") && has("origin") && !has("cookie") && !has("authorization")
    }

    /// Tells the lines of the connection.
    pub(super) fn tell(self, number: u64, spill: &SpillFile, target: &mut dyn RecordingTarget) -> io::Result<()> {
        let started = self.started().ok().flatten();
        let connection = Some(number);
        let line = |time, milestone| {
            let line = ConnectionLine { connection, schema: SCHEMA, time, milestone };
            RecordingLine::Connection(Box::new(line))
        };
        if !self.is_opened(spill) {
            return target.line(line(started, Milestone::NotOpened(Box::new(self.not_opened()))));
        }
        target.line(line(started, Milestone::Opened(Box::new(self.opened()))))?;
        let elapsed = |time: Option<SystemTime>| Some(time?.duration_since(started?).unwrap_or_default());
        self.records(spill, &mut |read| {
            let RecordingLine::Record(mut record) = read else { return Ok(()) };
            (record.connection, record.elapsed) = (connection, elapsed(record.time));
            target.line(RecordingLine::Record(record))
        })?;
        match self.closed(elapsed) {
            Some((time, closed)) => target.line(line(time.or(self.latest), Milestone::Closed(Box::new(closed)))),
            None => Ok(()),
        }
    }

    /// The records that were kept, by their times.
    fn records(&self, spill: &SpillFile, tell: &mut dyn FnMut(RecordingLine) -> io::Result<()>) -> io::Result<()> {
        if !self.is_disordered {
            return each_line(spill.read(self.messages)?, |_, line| tell(line));
        }
        // Where each is, and when it was: the messages themselves stay on disk.
        let mut places = Vec::new();
        each_line(spill.read(self.messages)?, |start, line| {
            let RecordingLine::Record(record) = line else { return Ok(()) };
            places.push((record.time, start));
            Ok(())
        })?;
        places.sort();
        let mut reader = BufReader::new(spill.read(self.messages)?);
        let mut line = Vec::new();
        for (_, start) in places {
            // What was read beyond the line before is of no use here.
            reader.consume(reader.buffer().len());
            reader.get_mut().seek(start);
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            tell(parsed(&line)?)?;
        }
        Ok(())
    }

    /// A browser says no more of a connection that it couldn't open than that. One by HTTP/2 is opened with 200, which by HTTP/1.1 is
    /// a refusal, and has an error beside it.
    fn is_opened(&self, spill: &SpillFile) -> bool {
        match self.response.status() {
            Some(101) => true,
            Some(200) if self.response.error().is_none() => true,
            _ => !spill.is_empty(self.messages),
        }
    }

    fn heads(&self) -> HandshakeHeads {
        let target = self.request.url().parse::<Url>().map_or_else(
            |_| "/".to_owned(),
            |url| url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())),
        );
        let (method, headers) = (self.request.method(), self.request.headers().to_vec());
        let has_request = !(headers.is_empty() && method.is_empty());
        let method = if method.is_empty() { "GET" } else { method };
        let request = HttpHead { start: [method.to_owned(), target, "HTTP/1.1".to_owned()], headers };
        let response = self.response.status().map(|status| {
            let version = self.response.http_version().to_ascii_uppercase();
            let version = if version.starts_with("HTTP/") { version } else { "HTTP/1.1".to_owned() };
            let start = [version, status.to_string(), self.response.status_text().to_owned()];
            HttpHead { start, headers: self.response.headers().to_vec() }.text()
        });
        HandshakeHeads {
            request: if has_request { request.text() } else { String::new() },
            response: response.unwrap_or_default(),
        }
    }

    fn opened(&self) -> OpenedLine {
        let headers = self.response.headers();
        let agreed = |name: &str| {
            let values = headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
            let values: Vec<_> = values.map(|(_, value)| value.as_str()).collect();
            (!values.is_empty()).then(|| values.join(", "))
        };
        let url = self.url().unwrap_or_default();
        let port = Url::parse(&url).ok().and_then(|url| url.port_or_known_default()).unwrap_or(80);
        let ip = Some(text(&self.server_ip).trim_matches(['[', ']'])).filter(|ip| !ip.is_empty());
        let address = ip.map(|ip| if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") });
        OpenedLine {
            handshake: self.handshake(url, address),
            subprotocol: agreed("sec-websocket-protocol"),
            extension: agreed("sec-websocket-extensions"),
            ..OpenedLine::of_url("")
        }
    }

    fn not_opened(&self) -> NotOpenedLine {
        let why = match (self.response.error(), self.response.status()) {
            (Some(error), _) => error.to_owned(),
            (None, None) => "no answer is recorded".to_owned(),
            (None, Some(status)) => format!("answered {status} {}", self.response.status_text()).trim_end().to_owned(),
        };
        NotOpenedLine { handshake: self.handshake(self.url().unwrap_or_default(), None), why }
    }

    fn handshake(&self, url: String, address: Option<String>) -> RecordedHandshake {
        RecordedHandshake { role: Some(RecordingRole::Client), url, address, heads: self.heads() }
    }

    /// How it ended, where that is known, and when.
    fn closed(
        &self,
        elapsed: impl Fn(Option<SystemTime>) -> Option<Duration>,
    ) -> Option<(Option<SystemTime>, ClosedLine)> {
        let (code, reason, timestamp) = match self.close.clone()? {
            HarClose::Close { code, reason, timestamp } => {
                (code.map_or(StatusCode::NO_STATUS, StatusCode), reason.unwrap_or_default(), timestamp)
            }
            HarClose::Word(_) => (StatusCode::ABNORMAL, String::new(), None),
        };
        let said = if code == StatusCode::NO_STATUS { Close::default() } else { Close::new(code, &reason) };
        let why = match code {
            StatusCode::ABNORMAL => "aborted".to_owned(),
            _ => format!("closed: {}", CloseText(&said)),
        };
        let time = timestamp.and_then(|seconds| time(seconds).ok());
        let elapsed = elapsed(time.or(self.latest));
        let line = ClosedLine { code: code.0, reason, why, elapsed, ..ClosedLine::default() };
        Some((time, line))
    }
}

/// A time in seconds since 1970, to the microsecond: no more is in the number.
fn time(seconds: f64) -> Result<SystemTime, String> {
    let wrong = || format!("its \"time\" is {seconds}, not a time in seconds since 1970");
    let micros = (seconds * 1e6).round();
    // To the year 9999, which is as far as RFC 3339 goes.
    if !(0.0..253_402_300_800e6).contains(&micros) {
        return Err(wrong());
    }
    Ok(SystemTime::UNIX_EPOCH + Duration::from_micros(micros as u64))
}

/// Reads lines, each with where it begins.
fn each_line(reader: impl io::Read, mut tell: impl FnMut(u64, RecordingLine) -> io::Result<()>) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(64 * 1024, reader);
    let mut line = Vec::new();
    let mut start = 0;
    while reader.read_until(b'\n', &mut line)? > 0 {
        tell(start, parsed(&line)?)?;
        start += line.len() as u64;
        line.clear();
    }
    Ok(())
}

/// A line that was written here.
fn parsed(line: &[u8]) -> io::Result<RecordingLine> {
    RecordingLine::read(line).map_err(|why| io::Error::other(why.to_string()))
}
