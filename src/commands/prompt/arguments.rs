//! The arguments of commands, one function a kind.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::command::{
    ClientCommand, Command, ConnectRequest, ConnectionsCommand, GivenCredentials, HoldRule, Operation, Outgoing, Query,
    ReconnectChange, SavedChange, ShownPart, Which, WhichHeld,
};
use super::filter::Filter;
use super::repeat::Repetition;
use super::settings::format;
use crate::advice;
use crate::client::RequestChange;
use crate::client::from_curl::shell_words;
use crate::http::Header;
use crate::script::{self, Condition, Projection, RuleSpeaker};
use crate::values::{close_or_normal, duration};
use crate::view::json_text;
use crate::ws::{Close, Kind, MAX_FRAGMENTS, OwnedItem};

/// `[FLAGS] URL|@NAME`, with `--keep-credentials` among the flags.
pub(super) fn destination(command: &'static str, text: &str) -> Result<ConnectRequest, String> {
    const KEEP: &str = "--keep-credentials";
    let mut words = shell_words(text)?;
    let all = words.len();
    words.retain(|word| word != KEEP);
    let keep_credentials = words.len() < all;
    if words.is_empty() {
        return Err("a URL is missing, or @NAME".into());
    }
    Ok(ConnectRequest { command, words, keep_credentials, asks: None })
}

/// The number of a connection, or none.
pub(super) fn connection(word: &str) -> Result<Option<u64>, String> {
    match word {
        "" => Ok(None),
        word => numbered(word).map(Some).ok_or_else(|| format!("{word:?} is not the number of a connection")),
    }
}

/// `N`, or `[N]` as it is shown.
fn numbered(word: &str) -> Option<u64> {
    word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word).parse().ok()
}

/// Status codes begin here (RFC 6455 §7.4.2): what is lower may be the number of a connection.
const FIRST_STATUS_CODE: u64 = 1000;

/// `[N] [CODE [REASON]]`.
pub(super) fn close_connection(word: &str) -> Result<Command, String> {
    let (first, rest) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
    match numbered(first).filter(|number| *number < FIRST_STATUS_CODE) {
        Some(number) => {
            let close = close_or_normal(rest.trim_start())?;
            Ok(Command::Connections(ConnectionsCommand::Close { number, close }))
        }
        None => close(word).map(|close| Command::Operation(Operation::Send(Outgoing::Item(OwnedItem::Close(close))))),
    }
}

/// `[NAME: VALUE|-NAME]`.
pub(super) fn request_header(word: &str) -> Result<Option<RequestChange>, String> {
    if word.is_empty() {
        return Ok(None);
    }
    let removed = word.strip_prefix('-').map(|name| required(name.trim_end_matches(':'), "the name of a header"));
    let removed = removed.transpose()?.map(|name| format!("{name}:"));
    let header = Header::parse(removed.as_deref().unwrap_or(word)).map_err(|why| why.to_string())?;
    Ok(Some(RequestChange::Header(header)))
}

/// `NAME[:PASSWORD]|bearer [TOKEN]|off`.
pub(super) fn credentials(word: &str) -> Result<GivenCredentials, String> {
    let (first, rest) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
    let rest = Some(rest.trim()).filter(|rest| !rest.is_empty());
    Ok(match (first, rest) {
        ("", _) => return Err("a name is missing, or bearer".into()),
        ("bearer", token) => GivenCredentials::Bearer(token.map(str::to_owned)),
        ("off", None) => GivenCredentials::None,
        ("off", Some(more)) => return Err(format!("unexpected argument {more:?}")),
        // There may be blanks in a password.
        _ => match word.split_once(':') {
            Some((name, password)) => GivenCredentials::User(name.to_owned(), Some(password.to_owned())),
            None => GivenCredentials::User(word.to_owned(), None),
        },
    })
}

