//! Flags that are given secrets, or prove who a client is: what of their values nobody else is shown, and what stays with the
//! server that it was given for.

use crate::http::is_secret_header;
use crate::values::is_slip;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretFlag {
    /// Its long name, without dashes.
    pub(crate) long: &'static str,
    pub(crate) short: Option<char>,
    pub(crate) part: SecretPart,
    /// For what it is to one server alone; `None` of what is for none or any, or is judged by what is in it.
    pub(crate) proof: Option<ClientProof>,
}

/// What is secret of a flag's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretPart {
    /// It names a file, or there is none.
    Nothing,
    All,
    /// What is behind `NAME:`, as curl has it of a certificate's file, too.
    Password,
    /// The value of a header with a secret name.
    Header,
    /// What is secret in a URL.
    Url,
    /// A token among subprotocols, which the one before it announces.
    Subprotocol,
}

/// How a client proves to a server who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientProof {
    /// By TLS.
    Certificate,
    /// In its request.
    Request,
}

const fn of(long: &'static str, short: Option<char>, part: SecretPart, proof: Option<ClientProof>) -> SecretFlag {
    SecretFlag { long, short, part, proof }
}

const SECRET_FLAGS: [SecretFlag; 15] = [
    of("secret", None, SecretPart::All, None),
    of("cert", None, SecretPart::Password, Some(ClientProof::Certificate)),
    of("key", None, SecretPart::Password, Some(ClientProof::Certificate)),
    of("user", Some('u'), SecretPart::Password, Some(ClientProof::Request)),
    of("digest", None, SecretPart::Nothing, Some(ClientProof::Request)),
    of("bearer", None, SecretPart::All, Some(ClientProof::Request)),
    of("oauth2-bearer", None, SecretPart::All, Some(ClientProof::Request)),
    of("cookie", Some('b'), SecretPart::All, Some(ClientProof::Request)),
    of("from-curl", None, SecretPart::All, Some(ClientProof::Request)),
    of("header", Some('H'), SecretPart::Header, None),
    of("subprotocol", Some('s'), SecretPart::Subprotocol, None),
    of("proxy", Some('x'), SecretPart::Url, None),
    of("proxy-user", Some('U'), SecretPart::Password, None),
    of("auth", None, SecretPart::Password, None),
    of("auth-bearer", None, SecretPart::All, None),
];

/// Flags whose names have to do with secrets, and whose values, if they have one, have none.
const WITHOUT_SECRETS: [&str; 6] =
    ["cacert", "cookie-jar", "noproxy", "keep-credentials", "record-secrets", "show-secrets"];

/// Short flags without a value, behind which another may follow in the same word.
const SWITCHES: [char; 9] = ['1', '4', '6', 'L', 'P', 'k', 'n', 'q', 'v'];

/// Such a flag as it stands on a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrittenFlag<'a> {
    pub(crate) name: &'a str,
    pub(crate) part: SecretPart,
    /// The value, where it is joined to the flag.
    pub(crate) joined: Option<&'a str>,
}

/// All whose values are secrets, or may hold some.
pub(crate) fn with_secret_values() -> impl Iterator<Item = &'static SecretFlag> {
    SECRET_FLAGS.iter().filter(|flag| flag.part != SecretPart::Nothing)
}

/// One whose value is secret, in a word of a command line.
pub(crate) fn written(word: &str) -> Option<WrittenFlag<'_>> {
    with_secret_values().find_map(|flag| {
        let (name, joined) = match word.strip_prefix("--") {
            Some(long) => match long.split_once('=') {
                Some((name, value)) => (name == flag.long).then_some((&word[..2 + name.len()], Some(value))),
                None => (long == flag.long).then_some((word, None)),
            },
            None => {
                let rest = word.strip_prefix('-')?.trim_start_matches(SWITCHES).strip_prefix(flag.short?)?;
                let value = rest.strip_prefix('=').unwrap_or(rest);
                Some((&word[..word.len() - rest.len()], Some(value).filter(|_| !rest.is_empty())))
            }
        }?;
        Some(WrittenFlag { name, part: flag.part, joined })
    })
}

/// A flag that there isn't, in a word of a command line, behind which a secret may have been written: one of those above was
/// meant, or its name is that of a secret. The value, where it is joined to it.
pub(crate) fn mistyped(word: &str) -> Option<Option<&str>> {
    let long = word.strip_prefix("--")?;
    let (name, joined) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
    let is_one = |flag: &SecretFlag| (name.len() > 1 && flag.long.starts_with(name)) || is_slip(flag.long, name);
    let is_meant = is_secret_header(name) || with_secret_values().any(is_one);
    (is_meant && !WITHOUT_SECRETS.contains(&name)).then_some(joined)
}

/// Whether what stands in a wrong place may be a password or a token: a word with digits among its letters, which doesn't begin
/// with one as numbers, sizes and times do, and is longer than those that are called so, as `ipv4`.
pub(crate) fn looks_secret(text: &str) -> bool {
    let is_mixed = |word: &str| {
        word.starts_with(char::is_alphabetic) && word.len() > 6 && word.contains(|c: char| c.is_ascii_digit())
    };
    text.split(|c: char| !c.is_alphanumeric()).any(is_mixed)
}

/// What a flag with this long name proves to one server.
pub(crate) fn proof(long: &str) -> Option<ClientProof> {
    SECRET_FLAGS.iter().find(|flag| flag.long == long).and_then(|flag| flag.proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_found_with_its_value_or_without() {
        for (word, found) in [
            ("-u", Some(("-u", SecretPart::Password, None))),
            ("-ume:open", Some(("-u", SecretPart::Password, Some("me:open")))),
            ("-ku", Some(("-ku", SecretPart::Password, None))),
            ("-kLHX-Api-Key: k", Some(("-kLH", SecretPart::Header, Some("X-Api-Key: k")))),
            ("-b=sid", Some(("-b", SecretPart::All, Some("sid")))),
            ("--bearer", Some(("--bearer", SecretPart::All, None))),
            ("--bearer=a=b", Some(("--bearer", SecretPart::All, Some("a=b")))),
            ("--user-agent", None),
            ("--cert=a.pem:open", Some(("--cert", SecretPart::Password, Some("a.pem:open")))),
            ("-sbearer", Some(("-s", SecretPart::Subprotocol, Some("bearer")))),
            ("bearer", None),
            ("-k", None),
        ] {
            let written = written(word).map(|WrittenFlag { name, part, joined }| (name, part, joined));
            assert_eq!(written, found, "{word}");
        }
    }

    #[test]
    fn a_word_in_a_wrong_place_looks_like_a_secret_or_not() {
        for word in ["hunter2", "[hunter2", "--nopehunter2", "s3cr3t-pass0rd"] {
            assert!(looks_secret(word), "{word}");
        }
        for word in ["many", "--http1.1", "--tlsv1.2", "127.0.0.1:8080", "10seconds", "base64", "x1", "--proxy-header"]
        {
            assert!(!looks_secret(word), "{word}");
        }
    }

    #[test]
    fn what_was_meant_for_a_secret_is_found() {
        for (word, found) in [
            ("--usr", Some(None)),
            ("--bear", Some(None)),
            ("--passwd=open", Some(Some("open"))),
            ("--api-key", Some(None)),
            ("--user-agent", None),
            ("--cookie-jar=jar", None),
            ("--retry", None),
            ("token", None),
        ] {
            assert_eq!(mistyped(word), found, "{word}");
        }
    }
}
