//! Rules, and what they make of messages.

use serde::de::IgnoredAny;

use crate::script::{Action, Captured, Rules, Session, fill, regex};
use crate::ws::{Kind, Message};

fn message(is_text: bool, content: &[u8]) -> Message<'_> {
    let kind = if is_text && str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary };
    Message { kind, content }
}

/// A rules file and the messages of a connection: faults have a line, and an answer costs no more than the rules and the
/// message together allow.
pub fn rules(text: &str, messages: &[(bool, &[u8])]) {
    let rules = match Rules::parse(text) {
        Ok(rules) => rules,
        Err(error) => return assert!(error.to_string().starts_with("line ")),
    };
    let mut session = Session::default();
    rules.opening(&mut session);
    for (is_text, content) in messages {
        let Some(answer) = rules.answer(message(*is_text, content), &mut session) else { continue };
        for action in answer.actions {
            let Action::Send(reply) = action else { continue };
            assert!(reply.size() <= text.len() * 100 + 8 * 4096 * text.len());
            if reply.most() > 1 << 20 {
                continue;
            }
            let whole = reply.whole(content);
            // What isn't UTF-8 is replaced by a mark of three bytes.
            assert!(whole.len() <= 3 * reply.most());
            assert!(reply.kind() == Kind::Binary || str::from_utf8(&whole).is_ok());
        }
    }
}

/// Templates that are JSON.
const TEMPLATES: [&str; 6] = [
    r#"{"v":"<${/a}>","w":${/a},"x":[${/a},"${/a/0}"]}"#,
    r#"[${/a/b},"\"${/a/b}\\",${/},"${/}"]"#,
    r#"{"v":"$0","w":$0}"#,
    r#"["$1",$1,"$2",$2,"${n}",${n}]"#,
    r#"{"\\$1":"\\\"$1","${n}":1}"#,
    r#""$0$0""#,
];

/// What is filled into JSON leaves it JSON, whatever the message is.
pub fn filled(template: u8, is_text: bool, content: &[u8]) {
    let template = TEMPLATES[usize::from(template) % TEMPLATES.len()];
    let Ok(condition) = regex(r"(?s-u)^(.)(?<n>.*?)(\x22|\\)?") else { return };
    let captured = Captured::new(&condition, message(is_text, content));
    check(template, fill(template, Some(&captured)).as_deref());
    let Ok(rules) = Rules::parse(&format!("match (?s)^(.)(?<n>.*?)(\\x22|\\\\)?$ => reply {template}")) else {
        let Ok(rules) = Rules::parse(&format!("json => reply {template}")) else { return };
        return answered(&rules, template, message(is_text, content));
    };
    answered(&rules, template, message(is_text, content));
}

fn answered(rules: &Rules, template: &str, message: Message<'_>) {
    let answer = rules.answer(message, &mut Session::default());
    for action in answer.map(|answer| answer.actions).unwrap_or_default() {
        if let Action::Send(reply) = action {
            check(template, Ok(&reply.whole(message.content)));
        }
    }
}

fn check(template: &str, filled: Result<&[u8], &String>) {
    match filled {
        Ok(json) => {
            let error = serde_json::from_slice::<IgnoredAny>(json).err().map(|error| error.to_string());
            // A value may be as deep as the reader takes, and here it is one deeper.
            let is_deep = error.as_deref().is_some_and(|error| error.starts_with("recursion limit"));
            assert!(error.is_none() || is_deep, "{template}: {error:?} in {}", String::from_utf8_lossy(json));
        }
        Err(why) => assert!(why.starts_with("column ")),
    }
}
