//! Results as TAP version 13, which `prove` reads, a test a file. Reports are diagnostics, one a line.

use super::results::{TestOutcome, TestResult, failure_lines};
use super::test_files::TestFile;

/// Without those that a signal has stopped, for which the run bails out.
pub(super) fn lines(outcomes: &[TestOutcome]) -> Vec<String> {
    let is_told = |outcome: &&TestOutcome| !matches!(outcome.result, TestResult::Interrupted);
    let mut lines = begin(outcomes.iter().filter(is_told).count());
    for (number, outcome) in (1..).zip(outcomes.iter().filter(is_told)) {
        let name = escaped(&outcome.name);
        match &outcome.result {
            TestResult::Failed(failure) => {
                lines.push(format!("not ok {number} - {name}"));
                lines.extend(failure_lines(failure).into_iter().map(|line| format!("# {line}")));
            }
            TestResult::Skipped(why) => lines.push(skipped(number, &name, why)),
            TestResult::NotRun => lines.push(skipped(number, &name, "not run")),
            TestResult::Passed | TestResult::Interrupted => lines.push(format!("ok {number} - {name}")),
        }
        if outcome.runs > 1 {
            lines.push(format!("# run {} times", outcome.runs));
        }
    }
    if outcomes.iter().any(|outcome| matches!(outcome.result, TestResult::Interrupted)) {
        lines.push("Bail out! interrupted".to_owned());
    }
    lines
}

/// Of files that are only listed.
pub(super) fn list(files: &[TestFile]) -> Vec<String> {
    let tests = (1..).zip(files).map(|(number, file)| skipped(number, &escaped(&file.name), "dry run"));
    begin(files.len()).into_iter().chain(tests).collect()
}

fn begin(count: usize) -> Vec<String> {
    vec!["TAP version 13".to_owned(), format!("1..{count}")]
}

fn skipped(number: usize, name: &str, why: &str) -> String {
    format!("ok {number} - {name} # SKIP {}", why.replace('#', "\\#"))
}

/// A number sign begins a directive, and a backslash an escape.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('#', "\\#")
}
