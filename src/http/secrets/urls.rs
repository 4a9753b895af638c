//! What is secret in URLs, in which browsers' scripts send tokens since they can send no header of their own.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{MASK, Secrets, is_secret_name, is_secret_value, is_web_token};

/// A URL, or the target of a request, as it may be shown: without a name and password, and without the values of its secret
/// parameters.
pub fn shown_url(url: &str, secrets: Secrets) -> Cow<'_, str> {
    match secrets {
        Secrets::Shown => Cow::Borrowed(url),
        Secrets::Masked => replace_url_secrets(url, |_| format!("{MASK}@"), MASK),
    }
}

/// A host, with a port or without, as it may be shown: a name and password don't belong there.
pub(crate) fn shown_host(host: &str) -> Cow<'_, str> {
    match host.rsplit_once('@') {
        Some((_, host)) => format!("{MASK}@{host}").into(),
        None => host.into(),
    }
}

/// A URL, or the target of a request, with `value` for that of each secret parameter, and before the host what `userinfo` makes
/// of the name and password that are there. A web token as a segment of the path gives way to `value` too.
pub fn replace_url_secrets<'a>(url: &'a str, userinfo: impl Fn(&str) -> String, value: &str) -> Cow<'a, str> {
    if !has_secrets(url, 0) {
        return Cow::Borrowed(url);
    }
    let UrlParts { begin, name, query } = UrlParts::of(url);
    let mut replaced = url[..begin].to_owned();
    replaced.extend(name.as_ref().map(|name| userinfo(&url[begin..name.end])));
    let path = &url[name.map_or(begin, |name| name.host)..query];
    for segment in path.split_inclusive('/') {
        let bare = segment.trim_end_matches('/');
        match is_web_token(&decoded(bare)) {
            true => replaced.extend([value, &segment[bare.len()..]]),
            false => replaced.push_str(segment),
        }
    }
    let (mut hides, mut is_behind_path) = (false, false);
    for (delimiter, parameter) in parameters(&url[query..]) {
        // A question mark in a value doesn't end it, and behind the path neither does a semicolon.
        hides &= delimiter == "?" || (delimiter == ";" && is_behind_path);
        is_behind_path |= ["?", "#"].contains(&delimiter);
        if hides {
            continue;
        }
        replaced.push_str(delimiter);
        match parameter.split_once('=') {
            Some((name, secret)) if holds_secret((name, secret)) => {
                replaced.extend([name, "=", value]);
                hides = true;
            }
            _ => replaced.push_str(parameter),
        }
    }
    Cow::Owned(replaced)
}

/// The values of a URL's secret parameters, and the web tokens of its path, as they stand there.
pub(super) fn secrets_in(url: &str) -> impl Iterator<Item = &str> {
    let (path, parameters_there) = url.split_at(UrlParts::of(url).query);
    let pairs = parameters(parameters_there).filter_map(|(_, parameter)| parameter.split_once('='));
    let values = pairs.filter(|pair| holds_secret(*pair)).map(|(_, value)| value);
    values.chain(tokens_of_path(path))
}

/// The segments that are web tokens.
fn tokens_of_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| is_web_token(&decoded(segment)))
}

/// Where the parts of a URL are that may have secrets in them, in bytes.
struct UrlParts {
    /// Where the authority begins; 0 where there is none.
    begin: usize,
    name: Option<UserinfoParts>,
    /// Where the first parameter is, with what stands before it, or the end.
    query: usize,
}

/// Where a name and password end, and the host begins behind them.
struct UserinfoParts {
    end: usize,
    host: usize,
}

impl UrlParts {
    fn of(url: &str) -> Self {
        let begin = authority_begin(url);
        let end = url[begin..].find(['/', '\\', '?', '#']).map_or(url.len(), |at| begin + at);
        let authority = &url[begin..end];
        let name = authority.rfind('@').map(|at| UserinfoParts { end: begin + at, host: begin + at + 1 });
        // What stands where a port should may be a password that no host follows.
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) || port.ends_with(']');
        let no_port = authority.rsplit_once(':').filter(|(_, port)| !is_port(port));
        let name = name.or(no_port.map(|_| UserinfoParts { end, host: end })).filter(|_| begin > 0);
        let query = end + url[end..].find(['?', '#', ';']).unwrap_or(url.len() - end);
        Self { begin, name, query }
    }
}

/// How deep URLs in the parameters of URLs are looked into.
const DEEPEST: usize = 3;

/// Whether there is a name and password in it, a web token in its path, or a secret parameter; it is itself in so many others.
fn has_secrets(url: &str, depth: usize) -> bool {
    let UrlParts { name, query, .. } = UrlParts::of(url);
    let has_token = tokens_of_path(&url[..query]).next().is_some();
    let is_secret = |parameter: &str| parameter.split_once('=').is_some_and(|pair| holds_secret_in(pair, depth));
    name.is_some() || has_token || parameters(&url[query..]).any(|(_, parameter)| is_secret(parameter))
}

