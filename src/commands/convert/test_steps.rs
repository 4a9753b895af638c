//! A recording as a test (docs/test-files.md): who has recorded it sends the same again and expects the same. Pings and Pongs
//! aren't in it, which each side has of its own, nor are times.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};

use serde_json::Value;

use super::RecordingTarget;
use crate::http::{Header, MASK, Response, is_of_one_handshake, list_elements};
use crate::peer_text::Escaped;
use crate::stdio::console::Console;
use crate::trace::connection_lines::{ConnectionLine, Milestone, NotOpenedLine, OpenedLine, RecordingRole};
use crate::trace::message_joiner::MessageJoiner;
use crate::trace::record::Record;
use crate::trace::record_type::RecordType;
use crate::trace::recording_line::RecordingLine;
use crate::view::amount::Count;
use crate::ws::{Direction, StatusCode};

/// Messages that are larger, in bytes, are told by their beginning and their size.
const WHOLE: usize = 4096;
const BEGINNING: usize = 32;

/// Writes one test.
pub(super) struct TestWriter<W> {
    out: W,
    joiner: MessageJoiner,
    console: Console,
    /// Messages that no step can send.
    left_out: u64,
    /// Who has begun to close, of connections that somebody has.
    closed: BTreeMap<Option<u64>, Direction>,
}

impl<W: Write> TestWriter<W> {
    pub(super) fn new(mut out: W, console: Console) -> io::Result<Self> {
        writeln!(out, "# From a recording. Use let and capture to name values that differ from run to run.")?;
        Ok(Self { out, joiner: MessageJoiner::default(), console, left_out: 0, closed: BTreeMap::new() })
    }

    /// A step on a connection.
    fn step(&mut self, connection: Option<u64>, step: impl Display) -> io::Result<()> {
        match connection {
            Some(number) => writeln!(self.out, "c{number} {step}"),
            None => writeln!(self.out, "{step}"),
        }
    }

    fn comment(&mut self, what: impl Display) -> io::Result<()> {
        writeln!(self.out, "# {}", Escaped(&what.to_string()))
    }

    fn connection(&mut self, line: &ConnectionLine) -> io::Result<()> {
        let number = line.connection;
        match &line.milestone {
            Milestone::Opened(opened) => {
                self.cut_off(number)?;
                self.closed.remove(&number);
                self.opened(number, opened)
            }
            Milestone::NotOpened(failed) => self.not_opened(number, failed),
            Milestone::Closed(closed) => {
                self.cut_off(number)?;
                let is_dropped = self.closed.remove(&number).is_none() && closed.code == StatusCode::ABNORMAL.0;
                if is_dropped { self.step(number, "expect dropped") } else { Ok(()) }
            }
            Milestone::Dropped { events } => self.comment(format_args!("{events} events are missing in the recording")),
            Milestone::Rule(rule) => {
                self.comment(format_args!("a rule ({}): {}: {}", rule.way, rule.condition, rule.done.join(", ")))
            }
            Milestone::Injected(injected) => self.comment(format_args!("injected fault: {}", injected.fault)),
        }
    }

    fn opened(&mut self, number: Option<u64>, opened: &OpenedLine) -> io::Result<()> {
        let name = name(number);
        if opened.handshake.role == Some(RecordingRole::Server) {
            writeln!(self.out, "accept {name}127.0.0.1:0")?;
        } else {
            self.connect(&name, &opened.handshake.url)?;
            self.headers(&opened.handshake.heads.request)?;
        }
        match opened.subprotocol.as_deref() {
            None | Some(MASK) => Ok(()),
            Some(agreed) if is_plain(agreed) => {
                if opened.handshake.role == Some(RecordingRole::Server) {
                    writeln!(self.out, "  subprotocol {}", literal(agreed))?;
                }
                writeln!(self.out, "  expect subprotocol {}", literal(agreed))
            }
            // A recording may be a stranger's, and its lines none of the test's.
            Some(agreed) => self.comment(format_args!("no test can name this subprotocol: {agreed}")),
        }
    }

    fn connect(&mut self, name: &str, url: &str) -> io::Result<()> {
        // Neither is part of any URL, and on a line of a test they would be more than that.
        let url: String = url.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        if url.contains(MASK) {
            self.comment("the recording has masked secrets of this URL")?;
        }
        writeln!(self.out, "connect {name}{}", literal(&url))
    }

