//! Which path gets what.

use super::modes::NamedMode;

/// Modes by path.
#[derive(Debug)]
pub(crate) struct Routes {
    /// For every path that isn't listed, if there is one.
    elsewhere: Option<NamedMode>,
    listed: Vec<(String, NamedMode)>,
}

impl Routes {
    /// The same everywhere.
    pub(crate) fn everywhere(mode: NamedMode) -> Self {
        Self { elsewhere: Some(mode), listed: Vec::new() }
    }

    /// These, and nothing elsewhere.
    pub(crate) fn only(listed: Vec<(String, NamedMode)>) -> Self {
        Self { elsewhere: None, listed }
    }

    pub(crate) fn find(&self, path: &str) -> Option<&NamedMode> {
        let listed = self.listed.iter().find(|(route, _)| route == path).map(|(_, mode)| mode);
        listed.or(self.elsewhere.as_ref())
    }

    /// Whether any does something by chance.
    pub(crate) fn leave_to_chance(&self) -> bool {
        let mut modes = self.listed.iter().map(|(_, mode)| mode).chain(&self.elsewhere);
        modes.any(|mode| mode.mode.leaves_to_chance())
    }

    /// The listed paths, and what each gets.
    pub(crate) fn listed(&self) -> &[(String, NamedMode)] {
        &self.listed
    }
}
