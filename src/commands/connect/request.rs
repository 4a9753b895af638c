//! `-d`: the messages that are sent first on every connection.

use std::path::Path;

use super::config::Sending;
use crate::advice;
use crate::error::Error;
use crate::stdio::file;
use crate::values;
use crate::ws::Kind;

/// The messages of `-d`, files read.
///
/// # Errors
/// A file that can't be read, or that can't be a text message.
pub(super) fn messages(sending: &Sending) -> Result<Vec<(Kind, Vec<u8>)>, Error> {
    let kind = if sending.binary { Kind::Binary } else { Kind::Text };
    let read = |text: &String| match text.strip_prefix('@') {
        Some(path) => {
            let content = file::bytes(Path::new(path))?;
            if kind == Kind::Text {
                values::text(&content, path).map_err(advice::binary_file)?;
            }
            Ok((kind, content))
        }
        None => Ok((kind, text.clone().into_bytes())),
    };
    sending.data.iter().map(read).collect()
}
