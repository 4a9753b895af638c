//! A recording that is to be played: as it is named at the prompt, and as it is found.

use std::fmt;
use std::path::PathBuf;

use crate::handlers::replay::Recorded;

/// What is to be played, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedRecording {
    pub(crate) path: PathBuf,
    /// Which connection, from 1.
    pub(crate) number: Option<usize>,
}

/// One connection of a recording, whose client's side is played.
#[derive(Debug, Clone)]
pub(crate) struct RecordingToPlay {
    pub(crate) recorded: Recorded,
}

impl fmt::Display for RecordingToPlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.recorded.path.display().fmt(f)
    }
}
