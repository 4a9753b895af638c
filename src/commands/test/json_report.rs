//! Results as one JSON object: docs/test-files.md has its members.

use serde_json::{Value, json};

use super::results::{TestOutcome, TestResult, TestTotals};
use super::test_files::TestFile;
use crate::handlers::scenario::ScenarioFailure;

/// With a newline behind it.
pub(super) fn line(outcomes: &[TestOutcome], totals: &TestTotals) -> String {
    let files: Vec<Value> = outcomes.iter().map(file).collect();
    let TestTotals { passed, failed, skipped, interrupted, not_run, took } = *totals;
    let report = json!({
        "schema": 1,
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "interrupted": interrupted,
        "not_run": not_run,
        "seconds": took.as_secs_f64(),
        "files": files,
    });
    format!("{report}\n")
}

/// Of files that are only listed, with a newline behind it.
pub(super) fn list(files: &[TestFile]) -> String {
    let files = files.iter().map(|file| json!({ "file": file.name, "outcome": "not_run", "steps": file.steps() }));
    format!("{}\n", json!({ "schema": 1, "files": files.collect::<Vec<_>>() }))
}

fn file(outcome: &TestOutcome) -> Value {
    let TestOutcome { name, result, runs, took, .. } = outcome;
    let (outcome, more) = match result {
        TestResult::Passed => ("passed", None),
        TestResult::Failed(failure) => ("failed", Some(("failure", self::failure(failure)))),
        TestResult::Skipped(why) => ("skipped", Some(("reason", Value::from(why.as_str())))),
        TestResult::Interrupted => ("interrupted", None),
        TestResult::NotRun => return json!({ "file": name, "outcome": "not_run" }),
    };
    let mut file = json!({ "file": name, "outcome": outcome, "runs": runs, "seconds": took.as_secs_f64() });
    if let (Some((name, value)), Some(members)) = (more, file.as_object_mut()) {
        members.insert(name.to_owned(), value);
    }
    file
}

fn failure(failure: &ScenarioFailure) -> Value {
    let connections = failure.connections.iter().map(|connection| {
        let mut told = json!({ "name": connection.name, "lines": connection.lines });
        if let Some(path) = &connection.recording {
            told["recording"] = path.as_str().into();
        }
        told
    });
    json!({
        "file": &*failure.place.file,
        "line": failure.place.line,
        "step": failure.step,
        "expected": failure.expected,
        "found": failure.found,
        "difference": failure.difference,
        "connections": connections.collect::<Vec<_>>(),
        "exit": failure.exit as u8,
    })
}
