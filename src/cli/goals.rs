//! The flags that say when a pipe is done, and what counts as success.

use std::time::Duration;

use clap::Args;
use regex::bytes::Regex;

use super::DEADLINES;
use crate::values::{CodeSet, close, code_set, duration};
use crate::ws::Close;

const ENDING: &str = "When it ends";

#[derive(Debug, Args)]
pub(crate) struct GoalArgs {
    /// End after so many messages have arrived; exit 1 when there are fewer
    #[arg(long, value_name = "N", help_heading = ENDING, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// End after one message: --count 1
    #[arg(short = '1', conflicts_with = "count", help_heading = ENDING)]
    one: bool,

    /// End after a message that matches; exit 1 when none does
    #[arg(long, value_name = "REGEX", help_heading = ENDING)]
    pub(crate) until: Option<Regex>,

    /// Expect a message that matches; repeatable, in this order; exit 1 when one is missing
    #[arg(long, value_name = "REGEX", help_heading = ENDING)]
    pub(crate) expect: Vec<Regex>,

    /// End with 1 when a message matches; repeatable
    #[arg(long, value_name = "REGEX", help_heading = ENDING)]
    pub(crate) reject: Vec<Regex>,

    /// How long the peer must be quiet after stdin's end before the connection is closed [default: 1s]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = ENDING)]
    pub(crate) linger: Option<Duration>,

    /// Close with this status code and reason
    #[arg(long, value_name = "CODE[:REASON]", default_value = "1000", value_parser = close, help_heading = ENDING)]
    pub(crate) close: Close,

    /// Leave without the closing handshake
    #[arg(long, conflicts_with = "close", help_heading = ENDING)]
    pub(crate) no_close: bool,

    /// Status codes of the peer's that are no failure, besides 1000 and 1001: codes and ranges, such as 1005,4000-4099
    #[arg(long, value_name = "CODES", value_parser = code_set, help_heading = ENDING)]
    pub(crate) ok_close: Option<CodeSet>,

    /// Connect again when the connection is lost, so many times [default: without end]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "4294967295",
          help_heading = ENDING)]
    pub(crate) reconnect: Option<u32>,

    /// End the whole run after so long; exit 1 when something was still expected; 0 is
    /// without limit [default: 0]
    #[arg(short = 'm', long, value_name = "DURATION", value_parser = duration, help_heading = DEADLINES)]
    pub(crate) max_time: Option<Duration>,
}

/// How long the peer must be quiet where nothing else is said.
const LINGER: Duration = Duration::from_secs(1);

impl GoalArgs {
    pub(crate) fn linger(&self) -> Duration {
        self.linger.unwrap_or(LINGER)
    }

    pub(crate) fn count(&self) -> Option<u64> {
        if self.one { Some(1) } else { self.count }
    }
}
