//! Flags whose value may be left out, and is a number: it may follow behind a blank too.
//!
//! clap would take whatever follows for the value, a URL as well, or else nothing that isn't joined by `=`.

use std::ffi::{OsStr, OsString};

/// The flags.
const FLAGS: [&str; 1] = ["--reconnect"];

/// The arguments with each number behind such a flag joined to it; `None` where there is none.
pub(super) fn joined(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let mut joined: Vec<OsString> = Vec::with_capacity(arguments.len());
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            joined.push(argument.clone());
            joined.extend(rest.by_ref().cloned());
            break;
        }
        let mut argument = argument.clone();
        if FLAGS.iter().any(|flag| argument == *flag)
            && let Some(number) = rest.next_if(|next| is_number(next))
        {
            argument.push("=");
            argument.push(number);
        }
        joined.push(argument);
    }
    (joined.len() < arguments.len()).then_some(joined)
}

fn is_number(argument: &OsStr) -> bool {
    !argument.is_empty() && argument.as_encoded_bytes().iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(arguments: &str) -> Option<String> {
        let arguments: Vec<OsString> = arguments.split(' ').map(OsString::from).collect();
        joined(&arguments).map(|joined| joined.join(OsStr::new(" ")).into_string().unwrap())
    }

    #[test]
    fn only_a_number_behind_such_a_flag_belongs_to_it() {
        assert_eq!(told("connect --reconnect 3 ws://a").as_deref(), Some("connect --reconnect=3 ws://a"));
        assert_eq!(told("connect --reconnect ws://a"), None);
        assert_eq!(told("connect --reconnect=3 4"), None);
        assert_eq!(told("connect --count 3"), None);
        assert_eq!(told("connect --reconnect -1 a"), None);
        assert_eq!(told("connect -- --reconnect 3"), None);
        assert_eq!(told("connect --reconnect"), None);
    }
}
