//! What keys do while a line is edited, where they do something else than the editor would. Of its keys that wait for
//! another none is left to it: it shows nothing while it waits.

use rustyline::history::MemHistory;
use rustyline::{
    CharSearch, Cmd, ConditionalEventHandler, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers,
    Movement, RepeatCount,
};

use super::command_queue::{CommandSender, Input};
use super::completion::Assistant;
use super::file_reader::FileReader;
use super::key_bindings::KeyAction;
use super::keyboard::{KeyboardControl, WaitingText};
use super::line_state::{LineState, Prefix, State};
use super::recall::Recall;
use super::screen::Screen;
use super::search::{AfterSearch, Search};
use super::terminal;
use super::vi_keys::Meaning;
use super::virtual_key::VirtualKey;
use crate::view::width::width;

type Lines = rustyline::Editor<Assistant, MemHistory>;

/// Takes all keys.
pub(super) fn bind(
    lines: &mut Lines,
    sender: &CommandSender,
    keyboard: &KeyboardControl,
    state: &LineState,
    screen: &Screen,
    files: &FileReader,
) {
    let keys = Keys {
        sender: sender.clone(),
        keyboard: keyboard.clone(),
        state: state.clone(),
        screen: screen.clone(),
        files: files.clone(),
    };
    lines.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(keys)));
}

/// Rows of the line that is edited: half of what the editor can count to, for the terminal may become narrower.
const MOST_ROWS: usize = 1 << 15;

/// Rows that a text takes on the terminal, at most.
fn rows(text: &str) -> usize {
    let columns = terminal::columns().max(1);
    // A tab goes on to the next of its stops.
    let in_columns = |line: &str| width(line) + 8 * line.matches('\t').count();
    text.split('\n').map(|line| 1 + in_columns(line) / columns).sum()
}

struct Keys {
    sender: CommandSender,
    keyboard: KeyboardControl,
    state: LineState,
    screen: Screen,
    files: FileReader,
}

impl ConditionalEventHandler for Keys {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let KeyEvent(code, modifiers) = *event.get(0)?;
        if (code, modifiers) == (KeyCode::Char('C'), Modifiers::CTRL) && self.keyboard.takes_heeded_interrupt() {
            return Some(Cmd::Noop);
        }
        let mut state = self.state.lock();
        state.is_continued = false;
        state.undo.note(context.line());
        if let KeyCode::Char(c) = code
            && let Some(key) = VirtualKey::of(c)
        {
            return Some(self.virtual_key(key, &mut state, context));
        }
        // The end of input is that behind any key.
        if let Some(prefix) = state.prefix.take()
            && (code, modifiers) != (KeyCode::Char('D'), Modifiers::CTRL)
        {
            return Some(after(prefix, KeyEvent(code, modifiers), &mut state, context));
        }
        if state.search.is_some()
            && let Some(command) = search_key(&mut state, code, modifiers)
        {
            return Some(command);
        }
        state.count = None;
        let step = match meaning(&mut state, KeyEvent(code, modifiers), context) {
            Meaning::Command(command) => {
                (state.recall, state.interrupted) = (None, false);
                return Some(match command {
                    Cmd::Undo(times) => undo(&mut state, times),
                    command => command,
                });
            }
            Meaning::Search => return Some(search(&mut state, context, AfterSearch::Send)),
            Meaning::SearchToEdit => return Some(search(&mut state, context, AfterSearch::Edit)),
            Meaning::EditElsewhere => return Some(edit_elsewhere(&mut state, context)),
            Meaning::Older => Some(RecallStep::Older),
            Meaning::Newer => Some(RecallStep::Newer),
            Meaning::Oldest => Some(RecallStep::Oldest),
            Meaning::Own => Some(RecallStep::Own),
            Meaning::Usual => RecallStep::of(code, modifiers),
        };
        if step.is_some() {
            // What is brought back isn't inserted.
            state.undo.set_inserting(false);
        }
        if let Some(step) = step
            && let Some(command) = recall(&mut state, step, context.line(), context.pos())
        {
            return Some(command);
        }
        state.recall = None;
        self.key(&mut state, code, modifiers, context)
    }
}

