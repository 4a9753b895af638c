//! What of a line isn't written to the history's file: passwords and tokens in URLs. While the program runs a line comes back as
//! it was.

use std::borrow::Cow;

use crate::ws::handshake::holds_secret;

/// A name in a URL without a password is one, unless it is as long as a token, in bytes.
const LONGEST_NAME: usize = 20;

/// The line without secrets; `None` where it isn't to be kept at all. A command is as useful without them, since what is missing
/// can be typed; a message is another one.
pub(super) fn without_secrets(line: &str) -> Option<Cow<'_, str>> {
    let kept = without_url_secrets(line);
    let is_command = line.starts_with('/') && !line.starts_with("//");
    (is_command || matches!(kept, Cow::Borrowed(_))).then_some(kept)
}

/// The text, with what is secret left out of each URL in it.
fn without_url_secrets(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut rest = text;
    let mut has_secrets = false;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at + 3);
        let end = url.find(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).unwrap_or(url.len());
        let (url, behind) = url.split_at(end);
        let stripped = stripped(url);
        has_secrets |= stripped != url;
        kept.push_str(before);
        kept.push_str(&stripped);
        rest = behind;
    }
    if !has_secrets {
        return Cow::Borrowed(text);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// A URL behind its scheme.
fn stripped(url: &str) -> String {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (authority, rest) = url.split_at(end);
    let mut kept = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':').map_or(user, |(name, _)| name) {
            "" => host.to_owned(),
            name if name.len() > LONGEST_NAME => host.to_owned(),
            name => format!("{name}@{host}"),
        },
        None => authority.to_owned(),
    };
    let query = rest.find(['?', '#']).map_or(rest.len(), |at| at + 1);
    let (path, query) = rest.split_at(query);
    kept.push_str(path);
    query.split_inclusive(['&', ';', '#']).for_each(|parameter| kept.push_str(&without_value(parameter)));
    kept
}

/// `name=value`, without the value where that is secret.
fn without_value(parameter: &str) -> Cow<'_, str> {
    let (content, separator) = parameter.split_at(parameter.trim_end_matches(['&', ';', '#']).len());
    match content.split_once('=') {
        Some((name, value)) if holds_secret((name, value)) => format!("{name}={separator}").into(),
        _ => parameter.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_lose_what_is_secret() {
        for (line, kept) in [
            ("/connect wss://me:open@a.test/x?y=1", "/connect wss://me@a.test/x?y=1"),
            ("/connect wss://:open@a.test", "/connect wss://a.test"),
            ("/connect wss://a:b@c:d@a.test/", "/connect wss://a@a.test/"),
            ("/connect wss://ghp_0123456789abcdefghij@a.test/", "/connect wss://a.test/"),
            ("/connect ws://a.test/?token=abc&room=1&apiKey=x", "/connect ws://a.test/?token=&room=1&apiKey="),
            (
                "/connect ws://a.test/?x=eyJhbGciOiJub25lIn0.e30.&sig=a#access_token=b",
                "/connect ws://a.test/?x=&sig=#access_token=",
            ),
            ("/connect ws://a.test/?%74oken=abc", "/connect ws://a.test/?%74oken="),
            ("/connect -x http://p:q@b.test ws://a.test", "/connect -x http://p@b.test ws://a.test"),
        ] {
            assert_eq!(without_secrets(line).as_deref(), Some(kept));
        }
    }

    #[test]
    fn a_message_with_a_secret_is_not_kept() {
        assert_eq!(without_secrets(r#"{"url":"wss://me:open@a.test/"}"#), None);
        assert_eq!(without_secrets("//wss://a.test/?token=abc"), None);
        for line in ["hello", r#"{"url":"wss://me@a.test/?page=2","x":"@:"}"#, "a://", "mail://a?key="] {
            assert_eq!(without_secrets(line).as_deref(), Some(line));
        }
    }
}
