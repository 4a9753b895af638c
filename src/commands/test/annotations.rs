//! Results as annotations of GitHub Actions ("workflow commands"), which show a failure beside its line.

use super::pool::TestOutcome;
use super::results::failure_lines;
use crate::handlers::scenario::Halt;

/// One for each file that has failed.
pub(super) fn lines(outcomes: &[TestOutcome]) -> Vec<String> {
    let annotation = |outcome: &TestOutcome| {
        let Some(Halt::Failed(failure)) = &outcome.halt else { return None };
        let (file, line) = (property(&failure.place.file), failure.place.line);
        let report = failure_lines(failure).join("\n");
        Some(format!("::error file={file},line={line},title={}::{}", property(&failure.step), data(&report)))
    };
    outcomes.iter().filter_map(annotation).collect()
}

/// What would end a command, or is an escape of it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same in what stands before the message.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
