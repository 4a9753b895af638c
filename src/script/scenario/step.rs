//! The steps of a test, as they are taken.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::super::raw_frame::RawFrame;
use super::expectation::Expectation;
use super::late_value::LateValue;
use super::operator::Relation;
use super::source::StepPlace;
use super::template::ScenarioTemplate;
use crate::ws::{Close, Kind};

/// What a file says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scenario {
    pub(crate) steps: Vec<ScenarioStep>,
    /// What is done at the end, whatever has come before.
    pub(crate) last_steps: Vec<ScenarioStep>,
}

/// A line of a test.
#[derive(Debug, Clone)]
pub(crate) struct ScenarioStep {
    pub(crate) place: StepPlace,
    /// As it is written.
    pub(crate) text: String,
    pub(crate) action: StepAction,
}

/// What a step does. A connection without a name has the empty one.
#[derive(Debug, Clone)]
pub(crate) enum StepAction {
    Let {
        name: String,
        value: ScenarioTemplate,
    },
    Connect(Box<ConnectStep>),
    /// How a connection is opened once a step first uses it, and what is expected of that.
    Declare {
        name: String,
        steps: Vec<ScenarioStep>,
    },
    Accept(Box<AcceptStep>),
    Send {
        connection: String,
        content: SentContent,
    },
    Expect {
        connection: String,
        expectation: Expectation,
    },
    /// Ends a connection without a word.
    Drop {
        connection: String,
    },
    Delay(LateValue<Duration>),
    /// How long each step waits that doesn't say so itself, from here on.
    Timeout(LateValue<Duration>),
    /// How long the file may take from its beginning.
    Deadline(LateValue<Duration>),
    Repeat {
        count: LateValue<u64>,
        steps: Vec<ScenarioStep>,
    },
    /// Once for each row, whose columns have these names.
    For {
        rows: Arc<[Vec<(String, String)>]>,
        steps: Vec<ScenarioStep>,
    },
    /// Each at the same time as the others.
    Parallel {
        branches: Vec<ScenarioStep>,
    },
    /// All of them so many times at once.
    Copies {
        count: LateValue<usize>,
        steps: Vec<ScenarioStep>,
    },
    /// One after the other, as a branch of its own.
    Sequence {
        steps: Vec<ScenarioStep>,
    },
    SkipIf(SkipCondition),
}

/// `skip if A = B`; without a second text whether there is a first.
#[derive(Debug, Clone)]
pub(crate) struct SkipCondition {
    pub(crate) one: ScenarioTemplate,
    pub(crate) other: Option<(Relation, ScenarioTemplate)>,
}

/// How a connection is opened.
#[derive(Debug, Clone)]
pub(crate) struct ConnectStep {
    pub(crate) name: String,
    pub(crate) url: ScenarioTemplate,
    /// `Name: value`, as `-H` has them.
    pub(crate) headers: Vec<ScenarioTemplate>,
    pub(crate) subprotocols: Vec<ScenarioTemplate>,
    /// `NAME=VALUE`.
    pub(crate) cookies: Vec<ScenarioTemplate>,
    /// `NAME:PASSWORD`.
    pub(crate) user: Option<ScenarioTemplate>,
    pub(crate) bearer: Option<ScenarioTemplate>,
    pub(crate) origin: Option<ScenarioTemplate>,
    pub(crate) insecure: bool,
    pub(crate) cacert: Option<PathBuf>,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) compress: Option<bool>,
    pub(crate) within: Option<LateValue<Duration>>,
}

/// Where a client is waited for, and what it is answered.
#[derive(Debug, Clone)]
pub(crate) struct AcceptStep {
    pub(crate) name: String,
    /// `HOST:PORT`; `:PORT` is on loopback.
    pub(crate) address: ScenarioTemplate,
    /// `Name: value`.
    pub(crate) headers: Vec<ScenarioTemplate>,
    /// Those that are spoken here; the first of the client's that is among them is agreed on.
    pub(crate) subprotocols: Vec<ScenarioTemplate>,
    pub(crate) compress: Option<bool>,
    /// How long the client is waited for, by the first step that is on the connection.
    pub(crate) within: Option<LateValue<Duration>>,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) enum SentContent {
    Text(ScenarioTemplate),
    /// It has to be JSON once it is filled in.
    Json(ScenarioTemplate),
    Bytes(LateValue<Arc<[u8]>>),
    /// The content of a file, as a text or a binary message.
    File {
        kind: Kind,
        content: Arc<[u8]>,
    },
    Ping(ScenarioTemplate),
    Pong(ScenarioTemplate),
    Close {
        /// Without its reason.
        close: LateValue<Close>,
        reason: ScenarioTemplate,
    },
    Fragments {
        count: LateValue<std::num::NonZeroUsize>,
        text: ScenarioTemplate,
    },
    Frame {
        /// Without its payload.
        frame: LateValue<RawFrame>,
        payload: LateValue<Arc<[u8]>>,
    },
    /// Bytes between two frames.
    Raw(LateValue<Arc<[u8]>>),
}

impl ScenarioStep {
    /// The connection that it is about.
    pub(crate) fn connection(&self) -> Option<&str> {
        match &self.action {
            StepAction::Send { connection, .. }
            | StepAction::Expect { connection, .. }
            | StepAction::Drop { connection } => Some(connection),
            _ => None,
        }
    }

    /// Whether it, or a step within it, is about the connection, or opens it.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let used = match &self.action {
            StepAction::Connect(connect) => Some(connect.name.as_str()),
            StepAction::Accept(accept) => Some(accept.name.as_str()),
            _ => self.connection(),
        };
        used == Some(name) || self.inner().iter().any(|step| step.uses(name))
    }

    /// The steps within it.
    pub(crate) fn inner(&self) -> &[Self] {
        match &self.action {
            StepAction::Repeat { steps, .. }
            | StepAction::For { steps, .. }
            | StepAction::Copies { steps, .. }
            | StepAction::Sequence { steps }
            | StepAction::Declare { steps, .. }
            | StepAction::Parallel { branches: steps } => steps,
            _ => &[],
        }
    }
}