/// Where its host begins, or the name and password before that: behind the scheme, or at once in a reference that leaves the
/// scheme out (RFC 3986 §4.2). Browsers read what has other slashes there, or none behind a scheme that they know, in the same way
/// (WHATWG URL). 0 where there is none.
fn authority_begin(url: &str) -> usize {
    const SCHEMES: [&str; 4] = ["http:", "https:", "ws:", "wss:"];
    let slashes = ['/', '\\'];
    let known =
        SCHEMES.iter().find(|scheme| url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)));
    let scheme = url.find("://").filter(|at| !url[..*at].contains(['/', '?', '#']));
    match (scheme, known) {
        (_, Some(scheme)) => url.len() - url[scheme.len()..].trim_start_matches(slashes).len(),
        (Some(at), None) => at + "://".len(),
        (None, None) if url.starts_with("//") || url.starts_with(r"\\") => "//".len(),
        (None, None) => 0,
    }
}

/// The pieces of a query and a fragment, and of parameters in the path, each with what stands before it.
fn parameters(mut rest: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        let (delimiter, after) = rest.split_at_checked(1)?;
        let (piece, behind) = after.split_at(after.find(['?', '#', '&', ';']).unwrap_or(after.len()));
        rest = behind;
        Some((delimiter, piece))
    })
}

/// Whether a parameter of a URL, by its name as it stands there or by its value, is secret.
pub(super) fn holds_secret(parameter: (&str, &str)) -> bool {
    holds_secret_in(parameter, 0)
}

/// The same in a URL that is in so many others.
fn holds_secret_in((name, value): (&str, &str), depth: usize) -> bool {
    let name = decoded(name.trim_start());
    let decoded = percent_decode_str(value).decode_utf8_lossy();
    let is_secret = || is_secret_value(&decoded) || (depth < DEEPEST && has_secrets(&decoded, depth + 1));
    !value.is_empty() && (is_secret_name(&name) || is_web_token(value) || is_secret())
}

/// Without percent encoding, which may stand in itself where a URL has been in others.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..DEEPEST {
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_urls_are_left_out() {
        for (url, shown) in [
            ("/chat?token=abc&room=1", "/chat?token=(masked)&room=1"),
            ("/?room=1&Access_Token=abc", "/?room=1&Access_Token=(masked)"),
            ("/?%74oken=abc;x=1&ticket=a?b=c", "/?%74oken=(masked)&ticket=(masked)"),
            ("/?X-Amz-Signature=abc&sid=1#id_token=abc", "/?X-Amz-Signature=(masked)&sid=(masked)#id_token=(masked)"),
            ("/?v=eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "/?v=(masked)"),
            ("wss://h/s/eyJhbGciOiJub25lIn0.eyJhIjoxfQ.x/chat?a=b", "wss://h/s/(masked)/chat?a=b"),
            ("/eyJhbGciOiJub25lIn0%2EeyJhIjoxfQ%2E", "/(masked)"),
            ("wss://a:b@h/?key=abc", "wss://(masked)@h/?key=(masked)"),
            ("https://a:b@h", "https://(masked)@h"),
            ("/?token=abc&next=http://h/?jwt=abc", "/?token=(masked)&next=http://h/?jwt=(masked)"),
            ("//a:b@h/c", "//(masked)@h/c"),
            (r"\\a:b@h/c", r"\\(masked)@h/c"),
            ("http:a:b@h/c", "http:(masked)@h/c"),
            ("https:/a:b@h/c", "https:/(masked)@h/c"),
            ("http://a:bé", "http://(masked)@"),
            ("http://[::1]:b/", "http://(masked)@/"),
            ("/a;jsessionid=abc?b=c", "/a;jsessionid=(masked)"),
            ("/a;b=c?token=abc", "/a;b=c?token=(masked)"),
            ("/a;sid=b;c=d?e=f", "/a;sid=(masked);c=d?e=f"),
            ("/?return=http%3A%2F%2Fh%2F%3Ftoken%3Dabc&b=c", "/?return=(masked)&b=c"),
            ("/?u=http://a:b@h/&c=d", "/?u=(masked)&c=d"),
            ("/?p=Bearer%20abc", "/?p=(masked)"),
            ("/?%2574oken=abc", "/?%2574oken=(masked)"),
            (
                "/?api.key=a&x.sig=b&user:pass=c&api%20key=d",
                "/?api.key=(masked)&x.sig=(masked)&user:pass=(masked)&api%20key=(masked)",
            ),
            ("0; url=/?token=abc", "0; url=/?token=(masked)"),
        ] {
            assert_eq!(shown_url(url, Secrets::Masked), shown);
            assert_eq!(shown_url(url, Secrets::Shown), url);
        }
        for url in [
            "/",
            "",
            "/?",
            "/?token",
            "/?token=",
            "/token=abc",
            "/?keyword=a&x=token",
            "ws://h:1/a@b?c=d@e",
            "é",
            "ws://[::1]/",
            "ws://[::1]:1/",
            "ws://h:/",
        ] {
            assert_eq!(shown_url(url, Secrets::Masked), url);
        }
    }

    #[test]
    fn a_host_has_no_password() {
        assert_eq!(shown_host("a:b@h:80"), "(masked)@h:80");
        assert_eq!(shown_host("h:80"), "h:80");
    }
}
