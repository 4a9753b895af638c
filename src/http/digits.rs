//! Numbers in text from the wire. HTTP's grammar (`1*DIGIT`, `1*HEXDIG`), RFC 3986's ports and RFC 6901's indices have digits and
//! nothing else; what the standard library parses may have a sign.

use std::str::FromStr;

/// A decimal number; `None` for what has anything but digits, or is too large.
pub(crate) fn decimal<T: FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// A hexadecimal number.
pub(crate) fn hexadecimal(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) { u64::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_no_sign() {
        assert_eq!((decimal::<u16>("0080"), decimal::<u16>("65535")), (Some(80), Some(65535)));
        for text in ["+5", "-0", "", " 5", "5 ", "65536", "٣"] {
            assert_eq!(decimal::<u16>(text), None, "{text:?}");
        }
        assert_eq!((hexadecimal("fF"), hexadecimal("ffffffffffffffff")), (Some(255), Some(u64::MAX)));
        for text in ["+5", "-5", "0x5", "", "10000000000000000"] {
            assert_eq!(hexadecimal(text), None, "{text:?}");
        }
    }
}
