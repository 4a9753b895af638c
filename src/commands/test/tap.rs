//! Results as TAP version 14 (testanything.org), a test a file.

use serde_json::Value;

use super::pool::TestOutcome;
use super::results::failure_lines;
use crate::handlers::scenario::Halt;

/// Without those that did not run.
pub(super) fn lines(outcomes: &[TestOutcome]) -> Vec<String> {
    let told: Vec<_> = outcomes.iter().filter(|outcome| !matches!(outcome.halt, Some(Halt::Interrupted))).collect();
    let mut lines = vec!["TAP version 14".to_owned(), format!("1..{}", told.len())];
    for (number, outcome) in (1..).zip(told) {
        // A number sign begins a directive, and a backslash an escape.
        let name = outcome.name.replace('\\', "\\\\").replace('#', "\\#");
        match &outcome.halt {
            Some(Halt::Failed(failure)) => {
                lines.push(format!("not ok {number} - {name}"));
                lines.push("  ---".to_owned());
                // A string of JSON is one of YAML.
                let message = format!("{}: {}", failure.place, failure.step);
                lines.push(format!("  message: {}", Value::from(message)));
                lines.push("  report:".to_owned());
                lines.extend(failure_lines(failure).into_iter().map(|line| format!("    - {}", Value::from(line))));
                lines.push("  ...".to_owned());
            }
            Some(Halt::Skipped(why)) => {
                lines.push(format!("ok {number} - {name} # SKIP {}", why.replace('#', "\\#")));
            }
            _ => lines.push(format!("ok {number} - {name}")),
        }
    }
    lines
}
