//! `/info`, `/headers` and `/stats`: about the connection, and about an attempt that has failed since.

use std::time::Instant;

use super::Prompt;
use super::connecting::FailedAttempt;
use crate::http::Secrets;
use crate::peer_text::Escaped;
use crate::trace::stats::QueuedMessages;
use crate::view::amount::Count;

impl Prompt<'_> {
    pub(super) fn info(&self) -> Vec<String> {
        let mut lines = self.open.info(self.secrets);
        if !self.open.was_opened() {
            return vec!["not connected yet".to_owned()];
        }
        if !self.status.is_connected() {
            lines[0] = format!("not connected; the last connection was to {}", lines[0]);
        }
        self.with_attempt(lines, |failed| {
            let mut lines = vec![failed.headline()];
            lines.extend(failed.facts.address().map(|address| format!("  address      {}", Escaped(address))));
            lines.extend(failed.facts.tls_lines().into_iter().map(|line| format!("  {line}")));
            lines
        })
    }

    pub(super) fn headers(&self, wanted: Secrets) -> Vec<String> {
        let secrets = if wanted == Secrets::Shown { wanted } else { self.secrets };
        let mut lines = self.heads(secrets);
        if secrets == Secrets::Masked && self.heads(Secrets::Shown) != lines {
            lines.push("/headers raw shows what is masked".to_owned());
        }
        lines
    }

    fn heads(&self, secrets: Secrets) -> Vec<String> {
        self.with_attempt(self.open.facts.heads(secrets), |failed| {
            let heads = failed.facts.heads(secrets).into_iter().skip(1).map(|line| format!("  {line}"));
            [failed.headline()].into_iter().chain(heads).collect()
        })
    }

    pub(super) fn stats(&self) -> Vec<String> {
        let now = Instant::now();
        let requests = self.messages.requests_line();
        let queued = QueuedMessages { messages: self.pace.len() as u64, bytes: self.pace.bytes() as u64 };
        let lines =
            self.open.counts.lines(now, queued).into_iter().chain(self.open.asked.words()).chain(requests).collect();
        self.with_attempt(lines, |failed| {
            let ago = now.saturating_duration_since(failed.at).as_secs_f64();
            vec![
                format!("attempts  {} failed since, the last {ago:.1} s ago", Count(failed.count, "attempt")),
                failed.headline(),
            ]
        })
    }

    /// What is told of the failed attempt, behind the rest, and before it where no connection is open: then it is what is
    /// asked about.
    fn with_attempt(&self, lines: Vec<String>, of_attempt: impl FnOnce(&FailedAttempt) -> Vec<String>) -> Vec<String> {
        let attempt = self.connecting.failed.as_ref().map(of_attempt).unwrap_or_default();
        if self.status.is_connected() { [lines, attempt].concat() } else { [attempt, lines].concat() }
    }
}

impl FailedAttempt {
    fn headline(&self) -> String {
        format!("the attempt to connect to {} failed: {}", Escaped(&self.url), Escaped(&self.why))
    }
}
