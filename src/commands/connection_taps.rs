//! A connection that is run to its end while others look at it: its frames for a person, its recording.

use std::os::fd::AsFd;

use crate::net::{Dialed, Engine, Handler, Signals, Summary, Tap, Timing};
use crate::stdio::console::Console;
use crate::stdio::frame_log::FrameLog;
use crate::stdio::recording::RecordedConnection;
use crate::view::frames::FrameDetail;
use crate::ws::Event;

/// Those who look at a connection; most often nobody does.
#[derive(Default)]
pub(crate) struct ConnectionTaps<'a> {
    pub(crate) frames: Option<FrameLog>,
    pub(crate) recorded: Option<RecordedConnection>,
    /// What else is done with its events, before the others see them.
    pub(crate) first: Option<&'a mut dyn FnMut(&Event<'_>)>,
}

impl ConnectionTaps<'_> {
    /// A line for each frame, where that is asked for.
    pub(crate) fn of_frames(detail: Option<FrameDetail>, console: &Console) -> Self {
        let frames = detail.map(|detail| FrameLog::new(console.clone(), String::new(), detail));
        Self { frames, ..Self::default() }
    }

    /// Runs the connection to its end.
    pub(crate) fn run<H: Handler + ?Sized>(
        mut self,
        dialed: Dialed,
        timing: Timing,
        signals: &Signals,
        handler: &mut H,
    ) -> Summary {
        let is_tapped = self.frames.is_some() || self.recorded.is_some() || self.first.is_some();
        let tap: Option<&mut dyn Tap> = if is_tapped { Some(&mut self) } else { None };
        let engine = Engine::new(dialed.websocket, timing, Some(signals.as_fd()), handler);
        let summary = engine.tapped(tap).run_counting();
        if let Some(recorded) = &mut self.recorded {
            recorded.ended(&summary);
        }
        if let Some(frames) = self.frames {
            frames.finish();
        }
        summary
    }
}

impl Tap for ConnectionTaps<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.first.iter_mut().for_each(|first| first(event));
        self.frames.iter_mut().for_each(|frames| frames.event(event));
        self.recorded.iter_mut().for_each(|recorded| recorded.event(event));
    }

    fn all_told(&mut self) {
        self.recorded.iter().for_each(RecordedConnection::write);
    }
}
