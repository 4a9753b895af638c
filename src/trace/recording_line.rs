//! A line of a recording, as it is read: docs/recording.md.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::connection_lines::{ConnectionLine, is_about_connection};
use super::long_line;
use super::no_record::NoRecord;
use super::record::{Record, SCHEMA};
use super::record_fields::field_names;

/// One line, or what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RecordingLine {
    Record(Box<Record<'static>>),
    Connection(Box<ConnectionLine>),
    /// A comment, or nothing.
    Comment,
}

/// From which length on a line is read in the memory that it has, in bytes.
const LONG: usize = 1 << 20;

impl RecordingLine {
    /// Reads a line, and takes it over where it is long and a record.
    ///
    /// # Errors
    /// Why it can't be understood.
    pub(crate) fn take(line: &mut Vec<u8>) -> Result<Self, NoRecord> {
        if line.len() < LONG || !line.trim_ascii_start().starts_with(b"{") {
            return Self::read(line);
        }
        serde_json::from_slice::<IgnoredAny>(line)
            .map_err(|error| NoRecord::malformed::<Record<'static>>(line, &error))?;
        let read = long_line::read(line).map_err(|why| of_other_schema(line).unwrap_or(why));
        Self::record(read?)
    }

    /// Reads a line. Fields that a later version has added are passed over.
    ///
    /// # Errors
    /// Why it can't be understood.
    pub(crate) fn read(line: &[u8]) -> Result<Self, NoRecord> {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(Self::Comment);
        }
        match Record::read(line) {
            Ok(record) => Self::record(record),
            Err(NoRecord::OtherType(name)) if is_about_connection(&name) => connection_line(line),
            Err(NoRecord::Malformed(_)) => Self::read_known(line),
            Err(why) => Err(of_other_schema(line).unwrap_or(why)),
        }
    }

    /// Reads a record with nothing but the fields that there are in this version.
    fn read_known(line: &[u8]) -> Result<Self, NoRecord> {
        let malformed = |error: serde_json::Error| NoRecord::new::<Record<'static>>(line, &error);
        let KnownFields(fields) = serde_json::from_slice(line).map_err(malformed)?;
        Self::record(Record::read(fields.as_bytes())?)
    }

    fn record(record: Record<'static>) -> Result<Self, NoRecord> {
        let has_direction = record.direction.is_some();
        let line = Self::of_this_schema(record.schema, Self::Record(Box::new(record)))?;
        if has_direction { Ok(line) } else { Err(NoRecord::Malformed("it has no \"direction\"".into())) }
    }

    /// What a later version means by a field may be something else.
    fn of_this_schema(schema: u32, line: Self) -> Result<Self, NoRecord> {
        if schema == SCHEMA { Ok(line) } else { Err(other_schema(schema)) }
    }
}

fn other_schema(schema: u32) -> NoRecord {
    NoRecord::Malformed(format!("its \"schema\" is {schema}, and this version reads {SCHEMA}"))
}

/// That a line of some type is of another schema.
fn of_other_schema(line: &[u8]) -> Option<NoRecord> {
    #[derive(Deserialize)]
    struct Versioned {
        schema: u32,
    }
    let Versioned { schema } = serde_json::from_slice(line).ok()?;
    (schema != SCHEMA).then(|| other_schema(schema))
}

/// A record's fields that there are in this version, as they are written. No tree of values is built of the others, which may be
/// much larger than a line is.
struct KnownFields(String);

impl<'de> Deserialize<'de> for KnownFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KnownFieldsVisitor)
    }
}

struct KnownFieldsVisitor;

impl<'de> Visitor<'de> for KnownFieldsVisitor {
    type Value = KnownFields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KnownFields, A::Error> {
        let known = field_names::<Record<'_>>();
        let mut fields = String::from("{");
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            if !known.contains(&&*name) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let separator = if fields.len() > 1 { "," } else { "" };
            // Known names have nothing in them that would have to be escaped.
            fields += &format!("{separator}\"{name}\":");
            fields += map.next_value::<&RawValue>()?.get();
        }
        Ok(KnownFields(fields + "}"))
    }
}

