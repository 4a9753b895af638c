//! A person who sees every client and answers one or all of them.

use std::io;
use std::sync::{Arc, Once};
use std::thread;

use super::entry::{ModeEntry, When};
use super::subscriber::{IgnoreMessages, Subscriber};
use super::{Behaviour, Client, Mode, ModeEnd};
use crate::error::system_words;
use crate::server::hub::Hub;
use crate::server::inbox::{Flow, Posted};
use crate::server::log::ServerLog;
use crate::stdio::input::StdinLines;
use crate::values;
use crate::view::amount::Count;
use crate::ws::Close;

const HELP: &str =
    "TEXT is sent to all clients; //TEXT sends /TEXT; /to N TEXT, /list, /close N|all [CODE [REASON]], /help";

const BY_OPERATOR: ModeEnd = ModeEnd::ClosedBy("the operator");

pub(super) const ENTRY: ModeEntry = ModeEntry {
    name: "prompt",
    argument: None,
    help: "Show every client's messages and answer one or all with lines of stdin; /help lists the commands",
    stdin: When::Always,
    protected: When::Always,
    open: |_, setup| {
        let operator = Arc::new(Operator::new(setup.options.flow, Arc::clone(setup.log)));
        operator.start_reading();
        Ok(operator)
    },
};

/// The person's side.
#[derive(Debug)]
struct Operator {
    hub: Arc<Hub>,
    log: Arc<ServerLog>,
    begun: Once,
}

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
enum OperatorCommand<'a> {
    ToAll(&'a str),
    To(u64, &'a str),
    /// `None` closes all.
    Close(Option<u64>, Close),
    List,
    Help,
    /// And why it is not a command.
    Wrong(String),
}

impl Mode for Operator {
    fn begin(self: Arc<Self>, client: &Client<'_>) -> io::Result<Box<dyn Behaviour>> {
        Ok(Box::new(Subscriber::new(self.hub.join(client.number)?, IgnoreMessages)))
    }

    fn shows_messages(&self) -> bool {
        true
    }
}

impl Operator {
    fn new(flow: Flow, log: Arc<ServerLog>) -> Self {
        let hub = Arc::new(Hub::new(flow, Arc::clone(&log)));
        Self { hub, log, begun: Once::new() }
    }

    /// Begins to read what is typed.
    fn start_reading(self: &Arc<Self>) {
        self.begun.call_once(|| {
            self.log.notice(format_args!("{HELP}"));
            let operator = Arc::clone(self);
            if thread::Builder::new().name("prompt".into()).spawn(move || operator.read_stdin()).is_err() {
                self.log.notice(format_args!("can't start a thread to read stdin"));
            }
        });
    }

    fn read_stdin(&self) {
        let told = StdinLines::open().and_then(|mut lines| {
            while let Some(line) = lines.next()? {
                match values::text(line, "this line") {
                    Ok(line) => self.act(parse(line)),
                    Err(why) => self.log.notice(format_args!("{why}")),
                }
            }
            Ok(())
        });
        if let Err(error) = told {
            self.log.notice(format_args!("reading stdin failed: {}", system_words(&error)));
        }
    }

    fn act(&self, typed: OperatorCommand<'_>) {
        let nobody = |number| self.log.notice(format_args!("no client [{number}]; /list shows the clients"));
        match typed {
            OperatorCommand::ToAll(text) => self.hub.post(&Posted::text(text), None),
            OperatorCommand::To(number, text) if self.hub.post_to(number, &Posted::text(text)) => {}
            OperatorCommand::Close(None, close) => self.hub.close_all(&close, &BY_OPERATOR),
            OperatorCommand::Close(Some(number), close) if self.hub.close(number, close.clone(), BY_OPERATOR) => {}
            OperatorCommand::To(number, _) | OperatorCommand::Close(Some(number), _) => nobody(number),
            OperatorCommand::List => {
                let numbers: Vec<_> = self.hub.numbers().iter().map(|number| format!("[{number}]")).collect();
                let count = Count(numbers.len() as u64, "client");
                let colon = if numbers.is_empty() { "" } else { ": " };
                self.log.notice(format_args!("{count}{colon}{}", numbers.join(" ")));
            }
            OperatorCommand::Help => self.log.notice(format_args!("{HELP}")),
            OperatorCommand::Wrong(why) => self.log.notice(format_args!("{why}; /help")),
        }
    }
}

fn parse(line: &str) -> OperatorCommand<'_> {
    let Some(command) = line.strip_prefix('/') else { return OperatorCommand::ToAll(line) };
    if command.starts_with('/') {
        return OperatorCommand::ToAll(command);
    }
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    let (first, text) = rest.split_once(' ').unwrap_or((rest, ""));
    match (name, first.parse()) {
        ("list", _) => OperatorCommand::List,
        ("help", _) => OperatorCommand::Help,
        ("to", Ok(number)) => OperatorCommand::To(number, text),
        ("to", Err(_)) => OperatorCommand::Wrong("/to needs a number and a text".into()),
        ("close", number) if number.is_ok() || first == "all" => match values::close_or_normal(text) {
            Ok(close) => OperatorCommand::Close(number.ok(), close),
            Err(why) => OperatorCommand::Wrong(why),
        },
        ("close", _) => OperatorCommand::Wrong("/close needs a number, or all".into()),
        _ => OperatorCommand::Wrong(format!("/{name} is not a command")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::StatusCode;

    #[test]
    fn what_is_typed() {
        assert_eq!(parse("hello /all"), OperatorCommand::ToAll("hello /all"));
        assert_eq!(parse("//slash"), OperatorCommand::ToAll("/slash"));
        assert_eq!(parse("/to 12 hi there"), OperatorCommand::To(12, "hi there"));
        assert_eq!(parse("/list"), OperatorCommand::List);
        assert_eq!(parse("/close 3"), OperatorCommand::Close(Some(3), Close::new(StatusCode(1000), "")));
        assert_eq!(
            parse("/close all 4000 so long"),
            OperatorCommand::Close(None, Close::new(StatusCode(4000), "so long"))
        );
        assert_eq!(parse("/close 3 4000:bye"), OperatorCommand::Close(Some(3), Close::new(StatusCode(4000), "bye")));
        for (line, says) in [
            ("/to", "/to needs a number and a text"),
            ("/to you hi", "/to needs a number and a text"),
            ("/close", "/close needs a number, or all"),
            ("/close 1 1006", "the status code 1006 (abnormal closure) may not be sent (RFC 6455 §7.4)"),
            ("/close 1 x", "\"x\" is not a status code"),
            ("/what", "/what is not a command"),
        ] {
            assert_eq!(parse(line), OperatorCommand::Wrong(says.into()));
        }
        let too_long = format!("/close all 4000 {}", "x".repeat(124));
        assert!(matches!(parse(&too_long), OperatorCommand::Wrong(why) if why.contains("at most 123")));
    }
}
