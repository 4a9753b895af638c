//! Commands that send, and settings that change what is sent.

use std::time::Instant;

use super::Prompt;
use super::connection::SentView;
use super::pace::is_close;
use super::stall::News;
use crate::commands::prompt::command::Outgoing;
use crate::commands::prompt::repeat::Repeating;
use crate::commands::prompt::settings::Setting;
use crate::net::Sender;
use crate::values::unescaped;
use crate::view::amount::{Count, Size};
use crate::ws::{Kind, Message, OpCode, OwnedItem, SendError};

/// Bytes that may be encoded for a peer before it has taken them. More waits as it is.
const BACKLOG: usize = 256 * 1024;

impl Prompt<'_> {
    /// Sends what was typed: on the connection that is open, or where another one is being opened, on that.
    pub(super) fn send_on_next(&mut self, outgoing: Outgoing, sender: Option<&mut Sender<'_>>) {
        let gives_way = self.gives_way();
        if self.connecting.is_wanted() || gives_way {
            if !self.held.has_room_for(outgoing.size()) {
                return self.screen.fault(format_args!("not sent: {} waits already", Size(self.held.bytes() as f64)));
            }
            if self.held.is_empty() {
                let when = if gives_way { "on the next connection" } else { "once the connection is open" };
                self.screen.note(format_args!("it is sent {when}"));
            }
            self.held.push(outgoing);
        } else if let Some(sender) = sender.filter(|_| self.status.is_connected()) {
            self.submit(outgoing, sender);
        } else if outgoing.is_message() {
            self.screen.fault("not connected; /reconnect connects again, and brings the line back");
            self.receiver.refuse();
        } else {
            self.screen.fault("not connected; /reconnect connects again");
        }
    }

    /// The connection is over: what waits for it isn't sent any more.
    pub(super) fn drop_unsent(&mut self) {
        if !self.pace.is_empty() {
            self.screen.fault(format_args!("{} that waited not sent", Count(self.pace.len() as u64, "message")));
            self.pace.clear();
        }
    }

    /// The connection is over, and the system has taken no more than so many bytes of what was sent.
    pub(super) fn tell_never_taken(&mut self, bytes: u64) {
        self.archive.transcript.set_first_untaken(None, None);
        if let Some((numbers, words)) = self.open.counts.end_taking(bytes) {
            numbers.into_iter().for_each(|number| self.archive.transcript.mark_unsent(number));
            self.screen.fault(words);
        }
    }

    /// What was to be sent on a connection that there won't be.
    pub(super) fn drop_held(&mut self) {
        if !self.held.is_empty() {
            let count = Count(self.held.len() as u64, "message");
            self.held.clear();
            self.screen.fault(format_args!("{count} typed meanwhile not sent; /last brings the last one back"));
        }
    }

    /// Says, when the prompt is left, what is never sent.
    pub(super) fn tell_unsent(&self) {
        if !self.held.is_empty() {
            let why = if self.open.was_opened() { "" } else { ": there was no connection" };
            let count = Count(self.held.len() as u64, "message");
            self.screen.fault(format_args!("{count} typed meanwhile not sent{why}"));
        }
    }

    /// Sends what was typed, as soon as it may go.
    fn submit(&mut self, outgoing: Outgoing, sender: &mut Sender<'_>) {
        if sender.is_closing() && outgoing.waits() {
            if !outgoing.is_message() {
                return self.screen.fault(SendError::CloseSent);
            }
            self.receiver.refuse();
            let sent = SendError::CloseSent;
            return self.screen.fault(format_args!("{sent}; /reconnect connects again, and brings the line back"));
        }
        let is_full = match outgoing.waits() {
            true => !is_close(&outgoing) && !self.pace.has_room_for(outgoing.size()),
            false => sender.backlog() > BACKLOG,
        };
        if is_full {
            self.screen.fault(format_args!("not sent: {} waits already", Size(self.waiting(sender) as f64)));
        } else if outgoing.waits() {
            self.pace.push(outgoing);
            self.send_due(Instant::now(), sender);
        } else {
            self.send_or_say(outgoing, sender);
        }
        if self.open.stall.is_told() {
            self.tell_stall(sender);
        }
    }

    /// What the peer has yet to take, and what waits behind that.
    pub(super) fn waiting(&self, sender: &Sender<'_>) -> u64 {
        let (taken, all) = sender.progress();
        all - taken + self.pace.bytes() as u64
    }

    fn tell_stall(&self, sender: &Sender<'_>) {
        self.screen.note(format_args!("{} waiting, the peer does not read", Size(self.waiting(sender) as f64)));
    }

    /// Tells of a Ping that isn't answered.
    pub(super) fn check_pings(&mut self, now: Instant) {
        if self.open.asked.look(now) {
            self.screen.note(self.open.asked.told());
        }
    }

    /// Tells of a peer that doesn't take what is sent.
    pub(super) fn check_stall(&mut self, now: Instant, sender: &Sender<'_>) {
        if sender.has_ended() {
            return;
        }
        let (taken, all) = sender.progress();
        self.open.counts.taken(taken, all);
        self.archive.transcript.set_first_untaken(None, self.open.counts.first_untaken());
        match self.open.stall.look(now, taken, all - taken) {
            Some(News::Stalled) => self.tell_stall(sender),
            Some(News::Over) => self.screen.note("the peer has taken everything that waited"),
            None => {}
        }
    }

    /// Sends what has waited long enough.
    pub(super) fn send_due(&mut self, now: Instant, sender: &mut Sender<'_>) {
        // Where the connection is to end, what waits goes before the Close.
        while !self.is_inside_answer()
            && (self.next.is_some() || sender.backlog() < BACKLOG || self.pace.ends())
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
            Outgoing::File(kind, content) => {
                self.message(Message { kind, content: &content }, sender)?;
                self.open.sent_views.push_back(SentView::OfFile);
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
            Outgoing::Repeat(repetition) => {
                let pace = self.pace.interval();
                self.open.repeating = Some(Repeating::new(repetition, pace, Instant::now()));
            }
            Outgoing::Item(OwnedItem::Message { kind, content }) => {
                self.message(Message { kind, content: &content }, sender)?;
                self.open.sent_views.push_back(SentView::Described);
            }
            Outgoing::Item(item) => {
                sender.send(item.as_item())?;
                self.has_sent(item);
            }
        }
        Ok(())
    }

    /// Takes note of what else than a message was sent.
    fn has_sent(&mut self, item: OwnedItem) {
        match item {
            OwnedItem::Fragmented { .. } => self.open.sent_views.push_back(SentView::Described),
            OwnedItem::Ping(payload) => self.open.asked.add(payload, Instant::now()),
            OwnedItem::Frame { header, payload, .. } if header.opcode == OpCode::Ping => {
                self.open.asked.add(payload, Instant::now());
            }
            OwnedItem::Close(_) => self.leaving.has_closed(),
            OwnedItem::Message { .. } | OwnedItem::Pong(_) | OwnedItem::Frame { .. } => {}
        }
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
        if matches!(setting, Setting::Compress(true)) && !self.open.compresses() {
            self.screen.fault("compression was not negotiated on this connection");
        }
        self.status.change(setting, &self.screen);
        if let Some(sender) = sender {
            self.apply_settings(sender);
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
