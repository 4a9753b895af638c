//! Frames in the order in which they are shown: a data frame once it has ended, for only then is it known how much content it
//! had.

use crate::ws::{Data, Direction, Event, Frame, Kind, OpCode};

/// Holds back what is to be shown of a data frame, made as a `T`, until the frame has ended: of a received one always, of one
/// that was sent where its content is wanted.
#[derive(Debug)]
pub(crate) struct EndedFrames<T> {
    /// Bytes of content that are kept.
    keeps: usize,
    received: Option<(T, FrameContent)>,
    sent: Option<(T, FrameContent)>,
}

/// What a data frame had in it, after inflating.
#[derive(Debug, Default)]
pub(crate) struct FrameContent {
    /// Of the message.
    pub(crate) kind: Option<Kind>,
    pub(crate) length: u64,
    /// As much of it as is kept.
    pub(crate) beginning: Vec<u8>,
}

impl<T> Default for EndedFrames<T> {
    fn default() -> Self {
        Self::keeping(0)
    }
}

impl<T> EndedFrames<T> {
    /// Keeps so many bytes of each frame's content. With none, what is sent is shown without its content.
    pub(crate) fn keeping(bytes: usize) -> Self {
        Self { keeps: bytes, received: None, sent: None }
    }

    /// Keeps so many bytes from the next frame on.
    pub(crate) fn keep(&mut self, bytes: usize) {
        self.keeps = bytes;
    }

    /// What this event lets be shown, in order; of a frame that was held back, with its content. One that didn't end, because
    /// another frame or a violation came, has none.
    pub(crate) fn event(
        &mut self,
        event: &Event<'_>,
        show: impl FnOnce(&Frame<'_>) -> T,
    ) -> Vec<(T, Option<FrameContent>)> {
        if let Event::Data(data) = event {
            return self.data(data).into_iter().collect();
        }
        let mut shown = Vec::new();
        match event {
            Event::Frame(frame) => {
                if frame.direction == Direction::Sent {
                    shown.extend(self.sent.take().map(|(shown, _)| shown));
                }
                let opcode = frame.header.opcode;
                let is_control = opcode.is_control() || matches!(opcode, OpCode::Reserved(_));
                // One that was sent as it was given has its payload with it.
                let has_content_behind = !is_control && frame.length > 0 && frame.payload.is_empty();
                match frame.direction {
                    Direction::Sent if self.keeps > 0 && has_content_behind => {
                        self.sent = Some((show(frame), FrameContent::default()));
                    }
                    Direction::Sent => shown.push(show(frame)),
                    Direction::Received => {
                        shown.extend(self.unfinished());
                        match is_control {
                            true => shown.push(show(frame)),
                            false => self.received = Some((show(frame), FrameContent::default())),
                        }
                    }
                }
            }
            // After one that is tolerated the frame goes on.
            Event::Violation(frame) if !frame.tolerated => shown.extend(self.unfinished()),
            _ => {}
        }
        shown.into_iter().map(|shown| (shown, None)).collect()
    }

    fn data(&mut self, data: &Data<'_>) -> Option<(T, Option<FrameContent>)> {
        let open = match data.direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        };
        if let Some((_, content)) = open {
            content.push(data, self.keeps);
        }
        open.take_if(|_| data.ends_frame).map(|(shown, content)| (shown, Some(content)))
    }

    /// The frames that never ended.
    pub(crate) fn finish(&mut self) -> Option<T> {
        self.sent.take().map(|(shown, _)| shown).or_else(|| self.unfinished())
    }

    fn unfinished(&mut self) -> Option<T> {
        self.received.take().map(|(shown, _)| shown)
    }
}

impl FrameContent {
    fn push(&mut self, data: &Data<'_>, keeps: usize) {
        self.kind = Some(data.kind);
        self.length += data.bytes.len() as u64;
        let room = keeps.saturating_sub(self.beginning.len());
        self.beginning.extend_from_slice(&data.bytes[..data.bytes.len().min(room)]);
    }
}