/// `[auto|off]`.
pub(super) fn reconnect(word: &str) -> Result<ReconnectChange, String> {
    match word {
        "" => Ok(ReconnectChange::Now),
        "auto" => Ok(ReconnectChange::Auto),
        "off" => Ok(ReconnectChange::Off),
        _ => Err(format!("{word:?} is neither auto nor off")),
    }
}

/// What a command sends.
pub(super) const THE_TEXT: &str = "the text";

/// An argument that can't be left out.
pub(super) fn required(word: &str, what: &str) -> Result<String, String> {
    if word.is_empty() { Err(format!("{what} is missing")) } else { Ok(word.to_owned()) }
}

pub(super) fn json(text: &str) -> Result<Vec<u8>, String> {
    required(text.trim(), "the JSON")?;
    let checked: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
    checked.map_err(|error| format!("not valid JSON: {error}"))?;
    Ok(json_text::compact(text).into_bytes())
}

/// `PATH [text|binary]`.
pub(super) fn file(word: &str) -> Result<Command, String> {
    let (name, kind) = match word.rsplit_once(char::is_whitespace) {
        Some((name, "text")) => (name.trim(), Some(Kind::Text)),
        Some((name, "binary")) => (name.trim(), Some(Kind::Binary)),
        _ => (word, None),
    };
    Ok(Command::File(path(name)?, kind))
}

/// A file's name, with `~/` for the home directory and a backslash before what would have a
/// meaning in a shell: completion writes it so.
pub(super) fn path(word: &str) -> Result<PathBuf, String> {
    let word = required(word, "a file name")?;
    let mut name = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        name.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    let home = name.strip_prefix("~/").and_then(|rest| Some(PathBuf::from(std::env::var_os("HOME")?).join(rest)));
    Ok(home.unwrap_or_else(|| name.into()))
}

/// A file for lines of JSON, whose name doesn't promise another format.
pub(super) fn recording(word: &str) -> Result<PathBuf, String> {
    let path = path(word)?;
    advice::check_recording_name(&path).map(|()| path)
}

/// `[CODE [REASON]]`: nothing is 1000, as everywhere else. A Close without a code is a frame of its own.
pub(super) fn close(word: &str) -> Result<Close, String> {
    close_or_normal(word)
}

/// The number of a client.
pub(super) fn client(word: &str) -> Result<u64, String> {
    match word {
        "" => Err("the number of a client is missing".into()),
        _ => numbered(word).ok_or_else(|| format!("{word:?} is not the number of a client")),
    }
}

/// `N TEXT`.
pub(super) fn to_client(given: &str) -> Result<ClientCommand, String> {
    let (number, text) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given, ""));
    Ok(ClientCommand::To(client(number)?, required(text, THE_TEXT)?))
}

/// `[N|all [CODE [REASON]]]`: without a number, whoever what is typed is for.
pub(super) fn close_clients(word: &str) -> Result<Operation, String> {
    let (whom, close) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
    let close = close_or_normal(close.trim_start())?;
    Ok(match whom {
        "" => Operation::Send(Outgoing::Item(OwnedItem::Close(close))),
        "all" => Operation::Clients(ClientCommand::Close(None, close)),
        number => Operation::Clients(ClientCommand::Close(Some(client(number)?), close)),
    })
}

/// `N TEXT`.
pub(super) fn fragment(given: &str) -> Result<(NonZeroUsize, String), String> {
    let (count, text) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given, ""));
    match required(count, "the number of fragments")?.parse::<NonZeroUsize>() {
        Ok(count) if count.get() <= MAX_FRAGMENTS => Ok((count, required(text, THE_TEXT)?)),
        _ => Err(format!("{count:?} is not a number of fragments from 1 to {MAX_FRAGMENTS}")),
    }
}

/// `N [every DURATION] TEXT`.
pub(super) fn repeat(given: &str) -> Result<Repetition, String> {
    let RepeatForm { times, every, text_at } = RepeatForm::of(given)?;
    Ok(Repetition { times, every, text: required(&given[text_at..], THE_TEXT)?, anew: None })
}

