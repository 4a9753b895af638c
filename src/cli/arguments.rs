//! The words of the command line, with the subcommand that they leave out.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Command, Error};

use super::config_flags::TARGET;
use crate::values::{self, split_port};

/// The schemes of a URL to connect to; http and https are ws and wss.
const SCHEMES: [&str; 6] = ["ws://", "wss://", "http://", "https://", "ws+unix:", "wss+unix:"];

/// `wscli URL` is `wscli connect URL`, also with flags before the URL, and `wscli @NAME` is. `words` begin with the program's name.
///
/// # Errors
/// A port alone, which could be connected to or listened on.
pub(super) fn with_subcommand(mut words: Vec<OsString>, command: &mut Command) -> Result<Vec<OsString>, Error> {
    let Some(first) = words.get(1).and_then(|word| word.to_str()) else { return Ok(words) };
    if command.find_subcommand(first).is_some() {
        return Ok(words);
    }
    if first.strip_prefix(':').unwrap_or(first).parse::<u16>().is_ok() {
        return Err(command.error(ErrorKind::InvalidSubcommand, either(first)));
    }
    let is_url =
        |word: &OsString| word.to_str().is_some_and(|word| SCHEMES.iter().any(|scheme| word.starts_with(scheme)));
    if is_place(first) || first.starts_with(TARGET) || words.iter().skip(1).any(is_url) {
        words.insert(1, "connect".into());
    }
    Ok(words)
}

fn either(port: &str) -> String {
    format!("{port:?} is a port to connect to, or to listen on: wscli connect {port}, or wscli serve {port}")
}

/// HOST:PORT, with a path or without.
fn is_place(word: &str) -> bool {
    let authority = word.split('/').next().unwrap_or(word);
    let (host, port) = split_port(authority);
    !host.is_empty() && !host.starts_with('-') && port.is_some_and(|digits| values::port(digits).is_some())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::CommandLine;
    use super::*;

    fn completed(words: &[&str]) -> Result<String, String> {
        let words = std::iter::once(&"wscli").chain(words).map(OsString::from).collect();
        with_subcommand(words, &mut CommandLine::command())
            .map(|words| words[1..].join(&OsString::from(" ")).into_string().unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_url_is_connected_to() {
        for words in [
            &["ws://localhost/"][..],
            &["localhost:8080"],
            &["[::1]:80/a?b=c:d"],
            &["-k", "-d", "a", "wss://example.com"],
            &["ws+unix:/run/a.sock:/"],
            &["@prod", "-v"],
        ] {
            assert_eq!(completed(words), Ok(format!("connect {}", words.join(" "))));
        }
        for words in [&["connect", "ws://a/"][..], &["serve", ":80"], &["--version"], &["what"], &["--frames"], &[]] {
            assert_eq!(completed(words), Ok(words.join(" ")));
        }
    }

    #[test]
    fn a_port_could_be_either() {
        for port in [":8080", "8080"] {
            let error = completed(&[port]).unwrap_err();
            assert!(error.contains(&format!("wscli connect {port}, or wscli serve {port}")), "{error}");
        }
    }
}
