//! What came of all files together, and of one that has failed.

use std::time::Duration;

use crate::handlers::scenario::{Halt, ScenarioFailure};

/// What a file has come to.
#[derive(Debug)]
pub(super) struct TestOutcome {
    /// In the order in which they were named.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) result: TestResult,
    /// How often it was run.
    pub(super) runs: u32,
    pub(super) took: Duration,
}

#[derive(Debug)]
pub(super) enum TestResult {
    Passed,
    Failed(Box<ScenarioFailure>),
    /// For this reason, which the file has.
    Skipped(String),
    /// By a signal.
    Interrupted,
    /// It was never begun.
    NotRun,
}

impl From<Result<(), Halt>> for TestResult {
    fn from(taken: Result<(), Halt>) -> Self {
        match taken {
            Ok(()) => Self::Passed,
            Err(Halt::Failed(failure)) => Self::Failed(failure),
            Err(Halt::Skipped(why)) => Self::Skipped(why),
            Err(Halt::Interrupted) => Self::Interrupted,
        }
    }
}

/// How many came to what.
#[derive(Debug, Clone, Copy)]
pub(super) struct TestTotals {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    /// Begun, and stopped by a signal.
    pub(super) interrupted: usize,
    /// Never begun.
    pub(super) not_run: usize,
    pub(super) took: Duration,
}

impl TestTotals {
    pub(super) fn of(outcomes: &[TestOutcome], took: Duration) -> Self {
        let mut totals = Self { passed: 0, failed: 0, skipped: 0, interrupted: 0, not_run: 0, took };
        for outcome in outcomes {
            *match outcome.result {
                TestResult::Passed => &mut totals.passed,
                TestResult::Failed(_) => &mut totals.failed,
                TestResult::Skipped(_) => &mut totals.skipped,
                TestResult::Interrupted => &mut totals.interrupted,
                TestResult::NotRun => &mut totals.not_run,
            } += 1;
        }
        totals
    }
}

/// Why a file has failed, for somebody who hasn't seen it.
pub(super) fn failure_lines(failure: &ScenarioFailure) -> Vec<String> {
    let mut lines = failure.lines();
    for connection in failure.connections.iter().filter(|connection| !connection.lines.is_empty()) {
        let recorded = connection.recording.as_ref().map(|path| format!(" (all of it is in {path})"));
        lines.push(format!("  {}, last of all{}:", connection.name, recorded.unwrap_or_default()));
        lines.extend(connection.lines.iter().map(|line| format!("    {line}")));
    }
    lines
}
