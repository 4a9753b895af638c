//! What is wrong with the arguments, told without the secrets that are among them.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::net::target::presentable;

/// The flags whose values are secrets, or may hold some.
const SECRETS: [&str; 11] =
    ["-u", "--user", "--bearer", "--auth", "-H", "--header", "-b", "--cookie", "-x", "--proxy", "--from-curl"];

/// Stands where a value was.
const HIDDEN: &str = "…";

/// The same error without what may be a secret: the value of such a flag, credentials in a URL, and among arguments with
/// such a flag any word that has no place, which may be the end of its value.
pub(super) fn without_secrets(mut error: Error, arguments: &[String]) -> Error {
    let flag = text(&error, ContextKind::InvalidArg);
    let names_secret = flag.as_deref().is_some_and(is_secret);
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        if let Some(value) = text(&error, kind) {
            replace(&mut error, kind, &value, if names_secret { HIDDEN.to_owned() } else { bare(&value) });
        }
    }
    if let (ErrorKind::UnknownArgument, Some(word)) = (error.kind(), flag) {
        let shown = match word.starts_with('-') {
            true => word.split('=').next().unwrap_or_default().to_owned(),
            false if arguments.iter().any(|argument| is_secret(argument)) => HIDDEN.to_owned(),
            false => bare(&word),
        };
        replace(&mut error, ContextKind::InvalidArg, &word, shown);
    }
    error
}

/// Whether an argument, or clap's description of one, is such a flag.
fn is_secret(argument: &str) -> bool {
    let name = argument.split([' ', '=']).next().unwrap_or_default();
    // A short flag may have its value behind it.
    SECRETS.iter().any(|&secret| name == secret || (secret.len() == 2 && name.starts_with(secret)))
}

/// As a URL, where it may be one.
fn bare(value: &str) -> String {
    if value.contains('@') || value.contains("://") { presentable(value) } else { value.to_owned() }
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
