//! Results as annotations of GitHub Actions ("workflow commands"), which show a failure beside its line.

use super::results::{TestOutcome, TestResult, failure_lines};

/// One for each file that has failed.
pub(super) fn lines(outcomes: &[TestOutcome]) -> Vec<String> {
    let annotation = |outcome: &TestOutcome| {
        let TestResult::Failed(failure) = &outcome.result else { return None };
        let (file, line) = (property(&failure.place.file), failure.place.line);
        let report = failure_lines(failure).join("\n");
        Some(format!("::error file={file},line={line},title={}::{}", property(&failure.step), data(&report)))
    };
    outcomes.iter().filter_map(annotation).collect()
}

/// Whether the runner reads what is printed.
pub(super) fn are_read() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// A line of a report that the runner takes for no command, whatever a peer has put into it: commands begin with `::` behind
/// blanks, and old ones with `##[` anywhere.
pub(super) fn inert(line: &str) -> String {
    let line = line.replace("##[", "## [");
    let begins = line.len() - line.trim_start().len();
    if line[begins..].starts_with("::") { format!("{}| {}", &line[..begins], &line[begins..]) } else { line }
}

/// What would end a command, or is an escape of it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same in what stands before the message.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_is_no_command() {
        for (line, told) in [
            ("  ::error::forged", "  | ::error::forged"),
            ("\t::stop-commands::x", "\t| ::stop-commands::x"),
            ("got: ##[error]forged", "got: ## [error]forged"),
            ("  < a::b", "  < a::b"),
        ] {
            assert_eq!(inert(line), told);
        }
    }
}
