//! Commands that send, and settings that change what is sent.

use std::time::Instant;

use super::Prompt;
use super::command::Outgoing;
use super::repeat::Repeating;
use super::settings::Setting;
use crate::net::Sender;
use crate::view::body::described;
use crate::ws::{Direction, Item, Kind, Message, OpCode, SendError};

/// A text message.
pub(super) fn text(content: &str) -> Message<'_> {
    Message { kind: Kind::Text, content: content.as_bytes() }
}

impl Prompt<'_> {
    /// Sends what was typed.
    ///
    /// # Errors
    /// [`SendError`], for the person to read.
    pub(super) fn send(&mut self, outgoing: Outgoing, sender: &mut Sender<'_>) -> Result<(), SendError> {
        match outgoing {
            Outgoing::Line(content) => {
                sender.data(Kind::Text, content.as_bytes(), true)?;
                self.sent(text(&content));
            }
            Outgoing::Message(kind, content) => {
                sender.data(kind, &content, true)?;
                self.sent(Message { kind, content: &content });
            }
            Outgoing::Fragment(count, content) => {
                let (kind, fragments) = (Kind::Text, count);
                sender.send(Item::Fragmented { kind, content: content.as_bytes(), fragments })?;
                self.sent(text(&content));
            }
            Outgoing::Repeat(repetition) => self.open.repeating = Some(Repeating::new(repetition, Instant::now())),
            Outgoing::Ping(payload) => {
                sender.send(Item::Ping(&payload))?;
                self.open.asked.push(payload);
            }
            Outgoing::Pong(payload) => sender.send(Item::Pong(&payload))?,
            Outgoing::Close(close) => sender.close(close)?,
            Outgoing::Frame(frame) => {
                sender.send(Item::Frame { header: frame.header, payload: &frame.payload, masking: frame.masking })?;
                if frame.header.opcode == OpCode::Ping {
                    self.open.asked.push(frame.payload);
                }
            }
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

    /// Changes a setting, for this connection and the next ones.
    pub(super) fn set(&mut self, setting: Setting, sender: Option<&mut Sender<'_>>) {
        let hidden = std::mem::take(&mut self.open.hidden);
        if matches!(setting, Setting::Compress(true)) && !self.open.compresses() {
            self.screen.fault("compression was not negotiated on this connection");
        }
        self.status.set(setting);
        if let Some(sender) = sender {
            self.apply_settings(sender);
        }
        if hidden > 0 {
            self.screen.note(format_args!("{} not shown so far", crate::view::amount::Count(hidden, "message")));
        }
    }

    /// Brings the connection up to the settings.
    pub(super) fn apply_settings(&self, sender: &mut Sender<'_>) {
        self.status.settings(|settings| {
            sender.set_compress(settings.compress);
            sender.set_answer_pings(settings.autopong);
            sender.set_masking_key(settings.mask);
        });
    }
}
