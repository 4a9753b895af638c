//! `wscli test`: tests of WebSocket services, in files. docs/test-files.md has the grammar.

mod annotations;
mod formatting;
mod json_report;
mod junit;
mod opener;
mod pool;
mod progress;
mod recordings;
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
use self::pool::{FileRun, PoolNews, TestPool};
use self::progress::TestProgress;
use self::recordings::TestRecordings;
pub(crate) use self::report::TestFormat;
use self::report::TestReport;
use self::results::{TestOutcome, TestResult, TestTotals};
use self::test_files::ReadTests;
pub(crate) use self::variables::TestVariables;
use super::finish::finish;
use super::interrupt::{catch_signals_for_sure, exit_of};
use super::run_limit::{self, RunLimit};
use crate::client;
use crate::error::Error;
use crate::exit::Exit;
use crate::handlers::scenario::MaskedSecrets;
use crate::net::Signals;
use crate::stdio::console::Console;
use crate::stdio::replaced_file::{AS_USUAL, check_replaceable, replace};
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
    /// They are formatted, and none is run.
    pub(crate) formats: bool,
    /// What is told on stdout.
    pub(crate) format: TestFormat,
    /// A folder for a recording of each connection.
    pub(crate) record_folder: Option<PathBuf>,
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
    let (max_time, formats) = (config.max_time, config.formats);
    let mut output = Output::to_stdout().map_err(|why| Error::System { doing: "setting up stdout", why })?;
    let exit = match formats {
        true => formatting::run(&config, &mut output, console, signals)?,
        false => run_or_list(config, limit, &mut output, console, signals)?,
    };
    if !formats && limit.latest.is_some_and(|latest| Instant::now() >= latest) {
        run_limit::tell(max_time.unwrap_or_default(), console);
    }
    stderr::flush_briefly();
    match finish(&mut output, signals, None) {
        Some(Err(why)) if why.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(why)),
        None => Err(Error::Interrupted),
        Some(_) => Ok(exit),
    }
}

fn run_or_list(
    config: Config,
    limit: &RunLimit,
    output: &mut Output,
    console: &Console,
    signals: &Signals,
) -> Result<Exit, Error> {
    let Config {
        paths,
        variables,
        client,
        timeout,
        jobs,
        retry,
        fail_fast,
        only,
        dry_run,
        format,
        junit,
        record_folder,
        ..
    } = config;
    let read = || {
        let variables = variables.read()?;
        let tests = ReadTests::of(&paths, only.as_ref(), variables.all.keys())?;
        Ok::<_, Error>((variables, tests))
    };
    let junit = junit.filter(|_| !dry_run);
    // A file may be a pipe that says nothing.
    let (variables, tests) = signals
        .released(read)
        .inspect_err(|error| tell_unreadable(error, junit.as_deref(), (output, signals), console))?;
    if tell_faults(&tests, junit.as_deref(), output, console)? {
        return Ok(Exit::Usage);
    }
    let mut report = TestReport::new(output, format, TestProgress::new(tests.files.len()).filter(|_| !dry_run));
    if dry_run {
        report.list(&tests.files);
        return Ok(Exit::Done);
    }
    let console = report.progress.as_ref().map_or_else(|| console.clone(), TestProgress::console);
    let recordings = record_folder.map(|folder| TestRecordings::to(folder, console.clone())).transpose()?;
    let run = FileRun {
        opener: Box::new(TestOpener::new(client, console, recordings)),
        variables: variables.all,
        secrets: MaskedSecrets::of(variables.secrets.iter().map(String::as_str)),
        timeout,
        retry,
        latest: limit.latest,
    };
    limit.opened();
    let pool = TestPool::start(Arc::new(tests.files), run, jobs, fail_fast);
    let mut pool = pool.map_err(|why| Error::System { doing: "starting the tests", why })?;
    let ran = run_all(&mut pool, junit.as_deref(), signals, &mut report);
    if let Err(Error::Interrupted) = ran {
        // What came of the others is told all the same.
        finish(report.output, signals, None);
    }
    ran
}

