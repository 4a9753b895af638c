//! The files of tests: found, read and parsed before the first is run.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::error::{Error, system_words};
use crate::net::target::Target;
use crate::script::scenario::{self, Scenario, ScenarioError, ScenarioSource, ScenarioStep, StepAction};
use crate::stdio::console::Console;
use crate::stdio::file;
use crate::stdio::scenario_files::{FilesBeside, LARGEST};

/// How a test in a folder is called.
const EXTENSION: &str = "wst";

/// Folders within folders.
const DEEPEST: usize = 64;

/// A file with steps.
#[derive(Debug)]
pub(super) struct TestFile {
    /// As it was named, or found.
    pub(super) name: String,
    pub(super) scenario: Scenario,
}

impl TestFile {
    /// Steps, with those in blocks.
    pub(super) fn steps(&self) -> u64 {
        count(&self.scenario.steps) + count(&self.scenario.last_steps)
    }
}

fn count(steps: &[ScenarioStep]) -> u64 {
    steps.iter().map(|step| 1 + count(step.inner())).sum()
}

/// What is there to run, and what is wrong with the rest.
#[derive(Debug)]
pub(super) struct ReadTests {
    pub(super) files: Vec<TestFile>,
    /// By the names of the tests, which may include the file that the fault is in.
    pub(super) faults: Vec<(String, ScenarioError)>,
}

impl ReadTests {
    /// Reads the files, and those in folders by their names.
    ///
    /// # Errors
    /// What can't be read, and a folder without any.
    pub(super) fn of<'a>(
        paths: &[PathBuf],
        only: Option<&Regex>,
        variables: impl Iterator<Item = &'a String> + Clone,
    ) -> Result<Self, Error> {
        let mut read = Self { files: Vec::new(), faults: Vec::new() };
        for path in found(paths)? {
            let name = path.display().to_string();
            if only.is_some_and(|only| !only.is_match(&name)) {
                continue;
            }
            let source = self::read(&path, &name)?;
            match scenario::parse(&source, variables.clone().cloned(), &mut FilesBeside) {
                Ok(scenario) => match literal_fault(&scenario, &source) {
                    None => read.files.push(TestFile { name, scenario }),
                    Some(fault) => read.faults.push((name, fault)),
                },
                Err(fault) => read.faults.push((name, *fault)),
            }
        }
        match read.files.is_empty() && read.faults.is_empty() {
            true => Err(Error::usage("no file is left to run")),
            false => Ok(read),
        }
    }

    /// Tells what is wrong, if anything is.
    pub(super) fn tell_faults(&self, console: &Console) -> bool {
        self.faults.iter().for_each(|(_, fault)| tell(fault, console));
        !self.faults.is_empty()
    }
}

/// The first step with a URL, or the name of a file, that is wrong whatever is filled in elsewhere.
fn literal_fault(scenario: &Scenario, source: &ScenarioSource) -> Option<ScenarioError> {
    let mut steps: Vec<&ScenarioStep> = scenario.last_steps.iter().rev().chain(scenario.steps.iter().rev()).collect();
    while let Some(step) = steps.pop() {
        steps.extend(step.inner().iter().rev());
        let StepAction::Connect(connect) = &step.action else { continue };
        let url = connect.url.to_string();
        let fault = (!url.contains('$')).then(|| Target::try_parse(&url).err()).flatten();
        if let Some(why) = fault {
            return Some(error_at(step, source, &url, format!("{url:?} is not a WebSocket URL: {why}")));
        }
        let files = [&connect.cacert, &connect.cert, &connect.key].into_iter().flatten();
        for file in files {
            if let Err(why) = fs::metadata(file) {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let why = format!("can't read {}: {}", file.display(), system_words(&why));
                return Some(error_at(step, source, &name, why));
            }
        }
    }
    None
}

/// What is wrong with a piece of a step, at the first of its lines that has it.
fn error_at(step: &ScenarioStep, source: &ScenarioSource, piece: &str, why: String) -> ScenarioError {
    let mut place = step.place.clone();
    // Of a file that is included the step is known, and not the lines below.
    let lines = || source.text.lines().enumerate().skip(place.line - 1);
    let found = if place.file == source.name { lines().find(|(_, line)| line.contains(piece)) } else { None };
    let (number, text) = found.unwrap_or((place.line - 1, &step.text));
    let column = text.find(piece).map_or(1, |at| text[..at].chars().count() + 1);
    place.line = number + 1;
    ScenarioError { place, column, why, text: text.to_owned() }
}

/// Tells what is wrong in a file.
pub(super) fn tell(fault: &ScenarioError, console: &Console) {
    console.line(fault);
    fault.excerpt().iter().for_each(|line| console.line(format_args!("  {line}")));
}

/// # Errors
/// A file that can't be read, or isn't UTF-8.
pub(super) fn read(path: &Path, name: &str) -> Result<ScenarioSource, Error> {
    Ok(ScenarioSource { name: name.into(), text: file::text_up_to(path, LARGEST)? })
}

/// Files as they are named, and those of folders in the order of their names; each once, by the first of its names.
pub(super) fn found(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for path in paths {
        let mut named = Vec::new();
        if path.is_dir() {
            walk(path, 0, &mut named)?;
            if named.is_empty() {
                return Err(Error::file(path, format!("the folder has no test, whose name ends in .{EXTENSION}")));
            }
        } else {
            named.push(path.clone());
        }
        found.extend(named.into_iter().filter(|path| seen.insert(place_of(path))));
    }
    Ok(found)
}

/// Where a file is, whatever leads to its folder. A link is a test of its own, by its own name.
fn place_of(path: &Path) -> PathBuf {
    let (folder, name) = (path.parent().filter(|it| !it.as_os_str().is_empty()), path.file_name());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
    folder.ok().zip(name).map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut entries = entries.map_err(|why| Error::unreadable(folder, &why))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link could lead back up.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth < DEEPEST {
                walk(&path, depth + 1, found)?;
            }
        } else if path.extension() == Some(OsStr::new(EXTENSION)) {
            found.push(path);
        }
    }
    Ok(())
}
