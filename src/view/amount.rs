//! Numbers as people read them.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Digits in groups of three.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grouped(pub(crate) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{},{:03}", Self(self.0 / 1000), self.0 % 1000)
    }
}

/// How long something has lasted: the two largest units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age(pub(crate) Duration);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..60 => write!(f, "{:.1} s", self.0.as_secs_f64()),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            _ => write!(f, "{} h {} min", seconds / 3600, seconds % 3600 / 60),
        }
    }
}

/// A time that was measured: to a tenth of its unit, where that isn't a zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elapsed(pub(crate) Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() {
            return f.write_str("0s");
        }
        // The one digit behind the point is all that is there of a fraction.
        f.write_str(&format!("{:.1?}", self.0).replacen(".0", "", 1))
    }
}

/// A time that is waited: in milliseconds, or from a second on as an [`Age`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay(pub(crate) Duration);

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            0 => write!(f, "{} ms", self.0.as_millis()),
            _ => Age(self.0).fmt(f),
        }
    }
}

/// A time as it was given, in the largest unit that it has: 1.5s, 20ms. Without any it is 0s.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GivenTime(pub(crate) Duration);

impl fmt::Display for GivenTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() { f.write_str("0s") } else { fmt::Debug::fmt(&self.0, f) }
    }
}

/// A size in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} B", Grouped(self.0))
    }
}

/// A size as people compare sizes: to a tenth of its unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size(pub(crate) f64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut size = self.0;
        let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
        let mut unit = units.next().unwrap_or_default();
        // From where on one decimal would be rounded up to 1024.
        while size >= 1023.95
            && let Some(larger) = units.next()
        {
            size /= 1024.0;
            unit = larger;
        }
        let decimals = usize::from(unit != "B");
        write!(f, "{size:.decimals$} {unit}")
    }
}

/// A size in eight columns: to the byte up to 99,999 B, then to two or three digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShortSize(pub(crate) u64);

impl fmt::Display for ShortSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 100_000 {
            return Bytes(self.0).fmt(f);
        }
        let (mut size, mut unit) = (self.0 as f64 / 1024.0, "KiB");
        for larger in ["MiB", "GiB", "TiB"] {
            if size >= 999.5 {
                (size, unit) = (size / 1024.0, larger);
            }
        }
        let decimals = usize::from(size < 9.95);
        write!(f, "{size:.decimals$} {unit}")
    }
}

/// So many of something, whose name takes an s from two on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count(pub(crate) u64, pub(crate) &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", Grouped(self.0), self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// A time in milliseconds with up to three decimals, as JSON has it.
pub(crate) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// A time that JSON has in milliseconds, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Millis(pub(crate) Duration);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(millis(self.0))
    }
}

/// A time in milliseconds, with three digits that count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Latency(pub(crate) Duration);

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_secs_f64() * 1000.0;
        let decimals = if millis < 10.0 { 2 } else { usize::from(millis < 100.0) };
        write!(f, "{millis:.decimals$} ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        let shown = |number| Grouped(number).to_string();
        assert_eq!([0, 999, 1000, 1_234_567].map(shown), ["0", "999", "1,000", "1,234,567"]);
        let size = |bytes: u64| Size(bytes as f64).to_string();
        assert_eq!(
            [0, 1023, 1024, 1536, (1 << 20) - 1, 4 << 30, 9 << 50].map(size),
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "4.0 GiB", "9216.0 TiB"]
        );
        let short = |bytes| ShortSize(bytes).to_string();
        assert_eq!(
            [0, 99_999, 100_000, 1_022_976, 1_023_488, 10_485_759, 64 << 20, 5 << 40].map(short),
            ["0 B", "99,999 B", "98 KiB", "999 KiB", "1.0 MiB", "10 MiB", "64 MiB", "5.0 TiB"]
        );
        let elapsed = |nanoseconds| Elapsed(Duration::from_nanos(nanoseconds)).to_string();
        assert_eq!(
            [0, 300, 1_000, 1_540, 10_060_000, 2_000_000_000, 61_040_000_000].map(elapsed),
            ["0s", "300ns", "1µs", "1.5µs", "10.1ms", "2s", "61s"]
        );
        assert_eq!(Count(1, "line").to_string(), "1 line");
        assert_eq!(Count(2000, "line").to_string(), "2,000 lines");
    }
}
