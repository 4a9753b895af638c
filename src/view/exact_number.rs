//! Numbers in JSON by their digits: RFC 8259 §6 bounds neither their size nor their precision, and a `f64` does.

use std::cmp::Ordering;
use std::fmt;

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
        let exponent = exponent.parse::<i64>().ok().filter(|exponent| exponent.unsigned_abs() < i32::MAX as u64)?;
        let Some(first) = all.iter().position(|digit| *digit != b'0') else {
            return Some(Self { is_negative: false, digits: Vec::new(), exponent: 0 });
        };
        let last = all.iter().rposition(|digit| *digit != b'0').unwrap_or(first);
        let exponent = exponent + whole.len() as i64 - first as i64;
        Some(Self { is_negative, digits: all[first..=last].to_vec(), exponent })
    }

    /// Whether it is above 0.
    pub(crate) fn is_positive(&self) -> bool {
        self.sign() > 0
    }

    /// Whether it has no fraction.
    pub(crate) fn is_whole(&self) -> bool {
        self.scale() >= 0
    }

    /// The power of ten that its digits, as a whole number, are multiplied with.
    fn scale(&self) -> i64 {
        self.exponent - self.digits.len() as i64
    }

    /// Whether a division by this number leaves nothing; by one of more than 18 digits, or where thousands of zeros are between
    /// both, it does as far as a `f64` can tell.
    pub(crate) fn is_multiple_of(&self, divisor: &Self) -> bool {
        const DIGITS: usize = 18;
        const ZEROS: i64 = 4096;
        let zeros = self.scale() - divisor.scale();
        if self.digits.is_empty() {
            return true;
        }
        if divisor.digits.len() > DIGITS || zeros > ZEROS {
            let float = |number: &Self| number.to_string().parse::<f64>().unwrap_or(f64::NAN);
            let quotient = float(self) / float(divisor);
            return (quotient.round() - quotient).abs() < 1e-9;
        }
        // Without a zero at their end, digits aren't divided by ten.
        if zeros < 0 || divisor.digits.is_empty() {
            return false;
        }
        let number = |digits: &[u8]| digits.iter().fold(0, |number, digit| number * 10 + u128::from(digit - b'0'));
        let by = number(&divisor.digits);
        let digits = self.digits.iter().copied().chain((0..zeros).map(|_| b'0'));
        digits.fold(0, |rest, digit| (rest * 10 + u128::from(digit - b'0')) % by) == 0
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

impl fmt::Display for ExactNumber {
    /// In one form for each value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { str::from_utf8(&self.digits).unwrap_or_default() };
        write!(f, "{sign}0.{digits}e{}", self.exponent)
    }
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
        for none in ["", "-", "a", ".5", "1e99999999999", "1e-9223372036854775808"] {
            assert_eq!(ExactNumber::parse(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_divided_leaves_nothing_or_something() {
        let number = |text: &str| ExactNumber::parse(text).unwrap();
        for (value, divisor, is) in [
            ("19.99", "0.01", true),
            ("19.995", "0.01", false),
            ("18446744073709551617", "2", false),
            ("18446744073709551616", "2", true),
            ("-4.5", "1.5", true),
            ("0", "7", true),
            ("1e300", "3", false),
            ("3e300", "3", true),
            ("1", "10", false),
        ] {
            assert_eq!(number(value).is_multiple_of(&number(divisor)), is, "{value} {divisor}");
        }
        assert_eq!(
            ["1.0", "1e3", "0", "1.5", "1e-1"].map(|text| number(text).is_whole()),
            [true, true, true, false, false]
        );
    }
}
