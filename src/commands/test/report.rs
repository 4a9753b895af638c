//! What came of the files, for a person: a line each, what went wrong, and a summary.

use std::time::Duration;

use super::pool::TestOutcome;
use super::test_files::TestFile;
use crate::handlers::scenario::{Halt, ScenarioFailure};
use crate::peer_text::Escaped;
use crate::script::scenario::ScenarioStep;
use crate::stdio::writer::Output;
use crate::view::amount::Count;

/// Tells of each file once it is over.
pub(super) struct TestReport {
    pub(super) output: Output,
    /// Files that are to run.
    count: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl TestReport {
    pub(super) fn new(output: Output, count: usize) -> Self {
        Self { output, count, passed: 0, failed: 0, skipped: 0 }
    }

    fn line(&mut self, line: &str) {
        // What a peer has said is in it.
        let line = format!("{}\n", Escaped(line));
        self.output.write(|out| out.extend_from_slice(line.as_bytes()));
    }

    /// What there is, without running it.
    pub(super) fn list(&mut self, files: &[TestFile]) {
        for TestFile { name, scenario } in files {
            let steps = count(&scenario.steps) + count(&scenario.last_steps);
            self.line(&format!("{name}: {}", Count(steps, "step")));
        }
    }

    pub(super) fn tell(&mut self, outcome: &TestOutcome) {
        let TestOutcome { name, halt, runs, took, .. } = outcome;
        self.count_and_tell(name, halt.as_ref(), *runs, *took);
        self.output.hand_over();
    }

    fn count_and_tell(&mut self, name: &str, halt: Option<&Halt>, runs: u32, took: Duration) {
        let again = if runs > 1 { format!(", run {} times", runs) } else { String::new() };
        let took = format!("({} ms{again})", took.as_millis());
        match halt {
            None => {
                self.passed += 1;
                self.line(&format!("PASS  {name} {took}"));
            }
            Some(Halt::Skipped(why)) => {
                self.skipped += 1;
                self.line(&format!("SKIP  {name}: {why}"));
            }
            Some(Halt::Interrupted) => {}
            Some(Halt::Failed(failure)) => {
                self.failed += 1;
                self.line(&format!("FAIL  {name} {took}"));
                failure_lines(failure).iter().for_each(|line| self.line(&format!("  {line}")));
            }
        }
    }

    pub(super) fn summarize(&mut self, took: Duration) {
        let Self { count, passed, failed, skipped, .. } = *self;
        let mut told = format!("{passed} passed, {failed} failed");
        if skipped > 0 {
            told.push_str(&format!(", {skipped} skipped"));
        }
        let left = count - passed - failed - skipped;
        if left > 0 {
            told.push_str(&format!(", {left} not run"));
        }
        self.line(&format!("{told} ({:.1} s)", took.as_secs_f64()));
    }
}

/// Steps, with those in blocks.
fn count(steps: &[ScenarioStep]) -> u64 {
    steps.iter().map(|step| 1 + count(step.inner())).sum()
}

/// Why a file has failed, for somebody who hasn't seen it.
fn failure_lines(failure: &ScenarioFailure) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", failure.place, failure.step)];
    lines.push(format!("  expected: {}", failure.expected));
    let marks = ["got:     "].into_iter().chain(std::iter::repeat("         "));
    lines.extend(failure.found.iter().zip(marks).map(|(found, mark)| format!("  {mark} {found}")));
    if !failure.difference.is_empty() {
        lines.push("  difference (- expected, + got):".to_owned());
        lines.extend(failure.difference.iter().map(|line| format!("    {line}")));
    }
    for connection in &failure.connections {
        lines.push(format!("  {}, last of all:", connection.name));
        lines.extend(connection.lines.iter().map(|line| format!("    {line}")));
    }
    lines
}
