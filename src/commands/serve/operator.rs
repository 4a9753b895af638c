//! What somebody asks for who talks with the clients by hand, at a prompt or by lines of stdin.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::commands::desk::{Desk, Operates, ReadOn, missing, missing_to_close};
use crate::commands::listening::CurrentRules;
use crate::commands::prompt::command::{ClientCommand, Command, Operation, Outgoing, RulesChange};
use crate::commands::prompt::command_table::{self, PromptRole};
use crate::commands::prompt::file_reader::read_file;
use crate::commands::prompt::manual;
use crate::commands::prompt::repeat::Repeating;
use crate::commands::prompt::rule_texts::{RuleTexts, RulesNews};
use crate::commands::prompt::settings::Setting;
use crate::server::hub::Hub;
use crate::server::log::ServerLog;
use crate::server::modes::{ModeEnd, OperatorHub, SharedRules};
use crate::server::post::Post;
use crate::view::amount::Count;
use crate::ws::{Close, Kind, OwnedItem};

/// What is said to somebody who has no prompt.
const HELP: &str = "TEXT is sent to all clients; //TEXT sends /TEXT; /to N TEXT, /use N, /all, /clients, /close N|all [CODE [REASON]], /on RULE|off, /rules, /help";

/// Columns of a line in the log.
const LOG_COLUMNS: usize = 80;

const NO_TERMINAL: &str = "only a terminal has that";

/// How often it is looked whether those have caught up whom something is repeated for.
const LOOK: Duration = Duration::from_millis(5);

/// The one who talks with them.
#[derive(Debug)]
pub(super) struct Operator {
    hub: Arc<Hub>,
    log: Arc<ServerLog>,
    /// Whom what is typed is for; `None` is all of them.
    addressee: Option<u64>,
    repeating: Option<Repeating>,
    /// What answers them beside the person.
    rules: Arc<SharedRules>,
    rule_texts: RuleTexts,
    /// What `/rules` reads again.
    files: CurrentRules,
    /// `None` without a terminal: the log tells everything.
    desk: Option<Desk>,
}

impl Operator {
    pub(super) fn new(clients: &OperatorHub, files: CurrentRules, log: Arc<ServerLog>, desk: Option<Desk>) -> Self {
        let (hub, rules) = (Arc::clone(&clients.hub), Arc::clone(&clients.rules));
        let rule_texts = RuleTexts::default();
        let operator = Self { hub, log, addressee: None, repeating: None, rules, rule_texts, files, desk };
        operator.show_addressee();
        operator
    }

    pub(super) fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    /// Greets whoever has no prompt.
    pub(super) fn tell_help(&self) {
        self.log.notice(format_args!("{HELP}"));
    }

    /// A line that came without a prompt.
    pub(super) fn line(&mut self, line: &str) -> ReadOn {
        match command_table::parse(PromptRole::Server, line) {
            Err(why) => self.fault(&why),
            Ok(Command::Help(None)) => self.tell_help(),
            Ok(Command::Help(Some(name))) => match manual::help(PromptRole::Server, Some(&name), LOG_COLUMNS) {
                Ok(lines) => self.lines(&lines),
                Err(why) => self.fault(&why),
            },
            Ok(Command::File(path, kind)) => match read_file(&path, kind) {
                Ok((kind, content)) => {
                    self.post(&Post::message(kind, content));
                }
                Err(why) => self.fault(&why),
            },
            Ok(
                Command::Last(_)
                | Command::Edit(_)
                | Command::EditHeld(_)
                | Command::Clear
                | Command::Query(_)
                | Command::ShowSetting(_)
                | Command::Saved(_)
                | Command::Run(_)
                | Command::Replay(_)
                | Command::Authenticate(_)
                | Command::Connections(_),
            ) => self.fault(NO_TERMINAL),
            Ok(Command::Operation(operation)) => return self.perform(operation),
        }
        ReadOn::Line
    }

    /// Ends a repetition. Returns whether there was one.
    fn stop_repeating(&mut self) -> bool {
        let stopped = self.repeating.take();
        if let Some(repeating) = &stopped {
            let told = format!("stopped after {}", repeating.times());
            match &self.desk {
                // Answers to what was sent before still come.
                Some(desk) => desk.screen.note_when_calm(told),
                None => self.note(&told),
            }
        }
        stopped.is_some()
    }

    fn clients(&self) -> Count {
        Count(self.hub.numbers().len() as u64, "client")
    }

