//! A person who sees every client and answers one or all of them.

use std::io::{self, BufRead};
use std::sync::{Arc, Once};
use std::thread;

use super::subscriber::{Ear, Mailbox};
use crate::server::hub::{Member, Room};
use crate::server::inbox::{Flow, Posted};
use crate::server::log::Journal;
use crate::view::message::Shown;
use crate::ws::{Assembler, Close, Data, StatusCode};

const HELP: &str =
    "TEXT goes to all, //TEXT begins with a slash; /to N TEXT, /list, /close N|all [CODE [REASON]], /help";

/// The person's side.
#[derive(Debug)]
pub(crate) struct Desk {
    room: Arc<Room>,
    journal: Arc<Journal>,
    begun: Once,
}

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
enum Typed<'a> {
    ToAll(&'a str),
    To(u64, &'a str),
    /// `None` closes all.
    Close(Option<u64>, Close),
    List,
    Help,
    /// And why it is no command.
    Wrong(String),
}

impl Desk {
    pub(crate) fn new(flow: Flow, journal: Arc<Journal>) -> Self {
        let room = Arc::new(Room::new(flow, Arc::clone(&journal)));
        Self { room, journal, begun: Once::new() }
    }

    /// Begins to read what is typed.
    pub(crate) fn begin(self: &Arc<Self>) {
        self.begun.call_once(|| {
            self.journal.line(format_args!("{HELP}"));
            let desk = Arc::clone(self);
            if thread::Builder::new().name("prompt".into()).spawn(move || desk.read_stdin()).is_err() {
                self.journal.line(format_args!("there is no thread to read stdin with"));
            }
        });
    }

    /// Another client comes.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub(super) fn receive(&self, number: u64) -> io::Result<Mailbox<Visitor>> {
        let visitor = Visitor { assembler: Assembler::default(), journal: Arc::clone(&self.journal) };
        Ok(Mailbox::new(self.room.join(number)?, visitor))
    }

    fn read_stdin(&self) {
        for line in io::stdin().lock().lines() {
            match line {
                Ok(line) => self.act(parse(&line)),
                Err(error) => self.journal.line(format_args!("reading stdin failed: {error}")),
            }
        }
    }

    fn act(&self, typed: Typed<'_>) {
        let nobody = |number| self.journal.line(format_args!("there is no [{number}]; /list tells who is there"));
        match typed {
            Typed::ToAll(text) => self.room.post(&Posted::text(text), None),
            Typed::To(number, text) if self.room.post_to(number, &Posted::text(text)) => {}
            Typed::Close(None, close) => self.room.close_all(&close),
            Typed::Close(Some(number), close) if self.room.close(number, close.clone()) => {}
            Typed::To(number, _) | Typed::Close(Some(number), _) => nobody(number),
            Typed::List => {
                let numbers: Vec<_> = self.room.numbers().iter().map(|number| format!("[{number}]")).collect();
                self.journal.line(format_args!("{} here {}", numbers.len(), numbers.join(" ")));
            }
            Typed::Help => self.journal.line(format_args!("{HELP}")),
            Typed::Wrong(why) => self.journal.line(format_args!("{why}; /help")),
        }
    }
}

fn parse(line: &str) -> Typed<'_> {
    let Some(command) = line.strip_prefix('/') else { return Typed::ToAll(line) };
    if command.starts_with('/') {
        return Typed::ToAll(command);
    }
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    let (first, text) = rest.split_once(' ').unwrap_or((rest, ""));
    match (name, first.parse()) {
        ("list", _) => Typed::List,
        ("help", _) => Typed::Help,
        ("to", Ok(number)) => Typed::To(number, text),
        ("to", Err(_)) => Typed::Wrong("/to needs a number and a text".into()),
        ("close", number) if number.is_ok() || first == "all" => match parse_close(text) {
            Some(close) => Typed::Close(number.ok(), close),
            None => Typed::Wrong(format!("{text:?} does not begin with a status code that may be sent")),
        },
        ("close", _) => Typed::Wrong("/close needs a number, or all".into()),
        _ => Typed::Wrong(format!("/{name} is no command")),
    }
}

/// Nothing, a code, or a code and a reason.
fn parse_close(text: &str) -> Option<Close> {
    if text.is_empty() {
        return Some(Close::new(StatusCode::NORMAL, ""));
    }
    let (code, reason) = text.split_once(' ').unwrap_or((text, ""));
    let code = code.parse().ok().map(StatusCode).filter(|code| code.may_be_sent())?;
    Some(Close::new(code, reason))
}

/// One client's side.
#[derive(Debug)]
pub(super) struct Visitor {
    assembler: Assembler,
    journal: Arc<Journal>,
}

impl Ear for Visitor {
    fn hear(&mut self, data: &Data<'_>, speaker: &Member) {
        if let Some(message) = self.assembler.push(data) {
            self.journal.line(format_args!("[{}] < {}", speaker.number, Shown(message)));
        }
    }

    fn rest(&mut self) {
        self.assembler.shrink();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed() {
        assert_eq!(parse("hello /all"), Typed::ToAll("hello /all"));
        assert_eq!(parse("//slash"), Typed::ToAll("/slash"));
        assert_eq!(parse("/to 12 hi there"), Typed::To(12, "hi there"));
        assert_eq!(parse("/list"), Typed::List);
        assert_eq!(parse("/close 3"), Typed::Close(Some(3), Close::new(StatusCode(1000), "")));
        assert_eq!(parse("/close all 4000 so long"), Typed::Close(None, Close::new(StatusCode(4000), "so long")));
        for line in ["/to", "/to you hi", "/close", "/close 1 1006", "/close 1 x", "/what"] {
            assert!(matches!(parse(line), Typed::Wrong(_)), "{line}");
        }
    }
}
