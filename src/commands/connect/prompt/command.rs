//! What a line at the prompt asks for.

use std::path::PathBuf;
use std::time::Duration;

use regex::bytes::Regex;

use super::manual;
use super::raw_frame::{self, RawFrame};
use super::settings::{FORMATS, Setting};
use crate::values::{any_close, base64, duration, hex};
use crate::view::json_text;
use crate::ws::{Close, Kind};

/// A line, understood.
#[derive(Debug, Clone)]
pub(super) enum Command {
    /// A whole message.
    Send(Kind, Vec<u8>),
    /// A file's content as one message; without a kind, text where it is UTF-8.
    File(PathBuf, Option<Kind>),
    Fragment(usize, String),
    Repeat(Repetition),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Close),
    Frame(RawFrame),
    Setting(Setting),
    Info,
    Stats,
    Headers,
    Reconnect,
    Connect(String),
    Save(PathBuf),
    /// `None` ends the log.
    Log(Option<PathBuf>),
    Show(u64),
    Clear,
    Quit,
    Help(Option<String>),
    Last,
    Edit,
}

/// The same message again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repetition {
    pub(super) times: u64,
    /// From one to the next; `None` sends as fast as the peer takes them.
    pub(super) every: Option<Duration>,
    pub(super) text: String,
}

/// Reads a line. What doesn't begin with `/` is a message, and `//` stands for a `/` in front.
///
/// # Errors
/// What is wrong with a command, for the person who typed it.
pub(super) fn parse(line: &str) -> Result<Command, String> {
    let Some(rest) = line.strip_prefix('/') else {
        return Ok(Command::Send(Kind::Text, line.into()));
    };
    if rest.starts_with('/') {
        return Ok(Command::Send(Kind::Text, rest.into()));
    }
    let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let entry = manual::find(name).ok_or_else(|| unknown(name))?;
    command(entry.name, arguments).map_err(|why| format!("/{name}: {why}; it goes /{}", entry.usage()))
}

fn unknown(name: &str) -> String {
    let near = manual::nearest(name).map(|near| format!("; is it /{near}?")).unwrap_or_default();
    format!("there is no command /{name}{near} (/help lists them, //{name} sends it as a message)")
}

fn command(name: &str, given: &str) -> Result<Command, String> {
    let word = given.trim();
    Ok(match name {
        "binary" => Command::Send(Kind::Binary, hex(word.as_bytes())?),
        "base64" => Command::Send(Kind::Binary, base64(word.as_bytes())?),
        "file" => file(word)?,
        "json" => Command::Send(Kind::Text, json(given)?),
        "ping" => Command::Ping(given.into()),
        "pong" => Command::Pong(given.into()),
        "close" => Command::Close(close(word)?),
        "fragment" => fragment(given)?,
        "frame" => Command::Frame(raw_frame::parse(given)?),
        "repeat" => Command::Repeat(repeat(given)?),
        "compress" => Command::Setting(Setting::Compress(on_or_off(word)?)),
        "pings" => Command::Setting(Setting::Pings(on_or_off(word)?)),
        "frames" => Command::Setting(Setting::Frames(on_or_off(word)?)),
        "timestamps" => Command::Setting(Setting::Timestamps(on_or_off(word)?)),
        "autopong" => Command::Setting(Setting::Autopong(on_or_off(word)?)),
        "quiet" if word.is_empty() => Command::Setting(Setting::Quiet(None)),
        "quiet" => Command::Setting(Setting::Quiet(Some(on_or_off(word)?))),
        "format" => {
            let known = FORMATS.iter().find(|(name, _)| *name == word);
            Command::Setting(Setting::Format(known.ok_or_else(|| format!("{word:?} is no format"))?.1))
        }
        "mask" if word == "random" => Command::Setting(Setting::Mask(None)),
        "mask" => Command::Setting(Setting::Mask(Some(raw_frame::key(word)?))),
        "filter" if word == "off" => Command::Setting(Setting::Filter(None)),
        "filter" => Command::Setting(Setting::Filter(Some(regex(word)?))),
        "connect" => Command::Connect(needed(word, "a URL")?),
        "save" => Command::Save(path(word)?),
        "log" if word == "off" => Command::Log(None),
        "log" => Command::Log(Some(path(word)?)),
        "show" => Command::Show(word.parse().map_err(|_| format!("{word:?} is not the number of a message"))?),
        "help" => Command::Help((!word.is_empty()).then(|| word.trim_start_matches('/').to_owned())),
        _ if !word.is_empty() => return Err(format!("{word:?} is one argument too many")),
        "info" => Command::Info,
        "stats" => Command::Stats,
        "headers" => Command::Headers,
        "reconnect" => Command::Reconnect,
        "clear" => Command::Clear,
        "quit" => Command::Quit,
        "last" => Command::Last,
        "edit" => Command::Edit,
        other => return Err(unknown(other)),
    })
}

fn needed(word: &str, what: &str) -> Result<String, String> {
    if word.is_empty() { Err(format!("{what} is missing")) } else { Ok(word.to_owned()) }
}

fn json(text: &str) -> Result<Vec<u8>, String> {
    let checked: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
    checked.map_err(|error| format!("that is not JSON: {error}"))?;
    Ok(json_text::compact(text).into_bytes())
}

