//! `connect` on a terminal.
//!
//! ```text
//!  keyboard ─▶ Editor (a thread) ─▶ Command ─▶ Mouth ─▶ Ear ─▶ Prompt (the connection's thread) ─▶ Outlet
//!  terminal ◀─ Editor ◀─ Screen (a thread) ◀──────────────────── Prompt ◀─ Event
//! ```
//!
//! The connection's thread never waits for the terminal, and the editor's never for the connection.

mod command;
mod command_queue;
mod completion;
mod connect_facts;
mod connection;
mod continuation;
mod display;
mod editor;
mod end_line;
mod external_editor;
mod handler;
mod history;
mod log;
mod manual;
mod message_view;
mod raw_frame;
mod repeat;
mod screen;
mod sending;
mod settings;
mod status;
mod terminal;
mod transcript;

use std::os::fd::AsFd;
use std::time::Instant;

use crate::cli::Connect;
use crate::client::Reach;
use crate::error::Error;
use crate::exit::Exit;
use crate::net::{Dialed, Engine, Outlet, Signals, wait_either};
use crate::stdio::console::Console;
use crate::view::refusal;
use crate::view::safe::Safe;
use crate::view::spans::Style;
use crate::ws::{Close, StatusCode};

use self::command::Command;
use self::command_queue::{Ear, Typed};
pub(crate) use self::connect_facts::Facts;
use self::connection::Open;
use self::editor::Editor;
use self::end_line::Farewell;
use self::log::Log;
use self::screen::Screen;
use self::settings::Toggles;
use self::status::Status;
use self::terminal::TerminalGuard;
pub(crate) use self::terminal::is_capable;
use self::transcript::Transcript;

/// Talks with a peer, and stays when it is gone, until the person leaves.
///
/// # Errors
/// When the terminal can't be used.
pub(crate) fn run(
    args: &Connect,
    mut reach: Reach,
    dialed: Dialed,
    facts: Facts,
    signals: &Signals,
) -> Result<Exit, Error> {
    let failed = |why| Error::System { doing: "setting up the terminal", why };
    let screen = Screen::new(args.writing.paint());
    let resumed = screen.clone();
    let _guard = TerminalGuard::new(move || resumed.note("continued")).map_err(failed)?;
    let (mouth, ear) = command_queue::pair().map_err(failed)?;
    let status = Status::new(Toggles { frames: args.connection.frames, ..Toggles::default() });
    let editor = Editor::new(screen.clone(), mouth, status.clone(), reach.url()).map_err(failed)?;
    let printed = screen.clone();
    reach.speak_through(Console::through(move |line| printed.note(line.trim_start_matches("* "))));
    let open = Open::new(reach.url(), facts, &dialed);
    let mut prompt = Prompt {
        args,
        reach,
        signals,
        screen: screen.clone(),
        status,
        ear,
        transcript: Transcript::default(),
        log: None,
        open,
        next: None,
        exit: Exit::Done,
    };
    prompt.greet();
    editor.start().map_err(failed)?;
    let exit = prompt.run(dialed);
    prompt.log(None);
    screen.finish();
    Ok(exit)
}

/// The connection's side of the prompt.
struct Prompt<'a> {
    args: &'a Connect,
    reach: Reach,
    signals: &'a Signals,
    screen: Screen,
    status: Status,
    ear: Ear,
    transcript: Transcript,
    log: Option<Log>,
    /// The connection that is open, or the last one that was.
    open: Open,
    /// What is to be done once the connection is gone.
    next: Option<Next>,
    /// How the last connection ended.
    exit: Exit,
}

/// What follows a connection.
#[derive(Debug)]
enum Next {
    /// To another URL, or to the same again.
    Dial(Option<String>),
    Leave,
    /// Because of Ctrl-C or a signal.
    Interrupted,
}

