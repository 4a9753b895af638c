//! How a prompt begins.

use super::bell::Bell;
use super::filter::Filter;
use super::key_bindings::KeyBindings;
use super::settings::Setting;
use super::watch::Watch;
use crate::script::Projection;

/// Where nothing is said, a prompt begins with the defaults.
#[derive(Debug, Clone)]
pub(crate) struct PromptOptions {
    /// Whose keys edit the line.
    pub(crate) edit_mode: EditMode,
    pub(crate) bindings: KeyBindings,
    /// What differs from the defaults.
    pub(crate) settings: Vec<Setting>,
}

/// Whose keys the line is edited with.
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

/// What `/bell` takes.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn bell(text: &str) -> Result<Setting, String> {
    let bell = if text == "off" { None } else { Some(Bell::parse(text)?) };
    Ok(Setting::Bell(bell))
}

/// What `/filter` takes, but for `off`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn filter(text: &str) -> Result<Setting, String> {
    Filter::parse(text).map(|filter| Setting::Filter(Some(filter)))
}

/// What `/pick` takes, but for `off`.
///
/// # Errors
/// What is no JSON pointer.
pub(crate) fn pick(text: &str) -> Result<Setting, String> {
    Projection::parse(text).map(|pick| Setting::Pick(Some(pick)))
}

/// What `/watch` takes, but for `off`.
///
/// # Errors
/// What is no JSON pointer.
pub(crate) fn watch(text: &str) -> Result<Setting, String> {
    Watch::parse(text).map(|watch| Setting::Watch(Some(watch)))
}
