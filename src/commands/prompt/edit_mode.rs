//! Whose keys the line is edited with.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum EditMode {
    #[default]
    Emacs,
    Vi,
}

impl EditMode {
    /// What each is called.
    pub(crate) const NAMES: [(&'static str, Self); 2] = [("emacs", Self::Emacs), ("vi", Self::Vi)];
}
