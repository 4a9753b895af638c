//! Files of cookies as curl and Netscape write them: a line for each, its fields between tabs.

use super::cookie::Cookie;
use crate::http::decimal;

/// Curl writes a cookie that no script may read behind what looks like a comment.
const HTTP_ONLY: &str = "#HttpOnly_";

/// What a file begins with.
const HEADING: &str = "# Netscape HTTP Cookie File\n\n";

/// The lines that should be cookies, with their numbers.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !is_comment(line))
}

/// What a line is that is none, without a word of it.
pub(super) fn mistake(line: &str) -> &'static str {
    let fields = line.split_whitespace().count();
    let has_flag = line.split_whitespace().nth(1).is_some_and(|flag| matches!(flag, "TRUE" | "FALSE"));
    match line.contains('=') {
        _ if has_flag && (6..=7).contains(&fields) => {
            "not a cookie in Netscape's format: its fields are separated by spaces instead of tabs"
        }
        true => {
            "not a cookie in Netscape's format: it looks like the value of a Cookie header, which is given without a file"
        }
        false => "not a cookie in Netscape's format",
    }
}

pub(super) fn written<'a>(cookies: impl Iterator<Item = &'a Cookie>) -> String {
    let mut text = HEADING.to_owned();
    for cookie in cookies {
        let Cookie { domain, path, name, value, .. } = cookie;
        let (prefix, dot) = (if cookie.http_only { HTTP_ONLY } else { "" }, if cookie.and_below { "." } else { "" });
        let [below, secure] = [cookie.and_below, cookie.secure].map(|is_set| if is_set { "TRUE" } else { "FALSE" });
        let expires = cookie.expires.unwrap_or_default();
        text.push_str(&format!("{prefix}{dot}{domain}\t{below}\t{path}\t{secure}\t{expires}\t{name}\t{value}\n"));
    }
    text
}

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || (line.starts_with('#') && !line.starts_with(HTTP_ONLY))
}

/// Domain, whether for names below it, path, whether for TLS alone, the end in seconds since 1970, name and value.
pub(super) fn cookie(line: &str) -> Option<Cookie> {
    let bare = line.strip_prefix(HTTP_ONLY);
    let fields: Vec<_> = bare.unwrap_or(line).split('\t').collect();
    let [domain, and_below, path, secure, expires, name, value @ ..] = fields.as_slice() else { return None };
    let is_set = |flag: &str| flag.eq_ignore_ascii_case("TRUE");
    Some(Cookie {
        domain: domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase(),
        and_below: is_set(and_below),
        path: (*path).to_owned(),
        secure: is_set(secure),
        http_only: bare.is_some(),
        expires: Some(decimal(expires)?).filter(|end| *end != 0),
        name: (*name).to_owned(),
        value: value.first().copied().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::target::Target;

    #[test]
    fn a_cookie_goes_where_it_is_for() {
        let is_for = |line: &str, url: &str| cookie(line).unwrap().is_for(&Target::parse(url).unwrap(), 1);
        let line = ".a.example\tTRUE\t/x\tFALSE\t0\tn\tv";
        assert_eq!(cookie(line).unwrap().pair(), "n=v");
        for (url, expected) in [
            ("ws://a.example/x", true),
            ("ws://b.a.example/x/y?z", true),
            ("ws://a.example/", false),
            ("ws://a.example/xy", false),
            ("ws://ba.example/x", false),
        ] {
            assert_eq!(is_for(line, url), expected, "{url}");
        }
        let secure = "#HttpOnly_a.example\tFALSE\t/\tTRUE\t0\tn\tv";
        assert!(is_for(secure, "wss://a.example/x") && !is_for(secure, "ws://a.example/x"));
        assert!(!is_for(secure, "wss://b.a.example/"));
        // A domain of digits has no address below it.
        assert!(!is_for(".0.0.1\tTRUE\t/\tFALSE\t0\tn\tv", "ws://127.0.0.1/"));
        assert!(!is_for("a.example\tFALSE\t/\tFALSE\t1\tn\tv", "ws://a.example/"));
        assert_eq!((cookie("a\tb"), is_comment("# x"), is_comment(secure)), (None, true, false));
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        let lines = ".a.example\tTRUE\t/x\tFALSE\t7\tn\tv\n#HttpOnly_b.example\tFALSE\t/\tTRUE\t0\tm\t\n";
        let cookies: Vec<_> = super::lines(lines).map(|(_, line)| cookie(line).unwrap()).collect();
        assert_eq!(written(cookies.iter()), format!("{HEADING}{lines}"));
        assert_eq!(super::lines("\n# x\na\tb").collect::<Vec<_>>(), [(3, "a\tb")]);
    }
}
