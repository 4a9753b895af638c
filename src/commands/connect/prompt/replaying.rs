//! `/replay`: the client's side of a recording, played on the connection that is open, and what comes compared. The connection
//! stays open.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

use super::Prompt;
use super::connection::SentView;
use crate::handlers::replay::{Recorded, Replay, ReplayOptions};
use crate::net::{Handler, Sender};
use crate::peer_text::Escaped;
use crate::view::spans::Style;
use crate::ws::{Data, Event};

/// A recording that is being played.
pub(super) struct Replaying {
    name: String,
    pub(super) replay: Replay,
    /// Messages that it has sent, as far as the screen knows.
    sent: u64,
    /// A message has begun to come since: what comes of one that had begun before is none of its business.
    hears: bool,
    /// Part of a message is sent, so that no other can be.
    pub(super) is_inside_message: bool,
    stopped: bool,
}

impl Prompt<'_> {
    /// Begins to play, if nothing else is played.
    pub(super) fn replay(&mut self, recorded: Recorded, sender: Option<&mut Sender<'_>>) {
        if let Some(Replaying { name, .. }) = &self.replaying {
            return self.screen.fault(format_args!("still playing {name}; Ctrl-C stops that"));
        }
        if sender.is_none_or(|sender| sender.is_closing()) {
            return self.screen.fault("not connected: nothing is played");
        }
        let name = Escaped(&recorded.path.display().to_string()).to_string();
        self.screen.note(format_args!("playing {name}; Ctrl-C stops"));
        let screen = self.screen.clone();
        let tell = Box::new(move |line: &dyn Display| screen.offer(screen.noted(line)));
        let replay = Replay::new(recorded, Arc::new(ReplayOptions::at_a_prompt()), tell);
        self.replaying =
            Some(Replaying { name, replay, sent: 0, hears: false, is_inside_message: false, stopped: false });
    }

    /// Compares what comes.
    pub(super) fn compare_with_recording(&mut self, data: &Data<'_>, sender: &mut Sender<'_>) {
        if let Some(replaying) = &mut self.replaying {
            replaying.hears |= data.first;
            if replaying.hears {
                replaying.replay.event(Event::Data(*data), sender);
            }
        }
    }

    /// Sends what is due of the recording.
    pub(super) fn play(&mut self, now: Instant, sender: &mut Sender<'_>) {
        // RFC 6455 §5.4: no message begins inside another.
        if self.answering.is_inside_message() {
            return;
        }
        let Some(replaying) = &mut self.replaying else { return };
        replaying.replay.after_turn(now, sender);
        replaying.is_inside_message = sender.is_inside_message();
        let sent = replaying.replay.report().sent;
        let views = std::iter::repeat_n(SentView::Whole, (sent - replaying.sent) as usize);
        replaying.sent = sent;
        self.open.sent_views.extend(views);
        if replaying.replay.has_closed() && !replaying.is_inside_message {
            self.end_replaying();
        }
    }

    /// Ctrl-C: ends what is being played, behind a message that has begun. Returns whether there was anything to end.
    pub(super) fn stop_replaying(&mut self) -> bool {
        let Some(replaying) = self.replaying.as_mut().filter(|replaying| !replaying.stopped) else { return false };
        replaying.stopped = true;
        replaying.replay.stop();
        if !replaying.is_inside_message {
            self.end_replaying();
        }
        true
    }

    /// Nothing more is played: says what came of it.
    pub(super) fn end_replaying(&mut self) {
        let Some(Replaying { name, mut replay, stopped, .. }) = self.replaying.take() else { return };
        if let Some(error) = replay.take_failure().or_else(|| replay.finish().err()) {
            return self.screen.fault(format_args!("{name} can't be played on: {error}"));
        }
        let mut lines = replay.report().lines();
        let summary = lines.pop().unwrap_or_default();
        let lines = lines.iter().filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.map(|line| self.screen.wrapped(Style::Plain, &format!("  {line}"))).collect();
        self.screen.list(lines);
        let did = if stopped { "stopped playing" } else { "played" };
        self.screen.note(format_args!("{did} {name}: {summary}"));
    }
}
