//! `-d` and `--data-raw`: messages in the order in which they were given, whichever flag gave them.

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
        let raw = Arg::new(RAW).long("data-raw").help("Like --data, but a leading @ is part of the message");
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
        let of = |flag, read: fn(&str) -> Datum| {
            let indices = matches.indices_of(flag).into_iter().flatten();
            let values = matches.get_many::<String>(flag).into_iter().flatten();
            indices.zip(values).map(move |(index, value)| (index, read(value)))
        };
        let mut given: Vec<_> = of(DATA, datum).chain(of(RAW, |text| Datum::Text(text.into()))).collect();
        given.sort_by_key(|(index, _)| *index);
        Ok(Self(given.into_iter().map(|(_, datum)| datum).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn datum(text: &str) -> Datum {
    match text.strip_prefix('@') {
        Some("-") => Datum::Stdin,
        Some(path) => Datum::File(path.into()),
        None => Datum::Text(text.into()),
    }
}
