//! One line a frame, as on the wire.

use std::fmt::Write;

use super::close_text::CloseText;
use super::control_payload::ControlPayload;
use super::ended_frames::{EndedFrames, FrameContent};
use super::frame_payload::{FramePayload, SHOWN};
use super::violating_frame;
use crate::ws::{Close, Direction, Event, Frame, OpCode};

/// What is shown of data frames. Of control frames it is everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FrameDetail {
    #[default]
    Header,
    /// Its content too, which has to be observed of what is sent.
    Payload,
}

/// Turns events into frame lines.
#[derive(Debug)]
pub(crate) struct FrameLines {
    frames: EndedFrames<FrameLine>,
    detail: FrameDetail,
}

#[derive(Debug)]
struct FrameLine {
    words: String,
    /// How much it inflates to is told with its content.
    inflates: bool,
}

impl FrameDetail {
    pub(crate) const NAMES: &'static [(&'static str, Self)] = &[("header", Self::Header), ("payload", Self::Payload)];
}

impl Default for FrameLines {
    fn default() -> Self {
        Self::new(FrameDetail::Header)
    }
}

impl FrameLines {
    pub(crate) fn new(detail: FrameDetail) -> Self {
        Self { frames: EndedFrames::keeping(kept(detail)), detail }
    }

    /// Shows so much from the next frame on.
    pub(crate) fn set_detail(&mut self, detail: FrameDetail) {
        self.frames.keep(kept(detail));
        self.detail = detail;
    }

    /// The lines, in order, that this event completes. Rows of bytes are no longer than `columns`.
    pub(crate) fn event(&mut self, event: &Event<'_>, columns: impl FnOnce() -> usize) -> Vec<String> {
        let detail = self.detail;
        let shown = self.frames.event(event, |frame| FrameLine {
            words: describe(frame, detail),
            inflates: frame.compressed && frame.direction == Direction::Received,
        });
        let lines = shown.into_iter().map(|(line, content)| line.with(content.as_ref(), detail));
        match event {
            // Of one that is tolerated whoever tolerates it tells; the frame goes on.
            Event::Violation(frame) if !frame.tolerated => {
                lines.chain(violating_frame::lines(frame, columns())).collect()
            }
            _ => lines.collect(),
        }
    }

    /// The line of a frame that never ended.
    pub(crate) fn finish(&mut self) -> Option<String> {
        self.frames.finish().map(|line| format!("{} (incomplete)", line.words))
    }
}

/// Bytes of a frame's content that are shown.
fn kept(detail: FrameDetail) -> usize {
    if detail == FrameDetail::Payload { SHOWN } else { 0 }
}

impl FrameLine {
    fn with(self, content: Option<&FrameContent>, detail: FrameDetail) -> String {
        let Self { mut words, inflates } = self;
        let Some(content) = content else { return words };
        // Writing to a String can't fail.
        if inflates {
            let _ = write!(words, " inflated={}", content.length);
        }
        if detail == FrameDetail::Payload {
            let _ = write!(words, "{}", FramePayload(content));
        }
        words
    }
}

fn describe(frame: &Frame<'_>, detail: FrameDetail) -> String {
    let arrow = if frame.direction == Direction::Sent { '>' } else { '<' };
    format!("{arrow} {}", words(frame, detail))
}

/// A frame's header, and of its payload what is there and to be shown: `text FIN length=5`.
pub(crate) fn words(frame: &Frame<'_>, detail: FrameDetail) -> String {
    let header = &frame.header;
    let mut line = match header.opcode.name() {
        Some(name) => name.to_owned(),
        None => format!("opcode={:#x}", u8::from(header.opcode)),
    };
    for (name, on) in [("FIN", header.is_final), ("RSV1", header.rsv1), ("RSV2", header.rsv2), ("RSV3", header.rsv3)] {
        if on {
            line.push(' ');
            line.push_str(name);
        }
    }
    let mut add = |part: std::fmt::Arguments<'_>| {
        // Writing to a String can't fail.
        let _ = line.write_fmt(part);
    };
    if let Some(key) = header.mask {
        add(format_args!(" mask={:08x}", u32::from_be_bytes(key)));
    }
    add(format_args!(" length={}", frame.length));
    if let Some(number) = frame.fragment {
        add(format_args!(" fragment={number}"));
    }
    if let Some(content) = frame.content {
        add(format_args!(" inflated={content}"));
    }
    match header.opcode {
        OpCode::Close => add(format_args!("{}", close_words(&frame.payload))),
        opcode if (opcode.is_control() || detail == FrameDetail::Payload) && !frame.payload.is_empty() => {
            add(format_args!(" {}", ControlPayload::from(&*frame.payload)));
        }
        _ => {}
    }
    line
}

