//! What a line means: a message, a command of the table, or a line that was saved under a name; with its places filled in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::arguments::{self, RepeatForm, THE_TEXT};
use super::command::{Command, Operation, Outgoing};
use super::command_table::{self, PromptRole};
use super::line_values::{LineArguments, LineValues};
use super::repeat::{Refill, Repetition};
use super::saved_messages::SavedMessages;
use super::status::Status;
use crate::script::{LineTemplate, LineVariable};

/// Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Interpreter {
    pub(super) role: PromptRole,
    pub(super) saved: SavedMessages,
    pub(super) status: Status,
    values: LineValues,
    /// It has been said how places are filled in.
    is_told: Arc<AtomicBool>,
}

/// A line, understood.
pub(super) struct Interpreted {
    pub(super) command: Command,
    /// The line that it has become, where that isn't the one that was typed.
    pub(super) became: Option<String>,
    /// How to have its places filled in, where it is sent with them as they are; once.
    pub(super) advice: Option<String>,
}

impl Interpreter {
    pub(super) fn new(role: PromptRole, status: Status, saved: SavedMessages, values: LineValues) -> Self {
        Self { role, saved, status, values, is_told: Arc::default() }
    }

    /// # Errors
    /// What is wrong with it, for the person who typed it.
    pub(super) fn interpret(&self, line: &str) -> Result<Interpreted, String> {
        // A line that isn't to be kept begins with a blank, whatever it is.
        let line = Some(line.trim_start_matches(' ')).filter(|unkept| unkept.starts_with('/')).unwrap_or(line);
        let SplitLine { name, content } = SplitLine::of(line);
        if let Some(name) = name.filter(|name| command_table::named(self.role, name).is_none())
            && let Some(saved) = self.saved.get(&self.status.target(), name)
        {
            return self.expand(&saved, content).map_err(|why| format!("/{name}: {why}; /{name} is {saved}"));
        }
        let is_filled =
            name.is_none_or(|name| command_table::find(self.role, name).is_some_and(|entry| entry.is_filled()));
        if is_filled && self.status.settings(|settings| settings.template) {
            return self.fill_typed(name, content);
        }
        let command = command_table::parse(self.role, line)?;
        let advice = if is_filled { self.advice(content) } else { None };
        Ok(Interpreted { command, became: None, advice })
    }

    /// What is said of a message that looks as if it was to be filled in. A dollar sign alone is an amount.
    fn advice(&self, content: &str) -> Option<String> {
        if !content.contains("${") {
            return None;
        }
        let template = LineTemplate::parse(content).ok()?;
        let is_named =
            |variable: &&LineVariable| matches!(variable, LineVariable::Generated(_) | LineVariable::Last(_));
        let place = template.variables().find(is_named)?;
        let is_told = self.is_told.swap(true, Ordering::Relaxed);
        (!is_told).then(|| format!("{place} is sent as it is; /template on fills such places in"))
    }

    /// Whether a line that is typed may have places that are filled in.
    pub(super) fn has_places(&self, line: &str) -> bool {
        line.contains('$') && self.status.settings(|settings| settings.template)
    }

    /// A saved line with what was typed behind its name.
    fn expand(&self, saved: &str, typed: &str) -> Result<Interpreted, String> {
        let SplitLine { name, content } = SplitLine::of(saved);
        let template = LineTemplate::parse(content)?;
        let arguments = LineArguments::of(typed)?;
        arguments.check(&template)?;
        let quotes_peer = template.variables().any(|variable| matches!(variable, LineVariable::Last(_)));
        let is_sent = |name: &str| command_table::find(self.role, name).is_none_or(|entry| entry.is_filled());
        if let Some(name) = name.filter(|name| quotes_peer && !is_sent(name)) {
            return Err(format!("what has been received is filled in only where it is sent, not in /{name}"));
        }
        let filled = self.values.fill(&template, &arguments)?;
        match name {
            Some("repeat") => self.repetition(template, &filled, typed, true),
            name => self.filled(name, filled, true),
        }
    }

    /// A line that is typed, with what isn't typed.
    fn fill_typed(&self, name: Option<&str>, content: &str) -> Result<Interpreted, String> {
        self.is_told.store(true, Ordering::Relaxed);
        let template = LineTemplate::parse(content).map_err(|why| format!("{why}; {AS_IT_IS}"))?;
        let has_places = template.variables().next().is_some() || content.contains("$$");
        let filled = self.values.fill(&template, &LineArguments::of("")?);
        let filled = filled.map_err(|why| format!("{why}; $$ is a dollar sign, and {AS_IT_IS}"))?;
        match name {
            Some("repeat") => self.repetition(template, &filled, "", has_places),
            name => self.filled(name, filled, has_places),
        }
    }

