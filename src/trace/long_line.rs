//! A long line of a recording, whose content stays in the memory that the line has: read as any other, the line would be there once,
//! and its content once or twice besides.

use memchr::{memchr, memchr2};

use super::connection_lines::is_about_connection;
use super::no_record::NoRecord;
use super::record::Record;
use super::record_fields::field_names;
use crate::values;

/// What may be in a line beside its content, in bytes.
const LONGEST_REST: usize = 4 << 20;

/// Reads a line that is JSON, and takes it over, unless it is no record.
///
/// # Errors
/// Why it is none.
pub(super) fn read(line: &mut Vec<u8>) -> Result<Record<'static>, NoRecord> {
    let members = members(line);
    let content =
        members.iter().filter(|member| member.is_content(line)).max_by_key(|member| member.end - member.begin);
    let rest = rest(line, &members, content)?;
    let mut record = match Record::read(&rest) {
        Ok(record) => record,
        Err(NoRecord::OtherType(name)) if is_about_connection(&name) => return Err(too_long_about_connection()),
        Err(why) => return Err(why),
    };
    let Some(content) = content.copied() else { return Ok(record) };
    let is_text = content.key(line) == b"text";
    let LineMember { begin, end, .. } = content;
    let bytes = string(std::mem::take(line), begin, end)?;
    if is_text {
        let text = String::from_utf8(bytes).map_err(|_| NoRecord::Malformed("its \"text\" is not UTF-8".into()))?;
        record.text = Some(text.into());
    } else {
        let bytes = values::base64_of(bytes).map_err(|why| NoRecord::Malformed(format!("its \"base64\": {why}")))?;
        record.base64 = Some(bytes.into());
    }
    Ok(record.into_owned())
}

/// Of a line that is longer than any that is about a connection may be.
pub(super) fn too_long_about_connection() -> NoRecord {
    NoRecord::Malformed("it is about a connection, and longer than 4 MiB".into())
}

/// A member of the line's object: where its key is, quotes included, and its value.
#[derive(Debug, Clone, Copy)]
struct LineMember {
    key: (usize, usize),
    begin: usize,
    end: usize,
}

impl LineMember {
    fn key<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        &line[self.key.0 + 1..self.key.1 - 1]
    }

    fn is_content(&self, line: &[u8]) -> bool {
        matches!(self.key(line), b"text" | b"base64") && line[self.begin] == b'"'
    }
}

/// The members of an object, in JSON.
fn members(line: &[u8]) -> Vec<LineMember> {
    let mut members = Vec::new();
    let mut at = blank(line, 0) + 1;
    loop {
        at = blank(line, at);
        if line.get(at) != Some(&b'"') {
            return members;
        }
        let key = (at, string_end(line, at));
        let begin = blank(line, blank(line, key.1) + 1);
        let end = value_end(line, begin);
        members.push(LineMember { key, begin, end });
        // The comma, or the end.
        at = blank(line, end) + 1;
    }
}

