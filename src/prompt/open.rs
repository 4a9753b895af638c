//! One connection of the prompt: what was agreed, what has gone over it, what is under way.

use std::time::Instant;

use super::repeat::Repeating;
use crate::net::Dialed;
use crate::stats::Stats;
use crate::view::frames::FrameLines;
use crate::view::safe::Safe;
use crate::ws::handshake::Accepted;
use crate::ws::{Assembler, Event};

#[derive(Debug)]
pub(super) struct Open {
    pub(super) url: String,
    accepted: Accepted,
    pub(super) stats: Stats,
    pub(super) assembler: Assembler,
    frames: FrameLines,
    pub(super) repeating: Option<Repeating>,
    /// Payloads of pings from the keyboard that are still to be answered.
    pub(super) asked: Vec<Vec<u8>>,
    /// Messages that came and weren't shown, since that was last said.
    pub(super) hidden: u64,
    pub(super) interruptions: u32,
    new: bool,
}

impl Open {
    pub(super) fn new(url: String, dialed: &Dialed) -> Self {
        Self {
            url,
            accepted: dialed.accepted.clone(),
            stats: Stats::new(Instant::now()),
            assembler: Assembler::default(),
            frames: FrameLines::default(),
            repeating: None,
            asked: Vec::new(),
            hidden: 0,
            interruptions: 0,
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
        let url = Safe(&self.url);
        match &self.accepted.deflate {
            Some(agreed) => format!("{url}, {agreed}"),
            None => format!("{url}, no compression"),
        }
    }

    pub(super) fn info(&self) -> Vec<String> {
        let subprotocol = self.accepted.subprotocol.as_deref().unwrap_or("none");
        let extension = self.accepted.deflate.map_or("none".to_owned(), |agreed| agreed.to_string());
        vec![
            format!("{}", Safe(&self.url)),
            format!("subprotocol  {}", Safe(subprotocol)),
            format!("extension    {extension}"),
        ]
    }

    pub(super) fn headers(&self) -> Vec<String> {
        self.info()
    }
}
