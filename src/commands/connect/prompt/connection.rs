//! One connection of the prompt: what was agreed, what has gone over it, what is under way.

use std::collections::VecDeque;
use std::time::Instant;

use super::connect_facts::Facts;
use super::repeat::Repeating;
use crate::net::Dialed;
use crate::peer_text::Escaped;
use crate::trace::recorder::Recorder;
use crate::trace::stats::Stats;
use crate::view::compression;
use crate::view::frames::{FrameDetail, FrameLines};
use crate::ws::Event;
use crate::ws::handshake::Negotiated;

/// How a message of ours is shown, once it is told as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SentView {
    /// By its kind and size, where the typed line doesn't say as much.
    Described,
    /// Like a message that came: nobody has typed it.
    Whole,
    Hidden,
}

#[derive(Debug)]
pub(super) struct OpenConnection {
    url: String,
    pub(super) facts: Facts,
    accepted: Negotiated,
    pub(super) stats: Stats,
    pub(super) recorder: Recorder,
    /// One for each message that was sent and isn't told yet.
    pub(super) sent_views: VecDeque<SentView>,
    frames: FrameLines,
    pub(super) repeating: Option<Repeating>,
    /// Payloads of pings from the keyboard that are still to be answered.
    pub(super) asked: Vec<Vec<u8>>,
    /// Messages that came and weren't shown, since that was last said.
    pub(super) hidden: u64,
    new: bool,
}

impl OpenConnection {
    pub(super) fn new(url: String, facts: Facts, dialed: &Dialed, detail: FrameDetail) -> Self {
        let now = Instant::now();
        Self {
            url,
            facts,
            accepted: dialed.accepted.clone(),
            stats: Stats::new(now),
            recorder: Recorder::new(None, now),
            sent_views: VecDeque::new(),
            frames: FrameLines::new(detail),
            repeating: None,
            asked: Vec::new(),
            hidden: 0,
            new: true,
        }
    }

    /// True the first time.
    pub(super) fn is_new(&mut self) -> bool {
        std::mem::take(&mut self.new)
    }

    pub(super) fn end(&mut self, now: Instant) {
        self.stats.end(now);
        self.repeating = None;
    }

    /// The frame lines that an event completes.
    pub(super) fn frame_lines(&mut self, event: &Event<'_>) -> Vec<String> {
        self.frames.event(event)
    }

    pub(super) fn unfinished_frame(&mut self) -> Option<String> {
        self.frames.finish()
    }

    pub(super) fn compresses(&self) -> bool {
        self.accepted.deflate.is_some()
    }

    /// Where to, and with which extension.
    pub(super) fn headline(&self) -> String {
        let url = Escaped(&self.url);
        match &self.accepted.deflate {
            Some(agreed) => format!("{url}, {agreed}"),
            None => format!("{url}, no compression"),
        }
    }

    /// What `/info` says.
    pub(super) fn info(&self) -> Vec<String> {
        let subprotocol = self.accepted.subprotocol.as_deref().unwrap_or("none");
        let mut lines = vec![Escaped(&self.url).to_string()];
        lines.extend(self.facts.address().map(|address| format!("address      {}", Escaped(address))));
        lines.extend(self.facts.tls_lines());
        lines.push(format!("subprotocol  {}", Escaped(subprotocol)));
        lines.push(match self.accepted.deflate {
            Some(agreed) => format!("extension    {}", compression::words(agreed)),
            None => "extension    none".to_owned(),
        });
        lines.push("/headers has the heads of the opening handshake".to_owned());
        lines
    }
}
