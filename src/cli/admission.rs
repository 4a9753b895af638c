//! The flags that say which requests are accepted, and what plain HTTP is answered with.

use std::path::PathBuf;

use clap::{Args, ValueHint};

const ADMISSION: &str = "Requests";

#[derive(Debug, Args)]
pub(super) struct AdmissionArgs {
    /// Answer plain HTTP with the files of a folder; its index.html takes the place of the page at /
    #[arg(long = "static", value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = ADMISSION)]
    pub(super) files: Option<PathBuf>,

    /// Speak a subprotocol; repeatable, and of several the client's order decides
    #[arg(long = "subprotocol", value_name = "NAME", value_parser = token, help_heading = ADMISSION)]
    pub(super) subprotocols: Vec<String>,

    /// Refuse clients that speak none of the subprotocols
    #[arg(long, requires = "subprotocols", help_heading = ADMISSION)]
    pub(super) require_subprotocol: bool,

    /// Let in browsers from this origin, such as https://example.com, null or *; repeatable. Without it every origin
    /// may, with a warning in the log
    #[arg(long = "allow-origin", value_name = "ORIGIN", help_heading = ADMISSION)]
    pub(super) origins: Vec<String>,

    /// Ask for a user and a password (HTTP Basic)
    #[arg(long, value_name = "USER:PASSWORD", value_parser = credentials, help_heading = ADMISSION)]
    pub(super) auth: Option<String>,

    /// Ask for a token (Authorization: Bearer)
    #[arg(long, value_name = "TOKEN", value_parser = header_value, help_heading = ADMISSION)]
    pub(super) bearer: Option<String>,

    /// Add a header to every response; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header, help_heading = ADMISSION)]
    pub(super) headers: Vec<String>,

    /// Over so many clients at the same time, the next gets 503
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, help_heading = ADMISSION)]
    pub(super) max_connections: usize,
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn token(text: &str) -> Result<String, String> {
    if is_token(text) { Ok(text.to_owned()) } else { Err("a subprotocol is a token: no spaces, no commas".into()) }
}

fn header_value(text: &str) -> Result<String, String> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        Err("it has control characters".into())
    } else {
        Ok(text.into())
    }
}

fn credentials(text: &str) -> Result<String, String> {
    if text.contains(':') { header_value(text) } else { Err("it has no : between user and password".into()) }
}

fn header(text: &str) -> Result<String, String> {
    let (name, value) = text.split_once(':').ok_or("it has no : between name and value")?;
    if !is_token(name) {
        return Err(format!("{name:?} is no name of a header"));
    }
    header_value(value).map(|value| format!("{name}: {}", value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_held_to_their_grammar() {
        for text in ["no colon", "na me: a", ": a", "a: b\r\nc: d"] {
            assert!(header(text).is_err(), "{text}");
        }
    }
}
