//! The flags of `wscli show`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::choice::one_of;
use super::writing::Colour;
use crate::commands::show::{Config, Selection, ShowTime};
use crate::script::{self, Condition};
use crate::stdio::recording_reader::BadLines;
use crate::values;
use crate::view::json_pointer::Pointer;
use crate::ws::Direction;

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// A recording made with --record; - for stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Show only one connection, by its number there (counted from 1 where numbers repeat)
    #[arg(long, value_name = "N")]
    connection: Option<usize>,

    /// Show only messages that match (text or binary)
    #[arg(long, value_name = "REGEX", value_parser = script::regex)]
    grep: Option<Condition>,

    /// Show only JSON messages that have this value (RFC 6901, such as /user/name), and only the value
    #[arg(long, value_name = "POINTER", value_parser = Pointer::parse)]
    json: Option<Pointer>,

    /// Show only one direction: sent or received
    #[arg(long, value_name = "DIRECTION", value_parser = one_of(DIRECTIONS), hide_possible_values = true)]
    only: Option<Direction>,

    /// Show only events from this time on: since the connection opened (1.5s), or a date and time
    /// (2026-01-01T12:00:00Z)
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<ShowTime>,

    /// Show only events up to this time, in the same forms
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<ShowTime>,

    /// Show frames too, if they were recorded (--record-frames)
    #[arg(long)]
    frames: bool,

    /// Show counts of messages and bytes instead of the messages
    #[arg(long)]
    stats: bool,

    /// Skip lines that can't be parsed, with a note on stderr, instead of stopping at the first with exit code 2
    #[arg(long)]
    lenient: bool,
}

const DIRECTIONS: &[(&str, Direction)] = &[("sent", Direction::Sent), ("received", Direction::Received)];

impl ShowArgs {
    /// # Errors
    /// Nothing is between both times, in words.
    pub(super) fn config(self) -> Result<Config, String> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from.is_after(to)
        {
            return Err("--from is after --to".into());
        }
        Ok(Config {
            path: self.file,
            connection: self.connection,
            bad_lines: if self.lenient { BadLines::PassOver } else { BadLines::RefuseAtFirst },
            selection: Selection {
                direction: self.only,
                condition: self.grep,
                pointer: self.json,
                from: self.from,
                to: self.to,
            },
            frames: self.frames,
            paint: Colour::Auto.paint(),
            sums_up: self.stats,
        })
    }
}

/// A time of day, or one since a connection was opened.
fn time(text: &str) -> Result<ShowTime, String> {
    match values::duration(text) {
        Ok(elapsed) => Ok(ShowTime::Elapsed(elapsed)),
        Err(_) => values::time(text).map(ShowTime::Wall).map_err(|why| format!("{why}, or a duration such as 1.5s")),
    }
}
