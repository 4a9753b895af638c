//! Flags that are given secrets.

/// What is secret of a flag's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretPart {
    All,
    /// What is behind `NAME:`.
    Password,
    /// The value of a header with a secret name.
    Header,
    /// What is secret in a URL.
    Url,
}

/// The flags whose values are secrets, or may hold some.
pub(crate) const SECRET_FLAGS: [(&str, SecretPart); 14] = [
    ("-u", SecretPart::Password),
    ("--user", SecretPart::Password),
    ("--bearer", SecretPart::All),
    ("--oauth2-bearer", SecretPart::All),
    ("--auth", SecretPart::Password),
    ("-H", SecretPart::Header),
    ("--header", SecretPart::Header),
    ("-b", SecretPart::All),
    ("--cookie", SecretPart::All),
    ("-x", SecretPart::Url),
    ("--proxy", SecretPart::Url),
    ("-U", SecretPart::Password),
    ("--proxy-user", SecretPart::Password),
    ("--from-curl", SecretPart::All),
];