    /// What the request has asked for, as clauses.
    fn headers(&mut self, head: &str) -> io::Result<()> {
        let lines = head.lines().skip(1).take_while(|line| !line.is_empty());
        let headers: Vec<Header> = lines.filter_map(|line| Header::parse(line).ok()).collect();
        let value = |header: &Header| header.text().into_owned();
        let of = |name: &'static str| headers.iter().filter(move |header| header.is(name)).map(value);
        let subprotocols: Vec<String> = of("sec-websocket-protocol")
            .flat_map(|list| list_elements(&list).map(str::to_owned).collect::<Vec<_>>())
            .collect();
        if !subprotocols.is_empty() {
            writeln!(self.out, "  subprotocol {}", literal(&subprotocols.join(", ")))?;
        }
        if !head.is_empty() && of("sec-websocket-extensions").next().is_none() {
            writeln!(self.out, "  no-compress")?;
        }
        for header in headers.iter().filter(|header| !is_of_one_handshake(&header.name) && !header.is("user-agent")) {
            let (value, mark) = (value(header), if value(header).contains(MASK) { "# " } else { "" });
            if is_plain(&value) {
                writeln!(self.out, "  {mark}header {}: {}", header.name, literal(&value))?;
            }
        }
        Ok(())
    }

    fn not_opened(&mut self, number: Option<u64>, failed: &NotOpenedLine) -> io::Result<()> {
        let response = Response::parse(failed.handshake.heads.response.as_bytes()).ok().flatten();
        match response {
            Some(response) if failed.handshake.role != Some(RecordingRole::Server) => {
                self.connect(&name(number), &failed.handshake.url)?;
                self.headers(&failed.handshake.heads.request)?;
                writeln!(self.out, "  expect refused {}", response.status.0)
            }
            _ => self.comment(format_args!("not opened: {}", failed.why)),
        }
    }

    /// A connection is over, or begins: what has begun on it ends never.
    fn cut_off(&mut self, number: Option<u64>) -> io::Result<()> {
        self.joiner.cut_off(number).iter().try_for_each(|record| self.never_ended(record))
    }

    fn never_ended(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.left_out += u64::from(record.direction == Some(Direction::Sent));
        self.comment("a message that never ended")
    }

    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        let number = record.connection;
        match (record.direction, record.kind) {
            (_, RecordType::Ping | RecordType::Pong) | (None, _) => Ok(()),
            (Some(direction), RecordType::Close) => self.close(direction, record),
            (Some(Direction::Sent), _) if record.truncated => {
                self.left_out += 1;
                self.comment("a message of which only the beginning is there")
            }
            (Some(Direction::Sent), _) => self.step(number, sent(record)),
            (Some(Direction::Received), RecordType::Text) => {
                self.step(number, format_args!("expect {}", expected_text(record)))
            }
            (Some(Direction::Received), RecordType::Binary) => {
                self.step(number, format_args!("expect {}", expected_bytes(record)))
            }
            (Some(Direction::Received), kind) => self.comment(format_args!("a {} was received", kind.name())),
        }
    }

    /// Each side closes once; the second to do so answers by itself.
    fn close(&mut self, direction: Direction, record: &Record<'_>) -> io::Result<()> {
        let number = record.connection;
        let first = *self.closed.entry(number).or_insert(direction);
        let code = record.code.map(|code| format!(" {code}")).unwrap_or_default();
        let reason = record.reason.as_deref().filter(|reason| !code.is_empty() && is_plain(reason));
        let reason = reason.map(|reason| format!(" {}", literal(reason))).unwrap_or_default();
        match direction {
            Direction::Received => self.step(number, format_args!("expect closed{code}{reason}")),
            // A Close without a code can be sent as a frame.
            Direction::Sent if first == direction && code.is_empty() => self.step(number, "frame opcode=close"),
            Direction::Sent if first == direction => self.step(number, format_args!("close{code}{reason}")),
            Direction::Sent => Ok(()),
        }
    }
}