/// What a key comes to: as it is bound, as vi has it, or as usual.
fn meaning(state: &mut State, key: KeyEvent, context: &EventContext<'_>) -> Meaning {
    match state.bindings.action(key) {
        Some(KeyAction::Edit(command)) => Meaning::Command(command),
        Some(KeyAction::Older) => Meaning::Older,
        Some(KeyAction::Newer) => Meaning::Newer,
        Some(KeyAction::Oldest) => Meaning::Oldest,
        Some(KeyAction::Own) => Meaning::Own,
        Some(KeyAction::Search) => Meaning::Search,
        Some(KeyAction::EditElsewhere) => Meaning::EditElsewhere,
        None => match &mut state.vi {
            None => Meaning::Usual,
            Some(vi) => {
                // Behind Esc, whichever key came right behind it.
                if key.1 == Modifiers::ALT {
                    state.undo.set_inserting(false);
                }
                let meaning = vi.key(key, context.line(), context.pos());
                state.undo.set_inserting(vi.inserts());
                meaning
            }
        },
    }
}

impl Keys {
    fn virtual_key(&self, key: VirtualKey, state: &mut State, context: &EventContext<'_>) -> Cmd {
        match key {
            VirtualKey::Text(number) => match self.keyboard.take_text(number) {
                Some(WaitingText { text, is_paste: true, .. }) => self.paste(text, state, context),
                Some(WaitingText { text, .. }) => self.characters(text, state, context),
                None => Cmd::Noop,
            },
            // A question has none.
            VirtualKey::NewMark if state.answering => Cmd::Repaint,
            VirtualKey::NewMark => {
                let (before, behind) = context.line().split_at(context.pos());
                state.to_go_on_with = Some((before.to_owned(), behind.to_owned()));
                // It goes on as the next one. Whatever else ends a line loses what was typed behind it.
                Cmd::AcceptLine
            }
            VirtualKey::Count(count) => {
                if let Some(vi) = &mut state.vi {
                    state.undo.set_inserting(false);
                    return vi.digit(count, context.line(), context.pos());
                }
                state.count = Some(count);
                Cmd::Repaint
            }
        }
    }

    fn paste(&self, text: String, state: &mut State, context: &EventContext<'_>) -> Cmd {
        (state.search, state.recall, state.prefix) = (None, None, None);
        let is_argument = is_behind_command(&context.line()[..context.pos()]);
        state.pasted_as_argument = is_argument && (!state.pasted || state.pasted_as_argument);
        state.pasted = true;
        let is_last = context.pos() == context.line().len();
        let line = text.strip_suffix('\n').filter(|_| is_last);
        state.without_newline = line.map(|pasted| context.line().to_owned() + pasted);
        self.insert(text, context.line())
    }

    /// Characters that were typed, so many together that they are no commands where keys are.
    fn characters(&self, text: String, state: &mut State, context: &EventContext<'_>) -> Cmd {
        (state.recall, state.prefix, state.interrupted) = (None, None, false);
        if state.search.is_none() {
            return self.insert(text, context.line());
        }
        let push = |_, c| search_key(state, KeyCode::Char(c), Modifiers::NONE);
        text.chars().fold(None, push).unwrap_or(Cmd::Noop)
    }

    fn insert(&self, text: String, line: &str) -> Cmd {
        if rows(line) + rows(&text) > MOST_ROWS {
            self.screen.fault("the line would be too long to edit; a pipe takes any size");
            return Cmd::Noop;
        }
        Cmd::Insert(1, text)
    }

