//! Which path gets what.

use super::modes::Mode;

/// Modes by path.
#[derive(Debug)]
pub(crate) struct Routes {
    /// For every path that isn't listed, if there is one.
    elsewhere: Option<Mode>,
    listed: Vec<(String, Mode)>,
}

impl Routes {
    /// The same everywhere.
    pub(crate) fn everywhere(mode: Mode) -> Self {
        Self { elsewhere: Some(mode), listed: Vec::new() }
    }

    /// These, and nothing elsewhere.
    pub(crate) fn only(listed: Vec<(String, Mode)>) -> Self {
        Self { elsewhere: None, listed }
    }

    pub(crate) fn find(&self, path: &str) -> Option<&Mode> {
        let listed = self.listed.iter().find(|(route, _)| route == path).map(|(_, mode)| mode);
        listed.or(self.elsewhere.as_ref())
    }

    /// The listed paths, and what each gets.
    pub(crate) fn listed(&self) -> &[(String, Mode)] {
        &self.listed
    }
}
