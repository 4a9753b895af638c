//! The blocks of pcapng (draft-ietf-opsawg-pcapng), in little endian.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;

/// Tells the byte order.
const MAGIC: u32 = 0x1a2b_3c4d;

/// Packets begin with the header of IPv4 or IPv6.
const LINKTYPE_RAW: u16 = 101;

const OPTION_END: u16 = 0;
const OPTION_COMMENT: u16 = 1;
const OPTION_USER_APPLICATION: u16 = 4;
const OPTION_RESOLUTION: u16 = 9;

/// Times are in units of 10^-9 seconds.
const NANOSECONDS: u8 = 9;

/// The longest comment, in bytes: an option's length has 16 bits.
const LONGEST_COMMENT: usize = 32 * 1024;

/// Writes what every file begins with.
pub(super) fn begin(out: &mut impl Write) -> io::Result<()> {
    let mut section = Vec::new();
    section.extend(MAGIC.to_le_bytes());
    section.extend(1u16.to_le_bytes());
    section.extend(0u16.to_le_bytes());
    // How long the section is isn't known.
    section.extend(u64::MAX.to_le_bytes());
    option(&mut section, OPTION_USER_APPLICATION, concat!("wscli ", env!("CARGO_PKG_VERSION")).as_bytes());
    option(&mut section, OPTION_END, b"");
    block(out, SECTION_HEADER, &section)?;
    let mut interface = Vec::new();
    interface.extend(LINKTYPE_RAW.to_le_bytes());
    interface.extend(0u16.to_le_bytes());
    // Packets of any length.
    interface.extend(0u32.to_le_bytes());
    option(&mut interface, OPTION_RESOLUTION, &[NANOSECONDS]);
    option(&mut interface, OPTION_END, b"");
    block(out, INTERFACE_DESCRIPTION, &interface)
}

/// Writes a packet, with what there is to say about it.
pub(super) fn packet(out: &mut impl Write, time: SystemTime, packet: &[u8], comment: Option<&str>) -> io::Result<()> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let nanos = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
    let mut content = Vec::with_capacity(packet.len() + 64);
    content.extend(0u32.to_le_bytes());
    content.extend(((nanos >> 32) as u32).to_le_bytes());
    content.extend((nanos as u32).to_le_bytes());
    content.extend((packet.len() as u32).to_le_bytes());
    content.extend((packet.len() as u32).to_le_bytes());
    padded(&mut content, packet);
    if let Some(comment) = comment {
        let end = (0..=comment.len().min(LONGEST_COMMENT)).rev().find(|at| comment.is_char_boundary(*at));
        option(&mut content, OPTION_COMMENT, &comment.as_bytes()[..end.unwrap_or_default()]);
        option(&mut content, OPTION_END, b"");
    }
    block(out, ENHANCED_PACKET, &content)
}

fn option(block: &mut Vec<u8>, code: u16, value: &[u8]) {
    block.extend(code.to_le_bytes());
    block.extend((value.len() as u16).to_le_bytes());
    padded(block, value);
}

/// To a multiple of four bytes.
fn padded(block: &mut Vec<u8>, value: &[u8]) {
    block.extend_from_slice(value);
    block.resize(block.len().next_multiple_of(4), 0);
}

fn block(out: &mut impl Write, kind: u32, content: &[u8]) -> io::Result<()> {
    // The type, the length at both ends, and what is between them.
    let length = (content.len() as u32 + 12).to_le_bytes();
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&length)?;
    out.write_all(content)?;
    out.write_all(&length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_as_the_draft_has_them() {
        let mut out = Vec::new();
        begin(&mut out).unwrap();
        assert_eq!(out[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
        out.clear();
        let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(0x1_0000_0002);
        packet(&mut out, time, b"abcde", Some("é")).unwrap();
        let expected = [
            &[6, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0][..],
            b"abcde\0\0\0",
            &[1, 0, 2, 0, 0xc3, 0xa9, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0],
        ];
        assert_eq!(out, expected.concat());
    }
}
