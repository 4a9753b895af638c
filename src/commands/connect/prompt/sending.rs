//! Commands that send, and settings that change what is sent.

use std::time::Instant;

use super::Prompt;
use super::connection::SentView;
use super::repeat::Repeating;
use crate::commands::prompt::command::Outgoing;
use crate::commands::prompt::settings::Setting;
use crate::net::Sender;
use crate::values::unescaped;
use crate::ws::{Item, Kind, Message, OpCode, SendError};

impl Prompt<'_> {
    /// Sends what was typed, as soon as it may go.
    pub(super) fn submit(&mut self, outgoing: Outgoing, sender: &mut Sender<'_>) {
        if outgoing.waits() {
            self.pace.push(outgoing);
            self.send_due(Instant::now(), sender);
        } else {
            self.send_or_say(outgoing, sender);
        }
    }

    /// Sends what has waited long enough.
    pub(super) fn send_due(&mut self, now: Instant, sender: &mut Sender<'_>) {
        while !self.is_inside_answer()
            && let Some(outgoing) = self.pace.take_due(now)
        {
            self.send_or_say(outgoing, sender);
        }
    }

    fn send_or_say(&mut self, outgoing: Outgoing, sender: &mut Sender<'_>) {
        if let Err(refused) = self.send(outgoing, sender) {
            self.screen.fault(refused);
        }
    }

    /// Sends one thing.
    ///
    /// # Errors
    /// [`SendError`], for the person to read.
    fn send(&mut self, outgoing: Outgoing, sender: &mut Sender<'_>) -> Result<(), SendError> {
        match outgoing {
            Outgoing::Data(kind, content) => {
                let message = Message { kind, content: &content };
                self.message(message, sender)?;
                self.open.sent_views.push_back(SentView::Whole);
            }
            Outgoing::Line(content) => {
                let kind = self.kind_of_lines();
                let content = match self.line_content(content, kind) {
                    Ok(content) => content,
                    Err(why) => {
                        self.screen.fault(why);
                        return Ok(());
                    }
                };
                self.message(Message { kind, content: &content }, sender)?;
                self.open.sent_views.push_back(SentView::Described);
            }
            Outgoing::Message(kind, content) => {
                let message = Message { kind, content: &content };
                self.message(message, sender)?;
                self.open.sent_views.push_back(SentView::Described);
            }
            Outgoing::Fragment(count, content) => {
                let (kind, fragments) = (Kind::Text, count);
                sender.send(Item::Fragmented { kind, content: content.as_bytes(), fragments })?;
                self.open.sent_views.push_back(SentView::Described);
            }
            Outgoing::Repeat(repetition) => {
                let pace = self.pace.interval();
                self.open.repeating = Some(Repeating::new(repetition, pace, Instant::now()));
            }
            Outgoing::Ping(payload) => {
                sender.send(Item::Ping(&payload))?;
                self.open.asked.push(payload);
            }
            Outgoing::Pong(payload) => sender.send(Item::Pong(&payload))?,
            Outgoing::Close(close) => {
                sender.close(close)?;
                self.leaving.has_closed();
            }
            Outgoing::Frame(frame) => {
                sender.send(Item::Frame { header: frame.header, payload: &frame.payload, masking: frame.masking })?;
                if frame.header.opcode == OpCode::Ping {
                    self.open.asked.push(frame.payload);
                }
            }
        }
        Ok(())
    }

    /// Sends a message as the flags and the settings have it.
    ///
    /// # Errors
    /// [`SendError::CloseSent`].
    pub(super) fn message(&self, message: Message<'_>, sender: &mut Sender<'_>) -> Result<(), SendError> {
        let Message { kind, content } = message;
        let options = &self.exchange.sending.options;
        let compress = self.status.settings(|settings| settings.compress);
        sender.set_compress(compress && content.len() >= options.compress_from);
        sender.set_largest_frame(options.part());
        options.parts(content).try_for_each(|(part, is_last)| sender.data(kind, part, is_last))
    }

    /// What a line without a command says.
    fn line_content(&self, line: String, kind: Kind) -> Result<Vec<u8>, String> {
        match self.exchange.sending.escapes {
            true => unescaped(line.as_bytes(), kind == Kind::Text),
            false => Ok(line.into_bytes()),
        }
    }

    /// What a line without a command is sent as.
    fn kind_of_lines(&self) -> Kind {
        if self.exchange.sending.binary { Kind::Binary } else { Kind::Text }
    }

    /// Changes a setting, for this connection and the next ones.
    pub(super) fn set(&mut self, setting: Setting, sender: Option<&mut Sender<'_>>) {
        let hidden = std::mem::take(&mut self.open.hidden);
        if matches!(setting, Setting::Compress(true)) && !self.open.compresses() {
            self.screen.fault("compression was not negotiated on this connection");
        }
        self.status.change(setting, &self.screen);
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
