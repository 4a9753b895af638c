//! Commands that send, and settings that change what is sent.

use std::time::Instant;

use super::Prompt;
use super::command::Command;
use super::repeat::Repeating;
use super::settings::Toggle;
use crate::net::Outlet;
use crate::view::body::described;
use crate::ws::{Direction, Kind, Message, OpCode, Refused};

/// A text message.
pub(super) fn text(content: &str) -> Message<'_> {
    Message { kind: Kind::Text, content: content.as_bytes() }
}

impl Prompt<'_> {
    /// Sends what a command asks for.
    ///
    /// # Errors
    /// [`Refused`], for the person to read.
    pub(super) fn send(&mut self, command: Command, outlet: &mut Outlet<'_>) -> Result<(), Refused> {
        match command {
            Command::Send(kind, content) => {
                outlet.data(kind, &content, true)?;
                self.sent(Message { kind, content: &content });
            }
            Command::Fragment(count, content) => {
                outlet.fragments(Kind::Text, content.as_bytes(), count)?;
                self.sent(text(&content));
            }
            Command::Repeat(repetition) => self.open.repeating = Some(Repeating::new(repetition, Instant::now())),
            Command::Ping(payload) => {
                outlet.ping(&payload)?;
                self.open.asked.push(payload);
            }
            Command::Pong(payload) => outlet.pong(&payload)?,
            Command::Close(close) => outlet.close(&close)?,
            Command::Frame(frame) => {
                outlet.inject(&frame.header, &frame.payload, frame.masking);
                if frame.header.opcode == OpCode::Ping {
                    self.open.asked.push(frame.payload);
                }
            }
            // The others don't send.
            _ => {}
        }
        Ok(())
    }

    /// A message has been sent: it is kept, and told where the typed line doesn't tell it.
    fn sent(&mut self, message: Message<'_>) {
        self.keep(Direction::Sent, message);
        let timed = self.status.toggles(|toggles| toggles.timestamps);
        if message.kind == Kind::Binary {
            self.tell_sent(described("binary", message.content.len()));
        } else if timed {
            self.tell_sent(described("text", message.content.len()));
        }
    }

    pub(super) fn toggle(&mut self, toggle: Toggle, outlet: Option<&mut Outlet<'_>>) {
        let hidden = std::mem::take(&mut self.open.hidden);
        if matches!(toggle, Toggle::Compress(true)) && !self.open.compresses() {
            self.screen.fault("compression was not negotiated on this connection");
        }
        self.status.set(toggle);
        if let Some(outlet) = outlet {
            self.apply_toggles(outlet);
        }
        if hidden > 0 {
            self.screen.note(format_args!("{} not shown so far", crate::view::amount::Count(hidden, "message")));
        }
    }

    /// Brings the connection up to the settings.
    pub(super) fn apply_toggles(&self, outlet: &mut Outlet<'_>) {
        self.status.toggles(|toggles| {
            outlet.compress(toggles.compress);
            outlet.answer_pings(toggles.autopong);
            outlet.mask_with(toggles.mask);
        });
    }
}
