//! Results as TAP version 13, which `prove` reads, a test a file. Reports are diagnostics, one a line.

use super::results::{TestOutcome, TestResult, failure_lines};
use super::test_files::TestFile;

/// Without those that a signal has stopped, for which the run bails out.
pub(super) fn lines(outcomes: &[TestOutcome]) -> Vec<String> {
    let mut points: Vec<Vec<String>> = Vec::new();
    for outcome in outcomes {
        points.extend(test_point(points.len() + 1, outcome));
    }
    let mut lines = begin(points.len());
    lines.extend(points.into_iter().flatten());
    if outcomes.iter().any(|outcome| matches!(outcome.result, TestResult::Interrupted)) {
        lines.push("Bail out! interrupted".to_owned());
    }
    lines
}

/// A file by its number, and what there is to say of it; `None` where it came to nothing.
fn test_point(number: usize, outcome: &TestOutcome) -> Option<Vec<String>> {
    let name = escaped(&outcome.name);
    let mut lines = match &outcome.result {
        TestResult::Interrupted => return None,
        TestResult::Passed => vec![format!("ok {number} - {name}")],
        TestResult::Skipped(why) => vec![skipped(number, &name, why)],
        TestResult::NotRun => vec![skipped(number, &name, "not run")],
        TestResult::Failed(failure) => {
            let report = failure_lines(failure).into_iter().map(|line| format!("# {line}"));
            [format!("not ok {number} - {name}")].into_iter().chain(report).collect()
        }
    };
    if outcome.runs > 1 {
        lines.push(format!("# run {} times", outcome.runs));
    }
    Some(lines)
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
