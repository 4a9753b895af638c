//! Values that templates are filled in with and that are made anew each time.

use std::time::SystemTime;

/// A random one (RFC 9562 §5.4).
pub(crate) fn uuid() -> String {
    let random = rand::random::<u128>();
    let bits = random & !(0xf000 << 64) & !(0xc000 << 48) | 0x4000 << 64 | 0x8000 << 48;
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// Since 1970.
pub(crate) fn milliseconds() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}
