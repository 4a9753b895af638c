//! Flags whose value may be left out: it may follow behind a blank too, if it can be nothing else.
//!
//! clap would take whatever follows for the value, a URL as well, or else nothing that isn't joined by `=`.

use std::ffi::OsString;

use crate::view::frames::FrameDetail;

/// Whether an argument looks like the value of a flag.
type IsValue = fn(&str) -> bool;

/// The flags, and what the value of each looks like.
const FLAGS: [(&str, IsValue); 3] =
    [("--reconnect", is_number), ("--timestamps", is_time_format), ("--frames", is_detail)];

/// The arguments with each value behind such a flag joined to it; `None` where there is none. Numbers may be left alone.
pub(super) fn joined(arguments: &[OsString], with_numbers: bool) -> Option<Vec<OsString>> {
    let mut joined: Vec<OsString> = Vec::with_capacity(arguments.len());
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            joined.push(argument.clone());
            joined.extend(rest.by_ref().cloned());
            break;
        }
        let mut argument = argument.clone();
        if let Some((_, is_value)) = FLAGS.iter().find(|(flag, _)| argument == *flag)
            && let Some(value) = rest
                .next_if(|next| next.to_str().is_some_and(|next| is_value(next) && (with_numbers || !is_number(next))))
        {
            argument.push("=");
            argument.push(value);
        }
        joined.push(argument);
    }
    (joined.len() < arguments.len()).then_some(joined)
}

/// Whether a flag is one of those.
pub(super) fn has_one(argument: &str) -> bool {
    FLAGS.iter().any(|(flag, _)| argument == *flag)
}

fn is_number(argument: &str) -> bool {
    !argument.is_empty() && argument.bytes().all(|byte| byte.is_ascii_digit())
}

/// No URL has a percent sign before its path, but for that of an IPv6 zone.
fn is_time_format(argument: &str) -> bool {
    argument.starts_with('%') || ["utc", "local", "delta"].contains(&argument)
}

fn is_detail(argument: &str) -> bool {
    FrameDetail::NAMES.iter().any(|(name, _)| *name == argument)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn told(arguments: &str) -> Option<String> {
        told_of(arguments, true)
    }

    fn told_of(arguments: &str, with_numbers: bool) -> Option<String> {
        let arguments: Vec<OsString> = arguments.split(' ').map(OsString::from).collect();
        joined(&arguments, with_numbers).map(|joined| joined.join(OsStr::new(" ")).into_string().unwrap())
    }

    #[test]
    fn only_what_can_be_nothing_else_behind_such_a_flag_belongs_to_it() {
        assert_eq!(told("connect --reconnect 3 ws://a").as_deref(), Some("connect --reconnect=3 ws://a"));
        assert_eq!(
            told("--timestamps %H:%M --frames payload a").as_deref(),
            Some("--timestamps=%H:%M --frames=payload a")
        );
        assert_eq!(told("--timestamps local").as_deref(), Some("--timestamps=local"));
        assert_eq!(told("--timestamps localhost --frames a"), None);
        assert_eq!(told("connect --reconnect ws://a"), None);
        assert_eq!(told_of("--reconnect 3 --frames payload", false).as_deref(), Some("--reconnect 3 --frames=payload"));
        assert_eq!(told("connect --reconnect=3 4"), None);
        assert_eq!(told("connect --count 3"), None);
        assert_eq!(told("connect --reconnect -1 a"), None);
        assert_eq!(told("connect -- --reconnect 3"), None);
        assert_eq!(told("connect --reconnect"), None);
    }
}
