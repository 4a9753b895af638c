//! The flags of `wscli test`.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::{Args, ValueHint};
use regex::Regex;

use super::choice::whole_number;
use super::client_tls::ClientTlsArgs;
use super::compression::CompressionArgs;
use super::deadlines::{DEADLINES, DeadlineArgs};
use super::dial::DialArgs;
use crate::commands::test::{Config, STDOUT, TestFormat, TestVariables};
use crate::net::ConnectionSettings;
use crate::script::scenario::is_name;
use crate::stdio::secret::Secret;
use crate::values::{Limit, deadline, duration, limit};
use crate::ws::Observe;

const RUN: &str = "Run";
const REPORT: &str = "Results";
const VARIABLES: &str = "Variables";

/// Files at once at most.
const MOST_JOBS: u64 = 1000;

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Test files (wscli man test.5), and folders with files named *.wst
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Give this variable a value: ${NAME} in the files; repeatable
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment, help_heading = VARIABLES)]
    variables: Vec<(String, String)>,

    /// The same, but mask the value in all output; @FILE reads it from the file's first line; repeatable
    #[arg(long = "secret", value_name = "NAME=VALUE", help_heading = VARIABLES)]
    secrets: Vec<NamedSecret>,

    /// Read variables from this TOML or JSON file: NAME = VALUE, and a table for each environment; repeatable
    #[arg(long = "vars", value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = VARIABLES)]
    files: Vec<PathBuf>,

    /// Prefer the values in this table of the --vars file
    #[arg(long = "env", value_name = "NAME", requires = "files", help_heading = VARIABLES)]
    environment: Option<String>,

    /// Run this many files at once [default: the number of processors]
    #[arg(short = 'j', long, value_name = "N", value_parser = whole_number(1..=MOST_JOBS), help_heading = RUN)]
    jobs: Option<u64>,

    /// Run a file that failed again, up to N times
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole_number(0_u32..), help_heading = RUN)]
    retry: u32,

    /// Don't start more files after a failure
    #[arg(long, help_heading = RUN)]
    fail_fast: bool,

    /// Run only files whose path matches
    #[arg(long, value_name = "REGEX", help_heading = RUN)]
    only: Option<Regex>,

    /// List the files and check their syntax without running them
    #[arg(long, help_heading = RUN)]
    dry_run: bool,

    /// Format the files in place without running them, and print the names of those that changed; with --dry-run, of those
    /// that would change, with exit code 1 if there are any
    #[arg(long, conflicts_with_all = ["junit", "record_dir", "tap", "json", "fail_fast", "retry", "jobs"], help_heading = RUN)]
    fmt: bool,

    /// Also write the results to this file as JUnit XML; - for stdout, instead of lines
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = REPORT)]
    junit: Option<PathBuf>,

    /// Record each connection to its own file in this folder, named after the test and the connection
    /// (wscli man recording); failure reports name the file; secrets in headers are masked, messages are not
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, help_heading = REPORT)]
    record_dir: Option<PathBuf>,

    /// Print the results as TAP version 13
    #[arg(long, conflicts_with = "json", help_heading = REPORT)]
    tap: bool,

    /// Print the results as one JSON object (wscli man test.5)
    #[arg(long, help_heading = REPORT)]
    json: bool,

    #[command(flatten)]
    dial: DialArgs,

    #[command(flatten)]
    tls: ClientTlsArgs,

    /// Timeout for resolving and connecting, again for the proxy, and again for the TLS handshake
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = DEADLINES)]
    connect_timeout: Duration,

    /// Default timeout of a step
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = deadline, help_heading = DEADLINES)]
    timeout: Duration,

    /// Stop after this long; tests still running then have failed; 0 for no limit [default: 0]
    #[arg(short = 'm', long, value_name = "DURATION", value_parser = duration, help_heading = DEADLINES)]
    pub(super) max_time: Option<Duration>,

    /// Largest message to accept, after decompression: bytes (K, M, G), or none
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = limit)]
    max_message_size: Limit,

    #[command(flatten)]
    compression: CompressionArgs,

    #[command(flatten)]
    deadlines: DeadlineArgs,
}

/// `NAME=VALUE`, whose value a usage error doesn't show.
#[derive(Debug, Clone)]
struct NamedSecret {
    name: String,
    value: Secret,
}

impl From<&str> for NamedSecret {
    /// Without an equals sign the value is empty, which [`TestArgs::config`] refuses.
    fn from(text: &str) -> Self {
        let (name, value) = text.split_once('=').unwrap_or(("", text));
        Self { name: name.to_owned(), value: Secret::from(value) }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has to be NAME=VALUE")?;
    match name.split('.').all(is_name) {
        false => Err("it has to be NAME=VALUE, with a name of letters, digits, - and _ and no digit first".to_owned()),
        true => Ok((name.to_owned(), value.to_owned())),
    }
}

impl TestArgs {
    /// # Errors
    /// What makes no sense together.
    pub(super) fn config(self) -> Result<Config, String> {
        if self.secrets.iter().any(|secret| secret.name.is_empty()) {
            return Err("a secret has to be NAME=VALUE".to_owned());
        }
        let variables = TestVariables {
            given: self.variables,
            secrets: self.secrets.into_iter().map(|secret| (secret.name, secret.value)).collect(),
            files: self.files,
            environment: self.environment,
        };
        let is_junit = !self.dry_run && self.junit.as_deref() == Some(Path::new(STDOUT));
        if is_junit && (self.tap || self.json) {
            return Err("--junit - writes to stdout, and so do --tap and --json".to_owned());
        }
        let settings = ConnectionSettings {
            deflate: self.compression.config(),
            compression_level: self.compression.compress_level,
            max_message_size: self.max_message_size.0,
            tolerant: false,
            observe: Observe::Nothing,
            timing: self.deadlines.config(),
        };
        let client = self.dial.config(self.tls.config(), self.connect_timeout, settings);
        let processors = || thread::available_parallelism().map_or(1, |count| count.get() as u64);
        Ok(Config {
            paths: self.paths,
            variables,
            client,
            timeout: self.timeout,
            jobs: self.jobs.unwrap_or_else(processors) as usize,
            retry: self.retry,
            fail_fast: self.fail_fast,
            only: self.only,
            dry_run: self.dry_run,
            formats: self.fmt,
            format: match (self.tap, self.json) {
                (true, _) => TestFormat::Tap,
                (_, true) => TestFormat::Json,
                _ if is_junit => TestFormat::Nothing,
                _ => TestFormat::Lines,
            },
            record_folder: self.record_dir,
            junit: self.junit,
            max_time: self.max_time,
        })
    }
}
