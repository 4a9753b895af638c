//! Files that the steps of a test name.

use std::path::Path;
use std::sync::Arc;

use super::file;
use crate::error::Error;
use crate::script::scenario::{self, Scenario, ScenarioFiles, ScenarioSource};

/// The largest file that is read, in bytes.
pub(crate) const LARGEST: u64 = 64 << 20;

/// Each beside the file of its step.
pub(crate) struct FilesBeside;

impl ScenarioFiles for FilesBeside {
    fn read(&mut self, from: &str, path: &str) -> Result<(Arc<str>, Vec<u8>), String> {
        let path = Path::new(from).parent().unwrap_or(Path::new("")).join(path);
        let content = file::bytes_up_to(&path, LARGEST).map_err(|error| error.to_string())?;
        let content = content.ok_or_else(|| format!("{} is over {LARGEST} bytes", path.display()))?;
        Ok((path.display().to_string().into(), content))
    }
}

/// Reads steps that are taken on a connection which is open.
///
/// # Errors
/// [`Error::File`], with the line and the column of what is no step.
pub(crate) fn steps_on_connection(source: &ScenarioSource) -> Result<Scenario, Error> {
    scenario::parse_on_connection(source, &mut FilesBeside).map_err(|fault| {
        let why = format!("line {}, column {}: {}", fault.place.line, fault.column, fault.why);
        Error::in_line(Path::new(&*fault.place.file), &why, fault.excerpt())
    })
}
