//! What is the same for every recording that a server plays.

use std::sync::Arc;

use crate::handlers::replay::ReplayOptions;

/// Which connection of a recording is played, and how.
#[derive(Debug, Clone)]
pub(crate) struct PlayOptions {
    /// From 1, where there are several.
    pub(crate) connection: Option<usize>,
    pub(crate) options: Arc<ReplayOptions>,
}
