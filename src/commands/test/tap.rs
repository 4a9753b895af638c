//! Results as TAP version 13, which `prove` reads, a test a file. Reports are diagnostics, one a line.

use super::pool::TestOutcome;
use super::results::failure_lines;
use crate::handlers::scenario::Halt;

/// Without those that did not run.
pub(super) fn lines(outcomes: &[TestOutcome]) -> Vec<String> {
    let told: Vec<_> = outcomes.iter().filter(|outcome| !matches!(outcome.halt, Some(Halt::Interrupted))).collect();
    let mut lines = vec!["TAP version 13".to_owned(), format!("1..{}", told.len())];
    for (number, outcome) in (1..).zip(told) {
        // A number sign begins a directive, and a backslash an escape.
        let name = outcome.name.replace('\\', "\\\\").replace('#', "\\#");
        match &outcome.halt {
            Some(Halt::Failed(failure)) => {
                lines.push(format!("not ok {number} - {name}"));
                lines.extend(failure_lines(failure).into_iter().map(|line| format!("# {line}")));
            }
            Some(Halt::Skipped(why)) => {
                lines.push(format!("ok {number} - {name} # SKIP {}", why.replace('#', "\\#")));
            }
            _ => lines.push(format!("ok {number} - {name}")),
        }
    }
    if outcomes.iter().any(|outcome| matches!(outcome.halt, Some(Halt::Interrupted))) {
        lines.push("Bail out! interrupted".to_owned());
    }
    lines
}
