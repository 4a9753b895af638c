//! One line a frame, as on the wire.

use std::fmt::Write;

use super::control_payload::ControlPayload;
use crate::peer_text::Escaped;
use crate::ws::{Close, Data, Direction, Event, Frame, OpCode};

/// Turns events into frame lines. A received data frame's line waits until the frame has ended,
/// for only then is it known what it inflated to.
#[derive(Debug, Default)]
pub(crate) struct FrameLines {
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    line: String,
    compressed: bool,
    content: u64,
}

impl FrameLines {
    /// The lines, in order, that this event completes.
    pub(crate) fn event(&mut self, event: &Event<'_>) -> Vec<String> {
        match event {
            Event::Frame(frame) => self.frame(frame),
            Event::Data(data) if data.direction == Direction::Received => self.data(data).into_iter().collect(),
            Event::Data(_) => Vec::new(),
            Event::Ping(_) | Event::Pong(_) | Event::Close(_) => Vec::new(),
            Event::Violation(_) => self.finish().into_iter().collect(),
        }
    }

    /// The line of a frame that never ended.
    pub(crate) fn finish(&mut self) -> Option<String> {
        self.held.take().map(|held| held.line)
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Vec<String> {
        let line = describe(frame);
        let waits = frame.direction == Direction::Received && !frame.header.opcode.is_control();
        if !waits {
            return vec![line];
        }
        let unfinished = self.held.replace(Held { line, compressed: frame.compressed, content: 0 });
        unfinished.into_iter().map(|held| held.line).collect()
    }

    fn data(&mut self, data: &Data<'_>) -> Option<String> {
        let held = self.held.as_mut()?;
        held.content += data.bytes.len() as u64;
        if !data.ends_frame {
            return None;
        }
        let held = self.held.take()?;
        Some(if held.compressed { format!("{} inflated={}", held.line, held.content) } else { held.line })
    }
}

fn describe(frame: &Frame<'_>) -> String {
    let header = &frame.header;
    let arrow = if frame.direction == Direction::Sent { '>' } else { '<' };
    let mut line = match header.opcode.name() {
        Some(name) => format!("{arrow} {name}"),
        None => format!("{arrow} opcode={:#x}", u8::from(header.opcode)),
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
        opcode if opcode.is_control() && !frame.payload.is_empty() => {
            add(format_args!(" {}", ControlPayload::from(&*frame.payload)));
        }
        _ => {}
    }
    line
}

fn close_words(payload: &[u8]) -> String {
    match Close::parse(payload) {
        Ok(Close { code: None, .. }) => String::new(),
        Ok(Close { code: Some(code), reason }) if reason.is_empty() => format!(" {code}"),
        Ok(Close { code: Some(code), reason }) => format!(" {code} \"{}\"", Escaped(&reason)),
        Err(_) => format!(" {}", ControlPayload::from(payload)),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::ws::{FrameHeader, Kind};

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
        }))
    }

    #[test]
    fn control_frames_show_their_payload() {
        let mut lines = FrameLines::default();
        let ping = FrameHeader { mask: Some([1, 2, 3, 4]), ..FrameHeader::new(OpCode::Ping) };
        assert_eq!(lines.event(&frame(Direction::Sent, ping, 2, b"hi")), ["> ping FIN mask=01020304 length=2 \"hi\""]);
        let close = FrameHeader::new(OpCode::Close);
        let shown = lines.event(&frame(Direction::Received, close, 5, b"\x03\xe8bye"));
        assert_eq!(shown, ["< close FIN length=5 1000 (normal closure) \"bye\""]);
    }

    #[test]
    fn a_received_frame_waits_for_what_it_inflates_to() {
        let mut lines = FrameLines::default();
        let text = FrameHeader { rsv1: true, ..FrameHeader::new(OpCode::Text) };
        assert!(lines.event(&frame(Direction::Received, text, 7, b"")).is_empty());
        let data = |bytes, ends_frame| {
            Event::Data(Data {
                direction: Direction::Received,
                kind: Kind::Text,
                first: true,
                last: ends_frame,
                ends_frame,
                bytes,
                to_come: 0,
            })
        };
        assert!(lines.event(&data(b"He", false)).is_empty());
        assert_eq!(lines.event(&data(b"llo", true)), ["< text FIN RSV1 length=7 inflated=5"]);
    }
}