    fn send(&mut self, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Line(text) => {
                self.post(&Post::message(Kind::Text, text.into_bytes()));
            }
            Outgoing::Data(kind, content)
            | Outgoing::File(kind, content)
            | Outgoing::Item(OwnedItem::Message { kind, content }) => {
                self.post(&Post::message(kind, content));
            }
            Outgoing::Item(OwnedItem::Close(close)) => self.close(self.addressee, &close),
            Outgoing::Item(item) => {
                if let (OwnedItem::Ping(payload), Some(desk)) = (&item, &self.desk) {
                    desk.clients.expect_pong(self.addressee, payload);
                }
                self.post_item(item);
            }
            Outgoing::Repeat(_) if self.desk.is_none() => self.fault(NO_TERMINAL),
            Outgoing::Repeat(repetition) => self.repeating = Some(Repeating::new(repetition, None, Instant::now())),
        }
    }

    fn command(&mut self, command: ClientCommand) {
        match command {
            ClientCommand::List => self.list(),
            ClientCommand::Use(None) => {
                self.addressee = None;
                self.show_addressee();
            }
            ClientCommand::Use(Some(number)) if self.hub.numbers().contains(&number) => {
                self.addressee = Some(number);
                self.show_addressee();
            }
            ClientCommand::Use(Some(number)) => self.tell_missing(number),
            ClientCommand::To(number, text) => {
                self.post_to(Some(number), &Post::text(&text));
            }
            ClientCommand::Close(number, close) => self.close(number, &close),
        }
    }

    /// Changes the rules by which clients are answered, or shows them.
    fn answer_by(&mut self, change: RulesChange) {
        match self.rule_texts.change(change) {
            Ok(RulesNews::Rules(rules, told)) => {
                self.rules.set(rules);
                self.note(told);
            }
            Ok(RulesNews::Lines(lines)) => {
                let mut lines = lines.into_iter();
                lines.next().iter().for_each(|first| self.note(first));
                self.lines(&lines.collect::<Vec<_>>());
            }
            Err(why) => self.fault(&why),
        }
    }

    fn list(&self) {
        let numbers: Vec<_> = self.hub.numbers().iter().map(|number| format!("[{number}]")).collect();
        let colon = if numbers.is_empty() { "" } else { ": " };
        self.note(&format!("{}{colon}{}", self.clients(), numbers.join(" ")));
        if let Some(desk) = &self.desk {
            self.lines(&desk.clients.list());
        }
    }

    /// What can't be sent to anybody isn't posted.
    fn post_item(&self, item: OwnedItem) {
        match item.as_item().check() {
            Ok(()) => {
                self.post(&Post::Item(Arc::new(item)));
            }
            Err(why) => self.fault(&why.to_string()),
        }
    }

    /// Returns whether there was anybody to have it.
    fn post(&self, post: &Post) -> bool {
        self.post_to(self.addressee, post)
    }

    fn post_to(&self, number: Option<u64>, post: &Post) -> bool {
        match number {
            Some(number) if !self.hub.post_to(number, post) => self.tell_missing(number),
            None if self.hub.post(post, None) == 0 => self.tell_nobody(),
            _ => return true,
        }
        false
    }

    fn close(&self, number: Option<u64>, close: &Close) {
        let by_operator = ModeEnd::ClosedBy("you", Some(close.clone()));
        match number {
            Some(number) if !self.hub.close(number, close.clone(), by_operator.clone()) => {
                self.fault(&missing_to_close(number, self.addressee));
            }
            None if self.hub.close_all(close, &by_operator) == 0 => self.tell_nobody(),
            _ => {}
        }
    }

    fn tell_nobody(&self) {
        self.fault("no clients: nobody to send it to");
    }

    fn tell_missing(&self, number: u64) {
        self.fault(&missing(number, self.addressee));
    }

    fn show_addressee(&self) {
        if let Some(desk) = &self.desk {
            desk.show_addressee(self.addressee);
        }
    }

    fn note(&self, text: &str) {
        match &self.desk {
            Some(desk) => desk.screen.note(text),
            None => self.log.notice(format_args!("{text}")),
        }
    }

    pub(super) fn fault(&self, text: &str) {
        match &self.desk {
            Some(desk) => desk.screen.fault(text),
            None => self.log.notice(format_args!("{text}")),
        }
    }

    fn lines(&self, lines: &[String]) {
        match &self.desk {
            Some(desk) => desk.lines(lines),
            None => lines.iter().for_each(|line| self.log.notice(format_args!("{line}"))),
        }
    }
}

impl Operates for Operator {
    fn perform(&mut self, operation: Operation) -> ReadOn {
        match operation {
            Operation::Send(outgoing) => self.send(outgoing),
            Operation::Clients(command) => self.command(command),
            Operation::RulesChange(change) => self.answer_by(change),
            Operation::ReadRules => {
                let read = self.files.read_again();
                read.unwrap_or_else(|why| self.fault(why));
            }
            Operation::Quit => return ReadOn::Stop,
            operation => match &self.desk {
                Some(desk) => {
                    if let Operation::Setting(Setting::Compress(on)) = &operation {
                        self.hub.set_compress(*on);
                    }
                    match operation {
                        Operation::Stats => desk.tell_stats(self.addressee, |number| self.hub.queued(number)),
                        operation => desk.perform(operation, self.addressee),
                    }
                }
                None => self.fault(NO_TERMINAL),
            },
        }
        ReadOn::Line
    }

    /// Ends what is being shown, or else a repetition.
    fn stop_what_is_under_way(&mut self) -> bool {
        self.desk.as_ref().is_some_and(|desk| desk.screen.stop_printing()) || self.stop_repeating()
    }

    fn tell_what_ends(&self) {
        self.note(&format!("Ctrl-C again stops the server, which closes {} with 1001", self.clients()));
    }

    fn deadline(&self) -> Option<Instant> {
        let repeating = self.repeating.as_ref()?;
        Some(repeating.deadline().unwrap_or_else(|| Instant::now() + LOOK))
    }

    /// Repeats what is due, once everyone whom it is for has taken what was sent before.
    fn go_on(&mut self, now: Instant) {
        let Some(mut repeating) = self.repeating.take() else { return };
        repeating.set_ready(self.hub.is_caught_up(self.addressee));
        repeating.begin_turn(now);
        while let Some(text) = repeating.next_due(now) {
            let is_posted = match text {
                Ok(text) => self.post(&Post::text(text)),
                Err(why) => return self.fault(&format!("/repeat: {why}; sent {}", repeating.times())),
            };
            if !is_posted {
                return self.note(&format!("sent {}", repeating.times()));
            }
        }
        if repeating.is_done() {
            self.note(&format!("sent {}", repeating.times()));
        } else {
            self.repeating = Some(repeating);
        }
    }
}