    /// What is repeated is filled in for each time, and shown with its places. How often it is sent says the person alone, whose
    /// arguments are the same each time; the text behind that may say anything.
    fn repetition(
        &self,
        template: LineTemplate,
        filled: &str,
        typed: &str,
        is_new: bool,
    ) -> Result<Interpreted, String> {
        let is_argument =
            |variable: &LineVariable| matches!(variable, LineVariable::Argument(_) | LineVariable::Arguments);
        let shown = LineArguments::of(typed)?.fill(&template)?;
        let RepeatForm { times, every, text_at } = RepeatForm::of(&shown)?;
        let text_of = move |filled: &str| arguments::required(filled.get(text_at..).unwrap_or_default(), THE_TEXT);
        let text = text_of(filled)?;
        let (values, typed) = (self.values.clone(), typed.to_owned());
        let is_the_same = template.variables().all(is_argument);
        let anew =
            (!is_the_same).then(|| Refill::new(move || text_of(&values.fill(&template, &LineArguments::of(&typed)?)?)));
        let repetition = Repetition { times, every, text, anew };
        Ok(Interpreted {
            command: Command::Operation(Operation::Send(Outgoing::Repeat(repetition))),
            became: is_new.then(|| format!("/repeat {shown}")),
            advice: None,
        })
    }

    /// What a line says that was filled in. What it begins with was settled before: what a peer or an argument says makes no command
    /// of a message.
    fn filled(&self, name: Option<&str>, filled: String, is_new: bool) -> Result<Interpreted, String> {
        let (command, became) = match name {
            None => (Command::Operation(Operation::Send(Outgoing::Line(filled.clone()))), filled),
            Some(name) => {
                let line = format!("/{name}{}{filled}", if filled.is_empty() { "" } else { " " });
                (command_table::parse(self.role, &line)?, line)
            }
        };
        Ok(Interpreted { command, became: is_new.then_some(became), advice: None })
    }
}

/// The line that sends a text as it is, whoever has chosen it; with a template, nothing of it is filled in.
pub(super) fn line_of(text: &str, is_template: bool) -> String {
    let text = if is_template { text.replace('$', "$$") } else { text.to_owned() };
    match text.trim_start_matches(' ') {
        "" => format!("/text {text}"),
        command if !command.starts_with('/') => text,
        // Blanks in front of a command don't count.
        command if command.len() < text.len() => format!("/text {text}"),
        _ => format!("/{text}"),
    }
}

/// How to have nothing filled in.
const AS_IT_IS: &str = "/template off sends the line as it is";

/// A line, taken apart.
struct SplitLine<'a> {
    /// Of the command; `None` of a message.
    name: Option<&'a str>,
    /// What is behind that, or what the message says.
    content: &'a str,
}

