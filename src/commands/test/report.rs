//! What came of the files, for a person: a line each, what went wrong, and a summary; or for a program, at the end.

use super::pool::TestOutcome;
use super::results::{TestTotals, failure_lines};
use super::test_files::TestFile;
use super::{annotations, json_report, tap};
use crate::handlers::scenario::Halt;
use crate::peer_text::Escaped;
use crate::script::scenario::ScenarioStep;
use crate::stdio::writer::Output;
use crate::view::amount::Count;

/// What is told on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestFormat {
    /// For a person.
    Lines,
    Tap,
    Json,
}

/// Tells of each file once it is over.
pub(super) struct TestReport {
    pub(super) output: Output,
    format: TestFormat,
    /// Files that are to run.
    count: usize,
}

impl TestReport {
    pub(super) fn new(output: Output, format: TestFormat, count: usize) -> Self {
        Self { output, format, count }
    }

    /// Files that are to run.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    fn line(&mut self, line: &str) {
        // What a peer has said is in it.
        self.write(&format!("{}\n", Escaped(line)));
    }

    fn write(&mut self, text: &str) {
        self.output.write(|out| out.extend_from_slice(text.as_bytes()));
    }

    /// What there is, without running it.
    pub(super) fn list(&mut self, files: &[TestFile]) {
        for TestFile { name, scenario } in files {
            let steps = count(&scenario.steps) + count(&scenario.last_steps);
            self.line(&format!("{name}: {}", Count(steps, "step")));
        }
    }

    pub(super) fn tell(&mut self, outcome: &TestOutcome) {
        if self.format == TestFormat::Lines {
            let is_read = annotations::are_read();
            let told = |line: String| if is_read { annotations::inert(&line) } else { line };
            lines(outcome).into_iter().map(told).for_each(|line| self.line(&line));
            self.output.hand_over();
        }
    }

    /// What there is to say once all are over, in the order in which they were named.
    pub(super) fn summarize(&mut self, outcomes: &[TestOutcome], totals: &TestTotals) {
        match self.format {
            TestFormat::Lines => {
                self.line(&summary(totals));
                if annotations::are_read() {
                    annotations::lines(outcomes).iter().for_each(|line| self.line(line));
                }
            }
            TestFormat::Tap => tap::lines(outcomes).iter().for_each(|line| self.line(line)),
            TestFormat::Json => self.write(&json_report::line(outcomes, totals)),
        }
    }
}

/// Steps, with those in blocks.
fn count(steps: &[ScenarioStep]) -> u64 {
    steps.iter().map(|step| 1 + count(step.inner())).sum()
}

fn summary(totals: &TestTotals) -> String {
    let TestTotals { passed, failed, skipped, not_run, took } = *totals;
    let mut told = format!("{passed} passed, {failed} failed");
    for (number, what) in [(skipped, "skipped"), (not_run, "not run")] {
        if number > 0 {
            told.push_str(&format!(", {number} {what}"));
        }
    }
    format!("{told} ({:.1} s)", took.as_secs_f64())
}

fn lines(outcome: &TestOutcome) -> Vec<String> {
    let TestOutcome { name, halt, runs, took, .. } = outcome;
    let again = if *runs > 1 { format!(", run {runs} times") } else { String::new() };
    let took = format!("({} ms{again})", took.as_millis());
    match halt {
        None => vec![format!("PASS  {name} {took}")],
        Some(Halt::Skipped(why)) => vec![format!("SKIP  {name}: {why}")],
        Some(Halt::Interrupted) => vec![format!("STOP  {name}: interrupted")],
        Some(Halt::Failed(failure)) => {
            let mut lines = vec![format!("FAIL  {name} {took}")];
            lines.extend(failure_lines(failure).iter().map(|line| format!("  {line}")));
            lines
        }
    }
}
