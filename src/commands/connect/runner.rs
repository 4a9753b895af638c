//! Connections without a prompt, one after the other.

use std::os::fd::AsFd;
use std::time::Instant;

use super::pipe::Pipe;
use super::reconnect::Reconnects;
use crate::client::Client;
use crate::error::Error;
use crate::net::{Dialed, End, Engine, Handler, Signals, Timing};
use crate::stdio::console::Console;
use crate::stdio::frame_log::FrameLog;

/// How connections are run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runner<'a> {
    pub(super) timing: Timing,
    pub(super) show_frames: bool,
    pub(super) signals: &'a Signals,
    pub(super) console: &'a Console,
}

impl Runner<'_> {
    /// One connection, or with `--reconnect` as many as it takes. Returns how the last one ended.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(super) fn through_the_pipe(
        self,
        client: &mut Client,
        mut dialed: Dialed,
        pipe: &mut Pipe<'_>,
        mut reconnects: Reconnects,
    ) -> Result<End, Error> {
        loop {
            let begun = Instant::now();
            let ending = self.converse(dialed, pipe);
            if !pipe.wants_another(&ending) || !reconnects.are_left() {
                return Ok(ending);
            }
            reconnects.lost_after(begun.elapsed());
            let next = reconnects.client(client, self.signals, self.console)?;
            let Some(next) = next else { return Ok(ending) };
            dialed = next;
            pipe.begin_again();
        }
    }

    /// Runs the connection, and tells how it ended.
    pub(super) fn converse(self, dialed: Dialed, handler: &mut impl Handler) -> End {
        let engine = Engine::new(dialed.websocket, self.timing, Some(self.signals.as_fd()), handler);
        let ending = if self.show_frames {
            let mut frames = FrameLog::new(self.console.clone(), String::new());
            let ending = engine.tapped(Some(&mut |event| frames.event(event))).run();
            frames.finish();
            ending
        } else {
            engine.run()
        };
        self.console.line(&ending);
        ending
    }
}
