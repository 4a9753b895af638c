//! Commands that send, and settings that change what is sent.

use std::time::Instant;

use super::Prompt;
use super::command::Command;
use super::repeat::Repeating;
use super::settings::Setting;
use crate::net::Sender;
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
    pub(super) fn send(&mut self, command: Command, sender: &mut Sender<'_>) -> Result<(), Refused> {
        match command {
            Command::Send(kind, content) => {
                sender.data(kind, &content, true)?;
                self.sent(Message { kind, content: &content });
            }
            Command::Fragment(count, content) => {
                sender.fragments(Kind::Text, content.as_bytes(), count)?;
                self.sent(text(&content));
            }
            Command::Repeat(repetition) => self.open.repeating = Some(Repeating::new(repetition, Instant::now())),
            Command::Ping(payload) => {
                sender.ping(&payload)?;
                self.open.asked.push(payload);
            }
            Command::Pong(payload) => sender.pong(&payload)?,
            Command::Close(close) => sender.close(&close)?,
            Command::Frame(frame) => {
                sender.inject(&frame.header, &frame.payload, frame.masking);
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
        let timed = self.status.settings(|settings| settings.timestamps);
        if message.kind == Kind::Binary {
            self.tell_sent(described("binary", message.content.len()));
        } else if timed {
            self.tell_sent(described("text", message.content.len()));
        }
    }

    pub(super) fn toggle(&mut self, toggle: Setting, sender: Option<&mut Sender<'_>>) {
        let hidden = std::mem::take(&mut self.open.hidden);
        if matches!(toggle, Setting::Compress(true)) && !self.open.compresses() {
            self.screen.fault("compression was not negotiated on this connection");
        }
        self.status.set(toggle);
        if let Some(sender) = sender {
            self.apply_toggles(sender);
        }
        if hidden > 0 {
            self.screen.note(format_args!("{} not shown so far", crate::view::amount::Count(hidden, "message")));
        }
    }

    /// Brings the connection up to the settings.
    pub(super) fn apply_toggles(&self, sender: &mut Sender<'_>) {
        self.status.settings(|settings| {
            sender.compress(settings.compress);
            sender.answer_pings(settings.autopong);
            sender.mask_with(settings.mask);
        });
    }
}