impl<W: Write> RecordingTarget for TestWriter<W> {
    fn line(&mut self, line: RecordingLine) -> io::Result<()> {
        match line {
            // What a frame belongs to has a line of its own.
            RecordingLine::Record(record) if record.of.is_some() => Ok(()),
            RecordingLine::Record(record) => match self.joiner.join(*record) {
                Some(record) => self.record(&record),
                None => Ok(()),
            },
            RecordingLine::Connection(line) => self.connection(&line),
            RecordingLine::Comment => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        let cut_off = self.joiner.cut_off_all();
        cut_off.iter().try_for_each(|record| self.never_ended(record))?;
        if self.left_out > 0 {
            let messages = Count(self.left_out, "message");
            self.console
                .line(format_args!("{messages} left out that the test would have to send: too long, or never ended"));
        }
        Ok(())
    }
}

/// The name of a connection, with a blank behind it.
fn name(number: Option<u64>) -> String {
    number.map(|number| format!("c{number} ")).unwrap_or_default()
}

/// A text in which nothing is filled in.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// Whether a text can be written on the line of its step.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains(char::is_control) && !text.ends_with(['{', '['])
}

/// Whether the lines of a text can be written below each other.
fn is_plain_in_lines(text: &str) -> bool {
    let is_line = |line: &str| line.trim_end() == line && !line.contains(char::is_control);
    let Some((first, rest)) = text.split_once('\n') else { return is_plain(text) };
    let has_margin = rest.split('\n').any(|line| line.starts_with(|c: char| !c.is_whitespace()));
    let is_whole = !first.is_empty() && first.trim() == first && !text.ends_with('\n');
    is_whole && has_margin && text.split('\n').all(is_line)
}

fn sent(record: &Record<'_>) -> String {
    let content = record.content();
    match (record.kind, record.text.as_deref()) {
        (RecordType::Text, Some("")) => "send text".to_owned(),
        (RecordType::Text, Some(text)) if is_plain_in_lines(text) => {
            let word = if text.starts_with(['{', '[']) { "send" } else { "send text" };
            format!("{word} {}", literal(text).replace('\n', "\n  "))
        }
        (RecordType::Text, _) => format!("frame opcode=text payload=0x{}", hex(content)),
        (RecordType::Binary, _) => format!("binary {}", hex(content)),
        _ => {
            let bit = |is_set: bool| if is_set { '1' } else { '0' };
            let rsv: String = record.rsv.unwrap_or_default().map(bit).iter().collect();
            let (fin, opcode) = (bit(record.fin.unwrap_or(true)), record.opcode.unwrap_or_default());
            format!("frame fin={fin} rsv={rsv} opcode={opcode} payload=0x{}", hex(content))
        }
    }
}

fn expected_text(record: &Record<'_>) -> String {
    let length = record.length.unwrap_or(record.content().len() as u64);
    let text = match record.text.as_deref() {
        Some(text) if !text.is_empty() && !record.truncated && text.len() <= WHOLE => text,
        _ => return format!("text and size = {length}"),
    };
    // The end of a line could be taken for how long to wait.
    let ends_in_within = text.split_whitespace().rev().nth(1) == Some("within");
    match serde_json::from_str(text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) if !ends_in_within => {
            let shown = if is_plain(text) { text.to_owned() } else { value.to_string() };
            format!("json {}", literal(&shown))
        }
        _ if is_plain(text) && !ends_in_within => format!("equals {}", literal(text)),
        _ => format!("match (?s)^{}$", in_regex(text)),
    }
}

/// The text as a regular expression that stands on a line.
fn in_regex(text: &str) -> String {
    let one = |c: char| match c {
        c if c.is_control() || c.is_whitespace() => format!("\\x{{{:x}}}", u32::from(c)),
        c => regex::escape(c.encode_utf8(&mut [0; 4])),
    };
    text.chars().map(one).collect()
}

fn expected_bytes(record: &Record<'_>) -> String {
    let content = record.content();
    let length = record.length.unwrap_or(content.len() as u64);
    match content {
        [] => format!("binary and size = {length}"),
        content if record.truncated || content.len() > WHOLE => {
            format!("binary starts {} and size = {length}", hex(&content[..content.len().min(BEGINNING)]))
        }
        content => format!("binary {}", hex(content)),
    }
}

fn hex(content: &[u8]) -> String {
    content.iter().map(|byte| format!("{byte:02x}")).collect()
}
