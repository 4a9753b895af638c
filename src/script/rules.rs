//! The rules of a mock, and the file that they are written in.
//!
//! ```text
//! # Lines that begin with # are comments. The first rule that matches a message answers it.
//! open                            when a client connects
//!   reply welcome
//! match ^hello (\w+)              a text message, by regular expression
//!   reply Hello, $1!
//! json /type = "subscribe"        a message that is JSON, by JSON pointer (RFC 6901)
//!   delay 200ms
//!   reply {"type":"subscribed","channel":${/channel}}
//! match ^bye
//!   close 4000 so long
//! any                             every message
//!   nothing
//! ```

use std::fmt;

use super::action::{ACTIONS, Action, Instruction};
use super::condition::{CONDITIONS, Condition, Found, Subject};
use super::pointers::Pointers;
use super::word::{listed, names};
use crate::ws::Message;

/// Rules in order.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    /// All that its conditions and templates follow.
    pointers: Pointers,
}

#[derive(Debug)]
struct Rule {
    condition: Condition,
    instructions: Vec<Instruction>,
}

/// A line that is not part of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// From 1.
    line: usize,
    why: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl Rules {
    /// Reads the text of a rules file.
    ///
    /// # Errors
    /// The first line that is not part of a rule.
    pub(crate) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut rules: Vec<Rule> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = |why| SyntaxError { line: index + 1, why };
            match Line::parse(line).map_err(at)? {
                Line::Condition(condition) => rules.push(Rule { condition, instructions: Vec::new() }),
                Line::Instruction(instruction) => match rules.last_mut() {
                    Some(rule) => rule.instructions.push(instruction),
                    None => return Err(at("an action has to follow a condition".into())),
                },
            }
        }
        if rules.is_empty() {
            Err(SyntaxError { line: 1, why: "the file has no rules".into() })
        } else {
            let pointers = Pointers::of(rules.iter().flat_map(Rule::pointers));
            Ok(Self { rules, pointers })
        }
    }

    /// What a client gets for connecting.
    pub(crate) fn opening(&self) -> Vec<Action> {
        let rule = self.rules.iter().find(|rule| matches!(rule.condition, Condition::Open));
        rule.map(|rule| rule.actions(&Found::default())).unwrap_or_default()
    }

    /// What a message gets; nothing when no rule matches.
    pub(crate) fn answer(&self, message: Message<'_>) -> Vec<Action> {
        let subject = Subject::new(message, &self.pointers);
        let answered = self.rules.iter().find_map(|rule| Some(rule.actions(&rule.condition.find(&subject)?)));
        answered.unwrap_or_default()
    }
}

impl Rule {
    fn pointers(&self) -> impl Iterator<Item = &str> {
        self.condition.pointer().into_iter().chain(self.instructions.iter().flat_map(Instruction::pointers))
    }

    fn actions(&self, found: &Found<'_>) -> Vec<Action> {
        self.instructions.iter().filter_map(|instruction| instruction.action(found)).collect()
    }
}

/// A line that isn't a comment.
enum Line {
    Condition(Condition),
    Instruction(Instruction),
}

impl Line {
    fn parse(line: &str) -> Result<Self, String> {
        let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let argument = argument.trim();
        let condition = CONDITIONS.iter().find(|word| word.name == name);
        let action = ACTIONS.iter().find(|word| word.name == name);
        match (condition, action) {
            // `binary` alone is a condition, and with bytes an action.
            (Some(condition), Some(action)) if !condition.takes(argument) => {
                action.read(argument).map(Self::Instruction)
            }
            (Some(condition), _) => condition.read(argument).map(Self::Condition),
            (None, Some(action)) => action.read(argument).map(Self::Instruction),
            (None, None) => {
                let (conditions, actions) = (names(CONDITIONS), names(ACTIONS));
                Err(format!("{name:?} is neither a condition ({conditions}) nor an action ({actions})"))
            }
        }
    }
}

