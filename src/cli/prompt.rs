//! The flags of a prompt.

use clap::Args;

use super::choice::one_of;
use super::writing::Colour;
use crate::commands::prompt::key_bindings::{KeyBinding, KeyBindings};
use crate::commands::prompt::options::EditMode;
use crate::commands::prompt::options::{PromptOptions, bell, filter, pick, watch};
use crate::commands::prompt::settings::Setting;

pub(super) const PROMPT: &str = "At the prompt";

#[derive(Debug, Args)]
pub(super) struct PromptArgs {
    /// Editing keys
    #[arg(long, value_name = "MODE", default_value = "emacs", value_parser = one_of(&EditMode::NAMES),
          help_heading = PROMPT)]
    edit_mode: EditMode,

    /// Bind a key to an editing action, with readline's names, such as ctrl-t=kill-word or f2='insert /stats';
    /// wscli man config.5 lists keys and actions; repeatable
    #[arg(long, value_name = "KEY=ACTION", value_parser = KeyBinding::parse, help_heading = PROMPT)]
    bind: Vec<KeyBinding>,

    /// Ring the terminal's bell when a message arrives: on, off, or for a REGEX; notify [REGEX] sends OSC 9 instead. At most
    /// once a second; /bell changes it [default: off]
    #[arg(long, value_name = "WHEN", value_parser = bell, help_heading = PROMPT)]
    bell: Option<Setting>,

    /// Fill in ${uuid}, ${now}, ${counter}, ${random}, ${env.NAME} and ${last./POINTER} in what you type; /template changes it
    #[arg(long, help_heading = PROMPT)]
    template: bool,

    /// Show only messages that match, as /filter does: [received|sent] [!]REGEX, or /POINTER [= JSON]
    #[arg(long, value_name = "FILTER", value_parser = filter, help_heading = PROMPT)]
    filter: Option<Setting>,

    /// Show only these values of messages, as /pick does: JSON pointers with blanks between them
    #[arg(long, value_name = "POINTERS", value_parser = pick, help_heading = PROMPT)]
    pick: Option<Setting>,

    /// Show only what differs from the last message of its kind, as /watch does: [/POINTER] [by /POINTER]; '' watches all of
    /// a message
    #[arg(long, value_name = "WHAT", value_parser = watch, help_heading = PROMPT)]
    watch: Option<Setting>,

    /// One of these that stands on the command line itself, as it is typed.
    #[arg(skip)]
    pub(super) given: Option<String>,
}

impl PromptArgs {
    pub(super) fn config(self) -> PromptOptions {
        let Self { edit_mode, bind, bell, template, filter, pick, watch, given: _ } = self;
        let template = template.then_some(Setting::Template(true));
        let settings = [bell, template, filter, pick, watch].into_iter().flatten().collect();
        PromptOptions { edit_mode, bindings: KeyBindings::new(bind), settings }
    }
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