fn blank(line: &[u8], from: usize) -> usize {
    from + line[from.min(line.len())..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Behind the string that begins here.
fn string_end(line: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while let Some(found) = memchr2(b'"', b'\\', &line[at.min(line.len())..]) {
        at += found + 1;
        if line[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    line.len()
}

/// Behind the value that begins here.
fn value_end(line: &[u8], begin: usize) -> usize {
    let (mut at, mut depth) = (begin, 0usize);
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => at = string_end(line, at),
            b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' | b',' if depth == 0 => break,
            b'}' | b']' => (at, depth) = (at + 1, depth - 1),
            _ => at += 1,
        }
    }
    begin + line[begin.min(at)..at].trim_ascii_end().len()
}

/// The object with the members that a record may have, and nothing in the place of its content.
fn rest(line: &[u8], members: &[LineMember], content: Option<&LineMember>) -> Result<Vec<u8>, NoRecord> {
    let known = field_names::<Record<'_>>();
    let mut rest = b"{".to_vec();
    for member in members.iter().filter(|member| known.iter().any(|name| name.as_bytes() == member.key(line))) {
        rest.extend_from_slice(if rest.len() > 1 { b"," } else { b"" });
        rest.extend_from_slice(&line[member.key.0..member.key.1]);
        rest.push(b':');
        let is_content = content.is_some_and(|content| content.begin == member.begin);
        let value = if is_content { &b"\"\""[..] } else { &line[member.begin..member.end] };
        if rest.len() + value.len() > LONGEST_REST {
            return Err(NoRecord::Malformed("what is in it beside the content is longer than 4 MiB".into()));
        }
        rest.extend_from_slice(value);
    }
    rest.push(b'}');
    Ok(rest)
}

/// What the string that begins and ends there stands for, in the memory of the line: it is never longer than it is written.
fn string(mut line: Vec<u8>, begin: usize, end: usize) -> Result<Vec<u8>, NoRecord> {
    let (mut from, end, mut to) = (begin + 1, end - 1, 0);
    while from < end {
        let plain = memchr(b'\\', &line[from..end]).unwrap_or(end - from);
        line.copy_within(from..from + plain, to);
        (from, to) = (from + plain, to + plain);
        if from < end {
            let (character, length) = escape(&line[from..end])?;
            to += character.encode_utf8(&mut line[to..to + length]).len();
            from += length;
        }
    }
    line.truncate(to);
    Ok(line)
}

/// What an escape stands for, and how long it is.
fn escape(text: &[u8]) -> Result<(char, usize), NoRecord> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6).and_then(|escape| escape.strip_prefix(b"\\u"));
        digits.and_then(|digits| u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok())
    };
    Ok(match text.get(1) {
        Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(*byte), 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        _ => {
            let units: Vec<u16> = [unit(0), unit(6)].into_iter().map_while(|unit| unit).collect();
            match char::decode_utf16(units).next() {
                Some(Ok(character)) => (character, 6 * character.len_utf16()),
                _ => return Err(NoRecord::Malformed("it is not JSON: half of a surrogate pair in a string".into())),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::record::Extent;
    use crate::ws::{Direction, Kind};

    #[test]
    fn a_line_is_read_as_any_other() {
        let contents = ["", "plain", "\"\\\u{0}\u{7f}\u{2028}\u{1f600}\n\t\u{8}\u{c}\r/é", "]}{[,:\"text\":\""];
        for content in contents.iter().map(|text| text.as_bytes()).chain([&b"\xff\x00\xfe"[..]]) {
            for kind in [Kind::Text, Kind::Binary] {
                let extent = Extent { wire_length: 3, fragments: 2, lengths: vec![1, 2], ..Extent::default() };
                let record = Record::message(Direction::Sent, kind, content.into(), 9, extent);
                let record = Record { reason: Some("\"text\":\"\\\"".into()), ..record };
                let mut line = record.line().into_bytes();
                assert_eq!(read(&mut line).as_ref(), Ok(&record), "{}", record.line());
            }
        }
        for line in [
            r#" { "type" : "text" , "direction" : "sent" , "moon" : { "text" : [ "]" , "}" ] } , "text" : "a\u00e9\ud83d\ude00\/" } "#,
            r#"{"base64":"_w==","direction":"sent","type":"binary","text":null}"#,
            r#"{"type":"ping","direction":"received"}"#,
        ] {
            let expected = crate::trace::recording_line::RecordingLine::read(line.as_bytes()).unwrap();
            let crate::trace::recording_line::RecordingLine::Record(expected) = expected else { panic!("{line}") };
            assert_eq!(read(&mut line.as_bytes().to_vec()), Ok(*expected));
        }
    }

    #[test]
    fn what_is_no_record_stays_where_it_is() {
        for (line, why) in [
            (r#"{"type":"opened","url":"a"}"#, "it is about a connection, and longer than 4 MiB"),
            (r#"{"text":"a"}"#, "it has no \"type\""),
            (&format!(r#"{{"type":"text","reason":"{}"}}"#, "x".repeat(4 << 20)), "what is in it beside"),
        ] {
            let mut kept = line.as_bytes().to_vec();
            let told = read(&mut kept).unwrap_err().to_string();
            assert!(told.starts_with(why) && kept == line.as_bytes(), "{told}");
        }
        for (line, why) in [
            (r#"{"type":"text","text":"\ud800"}"#, "it is not JSON: half of"),
            (r#"{"type":"binary","base64":"?"}"#, "its \"base64\": not base64"),
        ] {
            let told = read(&mut line.as_bytes().to_vec()).unwrap_err().to_string();
            assert!(told.starts_with(why), "{told}");
        }
    }
}