impl Prompt<'_> {
    fn run(&mut self, dialed: Dialed) -> Exit {
        let mut dialed = Some(dialed);
        loop {
            if let Some(dialed) = dialed.take() {
                self.converse(dialed);
            }
            match self.next() {
                Next::Leave => return self.exit,
                Next::Interrupted => return Exit::Interrupted,
                Next::Dial(url) => dialed = self.dial(url),
            }
        }
    }

    /// Runs a connection until it ends, and tells how it did.
    fn converse(&mut self, dialed: Dialed) {
        self.status.set_connected(true);
        let timing = self.args.connection.settings().timing;
        let stop = self.signals.as_fd();
        let ending = Engine::new(dialed.connection, timing, Some(stop), self).run();
        self.status.set_connected(false);
        self.open.end(Instant::now());
        self.exit = ending.exit();
        if let Some(line) = self.open.unfinished_frame() {
            self.tell_frame(format!("{line} (incomplete)"));
        }
        self.screen.note(Farewell { ending: &ending, ours: self.open.sent_close.as_ref() });
        if self.next.is_none() {
            self.screen.note("/reconnect connects again, Ctrl-D leaves");
        }
    }

    /// Connects again, or to another URL.
    fn dial(&mut self, url: Option<String>) -> Option<Dialed> {
        match self.try_dial(url) {
            Ok(dialed) => {
                self.greet();
                return Some(dialed);
            }
            Err(Error::Interrupted) => self.next = Some(Next::Interrupted),
            Err(error) => {
                self.screen.fault(&error);
                let answer = error.answer().map_or_else(Vec::new, |answer| refusal::lines(answer, true));
                for line in error.hint().iter().chain(&answer).flat_map(|lines| lines.lines()) {
                    self.screen.fault(format_args!("  {line}"));
                }
            }
        }
        None
    }

    fn try_dial(&mut self, url: Option<String>) -> Result<Dialed, Error> {
        if let Some(url) = url {
            self.reach.retarget(&self.args.connection, &url)?;
        }
        self.screen.note(format_args!("connecting to {}", Safe(&self.reach.url())));
        let mut facts = Facts::default();
        let dialed = self.reach.go(Some(self.signals.as_fd()), &mut |step| facts.note(step))?;
        self.open = Open::new(self.reach.url(), facts, &dialed);
        Ok(dialed)
    }

    fn greet(&self) {
        self.screen
            .note(format_args!("connected to {}; /help lists the commands, Ctrl-D closes", self.open.headline()));
    }

    /// What has been decided already, or will be at the keyboard.
    fn next(&mut self) -> Next {
        loop {
            if let Some(next) = self.next.take() {
                return next;
            }
            wait_either(&self.ear, self.signals, None);
            if self.signals.take() {
                return Next::Interrupted;
            }
            while self.next.is_none()
                && let Some(typed) = self.ear.hear()
            {
                match typed {
                    Typed::Command(command) => self.carry_out(*command, None),
                    Typed::Interrupt => self.next = Some(Next::Interrupted),
                    Typed::End => self.next = Some(Next::Leave),
                }
            }
        }
    }

    fn carry_out(&mut self, command: Command, outlet: Option<&mut Outlet<'_>>) {
        match (command, outlet) {
            (Command::Toggle(toggle), outlet) => self.toggle(toggle, outlet),
            (Command::Info, _) => self.say_lines(self.open.info()),
            (Command::Headers, _) => self.say_lines(self.open.facts.heads(self.args.reach.report.show_secrets)),
            (Command::Stats, _) => self.say_lines(self.open.stats.lines(Instant::now())),
            (Command::Show(number), _) => self.show(number),
            (Command::Save(path), _) => self.save(&path),
            (Command::Log(path), _) => self.log(path.as_deref()),
            (Command::Reconnect, outlet) => self.then(Next::Dial(None), outlet),
            (Command::Connect(url), outlet) => self.then(Next::Dial(Some(url)), outlet),
            (Command::Quit, outlet) => self.then(Next::Leave, outlet),
            (command, Some(outlet)) => {
                if let Err(refused) = self.send(command, outlet) {
                    self.screen.fault(refused);
                }
            }
            (_, None) => self.screen.fault("not connected; /reconnect connects again"),
        }
    }

    /// Goes on to something else, once the connection is closed.
    fn then(&mut self, next: Next, outlet: Option<&mut Outlet<'_>>) {
        self.next = Some(next);
        if let Some(outlet) = outlet {
            // Refused when the connection is closing already.
            let _ = outlet.close(&Close::new(StatusCode::NORMAL, ""));
        }
    }

    fn say_lines(&self, lines: Vec<String>) {
        let mut lines = lines.into_iter();
        if let Some(first) = lines.next() {
            self.screen.note(first);
        }
        lines.for_each(|line| self.screen.say(self.screen.wrapped(Style::Plain, &format!("  {line}"))));
    }
}
