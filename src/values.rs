//! Text to values, each kind in one place: durations, sizes, rates, closes, status codes, bytes.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant, SystemTime};

use data_encoding::{BASE64_NOPAD, DecodeKind, HEXLOWER_PERMISSIVE};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::http::{decimal, hexadecimal};
use crate::ws::{Close, Item, StatusCode};

/// The units of a duration, in seconds. `ms` stands before `m`, which it begins with.
const UNITS: [(&str, f64); 5] = [("d", 86_400.0), ("h", 3_600.0), ("ms", 0.001), ("m", 60.0), ("s", 1.0)];

/// Reads `500ms`, `30s`, `2m`, `1h`, `1d`, and several in a row such as `1m30s`; a bare number is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || match text {
        "" => "a duration is missing, such as 500ms, 30s or 1m30s".to_owned(),
        text => format!("{text:?} is not a duration such as 500ms, 30s or 1m30s"),
    };
    let (mut rest, mut seconds) = (text, 0.0);
    let mut shortest = f64::INFINITY;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, unit) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        if unit.is_empty() && shortest.is_infinite() {
            return span(number).ok_or_else(wrong);
        }
        let (name, factor) = UNITS.iter().find(|(name, _)| unit.starts_with(name)).ok_or_else(wrong)?;
        // Each unit once, the longer before the shorter.
        if *factor >= shortest {
            return Err(wrong());
        }
        (shortest, seconds, rest) = (*factor, seconds + number * factor, &unit[name.len()..]);
        if rest.is_empty() {
            return span(seconds).ok_or_else(wrong);
        }
    }
}

/// The longest span of time that is read, in seconds: more is no deadline, and would overflow the clock.
pub(crate) const LONGEST: f64 = 1e9;

/// So many seconds, where that is a span of time that clocks can reckon with.
pub(crate) fn span(seconds: f64) -> Option<Duration> {
    if seconds > LONGEST { None } else { Duration::try_from_secs_f64(seconds).ok() }
}

/// Reads a duration that isn't 0.
pub(crate) fn deadline(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("0 is not allowed here; omit the flag for the default".to_owned()),
        deadline => Ok(deadline),
    }
}

/// When so long is over; `None` and 0 are never.
pub(crate) fn end_after(time: Option<Duration>) -> Option<Instant> {
    time.filter(|time| !time.is_zero()).map(|time| Instant::now() + time)
}

/// Reads a time of RFC 3339, to the nanosecond.
pub(crate) fn time(text: &str) -> Result<SystemTime, String> {
    let wrong = |_| format!("{text:?} is not a time such as 2026-01-01T12:00:00Z");
    OffsetDateTime::parse(text, &Rfc3339).map(SystemTime::from).map_err(wrong)
}

/// A size in bytes, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<u64>);

/// Reads `none`, `4096`, `64KiB`, `16M`, `1GiB`. K, M and G are powers of 1024, with or without "iB".
pub(crate) fn limit(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    let wrong = || format!("{text:?} is not a size such as 4096, 64KiB, 16MiB or none");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let shift = match unit.trim_end_matches("iB").trim_end_matches('B') {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err(wrong()),
    };
    number.checked_mul(1 << shift).map(|bytes| Limit(Some(bytes))).ok_or_else(wrong)
}

/// Reads a size that memory is set aside for: at least 1 byte, at most 16 MiB.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    match limit(text)?.0 {
        Some(bytes @ 1..=0x100_0000) => Ok(bytes as usize),
        _ => Err("expected a size from 1 to 16MiB".into()),
    }
}

/// Reads `N` or `N/s` as the time between two.
pub(crate) fn rate(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a rate such as 10 or 0.5/s");
    let number: f64 = text.trim_end_matches("/s").parse().map_err(|_| wrong())?;
    if number > 0.0 && number.is_finite() { span(1.0 / number).ok_or_else(wrong) } else { Err(wrong()) }
}

