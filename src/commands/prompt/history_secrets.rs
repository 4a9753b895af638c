//! What of a line isn't written to the history's file: passwords and tokens in URLs, and behind flags and commands that have
//! them. A line that isn't known to be without any isn't written there. While the program runs a line comes back as it was.

use std::borrow::Cow;

use super::command_table::{PromptRole, find};
use crate::advice::secret_flags::{SecretPart, WrittenFlag, mistyped, written};
use crate::client::from_curl::shell_words;
use crate::http::{
    is_secret_field, is_secret_header, replace_url_secrets, without_secret_subprotocols,
    without_secrets as head_without_secrets,
};

/// A name in a URL without a password is one, unless it is as long as a token, in bytes.
const LONGEST_NAME: usize = 20;

/// The line without secrets; `None` where it isn't to be kept at all. A command is as useful without them, since what is missing
/// can be typed; a message is another one.
pub(super) fn without_secrets(line: &str) -> Option<Cow<'_, str>> {
    let Some(rest) = line.trim_start().strip_prefix('/').filter(|rest| !rest.starts_with('/')) else {
        return without_message_secrets(line);
    };
    let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if is_connect(name) {
        return without_connect_secrets(line);
    }
    let is_secret = match name {
        _ if begins("auth", name) => arguments.contains(char::is_whitespace) || arguments.contains(':'),
        _ if begins("header", name) => is_secret_line(arguments),
        // A name that somebody gave a line, or a slip of the fingers.
        _ if !is_known(name) => may_have_secrets(rest),
        _ => false,
    };
    if is_secret {
        return None;
    }
    match definition(line).or_else(|| inner_command(line)) {
        Some((before, inner)) => match without_secrets(inner)? {
            Cow::Borrowed(_) => Some(without_url_secrets(line)),
            Cow::Owned(kept) => Some(format!("{}{kept}", without_url_secrets(before)).into()),
        },
        None => Some(without_url_secrets(line)),
    }
}

/// A message is kept as it is, or not at all. A command line that was typed here by mistake is none.
fn without_message_secrets(line: &str) -> Option<Cow<'_, str>> {
    const PROGRAMS: [&str; 4] = ["wscli", "curl", "websocat", "wscat"];
    let begins_with =
        |program: &&str| line.trim_start().strip_prefix(program).is_some_and(|rest| rest.starts_with(' '));
    let is_command_line = PROGRAMS.iter().any(begins_with);
    if is_command_line && may_have_secrets(line) {
        return None;
    }
    Some(without_url_secrets(line)).filter(|kept| matches!(kept, Cow::Borrowed(_)))
}

/// Whether a command's name, which may be cut short, is this one.
fn begins(command: &str, name: &str) -> bool {
    !name.is_empty() && command.starts_with(name)
}

fn is_connect(name: &str) -> bool {
    begins("connect", name) || begins("new", name)
}

fn is_known(name: &str) -> bool {
    PromptRole::ALL.into_iter().any(|role| find(role, name).is_some())
}

/// A command inside another, as in `/repeat 2 /auth`, and what stands before it.
fn inner_command(line: &str) -> Option<(&str, &str)> {
    let is_there = |at: &usize| line[..*at].ends_with(char::is_whitespace) && !line[..*at].trim().is_empty();
    let at = line.match_indices('/').map(|(at, _)| at).find(is_there)?;
    Some(line.split_at(at))
}

/// Whether there may be secrets in a line of which nobody knows what it means: a flag, the name of a secret with something
/// behind it, or a value that shows what it is.
fn may_have_secrets(line: &str) -> bool {
    let is_flag = |word: &str| {
        word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c == '-' || c.is_alphabetic()))
    };
    let is_name = |word: &str| is_secret_header(word.trim_matches(|c: char| !c.is_alphanumeric()));
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let names_next = words.peek().is_some() && is_name(word);
        let pair = word.split_once([':', '=']).filter(|(_, value)| !value.is_empty());
        let is_pair = pair.is_some_and(|(name, _)| is_name(name));
        if is_flag(word) || names_next || is_pair || is_secret_field("", word) || without_place_secrets(word).is_some()
        {
            return true;
        }
    }
    is_secret_field("", line)
}

/// Whether what is secret in it would be masked where a line of a head is shown.
fn is_secret_line(header: &str) -> bool {
    let head = format!("GET / HTTP/1.1\r\n{header}\r\n\r\n");
    head_without_secrets(head.as_bytes(), head.as_bytes(), "") != head
}

/// What saves a line under a name, up to that line, and the line.
fn definition(line: &str) -> Option<(&str, &str)> {
    let (command, arguments) = line.split_once(' ')?;
    let text = arguments.trim_start().split_once(' ')?.1.trim_start();
    // Names may be cut short.
    let is_definition = command.len() > 1 && "/def".starts_with(command);
    is_definition.then(|| (&line[..line.len() - text.len()], text))
}

