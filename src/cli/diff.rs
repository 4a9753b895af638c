//! The flags of `wscli diff`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::choice::one_described;
use super::replay::match_help;
use crate::commands::diff::Config;
use crate::stdio::recording_reader::BadLines;
use crate::trace::message_match::{MatchMode, MessageMatch, ValuePath};

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A recording made with --record; - for stdin
    #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
    first: PathBuf,

    /// The recording to compare it with
    #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
    second: PathBuf,

    /// Compare only this connection, by its number in both files (counted from 1 where numbers repeat)
    #[arg(long = "connection", value_name = "N")]
    number: Option<usize>,

    /// How messages are compared
    #[arg(long = "match", value_name = "HOW", default_value = "json", value_parser = one_described(&MODES, match_help))]
    matching: MatchMode,

    /// Ignore this value in JSON (RFC 6901, such as /user/id; * stands for every member or element); repeatable
    #[arg(long, value_name = "POINTER", value_parser = ValuePath::parse)]
    ignore: Vec<ValuePath>,

    /// Skip lines that can't be parsed, with a note on stderr, instead of stopping at the first with exit code 2
    #[arg(long)]
    lenient: bool,
}

const MODES: [(&str, MatchMode); 3] =
    [("json", MatchMode::Json), ("exact", MatchMode::Exact), ("count", MatchMode::Count)];

impl DiffArgs {
    pub(super) fn config(self) -> Config {
        Config {
            paths: [self.first, self.second],
            bad_lines: if self.lenient { BadLines::PassOver } else { BadLines::RefuseAtFirst },
            connection: self.number,
            matching: MessageMatch { mode: self.matching, ignored: self.ignore },
        }
    }
}