/// Reads `CODE`, `CODE REASON` or `CODE:REASON`, whether or not the code may be sent.
pub(crate) fn any_close(text: &str) -> Result<Close, String> {
    let (code, reason) = text.split_once(|c: char| c == ':' || c.is_whitespace()).unwrap_or((text, ""));
    let code = StatusCode(code.parse().map_err(|_| format!("{code:?} is not a status code such as 1000 or 4000"))?);
    let close = Close { code: Some(code), reason: reason.trim().to_owned() };
    close.check_reason().map_err(|error| error.to_string())?;
    Ok(close)
}

/// Reads `CODE`, `CODE REASON` or `CODE:REASON`, with a code that an endpoint may send.
pub(crate) fn close(text: &str) -> Result<Close, String> {
    let close = any_close(text)?;
    Item::Close(close.clone()).check().map_err(|error| error.to_string())?;
    Ok(close)
}

/// Reads a close as [`close`] does; nothing is 1000.
pub(crate) fn close_or_normal(text: &str) -> Result<Close, String> {
    if text.is_empty() { Ok(Close::new(StatusCode::NORMAL, "")) } else { close(text) }
}

/// Reads a whole number.
///
/// # Errors
/// What it has to be.
pub(crate) fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "expected a whole number from 0, such as 3".into())
}

/// Takes bytes as the content of a text message; `what` says in the error whose they are.
pub(crate) fn text(bytes: &[u8], what: impl fmt::Display) -> Result<&str, String> {
    str::from_utf8(bytes).map_err(|_| if is_utf16(bytes) { utf16(what) } else { not_text(what) })
}

/// Whether a text begins with the byte order mark of UTF-16, in either order (RFC 2781 §3.2). That of UTF-32 with the least
/// significant byte first begins with the same two bytes.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// Says that something is UTF-16, and what to do about it.
pub(crate) fn utf16(what: impl fmt::Display) -> String {
    format!(
        "{what} begins with the byte order mark of UTF-16 or UTF-32, and a text has to be UTF-8: iconv converts it, and in PowerShell \
         $OutputEncoding = [Text.Encoding]::UTF8 writes it so"
    )
}

/// Says that something can't be the content of a text message.
pub(crate) fn not_text(what: impl fmt::Display) -> String {
    format!("{what} is not UTF-8, and a text message has to be")
}

/// What this program is called in requests and to other programs.
pub(crate) const PRODUCT: &str = concat!("wscli/", env!("CARGO_PKG_VERSION"));

/// Whether a finger that meant `name` may have slipped to `word`: few letters are wrong, of many.
pub(crate) fn is_slip(name: &str, word: &str) -> bool {
    const MOST: usize = 2;
    let letters = word.trim_start_matches('-').chars().count();
    strsim::damerau_levenshtein(name, word) <= MOST.min((letters / 3).max(1))
}

/// The name that was probably meant by a word, where it is a slip of the fingers.
pub(crate) fn nearest<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> Option<&'a str> {
    let slips = names.into_iter().filter(|name| is_slip(name, word));
    slips.min_by_key(|name| (strsim::damerau_levenshtein(name, word), name.len()))
}

/// What a value is called in a table of names.
pub(crate) fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, named)| named == value).map_or("", |(name, _)| name)
}

/// What a name stands for in a table of names.
pub(crate) fn named<T: Copy>(names: &[(&str, T)], name: &str) -> Option<T> {
    names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// Reads hexadecimal digits in pairs, with or without blanks between them and a `0x` in front.
pub(crate) fn hex(text: &[u8]) -> Result<Vec<u8>, String> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"0x").unwrap_or(text);
    let digits: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if let Some(wrong) = digits.iter().find(|byte| !byte.is_ascii_hexdigit()) {
        return Err(format!("{} is not a hexadecimal digit", in_quotes(&digits, *wrong)));
    }
    if digits.len() % 2 == 1 {
        return Err(format!("an odd number of hexadecimal digits ({}) is not whole bytes", digits.len()));
    }
    HEXLOWER_PERMISSIVE.decode(&digits).map_err(|error| error.to_string())
}