/// A command that takes flags, without those whose values are secret; `None` where it can't be read.
fn without_connect_secrets(line: &str) -> Option<Cow<'_, str>> {
    let (name, arguments) = line.trim_start().split_once(char::is_whitespace).unwrap_or((line, ""));
    let words = shell_words(arguments).ok()?;
    let subprotocols = public_subprotocols(&words);
    let mut kept = vec![name.to_owned()];
    let mut has_secrets = false;
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if let Some(WrittenFlag { name: flag, part, joined }) = written(&word) {
            let value = joined.map_or_else(|| words.next().unwrap_or_default(), str::to_owned);
            if part == SecretPart::Header && value.trim_end().strip_suffix(':').is_some_and(is_secret_header) {
                // Without quotes around the header its value stands anywhere behind.
                return None;
            }
            let public = public(part, &value, &subprotocols);
            has_secrets |= public != Some(&value);
            kept.extend(public.into_iter().flat_map(|value| [flag.to_owned(), quoted(value)]));
        } else if let Some(joined) = mistyped(&word) {
            has_secrets = true;
            if joined.is_none() {
                words.next_if(|value| !value.starts_with('-'));
            }
        } else {
            let place = without_place_secrets(&word);
            has_secrets |= place.is_some();
            kept.push(quoted(&place.unwrap_or(word)));
        }
    }
    Some(match has_secrets {
        true => without_url_secrets(&kept.join(" ")).into_owned().into(),
        false => without_url_secrets(line),
    })
}

/// What of a flag's value may be kept.
fn public<'a>(part: SecretPart, value: &'a str, subprotocols: &[String]) -> Option<&'a str> {
    match part {
        // The name of a file.
        _ if value.starts_with('@') => Some(value),
        SecretPart::All => None,
        // URLs come later.
        SecretPart::Nothing | SecretPart::Url => Some(value),
        SecretPart::Password => value.split(':').next(),
        SecretPart::Header => Some(value).filter(|header| !is_secret_line(header)),
        SecretPart::Subprotocol => Some(value).filter(|name| subprotocols.iter().any(|public| public == name)),
    }
}

/// The subprotocols of a line that aren't secret, neither by themselves nor behind others.
fn public_subprotocols(words: &[String]) -> Vec<String> {
    let values = words.iter().zip(words.iter().map(Some).skip(1).chain([None])).filter_map(|(word, next)| {
        let WrittenFlag { part, joined, .. } = written(word)?;
        (part == SecretPart::Subprotocol).then(|| joined.or(next.map(String::as_str)).unwrap_or_default())
    });
    let list = values.collect::<Vec<_>>().join(",");
    without_secret_subprotocols(&list, &list)
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
        for line in ["/def sub {\"op\":\"$1\"}", "/def", "/def a"] {
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
            ("/connect -s chat -s bearer -sabc ws://a.test", "/connect -s chat ws://a.test"),
            (
                "/connect --subprotocol=chat --subprotocol x ws://a.test",
                "/connect --subprotocol=chat --subprotocol x ws://a.test",
            ),
            (
                "/connect -H 'Sec-WebSocket-Protocol: bearer, abc' -H 'X-A: Bearer abc' -k ws://a.test",
                "/connect -k ws://a.test",
            ),
            ("/connect --cert a.pem:open --key k:open ws://a.test", "/connect --cert a.pem --key k ws://a.test"),
            ("/connect --usr me:open --bear=abc --token abc -k ws://a.test", "/connect -k ws://a.test"),
            (" /connect --bearer abc ws://a.test", "/connect ws://a.test"),
            ("/repeat 2 /connect --bearer abc ws://a.test", "/repeat 2 /connect ws://a.test"),
            ("/sub btc -1 a:b", "/sub btc -1 a:b"),
            ("/repeat 2 /sub btc", "/repeat 2 /sub btc"),
            ("/save 3 /tmp/token", "/save 3 /tmp/token"),
        ] {
            assert_eq!(without_secrets(line).as_deref(), Some(kept), "{line}");
        }
    }

    #[test]
    fn a_message_with_a_secret_is_not_kept() {
        assert_eq!(without_secrets(r#"{"url":"wss://me:open@a.test/"}"#), None);
        assert_eq!(without_secrets("//wss://a.test/?token=abc"), None);
        for line in [
            "/auth me:open",
            "/auth bearer abc",
            "/header Cookie: a=b",
            "/header Cookie: a=b ; /auth x",
            "/header Sec-WebSocket-Protocol: bearer, abc",
            "/header X-A: Bearer abc",
            "/repeat 1 /auth me:open",
            "/2 /auth me:open",
            "/conect --bearer abc ws://a.test",
            "/Connect --bearer abc ws://a.test",
            "/cannect me:open@a.test",
            "/connect --bearer \"abc",
            "/connect -H Authorization: Bearer abc ws://a.test",
            "/connect -HCookie: a=b ws://a.test",
            "/set token abc",
            "/bearer abc",
            "/auth:abc",
            "/Header X-A: Bearer abc",
            "wscli connect --bearer abc ws://a.test",
        ] {
            assert_eq!(without_secrets(line), None, "{line}");
        }
        for line in ["hello", r#"{"url":"wss://me@a.test/?page=2","x":"@:"}"#, "a://", "mail://a?key="] {
            assert_eq!(without_secrets(line).as_deref(), Some(line));
        }
    }
}
