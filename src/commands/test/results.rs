//! What came of all files together, and of one that has failed.

use std::time::Duration;

use super::pool::TestOutcome;
use crate::handlers::scenario::{Halt, ScenarioFailure};

/// How many came to what.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestTotals {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    pub(super) not_run: usize,
    pub(super) took: Duration,
}

impl TestTotals {
    /// Of `count` files, not all of which may have run.
    pub(super) fn of(outcomes: &[TestOutcome], count: usize, took: Duration) -> Self {
        let number = |is_so: &dyn Fn(&TestOutcome) -> bool| outcomes.iter().filter(|outcome| is_so(outcome)).count();
        let passed = number(&|outcome| outcome.halt.is_none());
        let failed = number(&|outcome| matches!(outcome.halt, Some(Halt::Failed(_))));
        let skipped = number(&|outcome| matches!(outcome.halt, Some(Halt::Skipped(_))));
        Self { passed, failed, skipped, not_run: count - passed - failed - skipped, took }
    }
}

/// Why a file has failed, for somebody who hasn't seen it.
pub(super) fn failure_lines(failure: &ScenarioFailure) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", failure.place, failure.step)];
    lines.push(format!("  expected: {}", failure.expected));
    let marks = ["got:     "].into_iter().chain(std::iter::repeat("         "));
    lines.extend(failure.found.iter().zip(marks).map(|(found, mark)| format!("  {mark} {found}")));
    if !failure.difference.is_empty() {
        lines.push("  difference (- expected, + got):".to_owned());
        lines.extend(failure.difference.iter().map(|line| format!("    {line}")));
    }
    for connection in failure.connections.iter().filter(|connection| !connection.lines.is_empty()) {
        lines.push(format!("  {}, last of all:", connection.name));
        lines.extend(connection.lines.iter().map(|line| format!("    {line}")));
    }
    lines
}
