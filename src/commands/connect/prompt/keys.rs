//! What Ctrl-C, Ctrl-Z, Alt-Enter and a paste do while a line is edited.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustyline::history::FileHistory;
use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers, Movement,
    RepeatCount,
};

use super::command_queue::{CommandSender, Input};
use super::completion::Assistant;
use super::terminal;

type Lines = rustyline::Editor<Assistant, FileHistory>;

/// Binds the keys that mean something else here than to the editor.
pub(super) fn bind(lines: &mut Lines, sender: &CommandSender, pasted: &Arc<AtomicBool>) {
    let handler = |handler| EventHandler::Conditional(handler);
    lines.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), EventHandler::Simple(Cmd::Newline));
    lines.bind_sequence(KeyEvent::ctrl('C'), handler(Box::new(OnInterrupt(sender.clone()))));
    lines.bind_sequence(KeyEvent::ctrl('Z'), handler(Box::new(OnStop)));
    let paste = KeyEvent(KeyCode::BracketedPasteStart, Modifiers::NONE);
    lines.bind_sequence(paste, handler(Box::new(OnPaste(Arc::clone(pasted)))));
}

/// Ctrl-C clears the line; on an empty one it is passed on.
struct OnInterrupt(CommandSender);

impl ConditionalEventHandler for OnInterrupt {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        if context.line().is_empty() {
            self.0.send(Input::Interrupt);
            return Some(Cmd::Noop);
        }
        Some(Cmd::Kill(Movement::WholeBuffer))
    }
}

/// Ctrl-Z.
struct OnStop;

impl ConditionalEventHandler for OnStop {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        terminal::ask_to_stop();
        Some(Cmd::Noop)
    }
}

/// Takes note of a paste, and lets it happen.
struct OnPaste(Arc<AtomicBool>);

impl ConditionalEventHandler for OnPaste {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.0.store(true, Ordering::Relaxed);
        None
    }
}
