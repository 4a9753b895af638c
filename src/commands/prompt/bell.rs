//! `/bell`: which messages call for somebody who looks elsewhere, and how.

use std::fmt;

use crate::script::{self, Condition};
use crate::ws::Message;

/// Who rings.
#[derive(Debug, Clone)]
pub(crate) struct Bell {
    /// `None` of any message that is shown.
    condition: Option<Condition>,
    /// By a notification of the terminal's (OSC 9) instead of its bell.
    notifies: bool,
}

const NOTIFY: &str = "notify";

impl Bell {
    /// `on`, `notify` or `[notify] REGEX`.
    ///
    /// # Errors
    /// What isn't a regular expression.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let notified =
            text.strip_prefix(NOTIFY).filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        let rest = notified.unwrap_or(text).trim();
        let condition = match rest {
            "" if notified.is_none() => return Err("on, off or a regular expression is missing".to_owned()),
            "" | "on" => None,
            regex => Some(script::regex(regex).map_err(|why| format!("{regex:?} is not a regular expression: {why}"))?),
        };
        Ok(Self { condition, notifies: notified.is_some() })
    }

    /// Whether a message that was received rings.
    pub(super) fn rings(&self, message: Message<'_>, is_shown: bool) -> bool {
        self.condition.as_ref().map_or(is_shown, |condition| condition.is_met_by(message))
    }

    /// Whether it depends on what a message says whether that rings.
    pub(super) fn looks_at_content(&self) -> bool {
        self.condition.is_some()
    }

    pub(super) fn notifies(&self) -> bool {
        self.notifies
    }
}

impl fmt::Display for Bell {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.condition, self.notifies) {
            (None, false) => f.write_str("on"),
            (None, true) => f.write_str(NOTIFY),
            (Some(condition), false) => write!(f, "{condition}"),
            (Some(condition), true) => write!(f, "{NOTIFY} {condition}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::Kind;

    #[test]
    fn a_bell_is_told_as_it_is_typed() {
        for text in ["on", "notify", "error|fatal", "notify error", "notifying"] {
            assert_eq!(Bell::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Bell::parse("notify on").unwrap().to_string(), "notify");
        assert!(Bell::parse("").is_err() && Bell::parse("(").is_err());
    }

    #[test]
    fn an_expression_rings_for_what_is_hidden_too() {
        let message = Message { kind: Kind::Text, content: b"an error" };
        let rings = |text: &str, is_shown| Bell::parse(text).unwrap().rings(message, is_shown);
        assert!(rings("on", true) && !rings("on", false) && rings("error", false) && !rings("fatal", true));
    }
}
