//! What is secret in URLs, in which browsers' scripts send tokens since they can send no header of their own.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{MASK, Secrets, is_secret_header, is_web_token};

/// More words that make the value of a URL's parameter secret, in lower case.
const PARAMETER_WORDS: [&str; 3] = ["sig", "ticket", "pass"];

/// A URL, or the target of a request, as it may be shown: without a name and password, and without the values of its secret
/// parameters.
pub fn shown_url(url: &str, secrets: Secrets) -> Cow<'_, str> {
    match secrets {
        Secrets::Shown => Cow::Borrowed(url),
        Secrets::Masked => replace_url_secrets(url, |_| format!("{MASK}@"), MASK),
    }
}

/// A host, with a port or without, as it may be shown: a name and password don't belong there.
pub(in crate::ws::handshake) fn shown_host(host: &str) -> Cow<'_, str> {
    match host.rsplit_once('@') {
        Some((_, host)) => format!("{MASK}@{host}").into(),
        None => host.into(),
    }
}

/// A URL, or the target of a request, with `value` for that of each secret parameter, and before the host what `userinfo` makes
/// of the name and password that are there.
pub fn replace_url_secrets<'a>(url: &'a str, userinfo: impl Fn(&str) -> String, value: &str) -> Cow<'a, str> {
    let begin = authority_begin(url);
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    let host = url[begin..end].rfind('@').filter(|_| begin > 0).map(|at| begin + at + 1);
    let query = end + url[end..].find(['?', '#', ';']).unwrap_or(url.len() - end);
    let is_secret = |parameter: &str| parameter.split_once('=').is_some_and(holds_secret);
    if host.is_none() && !parameters(&url[query..]).any(|(_, parameter)| is_secret(parameter)) {
        return Cow::Borrowed(url);
    }
    let mut replaced = url[..begin].to_owned();
    replaced.extend(host.map(|host| userinfo(&url[begin..host - 1])));
    replaced.push_str(&url[host.unwrap_or(begin)..query]);
    let mut hides = false;
    for (delimiter, parameter) in parameters(&url[query..]) {
        // A question mark in a value doesn't end it.
        hides &= delimiter == "?";
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

/// Where its host begins, or the name and password before that: behind the scheme, or at once in a reference that leaves the
/// scheme out (RFC 3986 §4.2). 0 where there is none.
fn authority_begin(url: &str) -> usize {
    let scheme = url.find("://").filter(|at| !url[..*at].contains(['/', '?', '#']));
    match scheme {
        Some(at) => at + "://".len(),
        None if url.starts_with("//") => "//".len(),
        None => 0,
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
pub(super) fn holds_secret((name, value): (&str, &str)) -> bool {
    let name = percent_decode_str(name.trim_start()).decode_utf8_lossy();
    !value.is_empty() && (is_secret_parameter(&name) || is_web_token(value))
}

/// Whether the values of a URL's parameter of this name are secret. Its words may begin with capitals.
fn is_secret_parameter(name: &str) -> bool {
    let mut words = String::new();
    for c in name.chars() {
        words.extend(c.is_ascii_uppercase().then_some('-').into_iter().chain([c]));
    }
    let is_short = |word: &str| PARAMETER_WORDS.iter().any(|secret| word.eq_ignore_ascii_case(secret));
    [name, &words].into_iter().any(|name| is_secret_header(name) || name.split(['-', '_']).any(is_short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_say_what_is_secret() {
        for name in ["token", "accessToken", "X-Amz-Signature", "apiKey", "api_key", "sig", "authKey", "key"] {
            assert!(is_secret_parameter(name), "{name}");
        }
        for name in ["room", "page", "since", "keyword", "author", "signal", "passenger", "compass"] {
            assert!(!is_secret_parameter(name), "{name}");
        }
    }

    #[test]
    fn secrets_in_urls_are_left_out() {
        for (url, shown) in [
            ("/chat?token=abc&room=1", "/chat?token=(masked)&room=1"),
            ("/?room=1&Access_Token=abc", "/?room=1&Access_Token=(masked)"),
            ("/?%74oken=abc;x=1&ticket=a?b=c", "/?%74oken=(masked);x=1&ticket=(masked)"),
            ("/?X-Amz-Signature=abc&sid=1#id_token=abc", "/?X-Amz-Signature=(masked)&sid=(masked)#id_token=(masked)"),
            ("/?v=eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "/?v=(masked)"),
            ("wss://a:b@h/?key=abc", "wss://(masked)@h/?key=(masked)"),
            ("https://a:b@h", "https://(masked)@h"),
            ("/?token=abc&next=http://h/?jwt=abc", "/?token=(masked)&next=http://h/?jwt=(masked)"),
            ("//a:b@h/c", "//(masked)@h/c"),
            ("/a;jsessionid=abc?b=c", "/a;jsessionid=(masked)"),
            ("/a;b=c?token=abc", "/a;b=c?token=(masked)"),
            ("0; url=/?token=abc", "0; url=/?token=(masked)"),
        ] {
            assert_eq!(shown_url(url, Secrets::Masked), shown);
            assert_eq!(shown_url(url, Secrets::Shown), url);
        }
        for url in
            ["/", "", "/?", "/?token", "/?token=", "/token=abc", "/?keyword=a&x=token", "ws://h:1/a@b?c=d@e", "é"]
        {
            assert_eq!(shown_url(url, Secrets::Masked), url);
        }
    }

    #[test]
    fn a_host_has_no_password() {
        assert_eq!(shown_host("a:b@h:80"), "(masked)@h:80");
        assert_eq!(shown_host("h:80"), "h:80");
    }
}
