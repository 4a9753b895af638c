//! What the operator says without a prompt, line by line from stdin, until the server ends.

use std::io;
use std::thread;

use super::operator::Operator;
use crate::commands::desk::ReadOn;
use crate::error::system_words;
use crate::net::Waker;
use crate::stdio::input::StdinLines;
use crate::values;

/// Does what lines of stdin ask for. When they end the server goes on.
///
/// # Errors
/// When there is no thread to be had.
pub(super) fn from_stdin(mut operator: Operator, stop: Waker) -> io::Result<()> {
    operator.tell_help();
    let reading = move || {
        let told = StdinLines::open().and_then(|mut lines| {
            while let Some(line) = lines.next()? {
                match values::text(line, "this line") {
                    Ok(line) if operator.line(line) == ReadOn::Stop => stop.wake(),
                    Ok(_) => {}
                    Err(why) => operator.fault(&why.to_string()),
                }
            }
            Ok(())
        });
        if let Err(error) = told {
            operator.fault(&format!("reading stdin failed: {}", system_words(&error)));
        }
    };
    thread::Builder::new().name("operator".into()).spawn(reading).map(drop)
}
