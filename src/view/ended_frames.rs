//! Frames in the order in which they are shown: a received data frame once it has ended, for only then is it known how much
//! content it had.

use crate::ws::{Direction, Event, Frame};

/// Holds back what is to be shown of a received data frame, made as a `T`, until the frame has ended.
#[derive(Debug)]
pub(crate) struct EndedFrames<T> {
    /// With the bytes of content that have come so far.
    held: Option<(T, u64)>,
}

impl<T> Default for EndedFrames<T> {
    fn default() -> Self {
        Self { held: None }
    }
}

impl<T> EndedFrames<T> {
    /// What this event lets be shown, in order; of a frame that was held back, with the bytes of its content. One that
    /// didn't end, because another frame or a violation came, has none.
    pub(crate) fn event(&mut self, event: &Event<'_>, show: impl FnOnce(&Frame<'_>) -> T) -> Vec<(T, Option<u64>)> {
        let known = |shown: Option<(T, Option<u64>)>| shown.into_iter().collect();
        match event {
            Event::Frame(frame) if frame.direction == Direction::Sent => vec![(show(frame), None)],
            Event::Frame(frame) => {
                let unfinished = self.finish().map(|shown| (shown, None));
                if frame.header.opcode.is_control() {
                    return unfinished.into_iter().chain([(show(frame), None)]).collect();
                }
                self.held = Some((show(frame), 0));
                known(unfinished)
            }
            Event::Data(data) if data.direction == Direction::Received => {
                if let Some((_, content)) = &mut self.held {
                    *content += data.bytes.len() as u64;
                }
                known(self.held.take_if(|_| data.ends_frame).map(|(shown, content)| (shown, Some(content))))
            }
            // After one that is tolerated the frame goes on.
            Event::Violation(frame) if !frame.tolerated => known(self.finish().map(|shown| (shown, None))),
            _ => Vec::new(),
        }
    }

    /// The frame that never ended.
    pub(crate) fn finish(&mut self) -> Option<T> {
        self.held.take().map(|(shown, _)| shown)
    }
}
