//! What curl and we have in common.

/// A flag of curl that means what one of ours does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedFlag {
    /// As it was written.
    pub(crate) written: String,
    /// The long name of ours, without its dashes.
    pub(crate) ours: &'static str,
    /// `None` of one that takes none.
    pub(crate) value: Option<String>,
}
