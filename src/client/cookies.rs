//! `-b`: cookies as they are typed, and files of them as curl and Netscape write them.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::advice::flag::COOKIE;
use crate::error::Error;
use crate::net::target::Target;
use crate::stdio::file;

/// Which cookies are sent where.
#[derive(Debug, Clone, Default)]
pub(super) struct Cookies {
    /// `NAME=VALUE` each, for every server.
    typed: Vec<String>,
    kept: Vec<Kept>,
}

/// A line of a file (RFC 6265 §5.3, as far as such files have it).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    domain: String,
    /// For the names below it too.
    and_below: bool,
    path: String,
    secure: bool,
    /// `NAME=VALUE`.
    pair: String,
}

impl Cookies {
    /// As curl has it: what has a `=` in it is a cookie, all else names a file.
    ///
    /// # Errors
    /// When a file can't be read, or has no such line in it.
    pub(super) fn read(given: &[String]) -> Result<Self, Error> {
        let mut cookies = Self::default();
        for given in given {
            if given.contains('=') {
                cookies.typed.push(given.clone());
                continue;
            }
            let failed = |why: String| Error::File { path: given.into(), why };
            // What is no file may be a secret that was mistyped.
            let text = file::text(Path::new(given)).map_err(|error| match error {
                Error::File { why, .. } => Error::usage(format!(
                    "{COOKIE}: there is no = in it, which a cookie has: NAME=VALUE; and a file of cookies it isn't: {why}"
                )),
                other => other,
            })?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
                // The line itself is a secret.
                let malformed = || failed(format!("line {} is not a cookie in Netscape's format", number + 1));
                let (kept, expires) = kept(line).ok_or_else(malformed)?;
                // 0 is until the end of a session, which the file has outlived.
                if expires == 0 || expires > now {
                    cookies.kept.push(kept);
                }
            }
        }
        Ok(cookies)
    }

    /// The value of the header, if there is anything for `target` in it.
    pub(super) fn header_for(&self, target: &Target) -> Option<String> {
        let kept = self.kept.iter().filter(|kept| kept.is_for(target)).map(|kept| kept.pair.as_str());
        let pairs: Vec<_> = kept.chain(self.typed.iter().map(String::as_str)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Curl writes a cookie that no script may read behind what looks like a comment.
const HTTP_ONLY: &str = "#HttpOnly_";

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || (line.starts_with('#') && !line.starts_with(HTTP_ONLY))
}

/// Domain, whether for names below it, path, whether for TLS alone, the end in seconds since 1970, name and value.
fn kept(line: &str) -> Option<(Kept, u64)> {
    let line = line.strip_prefix(HTTP_ONLY).unwrap_or(line);
    let fields: Vec<_> = line.split('\t').collect();
    let [domain, and_below, path, secure, expires, name, value @ ..] = fields.as_slice() else { return None };
    let is_set = |flag: &str| flag.eq_ignore_ascii_case("TRUE");
    let kept = Kept {
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        and_below: is_set(and_below),
        path: (*path).to_owned(),
        secure: is_set(secure),
        pair: format!("{name}={}", value.first().copied().unwrap_or_default()),
    };
    Some((kept, expires.parse().ok()?))
}

impl Kept {
    fn is_for(&self, target: &Target) -> bool {
        let is_below = |host: &str| host.strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'));
        let has_host = target.host == self.domain || (self.and_below && is_below(&target.host));
        has_host && (target.secure || !self.secure) && self.covers(&target.resource)
    }

    /// RFC 6265 §5.1.4.
    fn covers(&self, resource: &str) -> bool {
        let path = resource.split('?').next().unwrap_or_default();
        let rest = path.strip_prefix(self.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_goes_where_it_is_for() {
        let is_for = |line: &str, url: &str| kept(line).unwrap().0.is_for(&Target::parse(url).unwrap());
        let line = ".a.example\tTRUE\t/x\tFALSE\t0\tn\tv";
        assert_eq!(kept(line).unwrap().0.pair, "n=v");
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
        assert_eq!((kept("a\tb"), is_comment("# x"), is_comment(secure)), (None, true, false));
    }
}
