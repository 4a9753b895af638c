//! One connection of a recording, line by line in their order, and whose the lines are.

use std::fmt;

use super::connection_lines::{Milestone, RecordingRole};
use super::message_joiner::MessageJoiner;
use super::record::Record;
use super::recording_line::RecordingLine;
use crate::error::Error;
use crate::ws::{Close, Direction, Role, StatusCode};

/// The lines of a recording from somewhere on, each with its number from 1.
pub(crate) type NumberedLines = Box<dyn Iterator<Item = Result<(u64, RecordingLine), Error>> + Send>;

/// Where a connection stands in a recording.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionStart {
    /// Where the line begins with which it was opened, in bytes. Events that were written without a recording's lines have none.
    pub(crate) opened_at: Option<u64>,
    /// Where the one behind it begins, and its number.
    pub(crate) offset: u64,
    pub(crate) line: u64,
    /// As the lines have it.
    pub(crate) number: Option<u64>,
    /// Of whoever has recorded it.
    pub(crate) role: Option<RecordingRole>,
}

impl ConnectionStart {
    /// Which way `role` has sent.
    pub(crate) fn direction_of(&self, role: Role) -> Direction {
        let recorder = self.role.unwrap_or(RecordingRole::Client);
        if recorder.sender(Direction::Sent) == role { Direction::Sent } else { Direction::Received }
    }
}

/// The records of one connection.
pub(crate) struct ConnectionRecords {
    lines: NumberedLines,
    number: Option<u64>,
    is_over: bool,
    breaks_off: bool,
    closed: Option<Close>,
}

impl ConnectionRecords {
    /// `lines` begin behind the one with which the connection was opened.
    pub(crate) fn new(lines: NumberedLines, number: Option<u64>) -> Self {
        Self { lines, number, is_over: false, breaks_off: false, closed: None }
    }

    /// Whether the recording was over before the connection: what came later isn't in it.
    pub(crate) fn breaks_off(&self) -> bool {
        self.breaks_off
    }

    /// At the end of the connection: what was closed with, as far as that can be said again. Whose Close it was isn't told there.
    pub(crate) fn closed(&self) -> Option<&Close> {
        self.closed.as_ref()
    }

    /// The same, with so many bytes of each message, as far as 64 MiB go. The number of a line is that of a message's last.
    pub(crate) fn joined(self, most: usize) -> impl Iterator<Item = Result<(u64, Record<'static>), Error>> {
        let mut joiner = MessageJoiner::default();
        self.filter_map(move |next| {
            next.map(|(line, record)| joiner.join_up_to(most, record).map(|record| (line, record))).transpose()
        })
    }
}

impl Iterator for ConnectionRecords {
    type Item = Result<(u64, Record<'static>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            match self.lines.next() {
                // What another line tells too is said once.
                Some(Ok((_, RecordingLine::Record(record)))) if record.of.is_some() => {}
                Some(Ok((line, RecordingLine::Record(record)))) if record.connection == self.number => {
                    return Some(Ok((line, *record)));
                }
                // With another of its number that one begins.
                Some(Ok((_, RecordingLine::Connection(about)))) if about.connection == self.number => {
                    self.is_over = matches!(about.milestone, Milestone::Closed(_) | Milestone::Opened(_));
                    if let Milestone::Closed(line) = about.milestone {
                        let close = Close::new(StatusCode(line.code), &line.reason);
                        self.closed = Some(close).filter(|_| StatusCode(line.code).may_be_sent());
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
                None => (self.is_over, self.breaks_off) = (true, true),
            }
        }
        None
    }
}

/// Every line of one connection, from the one that opens it to the one that closes it.
pub(crate) struct ConnectionLines {
    lines: NumberedLines,
    number: Option<u64>,
    has_begun: bool,
    is_over: bool,
}

impl ConnectionLines {
    /// `lines` begin with the one that opens the connection, if there is one.
    pub(crate) fn new(lines: NumberedLines, number: Option<u64>) -> Self {
        Self { lines, number, has_begun: false, is_over: false }
    }
}

impl Iterator for ConnectionLines {
    type Item = Result<RecordingLine, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let line = match self.lines.next()? {
                Ok((_, line)) => line,
                Err(error) => return Some(Err(error)),
            };
            let is_ours = match &line {
                RecordingLine::Record(record) => record.connection == self.number,
                RecordingLine::Connection(about) if about.connection == self.number => {
                    let begins = matches!(about.milestone, Milestone::Opened(_));
                    let is_next = begins && self.has_begun;
                    self.is_over = is_next || matches!(about.milestone, Milestone::Closed(_));
                    !is_next
                }
                RecordingLine::Connection(_) | RecordingLine::Comment => false,
            };
            self.has_begun = true;
            if is_ours {
                return Some(Ok(line));
            }
        }
        None
    }
}

impl fmt::Debug for ConnectionLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionLines").field("number", &self.number).finish_non_exhaustive()
    }
}

impl fmt::Debug for ConnectionRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionRecords").field("number", &self.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(lines: &[&str], number: Option<u64>) -> Vec<(u64, String)> {
        let lines: Vec<_> = lines.iter().map(|line| RecordingLine::read(line.as_bytes()).unwrap()).collect();
        let lines: NumberedLines = Box::new((5..).zip(lines).map(Ok));
        let records = ConnectionRecords::new(lines, number).joined(usize::MAX).map(Result::unwrap);
        records.map(|(line, record)| (line, record.text.unwrap().into_owned())).collect()
    }

    #[test]
    fn a_connection_is_its_lines_up_to_its_end() {
        let lines = [
            r#"{"connection":1,"direction":"sent","type":"text","text":"a"}"#,
            r#"{"connection":1,"direction":"sent","type":"frame","opcode":1,"of":"text","text":"b"}"#,
            r#"{"connection":2,"direction":"sent","type":"text","text":"other"}"#,
            r#"{"connection":2,"schema":1,"type":"closed","code":1000,"why":""}"#,
            r#"{"connection":1,"direction":"sent","type":"text","text":"b","part":1,"more":true}"#,
            "# a comment",
            r#"{"schema":1,"type":"dropped","events":1}"#,
            r#"{"connection":1,"direction":"sent","type":"text","text":"c","length":2,"part":2}"#,
            r#"{"connection":1,"schema":1,"type":"opened","url":"ws://a/"}"#,
            r#"{"connection":1,"direction":"sent","type":"text","text":"of the next"}"#,
        ];
        assert_eq!(records(&lines, Some(1)), [(5, "a".into()), (12, "bc".into())]);
        assert_eq!(records(&lines, Some(2)), [(7, "other".into())]);
        assert_eq!(records(&lines, None), []);
    }

    #[test]
    fn whose_a_direction_is_depends_on_who_has_recorded() {
        let directions = |role: &str| {
            let line = format!(r#"{{"schema":1,"type":"opened","url":"ws://a/"{role}}}"#);
            let Ok(RecordingLine::Connection(line)) = RecordingLine::read(line.as_bytes()) else { panic!() };
            let Milestone::Opened(opened) = line.milestone else { panic!() };
            let role = opened.handshake.role;
            let start = ConnectionStart { opened_at: Some(0), offset: 0, line: 2, number: None, role };
            [Role::Client, Role::Server].map(|role| start.direction_of(role))
        };
        let client = [Direction::Sent, Direction::Received];
        assert_eq!(directions(""), client);
        assert_eq!(directions(r#","role":"client""#), client);
        assert_eq!(directions(r#","role":"between""#), client);
        assert_eq!(directions(r#","role":"server""#), [Direction::Received, Direction::Sent]);
    }
}
