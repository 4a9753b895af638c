//! What completes `/connect`: flags, and targets that have names.

/// The words that there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectWords {
    /// As they are typed, in order.
    pub(crate) flags: Vec<String>,
    /// With what stands before the name.
    pub(crate) targets: Vec<String>,
}
