//! `connect` on a terminal: an editor in a thread of its own, its lines as messages.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, Completer, Editor, ExternalPrinter, Helper, Hinter, Validator};

use crate::console::Console;
use crate::interruption::Interruption;
use crate::net::{Handler, Outlet, Signals};
use crate::view::message::Shown;
use crate::ws::{Assembler, Close, Event, Kind, StatusCode};

/// The connection's side of the prompt.
#[derive(Debug)]
pub(crate) struct Prompt<'a> {
    console: Console,
    typed: Arc<Mutex<VecDeque<Typed>>>,
    waker: UnixStream,
    assembler: Assembler,
    interruption: Interruption<'a>,
}

#[derive(Debug)]
enum Typed {
    Line(String),
    /// Ctrl-D.
    End,
    /// Ctrl-C.
    Interrupt,
}

impl<'a> Prompt<'a> {
    /// Starts the editor; the console prints above the line that is being typed.
    ///
    /// # Errors
    /// When the terminal can't be used.
    pub(crate) fn start(signals: &'a Signals) -> io::Result<(Self, Console)> {
        let failed = |error| io::Error::other(format!("{error}"));
        let screen = Screen::default();
        let mut editor = Editor::with_history(rustyline::Config::default(), MemHistory::new()).map_err(failed)?;
        // The only way to hear of a redraw is to be asked for the prompt's colours.
        editor.set_color_mode(ColorMode::Forced);
        editor.set_helper(Some(screen.clone()));
        let mut printer = editor.create_external_printer().map_err(failed)?;
        let shown = screen.clone();
        let console = Console::through(Box::new(move |text| shown.print(&mut printer, text)));
        let (waker, wake) = UnixStream::pair()?;
        waker.set_nonblocking(true)?;
        let typed = Arc::new(Mutex::new(VecDeque::new()));
        let mouth = Mouth { typed: Arc::clone(&typed), wake, screen };
        thread::Builder::new().name("prompt".into()).spawn(move || edit(editor, &mouth))?;
        let prompt = Self {
            console: console.clone(),
            typed,
            waker,
            assembler: Assembler::default(),
            interruption: Interruption::new(signals),
        };
        Ok((prompt, console))
    }

    pub(crate) fn was_interrupted(&self) -> bool {
        self.interruption.happened()
    }
}

impl Handler for Prompt<'_> {
    fn event(&mut self, event: Event<'_>, _outlet: &mut Outlet<'_>) {
        if let Event::Data(data) = event
            && let Some(message) = self.assembler.push(&data)
        {
            self.console.line(format_args!("< {}", Shown(message)));
        }
    }

    fn source(&self) -> Option<BorrowedFd<'_>> {
        Some(self.waker.as_fd())
    }

    fn source_ready(&mut self, outlet: &mut Outlet<'_>) {
        let _ = self.waker.read(&mut [0; 64]);
        for typed in self.typed.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // Refused when the connection is closing already.
            let _ = match typed {
                Typed::Line(line) => outlet.data(Kind::Text, line.as_bytes(), true),
                Typed::End => outlet.close(&Close::new(StatusCode::NORMAL, "")),
                Typed::Interrupt => self.interruption.begin(outlet),
            };
        }
    }

    fn stop(&mut self, outlet: &mut Outlet<'_>) -> bool {
        self.interruption.check(outlet);
        true
    }

    fn abandons(&self) -> bool {
        self.interruption.insists()
    }
}

/// The editor thread's way to the connection.
struct Mouth {
    typed: Arc<Mutex<VecDeque<Typed>>>,
    wake: UnixStream,
    screen: Screen,
}

impl Mouth {
    fn say(&self, typed: Typed) {
        self.typed.lock().unwrap_or_else(PoisonError::into_inner).push_back(typed);
        // A full pipe wakes just as well; a closed one means that the connection is gone.
        let _ = (&self.wake).write(&[1]);
    }
}

fn edit(mut editor: Editor<Screen, MemHistory>, mouth: &Mouth) {
    mouth.screen.editing(true);
    let last = loop {
        match editor.readline("> ") {
            Ok(line) => {
                // Not kept: a line that repeats the last one.
                let _ = editor.add_history_entry(&line);
                mouth.say(Typed::Line(line));
            }
            Err(ReadlineError::Interrupted) => break Typed::Interrupt,
            // Ctrl-D, or a terminal that is gone.
            Err(_) => break Typed::End,
        }
    };
    mouth.screen.editing(false);
    mouth.say(last);
}

/// Whether what was printed is on the screen. The editor prints in its own thread, some time after
/// it was told to; the last lines of a connection would race with the end of the process.
#[derive(Debug, Clone, Default, Helper, Completer, Hinter, Validator)]
struct Screen(Arc<(Mutex<Drawn>, Condvar)>);

#[derive(Debug, Default)]
struct Drawn {
    times: u64,
    editing: bool,
}

/// An editor that hasn't drawn by then has been stopped, or its terminal has.
const DRAWS_WITHIN: Duration = Duration::from_millis(500);

impl Screen {
    fn change(&self, change: impl FnOnce(&mut Drawn)) {
        let (drawn, changed) = &*self.0;
        change(&mut drawn.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }

    fn editing(&self, editing: bool) {
        self.change(|drawn| drawn.editing = editing);
    }

    /// Prints above the line that is being typed, and waits until that is drawn again.
    fn print(&self, printer: &mut impl ExternalPrinter, text: String) {
        let (drawn, changed) = &*self.0;
        let lock = || drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let before = lock().times;
        // When the printer is gone, so is the terminal.
        let _ = printer.print(text);
        let waiting = |drawn: &mut Drawn| drawn.editing && drawn.times == before;
        drop(changed.wait_timeout_while(lock(), DRAWS_WITHIN, waiting));
    }
}

impl Highlighter for Screen {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        self.change(|drawn| drawn.times += 1);
        Cow::Borrowed(prompt)
    }
}

/// Puts the terminal back as it was, however we leave: the editor may be in the middle of a line.
#[derive(Debug)]
pub(crate) struct TerminalGuard(Option<Termios>);

impl TerminalGuard {
    pub(crate) fn new() -> Self {
        Self(tcgetattr(io::stdin()).ok())
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        let Some(before) = &self.0 else { return };
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        // The prompt's line goes, and bracketed paste with it.
        let _ = io::stdout().write_all(b"\r\x1b[K\x1b[?2004l");
        let _ = io::stdout().flush();
    }
}