fn close_words(payload: &[u8]) -> String {
    match Close::parse(payload) {
        Ok(Close { code: None, .. }) => String::new(),
        Ok(close) => format!(" {}", CloseText(&close)),
        Err(_) => format!(" {}", ControlPayload::from(payload)),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::ws::{Data, Excerpt, ExcerptOf, FrameHeader, Kind, ViolatingFrame, Violation};

    fn frame(direction: Direction, header: FrameHeader, length: u64, payload: &[u8]) -> Event<'_> {
        let compressed = header.rsv1;
        Event::Frame(Box::new(Frame {
            direction,
            header,
            length,
            payload: Cow::Borrowed(payload),
            fragment: None,
            compressed,
            content: None,
            as_given: false,
        }))
    }

    #[test]
    fn control_frames_show_their_payload() {
        let mut lines = FrameLines::new(FrameDetail::Header);
        let ping = FrameHeader { mask: Some([1, 2, 3, 4]), ..FrameHeader::new(OpCode::Ping) };
        assert_eq!(
            lines.event(&frame(Direction::Sent, ping, 2, b"hi"), || 80),
            ["> ping FIN mask=01020304 length=2 \"hi\""]
        );
        let close = FrameHeader::new(OpCode::Close);
        let shown = lines.event(&frame(Direction::Received, close, 5, b"\x03\xe8bye"), || 80);
        assert_eq!(shown, ["< close FIN length=5 1000 (normal closure) \"bye\""]);
    }

    #[test]
    fn a_received_frame_waits_for_what_it_inflates_to() {
        let mut lines = FrameLines::new(FrameDetail::Header);
        let text = FrameHeader { rsv1: true, ..FrameHeader::new(OpCode::Text) };
        assert!(lines.event(&frame(Direction::Received, text, 7, b""), || 80).is_empty());
        let data = |bytes, ends_frame| {
            Event::Data(Data {
                direction: Direction::Received,
                kind: Kind::Text,
                first: true,
                last: ends_frame,
                ends_frame,
                bytes,
                to_come: 0,
                is_final: true,
                compressed: true,
                packed: b"",
            })
        };
        assert!(lines.event(&data(b"He", false), || 80).is_empty());
        let pong = frame(Direction::Sent, FrameHeader::new(OpCode::Pong), 0, b"");
        assert_eq!(lines.event(&pong, || 80), ["> pong FIN length=0"], "what we send meanwhile doesn't end it");
        assert_eq!(lines.event(&data(b"llo", true), || 80), ["< text FIN RSV1 length=7 inflated=5"]);
    }

    #[test]
    fn a_received_frame_that_does_not_end_is_shown_before_what_ended_it() {
        let mut lines = FrameLines::new(FrameDetail::Header);
        let text = FrameHeader::new(OpCode::Text);
        assert!(lines.event(&frame(Direction::Received, text, 9, b""), || 80).is_empty());
        let violation = Event::Violation(Box::new(ViolatingFrame {
            opcode: OpCode::Text,
            length: 9,
            faults: vec![Violation::TextNotUtf8],
            excerpt: Excerpt { of: ExcerptOf::Message, start: 0, bytes: b"a\xff".to_vec(), bad: Some(1) },
            tolerated: false,
        }));
        assert_eq!(lines.event(&violation, || 80)[0], "< text FIN length=9");
        assert_eq!(lines.finish(), None);
        assert!(lines.event(&frame(Direction::Received, text, 9, b""), || 80).is_empty());
        assert_eq!(lines.finish().as_deref(), Some("< text FIN length=9 (incomplete)"));
    }
}
