//! Keys that TLS can carry, or a file can hold, and that nothing here checks or makes a signature with.

/// By the object identifiers of their algorithm or their curve (RFC 3279, 4055, 5480, 5639, 8410), with the article.
pub(super) const UNSUPPORTED_KEYS: [(&str, &str); 9] = [
    ("1.2.840.113549.1.1.10", "an RSASSA-PSS"),
    ("1.3.101.113", "an Ed448"),
    ("1.2.840.10040.4.1", "a DSA"),
    ("1.3.132.0.35", "an ECDSA P-521"),
    ("1.3.132.0.33", "an ECDSA P-224"),
    ("1.3.132.0.10", "an ECDSA secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "an ECDSA brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "an ECDSA brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "an ECDSA brainpoolP512r1"),
];

/// The kind of the key in a structure in DER that nothing but a key is in.
pub(super) fn kind_in(der: &[u8]) -> Option<&'static str> {
    let has = |oid: &str| {
        let oid = in_der(oid);
        der.windows(oid.len()).any(|there| there == oid)
    };
    UNSUPPORTED_KEYS.iter().find(|(oid, _)| has(oid)).map(|(_, kind)| *kind)
}

/// An object identifier as DER has it (X.690 §8.19), of fewer than 128 bytes.
fn in_der(oid: &str) -> Vec<u8> {
    let mut arcs = oid.split('.').filter_map(|arc| arc.parse::<u32>().ok());
    let first = arcs.next().unwrap_or_default() * 40 + arcs.next().unwrap_or_default();
    let mut content = Vec::new();
    for arc in [first].into_iter().chain(arcs) {
        let sevens = (0..5).rev().map(|at| (arc >> (7 * at), at)).filter(|(rest, at)| *rest > 0 || *at == 0);
        content.extend(sevens.map(|(rest, at)| (rest & 0x7f) as u8 | if at > 0 { 0x80 } else { 0 }));
    }
    [vec![6, content.len() as u8], content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_written_as_der_has_them() {
        assert_eq!(in_der("1.3.101.113"), b"\x06\x03\x2b\x65\x71");
        assert_eq!(in_der("1.3.132.0.35"), b"\x06\x05\x2b\x81\x04\x00\x23");
        assert_eq!(in_der("1.2.840.113549.1.1.10"), b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a");
        assert_eq!(kind_in(b"\0\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07\0"), Some("an ECDSA brainpoolP256r1"));
        assert_eq!(kind_in(b"\x06\x03\x2b\x65\x70"), None);
    }
}
