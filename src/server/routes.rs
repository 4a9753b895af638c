//! Which path gets what.

use std::sync::Arc;

use super::modes::NamedMode;
use super::rules_file::RulesFile;

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
        self.modes().any(|mode| mode.rules().leave_to_chance())
    }

    /// The files of rules by which any of them answers.
    pub(crate) fn rules_files(&self) -> Vec<Arc<RulesFile>> {
        self.modes().filter_map(|mode| mode.mode.rules_file()).collect()
    }

    fn modes(&self) -> impl Iterator<Item = &NamedMode> {
        self.listed.iter().map(|(_, mode)| mode).chain(&self.elsewhere)
    }

    /// The listed paths, and what each gets.
    pub(crate) fn listed(&self) -> &[(String, NamedMode)] {
        &self.listed
    }
}
