//! Commands that send, and settings that change what is sent.

use std::time::Instant;

use super::Prompt;
use super::command::Command;
use super::connection::SentView;
use super::repeat::Repeating;
use super::settings::Setting;
use crate::net::Sender;
use crate::ws::{Item, Kind, OpCode, SendError};

impl Prompt<'_> {
    /// Sends what a command asks for.
    ///
    /// # Errors
    /// [`SendError`], for the person to read.
    pub(super) fn send(&mut self, command: Command, sender: &mut Sender<'_>) -> Result<(), SendError> {
        match command {
            Command::Send(kind, content) => {
                sender.data(kind, &content, true)?;
                self.open.sent_views.push_back(SentView::Described);
            }
            Command::Fragment(count, content) => {
                let (kind, fragments) = (Kind::Text, count);
                sender.send(Item::Fragmented { kind, content: content.as_bytes(), fragments })?;
                self.open.sent_views.push_back(SentView::Described);
            }
            Command::Repeat(repetition) => self.open.repeating = Some(Repeating::new(repetition, Instant::now())),
            Command::Ping(payload) => {
                sender.send(Item::Ping(&payload))?;
                self.open.asked.push(payload);
            }
            Command::Pong(payload) => sender.send(Item::Pong(&payload))?,
            Command::Close(close) => sender.close(close)?,
            Command::Frame(frame) => {
                sender.send(Item::Frame { header: frame.header, payload: &frame.payload, masking: frame.masking })?;
                if frame.header.opcode == OpCode::Ping {
                    self.open.asked.push(frame.payload);
                }
            }
            // The others don't send.
            _ => {}
        }
        Ok(())
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
            sender.set_compress(settings.compress);
            sender.set_answer_pings(settings.autopong);
            sender.set_masking_key(settings.mask);
        });
    }
}
