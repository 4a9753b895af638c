//! What is seen of a connection, as JSON objects for the page.

use std::time::Instant;

use serde_json::{Value, json};

use crate::trace::round_trips::RoundTrips;
use crate::view::control_payload::ControlPayload;
use crate::ws::{Close, Data, Direction, Event, Frame, OpCode, Violation};

/// Turns a connection's events into objects, each with its name as `type`.
#[derive(Debug, Default)]
pub(crate) struct PageEvents {
    /// A received data frame waits for its end, for only then is it known what it inflated to.
    held: Option<(Value, u64)>,
    round_trips: RoundTrips,
}

impl PageEvents {
    /// The objects, in order, that this event completes.
    pub(crate) fn event(&mut self, event: &Event<'_>) -> Vec<Value> {
        let round_trip = self.round_trips.event(event, Instant::now());
        match event {
            Event::Frame(frame) => self.frame(frame),
            Event::Data(data) if data.direction == Direction::Received => self.data(data),
            Event::Data(_) => Vec::new(),
            Event::Ping(payload) => vec![json!({"type": "ping", "payload": shown(payload)})],
            Event::Pong(payload) => {
                let round_trip = round_trip.map(|time| time.as_secs_f64() * 1e3);
                vec![json!({"type": "pong", "payload": shown(payload), "round_trip_ms": round_trip})]
            }
            Event::Close(close) => vec![close_object(close)],
            Event::Violation(faults) => {
                let faults: Vec<_> = faults.iter().map(Violation::cited).collect();
                vec![json!({"type": "violation", "faults": faults})]
            }
        }
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Vec<Value> {
        let object = frame_object(frame);
        if frame.direction == Direction::Received && !frame.header.opcode.is_control() {
            return self.held.replace((object, 0)).map(|(unfinished, _)| unfinished).into_iter().collect();
        }
        vec![object]
    }

    fn data(&mut self, data: &Data<'_>) -> Vec<Value> {
        let mut told = Vec::new();
        if let Some((_, content)) = &mut self.held {
            *content += data.bytes.len() as u64;
        }
        if data.ends_frame
            && let Some((mut object, content)) = self.held.take()
        {
            object["content"] = json!(content);
            told.push(object);
        }
        told
    }
}

fn frame_object(frame: &Frame<'_>) -> Value {
    let Frame { direction, header, length, payload, fragment, compressed, content } = frame;
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

/// What a Close frame says.
fn close_object(close: &Close) -> Value {
    json!({"type": "close", "code": close.code.map(|code| code.0), "reason": close.reason})
}

/// Text as it is, anything else in hexadecimal behind `0x`.
fn shown(payload: &[u8]) -> Value {
    match ControlPayload::from(payload) {
        ControlPayload::Text(text) => text.into(),
        bytes @ ControlPayload::Bytes(_) => bytes.to_string().into(),
    }
}
