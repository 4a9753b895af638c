//! A record as a line of JSON. It is written field by field, without a value in between: a recording has a line for each message,
//! and is to cost next to nothing beside the connection.

use std::io::{self, Write};
use std::time::Duration;

use super::json_content::{write_base64, write_escaped};
use super::record::Record;
use super::record_type::RecordType;
use crate::script::raw_frame::{masking_name, reserved_bits_name};
use crate::view::clock::Timestamp;
use crate::ws::Direction;

/// Digits of the largest number.
const DIGITS: usize = 20;

impl Record<'_> {
    /// The line, with its end.
    pub(crate) fn line(&self) -> String {
        let mut line = Vec::new();
        self.write(&mut line);
        // What is written is made of text.
        String::from_utf8(line).unwrap_or_default()
    }

    /// Appends the line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        // A Vec takes everything.
        let _ = self.write_to(out);
    }

    /// # Errors
    /// Of the file.
    pub(crate) fn write_to(&self, to: &mut impl io::Write) -> io::Result<()> {
        write(self, to)?;
        to.write_all(b"\n")
    }
}

/// Writes the object; what isn't there is left out. Every field is named in the pattern, so that none can be forgotten.
///
/// # Errors
/// Of `out`.
#[rustfmt::skip]
fn write(record: &Record<'_>, out: &mut impl Write) -> io::Result<()> {
    let Record {
        connection, schema, time, elapsed, direction, kind, opcode, length, wire_length, fragments, fragment_lengths,
        compressed, text, base64, part, more, truncated, unsent, code, reason, round_trip, delay, faults, excerpt_of, offset,
        bad_offset, ignored, fin, rsv, mask, of,
    } = record;
    let mut fields = Fields(out);
    fields.number("{\"connection\":", *connection)?;
    let schema_key = if connection.is_some() { ",\"schema\":" } else { "{\"schema\":" };
    fields.number(schema_key, Some(u64::from(*schema)))?;
    fields.word(",\"time\":\"", time.map(Timestamp::of).as_ref().map(Timestamp::as_str))?;
    fields.millis(",\"elapsed_ms\":", *elapsed)?;
    fields.word(",\"direction\":\"", direction.map(Direction::name))?;
    fields.word(",\"type\":\"", Some(kind.name()))?;
    fields.number(",\"opcode\":", opcode.map(u64::from))?;
    fields.number(",\"length\":", *length)?;
    fields.number(",\"wire_length\":", *wire_length)?;
    fields.number(",\"fragments\":", *fragments)?;
    fields.numbers(",\"fragment_lengths\":", fragment_lengths.as_deref())?;
    fields.flag(",\"compressed\":", *compressed)?;
    fields.string(",\"text\":\"", text.as_deref())?;
    fields.bytes(",\"base64\":\"", base64.as_deref())?;
    fields.number(",\"part\":", *part)?;
    fields.flag(",\"more\":", more.then_some(true))?;
    fields.flag(",\"truncated\":", truncated.then_some(true))?;
    fields.flag(",\"unsent\":", unsent.then_some(true))?;
    fields.number(",\"code\":", code.map(u64::from))?;
    fields.string(",\"reason\":\"", reason.as_deref())?;
    fields.millis(",\"round_trip_ms\":", *round_trip)?;
    fields.value(",\"delay\":", delay.as_ref())?;
    fields.value(",\"faults\":", faults.as_ref())?;
    fields.string(",\"excerpt_of\":\"", excerpt_of.as_deref())?;
    fields.number(",\"offset\":", *offset)?;
    fields.number(",\"bad_offset\":", *bad_offset)?;
    fields.flag(",\"ignored\":", ignored.then_some(true))?;
    fields.flag(",\"fin\":", *fin)?;
    fields.word(",\"rsv\":\"", rsv.map(reserved_bits_name).as_deref())?;
    fields.word(",\"mask\":\"", mask.map(masking_name).as_deref())?;
    fields.word(",\"of\":\"", of.map(RecordType::name))?;
    fields.0.write_all(b"}")
}

