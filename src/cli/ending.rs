//! The flags that say when it ends, and what counts as success.

use std::time::Duration;

use clap::Args;

use super::choice::whole_number;
use super::deadlines::DEADLINES;
use crate::commands::connect::Ending;
use crate::script::{Condition, GoalConfig, regex};
use crate::values::{CodeSet, close, code_set, duration};
use crate::ws::Close;

const ENDING: &str = "When to stop";

#[derive(Debug, Args)]
pub(super) struct EndingArgs {
    /// Stop after receiving N messages; exit 1 if fewer arrive, unless the connection failed
    #[arg(long, value_name = "N", help_heading = ENDING, value_parser = whole_number(1_u64..))]
    count: Option<u64>,

    /// Stop after one message: --count 1
    #[arg(short = '1', conflicts_with = "count", help_heading = ENDING)]
    one: bool,

    /// Stop after a message that matches; exit 1 if none does, unless the connection failed
    #[arg(long, value_name = "REGEX", value_parser = regex, help_heading = ENDING)]
    until: Option<Condition>,

    /// Expect a message that matches; repeatable, in this order; exit 1 if one is missing
    #[arg(long, value_name = "REGEX", value_parser = regex, help_heading = ENDING)]
    expect: Vec<Condition>,

    /// Stop with exit code 1 if a message matches; repeatable
    #[arg(long, value_name = "REGEX", value_parser = regex, help_heading = ENDING)]
    reject: Vec<Condition>,

    /// After the end of stdin, close once the peer has read everything (a ping after half of the time finds out, unless
    /// --ping-interval is 0; if no pong comes, wait three times as long, at most 3s) and been quiet for this long (30s inside a
    /// message); use -m to end a feed
    /// [default: 1s; no limit with -n, --count, --until or --expect]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = ENDING)]
    linger: Option<Duration>,

    /// Close with this status code and reason [default: 1000; 1001 after --max-time, a failure or a signal]
    #[arg(long, value_name = "CODE[:REASON]", value_parser = close, help_heading = ENDING)]
    close: Option<Close>,

    /// Disconnect without the closing handshake
    #[arg(long, conflicts_with = "close", help_heading = ENDING)]
    no_close: bool,

    /// Peer close codes to treat as success besides 1000 and 1001: codes and ranges, such as 1005,4000-4099
    #[arg(long, value_name = "CODES", value_parser = code_set, help_heading = ENDING)]
    ok_close: Option<CodeSet>,

    /// Reconnect, at most N times or without limit, unless we closed the connection or the peer closed it with 1000, and send
    /// what wasn't handed to the system yet; messages that were on their way when the connection was lost may be lost; use
    /// --retry for the first connection
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "4294967295",
          help_heading = ENDING)]
    reconnect: Option<u32>,

    /// Stop after this long (500ms, 30s, 1m30s; a number alone is seconds), plus 100 ms for the peer to answer our Close; exit 1 if something was still expected, or
    /// not all of -d or stdin was sent (what is left of an endless stdin doesn't count unless --pace, --rate, --delay or --send-after held it
    /// back); 0 for no limit [default: 0]
    #[arg(short = 'm', long, value_name = "DURATION", value_parser = duration, help_heading = DEADLINES)]
    pub(super) max_time: Option<Duration>,
}

impl EndingArgs {
    /// With the delay that holds for retries too.
    pub(super) fn config(self, reconnect_delay: Option<Duration>) -> (GoalConfig, Ending) {
        let count = if self.one { Some(1) } else { self.count };
        let goals = GoalConfig { count, until: self.until, expect: self.expect, reject: self.reject };
        let Self { linger, close, no_close, ok_close, reconnect, max_time, .. } = self;
        (goals, Ending { linger, close, no_close, ok_close, reconnect, reconnect_delay, max_time })
    }
}