/// `N [every TIME] TEXT`, as far as it isn't the text.
pub(super) struct RepeatForm {
    pub(super) times: u64,
    pub(super) every: Option<Duration>,
    /// Where the text begins.
    pub(super) text_at: usize,
}

impl RepeatForm {
    /// # Errors
    /// What is wrong with it.
    pub(super) fn of(given: &str) -> Result<Self, String> {
        let (times, rest) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given, ""));
        let times = required(times, "the number of times")?;
        let times = times.parse().map_err(|_| format!("{times:?} is not a number of times"))?;
        let (every, text) = match rest.strip_prefix("every ") {
            None => (None, rest),
            Some(timed) => {
                let (every, text) = timed.trim_start().split_once(char::is_whitespace).unwrap_or((timed, ""));
                (Some(duration(every)?), text)
            }
        };
        // As in a line, `//` stands for a `/` in front.
        let text = match text.strip_prefix('/') {
            Some(rest) if !rest.starts_with('/') => {
                return Err(format!("a message is repeated, and {text:?} is a command; /{text} sends it"));
            }
            Some(rest) => rest,
            None => text,
        };
        Ok(Self { times, every, text_at: given.len() - text.len() })
    }
}

pub(super) fn on_or_off(word: &str) -> Result<bool, String> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        "" => Err("on or off is missing".to_owned()),
        _ => Err(format!("{word:?} is neither on nor off")),
    }
}

/// `None` for `off`, otherwise what `value` reads.
pub(super) fn unless<T>(
    off: &str,
    word: &str,
    value: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    if word == off { Ok(None) } else { value(word).map(Some) }
}

/// `[NAME [TEXT]]`, with the name perhaps as it is used.
pub(super) fn define(given: &str) -> Result<Command, String> {
    let (name, text) = given.trim_start().split_once(char::is_whitespace).unwrap_or((given.trim(), ""));
    let name = name.strip_prefix('/').unwrap_or(name).to_owned();
    Ok(Command::Saved(match (name.is_empty(), text.is_empty()) {
        (true, _) => SavedChange::List,
        (_, true) => SavedChange::Show(name),
        _ => SavedChange::Define { name, text: text.to_owned() },
    }))
}

/// `NAME`.
pub(super) fn undefine(word: &str) -> Result<Command, String> {
    let name = required(word.strip_prefix('/').unwrap_or(word), "the name of a saved message")?;
    Ok(Command::Saved(SavedChange::Remove(name)))
}

/// `[-i] REGEX|/POINTER [= JSON]`.
pub(super) fn searched(word: &str) -> Result<Condition, String> {
    let pattern = required(word, "a regular expression or a JSON pointer")?;
    if pattern.starts_with('/') {
        return script::json(&pattern);
    }
    let pattern = pattern.strip_prefix("-i ").map_or(pattern.clone(), |rest| format!("(?i){}", rest.trim_start()));
    script::regex(&pattern).map_err(|why| format!("{word:?} is not a regular expression: {why}"))
}

/// The side of a proxy.
pub(super) fn speaker(word: &str) -> Option<RuleSpeaker> {
    match word {
        "client" => Some(RuleSpeaker::Client),
        "server" => Some(RuleSpeaker::Server),
        _ => None,
    }
}

/// `[client|server|both] [[!]REGEX|/POINTER [= JSON]]`.
pub(super) fn hold(word: &str) -> Result<HoldRule, String> {
    let (first, rest) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
    let speaker = speaker(first);
    let pattern = if speaker.is_some() || first == "both" { rest.trim_start() } else { word };
    let filter = if pattern.is_empty() { None } else { Some(Filter::of_both_ways(pattern)?) };
    Ok(HoldRule { speaker, filter })
}

