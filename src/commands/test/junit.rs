//! Results as JUnit's XML, a test case a file.

use super::results::{TestOutcome, TestResult, TestTotals, failure_lines};
use super::test_files::ReadTests;
use crate::error::Error;
use crate::exit::Exit;
use crate::script::scenario::ScenarioError;

/// A document with one suite. What couldn't be reached or was interrupted is an error, and an expectation that isn't met a failure.
pub(super) fn document(outcomes: &[TestOutcome], totals: &TestTotals) -> String {
    let is_failure =
        |outcome: &&TestOutcome| matches!(&outcome.result, TestResult::Failed(failure) if failure.exit == Exit::No);
    let failures = outcomes.iter().filter(is_failure).count();
    let errors = totals.failed - failures + totals.interrupted;
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{}\" time=\"{:.3}\"",
        outcomes.len(),
        totals.skipped + totals.not_run,
        totals.took.as_secs_f64()
    );
    suite(&counts, outcomes.iter().map(case))
}

/// A document for a run that never begins: an error for each file that has a fault, and the others aren't run.
pub(super) fn faulty(tests: &ReadTests) -> String {
    let counts = format!(
        "tests=\"{}\" failures=\"0\" errors=\"{}\" skipped=\"{}\" time=\"0.000\"",
        tests.faults.len() + tests.files.len(),
        tests.faults.len(),
        tests.files.len()
    );
    let error = |(name, fault): &(String, ScenarioError)| {
        let (message, report) = (escaped(&fault.to_string()), escaped(&fault.excerpt().join("\n")));
        test_case(name, 0.0, &format!("<error message=\"{message}\" type=\"error\">{report}</error>"))
    };
    let errors = tests.faults.iter().map(error);
    suite(&counts, errors.chain(tests.files.iter().map(|file| test_case(&file.name, 0.0, NOT_RUN))))
}

/// The same where it isn't known which tests there are.
pub(super) fn unreadable(error: &Error) -> String {
    let message = escaped(&error.to_string());
    let case = test_case("wscli test", 0.0, &format!("<error message=\"{message}\" type=\"error\"/>"));
    suite("tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\"", [case].into_iter())
}

fn suite(counts: &str, cases: impl Iterator<Item = String>) -> String {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let cases: String = cases.collect();
    format!(
        "{head}<testsuites {counts}>\n  <testsuite name=\"wscli test\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

const NOT_RUN: &str = "<skipped message=\"not run\"/>";

fn case(outcome: &TestOutcome) -> String {
    let TestOutcome { name, result, runs, took, .. } = outcome;
    let mut inside = match result {
        TestResult::Passed => String::new(),
        TestResult::Skipped(why) => format!("<skipped message=\"{}\"/>", escaped(why)),
        TestResult::NotRun => NOT_RUN.to_owned(),
        TestResult::Interrupted => "<error message=\"interrupted\" type=\"error\"/>".to_owned(),
        TestResult::Failed(failure) => {
            let element = if failure.exit == Exit::No { "failure" } else { "error" };
            let message = escaped(&format!("{}: {}", failure.place, failure.step));
            let report = escaped(&failure_lines(failure).join("\n"));
            format!("<{element} message=\"{message}\" type=\"{element}\">{report}</{element}>")
        }
    };
    if *runs > 1 {
        inside.push_str(&format!("<system-out>run {runs} times</system-out>"));
    }
    test_case(name, took.as_secs_f64(), &inside)
}

fn test_case(name: &str, seconds: f64, inside: &str) -> String {
    let class = name.rsplit_once('.').map_or(name, |(class, _)| class).replace(['/', '\\'], ".");
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{}\" time=\"{seconds:.3}\"",
        escaped(name),
        escaped(class.trim_matches('.'))
    );
    if inside.is_empty() { format!("{head}/>\n") } else { format!("{head}>\n      {inside}\n    </testcase>\n") }
}

/// For an attribute and for text. What XML 1.0 has no way to say (§2.2) is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_ascii_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_can_not_say_is_replaced() {
        assert_eq!(
            escaped("<a b=\"\0\u{1b}\">&\n\u{ffff}é"),
            "&lt;a b=&quot;\u{fffd}\u{fffd}&quot;&gt;&amp;&#10;\u{fffd}é"
        );
    }
}
