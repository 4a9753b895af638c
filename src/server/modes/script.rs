//! A server that follows the steps of a file, a run a client: what a mock can't say by rules, which come one after the other.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::entry::{Argument, ModeEntry, When};
use super::{Behaviour, ConnectedClient, Mode, ModeEnd};
use crate::error::Error;
use crate::handlers::scenario::ServedScenario;
use crate::peer_text::Escaped;
use crate::script::scenario::{self, Scenario, ScenarioSource};
use crate::stdio::file;
use crate::stdio::scenario_files::FilesBeside;

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "script",
    argument: Some(Argument::File),
    help: "Take the steps of a test file on each client's connection; wscli man test.5 has the grammar",
    stdin: When::Never,
    protected: When::Never,
    open: |argument, _| Ok(Arc::new(ScriptMode::read(Path::new(argument))?)),
};

/// The steps, for every client.
#[derive(Debug)]
struct ScriptMode {
    name: Arc<str>,
    scenario: Arc<Scenario>,
}

impl ScriptMode {
    /// # Errors
    /// [`Error::File`], with the line and the column of what is no step.
    fn read(path: &Path) -> Result<Self, Error> {
        let name: Arc<str> = path.display().to_string().into();
        let source = ScenarioSource { name: Arc::clone(&name), text: file::text(path)? };
        let scenario = scenario::parse_for_client(&source, &mut FilesBeside).map_err(|fault| {
            let what = format!("line {}, column {}: {}", fault.place.line, fault.column, fault.why);
            Error::file(Path::new(&*fault.place.file), what)
        })?;
        Ok(Self { name, scenario: Arc::new(scenario) })
    }
}

impl Mode for ScriptMode {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        let (scenario, name) = (Arc::clone(&self.scenario), Arc::clone(&self.name));
        let served = ServedScenario::begin(scenario, name, client.request.clone(), client.response)?;
        Ok(Box::new(served))
    }
}

impl Behaviour for ServedScenario {
    fn cause(&self) -> Option<ModeEnd> {
        self.is_over().then_some(ModeEnd::ClosedBy("the script", None))
    }

    fn remark(&mut self) -> Option<String> {
        let failure = self.failure()?;
        let found = failure.found.join("; ");
        let what = format!("{}: {}: expected {}, got {found}", failure.place, failure.step, failure.expected);
        Some(Escaped(&what).to_string())
    }
}
