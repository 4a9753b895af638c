//! The flags of `wscli convert`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::choice::one_of;
use crate::commands::convert::{Config, SourceFormat, TargetFormat};
use crate::stdio::recording_reader::BadLines;

#[derive(Debug, Args)]
pub(super) struct ConvertArgs {
    /// A recording made with --record, or a HAR from a browser or proxy, optionally compressed; - for stdin
    #[arg(value_name = "IN", value_hint = ValueHint::FilePath)]
    source: PathBuf,

    /// Write to this file, replaced once the output is complete; - for stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", value_hint = ValueHint::FilePath)]
    output: PathBuf,

    /// Format of IN: recording or har [default: by its name: har for .har, .zhar and .har.gz, otherwise recording]
    #[arg(long, value_name = "FORMAT", value_parser = one_of(SourceFormat::NAMES), hide_possible_values = true)]
    from: Option<SourceFormat>,

    /// Format of OUT: recording, har, pcapng, txt, md or wst (a test) [default: by its name; .ndjson and .jsonl are recordings]
    #[arg(long, value_name = "FORMAT", value_parser = one_of(TargetFormat::NAMES), hide_possible_values = true)]
    to: Option<TargetFormat>,

    /// Convert only one connection of a recording, by its number there (counted from 1 where numbers repeat), such as a proxy's to
    /// its target
    #[arg(long, value_name = "N")]
    connection: Option<usize>,

    /// Write pings, pongs and closes to a HAR too, as messages with opcodes 8 to 10, which few tools expect
    #[arg(long)]
    har_control: bool,

    /// Skip what can't be parsed, with a note on stderr, instead of stopping at the first error with exit code 2
    #[arg(long)]
    lenient: bool,
}

impl ConvertArgs {
    /// # Errors
    /// Nothing says what is to be written, in words.
    pub(super) fn config(self) -> Result<Config, String> {
        let to = self.to.or_else(|| TargetFormat::of(&self.output)).ok_or_else(|| {
            let name = self.output.display();
            format!(
                "{name}: its name does not say which format to write: add --to recording, har, pcapng, txt, md or wst"
            )
        })?;
        let from = self.from.unwrap_or_else(|| SourceFormat::of(&self.source));
        if self.connection.is_some() && from == SourceFormat::Har {
            return Err("--connection is for recordings: convert the HAR to one first".into());
        }
        Ok(Config {
            from,
            source: self.source,
            target: self.output,
            to,
            bad_lines: if self.lenient { BadLines::PassOver } else { BadLines::RefuseAtFirst },
            connection: self.connection,
            har_control: self.har_control,
        })
    }
}
