//! The flags that say what a pipe sends and what it writes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum, ValueHint};

use crate::stdio::input;
use crate::stdio::output::{self, Stamp};
use crate::values::{Limit, duration, limit, rate, size};
use crate::view::clock::check_format;
use crate::view::spans::Paint;

const SENDING: &str = "What is sent";
const WRITING: &str = "What is written";

#[derive(Debug, Args)]
pub(crate) struct SendingArgs {
    /// Send this as a message, before stdin; @FILE sends a file's content; repeatable
    #[arg(short = 'd', long, value_name = "TEXT", help_heading = SENDING)]
    pub(crate) data: Vec<String>,

    /// Don't read stdin: stay until the connection ends
    #[arg(short = 'n', long, help_heading = SENDING)]
    pub(crate) no_input: bool,

    /// How stdin becomes messages: each line, each part up to a NUL, all of it, each read (binary), a line of
    /// hexadecimal or base64 (binary), an event a line (docs/events.md)
    #[arg(long = "in", value_name = "MODE", value_enum, default_value_t = input::Mode::Lines, help_heading = SENDING,
          hide_possible_values = true)]
    pub(crate) input: input::Mode,

    /// Send binary messages where the mode leaves it open
    #[arg(long, help_heading = SENDING)]
    pub(crate) binary: bool,

    /// A message over this size is sent as fragments while it is read: a size in bytes (K, M) [default: 64KiB; at the
    /// prompt no limit]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = SENDING)]
    pub(crate) fragment_size: Option<usize>,

    /// Send at most so many messages a second: N or N/s [default: no limit]
    #[arg(long, value_name = "N/s", value_parser = rate, help_heading = SENDING)]
    rate: Option<Duration>,

    /// Wait so long between messages [default: none]
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "rate", help_heading = SENDING)]
    delay: Option<Duration>,

    /// Send messages under this size uncompressed: a size in bytes [default: 0]
    #[arg(long, value_name = "BYTES", value_parser = limit, help_heading = SENDING)]
    pub(crate) no_compress_under: Option<Limit>,
}

/// Fragments of what is read from a pipe, in bytes.
const FRAGMENT_SIZE: usize = 64 * 1024;

impl SendingArgs {
    /// The size of fragments in a pipe, in bytes.
    pub(crate) fn fragment_size(&self) -> usize {
        self.fragment_size.unwrap_or(FRAGMENT_SIZE)
    }

    /// The time between the beginnings of two messages.
    pub(crate) fn interval(&self) -> Option<Duration> {
        self.rate.or(self.delay)
    }
}

#[derive(Debug, Args)]
pub(crate) struct WritingArgs {
    /// How messages are written: text (one a line; on a terminal made safe), raw (bytes only), null (a NUL behind each),
    /// hex or base64 (one a line), json (an event a line, docs/events.md), none
    #[arg(long = "out", value_name = "FORMAT", value_enum, default_value_t = output::Mode::Text, help_heading = WRITING,
          hide_possible_values = true)]
    pub(crate) output: output::Mode,

    /// Write to this file instead of stdout
    #[arg(short = 'o', long = "output", value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = WRITING)]
    pub(crate) file: Option<PathBuf>,

    /// Write the time before each message: RFC 3339 in UTC, or by a format of strftime in local time
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = stamp, help_heading = WRITING)]
    pub(crate) timestamps: Option<Stamp>,

    /// Colours at the prompt: auto is unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, help_heading = WRITING)]
    color: Colour,

    /// Tell every Ping and Pong on stderr
    #[arg(short = 'P', long, help_heading = WRITING)]
    pub(crate) show_pings: bool,

    /// Nothing on stderr but errors
    #[arg(short = 'q', long, action = ArgAction::SetTrue, help_heading = WRITING)]
    pub(crate) quiet: bool,
}

impl WritingArgs {
    /// Whether colours are written to a terminal (<https://no-color.org>).
    pub(crate) fn paint(&self) -> Paint {
        let unwanted = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self.color {
            Colour::Always => Paint::Colours,
            Colour::Auto if !unwanted() => Paint::Colours,
            Colour::Auto | Colour::Never => Paint::Plain,
        }
    }

    /// Whether a prompt could stand in for what was asked for.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.output, output::Mode::Text) && self.file.is_none() && !self.quiet
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

fn stamp(text: &str) -> Result<Stamp, String> {
    if text.is_empty() {
        return Ok(Stamp::Rfc3339);
    }
    check_format(text).map(|()| Stamp::Strftime(text.to_owned()))
}
