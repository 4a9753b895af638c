//! The flags that say how often to try again.

use std::time::Duration;

use clap::Args;

use crate::client::RetryPolicy;
use crate::values::{duration, number};

const RETRIES: &str = "Retries";

#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// Retry transient failures (refused, timed out, 429, 502, 503, 504) at most N times
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number, help_heading = RETRIES)]
    retry: u32,

    /// Delay before each retry, and each attempt to reconnect [default: 1s, doubling up to 1m, with jitter]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = RETRIES)]
    pub(super) retry_delay: Option<Duration>,

    /// Stop retrying after this long; 0 for no limit [default: 0]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = RETRIES)]
    retry_max_time: Option<Duration>,
}

impl RetryArgs {
    pub(super) fn config(self) -> RetryPolicy {
        RetryPolicy { most: self.retry, delay: self.retry_delay, max_time: self.retry_max_time }
    }
}
