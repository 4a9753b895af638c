//! The flags that say what is sent, and how.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::choice::{in_a_sentence, one_of};
use super::data::{DataArgs, SENDING};
use crate::commands::connect::{Answering, SendOptions, Sending};
use crate::net::Interval;
use crate::script::{Condition, check_rule, regex};
use crate::stdio::input::InputMode;
use crate::values::{Limit, duration, limit, rate, size};

const ANSWERS: &str = "Answers";

#[derive(Debug, Args)]
pub(super) struct SendingArgs {
    #[command(flatten)]
    data: DataArgs,

    /// Don't read stdin; stay until the connection ends
    #[arg(short = 'n', long, help_heading = SENDING)]
    no_input: bool,

    #[arg(long = "in", value_name = "MODE", default_value = "lines", value_parser = one_of(InputMode::NAMES),
          help = in_a_sentence("How stdin is split into messages", InputMode::NAMES, InputMode::help),
          help_heading = SENDING, hide_possible_values = true)]
    input: InputMode,

    /// Send binary messages if --in allows both kinds
    #[arg(long, help_heading = SENDING)]
    binary: bool,

    /// Strip the CR from lines of stdin that end with CR LF
    #[arg(long, help_heading = SENDING)]
    crlf: bool,

    /// Interpret escapes in lines of stdin and in -d: \r \n \t \0 \e \\ \" \xHH \u{HEX}
    #[arg(long, help_heading = SENDING)]
    escapes: bool,

    /// Send larger messages in fragments with this much payload, counted after compression: bytes (K, M) [default: 64KiB]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = SENDING)]
    fragment_size: Option<usize>,

    /// Send at most this many messages per second: N or N/s [default: no limit]
    #[arg(long, value_name = "N/s", value_parser = rate, help_heading = SENDING)]
    rate: Option<Duration>,

    /// Delay between messages [default: none]
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "rate", help_heading = SENDING)]
    delay: Option<Duration>,

    /// Answer received messages: CONDITION => ACTION [=> ACTION], such as 'match ^2$ => reply 3'; repeatable; --help-rules
    /// prints the grammar
    #[arg(long, value_name = "RULE", value_parser = rule, help_heading = ANSWERS)]
    on: Vec<String>,

    /// Answer by the rules in a file, after those of --on; repeatable
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = ANSWERS)]
    on_file: Vec<PathBuf>,

    /// answer: send each message once the last one has been answered, by a message that no --on rule matches or, with
    /// --send-after, by one that matches [default: don't wait]
    #[arg(long, value_name = "WHAT", value_parser = ["answer"], hide_possible_values = true, help_heading = ANSWERS)]
    pace: Option<String>,

    /// Start sending stdin after a message that matches (-d is sent before); exit 1 if none does
    #[arg(long, value_name = "REGEX", value_parser = regex, conflicts_with = "no_input", help_heading = ANSWERS)]
    send_after: Option<Condition>,

    /// Fill in ${/pointer}, $1, ${name} and $0 in messages to send, from the last message that matched --send-after; without
    /// it, from the last answer with --pace, or the last match of --on; also ${uuid}, ${now}, ${counter}, ${random} and
    /// ${env.NAME}; $$ is a dollar sign
    #[arg(long, help_heading = ANSWERS)]
    fill: bool,

    /// Don't compress messages smaller than this: bytes (K, M, G); those over 16 MiB from stdin are always compressed
    /// [default: 0]
    #[arg(long, value_name = "BYTES", value_parser = limit, help_heading = SENDING)]
    no_compress_under: Option<Limit>,
}

impl SendingArgs {
    pub(super) fn config(self) -> Sending {
        let options = SendOptions {
            interval: self.rate.map(Interval::Rate).or(self.delay.map(Interval::Pause)),
            compress_from: self.no_compress_under.and_then(|limit| limit.0).unwrap_or(0) as usize,
            fragment_size: self.fragment_size,
        };
        let answering = Answering {
            rules: self.on,
            rule_files: self.on_file,
            paced: self.pace.is_some(),
            send_after: self.send_after,
            fills: self.fill,
        };
        let Self { data: DataArgs(data), no_input, input, binary, crlf, escapes, .. } = self;
        Sending { data, no_input, input, binary, crlf, escapes, options, answering }
    }
}

/// A rule that can be read. What it has to do with the others is seen when all are known.
fn rule(text: &str) -> Result<String, String> {
    check_rule(text).map(|()| text.to_owned())
}
