//! One connection of the prompt: what was agreed, what has gone over it, what is under way.

use std::collections::VecDeque;
use std::time::Instant;

use super::end_line::EndLine;
use super::stall::Stall;
use crate::client::ConnectFacts;
use crate::commands::prompt::asked_pings::AskedPings;
use crate::commands::prompt::command::Operation;
use crate::commands::prompt::connection_counts::ConnectionCounts;
use crate::commands::prompt::repeat::Repeating;
use crate::commands::prompt::screen::whole_columns;
use crate::http::{Secrets, shown_url};
use crate::net::{Dialed, End, Summary};
use crate::peer_text::Escaped;
use crate::trace::connection_lines::{ClosedLine, ConnectionLine, Milestone, OpenedLine};
use crate::trace::recorder::Recorder;
use crate::view::compression;
use crate::view::frames::{FrameDetail, FrameLines};
use crate::ws::handshake::Negotiated;
use crate::ws::{Event, StatusCode};

/// How a message of ours is shown, once it is told as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SentView {
    /// By its kind and size, where the typed line doesn't say as much.
    Described,
    /// So in any case: the line has the name of a file.
    OfFile,
    /// Like a message that came: nobody has typed it.
    Whole,
    Hidden,
}

#[derive(Debug)]
pub(super) struct OpenConnection {
    /// In lines of JSON, where there may be others in the same file.
    number: Option<u64>,
    url: String,
    pub(super) facts: ConnectFacts,
    accepted: Negotiated,
    pub(super) counts: ConnectionCounts,
    pub(super) recorder: Recorder,
    /// One for each message that was sent and isn't told yet.
    pub(super) sent_views: VecDeque<SentView>,
    frames: FrameLines,
    pub(super) repeating: Option<Repeating>,
    /// Pings from the keyboard.
    pub(super) asked: AskedPings,
    pub(super) stall: Stall,
    new: bool,
    /// As it may be logged.
    logged_url: String,
    /// How it was opened, as a line of JSON.
    opened_line: String,
    /// How it ended.
    pub(super) ended: Option<End>,
    /// What was said of that.
    pub(super) told_end: Option<String>,
    /// What is to be done once its last line is written.
    pub(super) behind_last_line: Vec<Operation>,
}

impl OpenConnection {
    pub(super) fn new(
        number: Option<u64>,
        url: String,
        facts: ConnectFacts,
        dialed: &Dialed,
        secrets: Secrets,
    ) -> Self {
        Self {
            logged_url: shown_url(&url, secrets).into_owned(),
            opened_line: opened_line(number, facts.line(&dialed.accepted, &url, secrets)),
            number,
            url,
            facts,
            accepted: dialed.accepted.clone(),
            ..Self::unopened()
        }
    }

    /// In the place of one that isn't there yet.
    pub(super) fn unopened() -> Self {
        let now = Instant::now();
        Self {
            number: None,
            url: String::new(),
            facts: ConnectFacts::default(),
            accepted: Negotiated::default(),
            counts: ConnectionCounts::new(now),
            recorder: Recorder::new(None, now),
            sent_views: VecDeque::new(),
            frames: FrameLines::new(FrameDetail::default()),
            repeating: None,
            asked: AskedPings::default(),
            stall: Stall::default(),
            new: true,
            logged_url: String::new(),
            opened_line: String::new(),
            ended: None,
            told_end: None,
            behind_last_line: Vec::new(),
        }
    }

    /// Whether it is said how it ended: then its transport may still be there for a while.
    pub(super) fn has_ended(&self) -> bool {
        self.told_end.is_some()
    }

    /// The peer has closed it with 1000, which is no loss.
    pub(super) fn is_closed_as_done(&self) -> bool {
        matches!(&self.ended, Some(End::Closed { close, ours: None }) if close.code == Some(StatusCode::NORMAL))
    }

    /// Whether it has ever been open.
    pub(super) fn was_opened(&self) -> bool {
        !self.opened_line.is_empty()
    }

    pub(super) fn opened_line(&self) -> &str {
        &self.opened_line
    }

    /// How it ended, as a line of JSON.
    pub(super) fn closed_line(&self, summary: &Summary) -> String {
        let line = ClosedLine {
            url: Some(self.logged_url.clone()),
            why: EndLine(&summary.ending).to_string(),
            received: Some(summary.received),
            sent: Some(summary.sent),
            elapsed: Some(self.recorder.opened().elapsed()),
            ..ClosedLine::of(&summary.ending)
        };
        ConnectionLine::new(self.number, Milestone::Closed(Box::new(line))).line()
    }

    /// For programs.
    pub(super) fn raw_url(&self) -> &str {
        &self.url
    }

    pub(super) fn url(&self) -> Escaped<'_> {
        Escaped(&self.url)
    }

    /// True the first time.
    pub(super) fn is_new(&mut self) -> bool {
        std::mem::take(&mut self.new)
    }

    pub(super) fn end(&mut self, now: Instant) {
        self.counts.end(now);
        self.repeating = None;
    }

    /// The frame lines that an event completes.
    pub(super) fn frame_lines(&mut self, event: &Event<'_>, detail: FrameDetail) -> Vec<String> {
        self.frames.set_detail(detail);
        self.frames.event(event, whole_columns)
    }

    pub(super) fn unfinished_frame(&mut self) -> Option<String> {
        self.frames.finish()
    }

    pub(super) fn compresses(&self) -> bool {
        self.accepted.deflate.is_some()
    }

    /// Where to, and with which extension.
    pub(super) fn headline(&self) -> String {
        let url = self.url();
        match &self.accepted.deflate {
            // Its parameters are in /info.
            Some(_) => format!("{url}, permessage-deflate"),
            None => format!("{url}, no compression"),
        }
    }

    /// What `/info` says.
    pub(super) fn info(&self, secrets: Secrets) -> Vec<String> {
        let subprotocol = self.accepted.subprotocol.as_ref().map_or("none", |agreed| agreed.shown(secrets));
        let mut lines = vec![Escaped(&self.url).to_string()];
        lines.extend(self.facts.address().map(|address| format!("address      {}", Escaped(address))));
        lines.extend(self.facts.tls_lines());
        lines.push(format!("subprotocol  {}", Escaped(subprotocol)));
        lines.push(match self.accepted.deflate {
            Some(agreed) => format!("extension    {}", compression::words(agreed)),
            None => "extension    none".to_owned(),
        });
        lines.push("/headers shows the headers of the opening handshake".to_owned());
        lines
    }
}

fn opened_line(number: Option<u64>, line: OpenedLine) -> String {
    ConnectionLine::new(number, Milestone::Opened(Box::new(line))).line()
}
