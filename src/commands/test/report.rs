//! What came of the files, for a person: a line each, what went wrong, and a summary; or for a program, at the end.

use super::progress::TestProgress;
use super::results::{TestOutcome, TestResult, TestTotals, failure_lines};
use super::test_files::TestFile;
use super::{annotations, json_report, tap};
use crate::peer_text::Escaped;
use crate::stdio::stderr;
use crate::stdio::writer::Output;
use crate::view::amount::Count;

/// What is told on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestFormat {
    /// For a person.
    Lines,
    Tap,
    Json,
    /// JUnit's XML has stdout.
    Nothing,
}

/// Tells of each file once it is over.
pub(super) struct TestReport<'a> {
    pub(super) output: &'a mut Output,
    format: TestFormat,
    pub(super) progress: Option<TestProgress>,
}

impl<'a> TestReport<'a> {
    pub(super) fn new(output: &'a mut Output, format: TestFormat, progress: Option<TestProgress>) -> Self {
        Self { output, format, progress }
    }

    fn line(&mut self, line: &str) {
        if let Some(above) = self.progress.as_ref().and_then(|progress| progress.above.as_ref()) {
            return above.line(line);
        }
        // What a peer has said is in it.
        self.write(&format!("{}\n", Escaped(line)));
    }

    fn write(&mut self, text: &str) {
        self.output.write(|out| out.extend_from_slice(text.as_bytes()));
    }

    /// What there is, without running it.
    pub(super) fn list(&mut self, files: &[TestFile]) {
        match self.format {
            TestFormat::Lines => {
                files.iter().for_each(|file| self.line(&format!("{}: {}", file.name, Count(file.steps(), "step"))));
            }
            TestFormat::Tap => tap::list(files).iter().for_each(|line| self.line(line)),
            TestFormat::Json => self.write(&json_report::list(files)),
            TestFormat::Nothing => {}
        }
    }

    pub(super) fn tell(&mut self, outcome: &TestOutcome) {
        if let Some(progress) = &mut self.progress {
            progress.count(matches!(outcome.result, TestResult::Failed(_)));
        }
        if self.format == TestFormat::Lines {
            let is_read = annotations::are_read();
            let told = |line: String| if is_read { annotations::inert(&line) } else { line };
            lines(outcome).into_iter().map(told).for_each(|line| self.line(&line));
            self.output.hand_over();
        }
    }

    /// What there is to say once all are over, in the order in which they were named.
    pub(super) fn summarize(&mut self, outcomes: &[TestOutcome], totals: &TestTotals) {
        if self.progress.take().is_some() {
            // What stood above the line is written there, and what follows on stdout.
            stderr::flush_briefly();
        }
        match self.format {
            TestFormat::Lines => {
                self.line(&summary(totals));
                if annotations::are_read() {
                    annotations::lines(outcomes).iter().for_each(|line| self.line(line));
                }
            }
            TestFormat::Tap => tap::lines(outcomes).iter().for_each(|line| self.line(line)),
            TestFormat::Json => self.write(&json_report::line(outcomes, totals)),
            TestFormat::Nothing => {}
        }
    }
}

fn summary(totals: &TestTotals) -> String {
    let TestTotals { passed, failed, skipped, interrupted, not_run, took } = *totals;
    let mut told = format!("{passed} passed, {failed} failed");
    for (number, what) in [(skipped, "skipped"), (interrupted, "interrupted"), (not_run, "not run")] {
        if number > 0 {
            told.push_str(&format!(", {number} {what}"));
        }
    }
    format!("{told} ({:.1} s)", took.as_secs_f64())
}

fn lines(outcome: &TestOutcome) -> Vec<String> {
    let TestOutcome { name, result, runs, took, .. } = outcome;
    let again = if *runs > 1 { format!(", run {runs} times") } else { String::new() };
    let took = format!("({} ms{again})", took.as_millis());
    match result {
        TestResult::Passed => vec![format!("PASS  {name} {took}")],
        TestResult::Skipped(why) => vec![format!("SKIP  {name}: {why}")],
        TestResult::Interrupted => vec![format!("STOP  {name}: interrupted")],
        TestResult::NotRun => Vec::new(),
        TestResult::Failed(failure) => {
            let mut lines = vec![format!("FAIL  {name} {took}")];
            lines.extend(failure_lines(failure).iter().map(|line| format!("  {line}")));
            lines
        }
    }
}
