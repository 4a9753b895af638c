//! Certificates as peers show them.

use super::shown::check;
use crate::net::CertificateFacts;
use crate::view::json_text;

/// Any bytes: no certificate, or one that can be shown.
pub fn certificate(der: &[u8]) {
    if let Some(facts) = CertificateFacts::of(der) {
        check_shown(&facts);
    }
}

/// A certificate that says these things, in strings of one of the types that names are in (RFC 5280 §4.1.2.4): each is told
/// as it is there, where it is text.
pub fn certificate_of(string: u8, subject: &[u8], issuer: &[u8], names: &[&[u8]]) {
    const UTF8: u8 = 0x0c;
    const STRINGS: [u8; 5] = [UTF8, 0x13, 0x14, 0x16, 0x1e];
    let string = STRINGS[usize::from(string) % STRINGS.len()];
    let Some(facts) = CertificateFacts::of(&written(string, subject, issuer, names)) else { return };
    check_shown(&facts);
    let (subject, issuer) = (str::from_utf8(subject), str::from_utf8(issuer));
    if let (UTF8, Ok(subject), Ok(issuer)) = (string, subject, issuer) {
        assert_eq!((facts.subject.raw(), facts.issuer.raw()), (subject, issuer));
    }
    // RFC 5280 §4.2.1.6: of ASCII. One that isn't makes the extension unreadable.
    if names.iter().all(|name| name.is_ascii()) {
        assert!(facts.names.iter().map(|name| name.raw().as_bytes()).eq(names.iter().copied()));
    }
}

fn check_shown(facts: &CertificateFacts) {
    check(&facts.summary());
    facts.details().iter().for_each(|line| check(line));
    if let Ok(json) = serde_json::to_string(facts) {
        check(&json_text::escaped(&json));
    }
}

/// RFC 5280 §4.1, signed by nobody.
fn written(string: u8, subject: &[u8], issuer: &[u8], names: &[&[u8]]) -> Vec<u8> {
    // ecdsa-with-SHA256; a point on P-256 that nobody looks at.
    let algorithm = der(0x30, &[b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"]);
    let key_type = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let key = der(0x30, &[key_type, &der(0x03, &[b"\0\x04", &[1; 64]])]);
    // A common name.
    let name = |text: &[u8]| {
        let attribute = der(0x30, &[b"\x06\x03\x55\x04\x03", &der(string, &[text])]);
        der(0x30, &[&der(0x31, &[&attribute])])
    };
    let validity = der(0x30, &[&der(0x17, &[b"250101000000Z"]), &der(0x17, &[b"350101000000Z"])]);
    let names: Vec<u8> = names.iter().flat_map(|name| der(0x82, &[name])).collect();
    let alternative_names = der(0x30, &[b"\x06\x03\x55\x1d\x11", &der(0x04, &[&der(0x30, &[&names])])]);
    let extensions = der(0xa3, &[&der(0x30, &[&alternative_names])]);
    let version_and_serial = b"\xa0\x03\x02\x01\x02\x02\x01\x01";
    let parts: [&[u8]; 7] =
        [version_and_serial, &algorithm, &name(issuer), &validity, &name(subject), &key, &extensions];
    let contents = der(0x30, &parts);
    der(0x30, &[&contents, &algorithm, &der(0x03, &[b"\0\x01"])])
}

/// A value in the distinguished encoding (X.690 §8.1).
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match content.len() {
        short @ 0..0x80 => vec![short as u8],
        long => [&[0x84], &(long as u32).to_be_bytes()[..]].concat(),
    };
    let length = match length[..] {
        // In as few bytes as it takes.
        [0x84, ref bytes @ ..] => {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            [&[0x84 - zeros as u8], &bytes[zeros..]].concat()
        }
        _ => length,
    };
    [&[tag], &length[..], &content].concat()
}
