//! With which Close a connection ends whose command has exited.

use rustix::process::WaitIdStatus;

use crate::values;
use crate::ws::{Close, StatusCode};

/// What closes a connection whose command has ended in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloseRule {
    /// None is every end but an exit with 0.
    status: Option<u8>,
    close: Close,
}

impl CloseRule {
    /// Reads `STATUS=CODE`, with a reason behind the code, and `*` for every status but 0.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (status, close) = text.split_once('=').ok_or("expected STATUS=CODE, such as 3=4003 or *=1011:failed")?;
        let status = match status {
            "*" => None,
            number => Some(number.parse().map_err(|_| format!("{number:?} is not an exit status: 0 to 255, or *"))?),
        };
        Ok(Self { status, close: values::close(close)? })
    }
}

/// The Close for a command that ended so, which `why` says in words: the first rule for its status, then one for all.
pub(super) fn close_for(rules: &[CloseRule], status: &WaitIdStatus, why: &str) -> Close {
    let exit = status.exit_status().and_then(|status| u8::try_from(status).ok());
    let own = rules.iter().find(|rule| rule.status.is_some() && rule.status == exit);
    let rule = own.or_else(|| rules.iter().find(|rule| rule.status.is_none() && exit != Some(0)));
    match rule {
        Some(rule) => rule.close.clone(),
        None if exit == Some(0) => Close::new(StatusCode::NORMAL, ""),
        None => Close::new(StatusCode::INTERNAL_ERROR, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_a_status_and_a_close() {
        let rule = |status, close| Ok(CloseRule { status, close });
        assert_eq!(CloseRule::parse("3=4003"), rule(Some(3), Close::new(StatusCode(4003), "")));
        assert_eq!(CloseRule::parse("0=4000:all done"), rule(Some(0), Close::new(StatusCode(4000), "all done")));
        assert_eq!(CloseRule::parse("*=1013 later"), rule(None, Close::new(StatusCode(1013), "later")));
        for text in ["3", "=4000", "256=4000", "-1=4000", "3=", "3=1006", "3=x", "a=4000"] {
            assert!(CloseRule::parse(text).is_err(), "{text}");
        }
    }
}
