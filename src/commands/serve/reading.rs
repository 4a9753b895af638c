//! What the operator says, read until the server ends: at a prompt, or line by line from stdin.

use std::io;
use std::thread;
use std::time::Instant;

use super::operator::{Operator, ReadOn};
use crate::commands::prompt::command_queue::{CommandReceiver, Input};
use crate::error::system_words;
use crate::net::{Waker, wait_readable_until};
use crate::stdio::input::StdinLines;
use crate::values;

/// Does what is asked for at the prompt. `stop` ends the server.
///
/// # Errors
/// When there is no thread to be had.
pub(super) fn at_the_prompt(mut operator: Operator, receiver: CommandReceiver, stop: Waker) -> io::Result<()> {
    let reading = move || {
        let mut warned = false;
        loop {
            wait_readable_until(&receiver, operator.deadline());
            operator.repeat(Instant::now());
            while let Some(input) = receiver.try_recv() {
                let next = match input {
                    Input::Operation(operation) => {
                        warned = false;
                        operator.perform(*operation)
                    }
                    Input::Interrupt { .. } if operator.stop_listing() || operator.stop_repeating() => ReadOn::Line,
                    Input::Interrupt { again } if warned && again => ReadOn::Stop,
                    Input::Interrupt { .. } => {
                        warned = true;
                        operator.tell_what_ends();
                        ReadOn::Line
                    }
                    Input::Signal | Input::End => ReadOn::Stop,
                };
                if next == ReadOn::Stop {
                    stop.wake();
                }
            }
        }
    };
    thread::Builder::new().name("operator".into()).spawn(reading).map(drop)
}

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