    fn key(&self, state: &mut State, code: KeyCode, modifiers: Modifiers, context: &EventContext<'_>) -> Option<Cmd> {
        let again = std::mem::take(&mut state.interrupted);
        match (code, modifiers) {
            (KeyCode::Enter | KeyCode::Char('M'), Modifiers::ALT | Modifiers::CTRL_ALT) => {
                state.is_continued = true;
                Some(Cmd::Newline)
            }
            (KeyCode::Char('R'), Modifiers::CTRL) => Some(search(state, context, AfterSearch::Send)),
            (KeyCode::Char('X'), Modifiers::CTRL) => wait_for_another(state, Prefix::Extended),
            (KeyCode::Char(']'), Modifiers::CTRL) => wait_for_another(state, Prefix::Find),
            (KeyCode::Char(']'), Modifiers::CTRL_ALT) => wait_for_another(state, Prefix::FindBackward),
            (KeyCode::Char('_'), Modifiers::CTRL) => Some(undo(state, 1)),
            // The editor would wait for the character.
            (KeyCode::Char('Q' | 'V' | 'S'), Modifiers::CTRL) => Some(Cmd::Noop),
            (KeyCode::Char('Z'), Modifiers::CTRL) => {
                terminal::ask_to_stop();
                Some(Cmd::Noop)
            }
            (KeyCode::Char('C'), Modifiers::CTRL) if state.answering => {
                state.interrupted = true;
                // Whatever else ends a line loses what was typed behind it.
                Some(Cmd::AcceptLine)
            }
            (KeyCode::Char('C'), Modifiers::CTRL) if context.line().is_empty() && self.files.cancel() => {
                Some(Cmd::Noop)
            }
            (KeyCode::Char('C'), Modifiers::CTRL) if context.line().is_empty() && state.stop_running() => {
                Some(Cmd::Noop)
            }
            (KeyCode::Char('C'), Modifiers::CTRL) if context.line().is_empty() => {
                state.interrupted = true;
                self.sender.send(Input::Interrupt { again });
                Some(Cmd::Noop)
            }
            (KeyCode::Char('C'), Modifiers::CTRL) => {
                let is_quoting = std::mem::take(&mut state.quotes_peer);
                state.history.add_new(context.line(), is_quoting);
                Some(Cmd::Kill(Movement::WholeBuffer))
            }
            // Nothing, unless it is bound.
            (KeyCode::F(_), _) => Some(Cmd::Noop),
            _ => None,
        }
    }
}

fn search(state: &mut State, context: &EventContext<'_>, then: AfterSearch) -> Cmd {
    state.undo.set_inserting(false);
    state.search = Some(Search::new(context.line(), context.pos(), state.history.lines(), then));
    Cmd::Repaint
}

/// Takes back what was done to the line last.
fn undo(state: &mut State, times: RepeatCount) -> Cmd {
    state.replacement = state.undo.undo(usize::from(times));
    if state.replacement.is_some() { Cmd::Complete } else { Cmd::Noop }
}

fn wait_for_another(state: &mut State, prefix: Prefix) -> Option<Cmd> {
    state.prefix = Some(prefix);
    Some(Cmd::Noop)
}

/// Ends the line as it is, finished or not, for another editor to go on with it. What was typed behind is for the next line:
/// whatever else ends one loses that.
fn edit_elsewhere(state: &mut State, context: &EventContext<'_>) -> Cmd {
    if state.answering {
        return Cmd::Noop;
    }
    state.to_edit = Some(context.line().to_owned());
    Cmd::AcceptLine
}

/// What a key does behind another.
fn after(prefix: Prefix, KeyEvent(code, modifiers): KeyEvent, state: &mut State, context: &EventContext<'_>) -> Cmd {
    match (prefix, code, modifiers) {
        (Prefix::Extended, KeyCode::Char('E'), Modifiers::CTRL) => edit_elsewhere(state, context),
        (Prefix::Extended, KeyCode::Char('U'), Modifiers::CTRL) => undo(state, 1),
        (Prefix::Extended, KeyCode::Backspace, Modifiers::NONE) => Cmd::Kill(Movement::BeginningOfLine),
        (Prefix::Find, KeyCode::Char(c), Modifiers::NONE) => {
            Cmd::Move(Movement::ViCharSearch(1, CharSearch::ForwardBefore(c)))
        }
        (Prefix::FindBackward, KeyCode::Char(c), Modifiers::NONE) => {
            Cmd::Move(Movement::ViCharSearch(1, CharSearch::Backward(c)))
        }
        _ => Cmd::Noop,
    }
}

