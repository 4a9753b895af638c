//! Numbers in JSON by their digits: RFC 8259 §6 bounds neither their size nor their precision, and a `f64` does.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::json_escapes;

/// The value of a number, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExactNumber {
    is_negative: bool,
    /// Without zeros around them; empty for 0.
    digits: Vec<u8>,
    /// The value is `0.DIGITS` times ten to this.
    exponent: i64,
}

impl ExactNumber {
    /// Of a number in JSON; `None` for what is none, and where the exponent is beyond all reason.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (is_negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if whole.is_empty() || !all.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let exponent = exponent.parse::<i64>().ok().filter(|exponent| exponent.abs() < i64::from(i32::MAX))?;
        let Some(first) = all.iter().position(|digit| *digit != b'0') else {
            return Some(Self { is_negative: false, digits: Vec::new(), exponent: 0 });
        };
        let last = all.iter().rposition(|digit| *digit != b'0').unwrap_or(first);
        let exponent = exponent + whole.len() as i64 - first as i64;
        Some(Self { is_negative, digits: all[first..=last].to_vec(), exponent })
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for ExactNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sign().cmp(&other.sign()).then_with(|| {
            let size = self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
            if self.is_negative { size.reverse() } else { size }
        })
    }
}

impl PartialOrd for ExactNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether the numbers of two JSON texts, which are the same as far as `f64` tells them apart, are the same by their digits. What
/// objects of `found` have besides isn't looked at.
pub(crate) fn same_numbers(expected: &str, found: &str) -> bool {
    if !is_beyond_a_float(expected) && !is_beyond_a_float(found) {
        return true;
    }
    let [expected, found] = [expected, found].map(|text| json_escapes::paired(text.as_bytes()).into_owned());
    let read = |text| serde_json::from_slice::<&RawValue>(text).ok();
    read(&expected).zip(read(&found)).is_some_and(|(expected, found)| is_same(expected, found))
}

fn is_same(expected: &RawValue, found: &RawValue) -> bool {
    let (expected, found) = (expected.get(), found.get());
    if !is_beyond_a_float(expected) && !is_beyond_a_float(found) {
        return true;
    }
    match expected.as_bytes().first() {
        Some(b'{') => {
            let read = |text| serde_json::from_str::<BTreeMap<String, &RawValue>>(text).ok();
            let Some((expected, found)) = read(expected).zip(read(found)) else { return false };
            expected.iter().all(|(name, value)| found.get(name).is_some_and(|found| is_same(value, found)))
        }
        Some(b'[') => {
            let read = |text| serde_json::from_str::<Vec<&RawValue>>(text).ok();
            let Some((expected, found)) = read(expected).zip(read(found)) else { return false };
            expected.iter().zip(&found).all(|(expected, found)| is_same(expected, found))
        }
        Some(b'-' | b'0'..=b'9') => match (ExactNumber::parse(expected), ExactNumber::parse(found)) {
            (Some(expected), Some(found)) => expected == found,
            _ => expected == found,
        },
        _ => true,
    }
}

/// Whether a text may have a number in it that a `f64` doesn't hold: with more than 15 digits in a row, or a point among them, or an
/// exponent of three digits.
fn is_beyond_a_float(text: &str) -> bool {
    let mut digits = 0;
    let mut exponent = None;
    text.bytes().any(|byte| {
        match (byte, &mut exponent) {
            (b'0'..=b'9', Some(length)) => *length += 1,
            (b'0'..=b'9', None) => digits += 1,
            (b'.', None) => {}
            (b'e' | b'E', None) if digits > 0 => exponent = Some(0),
            (b'+' | b'-', Some(0)) => {}
            _ => (digits, exponent) = (0, None),
        }
        digits > 15 || exponent.is_some_and(|length| length > 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_their_digits() {
        let number = |text: &str| ExactNumber::parse(text).unwrap_or_else(|| panic!("{text}"));
        for (less, more) in [
            ("18446744073709551616", "18446744073709551617"),
            ("-9223372036854775810", "-9223372036854775809"),
            ("0.1", "0.1000000000000000055"),
            ("1", "1.00000000000000000001"),
            ("-1", "0"),
            ("9", "10"),
            ("0.09", "0.1"),
            ("1e400", "2e400"),
            ("-2e400", "1e-400"),
        ] {
            assert!(number(less) < number(more) && number(more) > number(less), "{less} {more}");
        }
        for (one, other) in [("1", "1.0"), ("10", "1e1"), ("-0.0", "0"), ("120E-1", "12"), ("0.00012", "1.2e-4")] {
            assert_eq!(number(one), number(other), "{one} {other}");
        }
        for none in ["", "-", "a", ".5", "1e99999999999"] {
            assert_eq!(ExactNumber::parse(none), None, "{none}");
        }
    }

    #[test]
    fn whole_documents_are_compared_by_them_too() {
        for (expected, found, is) in [
            (r#"{"a":[18446744073709551616]}"#, r#"{"a":[18446744073709551617]}"#, false),
            (r#"{"a":[18446744073709551616]}"#, r#"{ "a" : [18446744073709551616.0] , "b": 1}"#, true),
            (r#"{"a":"18446744073709551616"}"#, r#"{"a":"18446744073709551616"}"#, true),
            (r#""\ud800 1234567890123456789""#, r#""\ud800 1234567890123456789""#, true),
            ("1e400", "1e400", true),
            ("[1]", "[1]", true),
        ] {
            assert_eq!(same_numbers(expected, found), is, "{expected} {found}");
        }
    }
}
