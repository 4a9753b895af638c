//! The page that a browser gets.

use crate::http::Answer;

/// One file, with nothing to load from elsewhere.
const HTML: &str = include_str!("page.html");

/// The page, which offers `paths` to connect to.
pub(crate) fn answer(_paths: &[(&str, String)]) -> Answer {
    Answer::ok("text/html; charset=utf-8", "", HTML.into())
}
