//! `-d` and `--data-raw`: messages in the order in which they were given, whichever flag gave them.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use clap::builder::{OsStringValueParser, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint};

use crate::commands::connect::Datum;

/// In the order of the command line, which a field for each flag wouldn't keep.
#[derive(Debug)]
pub(super) struct DataArgs(pub(super) Vec<Datum>);

/// The heading of what is sent.
pub(super) const SENDING: &str = "Sending";

const DATA: &str = "data";
const RAW: &str = "data_raw";

impl Args for DataArgs {
    fn augment_args(command: Command) -> Command {
        let data = Arg::new(DATA).short('d').long("data").alias("data-binary").value_hint(ValueHint::Other).help(
            "Send this message before stdin; @FILE sends the contents of a file, @- all of stdin; decoded with --in hex or \
             base64; repeatable",
        );
        let data = data.value_parser(OsStringValueParser::new().try_map(datum));
        let raw = Arg::new(RAW).long("data-raw").help("Like --data, but a leading @ is part of the message");
        let raw = raw.value_parser(StringValueParser::new().map(Datum::Text));
        command.args([data, raw].map(|flag| {
            flag.value_name("TEXT").action(ArgAction::Append).allow_hyphen_values(true).help_heading(SENDING)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for DataArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let of = |flag| {
            let indices = matches.indices_of(flag).into_iter().flatten();
            indices.zip(matches.get_many::<Datum>(flag).into_iter().flatten())
        };
        let mut given: Vec<_> = of(DATA).chain(of(RAW)).collect();
        given.sort_by_key(|(index, _)| *index);
        Ok(Self(given.into_iter().map(|(_, datum)| datum.clone()).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What a value stands for. A file may have any name.
///
/// # Errors
/// A text that is none.
pub(super) fn datum(value: OsString) -> Result<Datum, &'static str> {
    match value.as_bytes().strip_prefix(b"@") {
        Some(b"-") => Ok(Datum::Stdin),
        Some(path) => Ok(Datum::File(OsString::from_vec(path.to_vec()).into())),
        None => value.into_string().map(Datum::Text).map_err(|_| {
            "a text message has to be UTF-8 (RFC 6455 §5.6); bytes are sent from a file, @FILE, as a binary message"
        }),
    }
}