/// A byte that is wrong in a text, as the character that it is the beginning of.
fn in_quotes(text: &[u8], wrong: u8) -> String {
    let place = text.iter().position(|byte| *byte == wrong).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[place..]);
    format!("{:?}", text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Reads escapes as Rust and JSON have them: `\\r`, `\\n`, `\\t`, `\\0`, `\\e`, `\\\\`, `\\"`, `\\xHH` for a byte, and `\\u{HEX}` for
/// a character. What comes of it has to be UTF-8 where it is to be text.
pub(crate) fn unescaped(text: &[u8], is_text: bool) -> Result<Vec<u8>, String> {
    let mut read = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        read.extend_from_slice(&rest[..at]);
        rest = escape(&rest[at + 1..], &mut read)?;
    }
    read.extend_from_slice(rest);
    if is_text && str::from_utf8(&read).is_err() {
        return Err("with its escapes read it is not UTF-8, and a text message has to be".into());
    }
    Ok(read)
}

/// Reads what follows a backslash. Returns what is behind that.
fn escape<'a>(text: &'a [u8], read: &mut Vec<u8>) -> Result<&'a [u8], String> {
    let [letter, rest @ ..] = text else { return Err("a backslash at the end escapes nothing".into()) };
    read.push(match letter {
        b'r' => b'\r',
        b'n' => b'\n',
        b't' => b'\t',
        b'0' => 0,
        b'e' => 0x1b,
        b'\\' | b'"' => *letter,
        b'x' => {
            let (digits, rest) = rest.split_at_checked(2).ok_or("\\x needs two hexadecimal digits")?;
            read.extend(hex(digits).map_err(|why| format!("\\x: {why}"))?);
            return Ok(rest);
        }
        b'u' => {
            let (digits, rest) = braced(rest).ok_or("\\u needs a character's number, such as \\u{1f600}")?;
            let number = hexadecimal(digits).and_then(|number| u32::try_from(number).ok());
            let character =
                number.and_then(char::from_u32).ok_or_else(|| format!("\\u{{{digits}}} is not a character"))?;
            read.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(rest);
        }
        other => return Err(format!("\\{} is not an escape; \\\\ is a backslash", other.escape_ascii())),
    });
    Ok(rest)
}

/// `{…}`, and what is behind it.
fn braced(text: &[u8]) -> Option<(&str, &[u8])> {
    let inner = text.strip_prefix(b"{")?;
    let end = memchr::memchr(b'}', inner)?;
    Some((str::from_utf8(&inner[..end]).ok()?, &inner[end + 1..]))
}

/// Reads base64 in either alphabet (RFC 4648 §4 and §5), with or without padding, and with blanks, as where it was wrapped.
pub(crate) fn base64(text: &[u8]) -> Result<Vec<u8>, String> {
    base64_of(text.to_vec())
}

/// The same, in the memory of the text.
pub(crate) fn base64_of(mut text: Vec<u8>) -> Result<Vec<u8>, String> {
    text.retain(|byte| !byte.is_ascii_whitespace());
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    if padding > 0 && (padding > 2 || !text.len().is_multiple_of(4)) {
        return Err("not base64: its padding (=) does not make the length a multiple of four".into());
    }
    text.truncate(text.len() - padding);
    for byte in &mut text {
        *byte = match *byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
    }
    let is_foreign = |byte: &&u8| !byte.is_ascii_alphanumeric() && !b"+/".contains(byte);
    if let Some(wrong) = text.iter().find(is_foreign) {
        return Err(format!("not base64: {} is not in its alphabet", in_quotes(&text, *wrong)));
    }
    match decode_in_place(&mut text) {
        Ok(()) => Ok(text),
        Err(DecodeKind::Length) => Err(format!("not base64: {} characters are not whole bytes", text.len())),
        Err(_) => Err("not base64: its last character has bits that belong to no byte".into()),
    }
}

/// Bytes of base64 that are decoded at once: a multiple of four.
const DECODED_AT_ONCE: usize = 4096;

/// What is decoded is shorter than what it comes from.
fn decode_in_place(text: &mut Vec<u8>) -> Result<(), DecodeKind> {
    BASE64_NOPAD.decode_len(text.len()).map_err(|error| error.kind)?;
    let (mut decoded, mut end) = ([0; DECODED_AT_ONCE / 4 * 3], 0);
    for begin in (0..text.len()).step_by(DECODED_AT_ONCE) {
        let block = &text[begin..text.len().min(begin + DECODED_AT_ONCE)];
        let length = BASE64_NOPAD.decode_len(block.len()).map_err(|error| error.kind)?;
        let length = BASE64_NOPAD.decode_mut(block, &mut decoded[..length]).map_err(|partial| partial.error.kind)?;
        text[end..end + length].copy_from_slice(&decoded[..length]);
        end += length;
    }
    text.truncate(end);
    Ok(())
}

