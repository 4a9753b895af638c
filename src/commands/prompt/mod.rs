//! The prompt from the side of whoever sits at it, for the subcommands that have one: the keyboard, the line that is typed, what it
//! asks for, and the screen.
//!
//! ```text
//!  keyboard ─▶ Keyboard (a thread) ─▶ Editor (a thread) ─▶ Operation ─▶ CommandReceiver, for the subcommand
//!  terminal ◀─ Editor ◀─ Screen (a thread) ◀── whatever is to be seen
//! ```
//!
//! Commands are the entries of `command_table.rs`. What concerns only the keyboard and the screen the editor does (`Command`);
//! the rest is the subcommand's (`Operation`).

mod arguments;
pub(crate) mod asked_pings;
pub(crate) mod bell;
mod child_command;
pub(super) mod command;
pub(super) mod command_queue;
pub(super) mod command_table;
mod completion;
pub(super) mod connection_counts;
pub(super) mod connections;
mod continuation;
mod current;
mod drawn_line;
pub(super) mod editor;
pub(super) mod event_file;
mod external_editor;
pub(super) mod file_reader;
pub(super) mod filter;
mod history;
mod history_file;
mod history_secrets;
mod interpreter;
pub(crate) mod key_bindings;
mod key_reader;
mod keyboard;
mod keys;
mod line_reader;
mod line_state;
mod line_text;
mod line_times;
mod line_values;
mod line_window;
mod listing;
pub(super) mod manual;
pub(super) mod message_display;
pub(super) mod message_view;
mod on_the_wire;
pub(crate) mod options;
mod pager;
mod pending_requests;
mod performer;
mod playing;
pub(super) mod questions;
mod reading;
mod recall;
pub(super) mod repeat;
pub(super) mod rule_texts;
mod run_file;
mod saved_lines;
mod saved_messages;
pub(super) mod saving;
pub(super) mod screen;
mod search;
mod seen_json;
mod selection;
pub(crate) mod settings;
mod shared_file;
pub(super) mod status;
pub(super) mod terminal;
pub(super) mod transcript;
mod typed_json;
mod undo_trail;
mod unshown;
mod vi_keys;
mod virtual_key;
mod watch;

use std::io;

use self::command_queue::CommandReceiver;
use self::command_table::PromptRole;
use self::connections::Connections;
use self::editor::Editor;
use self::options::PromptOptions;
use self::reading::TranscriptReader;
use self::screen::Screen;
use self::status::Status;
use self::terminal::TerminalGuard;
use self::transcript::Transcript;

/// Which commands there are, and what completes them.
#[derive(Debug)]
pub(super) struct CommandWords {
    /// Whose commands.
    pub(super) role: PromptRole,
    /// The URL that the program was started with.
    pub(super) url: Option<String>,
    pub(super) connect: ConnectWords,
}

/// What completes `/connect`: flags, and targets that have names.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectWords {
    /// As they are typed, in order.
    pub(crate) flags: Vec<String>,
    /// With what stands before the name.
    pub(crate) targets: Vec<String>,
}

/// A prompt that nothing is typed at yet.
pub(super) struct Seat {
    /// The terminal is given back when this is dropped.
    pub(super) guard: TerminalGuard,
    pub(super) receiver: CommandReceiver,
    pub(super) editor: Editor,
    pub(super) connections: Connections,
}

impl Seat {
    /// Takes the terminal for these commands, which look at `transcript`.
    ///
    /// # Errors
    /// When the terminal can't be used.
    pub(super) fn take(
        screen: &Screen,
        status: &Status,
        transcript: &Transcript,
        commands: CommandWords,
        options: &PromptOptions,
    ) -> io::Result<Self> {
        let guard = TerminalGuard::new(screen.clone())?;
        let (sender, receiver) = command_queue::pair()?;
        let keyboard = keyboard::start(&guard.original(), sender.clone(), screen.clone())?;
        let connections = Connections::new(sender.clone(), transcript.clone(), status.clone());
        let reader = TranscriptReader::new(connections.clone(), screen.clone(), status.clone());
        let terminal = (guard.original(), keyboard);
        let mut editor =
            Editor::new(screen.clone(), sender, connections.clone(), status.clone(), commands, terminal, reader)?;
        editor.set_keys(options);
        Ok(Self { guard, receiver, editor, connections })
    }
}
