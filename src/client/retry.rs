//! Trying again after failures that may pass.

use std::io;
use std::time::{Duration, Instant, SystemTime};

use super::RetryPolicy;
use super::attempts::Attempts;
use crate::advice;
use crate::error::Error;
use crate::http::decimal;
use crate::net::Interrupt;
use crate::stdio::console::Console;
use crate::values::end_after;
use crate::view::amount::Delay;

/// A server that asks for more than a day is not waited for any longer than that.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The retries that are left.
#[derive(Debug)]
pub(super) struct Retries {
    most: u32,
    attempts: Attempts,
    /// What ends them is the limit of the retries, and not that of the run.
    is_own_limit: bool,
}

impl Retries {
    /// None begins after `latest`.
    pub(super) fn new(policy: RetryPolicy, latest: Option<Instant>) -> Self {
        let own = end_after(policy.max_time);
        let first = own.into_iter().chain(latest).min();
        let is_own_limit = own.is_some() && first == own;
        Self { most: policy.most, attempts: Attempts::new(policy.most, policy.delay, first), is_own_limit }
    }

    /// Waits until it is time to try again.
    ///
    /// # Errors
    /// `error` itself, where trying again isn't wanted or doesn't help.
    pub(super) fn wait_after(
        &mut self,
        mut error: Error,
        interrupt: Option<Interrupt<'_>>,
        console: &Console,
    ) -> Result<(), Error> {
        if !may_pass(&error) {
            return Err(error);
        }
        let Some(attempt) = self.attempts.next(retry_after(&error, SystemTime::now())) else {
            if self.attempts.are_out_of_time() {
                console.line(advice::no_time_for_a_retry(self.is_own_limit));
            }
            if let Error::Refused(refusal) = &mut error {
                refusal.was_retried = self.most > 0;
            }
            return Err(error);
        };
        console.line(format_args!("{error}; retry {} of {} in {}", attempt.number, self.most, Delay(attempt.delay)));
        attempt.wait(interrupt)
    }
}

/// Whether trying again may help.
pub(super) fn may_pass(error: &Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, TimedOut};
    match error {
        Error::TimedOut { .. } => true,
        Error::Resolve { may_pass, .. } => *may_pass,
        Error::Connect { tried } => tried.iter().any(|(_, why)| matches!(why.kind(), ConnectionRefused | TimedOut)),
        Error::ConnectUnix { why, .. } => why.kind() == ConnectionRefused,
        Error::ProxyNotReached { why, .. } => may_pass(why),
        Error::Refused(refusal) => refusal.status().may_pass(),
        Error::ProxyRefused { answer, .. } => answer.response.status.may_pass(),
        _ => false,
    }
}

/// RFC 9110 §10.2.3: seconds or a date.
fn retry_after(error: &Error, now: SystemTime) -> Option<Duration> {
    let Error::Refused(refusal) = error else { return None };
    let value = refusal.header("retry-after")?.trim();
    if let Some(seconds) = decimal(value) {
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    Some(httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default().min(LONGEST))
}
