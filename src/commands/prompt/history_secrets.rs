//! What of a line isn't written to the history's file: passwords and tokens in URLs, and behind flags and commands that have
//! them. While the program runs a line comes back as
//! it was.

use std::borrow::Cow;

use crate::advice::secret_flags::{SecretPart, WrittenFlag, written};
use crate::client::from_curl::shell_words;
use crate::http::{Header, is_secret_header, replace_url_secrets};

/// A name in a URL without a password is one, unless it is as long as a token, in bytes.
const LONGEST_NAME: usize = 20;

/// The line without secrets; `None` where it isn't to be kept at all. A command is as useful without them, since what is missing
/// can be typed; a message is another one.
pub(super) fn without_secrets(line: &str) -> Option<Cow<'_, str>> {
    if is_secret_command(line) {
        return None;
    }
    if let Some((definition, text)) = definition(line) {
        return Some(match without_secrets(text)? {
            Cow::Borrowed(_) => Cow::Borrowed(line),
            Cow::Owned(kept) => Cow::Owned(format!("{definition}{kept}")),
        });
    }
    let kept = match without_flag_secrets(line) {
        Some(kept) => Cow::Owned(without_url_secrets(&kept).into_owned()),
        None => without_url_secrets(line),
    };
    let is_command = line.starts_with('/') && !line.starts_with("//");
    (is_command || matches!(kept, Cow::Borrowed(_))).then_some(kept)
}

/// What saves a line under a name, up to that line, and the line.
fn definition(line: &str) -> Option<(&str, &str)> {
    let (command, arguments) = line.split_once(' ')?;
    let text = arguments.trim_start().split_once(' ')?.1.trim_start();
    // Names may be cut short.
    let is_definition = command.len() > 1 && "/def".starts_with(command);
    is_definition.then(|| (&line[..line.len() - text.len()], text))
}

/// Whether a command says nothing that isn't secret.
fn is_secret_command(line: &str) -> bool {
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match name.strip_prefix('/') {
        // Names may be cut short.
        Some(name) if name.len() > 1 && "auth".starts_with(name) => {
            rest.contains(char::is_whitespace) || rest.contains(':')
        }
        Some(name) if name.len() > 1 && "header".starts_with(name) => is_secret_header(Header::name_of(rest)),
        _ => false,
    }
}

/// A command that takes flags, without those whose values are secret; `None` where there are none.
fn without_flag_secrets(line: &str) -> Option<String> {
    let (name, rest) = line.split_once(char::is_whitespace)?;
    // What can't be read hasn't been done.
    let words = shell_words(rest).ok().filter(|_| name.len() > 1 && name.starts_with('/'))?;
    let has_secret = |word: &String| written(word).is_some() || without_place_secrets(word).is_some();
    if !["/connect", "/new"].iter().any(|command| command.starts_with(name)) || !words.iter().any(has_secret) {
        return None;
    }
    let mut kept = vec![name.to_owned()];
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let Some(WrittenFlag { name: flag, part, joined }) = written(&word) else {
            kept.push(quoted(&without_place_secrets(&word).unwrap_or(word)));
            continue;
        };
        let value = joined.map_or_else(|| words.next().unwrap_or_default(), str::to_owned);
        let public = match part {
            // The name of a file.
            _ if value.starts_with('@') => Some(value.as_str()),
            SecretPart::All => None,
            SecretPart::Nothing => Some(value.as_str()),
            SecretPart::Password => value.split(':').next(),
            SecretPart::Header => Some(value.as_str()).filter(|header| !is_secret_header(Header::name_of(header))),
            // URLs come later.
            SecretPart::Url => Some(value.as_str()),
        };
        kept.extend(public.into_iter().flat_map(|value| [flag.to_owned(), quoted(value)]));
    }
    Some(kept.join(" "))
}

/// A place to connect to that is written without a scheme, or with that of a Unix socket, without what is secret in it; `None`
/// where nothing is.
fn without_place_secrets(word: &str) -> Option<String> {
    const SCHEME: &str = "ws://";
    if word.starts_with(['-', '@']) || word.contains("://") || !word.contains(['@', '?']) {
        return None;
    }
    let url = format!("{SCHEME}{word}");
    match replace_url_secrets(&url, without_password, "") {
        Cow::Owned(kept) if kept != url => kept.strip_prefix(SCHEME).map(str::to_owned),
        _ => None,
    }
}

/// A word as it is typed.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@%+=,?&[]~".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
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
    fn what_is_saved_under_a_name_is_kept_as_it_is_without_one() {
        let kept = |line| without_secrets(line).map(Cow::into_owned);
        for line in ["/def login /auth me:secret", "/de a /header Authorization: b", "/def say wss://me:secret@a/ {}"] {
            assert_eq!(kept(line), None, "{line}");
        }
        assert_eq!(kept("/def go /connect --bearer s3cr3t ws://a/").as_deref(), Some("/def go /connect ws://a/"));
        assert_eq!(kept("/connect -ku bob:pw ws://a/").as_deref(), Some("/connect -ku bob ws://a/"));
        assert_eq!(kept("/connect -k bob:pw@a/x?token=t&b=c").as_deref(), Some("/connect -k bob@a/x?token=&b=c"));
        assert_eq!(kept("/new :80/?access_token=t").as_deref(), Some("/new :80/?access_token="));
        for line in ["/def sub {\"op\":\"$1\"}", "/def", "/def a", "/define a /auth b:c"] {
            assert_eq!(kept(line).as_deref(), Some(line));
        }
    }

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
            ("/connect -u me:open -H 'X-A: b c' -k ws://a.test", "/connect -u me -H 'X-A: b c' -k ws://a.test"),
            ("/new --bearer=abc -H 'X-Token: abc' -bsid=abc @prod", "/new @prod"),
            ("/connect --bearer @token.txt ws://a.test", "/connect --bearer @token.txt ws://a.test"),
            ("/auth me", "/auth me"),
            ("/header X-Room: 1", "/header X-Room: 1"),
        ] {
            assert_eq!(without_secrets(line).as_deref(), Some(kept));
        }
    }

    #[test]
    fn a_message_with_a_secret_is_not_kept() {
        assert_eq!(without_secrets(r#"{"url":"wss://me:open@a.test/"}"#), None);
        assert_eq!(without_secrets("//wss://a.test/?token=abc"), None);
        for line in ["/auth me:open", "/auth bearer abc", "/header Cookie: a=b"] {
            assert_eq!(without_secrets(line), None);
        }
        for line in ["hello", r#"{"url":"wss://me@a.test/?page=2","x":"@:"}"#, "a://", "mail://a?key="] {
            assert_eq!(without_secrets(line).as_deref(), Some(line));
        }
    }
}
