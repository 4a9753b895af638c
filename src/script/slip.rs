//! What was meant by a line that is no rule as it stands.

use super::action::ACTIONS;
use super::condition::CONDITIONS;
use super::word::{ARROW, find, names};

/// What may stand where an arrow belongs, in other languages.
const OTHER_ARROWS: [&str; 7] = ["->", "=>", "-->", "then", "do", ":", ","];

/// About a condition without any action, by its line.
pub(super) fn without_actions(line: &str) -> String {
    let why = format!("the rule does nothing: an action has to follow {ARROW}, or stand in the next line");
    match meant(line) {
        Some(rule) => format!("{why}; did you mean {rule:?}?"),
        None => format!("{why}, such as: {line} {ARROW} nothing"),
    }
}

/// The rule in a line that has an action in it, but no arrow before that.
pub(super) fn meant(line: &str) -> Option<String> {
    let (at, arrow) = OTHER_ARROWS.iter().flat_map(|arrow| line.match_indices(arrow)).find(|(at, arrow)| {
        let word = line[at + arrow.len()..].split_whitespace().next();
        word.is_some_and(|word| find(ACTIONS, word).is_some())
    })?;
    let (condition, action) = (line[..at].trim_end(), line[at + arrow.len()..].trim_start());
    condition.contains(char::is_whitespace).then_some(()).or_else(|| find(CONDITIONS, condition).map(drop))?;
    Some(format!("{condition} {ARROW} {action}"))
}

/// What other languages call our words.
const OTHER_WORDS: [(&[&str], &str); 8] = [
    (&["default", "else", "otherwise", "*", "message", "all"], "any"),
    (&["regex", "regexp", "matches", "contains", "equals", "when", "if"], "match"),
    (&["connect", "connected", "start"], "open"),
    (&["send", "respond", "answer", "say", "return"], "reply"),
    (&["wait", "sleep", "pause"], "delay"),
    (&["disconnect", "end", "exit", "quit"], "close"),
    (&["ignore", "drop", "skip", "pass"], "nothing"),
    (&["jump", "enter"], "goto"),
];

/// What a word of another language is here, also where only its letters are capitals.
pub(super) fn our_word(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let ours = OTHER_WORDS.iter().find(|(theirs, _)| theirs.contains(&lower.as_str())).map(|(_, ours)| *ours);
    let named = find(CONDITIONS, &lower).map(|word| word.name).or_else(|| find(ACTIONS, &lower).map(|word| word.name));
    ours.or(named)
}

/// About a line of several actions, or of none but what looks like one.
pub(super) fn begins_with_an_action(name: &str) -> String {
    format!(
        "{name} is an action, and a rule begins with a condition ({}); below its condition each action has a line of its own",
        names(CONDITIONS)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_languages_are_known() {
        for (word, ours) in [("send", Some("reply")), ("ANY", Some("any")), ("*", Some("any")), ("2nd", None)] {
            assert_eq!(our_word(word), ours, "{word}");
        }
        let is_ours = |ours| find(CONDITIONS, ours).is_some() || find(ACTIONS, ours).is_some();
        assert!(OTHER_WORDS.iter().all(|(_, ours)| is_ours(ours)));
    }

    #[test]
    fn the_rule_that_was_meant_is_found() {
        for (line, rule) in [
            ("match ^2$ -> reply 3", Some("match ^2$ => reply 3")),
            ("match ^ping: reply pong", Some("match ^ping => reply pong")),
            ("match x then reply y", Some("match x => reply y")),
            ("match a=>reply b", Some("match a => reply b")),
            ("any: echo", Some("any => echo")),
            ("match ^reply", None),
            ("match a: b", None),
            (": echo", None),
        ] {
            assert_eq!(meant(line).as_deref(), rule, "{line}");
        }
    }
}