/// Status codes and ranges of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodeSet(Vec<RangeInclusive<u16>>);

impl CodeSet {
    /// No code at all counts as 1005, a connection that was dropped as 1006 (RFC 6455 §7.1.5).
    pub(crate) fn contains(&self, code: u16) -> bool {
        self.0.iter().any(|range| range.contains(&code))
    }
}

/// Reads `1005,4000-4099`.
pub(crate) fn code_set(text: &str) -> Result<CodeSet, String> {
    let wrong = |part: &str| format!("{part:?} is not a status code from 1000 to 4999, or a range such as 4000-4099");
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        // No Close has another, nor stands for one that is missing (RFC 6455 §7.4.2).
        let is_code = |code: &u16| (1000..=4999).contains(code);
        let read = |text: &str| text.trim().parse::<u16>().ok().filter(is_code).ok_or_else(|| wrong(part));
        let (first, last) = (read(first)?, read(last)?);
        if first > last {
            return Err(format!("{:?} ends before it begins: did you mean {last}-{first}?", part.trim()));
        }
        Ok(first..=last)
    };
    text.split(',').map(range).collect::<Result<_, _>>().map(CodeSet)
}

/// Splits `HOST:PORT`: at the last colon, but for one inside an IPv6 address, which has brackets where a port follows it.
/// `None` where no colon announces a port.
pub(crate) fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && (host.ends_with(']') || !host.contains(':')) => (host, Some(port)),
        _ => (text, None),
    }
}

