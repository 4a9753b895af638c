//! Steps of a test at work: on connections by name, each with a thread of its own, while the thread of the steps waits for
//! what they expect. docs/test-files.md has the grammar, and says what each step waits for.

mod accepting;
mod awaited_client;
mod branch;
mod excerpt;
mod expecting;
mod handler;
mod handshakes;
mod line;
mod on_connection;
mod opening;
mod progress;
mod report;
mod scenario_stop;
mod step_patience;
mod unordered;
mod values;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use self::branch::ScenarioBranch;
pub(crate) use self::handler::StepsSent;
pub(crate) use self::on_connection::{AtLastStep, ScenarioOnConnection};
pub(crate) use self::opening::{ClientTapMaker, OpenRequest, OpenedConnection, ScenarioOpener, ScenarioTap};
pub(crate) use self::progress::CurrentStep;
pub(crate) use self::report::{Halt, MaskedSecrets, ScenarioFailure};
pub(crate) use self::scenario_stop::ScenarioStop;
use crate::script::scenario::Scenario;

/// What the steps of a file are taken with.
pub(crate) struct ScenarioRun<'a> {
    /// Of the file.
    pub(crate) name: &'a str,
    pub(crate) opener: &'a dyn ScenarioOpener,
    pub(crate) stop: ScenarioStop,
    /// What is given from outside, by its name.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) secrets: MaskedSecrets,
    /// How long a step waits that doesn't say.
    pub(crate) timeout: Duration,
    /// When the run as a whole has to be over.
    pub(crate) latest: Option<Instant>,
    /// The step that is being taken.
    pub(crate) current: &'a CurrentStep,
}

/// What branches share.
pub(super) struct ScenarioShared<'a> {
    pub(super) run: &'a ScenarioRun<'a>,
    pub(super) counter: AtomicU64,
    pub(super) begun: Instant,
    /// There are steps for the end: for them connections stay open when the process is to end.
    pub(super) has_last_steps: bool,
    /// A connection has been opened, or was to be, by whichever branch.
    pub(super) has_connected: AtomicBool,
}

impl ScenarioRun<'_> {
    /// Takes all steps, and those of the end whatever has come of the others.
    ///
    /// # Errors
    /// Why not all of them were taken.
    pub(crate) fn take(&self, scenario: &Scenario) -> Result<(), Halt> {
        self.take_with(scenario, |_| (), |_| ())
    }

    /// The same, with something done before the first step, and behind the last one before connections are closed.
    fn take_with(
        &self,
        scenario: &Scenario,
        begin: impl FnOnce(&mut ScenarioBranch<'_>),
        end: impl FnOnce(&Result<(), Halt>),
    ) -> Result<(), Halt> {
        let has_last_steps = !scenario.last_steps.is_empty();
        let (counter, begun) = (AtomicU64::new(0), Instant::now());
        let has_connected = AtomicBool::new(false);
        let shared = ScenarioShared { run: self, counter, begun, has_last_steps, has_connected };
        let mut branch = ScenarioBranch::new(&shared);
        begin(&mut branch);
        let mut outcome = branch.take(&scenario.steps).and_then(|()| branch.check_refusal(None));
        // Where a file was left before it had begun, there is nothing to put in order.
        let is_left_out = matches!(&outcome, Err(Halt::Interrupted | Halt::Skipped(_))) && !branch.has_connected();
        if has_last_steps && !is_left_out {
            branch.begin_last_steps();
            outcome = outcome.and(branch.take(&scenario.last_steps).and_then(|()| branch.check_refusal(None)));
        }
        let outcome = outcome.and_then(|()| branch.check_ends());
        end(&outcome);
        branch.leave();
        outcome
    }
}
