//! What is wrong with the arguments: told without the secrets that are among them, and with our flag for another tool's.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use super::flag_names::named;
use super::{foreign_flags, spare_word};
use crate::advice::secret_flags;
use crate::http::{is_secret_field, is_secret_header};
use crate::net::target::presentable;
use crate::peer_text::Escaped;
use crate::values::{duration, is_slip, nearest, size};

/// Stands where a value was.
const HIDDEN: &str = "…";

/// The same error without what may be a secret: the value of such a flag, credentials in a URL, and among arguments with
/// such a flag any word that has no place, which may be the end of its value.
pub(super) fn without_secrets(mut error: Error, arguments: &[String]) -> Error {
    let has_secrets = arguments.iter().any(|argument| is_secret(argument));
    let argument = text(&error, ContextKind::InvalidArg);
    let hides = argument.as_deref().is_some_and(|name| is_secret(name) || (has_secrets && !name.starts_with('-')));
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        // A value that is missing is no secret.
        if let Some(value) = text(&error, kind).filter(|value| !value.is_empty()) {
            let shown = match kind {
                _ if hides || is_secret(&value) => HIDDEN.to_owned(),
                ContextKind::InvalidSubcommand => shown_word(&value),
                // URLs come later.
                _ if !value.contains(['@', '/']) && is_secret_text(&value) => HIDDEN.to_owned(),
                _ => bare(&value),
            };
            replace(&mut error, kind, &value, shown);
        }
    }
    if let (ErrorKind::UnknownArgument, Some(word)) = (error.kind(), argument) {
        let shown = match word.starts_with('-') {
            true => flag(&word),
            false if has_secrets => HIDDEN.to_owned(),
            false => shown_word(&word),
        };
        replace(&mut error, ContextKind::InvalidArg, &word, shown);
    }
    error
}

/// The same error with the place of the argument that isn't UTF-8, which clap doesn't tell; its value may be a secret. Where several
/// aren't, those that name files need not be.
pub(super) fn with_place_of_what_is_not_text(error: Error, words: &[OsString]) -> Error {
    let places: Vec<_> = (1..words.len()).filter(|at| words[*at].to_str().is_none()).collect();
    let argument = match (error.kind(), &places[..]) {
        (ErrorKind::InvalidUtf8, [at]) => match words[at - 1].to_string_lossy() {
            before if before.starts_with('-') => format!("argument {at}, behind {},", flag(&before)),
            _ => format!("argument {at}"),
        },
        (ErrorKind::InvalidUtf8, [_, ..]) => {
            let places = places.iter().map(ToString::to_string).collect::<Vec<_>>();
            format!("one of the arguments {}", places.join(", "))
        }
        _ => return error,
    };
    Error::raw(ErrorKind::InvalidUtf8, format!("{argument} is not UTF-8\n"))
}

