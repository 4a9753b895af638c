//! A frame to send as it is given: in words at the prompt, `fin=… rsv=… opcode=… mask=… payload=…`, and the same fields in a
//! record.

use crate::values::hex;
use crate::ws::{FrameHeader, Masking, OpCode, OwnedItem};

/// A frame to send as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawFrame {
    pub(crate) header: FrameHeader,
    pub(crate) masking: Masking,
    pub(crate) payload: Vec<u8>,
}

impl From<RawFrame> for OwnedItem {
    fn from(RawFrame { header, masking, payload }: RawFrame) -> Self {
        Self::Frame { header, payload, masking }
    }
}

/// What can be said about a frame, in the order of the wire.
pub(crate) const FIELDS: [&str; 5] = ["fin", "rsv", "opcode", "mask", "payload"];

/// Reads the words; what isn't said is as in a text message. The payload reaches to the end.
///
/// # Errors
/// What can't be understood. What the protocol forbids is none of that.
pub(crate) fn parse(words: &str) -> Result<RawFrame, String> {
    let mut frame = RawFrame { header: FrameHeader::new(OpCode::Text), masking: Masking::AsUsual, payload: Vec::new() };
    let mut rest = words.trim_start();
    while !rest.is_empty() {
        if let Some(payload) = rest.strip_prefix("payload=") {
            frame.payload = bytes(payload)?;
            break;
        }
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        field(&mut frame, word)?;
        rest = after.trim_start();
    }
    Ok(frame)
}

fn field(frame: &mut RawFrame, word: &str) -> Result<(), String> {
    let (name, value) = word.split_once('=').ok_or_else(|| format!("{word:?} is not FIELD=VALUE"))?;
    match name {
        "fin" => frame.header.is_final = bit(value)?,
        "rsv" => [frame.header.rsv1, frame.header.rsv2, frame.header.rsv3] = reserved_bits(value)?,
        "opcode" => frame.header.opcode = opcode(value)?,
        "mask" => frame.masking = masking(value)?,
        _ => return Err(format!("{name:?} is not a field of a frame ({})", FIELDS.join(", "))),
    }
    Ok(())
}

fn bit(value: &str) -> Result<bool, String> {
    match value {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(format!("{value:?} is not a value of fin, which is 0 or 1")),
    }
}

/// RSV1 to RSV3, either as three binary digits or as the number that they make.
///
/// # Errors
/// Anything else.
pub(crate) fn reserved_bits(value: &str) -> Result<[bool; 3], String> {
    let radix = if value.len() == 3 { 2 } else { 10 };
    match u8::from_str_radix(value, radix) {
        Ok(bits @ 0..=7) => Ok([bits & 4 != 0, bits & 2 != 0, bits & 1 != 0]),
        _ => Err(format!("{value:?} is not a value of rsv: RSV1 RSV2 RSV3 as 000 to 111, or 0 to 7")),
    }
}

/// What [`reserved_bits`] reads.
pub(crate) fn reserved_bits_name(bits: [bool; 3]) -> String {
    bits.map(|bit| if bit { "1" } else { "0" }).concat()
}

/// By name or number.
///
/// # Errors
/// There is no such opcode.
pub(crate) fn opcode(value: &str) -> Result<OpCode, String> {
    if let Some(opcode) = OpCode::named(value) {
        return Ok(opcode);
    }
    let number = match value.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => value.parse(),
    };
    match number {
        Ok(number @ 0..=15) => Ok(OpCode::from(number)),
        _ => Err(format!("{value:?} is not an opcode: a number from 0 to 15, or a name such as text")),
    }
}

/// `random`, `none` or a key.
///
/// # Errors
/// Anything else.
pub(crate) fn masking(value: &str) -> Result<Masking, String> {
    match value {
        "random" => Ok(Masking::AsUsual),
        "none" => Ok(Masking::Off),
        digits => key(digits).map(Masking::Key),
    }
}

/// What [`masking`] reads.
pub(crate) fn masking_name(masking: Masking) -> String {
    match masking {
        Masking::AsUsual => "random".into(),
        Masking::Off => "none".into(),
        Masking::Key(key) => format!("{:08x}", u32::from_be_bytes(key)),
    }
}

/// A masking key: four bytes.
///
/// # Errors
/// Anything but eight hex digits.
pub(crate) fn key(digits: &str) -> Result<[u8; 4], String> {
    let wrong = || match digits {
        "" => "eight hex digits are missing".to_owned(),
        _ => format!("{digits:?} is not a masking key of eight hex digits"),
    };
    hex(digits.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)
}

/// Text, or bytes in hex behind 0x.
fn bytes(value: &str) -> Result<Vec<u8>, String> {
    if value.starts_with("0x") { hex(value.as_bytes()) } else { Ok(value.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_can_be_said() {
        let frame = parse("fin=0 rsv=101 opcode=0xb mask=00ff00ff payload=0x00 01").unwrap();
        let header = &frame.header;
        assert_eq!((header.is_final, header.rsv1, header.rsv2, header.rsv3), (false, true, false, true));
        assert_eq!(u8::from(header.opcode), 11);
        assert_eq!((frame.masking, frame.payload), (Masking::Key([0, 255, 0, 255]), vec![0, 1]));
    }

    #[test]
    fn what_is_not_said_is_as_in_a_text_message() {
        let frame = parse("payload=fin=0 and more ").unwrap();
        assert!(frame.header.is_final);
        assert_eq!((frame.masking, frame.payload), (Masking::AsUsual, b"fin=0 and more ".to_vec()));
        assert_eq!(parse("opcode=ping rsv=4").unwrap().header.opcode, OpCode::Ping);
    }

    #[test]
    fn nonsense_is_refused() {
        for words in ["fin=2", "rsv=8", "opcode=16", "opcode=x", "mask=1", "length=3", "payload", "payload=0x0"] {
            assert!(parse(words).is_err(), "{words}");
        }
    }
}