impl<'a> SplitLine<'a> {
    fn of(line: &'a str) -> Self {
        match line.strip_prefix('/') {
            None => Self { name: None, content: line },
            Some(message) if message.starts_with('/') => Self { name: None, content: message },
            Some(rest) => {
                let (name, content) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                Self { name: Some(name), content }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::command_queue;
    use super::super::connections::Connections;
    use super::super::settings::{Setting, Settings};
    use super::super::transcript::Transcript;
    use super::*;
    use crate::trace::record::{Extent, Record};
    use crate::ws::{Direction, Kind, OwnedItem};

    fn interpreter() -> Interpreter {
        let transcript = Transcript::default();
        let status = Status::new(Settings::default());
        let connections = Connections::new(command_queue::pair().unwrap().0, transcript.clone(), status);
        let content = br#"{"id":7,"cmd":"/quit"}"#;
        let length = content.len() as u64;
        let message = Record::message(Direction::Received, Kind::Text, content[..].into(), length, Extent::default());
        transcript.add(message);
        let saved = SavedMessages::default();
        for (name, text) in [
            ("sub", r#"{"op":"subscribe","channel":"$1"}"#),
            ("again", "${last./cmd} $*"),
            ("cut", "/fragment 2 ${last./id}"),
            ("piped", "/pipe 1 echo ${last./id}"),
            ("view", "/format $1"),
            ("slash", "//$1"),
        ] {
            saved.define("", name, text).unwrap();
        }
        Interpreter::new(PromptRole::Client, Status::new(Settings::default()), saved, LineValues::new(connections))
    }

    fn line(interpreter: &Interpreter, typed: &str) -> Result<(String, Option<String>), String> {
        let Interpreted { command, became, .. } = interpreter.interpret(typed)?;
        match command {
            Command::Operation(Operation::Send(Outgoing::Line(text))) => Ok((text, became)),
            other => Ok((format!("{other:?}"), became)),
        }
    }

    #[test]
    fn a_saved_line_is_filled_in_and_can_not_become_a_command() {
        let interpreter = interpreter();
        let line = |typed| line(&interpreter, typed);
        let expected = r#"{"op":"subscribe","channel":"tra\"des"}"#;
        assert_eq!(line(r#"/sub "tra\"des""#).unwrap(), (expected.into(), Some(expected.into())));
        assert_eq!(line("/again now").unwrap().0, "/quit now");
        assert_eq!(line("/slash quit").unwrap().0, "/quit");
        assert_eq!(line("/cut").unwrap().1.as_deref(), Some("/fragment 2 7"));
        assert!(line("/view hex").unwrap().0.contains("Hex"));
        assert!(line("/piped").unwrap_err().contains("only where it is sent, not in /pipe"));
        assert!(line("/sub").unwrap_err().starts_with("/sub: column 30: $1 is missing"));
        assert_eq!(line("  //x").unwrap().0, "/x");
        assert_eq!(line("  x").unwrap().0, "  x");
        assert!(line(" /format hex").unwrap().0.contains("Hex"));
        assert_eq!(line("$1 ${uuid}").unwrap(), ("$1 ${uuid}".into(), None));
    }

    #[test]
    fn a_text_of_a_peer_is_sent_as_it_is_and_is_no_command() {
        let interpreter = interpreter();
        for template in [false, true] {
            interpreter.status.set(Setting::Template(template));
            for text in [
                "",
                " ",
                "a",
                "  a ",
                "/quit",
                " /quit",
                "//x",
                "/text x",
                "a\\",
                "$1 ${env.HOME} $$",
                "  /pipe 1 $x",
                "{\n",
                "\n/quit",
            ] {
                let Command::Operation(Operation::Send(sent)) =
                    interpreter.interpret(&line_of(text, template)).unwrap().command
                else {
                    panic!("{text:?} is a command")
                };
                let sent = match sent {
                    Outgoing::Line(line) => line.into_bytes(),
                    Outgoing::Item(OwnedItem::Message { kind: Kind::Text, content }) => content,
                    other => panic!("{text:?} became {other:?}"),
                };
                assert_eq!(sent, text.as_bytes(), "{text:?}");
            }
        }
    }

    #[test]
    fn templates_are_filled_in_where_they_are_wanted() {
        let interpreter = interpreter();
        interpreter.status.set(Setting::Template(true));
        let line = |typed| line(&interpreter, typed);
        assert_eq!(line("id ${last./id} $$1").unwrap(), ("id 7 $1".into(), Some("id 7 $1".into())));
        assert_eq!(line("plain $").unwrap(), ("plain $".into(), None));
        assert!(line("/json {\"id\": ${counter}}").unwrap().1.unwrap().contains("\"id\": 1"));
        assert_eq!(
            line("/repeat 2 {\"id\": ${counter}, \"re\": \"${last./id}\"}").unwrap().1.as_deref(),
            Some("/repeat 2 {\"id\": ${counter}, \"re\": \"${last./id}\"}")
        );
        // What a peer says is part of no argument.
        let repeated = interpreter.interpret("/repeat 2 every 5s ${last./cmd} now").unwrap().command;
        let Command::Operation(Operation::Send(Outgoing::Repeat(repetition))) = repeated else { panic!() };
        let Repetition { times, every, text, .. } = repetition;
        assert_eq!((times, every, text.as_str()), (2, Some(Duration::from_secs(5)), "/quit now"));
        assert!(line("/repeat ${last./id} x").unwrap_err().contains("is not a number of times"));
        assert!(line("/repeat 2 /quit").unwrap_err().contains("is a command"));
        // Each says once what helps, and what is no fault of the template has no such advice.
        let why = line("${x}").unwrap_err();
        assert!(why.matches("$$").count() == 1 && why.ends_with("; /template off sends the line as it is"), "{why}");
        let why = line("$1").unwrap_err();
        assert!(why.ends_with("given; $$ is a dollar sign, and /template off sends the line as it is"), "{why}");
        assert!(!line("/close 99999").unwrap_err().contains("/template"));
        // What a rule has places for is its own.
        assert!(line("/on match (a) => reply $1").unwrap().1.is_none());
    }
    #[test]
    fn who_has_places_sent_as_they_are_hears_once_how_they_are_filled_in() {
        let lines = ["/def t ${counter}", "$1.50 $*", "${x}", "/repeat 2 {\"id\":${counter}}", "${uuid}"];
        let advice = |interpreter: &Interpreter| lines.map(|typed| interpreter.interpret(typed).unwrap().advice);
        let told = "${counter} is sent as it is; /template on fills such places in";
        assert_eq!(advice(&interpreter()), [None, None, None, Some(told.to_owned()), None]);
        // Whoever has had some filled in knows.
        let knowing = interpreter();
        knowing.status.set(Setting::Template(true));
        knowing.interpret("${counter}").unwrap();
        knowing.status.set(Setting::Template(false));
        assert_eq!(advice(&knowing), [const { None }; 5]);
    }
}