/// The longest line about a connection that is read, in bytes. Heads are much shorter; read, it takes many times as much memory.
const LONGEST_ABOUT_CONNECTION: usize = 4 << 20;

fn connection_line(line: &[u8]) -> Result<RecordingLine, NoRecord> {
    if line.len() > LONGEST_ABOUT_CONNECTION {
        return Err(long_line::too_long_about_connection());
    }
    let read: ConnectionLine =
        serde_json::from_slice(line).map_err(|error| NoRecord::malformed::<ConnectionLine>(line, &error))?;
    RecordingLine::of_this_schema(read.schema, RecordingLine::Connection(Box::new(read)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::connection_lines::Milestone;
    use crate::trace::record_type::RecordType;

    #[test]
    fn each_kind_of_line_is_read() {
        for (line, kind) in [
            (r#"{"schema":1,"direction":"sent","type":"text","text":"a"}"#, RecordType::Text),
            (
                r#"  {"schema":1,"direction":"sent","type":"ping","base64":"/w==","moon":{"phase":[1,2]}} "#,
                RecordType::Ping,
            ),
            (r#"{"direction":"received","type":"close","code":1000,"reason":"","then":null}"#, RecordType::Close),
        ] {
            let Ok(RecordingLine::Record(record)) = RecordingLine::read(line.as_bytes()) else { panic!("{line}") };
            assert_eq!(record.kind, kind);
        }
        for line in ["", "  ", "# a comment", " #{\"type\":\"text\"}"] {
            assert_eq!(RecordingLine::read(line.as_bytes()), Ok(RecordingLine::Comment), "{line:?}");
        }
        let dropped = RecordingLine::read(br#"{"type":"dropped","events":3,"schema":1,"time":"2026-01-01T00:00:00Z"}"#);
        let Ok(RecordingLine::Connection(line)) = dropped else { panic!("{dropped:?}") };
        assert_eq!(line.milestone, Milestone::Dropped { events: 3 });
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (line, why) in [
            ("nonsense", "it is not JSON: expected ident"),
            ("{}", "it has no \"type\""),
            (r#"{"type":"listening"}"#, "its \"type\" is \"listening\""),
            (r#"{"type":"text","moon":1,"base64":"?"}"#, "its \"base64\": not base64"),
            (r#"{"schema":1,"type":4,"text":"a"}"#, "\"type\" is integer `4` instead of a string"),
            (r#"{"schema":"a","type":"text"}"#, "\"schema\" is string"),
            (
                r#"{"type":"text","direction":"sent","text":"\ud800x"}"#,
                "its \"text\": half of a surrogate pair in a string",
            ),
            (
                r#"{"type":"text","direction":"sent","text":"x\udc00"}"#,
                "its \"text\": half of a surrogate pair in a string",
            ),
            (r#"{"type":"text"}"#, "it has no \"direction\""),
            (r#"{"schema":2,"type":"note"}"#, "its \"schema\" is 2, and this version reads 1"),
            (r#"{"schema":2,"type":"text"}"#, "its \"schema\" is 2, and this version reads 1"),
            (r#"{"schema":2,"type":"dropped","events":1}"#, "its \"schema\" is 2, and this version reads 1"),
            (r#"{"schema":1,"type":"opened"}"#, "missing field `url`"),
            (
                &format!(r#"{{"type":"opened","moon":"{}"}}"#, "x".repeat(4 << 20)),
                "it is about a connection, and longer than",
            ),
            (r#"{"type":"text","te"#, "it is not JSON: EOF while parsing"),
        ] {
            let told = RecordingLine::read(line.as_bytes()).unwrap_err().to_string();
            assert!(told.starts_with(why), "{told:?} of {line}");
        }
    }
}