/// The last digit of a number.
fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

/// Writes what there is: the key, which is given with what stands around it, and the value. Keys are copied fastest where they are
/// constants, which they are where they are written.
struct Fields<'a, W>(&'a mut W);

impl<W: Write> Fields<'_, W> {
    #[inline(always)]
    fn number(&mut self, key: &str, number: Option<u64>) -> io::Result<()> {
        let Some(number) = number else { return Ok(()) };
        self.0.write_all(key.as_bytes())?;
        self.digits(number)
    }

    #[inline]
    fn digits(&mut self, mut number: u64) -> io::Result<()> {
        // Most are 1.
        if number < 10 {
            return self.0.write_all(&[digit(number)]);
        }
        let (mut digits, mut at) = ([0; DIGITS], DIGITS);
        loop {
            at -= 1;
            digits[at] = digit(number);
            number /= 10;
            if number == 0 {
                return self.0.write_all(&digits[at..]);
            }
        }
    }

    fn numbers(&mut self, key: &str, numbers: Option<&[u64]>) -> io::Result<()> {
        let Some(numbers) = numbers else { return Ok(()) };
        self.0.write_all(key.as_bytes())?;
        let mut before: &[u8] = b"[";
        for number in numbers {
            self.0.write_all(before)?;
            self.digits(*number)?;
            before = b",";
        }
        self.0.write_all(if numbers.is_empty() { b"[]" } else { b"]" })
    }

    /// Milliseconds to the microsecond.
    #[inline(always)]
    fn millis(&mut self, key: &str, time: Option<Duration>) -> io::Result<()> {
        let Some(time) = time else { return Ok(()) };
        let rounded = u64::from(time.subsec_nanos() + 500) / 1000;
        let micros = time.as_secs().saturating_mul(1_000_000).saturating_add(rounded);
        self.number(key, Some(micros / 1000))?;
        let rest = micros % 1000;
        let decimals = [b'.', digit(rest / 100), digit(rest / 10), digit(rest)];
        let zeros = decimals[2..].iter().rev().take_while(|decimal| **decimal == b'0').count();
        self.0.write_all(&decimals[..4 - zeros])
    }

    #[inline(always)]
    fn flag(&mut self, key: &str, flag: Option<bool>) -> io::Result<()> {
        let Some(flag) = flag else { return Ok(()) };
        self.0.write_all(key.as_bytes())?;
        self.0.write_all(if flag { b"true" } else { b"false" })
    }

    /// Text in which nothing has to be escaped.
    #[inline(always)]
    fn word(&mut self, key: &str, word: Option<&str>) -> io::Result<()> {
        let Some(word) = word else { return Ok(()) };
        self.0.write_all(key.as_bytes())?;
        self.0.write_all(word.as_bytes())?;
        self.0.write_all(b"\"")
    }

    #[inline(always)]
    fn string(&mut self, key: &str, text: Option<&str>) -> io::Result<()> {
        let Some(text) = text else { return Ok(()) };
        self.0.write_all(key.as_bytes())?;
        write_escaped(text.as_bytes(), self.0)?;
        self.0.write_all(b"\"")
    }

    #[inline(always)]
    fn bytes(&mut self, key: &str, bytes: Option<&[u8]>) -> io::Result<()> {
        let Some(bytes) = bytes else { return Ok(()) };
        self.0.write_all(key.as_bytes())?;
        write_base64(bytes, self.0)?;
        self.0.write_all(b"\"")
    }

    /// What is rare.
    fn value(&mut self, key: &str, value: Option<&impl serde::Serialize>) -> io::Result<()> {
        let Some(value) = value else { return Ok(()) };
        self.0.write_all(key.as_bytes())?;
        Ok(serde_json::to_writer(&mut *self.0, value)?)
    }
}
