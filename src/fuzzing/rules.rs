//! Rules, and what they make of messages.

use std::sync::LazyLock;
use std::time::Instant;

use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::handlers::generated::ConnectionValues;
use crate::script::{Action, Captured, Condition, Dice, Rules, RulesProgress, fill, regex};
use crate::ws::{Kind, Message};

fn message(is_text: bool, content: &[u8]) -> Message<'_> {
    let kind = if is_text && str::from_utf8(content).is_ok() { Kind::Text } else { Kind::Binary };
    Message { kind, content }
}

fn just_opened() -> RulesProgress {
    let dice = Dice::new(1, 1, 1);
    let values = Box::new(ConnectionValues::beside(&dice));
    RulesProgress::new(Instant::now(), dice, values)
}

/// A rules file and the messages of a connection: faults have a line, and an answer costs no more than the rules and the
/// message together allow.
pub fn rules(text: &str, messages: &[(bool, &[u8])]) {
    let rules = match Rules::parse(text) {
        Ok(rules) => rules,
        Err(error) => return assert!(error.to_string().starts_with("line ")),
    };
    let mut progress = just_opened();
    rules.opening(&mut progress);
    for (is_text, content) in messages {
        let Some(answer) = rules.answer(message(*is_text, content), Instant::now(), &mut progress) else { continue };
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

/// Templates that are JSON, and what is JSON of the same shape: there null stands for any value, any text for text, and a key
/// that begins with a dollar sign for any key.
const TEMPLATES: [(&str, &str); 6] = [
    (r#"{"v":"<${/a}>","w":${/a},"x":[${/a},"${/a/0}"]}"#, r#"{"v":"","w":null,"x":[null,""]}"#),
    (r#"[${/a/b},"\"${/a/b}\\",${/},"${/}"]"#, r#"[null,"",null,""]"#),
    (r#"{"v":"$0","w":$0}"#, r#"{"v":"","w":null}"#),
    (r#"["$1",$1,"$2",$2,"${n}",${n}]"#, r#"["",null,"",null,"",null]"#),
    (r#"{"\\$1":"\\\"$1","${n}":1}"#, r#"{"$1":"","$n":1}"#),
    (r#""$0$0""#, r#""""#),
];

/// What is in [`TEMPLATES`] with a condition to match by, and as rules: to compile them takes longer than to try a message.
static COMPILED: LazyLock<(Condition, Vec<Rules>)> = LazyLock::new(|| {
    let Ok(condition) = regex(r"(?s-u)^(.)(?<n>.*?)(\x22|\\)?") else { unreachable!("it is a regex") };
    let rules = TEMPLATES.map(|(template, _)| {
        match Rules::parse(&format!("match (?s)^(.)(?<n>.*?)(\\x22|\\\\)?$ => reply {template}")) {
            Ok(rules) => rules,
            Err(why) => unreachable!("{why}"),
        }
    });
    (condition, rules.into())
});

/// What is filled into JSON leaves it JSON of the same shape, whatever the message is.
pub fn filled(template: u8, is_text: bool, content: &[u8]) {
    let number = usize::from(template) % TEMPLATES.len();
    let text = String::from_utf8_lossy(content);
    let around = [json!({"a": &text}), json!({"a": [&text]}), json!({"a": {"b": &text}, "": &text})]
        .map(|json| json.to_string());
    filled_from(number, message(is_text, content));
    around.iter().for_each(|json| filled_from(number, message(true, json.as_bytes())));
}

/// Both where a message is filled in by hand, and by a rule.
fn filled_from(number: usize, message: Message<'_>) {
    let (condition, rules) = &*COMPILED;
    let (template, shape) = TEMPLATES[number];
    let captured = Captured::new(condition, message);
    let mut values = ConnectionValues::beside(&Dice::new(1, 1, 1));
    check((template, shape), fill(template, Some(&captured), &mut values).as_deref());
    let answer = rules[number].answer(message, Instant::now(), &mut just_opened());
    for action in answer.map(|answer| answer.actions).unwrap_or_default() {
        if let Action::Send(reply) = action {
            check((template, shape), Ok(&reply.whole(message.content)));
        }
    }
}

fn check((template, shape): (&str, &str), filled: Result<&[u8], &String>) {
    let json = match filled {
        Ok(json) => json,
        Err(why) => return assert!(why.starts_with("column ")),
    };
    let Ok(text) = str::from_utf8(json) else { unreachable!("{template}: {json:?} is not text") };
    // A value may be as deep as the reader takes, and here it is one deeper.
    let is_deep = |error: &serde_json::Error| error.to_string().starts_with("recursion limit");
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return assert!(is_deep(&error), "{template}: {error} in {text}");
    }
    match (serde_json::from_str(text), serde_json::from_str(shape)) {
        (Ok(value), Ok(shape)) => assert!(has_shape(&value, &shape), "{template}: {text}"),
        // A number may be larger than there is room for.
        (Err(error), _) => {
            assert!(error.to_string().starts_with("number out of range"), "{template}: {error} in {text}")
        }
        (_, Err(error)) => unreachable!("{error}"),
    }
}

fn has_shape(value: &Value, shape: &Value) -> bool {
    match (value, shape) {
        (_, Value::Null) | (Value::String(_), Value::String(_)) => true,
        (Value::Array(values), Value::Array(shapes)) => {
            values.len() == shapes.len() && values.iter().zip(shapes).all(|(value, shape)| has_shape(value, shape))
        }
        (Value::Object(members), Value::Object(shapes)) if shapes.keys().any(|key| key.starts_with('$')) => {
            let is_one = |value: &Value| shapes.values().any(|shape| has_shape(value, shape));
            members.len() <= shapes.len() && members.values().all(is_one)
        }
        (Value::Object(members), Value::Object(shapes)) => {
            let is_like =
                |(key, shape): (&String, &Value)| members.get(key).is_some_and(|value| has_shape(value, shape));
            members.len() == shapes.len() && shapes.iter().all(is_like)
        }
        (value, shape) => value == shape,
    }
}
