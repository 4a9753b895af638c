//! Results as TAP version 13, which `prove` reads, a test a file. Reports are diagnostics, one a line.

use super::results::{TestOutcome, TestResult, failure_lines};
use super::test_files::TestFile;

/// A signal stops the run, which says so behind what came of all of them.
pub(super) fn lines(outcomes: &[TestOutcome]) -> Vec<String> {
    let points = (1..).zip(outcomes).flat_map(|(number, outcome)| test_point(number, outcome));
    let mut lines: Vec<String> = begin(outcomes.len()).into_iter().chain(points).collect();
    if outcomes.iter().any(|outcome| matches!(outcome.result, TestResult::Interrupted)) {
        lines.push("Bail out! interrupted".to_owned());
    }
    lines
}

/// A file by its number, and what there is to say of it.
fn test_point(number: usize, outcome: &TestOutcome) -> Vec<String> {
    let name = escaped(&outcome.name);
    let not_ok = format!("not ok {number} - {name}");
    let mut lines = match &outcome.result {
        TestResult::Interrupted => vec![not_ok, "# interrupted".to_owned()],
        TestResult::Passed => vec![format!("ok {number} - {name}")],
        TestResult::Skipped(why) => vec![skipped(number, &name, why)],
        TestResult::NotRun => vec![skipped(number, &name, "not run")],
        TestResult::Failed(failure) => {
            let report = failure_lines(failure).into_iter().map(|line| format!("# {line}"));
            [not_ok].into_iter().chain(report).collect()
        }
    };
    if outcome.runs > 1 {
        lines.push(format!("# run {} times", outcome.runs));
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
