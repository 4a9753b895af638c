//! `wscli test`: tests of WebSocket services, in files. docs/test-files.md has the grammar.

mod annotations;
mod json_report;
mod junit;
mod opener;
mod pool;
mod report;
mod results;
mod tap;
mod test_files;
mod variables;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use regex::Regex;

use self::opener::TestOpener;
use self::pool::{FileRun, TestOutcome, TestPool};
pub(crate) use self::report::TestFormat;
use self::report::TestReport;
use self::results::TestTotals;
use self::test_files::{ReadTests, TestFile};
pub(crate) use self::variables::TestVariables;
use super::finish::finish;
use super::interrupt::{catch_signals_for_sure, exit_of};
use super::run_limit::{self, RunLimit};
use crate::client;
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::scenario::{Halt, MaskedSecrets};
use crate::net::Signals;
use crate::stdio::console::Console;
use crate::stdio::replaced_file::{AS_USUAL, replace};
use crate::stdio::stderr;
use crate::stdio::writer::Output;

/// What `test` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    /// Files, and folders that have some.
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) variables: TestVariables,
    /// How connections are opened, but for what steps say.
    pub(crate) client: client::Config,
    /// How long a step waits that doesn't say.
    pub(crate) timeout: Duration,
    /// Files at once.
    pub(crate) jobs: usize,
    /// How often a file that has failed is run again.
    pub(crate) retry: u32,
    /// After one has failed no other begins.
    pub(crate) fail_fast: bool,
    /// Which files, by their names.
    pub(crate) only: Option<Regex>,
    /// They are listed, and none is run.
    pub(crate) dry_run: bool,
    /// What is told on stdout.
    pub(crate) format: TestFormat,
    /// Where the same goes as JUnit's XML.
    pub(crate) junit: Option<PathBuf>,
    /// Of the whole run; `None` and 0 are no limit.
    pub(crate) max_time: Option<Duration>,
}

/// Runs the files, and tells on stdout what came of them.
///
/// # Errors
/// Files that can't be read, a stdout that can't be written to.
pub(crate) fn run(config: Config) -> Result<Exit, Error> {
    let console = Console::stderr();
    let limit = RunLimit::begin(config.max_time, Some("not every test was over"), &console)?;
    let signals = catch_signals_for_sure()?;
    match test(config, &limit, &console, &signals) {
        Err(Error::Interrupted) => Ok(exit_of(&signals)),
        outcome => outcome,
    }
}

fn test(config: Config, limit: &RunLimit, console: &Console, signals: &Signals) -> Result<Exit, Error> {
    let Config { paths, variables, client, timeout, jobs, retry, fail_fast, only, dry_run, format, junit, max_time } =
        config;
    let read = || {
        let variables = variables.read()?;
        let tests = ReadTests::of(&paths, only.as_ref(), variables.all.keys())?;
        Ok::<_, Error>((variables, tests))
    };
    // A file may be a pipe that says nothing.
    let (variables, tests) = signals.released(read)?;
    if tests.tell_faults(console) {
        return Ok(Exit::Usage);
    }
    let output = Output::to_stdout().map_err(|why| Error::System { doing: "setting up stdout", why })?;
    let mut report = TestReport::new(output, format, tests.files.len());
    let exit = if dry_run {
        report.list(&tests.files);
        Exit::Done
    } else {
        let run = FileRun {
            opener: Box::new(TestOpener::new(client, console.clone())),
            variables: variables.all,
            secrets: MaskedSecrets::of(variables.secrets.iter().map(String::as_str)),
            timeout,
            retry,
            latest: limit.latest,
        };
        limit.opened();
        let ran = run_all(tests.files, run, jobs, fail_fast, junit.as_deref(), signals, &mut report);
        if let Err(Error::Interrupted) = ran {
            // What came of the others is told all the same.
            finish(&mut report.output, signals, None);
        }
        ran?
    };
    if limit.latest.is_some_and(|latest| Instant::now() >= latest) {
        run_limit::tell(max_time.unwrap_or_default(), console);
    }
    stderr::flush_briefly();
    match finish(&mut report.output, signals, None) {
        Some(Err(why)) if why.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(why)),
        None => Err(Error::Interrupted),
        Some(_) => Ok(exit),
    }
}

/// Runs all files, and tells of each once it is over.
fn run_all(
    files: Vec<TestFile>,
    run: FileRun,
    jobs: usize,
    fail_fast: bool,
    junit: Option<&Path>,
    signals: &Signals,
    report: &mut TestReport,
) -> Result<Exit, Error> {
    let failed = |why| Error::System { doing: "starting the tests", why };
    let begun = Instant::now();
    let mut pool = TestPool::start(Arc::new(files), Arc::new(run), jobs, fail_fast).map_err(failed)?;
    let mut outcomes = BTreeMap::new();
    let count = report.count();
    while let Some(outcome) = pool.next(signals) {
        report.tell(&outcome);
        outcomes.insert(outcome.number, outcome);
    }
    pool.join();
    let outcomes: Vec<TestOutcome> = outcomes.into_values().collect();
    let totals = TestTotals::of(&outcomes, count, begun.elapsed());
    report.summarize(&outcomes, &totals);
    if let Some(path) = junit {
        let document = junit::document(&outcomes, &totals);
        replace(path, document.as_bytes(), AS_USUAL).map_err(|why| Error::unwritable(path, &why))?;
    }
    if pool.was_interrupted() {
        return Err(Error::Interrupted);
    }
    Ok(exit(&outcomes))
}

/// An expectation that failed says most; of what couldn't be reached the first.
fn exit(outcomes: &[TestOutcome]) -> Exit {
    let failed: Vec<Exit> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.halt {
            Some(Halt::Failed(failure)) => Some(failure.exit),
            _ => None,
        })
        .collect();
    match failed.first() {
        None => Exit::Done,
        Some(_) if failed.contains(&Exit::No) => Exit::No,
        Some(first) => *first,
    }
}