/// The grammar of a rules file, for help.
pub(crate) fn manual() -> String {
    format!(
        "\
  A rule is a condition on one line and its actions on the lines below. The first rule that matches
  a message answers it; a message that matches none gets no answer. Lines starting with # are
  comments.

{}
{}
  match ^hello (\\w+)
    reply Hello, $1!
  json /op = \"subscribe\"
    delay 200ms
    reply {{\"subscribed\": \"${{/channel}}\"}}
  match ^bye
    close 4000 so long
",
        listed(CONDITIONS),
        listed(ACTIONS)
    )
}

#[cfg(test)]
mod tests {
    use super::super::reply::{Part, Reply};
    use super::*;
    use crate::ws::{Close, Kind, StatusCode};

    const RULES: &str = r#"
        # a comment
        open
          reply welcome
        match ^hello (?<who>\w+)(!)?
          reply Hello, $1! And again: ${who}$2
        match ^bye
          delay 200ms
          close 4000 so long
        json /type = "subscribe"
          reply {"subscribed":${/channel},"cost":"$$5"}
        json /id
          binary 00 ff
          reply ${/id}
        match ^quiet
          nothing
        binary
          reply bytes
        any
          reply what?
    "#;

    fn whole(reply: &Reply, message: &[u8]) -> Vec<u8> {
        reply.parts().iter().flat_map(|part| part.fill(message).into_owned()).collect()
    }

    fn answer(text: &str) -> Vec<String> {
        let rules = Rules::parse(RULES).unwrap();
        let shown = |action| match action {
            Action::Send(reply) => match (reply.kind(), whole(&reply, text.as_bytes())) {
                (Kind::Text, bytes) => String::from_utf8(bytes).unwrap(),
                (Kind::Binary, bytes) => format!("{bytes:?}"),
            },
            other => format!("{other:?}"),
        };
        rules.answer(Message { kind: Kind::Text, content: text.as_bytes() }).into_iter().map(shown).collect()
    }

    #[test]
    fn the_first_rule_that_matches_answers() {
        assert_eq!(answer("hello Ada"), ["Hello, Ada! And again: Ada"]);
        assert_eq!(answer("hello Ada!"), ["Hello, Ada! And again: Ada!"]);
        let close = Action::Close(Close::new(StatusCode(4000), "so long"));
        assert_eq!(answer("bye bye"), ["Wait(200ms)".into(), format!("{close:?}")]);
        assert_eq!(answer(r#"{"type":"subscribe","channel":{"a":[1]}}"#), [r#"{"subscribed":{"a":[1]},"cost":"$5"}"#]);
        assert_eq!(answer(r#"{"type":"other","id":"x y"}"#), ["[0, 255]", "x y"]);
        assert_eq!(answer("quiet!"), Vec::<String>::new());
        assert_eq!(answer("else"), ["what?"]);
        let rules = Rules::parse(RULES).unwrap();
        let binary = rules.answer(Message { kind: Kind::Binary, content: b"hello Ada" });
        let text = |text: &[u8]| Action::Send(Reply::new(Kind::Text, vec![Part::Literal(text.into())]));
        assert_eq!(binary, [text(b"bytes")]);
        assert_eq!(rules.opening(), [text(b"welcome")]);
    }

    #[test]
    fn what_is_no_rule_is_told_with_its_line() {
        for (text, line, says) in [
            ("", 1, "no rules"),
            ("reply a", 1, "has to follow a condition"),
            ("any\n\n# c\nmatch (", 4, "unclosed group"),
            ("json a", 1, "does not begin with /"),
            ("json /a = b", 1, "is not JSON"),
            ("any\nclose 1005", 2, "status code"),
            ("any\nbinary 0", 2, "hexadecimal"),
            ("any\ndelay x", 2, "not a duration"),
            ("any\nsay hello", 2, "neither a condition"),
            ("any\nreply ${who", 2, "}"),
            ("any x", 1, "takes no argument"),
            ("match", 1, "needs an argument: REGEX"),
        ] {
            let error = Rules::parse(text).unwrap_err();
            assert!(error.line == line && error.why.contains(says), "{text:?}: {error}");
        }
    }
}
