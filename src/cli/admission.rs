//! The flags that say which requests are accepted, and what plain HTTP is answered with.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::stdio::secret::Secret;

const ADMISSION: &str = "Requests";

#[derive(Debug, Args)]
pub(super) struct AdmissionArgs {
    /// Serve the files of a directory over HTTP; its index.html replaces the built-in page at /
    #[arg(long = "static", value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = ADMISSION)]
    pub(super) files: Option<PathBuf>,

    /// Support a subprotocol; repeatable, the client's order of preference decides
    #[arg(long = "subprotocol", value_name = "NAME", value_parser = token, help_heading = ADMISSION)]
    pub(super) subprotocols: Vec<String>,

    /// Refuse clients that request none of the subprotocols
    #[arg(long, requires = "subprotocols", help_heading = ADMISSION)]
    pub(super) require_subprotocol: bool,

    /// Allow browsers from this origin, such as https://example.com, null or *; repeatable. By default every origin is
    /// allowed, with a warning in the log
    #[arg(long = "allow-origin", value_name = "ORIGIN", help_heading = ADMISSION)]
    pub(super) origins: Vec<String>,

    /// Require a user and password (HTTP Basic); @FILE reads them from its first line
    #[arg(long, value_name = "USER:PASSWORD", value_parser = Secret::of_flag, help_heading = ADMISSION)]
    pub(super) auth: Option<Secret>,

    /// Require a token (Authorization: Bearer); @FILE reads it from its first line
    #[arg(long, value_name = "TOKEN", value_parser = Secret::of_flag, help_heading = ADMISSION)]
    pub(super) bearer: Option<Secret>,

    /// Add a header to every response; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header, help_heading = ADMISSION)]
    pub(super) headers: Vec<String>,

    /// Maximum concurrent clients; further ones get 503
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, help_heading = ADMISSION)]
    pub(super) max_connections: usize,
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn token(text: &str) -> Result<String, String> {
    if is_token(text) {
        Ok(text.to_owned())
    } else {
        Err("not a subprotocol: it must be a token, without spaces or commas".into())
    }
}

fn header_value(text: &str) -> Result<String, String> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        Err("control characters are not allowed".into())
    } else {
        Ok(text.into())
    }
}

fn header(text: &str) -> Result<String, String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME: VALUE")?;
    if !is_token(name) {
        return Err("what is before the colon can't be the name of a header".into());
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
