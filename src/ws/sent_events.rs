//! What was sent and is still to be told: its frames, and the content that went into them.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::event::{Direction, Frame, Kind};
use super::frame::FrameHeader;

/// Which frames and what content a connection tells beside what it receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Observe {
    /// Only what frames come to: messages, pings, pongs, closes.
    #[default]
    Nothing,
    /// Every frame in both directions.
    Frames,
    /// Every frame, and behind those that we send their content, as that of received ones.
    FramesAndContent,
    /// The same, and the payload of the frames that are compressed.
    FramesAndPayloads,
}

/// One thing that was sent.
#[derive(Debug)]
pub(super) enum SentEvent {
    Frame(Box<Frame<'static>>),
    Content { kind: Kind, first: bool, place: FramePart, bytes: Vec<u8>, packed: Vec<u8> },
}

impl SentEvent {
    fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Frame(frame) => size_of::<Frame<'_>>() + frame.payload.len(),
                Self::Content { bytes, packed, .. } => bytes.len() + packed.len(),
            }
    }
}

/// Which part of a frame content is.
#[derive(Debug, Clone, Copy)]
pub(super) struct FramePart {
    /// Bytes of the frame's payload that follow it.
    pub(super) to_come: u64,
    /// The frame is the last of its message.
    pub(super) is_final: bool,
    pub(super) compressed: bool,
}

/// Where a data frame stands in its message.
#[derive(Debug, Clone, Copy)]
pub(super) struct FramePosition {
    pub(super) kind: Kind,
    /// Frames of the message that went before.
    pub(super) before: u64,
    /// Its message is compressed.
    pub(super) compressed: bool,
    /// Bytes of content that went into it, where it is compressed and that is known.
    pub(super) content: Option<u64>,
}

/// The queue of what is to be told, in the order in which it was sent.
#[derive(Debug, Default)]
pub(super) struct SentEvents {
    observe: Observe,
    /// Content that went into no frame yet.
    content: Vec<u8>,
    queue: VecDeque<SentEvent>,
    /// What `queue` holds, in bytes.
    size: usize,
}

impl SentEvents {
    pub(super) fn set_observe(&mut self, observe: Observe) {
        self.observe = observe;
    }

    pub(super) fn observe(&self) -> Observe {
        self.observe
    }

    #[inline]
    pub(super) fn tells_frames(&self) -> bool {
        self.observe != Observe::Nothing
    }

    pub(super) fn tells_content(&self) -> bool {
        self.observe >= Observe::FramesAndContent
    }

    /// Takes in content, to be told behind the frame into which it goes.
    pub(super) fn gather(&mut self, part: &[u8]) {
        if self.tells_content() {
            self.content.extend_from_slice(part);
        }
    }

    /// A frame was sent whose payload is told with it.
    pub(super) fn frame(&mut self, header: FrameHeader, payload: &[u8], as_given: bool) {
        if self.tells_frames() {
            self.push(SentEvent::Frame(Box::new(Frame {
                direction: Direction::Sent,
                header,
                length: payload.len() as u64,
                payload: Cow::Owned(payload.to_vec()),
                fragment: None,
                compressed: false,
                content: None,
                as_given,
            })));
        }
    }

    /// A frame of a message was sent, with `length` bytes of payload, which are `payload` where it is compressed.
    pub(super) fn data_frame(&mut self, header: FrameHeader, length: usize, payload: &[u8], place: FramePosition) {
        self.data_header(header, length, place);
        let FramePosition { kind, before, compressed, .. } = place;
        if self.tells_content() {
            let bytes = std::mem::take(&mut self.content);
            let tells_payload = self.observe == Observe::FramesAndPayloads && compressed;
            let packed = if tells_payload { payload.to_vec() } else { Vec::new() };
            let place = FramePart { to_come: 0, is_final: header.is_final, compressed };
            self.push(SentEvent::Content { kind, first: before == 0, place, bytes, packed });
        }
    }

    /// The header of such a frame was sent, and what goes into it [is told](Self::part) as it is sent.
    pub(super) fn data_header(&mut self, header: FrameHeader, length: usize, place: FramePosition) {
        if !self.tells_frames() {
            return;
        }
        let FramePosition { before, compressed, content, .. } = place;
        let last = header.is_final;
        self.push(SentEvent::Frame(Box::new(Frame {
            direction: Direction::Sent,
            header,
            length: length as u64,
            payload: Cow::Borrowed(&[]),
            fragment: (before > 0 || !last).then_some(before + 1),
            compressed,
            content,
            as_given: false,
        })));
    }

    /// Part of a frame was sent that isn't compressed.
    pub(super) fn part(&mut self, kind: Kind, first: bool, place: FramePart, part: &[u8]) {
        if self.tells_content() {
            self.push(SentEvent::Content { kind, first, place, bytes: part.to_vec(), packed: Vec::new() });
        }
    }

    fn push(&mut self, event: SentEvent) {
        self.size += event.size();
        self.queue.push_back(event);
    }

    /// Takes the next.
    pub(super) fn take(&mut self) -> Option<SentEvent> {
        let event = self.queue.pop_front()?;
        self.size -= event.size();
        Some(event)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Bytes of memory that the queue holds: what becomes less by being told. Content that a compressor is still gathering isn't
    /// among it, for it becomes less only by sending more, and whoever waited for that before sending more would wait for
    /// ever. It is bounded all the same, by what a block of DEFLATE stands for.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    #[cfg(test)]
    pub(super) fn gathered(&self) -> usize {
        self.content.len()
    }
}
