//! The prompt from the side of whoever sits at it, for the subcommands that have one: the keyboard, the line that is typed, what it
//! asks for, and the screen.
//!
//! ```text
//!  keyboard ─▶ Keyboard (a thread) ─▶ Editor (a thread) ─▶ Request ─▶ CommandReceiver, for the subcommand
//!  terminal ◀─ Editor ◀─ Screen (a thread) ◀── whatever is to be seen
//! ```
//!
//! Commands are the entries of `command_table.rs`. What concerns only the keyboard and the screen the editor does (`Command`);
//! the rest is the subcommand's (`Request`).

mod arguments;
pub(super) mod command;
pub(super) mod command_queue;
mod command_table;
mod completion;
mod continuation;
pub(super) mod editor;
mod external_editor;
mod history;
mod history_file;
mod history_secrets;
mod key_reader;
pub(super) mod keyboard;
mod keys;
mod line_state;
mod line_text;
mod manual;
pub(super) mod message_view;
mod recall;
pub(super) mod screen;
mod search;
pub(super) mod settings;
pub(super) mod status;
pub(super) mod terminal;
pub(super) mod transcript;
mod virtual_key;
