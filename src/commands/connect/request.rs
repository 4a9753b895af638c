//! `-d`: the messages that are sent first on every connection.

use std::path::Path;

use super::config::{Datum, Sending};
use crate::advice::{self, flag};
use crate::error::Error;
use crate::stdio::byte_order_mark;
use crate::stdio::console::Console;
use crate::stdio::file;
use crate::stdio::input::{self, InputMode};
use crate::values::{self, base64, hex, unescaped};
use crate::ws::Kind;

/// The messages of `-d`, files read. What is left out of one is said.
///
/// # Errors
/// What can't be read, or can't be decoded, or can't be a text message.
pub(super) fn messages(sending: &Sending, console: &Console) -> Result<Vec<(Kind, Vec<u8>)>, Error> {
    if sending.data.iter().filter(|datum| **datum == Datum::Stdin).count() > 1 {
        return Err(Error::usage(advice::STDIN_TWICE));
    }
    sending.data.iter().map(|datum| message(datum, sending, console)).collect()
}

fn message(datum: &Datum, sending: &Sending, console: &Console) -> Result<(Kind, Vec<u8>), Error> {
    let wrong = |why: String| Error::usage(format!("{} {datum}: {why}", flag::DATA));
    let mut content = content(datum)?;
    // Another program's events begin so; a text that is one by chance can be written as an event too.
    if sending.input == InputMode::Json && content.trim_ascii_start().starts_with(b"{") {
        return Err(wrong(advice::EVENTS_COME_FROM_STDIN.into()));
    }
    let kind = if sending.binary { Kind::Binary } else { Kind::Text };
    let is_typed = matches!(datum, Datum::Text(_));
    let is_read_as_text = kind == Kind::Text || matches!(sending.input, InputMode::Hex | InputMode::Base64);
    // What is typed begins with a mark only where somebody means it.
    if !is_typed && is_read_as_text && byte_order_mark::remove(&mut content) {
        console.line(byte_order_mark::not_sent(datum.origin()));
    }
    match sending.input {
        InputMode::Hex => return hex(&content).map(|bytes| (Kind::Binary, bytes)).map_err(wrong),
        InputMode::Base64 => return base64(content.trim_ascii()).map(|bytes| (Kind::Binary, bytes)).map_err(wrong),
        _ if sending.escapes && is_typed => {
            return unescaped(&content, kind == Kind::Text).map(|bytes| (kind, bytes)).map_err(wrong);
        }
        _ => {}
    }
    if kind == Kind::Text {
        values::text(&content, datum.origin()).map_err(advice::binary_file)?;
    }
    Ok((kind, content))
}

fn content(datum: &Datum) -> Result<Vec<u8>, Error> {
    match datum {
        Datum::Text(text) => Ok(text.clone().into_bytes()),
        Datum::File(path) => file::bytes(path),
        Datum::Stdin => input::all_of_stdin().map_err(Error::Stdin),
    }
}

impl Datum {
    /// Where its content comes from, for messages.
    fn origin(&self) -> String {
        match self {
            Self::Text(_) => "the message".into(),
            Self::File(path) => Path::display(path).to_string(),
            Self::Stdin => "stdin".into(),
        }
    }
}
