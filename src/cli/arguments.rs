//! The words of the command line, with the subcommand that they leave out.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Command, Error};

use super::config_flags::TARGET;
use super::foreign_flags;
use crate::values::{self, split_port};

/// The schemes of a URL to connect to; http and https are ws and wss. What is wrong behind them is told where the URL is read.
const SCHEMES: [&str; 6] = ["ws:", "wss:", "http:", "https:", "ws+unix:", "wss+unix:"];

/// `wscli URL` is `wscli connect URL`, also with flags before the URL, and `wscli @NAME` is. `words` begin with the program's name.
///
/// # Errors
/// A port alone, which could be connected to or listened on; `-s` as curl has it.
pub(super) fn with_subcommand(mut words: Vec<OsString>, command: &mut Command) -> Result<Vec<OsString>, Error> {
    let mut flags = words.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str());
    if let Some(flag) = flags.find(|flag| foreign_flags::is_silent_of_curl(flag)) {
        return Err(command.error(ErrorKind::InvalidValue, foreign_flags::silent_of_curl(flag)));
    }
    let Some(first) = words.get(1).and_then(|word| word.to_str()) else { return Ok(words) };
    if command.find_subcommand(first).is_some() {
        return Ok(words);
    }
    if first.strip_prefix(':').unwrap_or(first).parse::<u16>().is_ok() {
        return Err(command.error(ErrorKind::InvalidSubcommand, either(first)));
    }
    // A scheme has no case (RFC 3986 §3.1).
    let begins_with =
        |word: &str, scheme: &str| word.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme));
    let is_url = |word: &str| SCHEMES.iter().any(|scheme| begins_with(word, scheme));
    let given = || words[1..].iter().filter_map(|word| word.to_str());
    // A flag's value may look like a place, so none is looked for where a subcommand may have been meant.
    let has_place = || {
        given().any(|word| is_place(word) || word.starts_with(TARGET))
            && !given().any(|word| command.find_subcommand(word).is_some())
    };
    // What stands before a URL and is no flag was meant for a subcommand.
    let is_behind_flags = || first.starts_with('-') && (given().any(is_url) || has_place());
    if is_url(first) || is_place(first) || first.starts_with(TARGET) || is_behind_flags() {
        words.insert(1, "connect".into());
    }
    Ok(words)
}

fn either(port: &str) -> String {
    format!("{port:?} is a port to connect to, or to listen on: wscli connect {port}, or wscli serve {port}")
}

/// HOST:PORT, with a path or without; or a host alone that no word of a command line looks like.
fn is_place(word: &str) -> bool {
    let authority = word.split(['/', '?']).next().unwrap_or(word);
    let (host, port) = split_port(authority);
    let is_host = host.eq_ignore_ascii_case("localhost") || host.trim_matches('.').contains('.');
    let is_whole = port.map_or(is_host, |digits| values::port(digits).is_some());
    !host.is_empty() && !host.starts_with('-') && is_whole
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
            &["localhost"],
            &["example.com/feed?a=b", "-k"],
            &["127.0.0.1"],
            &["WSS://example.com"],
            &["wss:example.com"],
            &["-k", "localhost:8080"],
            &["-s", "mqtt", "-H", "A: b", "example.com/feed"],
            &["-v", "@prod"],
        ] {
            assert_eq!(completed(words), Ok(format!("connect {}", words.join(" "))));
        }
        for words in [
            &["connect", "ws://a/"][..],
            &["serve", ":80"],
            &["--version"],
            &["what"],
            &["--frames"],
            &[],
            &["conect", "ws://a/"],
            &["..."],
            &["--config", "a.toml", "serve", "8080"],
            &["-k", "test"],
        ] {
            assert_eq!(completed(words), Ok(words.join(" ")));
        }
    }

    #[test]
    fn curl_s_silent_is_no_subprotocol() {
        for words in [&["ws://a/", "-sSL"][..], &["connect", "-sk", "ws://a/"], &["inspect", "-sS", "ws://a/"]] {
            let error = completed(words).unwrap_err();
            assert!(error.contains("requests a subprotocol here, not silence"), "{error}");
        }
        for words in [&["connect", "-s", "SL", "ws://a/"][..], &["connect", "-smqtt", "a"], &["connect", "--", "-sSL"]]
        {
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
