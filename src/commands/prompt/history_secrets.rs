//! What of a line isn't written to the history's file: passwords and tokens in URLs. While the program runs a line comes back as
//! it was.

use std::borrow::Cow;

use crate::ws::handshake::replace_url_secrets;

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
        let (before, url) = rest.split_at(at);
        let end = url.find(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).unwrap_or(url.len());
        let (url, behind) = url.split_at(end);
        let stripped = replace_url_secrets(url, without_password, "");
        has_secrets |= stripped != url;
        kept.extend([before, &stripped]);
        rest = behind;
    }
    if !has_secrets {
        return Cow::Borrowed(text);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// What stands before the host of a URL, with the `@` where something is left.
fn without_password(userinfo: &str) -> String {
    match userinfo.split_once(':').map_or(userinfo, |(name, _)| name) {
        "" => String::new(),
        name if name.len() > LONGEST_NAME => String::new(),
        name => format!("{name}@"),
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