/// clap's words, without what they say about the command line.
pub(super) fn reason(error: &Error) -> String {
    let told = error.to_string();
    let told = told.strip_prefix("error: ").unwrap_or(&told);
    told.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same error with what does here what an unknown flag does in another tool. What clap takes for a slip of the fingers
/// stays where it is one.
pub(super) fn with_our_flags(mut error: Error, words: &[String], definition: &mut Command) -> Error {
    let (ErrorKind::UnknownArgument, Some(flag)) = (error.kind(), text(&error, ContextKind::InvalidArg)) else {
        return error;
    };
    let guess = text(&error, ContextKind::SuggestedArg);
    let is_slip = guess.is_some_and(|guess| is_slip(&guess, &flag));
    // What clap says about passing a flag as a value helps nobody who meant a flag.
    error.remove(ContextKind::Suggested);
    definition.build();
    let subcommand = words.first().and_then(|name| definition.find_subcommand(name).cloned());
    let is_ours = |name: &str| subcommand.as_ref().is_none_or(|command| named(command, name).is_some());
    let ours = foreign_flags::ours_for(words.first().map_or("", String::as_str), &flag, is_ours);
    if ours.is_some() || !is_slip {
        error.remove(ContextKind::SuggestedArg);
        let elsewhere = subcommand.is_none().then(|| flag_elsewhere(&flag, definition)).flatten();
        let spare = || spare_word::meant(&flag, words);
        let tip = elsewhere.or_else(|| ours.map(str::to_owned)).or_else(spare);
        let usage = subcommand.unwrap_or_else(|| definition.clone()).render_usage();
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
        if let Some(tip) = tip {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        }
    }
    error
}

/// The same error without what clap takes for a similar value, where it is another one or a number: none is like another.
pub(super) fn without_other_values(mut error: Error) -> Error {
    let (guess, value) = (text(&error, ContextKind::SuggestedValue), text(&error, ContextKind::InvalidValue));
    let is_number = |value: &str| value.starts_with(|c: char| c.is_ascii_digit());
    let may_be_meant = |guess: String| value.is_some_and(|value| !is_number(&value) && is_slip(&guess, &value));
    if guess.is_some_and(|guess| !may_be_meant(guess)) {
        error.remove(ContextKind::SuggestedValue);
    }
    error
}

/// The same error where a number below zero was given, which clap takes for a flag and then misses the value.
pub(super) fn with_value_below_zero(error: Error, words: &[String], definition: &mut Command) -> Error {
    let value_is_missing = text(&error, ContextKind::InvalidValue).is_some_and(|value| value.is_empty());
    let Some(argument) = text(&error, ContextKind::InvalidArg).filter(|name| value_is_missing && !is_secret(name))
    else {
        return error;
    };
    definition.build();
    let subcommand = words.first().and_then(|name| definition.find_subcommand(name));
    let is_given = |word: &str| {
        let long = subcommand.and_then(|command| named(command, word)).and_then(Arg::get_long);
        long.is_some_and(|long| argument.split(' ').next().and_then(|name| name.strip_prefix("--")) == Some(long))
    };
    let is_amount = |text: &str| text.parse::<f64>().is_ok() || duration(text).is_ok() || size(text).is_ok();
    let is_number = |word: &str| word.strip_prefix('-').is_some_and(is_amount);
    let value = words.windows(2).find(|pair| is_given(&pair[0]) && is_number(&pair[1])).map(|pair| &pair[1]);
    match (value, subcommand) {
        (Some(value), Some(command)) => {
            let why = format!("invalid value '{}' for '{argument}': it is below zero", Escaped(value));
            command.clone().error(ErrorKind::ValueValidation, why)
        }
        _ => error,
    }
}

/// The same error with no other subcommand than the one that was probably meant.
pub(super) fn with_one_subcommand(mut error: Error) -> Error {
    let Some(ContextValue::Strings(guesses)) = error.remove(ContextKind::SuggestedSubcommand) else { return error };
    let word = text(&error, ContextKind::InvalidSubcommand).unwrap_or_default();
    if let Some(meant) = nearest(guesses.iter().map(String::as_str), &word) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![meant.to_owned()]));
    }
    error
}

/// What a flag of a subcommand is told that stands there without one, and without a URL.
fn flag_elsewhere(flag: &str, definition: &Command) -> Option<String> {
    let has = |name: &&str| definition.find_subcommand(name).is_some_and(|command| named(command, flag).is_some());
    let found = ["connect", "serve"].into_iter().find(has);
    found.map(|name| format!("it is a flag of {name}: 'wscli {name} {flag}'"))
}

/// A word that was meant for a flag: its name, without what may have been meant for the value.
fn flag(word: &str) -> String {
    // Some of curl's have a dot in them, as --http1.1.
    if foreign_flags::is_known(word) {
        return word.to_owned();
    }
    let end = word.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(word.len());
    let name = &word[..end];
    let long = name.strip_prefix("--").unwrap_or_default();
    let secrets = secret_flags::with_secret_values().filter(|secret| long.starts_with(secret.long));
    match secrets.max_by_key(|secret| secret.long.len()) {
        Some(secret) if long != secret.long => format!("--{}{HIDDEN}", secret.long),
        _ => name.to_owned(),
    }
}

/// Whether an argument, or clap's description of one, is such a flag.
fn is_secret(argument: &str) -> bool {
    argument.split(' ').next().is_some_and(|name| secret_flags::written(name).is_some())
}

/// Whether a text that stands in a wrong place is a secret, or may be one.
fn is_secret_text(text: &str) -> bool {
    is_secret_field("", text) || secret_flags::looks_secret(text)
}

/// A word that has no place: it may be a password behind a name, or a parameter.
fn shown_word(word: &str) -> String {
    match word.split_once('=') {
        Some((name, _)) if is_secret_header(name) => format!("{}={HIDDEN}", Escaped(name)),
        _ if !word.contains(['.', ':', '/']) && is_secret_text(word) => HIDDEN.to_owned(),
        _ if word.contains(':') => Escaped(&presentable(word)).to_string(),
        _ => bare(word),
    }
}

/// As a URL, where it may be one.
pub(super) fn bare(value: &str) -> String {
    let shown = if value.contains('@') || value.contains("://") { presentable(value) } else { value.to_owned() };
    Escaped(&shown).to_string()
}

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn replace(error: &mut Error, kind: ContextKind, was: &str, is: String) {
    if was != is {
        error.insert(kind, ContextValue::String(is));
        // What clap suggests has the value in it.
        error.remove(ContextKind::Suggested);
    }
}
