//! Results as one JSON object: docs/test-files.md has its members.

use serde_json::{Value, json};

use super::pool::TestOutcome;
use super::results::TestTotals;
use crate::handlers::scenario::{Halt, ScenarioFailure};

/// With a newline behind it.
pub(super) fn line(outcomes: &[TestOutcome], totals: &TestTotals) -> String {
    let files: Vec<Value> = outcomes.iter().map(file).collect();
    let TestTotals { passed, failed, skipped, not_run, took } = *totals;
    let report = json!({
        "schema": 1,
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "not_run": not_run,
        "seconds": took.as_secs_f64(),
        "files": files,
    });
    format!("{report}\n")
}

fn file(outcome: &TestOutcome) -> Value {
    let TestOutcome { name, halt, runs, took, .. } = outcome;
    let (outcome, more) = match halt {
        None => ("passed", None),
        Some(Halt::Failed(failure)) => ("failed", Some(("failure", self::failure(failure)))),
        Some(Halt::Skipped(why)) => ("skipped", Some(("reason", Value::from(why.as_str())))),
        Some(Halt::Interrupted) => ("interrupted", None),
    };
    let mut file = json!({ "file": name, "outcome": outcome, "runs": runs, "seconds": took.as_secs_f64() });
    if let (Some((name, value)), Some(members)) = (more, file.as_object_mut()) {
        members.insert(name.to_owned(), value);
    }
    file
}

fn failure(failure: &ScenarioFailure) -> Value {
    let connections =
        failure.connections.iter().map(|connection| json!({ "name": connection.name, "lines": connection.lines }));
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