/// Whether there is a file that can't be run, which is told.
///
/// # Errors
/// An XML file that can't be written, which is known before hours of tests and not after them.
fn tell_faults(tests: &ReadTests, junit: Option<&Path>, output: &mut Output, console: &Console) -> Result<bool, Error> {
    let is_faulty = tests.tell_faults(console);
    if let Some(path) = junit {
        match is_faulty {
            // What an earlier run has left there would say that all is well.
            true => write_junit(path, &junit::faulty(tests), output)?,
            false if path == Path::new(STDOUT) => {}
            false => check_replaceable(path).map_err(|why| Error::unwritable(path, &why))?,
        }
    }
    Ok(is_faulty)
}

/// The same of files that can't be read; the error itself is told by whoever gets it.
fn tell_unreadable(error: &Error, junit: Option<&Path>, (output, signals): (&mut Output, &Signals), console: &Console) {
    let is_interrupted = matches!(error, Error::Interrupted);
    if let Some(path) = junit.filter(|_| !is_interrupted)
        && let Err(error) = write_junit(path, &junit::unreadable(error), output)
    {
        console.line(format_args!("wscli: {error}"));
    }
    // There may be the XML on stdout.
    finish(output, signals, None);
}

/// Runs all files, and tells of each once it is over.
fn run_all(
    pool: &mut TestPool,
    junit: Option<&Path>,
    signals: &Signals,
    report: &mut TestReport<'_>,
) -> Result<Exit, Error> {
    let begun = Instant::now();
    let mut outcomes = BTreeMap::new();
    while let Some(outcome) = next(pool, signals, report) {
        report.tell(&outcome);
        outcomes.insert(outcome.number, outcome);
    }
    pool.join();
    for number in 0..pool.count() {
        outcomes.entry(number).or_insert_with(|| {
            let outcome = pool.unfinished(number);
            report.tell(&outcome);
            outcome
        });
    }
    let outcomes: Vec<TestOutcome> = outcomes.into_values().collect();
    let totals = TestTotals::of(&outcomes, begun.elapsed());
    report.summarize(&outcomes, &totals);
    if let Some(path) = junit {
        write_junit(path, &junit::document(&outcomes, &totals), report.output)?;
    }
    if pool.was_interrupted() {
        return Err(Error::Interrupted);
    }
    Ok(exit(&outcomes))
}

/// What stdout is called in the place of a file.
pub(crate) const STDOUT: &str = "-";

fn write_junit(path: &Path, document: &str, output: &mut Output) -> Result<(), Error> {
    if path == Path::new(STDOUT) {
        output.write(|out| out.extend_from_slice(document.as_bytes()));
        return Ok(());
    }
    replace(path, document.as_bytes(), AS_USUAL).map(|_| ()).map_err(|why| Error::unwritable(path, &why))
}

/// The next file that is over; meanwhile it is shown where the run is.
fn next(pool: &mut TestPool, signals: &Signals, report: &mut TestReport<'_>) -> Option<TestOutcome> {
    loop {
        match pool.next(signals, report.progress.as_ref().map(TestProgress::next)) {
            PoolNews::Outcome(outcome) => {
                // The step that is shown may be one of that file.
                if let Some(progress) = &mut report.progress {
                    progress.leave(pool.current());
                }
                return Some(outcome);
            }
            PoolNews::End => return None,
            PoolNews::Nothing => {
                if let Some(progress) = &mut report.progress {
                    progress.draw(pool.current());
                }
            }
        }
    }
}

/// An expectation that failed says most; of what couldn't be reached the first.
fn exit(outcomes: &[TestOutcome]) -> Exit {
    let failed: Vec<Exit> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.result {
            TestResult::Failed(failure) => Some(failure.exit),
            _ => None,
        })
        .collect();
    let is_whole = !outcomes.iter().any(|outcome| matches!(outcome.result, TestResult::NotRun));
    match failed.first() {
        None if is_whole => Exit::Done,
        None => Exit::No,
        Some(_) if failed.contains(&Exit::No) => Exit::No,
        Some(first) => *first,
    }
}
