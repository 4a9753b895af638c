//! What arrives, as bytes for stdout: one file a format, pure over a buffer.

mod encoded;
mod events;
mod plain;
mod screen;
mod stamped;

use std::fmt;
use std::io::{self, IsTerminal};

pub(crate) use stamped::Stamp;

use self::screen::Mark;
use super::queue::Queue;
use super::terminal::Columns;
use crate::ws::{Data, Event};

/// How what arrives becomes output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputMode {
    Text,
    Raw,
    Null,
    Hex,
    Base64,
    Json,
    None,
}

impl OutputMode {
    /// What each is called.
    pub(crate) const NAMES: &[(&'static str, Self)] = &[
        ("text", Self::Text),
        ("raw", Self::Raw),
        ("null", Self::Null),
        ("hex", Self::Hex),
        ("base64", Self::Base64),
        ("json", Self::Json),
        ("none", Self::None),
    ];

    /// What help says beside the name.
    pub(crate) fn help(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("one per line; escaped on a terminal"),
            Self::Raw => Some("bytes only"),
            Self::Null => Some("NUL-terminated; as text on a terminal"),
            Self::Hex | Self::Base64 => Some("one per line"),
            Self::Json => Some("one event per line, wscli man events"),
            Self::None => None,
        }
    }
}

/// Writes what happens on a connection.
pub(crate) trait OutputFormat: fmt::Debug {
    /// Part of a message that arrived.
    fn data(&mut self, data: &Data<'_>, out: &mut Queue);

    /// Anything else that happened, content that was sent included.
    fn event(&mut self, _event: &Event<'_>, _out: &mut Queue) {}

    /// The connection is lost, and with it the rest of what has begun to arrive. Another one has been opened.
    fn cut_off(&mut self, out: &mut Queue);
}

/// The format of a mode. On a terminal text, binary and events are made safe; events have the number of their connection
/// where there may be several.
pub(crate) fn new(
    mode: OutputMode,
    terminal: Option<Columns>,
    stamp: Option<Stamp>,
    numbered: bool,
) -> Box<dyn OutputFormat> {
    match mode {
        OutputMode::Text | OutputMode::Null => match terminal {
            Some(columns) => stamped::stamped(screen::ScreenFormat::new(columns).marked(mark()), stamp),
            None => {
                let end = if mode == OutputMode::Null { 0 } else { b'\n' };
                stamped::stamped(plain::Plain::followed_by(Some(end)), stamp)
            }
        },
        // Asked for by its name: whoever wants to try what a terminal makes of it.
        OutputMode::Raw => Box::new(plain::Plain::followed_by(None)),
        OutputMode::Hex => stamped::stamped(encoded::Hex::default(), stamp),
        OutputMode::Base64 => stamped::stamped(encoded::Base64::default(), stamp),
        OutputMode::Json => Box::new(events::EventFormat::new(terminal, numbered)),
        OutputMode::None => Box::new(Nothing),
    }
}

/// On a terminal that edits no lines, and leaves there what was typed, messages are told from that; and on one that shows
/// lines of ours too, from those.
fn mark() -> Mark {
    match () {
        () if super::terminal::is_without_columns() && io::stdin().is_terminal() => Mark::Received,
        () if io::stderr().is_terminal() => Mark::Words,
        () => Mark::None,
    }
}

/// Writes nothing.
#[derive(Debug)]
struct Nothing;

impl OutputFormat for Nothing {
    fn data(&mut self, _data: &Data<'_>, _out: &mut Queue) {}

    fn cut_off(&mut self, _out: &mut Queue) {}
}
