//! The flags that say what is written, where and how.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueHint};

use super::choice::{in_a_sentence, one_of};
use crate::commands::connect::Writing;
use crate::stdio::decode::Decoding;
use crate::stdio::file::to_write;
use crate::stdio::output::{OutputMode, Stamp};
use crate::view::clock::check_format;
use crate::view::spans::Paint;

pub(super) const WRITING: &str = "Output";

#[derive(Debug, Args)]
pub(super) struct WritingArgs {
    #[arg(long = "out", value_name = "FORMAT", default_value = "text", value_parser = one_of(OutputMode::NAMES),
          help = in_a_sentence("How messages are written", OutputMode::NAMES, OutputMode::help),
          help_heading = WRITING, hide_possible_values = true)]
    output: OutputMode,

    /// Write to this file instead of stdout; - is stdout
    #[arg(short = 'o', long = "output", value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = WRITING,
          value_parser = PathBufValueParser::new().try_map(no_origin))]
    file: Option<PathBuf>,

    #[arg(long, value_name = "CODING", value_parser = one_of(Decoding::NAMES),
          help = format!("{}; gzip, zlib and deflate also as one stream across messages, each ending with a flush",
                         in_a_sentence("Decode binary messages before --out, --until, --expect and --reject see them",
                                       Decoding::NAMES, Decoding::help)),
          help_heading = WRITING, hide_possible_values = true)]
    decode: Option<Decoding>,

    /// Append to the file of -o instead of replacing it
    #[arg(long, requires = "file", help_heading = WRITING)]
    append: bool,

    /// Prefix each message with the time: RFC 3339 to the microsecond in utc or local, or a strftime format in local time,
    /// with %3f, %6f, %9f (or %.3f …) for fractions of a second and %z for the offset; delta is the time since the previous
    /// message; utc if no value is given
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "",
          value_parser = stamp, help_heading = WRITING)]
    timestamps: Option<Stamp>,

    /// Colour at the prompt; auto: colour unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = one_of(&Colour::NAMES),
          help_heading = WRITING)]
    color: Colour,

    /// Print pings and pongs on stderr, > sent and < received, with the time and the round-trip time
    #[arg(short = 'P', long, help_heading = WRITING)]
    show_pings: bool,

    /// Print only errors on stderr
    #[arg(short = 'q', long, alias = "silent", action = ArgAction::SetTrue, help_heading = WRITING)]
    pub(super) quiet: bool,
}

impl WritingArgs {
    /// `limit` is that of messages, in bytes.
    pub(super) fn config(self, limit: Option<u64>) -> Writing {
        let Self { output, file, decode, append, timestamps, color, show_pings, quiet } = self;
        let file = file.filter(|file| to_write(file) == file);
        let decode = decode.map(|decoding| (decoding, limit));
        Writing { output, file, append, decode, timestamps, paint: color.paint(), show_pings, quiet }
    }
}

/// When colours are written to a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    pub(super) const NAMES: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];

    /// The environment decides where the flag leaves it open (<https://no-color.org>).
    pub(super) fn paint(self) -> Paint {
        let unwanted = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => Paint::Colours,
            Self::Auto if !unwanted() => Paint::Colours,
            Self::Auto | Self::Never => Paint::Plain,
        }
    }
}

/// With wscat an origin stands behind the letter.
fn no_origin(file: PathBuf) -> Result<PathBuf, &'static str> {
    match file.starts_with("http:") || file.starts_with("https:") {
        true => Err("it names the file to write to; --origin URL sends an Origin header"),
        false => Ok(file),
    }
}

fn stamp(text: &str) -> Result<Stamp, String> {
    match text {
        "" | "utc" => Ok(Stamp::Utc),
        "local" => Ok(Stamp::Local),
        "delta" => Ok(Stamp::Delta),
        format => check_format(format).map(|()| Stamp::Strftime(format.to_owned())),
    }
}
