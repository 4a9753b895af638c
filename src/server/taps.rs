//! Those who look at a connection while it is served: the log's frames, programs, the page.

use std::sync::Arc;

use super::observers::Watcher;
use crate::frame_log::FrameLog;
use crate::journal::{Ended, Journal, Opened};
use crate::observation::Observer;
use crate::ws::Event;

/// Who looks at one connection.
#[derive(Debug)]
pub(super) struct Taps {
    frames: Option<FrameLog>,
    program: Option<(u64, Arc<Journal>, Observer)>,
    watcher: Option<(u64, Watcher, Observer)>,
}

impl Taps {
    /// `None` when nobody looks.
    pub(super) fn new(
        number: u64,
        journal: &Arc<Journal>,
        frames: bool,
        watcher: Option<Watcher>,
    ) -> Option<Box<Self>> {
        let log = journal.console.clone().filter(|_| frames);
        let taps = Self {
            frames: log.map(|console| FrameLog::new(console, format!("[{number}] "))),
            program: journal.json.then(|| (number, Arc::clone(journal), Observer::new(true))),
            watcher: watcher.map(|watcher| (number, watcher, Observer::new(false))),
        };
        let anybody = taps.frames.is_some() || taps.program.is_some() || taps.watcher.is_some();
        anybody.then(|| Box::new(taps))
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        if let Some(frames) = &mut self.frames {
            frames.event(event);
        }
        if let Some((number, journal, observer)) = &mut self.program {
            observer.event(event).into_iter().for_each(|event| journal.event(*number, event));
        }
        if let Some((_, watcher, observer)) = &mut self.watcher {
            observer.event(event).iter().for_each(|event| watcher.tell(event));
        }
    }

    /// Tells what was not finished.
    pub(super) fn finish(&mut self) {
        if let Some(frames) = self.frames.take() {
            frames.finish();
        }
    }

    pub(super) fn opened(&self, opened: &Opened<'_>) {
        if let Some((number, watcher, _)) = &self.watcher {
            let mut event = opened.object();
            event["connection"] = (*number).into();
            watcher.tell(&event);
        }
    }

    pub(super) fn ended(&self, ended: &Ended) {
        if let Some((_, watcher, _)) = &self.watcher {
            watcher.tell(&ended.object());
        }
    }
}
