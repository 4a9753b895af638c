//! A server that follows the steps of a file, a run a client: what a mock can't say by rules, which come one after the other.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::entry::{Argument, ModeEntry, When};
use super::{Behaviour, ConnectedClient, Mode, ModeEnd};
use crate::error::Error;
use crate::handlers::scenario::{Halt, ScenarioOnConnection};
use crate::peer_text::Escaped;
use crate::script::scenario::{Scenario, ScenarioSource};
use crate::stdio::file;
use crate::stdio::scenario_files::{LARGEST, steps_on_connection};

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
        let source = ScenarioSource { name: Arc::clone(&name), text: file::text_up_to(path, LARGEST)? };
        Ok(Self { name, scenario: Arc::new(steps_on_connection(&source)?) })
    }
}

impl Mode for ScriptMode {
    fn begin(self: Arc<Self>, client: &ConnectedClient<'_>) -> io::Result<Box<dyn Behaviour>> {
        let (scenario, name) = (Arc::clone(&self.scenario), Arc::clone(&self.name));
        let served = ScenarioOnConnection::begin(scenario, name, client.request.clone(), client.response)?;
        Ok(Box::new(served))
    }
}

impl Behaviour for ScenarioOnConnection {
    fn cause(&self) -> Option<ModeEnd> {
        self.is_over().then_some(ModeEnd::ClosedBy("the script", None))
    }

    fn remark(&mut self) -> Option<String> {
        match self.finish()? {
            Err(Halt::Failed(failure)) => Some(Escaped(&failure.to_string()).to_string()),
            _ => None,
        }
    }
}
