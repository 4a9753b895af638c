//! The flags of a prompt.

use clap::Args;

use super::choice::one_of;
use super::writing::Colour;
use crate::commands::prompt::edit_mode::EditMode;

pub(super) const PROMPT: &str = "At the prompt";

#[derive(Debug, Args)]
pub(super) struct PromptArgs {
    /// Keys that edit the line
    #[arg(long, value_name = "MODE", default_value = "emacs", value_parser = one_of(&EditMode::NAMES),
          help_heading = PROMPT)]
    pub(super) edit_mode: EditMode,
}

/// The same of a server, which has no other colours.
#[derive(Debug, Args)]
pub(super) struct ServerPromptArgs {
    #[command(flatten)]
    pub(super) prompt: PromptArgs,

    /// Colour with --prompt; auto: colour unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = one_of(&Colour::NAMES), help_heading = PROMPT)]
    pub(super) color: Colour,
}