/// Whether what comes next is the argument of a command.
fn is_behind_command(typed: &str) -> bool {
    typed.starts_with('/') && !typed.starts_with("//") && typed.contains(char::is_whitespace)
}

/// What a key does to a search; `None` ends it, with the line that was found.
fn search_key(state: &mut State, code: KeyCode, modifiers: Modifiers) -> Option<Cmd> {
    let State { search, history, replacement, .. } = state;
    let mut searching = search.take()?;
    let history = history.lines();
    let found = match (code, modifiers) {
        (KeyCode::Char('G' | 'C'), Modifiers::CTRL) => {
            *replacement = Some(searching.before());
            return Some(Cmd::Complete);
        }
        (KeyCode::Char('R'), Modifiers::CTRL) => searching.older(history),
        (KeyCode::Char('S'), Modifiers::CTRL) => searching.newer(history),
        (KeyCode::Backspace, Modifiers::NONE) | (KeyCode::Char('H'), Modifiers::CTRL) => searching.pop(history),
        (KeyCode::Char(c), Modifiers::NONE) => searching.push(c, history),
        (KeyCode::Enter, Modifiers::NONE) | (KeyCode::Char('M' | 'J'), Modifiers::CTRL)
            if searching.then == AfterSearch::Edit =>
        {
            return Some(Cmd::Repaint);
        }
        // By themselves they would do nothing to the line that was found.
        (KeyCode::Right | KeyCode::Tab, Modifiers::NONE) => return Some(Cmd::Repaint),
        _ => return None,
    };
    *search = Some(searching);
    let is_found = found.is_some();
    *replacement = found;
    Some(if is_found { Cmd::Complete } else { Cmd::Repaint })
}

/// Which line of the history a key brings back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecallStep {
    Older,
    Newer,
    Oldest,
    /// The one that was being typed.
    Own,
}

impl RecallStep {
    fn of(code: KeyCode, modifiers: Modifiers) -> Option<Self> {
        match (code, modifiers) {
            (KeyCode::Up, Modifiers::NONE) | (KeyCode::Char('P'), Modifiers::CTRL) => Some(Self::Older),
            (KeyCode::Down, Modifiers::NONE) | (KeyCode::Char('N'), Modifiers::CTRL) => Some(Self::Newer),
            (KeyCode::Char('<'), Modifiers::ALT) => Some(Self::Oldest),
            (KeyCode::Char('>'), Modifiers::ALT) => Some(Self::Own),
            _ => None,
        }
    }
}

/// Brings a line of the history back. `None` where the key moves the cursor between the lines of what is being typed.
fn recall(state: &mut State, step: RecallStep, line: &str, cursor: usize) -> Option<Cmd> {
    let State { recall, history, replacement, answering, .. } = state;
    let (above, below) = line.split_at_checked(cursor)?;
    let moves = match step {
        RecallStep::Older => above.contains('\n'),
        RecallStep::Newer => below.contains('\n'),
        RecallStep::Oldest | RecallStep::Own => false,
    };
    if *answering || (recall.is_none() && moves) {
        return None;
    }
    let history = history.lines();
    let mut recalling = match recall.take() {
        Some(recalling) => recalling,
        None if matches!(step, RecallStep::Newer | RecallStep::Own) => return Some(Cmd::Noop),
        None => Recall::new(line, cursor, history),
    };
    let found = match step {
        RecallStep::Older => recalling.older(history),
        RecallStep::Oldest => recalling.oldest(history),
        RecallStep::Newer => recalling.newer(history),
        RecallStep::Own => None,
    };
    *replacement = match (step, found) {
        (_, Some(found)) => {
            let end = found.len();
            *recall = Some(recalling);
            Some((found, end))
        }
        (RecallStep::Newer | RecallStep::Own, None) => Some(recalling.before()),
        (RecallStep::Older | RecallStep::Oldest, None) => {
            *recall = Some(recalling);
            None
        }
    };
    Some(if replacement.is_some() { Cmd::Complete } else { Cmd::Repaint })
}