/// `[N|all]`.
pub(super) fn held(word: &str) -> Result<WhichHeld, String> {
    Ok(match word {
        "" => WhichHeld::Oldest,
        "all" => WhichHeld::All,
        number => WhichHeld::Number(number_of_message(number)?),
    })
}

/// Messages that are listed where nobody says how many.
const LISTED: usize = 20;

/// `[N]`.
pub(super) fn list(word: &str) -> Result<Command, String> {
    let count = if word.is_empty() { Ok(LISTED) } else { word.parse() };
    let count = count.ok().filter(|count| *count > 0);
    count.map(|count| Command::Query(Query::List(count))).ok_or_else(|| format!("{word:?} is not a number of messages"))
}

/// `[N|-1]`.
pub(super) fn maybe_which(word: &str) -> Result<Option<Which>, String> {
    if word.is_empty() { Ok(None) } else { which(word).map(Some) }
}

/// `N`, or `-N` counted from the end.
pub(super) fn which(word: &str) -> Result<Which, String> {
    let word = &required(word, A_MESSAGE)?;
    let which = match word.strip_prefix('-') {
        Some(back) => message_number(back).map(Which::FromEnd),
        None => message_number(word).map(Which::Number),
    };
    which.ok_or_else(|| format!("{}, nor -1 for the last one", not_a_message(word)))
}

/// What tells which one is meant.
const A_MESSAGE: &str = "the number of a message";

/// The number of a message.
pub(super) fn number_of_message(word: &str) -> Result<u64, String> {
    let word = &required(word, A_MESSAGE)?;
    message_number(word).ok_or_else(|| not_a_message(word))
}

fn message_number(word: &str) -> Option<u64> {
    word.parse().ok().filter(|number| *number > 0)
}

fn not_a_message(word: &str) -> String {
    format!("{word:?} is not the number of a message")
}

/// `[N] [FORMAT]`.
pub(super) fn show(word: &str) -> Result<Command, String> {
    let (which, rest) = which_and_rest(word)?;
    if rest.starts_with('/') {
        return Ok(Command::Query(Query::Show(which, ShownPart::Values(Projection::parse(rest)?))));
    }
    let mut words = rest.split_whitespace();
    let shown = match words.next() {
        None => ShownPart::Usual,
        Some("raw") => ShownPart::Raw,
        Some(name) => ShownPart::Format(format(name)?),
    };
    match words.next() {
        Some(more) => Err(format!("unexpected argument {more:?}")),
        None => Ok(Command::Query(Query::Show(which, shown))),
    }
}

/// `[N]` in front of something else: the last message, where no number is there.
fn which_and_rest(word: &str) -> Result<(Which, &str), String> {
    let (number, rest) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
    if number.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) {
        Ok((which(number)?, rest.trim_start()))
    } else {
        Ok((Which::FromEnd(1), word))
    }
}

/// `[N] [/POINTER …]`.
pub(super) fn copy(word: &str) -> Result<Command, String> {
    let (which, pointers) = match which_and_rest(word)? {
        (_, text) if !text.is_empty() && !text.starts_with('/') => (which(text)?, ""),
        given => given,
    };
    let projection = if pointers.is_empty() { None } else { Some(Projection::parse(pointers)?) };
    Ok(Command::Query(Query::Copy(which, projection)))
}

/// `[N] COMMAND`.
pub(super) fn pipe(word: &str) -> Result<Command, String> {
    let (which, command) = which_and_rest(word)?;
    Ok(Command::Query(Query::Pipe(which, required(command.trim(), "a command")?)))
}

/// `N [M]`.
pub(super) fn diff(word: &str) -> Result<Command, String> {
    let mut words = word.split_whitespace();
    let one = which(words.next().unwrap_or_default())?;
    let other = words.next().map(which).transpose()?;
    match words.next() {
        Some(more) => Err(format!("unexpected argument {more:?}")),
        None => Ok(Command::Query(Query::Diff(one, other))),
    }
}
