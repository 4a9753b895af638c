//! Which of a recording's connections each of its lines is of, in one reading of all of them.

use std::collections::HashMap;

use super::connection_lines::Milestone;
use super::message_joiner::MessageJoiner;
use super::record::Record;
use super::recorded_connection::ConnectionStart;
use super::recording_line::RecordingLine;

/// Takes the lines one after the other, from the first.
#[derive(Debug)]
pub(crate) struct RecordRouter {
    /// Which connection is open by this number.
    open: HashMap<Option<u64>, usize>,
    opened: usize,
    joiner: MessageJoiner,
    /// Bytes of a message that are read.
    most: usize,
}

impl RecordRouter {
    /// Of a recording with these connections, for somebody who reads so many bytes of a message.
    pub(crate) fn new(connections: &[ConnectionStart], most: usize) -> Self {
        // Events that were written without a recording's lines are of a connection that nothing has opened.
        let unopened = connections.iter().enumerate().filter(|(_, start)| start.opened_at.is_none());
        let open: HashMap<_, _> = unopened.map(|(at, start)| (start.number, at)).collect();
        Self { opened: open.len(), open, joiner: MessageJoiner::default(), most }
    }

    /// The record that this line completes, and whose it is. Of a message no more is kept than is read of it, nor than 64 MiB. What
    /// another line tells too, and what is of no connection, is nobody's.
    pub(crate) fn record(&mut self, line: RecordingLine) -> Option<(usize, Record<'static>)> {
        match line {
            RecordingLine::Record(record) if record.of.is_none() => {
                let connection = *self.open.get(&record.connection)?;
                Some((connection, self.joiner.join_up_to(self.most, *record)?))
            }
            RecordingLine::Connection(line) => {
                match line.milestone {
                    Milestone::Opened(_) => {
                        self.joiner.cut_off(line.connection);
                        self.open.insert(line.connection, self.opened);
                        self.opened += 1;
                    }
                    Milestone::Closed(_) => {
                        self.joiner.cut_off(line.connection);
                        self.open.remove(&line.connection);
                    }
                    Milestone::NotOpened(_)
                    | Milestone::Dropped { .. }
                    | Milestone::Rule(_)
                    | Milestone::Injected(_) => {}
                }
                None
            }
            RecordingLine::Record(_) | RecordingLine::Comment => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(lines: &[&str], connections: &[ConnectionStart]) -> Vec<(usize, String)> {
        let mut router = RecordRouter::new(connections, usize::MAX);
        let lines = lines.iter().map(|line| RecordingLine::read(line.as_bytes()).unwrap());
        let records = lines.filter_map(|line| router.record(line));
        records.map(|(connection, record)| (connection, record.text.unwrap().into_owned())).collect()
    }

    #[test]
    fn each_record_is_of_the_connection_that_is_open_by_its_number() {
        let lines = [
            r#"{"connection":1,"direction":"sent","type":"text","text":"of none"}"#,
            r#"{"connection":1,"schema":1,"type":"opened","url":"ws://a/"}"#,
            r#"{"connection":2,"schema":1,"type":"opened","url":"ws://a/"}"#,
            r#"{"connection":1,"direction":"sent","type":"text","text":"a"}"#,
            r#"{"connection":1,"direction":"sent","type":"frame","opcode":1,"of":"text","text":"b"}"#,
            r#"{"connection":1,"direction":"sent","type":"text","text":"b","part":1,"more":true}"#,
            r#"{"connection":2,"direction":"sent","type":"text","text":"x","part":1,"more":true}"#,
            "# a comment",
            r#"{"connection":1,"direction":"sent","type":"text","text":"c","length":2,"part":2}"#,
            r#"{"connection":2,"schema":1,"type":"closed","code":1000,"why":""}"#,
            r#"{"connection":2,"direction":"sent","type":"text","text":"of none"}"#,
            r#"{"connection":1,"schema":1,"type":"opened","url":"ws://a/"}"#,
            r#"{"connection":1,"direction":"sent","type":"text","text":"of the next"}"#,
        ];
        let expected = [(0, "a".into()), (0, "bc".into()), (2, "of the next".into())];
        assert_eq!(routed(&lines, &[]), expected);
        let unopened = ConnectionStart { opened_at: None, offset: 0, line: 1, number: Some(1), role: None };
        assert_eq!(routed(&lines[..1], &[unopened]), [(0, "of none".into())]);
    }
}
