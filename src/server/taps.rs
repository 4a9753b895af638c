//! Those who look at a connection while it is served: the log's frames, programs, the page.

use std::sync::Arc;
use std::time::Instant;

use super::hop_taps::HopTaps;
use super::log::{Ended, Opened, ServerLog};
use super::message_log::MessageLog;
use super::modes::ClientTap;
use super::page::events::PageEvents;
use super::page::feed::{Followers, Watcher};
use crate::net::Tap;
use crate::stdio::console::Console;
use crate::stdio::recording::{Recording, TurnLines};
use crate::ws::Event;

/// What of a connection the log has for a person, besides what it has of all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownInLog {
    /// What the client says.
    pub(super) messages: bool,
}

/// Who looks at one connection. In boxes, since most connections have nobody, and thousands of them cost memory.
#[derive(Debug)]
pub(super) struct Taps {
    messages: Option<Box<MessageLog>>,
    hop: HopTaps,
    watcher: Watcher,
    /// For those who follow it, from when the first does.
    page: Option<Box<PageEvents>>,
}

impl Taps {
    // Not inlined: each thread's stack keeps the pages that it ever touched, and what stands in the boxes is large.
    #[inline(never)]
    pub(super) fn new(
        number: u64,
        log: &Arc<ServerLog>,
        shown: ShownInLog,
        watcher: Watcher,
        own: Option<Box<dyn ClientTap>>,
    ) -> Box<Self> {
        let console = |is_shown: bool| log.console().cloned().filter(|_| is_shown);
        // At a prompt the mode shows them in its own way.
        let is_shown_by_mode = own.is_some() && log.console().is_some_and(Console::is_a_printer);
        let both = log.shows_messages() && !is_shown_by_mode;
        let mut hop = HopTaps::new(number, log);
        hop.tell(own);
        Box::new(Self {
            messages: console(both || shown.messages).map(|console| Box::new(MessageLog::new(console, number, both))),
            hop,
            watcher,
            page: None,
        })
    }

    /// The same, recorded as the connection of this number.
    // Not inlined: what is recorded with stands on the stack before it is in its box.
    #[inline(never)]
    pub(super) fn recorded(mut self: Box<Self>, number: u64, recording: Option<&Arc<Recording>>) -> Box<Self> {
        self.hop.record(recording.map(|recording| recording.connection(Some(number))));
        self
    }

    /// From when on the connection's time is counted, whoever tells it.
    pub(super) fn since(&self) -> Instant {
        self.hop.since()
    }

    /// Where others record what they do to the connection, if it is recorded.
    pub(super) fn recorded_lines(&self) -> Option<TurnLines> {
        self.hop.recorded_lines()
    }

    /// Whether somebody looks from the beginning.
    pub(super) fn look_on(&self) -> bool {
        self.messages.is_some() || self.hop.look_on() || self.watcher.is_followed()
    }

    /// Who may begin to look later.
    pub(super) fn followers(&self) -> Arc<Followers> {
        Arc::clone(self.watcher.followers())
    }

    /// Tells what was not finished.
    pub(super) fn finish(&mut self) {
        self.hop.finish();
        if let Some(page) = &mut self.page {
            page.finish().iter_mut().for_each(|event| self.watcher.tell(event));
        }
    }

    // Not inlined: each thread's stack keeps the pages that it ever touched, and a record's line is large.
    #[inline(never)]
    pub(super) fn opened(&mut self, opened: &Opened<'_>) {
        self.hop.opened(|secrets| opened.opened_line(secrets));
        self.watcher.opened(opened);
    }

    pub(super) fn ended(&mut self, ended: &Ended) {
        self.hop.ended(|| ended.closed_line());
        self.watcher.ended(ended);
    }
}

impl Tap for Taps {
    fn event(&mut self, event: &Event<'_>) {
        self.hop.frame(event);
        if let Some(messages) = &mut self.messages {
            messages.event(event);
        }
        self.hop.beside_frames(event);
        if self.watcher.is_followed() {
            let page = self.page.get_or_insert_with(|| Box::new(PageEvents::new(self.watcher.tells_messages())));
            let told = page.event(event, self.watcher.shows_frames());
            told.into_iter().for_each(|mut event| self.watcher.tell(&mut event));
        } else if let Some(page) = &mut self.page {
            page.miss();
        }
    }

    fn all_told(&mut self) {
        self.hop.all_told();
    }

    fn taken(&mut self, bytes: u64, of: u64) {
        self.hop.taken(bytes, of);
    }
}