/// A port, in digits alone.
pub(crate) fn port(digits: &str) -> Option<u16> {
    decimal(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        for text in ["2023-11-14T22:13:20.123Z", "2023-11-15T00:13:20.123000+02:00"] {
            assert_eq!(time(text), Ok(at), "{text}");
        }
        for text in ["", "2023-11-14", "22:13:20", "2023-13-14T22:13:20Z"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, millis) in
            [("500ms", 500), ("30s", 30_000), ("1.5", 1_500), ("2m", 120_000), ("1h", 3_600_000), ("0", 0)]
                .into_iter()
                .chain([("1d", 86_400_000), ("1m30s", 90_000), ("1h500ms", 3_600_500), ("1m1.5s", 61_500)])
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "-1s", "5x", "1e99", "99999999999h", ".", "1m30", "1s1m", "1s1s", "1m s", "1m30x"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_deadline_is_not_0() {
        assert_eq!(deadline("1ms"), Ok(Duration::from_millis(1)));
        assert!(deadline("0").is_err() && deadline("0ms").is_err());
    }

    #[test]
    fn an_end_after_0_is_none() {
        assert!(end_after(Some(Duration::ZERO)).is_none() && end_after(None).is_none());
        assert!(end_after(Some(Duration::from_secs(60))).is_some_and(|end| end > Instant::now()));
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [("0", 0), ("4096", 4096), ("64KiB", 65_536), ("16M", 16 << 20), ("1GB", 1 << 30)] {
            assert_eq!(limit(text), Ok(Limit(Some(bytes))), "{text}");
        }
        assert_eq!(limit("none"), Ok(Limit(None)));
        for text in ["", "K", "-1", "1.5M", "99999999999G", "5x"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_sizes_codes_and_closes() {
        assert_eq!(rate("4/s"), Ok(Duration::from_millis(250)));
        assert!(rate("1e-9").is_ok());
        let refused = ["0", "-1", "x", "", "1/m", "1e-10", "1e-19", "1e-300", "1e-320", "inf", "1e400", "nan"];
        assert!(refused.iter().all(|text| rate(text).is_err()));
        assert_eq!(size("64KiB"), Ok(65_536));
        assert!(["0", "none", "17MiB"].iter().all(|text| size(text).is_err()));
        let codes = code_set("1005, 4000-4099").unwrap();
        assert_eq!([1005, 4000, 4099, 4100, 1006].map(|code| codes.contains(code)), [true, true, true, false, false]);
        assert!(code_set("a").is_err() && code_set("").is_err());
        let backwards = "\"4099-4000\" ends before it begins: did you mean 4000-4099?";
        assert_eq!(code_set("1000, 4099-4000"), Err(backwards.into()));
        assert!(code_set("4000-4000").unwrap().contains(4000));
        assert_eq!(close("4000:bye: now"), Ok(Close::new(StatusCode(4000), "bye: now")));
        assert_eq!(close("4000  that is all"), Ok(Close::new(StatusCode(4000), "that is all")));
        assert_eq!(any_close("1005"), Ok(Close::new(StatusCode(1005), "")));
        assert!(["1005", "999", "x", ""].iter().all(|text| close(text).is_err()));
        assert!(close(&format!("1000:{}", "x".repeat(124))).is_err());
    }

    #[test]
    fn escapes() {
        assert_eq!(unescaped(br#"a\r\n\t\0\e\\\"\x1e\u{e9}b"#, true), Ok(b"a\r\n\t\0\x1b\\\"\x1e\xc3\xa9b".to_vec()));
        assert_eq!(unescaped(br"\xff", false), Ok(vec![0xff]));
        assert_eq!(unescaped(br"\xc3\xa9", true), Ok("é".into()));
        for (text, why) in [
            (&br"\xff"[..], "not UTF-8"),
            (br"\x1", "two hexadecimal digits"),
            (br"\xg0", "'g' is not a hexadecimal digit"),
            (br"\u{d800}", "is not a character"),
            (br"\u00e9", "\\u{1f600}"),
            (br"\q", "\\q is not an escape"),
            (b"a\\", "escapes nothing"),
        ] {
            let told = unescaped(text, true).unwrap_err();
            assert!(told.contains(why), "{told:?} of {}", text.escape_ascii());
        }
    }

    #[test]
    fn bytes() {
        assert_eq!(hex(b" 0x00 fF\t10"), Ok(vec![0, 255, 16]));
        assert_eq!(hex(b"0"), Err("an odd number of hexadecimal digits (1) is not whole bytes".into()));
        assert_eq!(hex(b"0g"), Err("'g' is not a hexadecimal digit".into()));
        assert_eq!(hex("xyé".as_bytes()), Err("'x' is not a hexadecimal digit".into()));
        assert_eq!(hex("0é".as_bytes()), Err("'é' is not a hexadecimal digit".into()));
        for text in ["/+8=", "/+8", "_-8", " /+\n8= "] {
            assert_eq!(base64(text.as_bytes()), Ok(vec![0xff, 0xef]), "{text}");
        }
        for (text, why) in [
            ("a", "1 characters are not whole bytes"),
            ("é", "'é' is not in its alphabet"),
            ("a!", "'!' is not in its alphabet"),
            ("YQ=", "its padding (=) does not make the length a multiple of four"),
            ("YQ==YQ==", "'=' is not in its alphabet"),
            ("YR==", "its last character has bits that belong to no byte"),
        ] {
            assert_eq!(base64(text.as_bytes()), Err(format!("not base64: {why}")), "{text}");
        }
        assert_eq!(base64(b"aGk="), Ok(b"hi".to_vec()));
        assert!(base64(b"a").is_err());
    }

    #[test]
    fn a_port_stands_behind_the_last_colon() {
        for (text, split) in [
            ("a:1", ("a", Some("1"))),
            (":1", ("", Some("1"))),
            ("a:", ("a", Some(""))),
            ("a", ("a", None)),
            ("[::1]:8", ("[::1]", Some("8"))),
            ("[::1]", ("[::1]", None)),
            ("[fe80::1%25eth0]:8", ("[fe80::1%25eth0]", Some("8"))),
            ("::1", ("::1", None)),
            ("", ("", None)),
        ] {
            assert_eq!(split_port(text), split, "{text}");
        }
        assert_eq!(["0", "65535", "65536", "+1", "", "a"].map(port), [Some(0), Some(65535), None, None, None, None]);
    }
}