fn file(word: &str) -> Result<Command, String> {
    let (name, kind) = match word.rsplit_once(char::is_whitespace) {
        Some((name, "text")) => (name.trim(), Some(Kind::Text)),
        Some((name, "binary")) => (name.trim(), Some(Kind::Binary)),
        _ => (word, None),
    };
    Ok(Command::File(path(name)?, kind))
}

/// A file's name, with `~/` for the home directory and a backslash before what would have a
/// meaning in a shell: completion writes it so.
fn path(word: &str) -> Result<PathBuf, String> {
    let word = needed(word, "a file")?;
    let mut name = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        name.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    let home = name.strip_prefix("~/").and_then(|rest| Some(PathBuf::from(std::env::var_os("HOME")?).join(rest)));
    Ok(home.unwrap_or_else(|| name.into()))
}

fn close(word: &str) -> Result<Close, String> {
    if word.is_empty() { Ok(Close::default()) } else { any_close(word) }
}

/// Fragments that may be asked for: each is a frame, and all of them wait to be written at once.
const MOST_FRAGMENTS: usize = 100_000;

fn fragment(given: &str) -> Result<Command, String> {
    let (count, text) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given, ""));
    match count.parse() {
        Ok(count @ 1..=MOST_FRAGMENTS) => Ok(Command::Fragment(count, text.to_owned())),
        _ => Err(format!("{count:?} is not a number of fragments from 1 to {MOST_FRAGMENTS}")),
    }
}

fn repeat(given: &str) -> Result<Repetition, String> {
    let (times, rest) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given, ""));
    let times = times.parse().map_err(|_| format!("{times:?} is no number of times"))?;
    let Some(timed) = rest.strip_prefix("every ") else {
        return Ok(Repetition { times, every: None, text: rest.to_owned() });
    };
    let (every, text) = timed.trim_start().split_once(char::is_whitespace).unwrap_or((timed, ""));
    Ok(Repetition { times, every: Some(duration(every)?), text: text.to_owned() })
}

fn on_or_off(word: &str) -> Result<bool, String> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{word:?} is neither on nor off")),
    }
}

fn regex(word: &str) -> Result<Regex, String> {
    let pattern = needed(word, "a regular expression")?;
    Regex::new(&pattern).map_err(|error| {
        let told = error.to_string();
        let why = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("{word:?} is no regular expression: {why}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(line: &str) -> (Kind, Vec<u8>) {
        match parse(line) {
            Ok(Command::Send(kind, content)) => (kind, content),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_line_is_a_message_unless_it_begins_with_a_slash() {
        assert_eq!(sent("hello /ping"), (Kind::Text, b"hello /ping".to_vec()));
        assert_eq!(sent("//ping"), (Kind::Text, b"/ping".to_vec()));
        assert_eq!(sent("///"), (Kind::Text, b"//".to_vec()));
        assert_eq!(sent(""), (Kind::Text, Vec::new()));
        assert_eq!(sent("/binary 0x00 fF"), (Kind::Binary, vec![0, 255]));
        assert_eq!(sent("/base64 aGk="), (Kind::Binary, b"hi".to_vec()));
        assert_eq!(sent("/json { \"a\": [1, 2] }"), (Kind::Text, b"{\"a\":[1,2]}".to_vec()));
    }

    #[test]
    fn repetitions_have_a_number_and_perhaps_a_time() {
        let repetition = |line| match parse(line) {
            Ok(Command::Repeat(repetition)) => repetition,
            other => panic!("{other:?}"),
        };
        let expected = Repetition { times: 3, every: None, text: "every".into() };
        assert_eq!(repetition("/repeat 3 every"), expected);
        let expected = Repetition { times: 2, every: Some(Duration::from_millis(5)), text: "a b".into() };
        assert_eq!(repetition("/repeat 2 every 5ms a b"), expected);
    }

    #[test]
    fn file_names_are_read_as_completion_writes_them() {
        let name = |line| match parse(line) {
            Ok(Command::File(path, kind)) => (path.to_string_lossy().into_owned(), kind),
            other => panic!("{other:?}"),
        };
        assert_eq!(name("/file two\\ words.txt"), ("two words.txt".into(), None));
        assert_eq!(name("/file a b binary"), ("a b".into(), Some(Kind::Binary)));
        assert!(!name("/file ~/x text").0.starts_with('~'));
    }

    #[test]
    fn what_is_wrong_is_said_with_how_it_goes() {
        for (line, why) in [
            ("/binary 0g", "'g' is not a hexadecimal digit; it goes /binary HEX"),
            ("/binary 123", "not whole bytes"),
            ("/base64 a", "not base64"),
            ("/json {", "not JSON"),
            ("/close 1x", "\"1x\" is not a status code; it goes /close [CODE [REASON]]"),
            ("/fragment 0 a", "\"0\" is not a number of fragments"),
            ("/compress", "neither on nor off"),
            ("/format xml", "\"xml\" is no format"),
            ("/filter (", "no regular expression"),
            ("/mask 12", "eight hex digits"),
            ("/stats now", "one argument too many"),
            ("/recconect", "there is no command /recconect; is it /reconnect?"),
            ("/file", "a file is missing"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let long = format!("/close 1000 {}", "x".repeat(124));
        assert!(parse(&long).unwrap_err().contains("the reason has 124 bytes"));
    }
}
