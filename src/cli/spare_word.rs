//! Words of a command line that have no place in it, and what was probably meant.

use std::ffi::OsStr;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, Id};

use super::optional_value;
use crate::values::{self, split_port};

/// What a word was meant for that is one too many behind a URL. `words` begin with the subcommand.
pub(super) fn meant(spare: &str, words: &[String]) -> Option<String> {
    if spare.starts_with('-') && spare != STDIN {
        return None;
    }
    let takes_messages = words.first().is_some_and(|subcommand| subcommand == "connect");
    let before = words.iter().position(|word| word == spare).and_then(|place| words.get(place.checked_sub(1)?));
    let flag_before_url = words.windows(2).find(|pair| optional_value::has_one(&pair[0]) && !pair[1].starts_with('-'));
    if let Some(port) = values::port(spare.strip_prefix(':').unwrap_or(spare)) {
        return Some(match before.filter(|word| is_host(word)) {
            Some(host) => format!("a host and its port are one word: {host}:{port}"),
            None => "a host and its port are one word: HOST:PORT".into(),
        });
    }
    if let Some([flag, value]) = flag_before_url {
        return Some(format!("a value of {flag} is joined to it: {flag}={value}"));
    }
    if takes_messages && (spare == STDIN || before.is_some_and(|word| word == STDIN)) {
        return Some("stdin is read without being named".into());
    }
    if spare.contains("://") {
        return Some("there can be one URL; /new URL at the prompt of wscli connect opens another beside it".into());
    }
    takes_messages.then(|| "'-d TEXT' sends a message; quotes keep words together".into())
}

/// The flag that has taken a URL for its value where there is no other URL, as a flag does that has none in another tool.
pub(super) fn swallowed_url(command: &Command, given: &ArgMatches) -> Option<String> {
    let is_url = |value: &OsStr| {
        let value = value.to_string_lossy();
        ["ws://", "wss://"].iter().any(|scheme| value.starts_with(scheme))
    };
    let took = |id: &&Id| {
        given.value_source(id.as_str()) == Some(ValueSource::CommandLine)
            && given.get_raw(id.as_str()).is_some_and(|mut values| values.any(is_url))
    };
    let id = given.ids().find(took)?;
    let flag = command.get_arguments().find(|arg| arg.get_id() == id).and_then(Arg::get_long)?;
    Some(format!("there is no URL to connect to: --{flag} takes a value, and the URL was taken for it"))
}

/// A port that was taken for a subprotocol where there is no URL: other tools serve by that letter, or it is no letter of theirs.
pub(super) fn swallowed_port(given: &ArgMatches) -> Option<String> {
    let names = given.try_get_raw("subprotocols").ok().flatten()?;
    let port = names.filter_map(OsStr::to_str).find_map(values::port)?;
    Some(format!("there is no URL to connect to: -s requests a subprotocol; 'wscli serve {port}' listens"))
}

/// How other tools name it.
const STDIN: &str = "-";

/// A host alone, in which there is nothing to hide.
fn is_host(word: &str) -> bool {
    let is_bare = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':');
    !word.starts_with('-') && split_port(word).1.is_none() && word.chars().all(is_bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_too_many_is_told_where_it_belongs() {
        for (words, advice) in [
            ("connect localhost 8080", Some("a host and its port are one word: localhost:8080")),
            ("inspect -v example.com :80", Some("a host and its port are one word: example.com:80")),
            ("connect [::1] 80", Some("a host and its port are one word: [::1]:80")),
            ("connect ws://a/ 8080", Some("a host and its port are one word: HOST:PORT")),
            ("connect --timestamps iso ws://a/", Some("a value of --timestamps is joined to it: --timestamps=iso")),
            ("connect ws://a/ -", Some("stdin is read without being named")),
            ("connect - ws://a/", Some("stdin is read without being named")),
            ("connect ws://a/ hello", Some("'-d TEXT' sends a message; quotes keep words together")),
            ("inspect ws://a/ hello", None),
            ("connect ws://a/ --what", None),
        ] {
            let words: Vec<_> = words.split(' ').map(str::to_owned).collect();
            assert_eq!(meant(words.last().unwrap(), &words).as_deref(), advice, "{words:?}");
        }
        let several = "there can be one URL; /new URL at the prompt of wscli connect opens another beside it";
        let words = ["inspect", "ws://a/", "ws://b/"].map(str::to_owned);
        assert_eq!(meant("ws://b/", &words).as_deref(), Some(several));
    }
}
