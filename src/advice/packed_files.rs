//! What a file is that can't be read as it is, by its first bytes, and what unpacks it.

use std::path::Path;

use crate::error::{Error, named};
use crate::values::{is_utf16, utf16};

/// How files of each kind begin, what packs them, and what unpacks them.
const PACKED: [(&[u8], &str, &str); 6] = [
    (b"\x1f\x8b", "gzip", "gzip -dc"),
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -dc"),
    (b"\xfd7zXZ\0", "xz", "xz -dc"),
    (b"BZh", "bzip2", "bzip2 -dc"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -dc"),
    (b"PK\x03\x04", "zip", "unzip -p"),
];

/// How a section of a pcapng begins.
const PCAPNG: &[u8] = b"\x0a\x0d\x0d\x0a";

/// How zlib's output begins, at the levels that programs use.
const ZLIB: [&[u8]; 3] = [b"\x78\x01", b"\x78\x9c", b"\x78\xda"];

/// A recording that begins so is text, and not packed.
///
/// # Errors
/// What it is, and how to read it.
pub(crate) fn check_recording(path: &Path, beginning: &[u8]) -> Result<(), Error> {
    if ZLIB.iter().any(|magic| beginning.starts_with(magic)) {
        let what = format!("{} is compressed with zlib, as some HARs are", named(path));
        let hint = "'wscli convert --from har FILE -o FILE.ndjson' makes a recording of a HAR";
        return Err(Error::Usage { what: what.into(), hint: Some(hint.into()) });
    }
    if beginning.starts_with(PCAPNG) {
        let hint = "it is for Wireshark, and can't be read back; give the recording that it was made of";
        let what = format!("{} is a pcapng, not a recording", named(path));
        return Err(Error::Usage { what: what.into(), hint: Some(hint.into()) });
    }
    check_unpacked(path, beginning, "wscli show -")
}

/// The same of a HAR, whose first bytes are none of a format that is unpacked for it.
///
/// # Errors
/// What it is, and how to read it.
pub(crate) fn check_har(path: &Path, beginning: &[u8]) -> Result<(), Error> {
    check_unpacked(path, beginning, "wscli convert --from har - -o FILE.ndjson")
}

/// Where `reader` reads it from stdin.
fn check_unpacked(path: &Path, beginning: &[u8], reader: &str) -> Result<(), Error> {
    if is_utf16(beginning) {
        return Err(Error::file(path, utf16("it")));
    }
    let Some((_, packer, unpack)) = PACKED.iter().find(|(magic, ..)| beginning.starts_with(magic)) else {
        return Ok(());
    };
    Err(Error::Usage {
        what: format!("{} is compressed with {packer}", named(path)).into(),
        hint: Some(format!("unpack it first, as with '{unpack} FILE | {reader}'").into()),
    })
}
