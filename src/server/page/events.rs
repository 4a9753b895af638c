//! What is seen of a connection, as JSON objects for the page.

use std::time::Instant;

use serde_json::{Value, json};

use crate::peer_text::Escaped;
use crate::trace::record_type::RecordType;
use crate::trace::recorder::{Moment, Recorder};
use crate::view::control_payload::ControlPayload;
use crate::view::ended_frames::{EndedFrames, FrameContent};
use crate::ws::{Beginning, Close, Data, Direction, Event, Frame, Kind, OpCode};

/// Bytes of a text message that are shown, and of a binary one.
const SHOWN: usize = 1024;
const SHOWN_OF_BINARY: usize = 64;

/// Turns a connection's events into objects, each with its name as `type`.
#[derive(Debug)]
pub(crate) struct PageEvents {
    frames: EndedFrames<Value>,
    recorder: Recorder,
    /// Of a message that is received and one that is sent, where it is told what they say.
    messages: Option<[Beginning; 2]>,
    /// Of each, whether its beginning was seen.
    begun: [bool; 2],
}

impl PageEvents {
    /// Of a connection that is being opened. `tells_messages`: also what messages say.
    pub(crate) fn new(tells_messages: bool) -> Self {
        let messages = tells_messages.then(|| [Beginning::new(SHOWN), Beginning::new(SHOWN)]);
        Self {
            frames: EndedFrames::default(),
            recorder: Recorder::new(None, Instant::now()),
            messages,
            begun: [false; 2],
        }
    }

    /// The objects, in order, that this event completes: of frames, too, where they are shown to anybody.
    pub(crate) fn event(&mut self, event: &Event<'_>, shows_frames: bool) -> Vec<Value> {
        let mut told = Vec::new();
        if shows_frames {
            told.extend(self.frames.event(event, frame_object).into_iter().map(with_content));
        } else {
            // One that began before isn't told when it ends.
            self.frames = EndedFrames::default();
        }
        told.extend(self.record(event));
        if let Event::Data(data) = event {
            told.extend(self.message(data));
        }
        told
    }

    /// Events pass unseen: what is under way isn't told when it ends.
    pub(crate) fn miss(&mut self) {
        self.begun = [false; 2];
    }

    /// What a message says that has come whole, escaped and shortened.
    fn message(&mut self, data: &Data<'_>) -> Option<Value> {
        let at = usize::from(data.direction != Direction::Received);
        let beginning = &mut self.messages.as_mut()?[at];
        self.begun[at] |= data.first;
        if !self.begun[at] {
            return None;
        }
        let (content, length) = beginning.push(data)?;
        let (kind, shown, text) = match data.kind {
            Kind::Text => {
                // It may end inside a character.
                let text = content.utf8_chunks().next().map_or("", |chunk| chunk.valid());
                ("text", text.len(), Escaped(text).to_string())
            }
            Kind::Binary => {
                let bytes = &content[..content.len().min(SHOWN_OF_BINARY)];
                ("binary", bytes.len(), ControlPayload::Bytes(bytes).to_string())
            }
        };
        let is_whole = shown as u64 == length;
        Some(json!({
            "type": "message",
            "direction": data.direction.name(),
            "kind": kind,
            "length": length,
            "text": text,
            "whole": is_whole,
        }))
    }

    /// The record of a control frame or a violation. Of data a page is told in its frames, without the content.
    fn record(&mut self, event: &Event<'_>) -> Option<Value> {
        if matches!(event, Event::Data(_)) {
            return None;
        }
        let record = self.recorder.event(event, Moment::now)?;
        // Its line is JSON.
        (record.kind != RecordType::Frame).then(|| serde_json::from_str(&record.line()).unwrap_or_default())
    }

    /// The object of a frame that never ended.
    pub(crate) fn finish(&mut self) -> Option<Value> {
        self.frames.finish()
    }
}

/// Of a received data frame, the bytes of its content.
fn with_content((mut frame, content): (Value, Option<FrameContent>)) -> Value {
    if let Some(content) = content {
        frame["content"] = content.length.into();
    }
    frame
}

fn frame_object(frame: &Frame<'_>) -> Value {
    let Frame { direction, header, length, payload, fragment, compressed, content, as_given: _ } = frame;
    json!({
        "type": "frame",
        "direction": direction.name(),
        "opcode": opcode(header.opcode),
        "fin": header.is_final,
        "rsv": [header.rsv1, header.rsv2, header.rsv3],
        "masked": header.mask.is_some(),
        "length": length,
        "fragment": fragment,
        "compressed": compressed,
        "content": content,
        "payload": payload_value(header.opcode, payload),
    })
}

/// A control frame's payload: of a Close, what it says.
fn payload_value(opcode: OpCode, payload: &[u8]) -> Value {
    match Close::parse(payload) {
        _ if payload.is_empty() => Value::Null,
        Ok(Close { code: Some(code), reason }) if opcode == OpCode::Close => {
            format!("{} {reason}", code.0).trim_end().into()
        }
        _ if opcode.is_control() => shown(payload),
        _ => Value::Null,
    }
}

/// The opcode's name, or the number of a reserved one.
fn opcode(opcode: OpCode) -> Value {
    opcode.name().map_or_else(|| u8::from(opcode).into(), Value::from)
}

/// Text as it is, anything else in hexadecimal behind `0x`.
fn shown(payload: &[u8]) -> Value {
    match ControlPayload::from(payload) {
        ControlPayload::Text(text) => text.into(),
        bytes @ ControlPayload::Bytes(_) => bytes.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{Connection, Observe};

    #[test]
    fn a_frame_that_breaks_the_protocol_is_shown_before_its_violation() {
        let mut server = Connection::server(None);
        server.set_observe(Observe::FramesAndContent);
        server.receive(b"\x81\x83\0\0\0\0a\xffb");
        let (mut events, mut told) = (PageEvents::new(false), Vec::new());
        while let Some(event) = server.poll() {
            told.extend(events.event(&event, true).iter().map(|event| event["type"].clone()));
        }
        assert_eq!(told[..2], ["frame", "violation"]);
        assert_eq!(events.finish(), None);
    }

    #[test]
    fn frames_that_nobody_sees_are_not_made() {
        let mut server = Connection::server(None);
        server.set_observe(Observe::FramesAndContent);
        server.receive(b"\x81\x82\0\0\0\0ab\x89\x80\0\0\0\0\x81\x82\0\0\0\0c");
        let (mut events, mut told) = (PageEvents::new(true), Vec::new());
        while let Some(event) = server.poll() {
            told.extend(events.event(&event, false).iter().map(|event| event["type"].clone()));
        }
        assert_eq!(told, ["message", "ping", "pong"]);
        assert_eq!(events.finish(), None);
    }

    #[test]
    fn a_frame_that_never_ends_is_shown_at_the_end() {
        let mut server = Connection::server(None);
        server.set_observe(Observe::FramesAndContent);
        server.receive(b"\x82\x83\0\0\0\0a");
        let mut events = PageEvents::new(false);
        while let Some(event) = server.poll() {
            assert!(events.event(&event, true).is_empty());
        }
        assert_eq!(events.finish().unwrap()["length"], 3);
    }
}
