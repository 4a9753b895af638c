//! `-d`: the messages that are sent first on every connection.

use super::config::Sending;
use crate::error::{Error, system_words};
use crate::ws::Kind;

/// The messages of `-d`, files read.
///
/// # Errors
/// A file that can't be read, or that can't be a text message.
pub(super) fn messages(sending: &Sending) -> Result<Vec<(Kind, Vec<u8>)>, Error> {
    let kind = if sending.binary { Kind::Binary } else { Kind::Text };
    let read = |text: &String| match text.strip_prefix('@') {
        Some(path) => {
            let unreadable = |why| Error::File { path: path.into(), why: system_words(&why) };
            let content = std::fs::read(path).map_err(unreadable)?;
            if kind == Kind::Text && str::from_utf8(&content).is_err() {
                let what = format!("{path} is not UTF-8, and a text message has to be");
                return Err(Error::Usage { what, hint: Some("--binary sends it as a binary message".into()) });
            }
            Ok((kind, content))
        }
        None => Ok((kind, text.clone().into_bytes())),
    };
    sending.data.iter().map(read).collect()
}
