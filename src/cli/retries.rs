//! The flags that say how often to try again.

use std::time::Duration;

use clap::Args;

use crate::client::RetryPolicy;
use crate::values::{duration, number};

const RETRIES: &str = "Retries";

#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// Retry transient failures at most N times: a host that can't be resolved, a refused connection, a timeout, and the
    /// statuses 408, 429, 500, 502, 503 and 504, as curl does with --retry-connrefused
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
