//! The same advice in a test file, whose steps say what flags say elsewhere.

/// What flags are called below `connect`, the longer before what they begin with.
const CLAUSES: [(&str, &str); 9] = [
    ("-H 'Authorization: …'", "header Authorization: …"),
    ("-u NAME:PASSWORD", "user NAME:PASSWORD"),
    ("--bearer", "bearer"),
    ("--origin", "origin"),
    ("--subprotocol", "subprotocol"),
    ("--no-compress", "no-compress"),
    ("-H", "header"),
    ("-b", "cookie"),
    ("-u", "user"),
];

/// The flags that advice may name of `wscli test`.
pub(crate) const FLAGS_OF_TESTS: [&str; 20] = [
    "-L",
    "-U",
    "-k",
    "-x",
    "--alpn",
    "--cacert",
    "--cert",
    "--key",
    "--location-downgrade",
    "--location-trusted",
    "--max-redirs",
    "--max-time",
    "--noproxy",
    "--ping-interval",
    "--ping-timeout",
    "--proxy-digest",
    "--retry",
    "--sni",
    "--tls-max",
    "--tls-min",
];

/// What there is to say of it in a test: clauses that name what a test hasn't are left out, and `None` is left of nothing else.
pub(crate) fn in_tests(advice: &str) -> Option<String> {
    let clauses =
        advice.split("; ").map(in_steps).filter(|clause| flags(clause).all(|flag| FLAGS_OF_TESTS.contains(&flag)));
    let clauses: Vec<String> = clauses.collect();
    (!clauses.is_empty()).then(|| clauses.join("; "))
}

/// With the words of steps in the place of flags.
fn in_steps(clause: &str) -> String {
    let mut told = String::new();
    let mut rest = clause;
    while let Some(c) = rest.chars().next() {
        let is_begin = !told.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '_'));
        let found = CLAUSES.iter().find(|(flag, _)| {
            let behind = rest.strip_prefix(flag).filter(|_| is_begin);
            behind.is_some_and(|behind| !behind.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
        });
        let (flag, word) = found.copied().unwrap_or((&rest[..c.len_utf8()], &rest[..c.len_utf8()]));
        told.push_str(word);
        rest = &rest[flag.len()..];
    }
    told
}

fn flags(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with('-') && word.contains(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_told_what_it_has() {
        for (advice, told) in [
            (
                "-u NAME:PASSWORD or --bearer TOKEN send credentials",
                Some("user NAME:PASSWORD or bearer TOKEN send credentials"),
            ),
            ("--no-check accepts it anyway", None),
            (
                "--cacert FILE trusts it, -k accepts any certificate",
                Some("--cacert FILE trusts it, -k accepts any certificate"),
            ),
            ("is the path of the URL right?", Some("is the path of the URL right?")),
            (
                "the server may want credentials (-u, --bearer, -b), an Origin (--origin URL), or another path",
                Some("the server may want credentials (user, bearer, cookie), an Origin (origin URL), or another path"),
            ),
            ("… cut after 5 bytes; --max-body SIZE shows more", Some("… cut after 5 bytes")),
            (
                "-H: the value of the header X-A contains a control character",
                Some("header: the value of the header X-A contains a control character"),
            ),
        ] {
            assert_eq!(in_tests(advice).as_deref(), told);
        }
    }
}
